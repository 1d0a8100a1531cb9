"""Several assets: mids that move together, a book each, one strategy in all of them."""

import math
from typing import ClassVar

import numpy as np
import pytest
from scipy import stats

import lobsim
from lobsim.errors import PluginError, ScenarioError
from lobsim.rows import MID_KINDS
from lobsim.setup import prepare
from lobsim.simulate import simulate
from lobsim.tape import Tape
from market import Kept, run_day
from pairs import PAIR, two

MAKERS = """
    [[strategy]]
    name = "both"
    plugin = "glft-pair"
    params = { gamma = 0.05 }
    inventory = { btc = -3 }
    [[strategy]]
    name = "eth-only"
    plugin = "fixed-spread"
    params = { half_spread = 0.7 }
    assets = ["eth"]
    inventory = 5
    cash = 12.5
    [[strategy]]
    name = "btc-only"
    plugin = "fixed-spread"
    params = { half_spread = 1.2 }
    assets = ["btc"]
"""


def near(found, expected):
    return found == pytest.approx(expected, abs=1e-9)


def mids_of(scenario, seed=1):
    """Each asset's mids on the tape at the ends of its steps: (assets, steps + 1) in ticks."""
    kept = Kept()
    setup = prepare(scenario)
    tape = Tape(kept)
    simulate(setup, seed, 0, tape=tape, audited=False)
    tape.close()
    step = int(scenario.of("eth").asset.price.step_ms * 1_000_000)
    rows = np.array(kept.rows["mids"], dtype=kept.rows["mids"][0].dtype)
    ends = rows[(rows["ts_event"] % step == 0) & (rows["kind"] != MID_KINDS.index("jump"))]
    starts = [[listing.plan.mid] for listing in setup.listings]
    return np.array(
        [start + ends["mid"][ends["asset"] == i].tolist() for i, start in enumerate(starts)]
    )


def test_correlated_mids_have_the_covariance_that_the_scenario_gives(tmp_path):
    # Orders come at other times than steps: the factor holds over any time.
    steps = ["asset.eth.price.step_ms=0.02", "asset.btc.price.step_ms=0.02"]
    moves = np.diff(mids_of(two(tmp_path, *steps)), axis=1)
    n, dt = moves.shape[1], 2e-5
    assert n == 100_000
    sd = np.array([2 / 0.01, 4 / 0.05]) * math.sqrt(dt)
    for i in range(2):
        assert stats.kstest(moves[i], "norm", (0, sd[i])).pvalue > 1e-4
        assert abs(np.mean(moves[i])) < 4 * sd[i] / math.sqrt(n)
        assert abs(np.var(moves[i]) / sd[i] ** 2 - 1) < 4 * math.sqrt(2 / n)
    found = np.corrcoef(moves)[0, 1]
    assert abs(math.atanh(found) - math.atanh(0.8)) < 4 / math.sqrt(n - 3)  # Fisher's z


def test_three_assets_have_all_three_correlations(tmp_path):
    extra = [
        'asset.ltc={tick=0.1,mid=50,price={model="geometric",sigma=0.01,step_ms=0.1},'
        'flow={model="poisson",A=1,k=1}}',
        "correlation.eth.ltc=-0.5",
        "correlation.ltc.btc=-0.3",
        *(f"asset.{name}.price.step_ms=0.1" for name in ("eth", "btc")),
    ]
    mids = mids_of(two(tmp_path, *extra))
    mids[2] = np.log(mids[2])
    found = np.corrcoef(np.diff(mids, axis=1))
    n = mids.shape[1] - 1
    for (i, j), rho in {(0, 1): 0.8, (0, 2): -0.5, (1, 2): -0.3}.items():
        assert abs(math.atanh(found[i, j]) - math.atanh(rho)) < 4 / math.sqrt(n - 3)


def test_assets_move_as_one_where_they_are_perfectly_correlated(tmp_path):
    eth, btc = mids_of(two(tmp_path, "correlation.eth.btc=1"))
    assert np.allclose((eth - eth[0]) * 0.01 / 2, (btc - btc[0]) * 0.05 / 4, atol=1e-9)


def test_orders_come_to_each_book_at_its_own_rate(tmp_path):
    day = run_day(prepare(two(tmp_path, "duration_s=200")))
    outside = [row for row in day.tables["orders"] if row["account"] in (0, 2)]
    for account, A, k, d0 in ((0, 20, 1.5, 0.5), (2, 10, 0.75, 1)):
        mean = 2 * 200 * A * math.exp(k * d0)
        count = sum(int(row["account"]) == account for row in outside)
        assert abs(count - mean) < 4 * math.sqrt(mean)


def test_each_book_has_its_own_quotes_and_fills(tmp_path):
    run = lobsim.run(two(tmp_path, strategies=MAKERS), out=tmp_path / "run")
    fills, mids = run.fills, run.mids
    assert set(fills.asset) == {"eth", "btc"}
    for asset, price in (("eth", 100), ("btc", 400)):
        own = fills[fills.asset == asset]
        assert (abs(own.price - price) < price / 4).all()
        assert np.allclose(own.price / own.price_ticks, {"eth": 0.01, "btc": 0.05}[asset])
        bought = own["size"].where(own.side == "buy", -own["size"])
        assert bought.sum() == 0  # what one gains the others lose
    assert set(fills[fills.strategy == "eth-only"].asset) == {"eth"}
    assert (mids.groupby("asset", observed=True).ts_event.max() == 2_000_000_000).all()


