"""How fast is the compiled engine?  `bench.py` for lobsim/batch, against a maker in C.

    python tools/bench_engine.py              all
    python tools/bench_engine.py tape         tapes alone; so "batch", "streams" and "process"

A row of a market is CPU time on one core over 5 repeats taken in turn with the raw limit: ns per
market order of the best repeat, millions of them per second, and the ratio raw / ours (1 would
be as fast as the raw limit), best, median and worst.  The raw limit is `maker.c`: one maker with
no book, limit, account, tape or ticks, at the scenario's own rates, floor and duration, so that
further makers, steps of the mid and rows of the tape are all ours.  What it earns is checked
first, with what lobsim's own maker earns.  Orders are counted as they are expected.  A tape is
given its rows and forgets them; in a further line it hashes them.

A whole process is by the wall's clock, 3 times, in a temporary folder, with a cache of its own.
"""

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from bench import REPEATS, Work, time_of
from raw_maker import Law, Maker, c_maker

from lobsim.batch import columns as c
from lobsim.batch.engine import play_pile
from lobsim.batch.engine import world_of as room_of
from lobsim.batch.jit import entry
from lobsim.batch.many import Player
from lobsim.batch.piles import pile_of
from lobsim.batch.streams import REPLICATION, entropy_words, seed_stream
from lobsim.batch.tape_rows import Recorder
from lobsim.models.streams import generator
from lobsim.models.world import CHUNK
from lobsim.setup import Setup, open_scenario, prepare
from lobsim.tape import Tape

PAPER, ALONE = "avellaneda-stoikov-continuous", "inventory-g01"
PATHS, OURS, TIMES = 200_000, 50_000, 3  # of the check, and of whole processes
SHORT, HUNDRED, LONG = "duration_s=1", "duration_s=100", "duration_s=300"
OPEN = (HUNDRED, "risk.max_drawdown=1e6")  # a market whose makers are not halted


# The maker in C

KNOWN = {0: None, 1: Law(63.99, 7.29, math.inf)}  # by d0


def check(maker: Maker) -> None:
    """The maker in C earns what is known, and what lobsim's earns; else nothing is measured."""
    for d0, known in KNOWN.items():
        setup = paper(d0)
        player = Player(setup, 1, setup.choose(ALONE), ["isolated"])
        ours = player.play(0, OURS)["isolated"][ALONE].column("profit")
        maker(setup, PATHS, sums := np.zeros(2))
        mean, square = (sums / PATHS).tolist()
        law = Law(mean, math.sqrt(square - mean * mean), PATHS)
        others = [Law(float(ours.mean()), float(ours.std(ddof=1)), OURS)]
        others += [known] if known else []
        apart = max(map(law.apart, others))
        told = " and ".join(f"{other.mean:.3f}, {other.sd:.3f}" for other in others)
        print(f"maker in C, d0={d0}: profit {law.mean:.3f}, sd {law.sd:.3f}; lobsim, known: {told}")
        assert apart < 4, f"{apart:.1f} standard errors apart"


# Markets


def paper(d0: int, *settings: str) -> Setup:
    return prepare(open_scenario(PAPER, [f"asset.flow.d0={d0}", *settings]))


def quickstart(*settings: str) -> Setup:
    return prepare(open_scenario("quickstart", settings))


def batch(setup: Setup, mode: str, names: str | None, count: int) -> Work:
    """Summaries of `count` replications, and nothing else."""
    player = Player(setup, 1, setup.choose(names), [mode])
    expected = round(count * 2 * setup.only.plan.duration / setup.only.plan.mean_gap)
    return lambda: expected if player.play(0, count) else 0


class Unhashed(Tape):
    """A tape that counts the rows which it is given, and does nothing else."""

    rows = 0

    def take(self, name: str, rows: Any) -> None:
        self.rows += len(rows)


def taped(setup: Setup, names: str | None, hashed: bool) -> tuple[Work, float]:
    """One replication, prepared, with its whole tape; its rows for each market order."""
    pile, world = pile_of(setup, [setup.choose(names)], 1), room_of(setup.only.plan, 1, CHUNK)
    orders = round(2 * setup.only.plan.duration / setup.only.plan.mean_gap)

    def play() -> int:
        tape = Tape() if hashed else Unhashed()
        recorder = Recorder(tape, pile.endowed, pile.rows)
        play_pile(setup, pile, world, 0, 1, recorder.hand_on)
        recorder.hand_on()
        if hashed:
            tape.close()
        return orders

    play()
    return play, int(pile.rows[0, c.SEQ]) / orders


