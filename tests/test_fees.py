"""Quotes that count fees, informed orders and order sizes: worth what they say, and worth it.

Every maker is simulated alone.  What is expected is the solver's value or the exact evaluation of
the quotes' own Markov chain, neither of which looks at a path.  Deviations are allowed up to 4
standard errors.
"""

import math
from dataclasses import replace

import numpy as np
import pytest

import lobsim
from lobsim.batch.serving import reasons
from lobsim.errors import ScenarioError
from lobsim.market.ledger import Fee
from lobsim.policy.closed_forms import glft
from lobsim.policy.coupled import coupled
from lobsim.policy.evaluate import evaluate
from lobsim.quotes import flow_of, inexact, quotes_of
from lobsim.setup import open_scenario, prepare
from lobsim.solved import solve_for

REPS = 10_000
PENALTY = 0.05  # of the scenario's hjb-table
TWO = ("asset.flow.size={model='constant',size=2}", "risk.max_inventory=10")
INFORMED = "asset.flow.informed={share=0.4,move=0.5}"
REBATE = ("asset.fees={maker=-0.1,taker=0.1}", "asset.flow.d0=0.3")
COSTS = {  # settings of the base case, and what a lot costs
    "a fee": (("asset.fees.maker=0.2",), 0.2),
    "a rebate": (REBATE, -0.1),
    "bps": (("asset.fees.maker_bps=20",), 0.2),
    "a rebate in bps, a fee per lot": (("asset.fees={maker=0.3,maker_bps=-10}",), 0.2),
    "informed orders": ((INFORMED,), 0.2),
    "informed orders of two lots": ((INFORMED, *TWO), 0.2),
    "a fee, informed orders of two lots": ((INFORMED, "asset.fees.maker=0.1", *TWO), 0.3),
}


def base(*settings):
    return open_scenario("base-case", settings)


def sized(settings):
    """Quotes of two lots where orders are."""
    return (*settings, "hjb-table.size=2") if TWO[0] in settings else settings


def simulated(name, *settings, seed=5):
    found = lobsim.compare(
        "base-case", mode="isolated", reps=REPS, seed=seed, strategies=[name], settings=settings
    )
    return found.summaries["isolated"][name]


def z_score(sample, expected):
    return (sample.mean() - expected) / (sample.std(ddof=1) / math.sqrt(len(sample)))


def reached(summaries):
    return summaries.column("profit") - PENALTY * summaries.column("inventory") ** 2.0


@pytest.mark.parametrize("costs", COSTS)
def test_the_best_quotes_are_worth_their_value_and_more_than_those_that_ignore_the_cost(
    costs, tmp_path
):
    settings, cost = COSTS[costs]
    settings = sized(settings)
    knowing = quotes_of(base(*settings), "hjb-table")
    assert knowing.market.fill_cost == pytest.approx(cost, rel=1e-12)
    value = knowing.table.figures["value"]
    # With a fee and without informed orders the chain of the same quotes is known.
    free = [each for each in settings if each != INFORMED and "fees" not in each]
    maker = {**knowing.maker, "maker_fee": cost}
    flow = flow_of(base(*free))
    exact = evaluate(knowing.table, flow, terminal_penalty=PENALTY, **maker)
    assert value == pytest.approx(exact.objective, abs=1e-4)

    ignoring = quotes_of(base(*free), "hjb-table").table
    ignored = evaluate(ignoring, flow, terminal_penalty=PENALTY, **maker).objective
    assert ignored < value - 0.03
    path = tmp_path / "ignoring.npz"
    ignoring.save(path)
    size = 2 if TWO[0] in settings else 1
    played = f"strategy=[{{plugin='saved-table',params={{table='{path}',size={size}}}}}]"
    those = [each for each in settings if not each.startswith("hjb-table")]
    with_it, without = (
        reached(simulated("hjb-table", *settings)),
        reached(simulated("saved-table", *those, played)),
    )
    assert abs(z_score(with_it, value)) < 4
    assert abs(z_score(without, ignored)) < 4
    assert z_score(with_it - without, 0.0) > 4


def test_a_fill_through_the_mid_loses_less_to_informed_orders(tmp_path):
    """Of those that meet a bid 0.4 through the mid only a part reaches the mid, and informs."""
    flow = "model='poisson',A=1.5,k=1.5,d0=0.5"
    table = lobsim.QuoteTable([0.0], [0], [[-0.4]], [[0.8]])
    table.save(tmp_path / "through.npz")
    given = (
        f"asset.flow={{{flow},informed={{share=0.4,move=0.5}}}}",
        f"strategy=[{{plugin='saved-table',params={{table='{tmp_path}/through.npz'}}}}]",
    )
    e = quotes_of(base(f"asset.flow={{{flow}}}", given[1]), "saved-table").moments()
    informed = 0.2 * (e.fills_bid * math.exp(-0.4 * 1.5) + e.fills_ask)
    profit = simulated("saved-table", *given).column("profit")
    assert abs(z_score(profit, e.profit_mean - informed)) < 4
    assert z_score(profit, e.profit_mean - 0.2 * (e.fills_bid + e.fills_ask)) > 4


# Sizes


AVERSE = {
    "cara-table": ("cara-table.gamma=0.5", "cara-table.size={}"),
    "tanh": ("tanh.gamma=0.5", "tanh.size={}"),
    "glft": ("strategy=[{{plugin='glft',params={{gamma=0.5,size={}}}}}]",),
    "avellaneda-stoikov": (
        "strategy=[{{plugin='avellaneda-stoikov',params={{gamma=0.5,size={}}}}}]",
        "duration_s=2",
    ),
}


