"""Identical makers are treated alike: no seat, no turn and no idle neighbour is worth anything.

Deviations are allowed up to 4 standard errors, p-values down to 1e-4.
"""

import itertools
import math
from statistics import fmean, stdev

import numpy as np
import pytest
from scipy import stats

from lobsim.setup import prepare
from lobsim.simulate import simulate
from market import T, buys, maker, nothing, play, quoting, run_day, scenario, seated, trader

FAST = 'asset.price={model="brownian", sigma=10, step_ms=2}'
BUSY = 'asset.flow={model="poisson", A=140, k=1.5, size={model="geometric", mean=3}}'
MARKETS = {
    "continuous": ("asset.tick=0.01",),
    "coarse ticks": ("asset.tick=0.5",),
    "timer": ("asset.tick=0.01", 'requote="timer"', "requote_ms=1"),
    "timer, trading": ("asset.tick=0.5", 'requote="timer"', "requote_ms=1", 'crossing="trade"'),
}
IDLE = {"idle", "watcher"}


def z_score(differences):
    return fmean(differences) / (stdev(differences) / math.sqrt(len(differences)))


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("makers", [3, 5])
def test_identical_makers_earn_and_trade_alike_with_idle_ones_among_them(market, makers):
    given = scenario("duration_s=0.1", FAST, BUSY, "risk.max_inventory=5", *MARKETS[market])
    traders = [trader([], f"m{i}", on_quote=quoting(0.4, 0.4, size=2)) for i in range(makers)]
    traders.insert(1, trader([], "idle", on_quote=nothing))
    traders.insert(3, trader([], "watcher", on_trade=nothing, on_mid=nothing))
    setup = seated(prepare(given), traders)
    runs = [simulate(setup, 1, rep) for rep in range(100)]
    for figure in ("profit", "fills", "best_share"):
        table = [
            [getattr(each, figure) for each in run if each.strategy not in IDLE] for run in runs
        ]
        for i in range(makers):
            assert abs(z_score([row[i] - fmean(row) for row in table])) < 4
    fills = {each.strategy: 0 for each in runs[0]}
    for each in itertools.chain.from_iterable(runs):
        fills[each.strategy] += each.fills
    assert {name for name, count in fills.items() if not count} == IDLE


@pytest.mark.parametrize("how", [(BUSY,), ('requote="timer"', "requote_ms=1")])
def test_no_maker_trades_with_another_that_is_about_to_requote_at_the_same_instant(how):
    """Quotes 0.2 wide around a mid that moves by 0.6 between two of them."""
    makers = ", ".join(maker(f"m{i}", 0.1, size=3) for i in range(5))
    settings = ("duration_s=1", "asset.tick=0.01", FAST, 'crossing="trade"', *how)
    day = run_day(prepare(scenario(*settings, f"strategy=[{makers}]")))
    rows = day.of(*day.summaries)
    assert sum(row.kind == "replace" for row in rows) > 1000
    assert {each.maker_trades for each in day.summaries.values()} == {0}
    assert {row.filled for row in rows} == {0}


def orders_of_turn(seed):
    """Who came first, second and third at each of the day's instants."""
    traders = [trader([], name, on_quote=quoting(2, 2)) for name in ("ann", "bob", "cat")]
    world = [buys(time, 1, mid=100 + 10 * (time % 2)) for time in range(1, T)]
    rows = play(traders, world, seed=seed).of("ann", "bob", "cat")
    return [
        tuple(row.name for row in list(group)[:3])
        for time, group in itertools.groupby(rows, key=lambda row: row.time)
        if time
    ]


@pytest.mark.parametrize("seed", range(4))
def test_every_order_of_turns_is_equally_likely_and_independent_of_the_last(seed):
    drawn = orders_of_turn(seed)
    permutations = list(itertools.permutations(("ann", "bob", "cat")))
    counts = [drawn.count(permutation) for permutation in permutations]
    assert sum(counts) == len(drawn) == T - 1
    assert stats.chisquare(counts).pvalue > 1e-4
    successions = np.zeros((6, 6))
    for last, this in itertools.pairwise(drawn):
        successions[permutations.index(last), permutations.index(this)] += 1
    assert stats.chi2_contingency(successions).pvalue > 1e-4


def test_the_seat_does_not_matter_only_the_name_does():
    """Seated the other way round, everybody fares as before, to the last digit."""
    summaries = []
    for names in (("ann", "bob", "cat"), ("cat", "bob", "ann")):
        makers = ", ".join(maker(name, 0.4, size=2) for name in names)
        settings = ("duration_s=0.5", "asset.tick=0.01", FAST, BUSY, f"strategy=[{makers}]")
        summaries.append(run_day(prepare(scenario(*settings))).summaries)
    assert summaries[0] == summaries[1]
