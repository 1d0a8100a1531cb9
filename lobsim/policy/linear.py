"""Optimal quotes at one k and without bounds on depth, exactly: with w = exp(k (v - xi q^2/2)),

    dw/dtau = M w,   M_{q,q} = k (mu q - (phi_r + gamma sigma^2/2) q^2),   M_{q,q+-1} = hop rates
    w(0) = exp(-k (phi + xi/2) q^2),   d = markup + fee + xi/2 - (1/k) ln(w(q+-1) / w(q))

for lots of 1 (k/L and xi q^2/(2L) for lots of L).  Sources: Gueant, Lehalle and
Fernandez-Tapia 2013, theorem 1; Cartea, Jaimungal and Penalva 2015, section 10.2.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lobsim.policy.evolution import advance, evolve
from lobsim.policy.problem import MakerProblem
from lobsim.policy.quote_table import Floats
from lobsim.policy.solution import Solution, grid, inventories, require_finite
from lobsim.policy.uniformisation import Logs, Tridiagonal
from lobsim.policy.unsolvable import UnsolvableError

LONGEST = 1e15  # the largest row sum of M + s I times the horizon: 50 squarings
APART = 1e5  # how far ln w may spread where one side never fills: without end, so by hundreds
SETTLED = 1e14  # the same, of what stands for ever


def solve(problem: MakerProblem, times_s: ArrayLike) -> Solution:
    """Value and depths at these times since the start, rising within [0, horizon_s].

    Exact to rounding: depths to some 1e-15 of the largest number in them, the value to some
    1e-16 of (max |M_qq| + hops) tau / k.  Times that are equally spaced cost least.

    Raises ValueError for times outside the horizon, for more than 200 fills either way or
    10,000,000 cells, and where (max |M_qq| + hops) horizon_s is above 1e15; where one side never
    fills, max |M_qq| horizon_s above 1e5.
    """
    times, lots = grid(problem, times_s)
    matrix = generator(problem, lots)
    # As one piece, which the allocator keeps for the next solve: three cost half as much again.
    value, bid, ask = np.empty((3, len(times), len(lots)))
    paths = evolve(matrix, _terminal(problem, lots), problem.horizon_s - times[::-1], value)
    _depths(problem, value, bid, ask)
    value += paths.scale[:, np.newaxis]
    value *= problem.lot / problem.k
    if problem.impact:
        value += problem.impact / (2 * problem.lot) * lots.astype(np.float64) ** 2
    require_finite(value)
    return Solution(times, lots, value[::-1], bid[::-1], ask[::-1])


def risk_neutral_twin(problem: MakerProblem) -> tuple[MakerProblem, float]:
    """A risk neutral problem of the same value, and what to add to its depths; currency.

    phi_r + gamma sigma^2/2 for phi_r and e A (1 + g/k)^-(1 + k/g) for A, g = gamma lot: then M
    is the same, and the depths differ by markup - 1/k (Cartea, Jaimungal and Penalva 2015,
    equation 10.20).
    """
    twin = replace(
        problem,
        A_bid=np.e * problem.bare_hop(problem.A_bid),
        A_ask=np.e * problem.bare_hop(problem.A_ask),
        running_penalty=problem.holding_cost,
        gamma=0.0,
        sigma=0.0,
    )
    return twin, problem.markup - 1 / problem.k


def law(problem: MakerProblem, times_s: ArrayLike, start: int = 0) -> Floats:
    """P(q_t = j | q_0 = start) of the risk neutral optimum: (T, n), at times as for `solve`.

    exp(M t)_{start,j} w(T - t, j) / w(T, start): the optimal inventory is Doob's h-transform of
    M.  Raises ValueError as `solve` does, for gamma above 0, and for an inventory that is none.
    """
    if problem.gamma > 0:
        raise UnsolvableError(f"gamma = {problem.gamma:g}: the law has a closed form at 0 only")
    times, lots = grid(problem, times_s)
    if start not in lots:
        raise UnsolvableError(
            f"start = {start}: must be a multiple of lot = {problem.lot}, "
            f"{problem.max_inventory} at most"
        )
    matrix = generator(problem, lots)
    first = int(np.searchsorted(lots, start))
    # Where one side never trades, half of the inventories are never reached.
    reached = slice(
        first if matrix.down == 0 else None,
        first + 1 if matrix.up == 0 else None,
    )
    forward = Tridiagonal(matrix.down, matrix.up, matrix.diagonal[reached])
    alone = np.where(lots[reached] == start, 0.0, -np.inf)
    ahead = evolve(forward, alone, times).shape
    behind = evolve(matrix, _terminal(problem, lots), problem.horizon_s - times[::-1]).shape[::-1]
    logs = ahead + behind[:, reached]
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    found = np.zeros((len(times), len(lots)))
    found[:, reached] = weights / weights.sum(axis=1, keepdims=True)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Stationary:
    """What holds for ever, far from the horizon, whatever the terminal penalty.

    growth       currency per second: how fast the value rises with the time left
    inventories  (n,) lots
    bid_depth    (n,) currency; inf at the last
    ask_depth    (n,) currency; inf at the first
    law          (n,) probabilities of the inventories
    bid_rate     fills per second of the bid, ask_rate of the ask: the same, in the long run
    """

    growth: float
    inventories: NDArray[np.int64]
    bid_depth: Floats
    ask_depth: Floats
    law: Floats
    bid_rate: float
    ask_rate: float


def stationary(problem: MakerProblem) -> Stationary:
    """The limit of the solution for an infinite horizon, from M f = rho f with f above 0.

    The law is (hop_bid / hop_ask)^(q/L) f_q^2: detailed balance, with risk aversion too.
    Raises ValueError where one side never trades, and as `solve` does.
    """
    lots = inventories(problem)
    matrix = generator(problem, lots, horizon_s=0.0)
    if not (matrix.up > 0 and matrix.down > 0):
        side = "A_bid" if not matrix.up > 0 else "A_ask"
        raise UnsolvableError(
            f"{side} = {getattr(problem, side):g}: must be above 0, or the inventory never settles"
        )
    begin = Logs(np.zeros(len(lots)), 0.0)
    shape = advance(matrix, begin, SETTLED / matrix.rate).shape
    bought, sold = matrix.up * np.exp(np.diff(shape)), matrix.down * np.exp(-np.diff(shape))
    rho = matrix.diagonal + np.append(bought, 0.0) + np.append(0.0, sold)
    top = int(np.argmax(matrix.diagonal))  # where nothing cancels
    if np.ptp(rho) > 1e-9 * matrix.rate:
        raise UnsolvableError(
            "the quotes do not settle within any horizon: A and penalties too far apart"
        )
    logs = 2 * shape + np.arange(len(lots)) * np.log(matrix.up / matrix.down)
    weights = np.exp(logs - logs.max())
    chances = weights / weights.sum()
    # A fill's rate is A exp(-k d) = (1 + g/k) hop w(q+-1) / w(q).
    premium = 1 + problem.gamma * problem.lot / problem.k
    bid, ask = np.empty((2, 1, len(lots)))
    _depths(problem, shape[np.newaxis], bid, ask)
    return Stationary(
        growth=float(rho[top]) * problem.lot / problem.k,
        inventories=lots,
        bid_depth=bid[0],
        ask_depth=ask[0],
        law=chances,
        bid_rate=premium * float(chances[:-1] @ bought),
        ask_rate=premium * float(chances[1:] @ sold),
    )


def generator(
    problem: MakerProblem, lots: NDArray[np.int64], horizon_s: float | None = None
) -> Tridiagonal:
    """M, per second.  Raises ValueError where it is too large for the horizon."""
    q = lots.astype(np.float64)
    per_lot = problem.k / problem.lot
    diagonal = per_lot * (problem.mu * q - problem.holding_cost * q**2)
    matrix = Tridiagonal(problem.hop_bid, problem.hop_ask, diagonal)
    horizon = problem.horizon_s if horizon_s is None else horizon_s
    if not matrix.rate * horizon <= LONGEST:
        raise UnsolvableError(
            f"horizon_s = {problem.horizon_s:g}: must be {LONGEST / matrix.rate:g} at most, "
            f"{LONGEST:g} over the rate {matrix.rate:g} of the largest inventory and the fills"
        )
    spread = float(np.ptp(diagonal))
    if min(matrix.up, matrix.down) == 0 and spread * horizon > APART:
        side = "bid" if matrix.up == 0 else "ask"
        raise UnsolvableError(
            f"horizon_s = {problem.horizon_s:g}: must be {APART / spread:g} at most where the "
            f"{side} never fills and inventory costs so much"
        )
    return matrix


def _terminal(problem: MakerProblem, lots: NDArray[np.int64]) -> Floats:
    """ln w at the horizon, (n,)."""
    cost = problem.terminal_penalty + problem.impact / (2 * problem.lot)
    return -problem.k / problem.lot * cost * lots.astype(np.float64) ** 2


def _depths(problem: MakerProblem, shape: Floats, bid: Floats, ask: Floats) -> None:
    """Fill bid and ask depths, (T, n), from ln w, (T, n)."""
    middle = problem.markup + problem.impact / 2
    # As one long row, five times as fast: what it makes of two rows is overwritten at the end.
    here, after = shape.reshape(-1)[:-1], shape.reshape(-1)[1:]
    np.subtract(here, after, out=bid.reshape(-1)[:-1])
    bid[-1, -1] = 0.0
    bid *= 1 / problem.k
    np.negative(bid.reshape(-1)[:-1], out=ask.reshape(-1)[1:])
    bid += middle + problem.fee_bid
    ask[0, 0] = 0.0
    ask += middle + problem.fee_ask
    bid[:, -1] = ask[:, 0] = np.inf