def averse(name, lots, *settings):
    sizes = [f"asset.flow.size={{model='constant',size={lots}}}", f"risk.max_inventory={6 * lots}"]
    own = [each.format(lots) for each in AVERSE[name]]
    return [*settings, *sizes, "asset.flow.d0=0.6", *own]


@pytest.mark.parametrize("name", AVERSE)
@pytest.mark.parametrize("lots", [1, 3])
def test_the_certainty_equivalent_of_quotes_for_so_many_lots_is_met(name, lots):
    """Where all orders are as large as the quotes; fees are in it, too."""
    settings = averse(name, lots, "asset.fees.maker=0.1")
    quotes = quotes_of(base(*settings), name)
    certain = quotes.certainty_equivalent()
    if name == "cara-table":
        assert quotes.table.figures["value"] == pytest.approx(certain, rel=1e-4)
    sample = simulated(name, *settings)
    profit = sample.column("profit")
    assert abs(z_score(profit, quotes.moments().profit_mean)) < 4
    assert abs(z_score(np.exp(-0.5 * (profit - certain)), 1.0)) < 4
    assert np.all(sample.column("inventory") % lots == 0)


@pytest.mark.parametrize("name", AVERSE)
@pytest.mark.parametrize(
    "fees", [("asset.fees.maker=0.25",), ("asset.fees={maker=-0.2,taker=0.2}",)]
)
def test_quotes_that_count_fee_and_size_have_the_higher_certainty_equivalent(name, fees):
    charged = quotes_of(base(*averse(name, 3, *fees)), name)
    free = quotes_of(base(*averse(name, 3)), name)
    small = quotes_of(base(*averse(name, 1, *fees)), name)
    market = charged.market
    best = charged.certainty_equivalent()
    for table in (free.table, small.table):
        other = replace(charged, table=table)
        assert other.market is market
        assert other.certainty_equivalent() < best - 1e-3


def test_a_plan_counts_the_fee():
    plan = "strategy=[{plugin='csp-schedule',params={terminal_penalty=0.05}}]"
    given = (plan, "risk.max_inventory=50")
    charged = quotes_of(base(*given, "asset.fees.maker=0.2"), "csp-schedule")
    free = quotes_of(base(*given), "csp-schedule")
    best = charged.moments().objective
    assert replace(charged, table=free.table).moments().objective < best - 0.1


def test_coupled_quotes_of_assets_apart_count_each_its_fee():
    found = coupled(
        np.diag([0.09, 0.25]), A=[1.5, 3], k=[1.5, 2], gamma=0.5, fee=[0.2, -0.1], lot=2
    )
    bids, asks = found.depths([4, -2])
    for i, (A, k, sigma, fee, q) in enumerate([(1.5, 1.5, 0.3, 0.2, 4), (3, 2, 0.5, -0.1, -2)]):
        alone = glft(q, A=A, k=k, gamma=0.5, sigma=sigma, fee=fee, lot=2)
        assert (bids[i], asks[i]) == pytest.approx((float(alone.bid), float(alone.ask)))


def test_smaller_orders_than_quotes_are_not_what_the_value_counts():
    settings = ("hjb-table.size=2", "risk.max_inventory=10")
    quotes = quotes_of(base(*settings), "hjb-table")
    value, objective = quotes.table.figures["value"], quotes.moments().objective
    assert objective < 0.6 * value  # orders of one lot bring half of it
    assert abs(z_score(reached(simulated("hjb-table", *settings)), objective)) < 4


# What is said


@pytest.mark.parametrize("name", ["hjb-table", "cara-table", "tanh"])
def test_a_rebate_beyond_all_spreads_is_told(name):
    """1/k is 0.67: with 1 a lot from the venue it pays to buy from oneself."""
    with pytest.raises(ScenarioError, match=f"strategy '{name}': .*the rebate is more than"):
        prepare(base("asset.fees={maker=-1,taker=1}"), names=[name])


def test_a_value_that_counts_whole_fills_only_is_said_to():
    settings = ["hjb-table.size=5", "asset.flow.size={model='empirical',sizes=[3,5]}"]
    found = solve_for("hjb-table", "base-case", settings)
    assert any("fills of 5 lots only; orders are of 3 and more" in note for note in found.notes)
    same = solve_for("hjb-table", "base-case", [settings[0], settings[1].replace("3,", "")])
    assert not any("lots only" in note for note in same.notes)


def test_fees_in_bps_are_solved_as_at_the_first_mid_and_informed_orders_not_exactly():
    found = solve_for("hjb-table", "base-case", ["asset.fees={maker=0.01,maker_bps=2}"])
    assert "fees in bps are counted as at the first mid: 0.03 a lot" in found.notes
    assert found.exact is not None
    assert "informed orders" in inexact(base(INFORMED))


@pytest.mark.parametrize("name", ["hjb-table", "cara-table", "tanh"])
def test_a_size_of_nothing_is_refused(name):
    with pytest.raises(ScenarioError, match="size=0: must be 1 or more"):
        prepare(base(f"{name}.size=0"))


def test_the_compiled_engine_knows_how_long_a_fee_may_be():
    """1000/7 a lot and 3/100 of the price are exact fractions; thirty digits are not tried."""
    setup = prepare(base("asset.tick=0.07", "asset.fees={maker=0.01,maker_bps=0.3}"))
    assert setup.only.fees.maker == Fee(100_000, 21, 700)
    assert reasons(setup, setup.seats) == []
    setup = prepare(base("asset.fees.maker_bps=1.00000000000000000000000000001"))
    assert reasons(setup, setup.seats) == ["asset.fees: a fee with that many digits"]
