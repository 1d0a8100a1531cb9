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
import math
import sys
import time

from lobsim.compare import compare

EXACT = {  # mean profit, sd of profit, sd of the final inventory
    "avellaneda-stoikov-2008": {
        "inventory-g01": (64.8925430856193, 6.54315244195416, 2.92679126262024),
        "symmetric-g01": (68.2282, 13.4573, 8.4017),
        "inventory-g001": (68.3996, 8.9606, 5.2125),
        "symmetric-g001": (68.6662, 13.6776, 8.7119),
        "inventory-g1": (31.4545, 4.8379, 1.6414),
        "symmetric-g1": (43.8690, 10.7515, 5.1893),
    },
    "avellaneda-stoikov-continuous": {
        "inventory-g01": (63.9923660048, 7.2857621244, 3.4261999534),
        "symmetric-g01": (68.2282, 15.2946, 9.5673),
        "inventory-g001": (68.3116, 10.3458, 6.0584),
        "symmetric-g001": (68.6662, 15.8092, 10.0901),
        "inventory-g1": (30.6177, 4.7860, 2.0166),
        "symmetric-g1": (43.8690, 11.1513, 5.3885),
    },
}


def moments(values: list[float]) -> tuple[float, float, float, float]:
    """Mean and deviation, each followed by its standard error (of the sd by the fourth moment)."""
    n = len(values)
    mean = math.fsum(values) / n
    second = math.fsum((v - mean) ** 2 for v in values) / (n - 1)
    fourth = math.fsum((v - mean) ** 4 for v in values) / n
    sd = math.sqrt(second)
    return mean, sd / math.sqrt(n), sd, sd * math.sqrt((fourth / second**2 - 1) / n) / 2


def check(scenario: str, reps: int, seed: int, strategies: list[str] | None) -> float:
    """Print the scenario's rows; the largest number of standard errors in them."""
    began = time.monotonic()
    result = compare(
        scenario, mode="isolated", reps=reps, seed=seed, audited=False, strategies=strategies
    )
    print(f"{scenario}, {reps} replications, seed {seed}, {time.monotonic() - began:.0f} s")
    print(f"{'':<16} {'profit':>9} {'exact':>9} {'z':>5}   {'sd':>8} {'exact':>8} {'z':>5}   "
          f"{'sd of q':>8} {'exact':>8} {'z':>5}   spread   fills")  # fmt: skip
    worst = 0.0
    for row in result.rows:
        summaries = result.summaries["isolated"][row.strategy]
        mean, mean_se, sd, sd_se = moments([s.profit for s in summaries])
        _, _, q_sd, q_se = moments([float(s.inventory) for s in summaries])
        exact = EXACT[scenario][row.strategy]
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
    parser.add_argument("--only", choices=sorted(EXACT))
    parser.add_argument("--strategies", help="comma-separated; default all")
    given = parser.parse_args()
    chosen = given.strategies.split(",") if given.strategies else None
    names = [given.only] if given.only else list(EXACT)
    worst = max(check(name, given.reps, given.seed, chosen) for name in names)
    print(f"largest distance: {worst:.1f} standard errors")
    sys.exit(worst > 4)


if __name__ == "__main__":
    main()
