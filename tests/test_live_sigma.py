"""avellaneda-stoikov-live: its estimate of sigma against the law of it, its quotes against the
table's.
"""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from lobsim.market.strategy import Market
from lobsim_strategies.avellaneda_stoikov import AvellanedaStoikov
from lobsim_strategies.avellaneda_stoikov_live import AvellanedaStoikovLive

SIGMA, STEP = 2.0, 0.001
MARKET = Market(sigma=SIGMA, A=140.0, k=1.5, d0=0.0, tick=0.01, mid=100.0, duration_s=1.0, rows=10)


def desk(now, mid, inventory=0):
    def quote(**said):
        return said

    return SimpleNamespace(
        now=now, mid=mid, inventory=inventory, market=MARKET, time_left=1.0 - now, quote=quote
    )


def estimates(count, half_life_s, times, rng):
    """So many estimates, each from its own path seen at these times."""
    gaps = np.diff(times)
    found = []
    for _ in range(count):
        maker = AvellanedaStoikovLive(half_life_s=half_life_s)
        moves = SIGMA * np.sqrt(gaps) * rng.standard_normal(len(gaps))
        path = 100 + np.concatenate([[0.0], np.cumsum(moves)])
        for time, mid in zip(times.tolist(), path.tolist(), strict=True):
            maker.on_mid(desk(time, mid))
        found.append(maker.sigma)
    return np.array(found)


def test_the_estimate_is_unbiased_from_the_first_move_on():
    rng = np.random.default_rng(1)
    for times in (np.array([0.0, 0.5]), np.array([0.0, 0.3, 0.31, 0.9])):
        squares = estimates(4000, 0.2, times, rng) ** 2
        assert abs(squares.mean() - SIGMA**2) < 4 * squares.std() / math.sqrt(len(squares))


@pytest.mark.parametrize("half_life_s", [0.005, 0.02])
def test_the_estimate_settles_around_sigma_with_the_error_that_is_promised(half_life_s):
    """Of a sum of squares with weights w: variance 2 sum w^2 / (sum w)^2, relative."""
    times = np.arange(0, round(12 * half_life_s / STEP)) * STEP
    found = estimates(600, half_life_s, times, np.random.default_rng(2)) ** 2 / SIGMA**2
    weights = 0.5 ** (np.arange(len(times) - 1) * STEP / half_life_s)
    exact = math.sqrt(2 * (weights**2).sum()) / weights.sum()
    assert abs(found.mean() - 1) < 4 * exact / math.sqrt(len(found))
    assert found.std() == pytest.approx(exact, rel=4 * 1.2 / math.sqrt(2 * len(found)))
    promised = math.sqrt(STEP * math.log(2) / (4 * half_life_s))
    assert exact / 2 == pytest.approx(promised, rel=0.02)


def test_it_follows_a_sigma_that_changes():
    """Moves of exactly sigma sqrt(h); a half-life after a change half of the variance is new."""
    maker, mid = AvellanedaStoikovLive(half_life_s=0.05), 100.0
    for i in range(1, 1001):
        mid += (1 if i <= 950 else 3) * math.sqrt(STEP) * (-1) ** i
        maker.on_mid(desk(i * STEP, mid))
    assert maker.sigma**2 == pytest.approx((1 + 9) / 2, rel=1e-3)


@pytest.mark.parametrize("gamma", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("horizon_s", [None, 0.25])
def test_it_quotes_what_the_table_says_for_the_sigma_that_it_has_seen(gamma, horizon_s):
    live = AvellanedaStoikovLive(gamma=gamma, horizon_s=horizon_s)
    known = AvellanedaStoikov(gamma=gamma, horizon_s=horizon_s)
    for i in range(1, 501):
        live.on_mid(desk(i * STEP, 100 + SIGMA * math.sqrt(STEP) * (i % 2)))
    table = known.quote_table(MARKET)
    for inventory in (-7, 0, 3):
        said = live.on_quote(desk(0.5, 100.0, inventory))  # the row of half of the time
        row = 0 if horizon_s else 5
        column = inventory - table.inventories[0]
        assert said["bid_depth"] == pytest.approx(table.bid_depth[row, column])
        assert said["ask_depth"] == pytest.approx(table.ask_depth[row, column])


def test_until_the_mid_has_moved_it_does_not_lean():
    said = AvellanedaStoikovLive(gamma=0.1).on_quote(desk(0.0, 100.0, 5))
    assert said["bid_depth"] == said["ask_depth"] == pytest.approx(math.log1p(0.1 / 1.5) / 0.1)
