"""Both engines on markets drawn at random: the same tape, summaries and draws, or the first
difference with both rows.  Of each number there is a plain market, a rich one (jumps, random
variance, excited flow and the like), one with ladders, one with traders away from the exchange,
and one with compiled functions.

python tools/two_engines.py 2000          markets 0 to 1,999
python tools/two_engines.py 1 --first 37  market 37 alone
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from batch_markets import difference, market_of, rich_market_of  # type: ignore[import-not-found]
from far_markets import far_market_of  # type: ignore[import-not-found]
from ladder_markets import ladder_market_of  # type: ignore[import-not-found]
from live_markets import live_market_of  # type: ignore[import-not-found]
from lobsim.batch.serving import reasons

KINDS = market_of, rich_market_of, ladder_market_of, far_market_of, live_market_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    start, differing = time.monotonic(), 0
    for number in range(given.first, given.first + given.count):
        for make in KINDS:
            setup, settings = make(number)
            found = reasons(setup, setup.seats) or difference(setup, number)
            if found:
                differing += 1
                print(f"market {number}: {' '.join(settings)}\n{found}")
                print(f"repeat it: python tools/two_engines.py 1 --first {number}")
    print(f"{differing} of {len(KINDS) * given.count} differ, {time.monotonic() - start:.0f} s")
    sys.exit(differing > 0)


if __name__ == "__main__":
    main()
