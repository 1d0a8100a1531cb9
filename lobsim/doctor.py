"""The self-check of a machine: what is installed, whether both engines agree on it, how fast."""

import os
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata

from lobsim.engines import why_not
from lobsim.setup import Setup, open_scenario, prepare
from lobsim.simulate import simulate, world_of
from lobsim.tape import Tape

LIBRARIES = ("lobsim", "numpy", "numba", "scipy", "simpy", "sortedcontainers", "pandas", "ortools")
TRIED = {  # scenarios, and what of them is played by both engines
    "quickstart": (),
    "ladder": (),
    "drawdown": ("duration_s=20",),
    "avellaneda-stoikov-2008": (),
    "base-case": ("requote='timer'", "requote_ms=700"),
    "jumps": ("duration_s=1",),  # this and what follows is machine code of other kinds
    "latency": ("duration_s=0.1",),
}
STREAMS = 1000
SEED, REPLICATION = 7, 11
PATHS = 5000  # timed


@dataclass(frozen=True, slots=True)
class Finding:
    """`sound` is None where there is nothing to be sound."""

    what: str
    found: str
    sound: bool | None = None


def examine() -> Iterator[Finding]:
    """One finding after another, each as soon as it is there."""
    yield Finding(
        "python", f"{platform.python_version()} on {platform.machine()}, {platform.system()}"
    )
    yield Finding("cores", str(os.cpu_count()))
    for library in LIBRARIES:
        try:
            yield Finding(library, metadata.version(library))
        except metadata.PackageNotFoundError:
            yield Finding(library, "not installed", sound=False)
    setup = prepare(open_scenario("quickstart"))
    if reasons := why_not(setup, setup.seats):
        yield Finding("compiled engine", reasons[0], sound=False)
        return
    yield from examine_compiled()


def examine_compiled() -> Iterator[Finding]:
    from lobsim.batch.jit import CACHE
    from lobsim.batch.many import Player
    from lobsim.batch.streams import check_streams

    place = "none can be written: it compiles at every start" if CACHE is None else str(CACHE)
    yield Finding("cache of machine code", place, sound=CACHE is not None)
    differing = check_streams(STREAMS)
    yield Finding("streams", f"{differing} of {STREAMS} differ from numpy's", sound=not differing)
    for name, settings in TRIED.items():
        yield compared(name, prepare(open_scenario(name, settings)))
    setup = prepare(open_scenario("avellaneda-stoikov-continuous", ["asset.flow.d0=0"]))
    seats = setup.choose("inventory-g01")
    orders = sum(len(chunk) for chunk in world_of(setup, SEED, 0).chunks())
    player = Player(setup, SEED, seats, ("isolated",))
    player.play(0, 0)
    start = time.process_time()
    player.play(0, PATHS)
    spent = (time.process_time() - start) / PATHS
    yield Finding("speed", f"{1e9 * spent / orders:.0f} ns a market order, one maker, one core")


def compared(name: str, setup: Setup) -> Finding:
    """Whether both engines give one tape of this market."""
    from lobsim.batch.engine import simulate_compiled

    tapes = Tape(), Tape()
    summaries = (
        simulate(setup, SEED, REPLICATION, tape=tapes[0]),
        simulate_compiled(setup, SEED, REPLICATION, tape=tapes[1]),
    )
    rows = tapes[0].events
    digests = [tape.close() for tape in tapes]
    what = f"both engines, {name}"
    if digests[0] == digests[1] and summaries[0] == summaries[1]:
        return Finding(what, f"one tape of {rows:,} rows, {digests[0][:8]}", sound=True)
    return Finding(
        what,
        f"differ: lobsim run {name} --seed {SEED} --rep {REPLICATION} --engine compiled, or event",
        sound=False,
    )
