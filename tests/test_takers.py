"""Those who take: sniper, noise and momentum, and when makers are asked before they trade.

Deviations are allowed up to 4 standard errors, p-values down to 1e-4.
"""

import math
from dataclasses import field, make_dataclass
from statistics import fmean, stdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lobsim.models.world import END, Happening
from lobsim.setup import prepare
from lobsim.simulate import simulate
from lobsim_strategies.momentum import Momentum
from lobsim_strategies.noise import Noise
from lobsim_strategies.sniper import Sniper
from market import T, moves, play, quoting, run_day, scenario, seated, trader

TIMER = ('requote="timer"', "requote_ms=0.0001")  # 100 ns


def named(name, kind, **params):
    """A strategy of a kind, with these for its defaults."""
    fields = [(key, type(value), field(default=value)) for key, value in params.items()]
    return make_dataclass(name, fields, bases=(kind,))


def resting(bids, asks, name="maker"):
    """A strategy that posts these orders at the start (price: lots), and nothing more."""
    return trader(
        [],
        name,
        on_start=lambda desk: [
            *(desk.bid(price, size) for price, size in bids.items()),
            *(desk.ask(price, size) for price, size in asks.items()),
        ],
    )


# The sniper


@given(
    st.dictionaries(st.integers(90, 99), st.integers(1, 4)),
    st.dictionaries(st.integers(101, 110), st.integers(1, 4)),
    st.lists(st.integers(-48, 48).map(lambda quarters: 100 + quarters / 4), max_size=12),
    st.sampled_from([0.0, 0.25, 1.0, 2.5]),
    st.integers(1, 5),
)
@settings(max_examples=80, deadline=None)
def test_a_sniper_takes_what_the_mid_has_passed_by_more_and_nothing_else(
    bids, asks, mids, beyond, size
):
    path = [moves(10 * i, mid) for i, mid in enumerate(mids, 1)]
    sniper = named("sniper", Sniper, beyond_ticks=beyond, size=size)
    day = play([resting(bids, asks), sniper], path)
    expected, last = [], None
    for i, mid in enumerate(mids, 1):
        stale_asks = [price for price in sorted(asks) if mid - price > beyond]
        stale_bids = [price for price in sorted(bids, reverse=True) if price - mid > beyond]
        book, left = (asks, size) if stale_asks else (bids, size)
        for price in () if mid == last else stale_asks or stale_bids:
            lots = min(left, book[price])
            left, book[price] = left - lots, book[price] - lots
            expected += [(10 * i, "maker", "sniper", price, lots)] if lots else []
            if not book[price]:
                del book[price]
        last = mid
    assert day.fills == expected


def test_a_sniper_s_inventory_is_that_of_the_risk_limits():
    makers = [resting({}, {101: 3}), resting({}, {102: 3}, name="other")]
    world = [moves(10 * i, 120 + i) for i in range(1, 9)]
    day = play([*makers, named("sniper", Sniper)], world, "risk.max_inventory=5")
    assert [fill[3] for fill in day.fills] == [101, 101, 101, 102, 102]
    assert (day.summaries["sniper"].inventory, day.summaries["sniper"].refused) == (5, 3)


def test_a_maker_on_a_timer_who_requotes_at_the_same_instant_is_not_sniped():
    """At 150 it is, requotes after its fill, and at 200 retreats before the sniper comes."""
    maker = trader([], "maker", on_quote=quoting(1, 1))
    day = play([maker, named("sniper", Sniper)], [moves(150, 105), moves(200, 109)], *TIMER)
    assert day.fills == [(150, "maker", "sniper", 101, 1)]
    late = [row for row in day.of("sniper") if row.time == 200]
    assert [(row.price, row.filled) for row in late] == [(108, 0)]


@pytest.mark.parametrize("steps", [2, 4])
@pytest.mark.parametrize("beyond", [0.0, 0.1])
def test_a_stale_maker_loses_to_a_sniper_what_theory_says(steps, beyond):
    """No order flow; a tick so fine that rounding counts for nothing."""
    depth, step = 0.15, 0.002
    market = prepare(
        scenario(
            "duration_s=2", "asset.tick=0.000001",
            f'asset.price={{model="brownian", sigma=2, step_ms={1000 * step}}}',
            'requote="timer"', f"requote_ms={1000 * step * steps}",
            f'strategy=[{{plugin="fixed-spread", params={{half_spread={depth}}}}}, '
            f'{{plugin="sniper", params={{beyond_ticks={beyond * 1e6}}}}}]',
        )
    )  # fmt: skip
    lost = [-simulate(market, 1, rep, audited=False)[0].spread_earned for rep in range(60)]
    expected = 2 / (step * steps) * loss(steps, depth, depth + beyond, 2 * math.sqrt(step))
    assert abs(fmean(lost) - expected) < 4 * stdev(lost) / math.sqrt(len(lost))
    assert stdev(lost) / math.sqrt(len(lost)) < 0.1 * expected


