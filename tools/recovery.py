"""How often a calibration's 95 % intervals hold the truth, over made days (tests/made_days.py).

python tools/recovery.py 200
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from lobsim.data.blocks import Estimate, blocks
from lobsim.data.calibrate import by_likelihood, volatility
from lobsim.data.quotes import market_orders, recorded_quotes
from made_days import SIGMA, A, K, made_day  # type: ignore[import-not-found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("days", type=int)
    days = parser.parse_args().days
    start = time.monotonic()
    found = [estimates(seed) for seed in range(days)]
    print(f"{'':<20}{'true':>8}{'mean':>9}{'its error':>11}{'covered':>9}")
    for name, true in TRUE.items():
        values = np.array([each[name].value for each in found])
        held = np.mean([each[name].low <= true <= each[name].high for each in found])
        error = values.std(ddof=1) / np.sqrt(days)
        print(f"{name:<20}{true:>8.3f}{values.mean():>9.4f}{error:>11.4f}{held:>9.1%}")
    print(f"{days} days, {time.monotonic() - start:.0f} s")


TRUE = {"sigma": SIGMA, "A": A, "k": K, "A (information)": A, "k (information)": K}


def estimates(seed: int) -> dict[str, Estimate]:
    """Of one day, named as in TRUE."""
    messages, book = made_day(seed)
    seen = recorded_quotes(messages, book)
    cut = blocks(seen.first_s, seen.last_s, seed)
    fit, sigma = by_likelihood(seen, market_orders(messages, seen), cut), volatility(seen, cut)
    assert fit is not None
    found = (sigma.best, fit.A, fit.k, fit.A_information, fit.k_information)
    return {name: each for name, each in zip(TRUE, found, strict=True) if each is not None}


if __name__ == "__main__":
    main()
