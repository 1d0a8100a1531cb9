"""What a sweep survives, and what it gains from a second core.

    python tools/sweeps.py kills 200     SIGKILL at random moments, then --resume: nothing lost
    python tools/sweeps.py cores         throughput of two workers against one, either engine
    python tools/sweeps.py memory        growth of the process from 10,000 to 1,000,000 replications

Exits 1 if something is lost, or if a resumed sweep has another digest than an undisturbed one.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lobsim import compare
from lobsim.engines import Wanted

LOBSIM = Path(sys.executable).parent / "lobsim"
MARKET = ("quickstart", "--set", "duration_s=0.05", "--reps", "25")
AXES = ("--over", "a-s.gamma=0.01,0.1,1", "--over", "asset.price.sigma=1,2")
NAME = "runs/sweep-quickstart"
GROWTH = """
import resource, sys
from lobsim import compare
scenario, names = "avellaneda-stoikov-continuous", ["inventory-g01", "symmetric-g01"]
def play(reps):
    compare(scenario, mode="both", reps=reps, strategies=names, settings=["asset.flow.d0=0"])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
play(10)
print(play(10_000), play(int(sys.argv[1])))
"""


def sweep(folder: Path, *more: str) -> list[str]:
    return [str(LOBSIM), "sweep", *MARKET, *AXES, "--engine", "event", *more]


def digest_in(folder: Path) -> str:
    return str(json.loads((folder / NAME / "sweep.json").read_text())["digest"])


def kills(count: int, seed: int) -> bool:
    """Kill and resume until so many kills are done; whether nothing was lost."""
    chosen = random.Random(seed)
    lost = done = sweeps = 0
    with tempfile.TemporaryDirectory() as place:
        start = time.monotonic()
        subprocess.run(sweep(Path(place)), cwd=place, capture_output=True, check=True)
        whole, undisturbed = time.monotonic() - start, digest_in(Path(place))
    while done < count:
        with tempfile.TemporaryDirectory() as place:
            kept: set[str] = set()
            while True:
                begun = (Path(place) / NAME / "sweep.json").exists()
                process = subprocess.Popen(
                    sweep(Path(place), *(["--resume"] if begun else [])),
                    cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )  # fmt: skip
                try:
                    process.wait(timeout=(0.2 + 0.6 * chosen.random()) * whole)
                    break
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                    done += 1
                parts = {each.name for each in Path(place).glob(f"{NAME}/*/part-*.parquet")}
                lost += len(kept - parts)
                kept = parts
            sweeps += 1
            if process.returncode or digest_in(Path(place)) != undisturbed:
                print(f"exit code {process.returncode}, another digest")
                return False
    print(f"{done} kills in {sweeps} sweeps: {lost} parts lost, every digest as undisturbed")
    return not lost


def cores() -> None:
    """Replications per second with one worker and with two, warm, in turn."""
    kinds: list[tuple[Wanted, int]] = [("compiled", 40_000), ("event", 200)]
    for engine, reps in kinds:
        best = {1: 0.0, 2: 0.0}
        for _ in range(4):
            for workers in best:
                start = time.perf_counter()
                compare("quickstart", mode="shared", jobs=workers, engine=engine, reps=reps)
                best[workers] = max(best[workers], reps / (time.perf_counter() - start))
        print(f"{engine:<9} {best[1]:9.0f}/s with one, {best[2]:9.0f}/s with two: "
              f"{best[2] / best[1]:.2f} times")  # fmt: skip


def memory(reps: int) -> None:
    found = subprocess.run(
        [sys.executable, "-c", GROWTH, str(reps)], capture_output=True, text=True, check=True
    )
    before, after = map(float, found.stdout.split())
    print(f"{before:.0f} MB at 10,000 replications, {after:.0f} at {reps:,}: {after - before:+.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description="what sweeps survive, and how they scale")
    parser.add_argument("what", choices=("kills", "cores", "memory"))
    parser.add_argument("count", type=int, nargs="?")
    parser.add_argument("seed", type=int, nargs="?", default=1)
    given = parser.parse_args()
    if given.what == "kills":
        sys.exit(not kills(given.count or 20, given.seed))
    elif given.what == "cores":
        cores()
    else:
        memory(given.count or 1_000_000)


if __name__ == "__main__":
    main()
