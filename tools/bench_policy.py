"""How much faster the exact solver is than explicit Euler loops in plain Python.

    python tools/bench_policy.py

All fill value, bid and ask depth for 41 inventories at 2001 times, at the parameters of
Avellaneda and Stoikov: CPU time, best and median of repeats in turn, and what each is off.
One loop keeps its rows in lists, as fast as plain Python goes; the other in NumPy arrays, cell
by cell, as such loops are often written.
"""

from collections.abc import Callable
from math import exp
from statistics import median
from time import process_time
from typing import Any

import numpy as np

from lobsim.policy.linear import solve
from lobsim.policy.problem import MakerProblem

REPEATS, SOLVES, STEPS = 5, 20, 2000
PROBLEM = MakerProblem(
    A_bid=140, A_ask=140, k=1.5, sigma=2, gamma=0.1, max_inventory=20, horizon_s=1
)
INF = float("inf")


def euler(problem: MakerProblem, steps: int, grid: Callable[[int, int], Any]) -> tuple[Any, ...]:
    """Value, bid and ask depth by v(t - dt) = v(t) + dt (...), rows from the horizon back."""
    dt, k, n = problem.horizon_s / steps, problem.k, 2 * problem.max_inventory + 1
    hop_bid, hop_ask, markup = problem.hop_bid, problem.hop_ask, problem.markup
    holding, terminal = problem.holding_cost, problem.terminal_penalty
    values, bids, asks = grid(steps + 2, n), grid(steps + 1, n), grid(steps + 1, n)
    for i in range(n):
        values[0][i] = -terminal * (i - n // 2) ** 2
    for step in range(steps + 1):
        v, bid, ask, before = values[step], bids[step], asks[step], values[step + 1]
        for i in range(n):
            gain = -holding * (i - n // 2) ** 2
            if i < n - 1:
                bid[i] = markup - (v[i + 1] - v[i])
                gain += hop_bid * exp(k * (v[i + 1] - v[i])) / k
            if i > 0:
                ask[i] = markup - (v[i - 1] - v[i])
                gain += hop_ask * exp(k * (v[i - 1] - v[i])) / k
            before[i] = v[i] + dt * gain
    return values, bids, asks


def lists(rows: int, columns: int) -> list[list[float]]:
    return [[INF] * columns for _ in range(rows)]


def arrays(rows: int, columns: int) -> Any:
    return np.full((rows, columns), INF)


def main() -> None:
    times = np.linspace(0, PROBLEM.horizon_s, STEPS + 1)
    middle, exact = PROBLEM.max_inventory, solve(PROBLEM, times).value
    taken: dict[str, list[float]] = {"Euler, lists": [], "Euler, arrays": [], "solve": []}
    off = {}
    for _ in range(REPEATS):
        for name, grid in (("Euler, lists", lists), ("Euler, arrays", arrays)):
            start = process_time()
            values, _, _ = euler(PROBLEM, STEPS, grid)
            taken[name].append(process_time() - start)
            off[name] = abs(values[STEPS][middle] - exact[0, middle])
        for _ in range(SOLVES):
            start = process_time()
            solve(PROBLEM, times)
            taken["solve"].append(process_time() - start)
    for name, each in taken.items():
        times_slower = f"{min(each) / min(taken['solve']):6.1f} times solve" if name in off else ""
        missed = f"  off by {off[name]:.1e}" if name in off else ""
        print(
            f"{name:<14} {min(each) * 1e3:8.2f} {median(each) * 1e3:8.2f} ms  "
            f"{times_slower}{missed}".rstrip()
        )


if __name__ == "__main__":
    main()
