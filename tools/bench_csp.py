"""How long schedules and rolling tables take to solve on one worker.

    python tools/bench_csp.py

Seconds on the clock, median of 3, each solved from nothing; and what came of it.  The rolling
table's objective is by exact evaluation, beside the value of the best quotes.
"""

from statistics import median
from time import perf_counter

from lobsim.policy.chain import Flow
from lobsim.policy.csp import solve_schedule
from lobsim.policy.csp_problem import ScheduleProblem
from lobsim.policy.csp_rolling import solve_rolling
from lobsim.policy.evaluate import evaluate
from lobsim.policy.linear import solve
from lobsim.policy.problem import MakerProblem

REPEATS = 3
LIMITS: dict[str, dict[str, float]] = {
    "": {},
    "drawdown": {"max_drawdown": 8.0},
    "var": {"max_var": 0.0},
}


def problem(steps: int, levels: int, inventory: int = 0, **limits: float) -> ScheduleProblem:
    return ScheduleProblem(
        A_bid=1.5, A_ask=1.5, k=1.5, sigma=0.3, horizon_s=10.0, steps=steps, levels=levels,
        depth_step=2 / levels, inventory=inventory, terminal_penalty=0.05, max_inventory=10.0,
        **limits,  # type: ignore[arg-type]
    )  # fmt: skip


def schedules() -> None:
    for name, limits in LIMITS.items():
        for steps, levels in ((20, 30), (60, 50)) if not limits else ((20, 30),):
            for inventory in (0, 5):
                asked = problem(steps, levels, inventory, **limits)
                times = []
                for _ in range(REPEATS):
                    start = perf_counter()
                    found = solve_schedule(asked)
                    times.append(perf_counter() - start)
                told = f"N={steps} K={levels} q0={inventory} {name}"
                print(
                    f"schedule {told:26} {median(times):7.2f} s  {found.objective:.5f} <= "
                    f"{found.bound:.5f}  {found.status}"
                )


def rolling() -> None:
    N, Q, phi, phi_run = 10, 6, 0.05, 0.01
    asked = ScheduleProblem(
        A_bid=1.5, A_ask=1.5, k=1.5, sigma=0.3, horizon_s=10.0, steps=N, levels=30,
        depth_step=0.07, terminal_penalty=phi, running_penalty=phi_run,
    )  # fmt: skip
    times = []
    for _ in range(REPEATS):
        start = perf_counter()
        table = solve_rolling(asked, max_inventory=Q).table()
        times.append(perf_counter() - start)
    print(f"rolling  N={N} K=30 Q={Q} {median(times):21.2f} s")
    maker = MakerProblem(
        A_bid=1.5, A_ask=1.5, k=1.5, horizon_s=10.0, max_inventory=Q, terminal_penalty=phi,
        running_penalty=phi_run,
    )  # fmt: skip
    values = solve(maker, [0.0]).value[0]
    for q in (0, 3, 5):
        found = evaluate(
            table, Flow(A_bid=1.5, A_ask=1.5, k=1.5), sigma=0.3, horizon_s=10.0, inventory=q,
            max_inventory=Q, terminal_penalty=phi, running_penalty=phi_run,
        )  # fmt: skip
        value = float(values[Q + q])
        print(f"  q0={q}  {found.objective:.5f} of {value:.5f}  {found.objective / value:.2%}")


if __name__ == "__main__":
    schedules()
    rolling()