def test_profit_is_the_sum_over_assets_and_of_its_parts(tmp_path):
    fees = ["asset.eth.fees.maker=-0.01", "asset.eth.fees.taker=0.03", "risk.close_cost=0.02"]
    run = lobsim.run(two(tmp_path, *fees, strategies=MAKERS), out=tmp_path / "run")
    summary = run.summary.set_index("strategy")
    equity = run.equity.groupby(["strategy", "asset"], observed=True).equity
    earned = equity.last() - equity.first()
    for name, row in summary.iterrows():
        assert near(row.profit, row.spread_earned + row.luck - row.fees)
        assert near(row.profit, earned[name].sum())
    assert summary.by_asset["eth-only"] == []
    assert {asset: pytest.approx(profit) for asset, profit in summary.by_asset["both"]} == dict(
        earned["both"]
    )
    start = run.equity.groupby(["strategy", "asset"], observed=True).first()
    assert near(start.equity["eth-only", "eth"], 12.5 + 500)
    assert near(start.equity["both", "btc"], -1200)
    held = run.fills[run.fills.strategy == "both"].groupby("asset", observed=True).inventory.last()
    closing = 0.02 * abs(held).sum()
    assert near(summary.profit["both"] - summary.profit_closed["both"], closing)


def test_another_strategy_leaves_the_world_as_it_was(tmp_path):
    def world(strategies):
        day = run_day(prepare(two(tmp_path, strategies=strategies)))
        return [row.item()[1:] for row in day.tables["mids"]]

    assert world(MAKERS) == world(PAIR)


def test_a_run_is_fixed_by_its_seed(tmp_path):
    setup = prepare(two(tmp_path, strategies=MAKERS))
    assert run_day(setup, 7).digest == run_day(setup, 7).digest != run_day(setup, 8).digest


class Watching(lobsim.Strategy):
    """Hears of everything, and keeps what it heard; each market has a copy of it."""

    heard: ClassVar[list] = []

    def on_start(self, desk):
        self.heard.append((desk.assets, desk.now, desk.time_left, desk.inventories))
        return [desk["eth"].bid(99.9, 2), desk["btc"].ask(400.5, 3)]

    def on_fill(self, desk, fill):
        self.heard.append((fill.asset, fill.bought, round(fill.price, 6), desk.inventories))
        assert abs(desk[fill.asset].inventory) >= abs(fill.bought)
        value = sum(desk[asset].inventory * desk[asset].mid for asset in desk.assets)
        assert near(desk.equity, desk.cash + value)

    def on_trade(self, desk, trade):
        self.heard.append((trade.asset, int(trade.taker_side)))


def test_a_strategy_hears_which_asset_it_was(tmp_path):
    lobsim.run(two(tmp_path, "duration_s=20"), strategies=[Watching()], out=tmp_path / "run")
    start, *rest = Watching.heard
    assert start == (("eth", "btc"), 0, 20, (0, 0))
    fills = [each for each in rest if len(each) == 4]
    assert {each[0] for each in fills} == {"eth", "btc"}
    assert all(each[2] == {"eth": 99.9, "btc": 400.5}[each[0]] for each in fills)
    for asset, lots in (("eth", 2), ("btc", -3)):
        assert sum(each[1] for each in fills if each[0] == asset) == lots


@pytest.mark.parametrize(
    ("verb", "told"),
    [
        (
            lambda desk: desk.mid,
            'which asset\'s mid? this desk is of eth, btc: ask for desk["eth"]',
        ),
        (lambda desk: desk.quote(bid_depth=1, ask_depth=1), "which asset's quote?"),
        (lambda desk: desk["doge"], "no desk for the asset 'doge': there are eth, btc"),
        (lambda desk: desk.midd, "a desk has no 'midd'"),
    ],
)
def test_a_strategy_for_one_asset_is_told_how_to_ask(tmp_path, verb, told):
    kind = type("Confused", (lobsim.Strategy,), {"on_quote": lambda self, desk: verb(desk)})
    with pytest.raises(PluginError) as error:
        lobsim.run(two(tmp_path), strategies=[kind()], out=tmp_path / "run")
    assert told in str(error.value)


def test_a_table_is_of_one_asset(tmp_path):
    strategy = '[[strategy]]\nplugin = "fixed-spread"\nparams = { half_spread = 0.7 }\n'
    with pytest.raises(ScenarioError, match=r'of one asset: give it one, as \["eth"\]'):
        prepare(two(tmp_path, strategies=strategy))


def test_a_trader_far_away_trades_in_several_books(tmp_path):
    strategies = PAIR + "    latency = { orders_ms = 2, data_ms = 1, acks_ms = 3 }\n"
    scenario = two(tmp_path, "requote=timer", "requote_ms=20", strategies=strategies)
    day = run_day(prepare(scenario))
    placed = {int(row["account"]) for row in day.tables["orders"] if row["account"] in (1, 3)}
    assert placed == {1, 3}
    first = min(int(row["ts_event"]) for row in day.tables["orders"] if row["account"] == 3)
    assert first == 2_000_000
