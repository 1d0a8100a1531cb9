"""How often the 95 % intervals of `lobsim facts` hold the truth, over made markets
(tests/made_facts.py), and how often two samples of one market are said to differ.

python tools/fact_intervals.py 200
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from lobsim.data.blocks import Estimate
from lobsim.data.fact_figures import Facts
from lobsim.data.fact_verdicts import FAIL, compare
from lobsim.data.facts import facts
from made_facts import STAY, TRUE, random_market  # type: ignore[import-not-found]

SPAN_S = 3600


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("markets", type=int)
    markets = parser.parse_args().markets
    start = time.monotonic()
    found = [facts(random_market(i, span_s=SPAN_S, stay=STAY), seed=i) for i in range(markets)]
    print(f"{'':<28}{'true':>8}{'mean':>9}{'its error':>11}{'covered':>9}")
    for name, true in TRUE.items():
        each = [one.figures[name].interval() for one in found]
        values = np.array([one.value for one in each])
        error = values.std(ddof=1) / np.sqrt(markets)
        print(f"{name:<28}{true:>8.3f}{values.mean():>9.4f}{error:>11.4f}{held(each, true):>9.1%}")
    differ = np.mean([differs(*found[i : i + 2]) for i in range(0, markets - 1, 2)])
    print(f"{differ:.1%} of {markets // 2} pairs of the same market have a FAIL")
    print(f"{markets} markets of {SPAN_S:,} s, {time.monotonic() - start:.0f} s")


def held(each: list[Estimate], true: float) -> float:
    return float(np.mean([one.low <= true <= one.high for one in each]))


def differs(one: Facts, other: Facts) -> bool:
    return any(each.verdict == FAIL for each in compare(one, other))


if __name__ == "__main__":
    main()