def markets(wanted: str) -> Iterator[tuple[str, Setup, Work]]:
    one, three = "one maker", "three makers"
    if wanted in "batch":
        for d0 in (0, 1):
            setup = paper(d0)
            yield f"batch, {one}, d0={d0}", setup, batch(setup, "isolated", ALONE, 5000)
        setup = quickstart()
        yield f"batch, {three} in one book, limits", setup, batch(setup, "shared", None, 2000)
    if wanted in "tape":
        for what, setup, names in (
            (one, paper(1, HUNDRED), ALONE),
            (f"{one} of quickstart", quickstart(*OPEN), "wide"),
            (f"{three} of quickstart", quickstart(*OPEN), None),
        ):
            for hashed in (False, True):
                work, rows = taped(setup, names, hashed)
                how = "hashed" if hashed else f"{rows:.1f} rows"
                yield f"tape, {what}, {how}", setup, work


def time_markets(maker: Maker | None, wanted: str) -> None:
    print(f"{'':<44} {'ours':>7} {'raw':>7} ns    M/s      raw / ours: best  median  worst")
    for name, setup, ours in markets(wanted):
        paths = round(10_000 / setup.only.market.duration_s)
        raw = partial(maker, setup, paths, np.zeros(2)) if maker else ours
        ours(), raw()
        pairs = [(time_of(ours), time_of(raw)) for _ in range(REPEATS)]
        ns, limit = min(a for a, _ in pairs), min(b for _, b in pairs)
        ratios = sorted(b / a for a, b in pairs)
        against = f"{ratios[-1]:22.3f}  {median(ratios):6.3f} {ratios[0]:6.3f}" if maker else ""
        raw_ns = f"{limit:7.1f}" if maker else "      -"
        print(f"{name:<44} {ns:7.1f} {raw_ns}    {1e3 / ns:6.2f} {against}")


# Streams


@entry
def seed_often(entropy: Any, state: Any, count: int) -> int:
    for replication in range(count):
        for i in range(len(entropy)):
            entropy[i, REPLICATION] = replication
            seed_stream(entropy[i], state)
    return count


def time_streams(makers: int) -> None:
    """The world's four and one for each maker's turn, made anew; and the same by numpy."""
    names = [f"stream/{i}" for i in range(4 + makers)]
    entropy = np.array([entropy_words(1, 0, name) for name in names])
    ours = partial(seed_often, entropy, np.zeros(4, np.uint64), 100_000)
    ours()
    us = [time_of(ours) / 1e3 for _ in range(REPEATS)]
    by_numpy = time_of(lambda: len([generator(i, 0, name) for i in range(500) for name in names]))
    print(
        f"{f'streams of a replication, {len(names)}':<44} {spread(us)} us; "
        f"numpy {by_numpy * len(names) / 1e3:.0f} us"
    )


def spread(times: list[float]) -> str:
    return f"best {min(times):.2f}, median {median(times):.2f}, worst {max(times):.2f}"


# Whole processes


def time_processes() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def run(setting: str, cache: str, out: str) -> float:
            line = [sys.executable, "-m", "lobsim", "run", "quickstart", "--set", setting]
            line += ["--set", "summary_reps=0", "--engine", "compiled", "--out", str(folder / out)]
            start = perf_counter()
            within = {**os.environ, "LOBSIM_CACHE": str(folder / cache)}
            subprocess.run(line, check=True, capture_output=True, env=within, cwd=folder)
            return perf_counter() - start

        cold = [run(SHORT, f"cache{i}", f"cold{i}") for i in range(TIMES)]
        warm = [run(SHORT, "cache0", f"warm{i}") for i in range(TIMES)]
        long = [run(LONG, "cache0", f"long{i}") for i in range(TIMES)]
        files = json.loads((folder / "long0" / "run.json").read_text(encoding="utf-8"))["files"]
    rows = sum(part["rows"] for part in files.values())
    for what, times in (
        (f"lobsim run quickstart, {SHORT}, cold", cold),
        (f"lobsim run quickstart, {SHORT}, warm", warm),
        (f"lobsim run quickstart, {LONG}, warm", long),
    ):
        print(f"{what:<44} {spread(times)} s{f'; {rows:,} rows' if times is long else ''}")
    print(f"{'compiling alone, cold less warm':<44} {median(cold) - median(warm):.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description="the compiled engine against a maker in C")
    parser.add_argument("wanted", nargs="?", default="")
    wanted = parser.parse_args().wanted
    maker = c_maker() if shutil.which("cc") else None
    if maker is not None:
        check(maker)
    time_markets(maker, wanted)
    if wanted in "streams":
        for makers in (1, 3):
            time_streams(makers)
    if wanted in "process":
        time_processes()


if __name__ == "__main__":
    main()
