"""What rich worlds do to a maker's profit: nothing to its mean while the mid is a martingale.

Every maker is simulated alone; what is expected is evaluated exactly, from its quotes' own Markov
chain.  Deviations are allowed up to 4 standard errors.
"""

import math

import numpy as np
import pytest

import lobsim
from lobsim.quotes import inexact, quotes_of
from lobsim.setup import open_scenario, prepare
from lobsim.simulate import simulate

REPS = 40_000
NAMES = "fixed-spread", "hjb-table"
PLAIN = "asset.price={model='brownian',sigma=0.3,step_ms=1000}"
PRICES = {
    "calm": "model='brownian',sigma=0.3,step_ms=1000",
    "wild": "model='brownian',sigma=1.2,step_ms=1000",
    "merton": "model='brownian',sigma=0.1,step_ms=1000,"
    "jumps={model='merton',rate=0.3,mean=0.4,sd=1}",
    "kou": "model='brownian',sigma=0.1,step_ms=1000,"
    "jumps={model='kou',rate=0.5,p=0.2,eta_up=1,eta_down=3}",
    "heston": "model='heston',theta=0.5,kappa=0.5,xi=1,rho=-0.7,step_ms=100",
    "heston, log": "model='heston',form='log',theta=5e-5,kappa=0.5,xi=0.01,rho=0.5,step_ms=100",
}


def settings_of(price):
    return [f"asset.price={{{PRICES[price]}}}", "hjb-table.terminal_penalty=0"]


def profits(*settings, reps=REPS):
    found = lobsim.compare(
        "base-case", mode="isolated", reps=reps, seed=3, strategies=NAMES, settings=settings
    )
    return {name: found.summaries["isolated"][name].column("profit") for name in NAMES}


@pytest.mark.parametrize("price", PRICES)
def test_quotes_earn_the_same_whatever_moves_a_martingale_and_deviate_by_its_sigma(price):
    """E profit is that of a still mid; Var profit has sigma^2 E int q^2, and sigma is the market's.

    So it is under jumps and under a random variance that begins at its mean, too.
    """
    scenario = open_scenario("base-case", settings_of(price))
    for name, sample in profits(*settings_of(price)).items():
        exact = quotes_of(scenario, name).moments()
        still = quotes_of(open_scenario("base-case", settings_of("calm")), name).moments()
        assert abs(sample.mean() - still.profit_mean) < 4 * sample.std() / math.sqrt(REPS)
        squares = (sample - exact.profit_mean) ** 2
        assert abs(squares.mean() - exact.profit_sd**2) < 4 * squares.std() / math.sqrt(REPS)
        if price != "calm":
            assert exact.profit_sd > 1.3 * still.profit_sd


@pytest.mark.parametrize("price", ["calm", "kou"])
def test_informed_orders_cost_a_maker_what_a_fee_of_share_times_move_would(price):
    given = settings_of(price)
    free = profits(*given)
    informed = profits(*given, "asset.flow.informed={share=0.4,move=0.5}")
    charged = open_scenario("base-case", [*settings_of("calm"), "asset.fees.maker=0.2"])
    for name in NAMES:
        expected = quotes_of(charged, name).moments().profit_mean
        error = informed[name].std() / math.sqrt(REPS)
        assert abs(informed[name].mean() - expected) < 4 * error
        assert informed[name].mean() < free[name].mean() - 20 * error


def test_excited_orders_hit_a_maker_as_often_as_independent_ones_on_average():
    """The mean rate is A, so fills are; and their clusters make the inventory wander."""
    setting = "asset.flow={model='hawkes',A=1.5,k=1.5,d0=0.1,own=0.8,decay=5}"
    quiet = lobsim.compare("base-case", mode="isolated", reps=REPS, strategies=["fixed-spread"],
                           settings=[PLAIN, "risk.max_inventory=100"])  # fmt: skip
    excited = lobsim.compare("base-case", mode="isolated", reps=REPS, strategies=["fixed-spread"],
                             settings=[PLAIN, setting, "risk.max_inventory=100"])  # fmt: skip
    one, other = (
        each.summaries["isolated"]["fixed-spread"].column("fills") for each in (quiet, excited)
    )
    error = math.sqrt((one.var() + other.var()) / REPS)
    assert abs(one.mean() - other.mean()) < 4 * error
    assert other.var() > 3 * one.var()


def test_a_market_says_what_it_is_on_average():
    settings = [
        "asset.price={model='brownian',sigma=0.3,mu=0.1,step_ms=1000,curve={at_s=[0,4],factor=[2,1]},"
        "jumps={model='merton',rate=2,mean=0.5,sd=1,compensated=false}}",
        "asset.flow={model='poisson',A=1.5,k=1.5,d0=0.1,curve={at_s=[0,5],factor=[3,1]},"
        "informed={share=0.5,move=0.2}}",
    ]
    market = prepare(open_scenario("base-case", settings)).only.market
    assert pytest.approx(3) == market.A
    assert market.mu == pytest.approx(0.1 + 2 * 0.5)
    moved = 0.09 * (0.4 * 4 + 0.6) + 2 * (0.25 + 1) + 2 * 3 * 0.5 * 0.04
    assert market.sigma == pytest.approx(math.sqrt(moved))
    ou = "asset.price={model='ou',sigma=0.3,kappa=0.5,theta=102,step_ms=1000}"
    market = prepare(open_scenario("base-case", [ou])).only.market
    assert market.mu == pytest.approx(2 * -math.expm1(-5) / 10)
    assert market.sigma == 0.3


def test_exact_figures_are_not_given_where_they_are_not_known():
    given = open_scenario("base-case", settings_of("kou"))
    assert inexact(given).endswith("this market has jumps")
    assert inexact(open_scenario("base-case", [])) == ""


@pytest.mark.parametrize("price", ["kou", "heston, log"])
def test_the_parts_of_a_profit_add_up_in_a_rich_world(price):
    setup = prepare(open_scenario("base-case", settings_of(price)))
    for rep in range(20):
        for each in simulate(setup, 1, rep):
            assert np.isfinite(each.profit)
            assert each.profit == pytest.approx(each.spread_earned + each.luck, abs=1e-9)
