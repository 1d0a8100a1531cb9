"""Profit that adds up: attributions of small runs drawn at random, of both engines.

Of each number there is a plain market and a rich one (jumps, informed orders and the like).  Every
residual must be 0, by every grouping; the sums those of the summary; the engines must agree.

python tools/attribution.py 250           markets 0 to 249: 1,000 runs
python tools/attribution.py 1 --first 37  market 37 alone
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from attributed import endowed, faults  # type: ignore[import-not-found]
from batch_markets import market_of, rich_market_of  # type: ignore[import-not-found]
from lobsim.engines import choose
from lobsim.errors import ScenarioError
from lobsim.report.frames import Run
from lobsim.run import record


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    start, runs, wrong = time.monotonic(), 0, 0
    for number in range(given.first, given.first + given.count):
        for make in (market_of, rich_market_of):
            setup, settings = make(number)
            setup = endowed(setup)
            frames = []
            for wanted in ("event", "compiled"):
                with tempfile.TemporaryDirectory() as folder:
                    engine = choose(wanted, setup, setup.seats, markets=1)
                    try:
                        record(setup, number, 0, Path(folder), engine=engine)
                    except ScenarioError:  # a mid below a tick ends a run
                        continue
                    run = Run(Path(folder))
                    found = faults(run)
                    frames.append(run.attribution("fill"))
                runs += 1
                if found:
                    wrong += 1
                    print(f"market {number}, {wanted}: {' '.join(settings)}", *found, sep="\n")
            if len(frames) == 1 or (frames and not frames[0].equals(frames[1])):
                wrong += 1
                print(f"market {number}: {' '.join(settings)}\nthe engines differ")
    print(f"{wrong} of {runs} runs do not add up, {time.monotonic() - start:.0f} s")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
