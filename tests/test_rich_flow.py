"""The orders of rich worlds: excited arrivals, curves of the day, sizes, and those that know.

Deviations are allowed up to 4 standard errors, p-values down to 1e-4.
"""

import itertools
import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import solve_ivp

from lobsim.models.world import INFORMED, JUMP, MOVE, ORDER
from market import drawn, scenario
from worlds import ends_of

STILL = "asset.price={model='brownian',sigma=0,step_ms=500}"
HAWKES = "asset.flow={model='hawkes',A=20,k=1.5,d0=0.5,own=0.5,cross=0.2,decay=30}"
RATE = 20 * math.exp(0.75)  # of a side
CURVE = "asset.flow={model='poisson',A=200,k=1.5,curve={at_s=[0,2,5],factor=[2,0,1]}}"


def orders(*settings, **how):
    """Times in seconds, sides and sizes."""
    happenings = drawn(scenario(*settings), **how)
    times, _, sides, sizes, *_ = zip(*(h for h in happenings if h[1] == ORDER), strict=True)
    return np.array(times) * 1e-9, np.array(sides), np.array(sizes)


def rescaled_gaps(times, sides, side):
    """Gaps of a side on the clock of its own rate: integrated from the tape, order by order."""
    base, gaps, since, total = RATE * 0.3, [], 0.0, 0.0
    excess, last = RATE - base, 0.0
    for time, each in zip(times, sides, strict=True):
        left = math.exp(-30 * (time - last))
        total += base * (time - last) + excess / 30 * (1 - left)
        excess, last = excess * left, time
        if each == side:
            gaps.append(total - since)
            since = total
        excess += 30 * (0.5 if each == side else 0.2)
    return np.array(gaps)


@pytest.mark.parametrize("side", [1, -1])
def test_excited_gaps_are_exponential_on_the_clock_of_their_own_rate(side):
    times, sides, _ = orders("duration_s=500", STILL, HAWKES)
    gaps = rescaled_gaps(times, sides, side)
    assert len(gaps) > 15_000
    assert stats.kstest(gaps, "expon").pvalue > 1e-4
    assert abs(np.corrcoef(gaps[1:], gaps[:-1])[0, 1]) < 4 / math.sqrt(len(gaps))
    # Without excitation the same gaps are not exponential, so that the test could fail.
    assert stats.kstest(np.diff(times[sides == side]) * RATE, "expon").pvalue < 1e-12


def counts_exactly(t):
    """Var N_buy and Cov(N_buy, N_sell) after t seconds, from the equations of their moments.

    x = (excess of buys, of sells, N of buys, of sells) moves by B x at rate and jumps by a column
    of J: m' = B m + J r, and for second moments C about the mean, with r = base + excesses.
    """
    base, decay, own, cross = RATE * 0.3, 30, 0.5, 0.2
    drift = np.diag([-decay, -decay, 0.0, 0.0])
    jumps = np.array([[own, cross], [cross, own], [0, 0], [0, 0]]) * decay
    jumps[2:] = np.eye(2)
    reads = np.array([[1.0, 0, 0, 0], [0, 1, 0, 0]])
    pull = drift + jumps @ reads

    def moves(_, c):
        c = c.reshape(4, 4)
        rates = np.full(2, RATE)  # the mean rate stays where it began
        return (pull @ c + c @ pull.T + jumps @ np.diag(rates) @ jumps.T).ravel()

    assert base + RATE * 0.7 == pytest.approx(RATE)
    c = solve_ivp(moves, (0, t), np.zeros(16), rtol=1e-10, atol=1e-10).y[:, -1].reshape(4, 4)
    return c[2, 2], c[2, 3]


def test_excited_counts_have_the_mean_variance_and_covariance_of_their_equations():
    reps = 40_000
    ends = ends_of("duration_s=0.5", STILL, HAWKES, reps=reps)
    variance, covariance = counts_exactly(0.5)
    assert variance > 3 * RATE * 0.5  # of a Poisson process it is the mean
    for counts in (ends.buys, ends.sells):
        assert abs(counts.mean() - RATE * 0.5) < 4 * math.sqrt(variance / reps)
        squares = (counts - counts.mean()) ** 2
        assert abs(squares.mean() - variance) < 4 * squares.std() / math.sqrt(reps)
    products = (ends.buys - ends.buys.mean()) * (ends.sells - ends.sells.mean())
    assert abs(products.mean() - covariance) < 4 * products.std() / math.sqrt(reps)


