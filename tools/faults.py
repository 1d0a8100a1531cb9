"""What a run folder survives: kills, failing disks, damaged files.

    python tools/faults.py kills 1000      SIGKILL at a random moment of a run
    python tools/faults.py writes 1000     a call to the file system fails, once or from then on
    python tools/faults.py flips 10000     a bit, a byte, a file of a finished run is not as it was
    python tools/faults.py kills 1000 7    with another seed

After a kill or an error every finished part must be there, and what a reader gets must be how the
undisturbed run began; an error must be told in one line, with exit code 5.  Damage must be found
by verify, and by the reader of that table.  Exits 1 if not; what to look at is then kept.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bad_disk import writes
from cut_off import Outcomes, clear, faults_of, frames, play, state_of
from damage import flips

FOREVER = 60.0  # seconds


def serve() -> None:
    """For each line "DELAY FOLDER" a run in a fork of this process, killed after so long.

    Answers with the seconds it took and its exit code.  A fork spares 0.5 s of imports.
    """
    with tempfile.TemporaryDirectory() as place:
        play(Path(place, "warm"))
    for line in sys.stdin:
        delay, _, folder = line.rstrip("\n").partition(" ")
        start, child = time.monotonic(), os.fork()
        if not child:
            try:
                play(Path(folder))
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        if float(delay) < FOREVER:
            time.sleep(float(delay))
            os.kill(child, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(time.monotonic() - start, code, flush=True)


@contextmanager
def server() -> Iterator[Callable[[float, Path], tuple[float, int]]]:
    """A process that plays runs and kills them: ask(delay, folder) -> seconds, exit code."""
    command = [sys.executable, "-W", "ignore", __file__, "serve"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        to, back = process.stdin, process.stdout
        assert to is not None
        assert back is not None

        def ask(delay: float, folder: Path) -> tuple[float, int]:
            print(delay, folder, file=to, flush=True)
            took, code = back.readline().split()
            return float(took), int(code)

        yield ask
        to.close()  # its input ends, and so does it


def kills(count: int, place: Path, seed: int = 1) -> Outcomes:
    """SIGKILL, from before there is a folder to after the end."""
    rng = random.Random(seed)
    whole = frames(play(place / "whole"))
    with server() as ask:
        longest = max(ask(FOREVER, place / f"timed-{i}")[0] for i in range(3))
        for number in range(count):
            folder = place / f"kill-{number}"
            _, code = ask(rng.uniform(0, 1.1 * longest), folder)
            problems = [f"{folder}: {problem}" for problem in faults_of(folder, whole)]
            if code > 0:
                problems.append(f"{folder}: wrong: it ended by itself with exit code {code}")
            yield state_of(folder), problems
            if not problems:
                clear(folder)


DRIVES = {"kills": kills, "writes": writes, "flips": flips}


def main(name: str, count: str, seed: str = "1") -> None:
    place, began = Path(tempfile.mkdtemp(prefix="lobsim-faults-")), time.monotonic()
    outcomes: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for outcome, problems in DRIVES[name](int(count), place, int(seed)):
        outcomes[outcome] += 1
        for problem in problems:
            print(problem)
            kinds.update(kind for kind in ("lost:", "misread:", "wrong:") if kind in problem)
        if outcomes.total() % 500 == 0:
            print(f"{outcomes.total():,} in {time.monotonic() - began:.0f} s")
    became = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(outcomes.items()))
    print(
        f"{int(count):,} {name} with seed {seed} ({became}): {kinds['lost:']} finished parts lost, "
        f"{kinds['misread:']} damaged read as good, {kinds['wrong:']} other faults; "
        f"{time.monotonic() - began:.0f} s"
    )
    if kinds:
        sys.exit(f"look at {place}")
    shutil.rmtree(place)


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    elif 3 <= len(sys.argv) <= 4 and sys.argv[1] in DRIVES:
        main(*sys.argv[1:])
    else:
        sys.exit(__doc__)
