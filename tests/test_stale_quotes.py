"""What quotes earn that are late, by latency or by timer, against the exact law of their ages.

A quote left at a fixed price for a time s is hit at rate A exp(-k d + k^2 sigma^2 s / 2), and its
fills earn d - k sigma^2 s on average.  With a timer of period h and a latency l ages run from l
to l + h.  Deviations are allowed up to 4 standard errors.
"""

import math
from statistics import fmean, stdev

import pytest
from scipy.integrate import quad

from far import far
from lobsim import load_scenario
from lobsim.setup import prepare
from lobsim.simulate import simulate
from market import quoting, scenario, seated, trader

K, SIGMA = 1.5, 2.0


def rates(A, d, latency, period):
    """Fills per second and side, and what they earn per second, with times in seconds."""

    def hit(s):
        return A * math.exp(-K * d + (K * SIGMA) ** 2 * s / 2)

    def earned(s):
        return hit(s) * (d - K * SIGMA**2 * s)

    ages = latency, latency + period
    return tuple(quad(rate, *ages)[0] / period for rate in (hit, earned))


def z_score(values, expected):
    return (fmean(values) - expected) / (stdev(values) / math.sqrt(len(values)))


def hold_to_the_law(summaries, A, d, latency_s, period_s, duration_s):
    fills, earned = (
        2 * rate * (duration_s - latency_s) for rate in rates(A, d, latency_s, period_s)
    )
    assert abs(z_score([each.fills for each in summaries], fills)) < 4
    assert abs(z_score([each.spread_earned for each in summaries], earned)) < 4
    edges = [each.spread_earned - earned / fills * each.fills for each in summaries]
    assert abs(z_score(edges, 0)) < 4
    # The test has the power to tell: fresh quotes earn d a fill.
    assert z_score([each.spread_earned - d * each.fills for each in summaries], 0) < -4


@pytest.mark.parametrize(
    ("wires", "period_ms"),
    [
        ({"orders": 20}, 1), ({"data": 20}, 1), ({"data": 8, "orders": 12}, 1), ({}, 20),
        ({"orders": 15, "acks": 40}, 10),
    ],
)  # fmt: skip
def test_late_quotes_are_hit_and_earn_as_the_law_says(wires, period_ms):
    """Quotes of so many lots that none is ever gone, renewed on the timer alone."""
    A, d, duration_s = 1000, 2 / 3, 0.5

    def quote(desk):
        if desk.now_ns % (period_ms * 1_000_000) == 0:
            return desk.quote(bid_depth=d, ask_depth=d, size=1000)
        return None

    given = scenario(
        f"duration_s={duration_s}", "asset.tick=0.00001", 'requote="timer"',
        f"requote_ms={period_ms}", 'asset.price={model="brownian", sigma=2, step_ms=1}',
        f'asset.flow={{model="poisson", A={A}, k=1.5, d0=1}}',
    )  # fmt: skip
    setup = seated(prepare(given), [trader([], "ann", on_quote=quote)])
    setup = far(setup, {"ann": {wire: ms * 1_000_000 for wire, ms in wires.items()}})
    summaries = [simulate(setup, 7, rep, audited=False)[0] for rep in range(24)]
    latency_s = (wires.get("data", 0) + wires.get("orders", 0)) / 1000
    hold_to_the_law(summaries, A, d, latency_s, period_ms / 1000, duration_s)


AGES = {"at-0ms": 0, "at-1ms": 0.001, "at-5ms": 0.005, "at-20ms": 0.02}


def test_the_shipped_scenario_gives_what_the_law_says():
    """Its makers are asked after fills too, which makes quotes younger by 1 part in 10,000."""
    setup = prepare(load_scenario("latency"))
    for seat in setup.seats:
        latency_s = AGES[seat.spec.name]
        alone = [simulate(setup, 1, rep, seats=[seat], audited=False)[0] for rep in range(30)]
        fills, earned = (
            2 * rate * (1 - latency_s) for rate in rates(140, 0.6667, latency_s, 0.001)
        )
        assert abs(z_score([each.fills for each in alone], fills)) < 4
        assert (
            abs(z_score([each.spread_earned - earned / fills * each.fills for each in alone], 0))
            < 4
        )


def test_the_second_best_trades_while_the_best_sends_another():
    """Orders of one lot at rates lam1 (the best's price) and lam2 in a market that stands still:
    the best is away for a latency l after each of its fills, l lam1 / (1 + l lam1) of the time.
    """
    A, d1, d2, latency_s, duration_s = 1000, 0.2, 0.5, 0.002, 0.5
    given = scenario(
        f"duration_s={duration_s}", "asset.tick=0.1", 'requote="timer"', "requote_ms=500",
        'asset.price={model="brownian", sigma=0, step_ms=500}',
        f'asset.flow={{model="poisson", A={A}, k=1.5}}',
    )  # fmt: skip
    best = trader([], "best", on_quote=quoting(d1, d1))
    second = trader([], "second", on_start=quoting(d2, d2, size=10_000))
    setup = far(seated(prepare(given), [best, second]), {"best": {"orders": 2_000_000}})
    runs = [simulate(setup, 3, rep, audited=False) for rep in range(24)]
    lam1, lam2 = (A * math.exp(-K * d) for d in (d1, d2))
    # A renewal process that begins with an absence: its mean, but for what dies out.
    cycle = latency_s + 1 / lam1
    fills = duration_s / cycle + (1 / lam1**2 - cycle**2) / (2 * cycle**2)
    away = duration_s - fills / lam1
    assert abs(away / duration_s - latency_s * lam1 / (1 + latency_s * lam1)) < 0.002
    for name, expected in (("best", fills), ("second", lam2 * away)):
        counts = [each.fills / 2 for run in runs for each in run if each.strategy == name]
        assert abs(z_score(counts, expected)) < 4
