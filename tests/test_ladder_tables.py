"""Quote tables of ladders: their form, how they are kept, and what a lone maker earns with them."""

import hashlib

import numpy as np
import pytest

from batch_markets import tabled
from lobsim import QuoteTable
from lobsim.errors import PluginError
from lobsim.policy.chain import Flow
from lobsim.policy.evaluate import evaluate
from lobsim.setup import prepare
from market import moves, play, run_day, scenario, seated

INF, NAN = np.inf, np.nan
BIDS = [[[1, 2, 3], [2, 4, INF], [1, INF, INF]], [[5, 6, 7], [INF, INF, INF], [-0.5, 0, 0.5]]]
ASKS = np.add(BIDS, 1.75)


def table(bid=BIDS, ask=ASKS, **more):
    return QuoteTable([0, 1], [-1, 0, 1], bid, ask, **more)


def test_a_table_of_ladders_is_read_as_it_was_saved(tmp_path):
    made = table(horizon_s=3, figures={"value": 2.5})
    made.save(tmp_path / "quotes.npz")
    found = QuoteTable.load(tmp_path / "quotes.npz")
    assert found == made
    assert (found.rungs, found.horizon_s, found.figures) == (3, 3.0, {"value": 2.5})
    assert found.digest() == made.digest() != table(np.add(BIDS, 0.1)).digest()


def test_a_ladder_of_one_rung_is_a_plain_table():
    one = table(np.array(BIDS)[..., :1], ASKS[..., :1])
    plain = table(np.array(BIDS)[..., 0], ASKS[..., 0])
    assert one == plain == table().best()
    assert one.rungs == 1
    assert one.digest() == plain.digest()


def test_the_digest_is_that_of_times_inventories_and_depths_one_after_the_other():
    """So that tables known by it keep it: of one rung as ever."""
    for bid, ask in ((BIDS, ASKS), (np.array(BIDS)[..., 0], ASKS[..., 0])):
        parts = [np.array([0.0, 1.0]), np.array([-1, 0, 1]), np.array(bid, float), np.array(ask)]
        written = b"".join(part.tobytes() for part in parts)
        assert table(bid, ask).digest() == hashlib.sha256(written).hexdigest()


@pytest.mark.parametrize(
    ("bid", "ask", "words"),
    [
        ([[[1, 1]] * 3] * 2, [[[1, 2]] * 3] * 2, "bid_depth must rise from rung to rung"),
        ([[[1, 2]] * 3] * 2, [[[2, 1]] * 3] * 2, "ask_depth must rise from rung to rung"),
        ([[[INF, 2]] * 3] * 2, [[[1, 2]] * 3] * 2, "bid_depth must rise from rung to rung"),
        ([[[1, NAN]] * 3] * 2, [[[1, 2]] * 3] * 2, "bid_depth must be finite, or inf"),
        ([[[1, 2]] * 3] * 2, [[[1]] * 3] * 2, r"ask_depth .* shape of bid_depth, \(2, 3, 2\)"),
        ([[1] * 3] * 2, ASKS, r"ask_depth must be of the shape of bid_depth, \(2, 3\): \(2, 3, 3"),
        ([[[]] * 3] * 2, ASKS, r"bid_depth must be of shape \(2, 3\) or \(2, 3, rungs\)"),
        (np.ones((2, 3, 1, 1)), ASKS, r"\(2, 3, rungs\), is \(2, 3, 1, 1\)"),
        ([[[-2, 1]] * 3] * 2, [[[1, 2]] * 3] * 2, "a bid must be below the ask"),
    ],
)
def test_a_table_whose_ladders_are_none_is_refused(bid, ask, words):
    with pytest.raises(ValueError, match=words):
        table(bid, ask)


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ((1, 2), "there are 3, size has 2"),
        ((1, 2, 0), "1 or more, is 0"),
        ((), "there are 3, size has 0"),
    ],
)
def test_sizes_that_do_not_fit_the_rungs_are_refused(sizes, words):
    with pytest.raises(PluginError, match=f"strategy 'ann': .*{words}"):
        seated(prepare(scenario()), [tabled("ann", table(), sizes)])


def test_sizes_for_rungs_there_are_none_of_are_refused():
    with pytest.raises(PluginError, match="there are 1, size has 2"):
        seated(prepare(scenario()), [tabled("ann", QuoteTable([0], [0], [[1]], [[1]]), (1, 2))])