def test_without_excitation_hawkes_is_poisson():
    plain = HAWKES.replace("own=0.5,cross=0.2", "own=0")
    times, sides, _ = orders("duration_s=300", STILL, plain)
    for side in (1, -1):
        gaps = np.diff(times[sides == side]) * RATE
        assert stats.kstest(gaps, "expon").pvalue > 1e-4


def test_orders_by_the_time_of_day_come_at_the_rate_of_their_time():
    times, sides, _ = orders("duration_s=8", STILL, CURVE)
    assert not ((times >= 2) & (times < 5)).any()
    for side in (1, -1):
        mine = times[sides == side]
        clock = np.where(mine < 2, 2 * mine, mine - 1) * 200  # the integral of the rate
        assert len(clock) > 1200
        assert stats.kstest(np.diff(clock), "expon").pvalue > 1e-4


def sizes(size):
    flow = f"asset.flow={{model='poisson',A=2000,k=1.5,size={size}}}"
    return orders("duration_s=20", STILL, flow)[2]


def test_lognormal_sizes_are_rounded_up():
    found = sizes("{model='lognormal',median=2.5,sigma=0.8}")
    for n in range(1, 12):
        p = stats.lognorm(s=0.8, scale=2.5).sf(n - 1)
        assert abs((found >= n).mean() - p) <= 4 * math.sqrt(p * (1 - p) / len(found))


def test_empirical_sizes_come_as_often_as_their_weights_say():
    found = sizes("{model='empirical',sizes=[1,10,3,1],weights=[2,1,4,1]}")
    for lots, p in {1: 3 / 8, 10: 1 / 8, 3: 4 / 8}.items():
        assert abs((found == lots).mean() - p) < 4 * math.sqrt(p * (1 - p) / len(found))
    assert set(found.tolist()) == {1, 3, 10}
    plain = sizes("{model='empirical',sizes=[7,7,2]}")
    assert abs((plain == 7).mean() - 2 / 3) < 4 * math.sqrt(2 / 9 / len(plain))


def test_an_informed_order_is_followed_at_once_by_a_move_in_its_direction():
    flow = "asset.flow={model='poisson',A=500,k=1.5,d0=0.5,informed={share=0.3,move=0.25}}"
    happenings = drawn(scenario("duration_s=20", "asset.tick=0.25", STILL, flow))
    reaching, moved = 0, []
    for before, after in itertools.pairwise(happenings):
        if before[1] == ORDER:
            # At a mid on the grid a negative reach is a limit through it.
            reaching += before[2] * (before[4] - before[5]) >= 0
        if after[1] == INFORMED:
            moved.append(after[5] - before[5])
            assert after[0] == before[0]
            assert after[5] - before[5] == before[2]
    p = len(moved) / reaching
    assert abs(p - 0.3) < 4 * math.sqrt(0.21 / reaching)
    assert abs(np.mean(moved)) < 4 / math.sqrt(len(moved))
    assert happenings[-1][5] == 400 + sum(moved)


def test_jumps_come_at_poisson_times_of_their_own():
    jumps = "jumps={model='merton',rate=300,mean=0.1,sd=0,compensated=false}"
    price = f"asset.price={{model='brownian',sigma=0,step_ms=1000,{jumps}}}"
    happenings = drawn(scenario("duration_s=20", "asset.tick=0.1", price))
    times = [h[0] for h in happenings if h[1] == JUMP]
    assert stats.kstest(np.diff(times) * 3e-7, "expon").pvalue > 1e-4
    assert happenings[-1][5] == pytest.approx(1000 + len(times))


def test_at_one_instant_step_jump_buy_sell_and_informed_move_follow_each_other():
    ties = ["duration_s=0.0000042", "asset.tick=0.001"]
    price = "asset.price={model='brownian',sigma=1,step_ms=0.000014," \
        "jumps={model='merton',rate=1e8,sd=0.01}}"  # fmt: skip
    flow = "asset.flow={model='poisson',A=142857142.857,k=1.5,informed={share=0.5,move=0.01}}"
    happenings = drawn(scenario(*ties, price, flow))[:-1]
    rank = {MOVE: 0, JUMP: 1, ORDER: 2, INFORMED: 4}
    instants = [(h[0], rank[h[1]] + (h[2] == -1)) for h in happenings]
    assert instants == sorted(instants)
    assert {r for _, r in instants} == {0, 1, 2, 3, 4}
    assert len({t for t, _ in instants}) < 0.7 * len(instants)