def loss(steps, depth, barrier, deviation):
    """What a maker loses on average between two requotes, so many steps of the mid apart.

    The first step that ends beyond the barrier costs its distance from the quote, and the maker
    requotes: as anew, with the steps that are left.  At the last step it requotes first.
    """
    x, width = np.linspace(-8 * barrier, 8 * barrier, 6401, retstep=True)
    kernel = stats.norm.pdf(x[:, np.newaxis] - x[::8], scale=deviation) * 8 * width
    edge = np.isclose(np.abs(x), barrier)
    inside = np.where(edge, 0.5, np.abs(x) < barrier)
    law, sniped, costs = stats.norm.pdf(x, scale=deviation), [], []
    for _ in range(steps - 1):
        beyond = law * (1 - inside) * width
        sniped.append(beyond.sum())
        costs.append((beyond * (np.abs(x) - depth)).sum())
        law = kernel @ (law * inside)[::8]
    total = [0.0]
    for left in range(2, steps + 1):
        total.append(sum(costs[j] + sniped[j] * total[left - j - 2] for j in range(left - 1)))
    return total[-1]


def test_the_loss_of_one_step_is_the_closed_form():
    """E[(Z - d) 1(Z > c)] for both sides, Z normal."""
    deviation, depth, barrier = 0.1, 0.15, 0.2
    law = stats.norm(scale=deviation)
    exact = 2 * (deviation**2 * law.pdf(barrier) - depth * law.sf(barrier))
    assert loss(2, depth, barrier, deviation) == pytest.approx(exact, rel=1e-4)


# Noise and momentum


def test_noise_comes_as_a_poisson_process_on_both_sides_alike():
    """One every 10 ns on average; the mid moves every 10 ns, or every 20."""
    times = np.cumsum([10, 10, 20] * 24)
    setup = seated(prepare(scenario()), [named("noise", Noise, rate=1e8)])
    counts = {10: [], 20: []}
    rows = []
    for seed in range(40):
        path = [moves(int(time), 100.0) for time in times]
        day = run_day(setup, seed, world=[[*path, Happening(T, END, 0, 0, 0, 0, 100.0)]])
        came = [row.time for row in day.of("noise")]
        rows += day.of("noise")
        for time, gap in zip(times, np.diff(times, prepend=0), strict=True):
            counts[gap].append(came.count(time))
    for gap, seen in counts.items():
        law = stats.poisson(gap / 10)
        expected = [*law.pmf(range(4)), law.sf(3)]
        observed = [seen.count(n) for n in range(4)] + [sum(n > 3 for n in seen)]
        assert stats.chisquare(observed, np.array(expected) * len(seen)).pvalue > 1e-4
    assert stats.binomtest(sum(row.side == 1 for row in rows), len(rows)).pvalue > 1e-4
    assert {row.kind for row in rows} == {"market"}


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ([(10, 101.0), (20, 102.0)], []),  # 2 is not more than 2
        ([(10, 101.0), (20, 102.5)], [(20, 1)]),
        ([(10, 99.0), (20, 97.5)], [(20, -1)]),
        ([(10, 102.5), (20, 103.0), (30, 104.0), (40, 104.75)], [(10, 1), (40, 1)]),  # from 102.5
        ([(60, 101.5), (120, 103.0)], [(120, 1)]),  # from 100, as it stood 100 ns before, at 20
        ([(60, 101.5), (165, 103.0)], []),  # from 101.5
        ([(50, 103.0), (60, 99.0)], [(50, 1), (60, -1)]),
    ],
)
def test_momentum_takes_the_way_of_a_move_that_is_large_within_the_window(path, taken):
    momentum = named("momentum", Momentum, window_s=1e-7, threshold=2.0)
    day = play([momentum], [moves(time, mid) for time, mid in path])
    assert [(row.time, row.side) for row in day.of("momentum")] == taken
