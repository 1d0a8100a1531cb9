"""Background orders: the law of each level, sizes, and what the mid comes too near to.

A level without trades is an M/M/infinity queue: Poisson, started in its own law, and what is still
there after a time t of what was there has binomial law with exp(-cancel_rate t).  Deviations are
allowed up to 4 standard errors, p-values down to 1e-4.
"""

import math

import numpy as np
import pytest
from scipy import stats

from lobsim import Side
from lobsim.models.world import END, Happening
from lobsim.setup import prepare
from lobsim_strategies.background import Background
from market import T, moves, play, run_day, scenario, seated
from test_takers import named

MEAN, GAP = 3.0, 50  # orders per level; ns from question to question
CANCEL = 1e7  # per second: half a cancellation per order and gap
LEVELS = 4


def snapshots(count, mid=100.0, **params):
    """(count, questions + 1, 2, levels) orders resting at each question and at the end."""
    seen = []

    class Seen(Background):
        def on_mid(self, desk):
            look(desk)
            return super().on_mid(desk)

        def on_end(self, desk):
            look(desk)

    def look(desk):
        bid, ask = math.ceil(mid) - 1, math.floor(mid) + 1
        table = np.zeros((2, LEVELS), int)
        for order in desk.orders:
            buys = order.side is Side.BUY
            table[0 if buys else 1, bid - order.price if buys else order.price - ask] += 1
        seen.append(table)

    how = {"arrival_rate": MEAN * CANCEL, "cancel_rate": CANCEL, "levels": LEVELS, **params}
    setup = seated(prepare(scenario()), [named("background", Seen, **how)])
    times = range(GAP, T, GAP)
    world = [[*(moves(time, mid) for time in times), Happening(T, END, 0, 0, 0, 0, mid)]]
    for seed in range(count):
        run_day(setup, seed, world=world)
    return np.array(seen).reshape(count, len(times) + 1, 2, LEVELS)


@pytest.fixture(scope="module")
def seen():
    return snapshots(150)


def test_every_level_is_poisson_at_the_first_question_and_at_the_end(seen):
    law = stats.poisson(MEAN)
    for i in (0, -1):
        counts = seen[:, i].ravel()
        observed = [(counts == n).sum() for n in range(7)] + [(counts > 6).sum()]
        expected = np.array([*law.pmf(range(7)), law.sf(6)]) * len(counts)
        assert stats.chisquare(observed, expected).pvalue > 1e-4
        for level in seen[:, i].reshape(len(seen), -1).T:
            assert abs(level.mean() - MEAN) < 4 * math.sqrt(MEAN / len(level))


def test_a_level_forgets_at_the_rate_of_cancellation(seen):
    """The correlation over a time t is exp(-cancel_rate t); Fisher's z has deviation 1/sqrt(n)."""
    for gaps in (1, 2, 4):
        now, later = seen[:, 5].ravel(), seen[:, 5 + gaps].ravel()
        found, exact = np.corrcoef(now, later)[0, 1], math.exp(-CANCEL * GAP * gaps * 1e-9)
        assert abs(math.atanh(found) - math.atanh(exact)) < 4 * 1.2 / math.sqrt(len(now))


def test_levels_are_independent(seen):
    table = np.corrcoef(seen[:, -1].reshape(len(seen), -1).T)
    assert np.abs(table[np.triu_indices(2 * LEVELS, 1)]).max() < 4.5 / math.sqrt(len(seen))


def test_arrivals_thin_out_with_the_level():
    found = snapshots(100, thinning=1.0)[:, -1].mean(axis=(0, 1))
    exact = MEAN / np.arange(1, LEVELS + 1)
    assert np.all(np.abs(found - exact) < 4 * np.sqrt(exact / 200))


def test_sizes_are_geometric():
    kind = named("background", Background, arrival_rate=3e7, cancel_rate=1e7, mean_size=2.5)
    path = [moves(time, 100.5) for time in range(GAP, T, GAP)]
    sizes = np.array([row.size for row in play([kind], path).orders if row.kind == "post_only"])
    law = stats.geom(1 / 2.5)
    assert abs(sizes.mean() - 2.5) < 4 * law.std() / math.sqrt(len(sizes))
    observed = [(sizes == n).sum() for n in range(1, 6)] + [(sizes > 5).sum()]
    expected = np.array([*law.pmf(range(1, 6)), law.sf(5)]) * len(sizes)
    assert stats.chisquare(observed, expected).pvalue > 1e-4


@pytest.mark.parametrize("nearest", [0.0, 1.5, 2.0])
@pytest.mark.parametrize("mid", [100.0, 103.0, 96.25, 89.0])
def test_no_order_rests_within_nearest_of_the_mid_and_none_trades(nearest, mid):
    """At nearest 2 and a mid of 103 bids end at 100 and asks begin at 106."""
    left = []
    params = {"nearest": nearest, "arrival_rate": 2e7, "cancel_rate": 1e6, "levels": 6}

    class Left(Background):
        def on_end(self, desk):
            left.extend(desk.orders)

    kind = named("background", Left, **params)
    day = play([kind], [moves(100, 101.5), moves(500, mid)], 'crossing="trade"')
    bids = {order.price for order in left if order.side is Side.BUY}
    asks = {order.price for order in left if order.side is Side.SELL}
    assert max(bids) == max(p for p in range(200) if mid - p > nearest)
    assert min(asks) == min(p for p in range(200) if p - mid > nearest)
    assert day.fills == []


def test_a_mirrored_mid_gives_mirrored_levels():
    prices = []
    for mid in (100.25, 99.75):
        kind = named("background", Background, arrival_rate=1e9, cancel_rate=1e8, levels=3)
        rows = play([kind], [moves(10, mid)]).of("background")
        prices.append({(row.side, row.price) for row in rows if row.kind == "post_only"})
    assert prices[0] == {(-side, 200 - price) for side, price in prices[1]}
