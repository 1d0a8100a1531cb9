"""The tables of Avellaneda and Stoikov (2008) from the simulator, against their exact values.

    python tools/paper.py                        both scenarios, 1,000 replications
    python tools/paper.py --reps 100000 --only avellaneda-stoikov-2008

Prints each row's mean profit, deviation of profit and deviation of the final inventory with
the number of standard errors to the exact value, and exits 1 if any is further than 4.  The
exact values are those of the paper's discrete scheme (forward equations of its own chain) and
of continuous time (Kolmogorov equations of the inventory, solved as an ODE), computed
independently of this simulator; continuous without a floor of the reach.
"""

import argparse
import json
import math
import sys
import time
from pathlib import Path

import lobsim
from lobsim import compare
from lobsim.workers.batches import Found, joined

SCENARIOS = ("avellaneda-stoikov-2008", "avellaneda-stoikov-continuous")
WHAT = ("mean profit", "sd profit", "sd q")
# Not among the golden values; from the same calculation, to four decimals.
ROUNDED = {("avellaneda-stoikov-continuous", "inventory-g001"): (68.3116, 10.3458, 6.0584)}


def exact_of(scenario: str, row: str) -> tuple[float, ...]:
    """Mean and deviation of profit, deviation of the final inventory."""
    if (scenario, row) in ROUNDED:
        return ROUNDED[scenario, row]
    text = (Path(lobsim.__file__).parent / "golden.json").read_text(encoding="utf-8")
    golden = {each["name"]: float(each["value"]) for each in json.loads(text)["values"]}
    kind, tag = row.split("-")
    gamma = {"g01": "0.1", "g001": "0.01", "g1": "1"}[tag]
    if scenario == "avellaneda-stoikov-2008":
        short = {"inventory": "inv", "symmetric": "sym"}[kind]
        return tuple(golden[f"A-S table discrete {what} g={gamma} {short}"] for what in WHAT)
    start = {"inventory": "A-S quotes cont.", "symmetric": "symmetric cont."}[kind]
    return tuple(golden[f"{start} {what} g={gamma}"] for what in WHAT)


def moments(values: list[float]) -> tuple[float, float, float, float]:
    """Mean and deviation, each followed by its standard error (of the sd by the fourth moment)."""
    n = len(values)
    mean = math.fsum(values) / n
    second = math.fsum((v - mean) ** 2 for v in values) / (n - 1)
    fourth = math.fsum((v - mean) ** 4 for v in values) / n
    sd = math.sqrt(second)
    return mean, sd / math.sqrt(n), sd, sd * math.sqrt((fourth / second**2 - 1) / n) / 2


def check(
    scenario: str, reps: int, seed: int, strategies: list[str] | None, jobs: int | None
) -> float:
    """Print the scenario's rows; the largest number of standard errors in them."""
    began = time.monotonic()
    parts: list[Found] = []
    result = compare(
        scenario, mode="isolated", reps=reps, seed=seed, audited=False, strategies=strategies,
        jobs=jobs, each=parts.append,
    )  # fmt: skip
    found = joined(parts)["isolated"]
    print(f"{scenario}, {reps} replications, seed {seed}, {time.monotonic() - began:.0f} s")
    print(f"{'':<16} {'profit':>9} {'exact':>9} {'z':>5}   {'sd':>8} {'exact':>8} {'z':>5}   "
          f"{'sd of q':>8} {'exact':>8} {'z':>5}   spread   fills")  # fmt: skip
    worst = 0.0
    for row in result.rows:
        summaries = found[row.strategy]
        mean, mean_se, sd, sd_se = moments([s.profit for s in summaries])
        _, _, q_sd, q_se = moments([float(s.inventory) for s in summaries])
        exact = exact_of(scenario, row.strategy)
        z = [(mean - exact[0]) / mean_se, (sd - exact[1]) / sd_se, (q_sd - exact[2]) / q_se]
        worst = max(worst, *map(abs, z))
        print(f"{row.strategy:<16} {mean:9.4f} {exact[0]:9.4f} {z[0]:+5.1f}   {sd:8.4f} "
              f"{exact[1]:8.4f} {z[1]:+5.1f}   {q_sd:8.4f} {exact[2]:8.4f} {z[2]:+5.1f}   "
              f"{row.spread_mean or 0:6.4f} {row.fills_mean:7.2f}")  # fmt: skip
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description="the 2008 tables against their exact values")
    parser.add_argument("--reps", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=SCENARIOS)
    parser.add_argument("--strategies", help="comma-separated; default all")
    parser.add_argument("--jobs", type=int, help="processes; default one a core")
    given = parser.parse_args()
    chosen = given.strategies.split(",") if given.strategies else None
    names = [given.only] if given.only else list(SCENARIOS)
    worst = max(check(name, given.reps, given.seed, chosen, given.jobs) for name in names)
    print(f"largest distance: {worst:.1f} standard errors")
    sys.exit(worst > 4)


if __name__ == "__main__":
    main()
