"""How much faster the exact solver is than an explicit Euler loop in plain Python.

    python tools/bench_policy.py

Both fill value, bid and ask depth for 41 inventories at 2001 times, at the parameters of
Avellaneda and Stoikov: CPU time, best and median of repeats in turn, and what each is off.
"""

from math import exp
from statistics import median
from time import process_time

import numpy as np

from lobsim.policy.linear import solve
from lobsim.policy.problem import MakerProblem

REPEATS, SOLVES, STEPS = 5, 20, 2000
PROBLEM = MakerProblem(
    A_bid=140, A_ask=140, k=1.5, sigma=2, gamma=0.1, max_inventory=20, horizon_s=1
)
Rows = list[list[float]]
INF = float("inf")


def euler(problem: MakerProblem, steps: int) -> tuple[Rows, Rows, Rows]:
    """Value, bid and ask depth by v(t - dt) = v(t) + dt (...), rows from the horizon back."""
    dt, k, Q = problem.horizon_s / steps, problem.k, problem.max_inventory
    hop_bid, hop_ask = problem.hop_bid, problem.hop_ask
    markup = problem.markup
    cost = [problem.holding_cost * q * q for q in range(-Q, Q + 1)]
    v = [-problem.terminal_penalty * q * q for q in range(-Q, Q + 1)]
    values, bids, asks = [], [], []
    last = 2 * Q
    for _ in range(steps + 1):
        rises = [v[i + 1] - v[i] for i in range(last)]
        values.append(v)
        bids.append([markup - rise for rise in rises] + [INF])
        asks.append([INF] + [markup + rise for rise in rises])
        bought = [hop_bid * exp(k * rise) for rise in rises] + [0.0]
        sold = [0.0] + [hop_ask * exp(-k * rise) for rise in rises]
        v = [v[i] + dt * ((bought[i] + sold[i]) / k - cost[i]) for i in range(last + 1)]
    return values, bids, asks


def main() -> None:
    times = np.linspace(0, PROBLEM.horizon_s, STEPS + 1)
    solved = solve(PROBLEM, times)
    loops, solves = [], []
    for _ in range(REPEATS):
        start = process_time()
        values, _, _ = euler(PROBLEM, STEPS)
        loops.append(process_time() - start)
        for _ in range(SOLVES):
            start = process_time()
            solve(PROBLEM, times)
            solves.append(process_time() - start)
    middle = PROBLEM.max_inventory
    off = abs(values[-1][middle] - solved.value[0, middle])
    print(f"Euler loop  {min(loops) * 1e3:8.2f} {median(loops) * 1e3:8.2f} ms  off by {off:.1e}")
    print(f"solve       {min(solves) * 1e3:8.2f} {median(solves) * 1e3:8.2f} ms")
    print(f"ratio       {min(loops) / min(solves):8.1f} {median(loops) / median(solves):8.1f}")


if __name__ == "__main__":
    main()