def test_a_market_plays_a_table_rung_by_rung():
    quotes = QuoteTable([0], [0], [[[1, 2.5]]], [[[1.5, INF]]])
    day = play([tabled("ann", quotes, (4, 9))], [moves(10, 100)])
    assert sorted((row.side, row.price, row.size) for row in day.of("ann")) == [
        (-1, 102, 4), (1, 97, 9), (1, 99, 4),
    ]  # fmt: skip


def test_exact_figures_are_not_given_for_ladders():
    flow = Flow(A_bid=1, A_ask=1, k=1, d0=0, lots=1, mean_lots=None)
    with pytest.raises(ValueError, match="one price a side, these quotes are ladders of 3"):
        evaluate(
            table(), flow, sigma=1, mu=0, horizon_s=2, inventory=0, size=1, max_inventory=9,
            maker_fee=0, terminal_penalty=0, running_penalty=0,
        )  # fmt: skip


# What a rung earns (model.md, 2.6): an order whose reach is beyond a rung at depth d, of rate
# A exp(-k d), fills it where it is of more lots than the rungs before it have.

A, K, MEAN, SECONDS = 140.0, 1.5, 3.0, 150.0
STILL = 'asset.price={model="brownian", sigma=0, step_ms=10}'
DEPTHS, SIZES = (0.25, 0.5, 1.0), (2, 1, 4)


def tail(lots):
    """P(size >= lots) of a geometric law."""
    return (1 - 1 / MEAN) ** (lots - 1)


def test_fills_and_lots_of_each_rung_are_those_of_the_theory():
    setup = prepare(
        scenario(
            f"duration_s={SECONDS}", "asset.tick=0.25", STILL,
            f'asset.flow={{model="poisson", A={A}, k={K}, '
            f'size={{model="geometric", mean={MEAN}}}}}',
        )
    )  # fmt: skip
    ladder = QuoteTable([0], [0], [[DEPTHS]], [[DEPTHS]])
    day = run_day(seated(setup, [tabled("ann", ladder, SIZES)]))
    for side in (1, -1):
        for i, (depth, size) in enumerate(zip(DEPTHS, SIZES, strict=True)):
            price = round((100 - side * depth) / 0.25)
            lots = [lots for *_, at, lots in day.fills if at == price]
            ahead, met = sum(SIZES[:i]), SECONDS * A * np.exp(-K * depth)
            chances = tail(
                ahead + np.arange(1, size + 1)
            )  # of the rung's first lot, its second ...
            fills, volume = met * chances[0], met * chances.sum()
            spread = met * np.sum((2 * np.arange(size) + 1) * chances)  # variance of a compound law
            assert abs(len(lots) - fills) < 4 * np.sqrt(fills), (side, depth)
            assert abs(sum(lots) - volume) < 4 * np.sqrt(spread), (side, depth)
            assert fills > 500


def test_all_rungs_together_trade_what_one_order_of_their_lots_would():
    """Of a ladder whose rungs are at one price nobody could tell: the same fills but for names."""
    close = [0.3, 0.4, 0.5]
    flow = 'asset.flow={model="poisson", A=140, k=1.5, size={model="geometric", mean=3}}'
    setup = prepare(scenario("duration_s=5", "asset.tick=0.25", STILL, flow))
    lots = []
    for quotes, sizes in (([close], SIZES), ([0.5], sum(SIZES))):
        one = QuoteTable([0], [0], [quotes], [quotes])
        day = run_day(seated(setup, [tabled("ann", one, sizes)]))
        taken = {}
        for time, *_, size in day.fills:
            taken[time] = taken.get(time, 0) + size
        lots.append(taken)
    assert lots[0] == lots[1]
    assert len(lots[0]) > 300


def test_the_shipped_ladder_is_evenly_spaced():
    line = 'strategy=[{plugin="ladder", params={half_spread=2, step=1.5, size=2}}]'
    day = run_day(prepare(scenario(line)))
    assert sorted((row.side, row.price, row.size) for row in day.of("ladder")) == [
        (-1, 102, 2), (-1, 104, 2), (-1, 105, 2), (1, 95, 2), (1, 96, 2), (1, 98, 2),
    ]  # fmt: skip
