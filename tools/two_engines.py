"""Both engines on markets drawn at random: the same tape, summaries and draws, or the first
difference with both rows.  Of each number there is a plain market, a rich one (jumps, random
variance, excited flow and the like), one with ladders, one with traders away from the exchange,
one with compiled functions, one of several assets, one of these with such traders, one with groups,
and one with moving limits.

python tools/two_engines.py 2000                    markets 0 to 1,999
python tools/two_engines.py 1 --first 37            market 37 alone
python tools/two_engines.py 300 --kinds assets far  of some kinds
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
from several_markets import (  # type: ignore[import-not-found]
    far_several_market_of,
    group_market_of,
    moving_market_of,
    several_market_of,
)

KINDS = {
    "plain": market_of,
    "rich": rich_market_of,
    "ladders": ladder_market_of,
    "far": far_market_of,
    "compiled": live_market_of,
    "assets": several_market_of,
    "far-assets": far_several_market_of,
    "groups": group_market_of,
    "moving": moving_market_of,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    given = parser.parse_args()
    start, differing = time.monotonic(), 0
    for number in range(given.first, given.first + given.count):
        for kind in given.kinds:
            make = KINDS[kind]
            setup, settings = make(number)
            found = reasons(setup, setup.seats) or difference(setup, number)
            if found:
                differing += 1
                print(f"market {number}: {' '.join(settings)}\n{found}")
                again = f"--first {number} --kinds {kind}"
                print(f"repeat it: python tools/two_engines.py 1 {again}")
    print(
        f"{differing} of {len(given.kinds) * given.count} differ, {time.monotonic() - start:.0f} s"
    )
    sys.exit(differing > 0)


if __name__ == "__main__":
    main()
