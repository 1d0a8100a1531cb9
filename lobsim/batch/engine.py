"""The compiled engine, seen from Python: what it can serve, one run with its tape, and batches.

Whatever does not end well in compiled code (an error of the user's, numbers past 64 bits) is
played again by the event engine, which tells it in its own words or serves it.  The event
engine's audit has no twin: it checks the readable book, which is not used here.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lobsim.batch import columns as c
from lobsim.batch.draws import new_streams, stream_block
from lobsim.batch.figures import columns_of
from lobsim.batch.jit import warm_mark
from lobsim.batch.joint_plans import for_numba
from lobsim.batch.piles import pile_of, tables_of
from lobsim.batch.replications import Pile, World, play_worlds
from lobsim.batch.streams import entropy_words
from lobsim.batch.tape_rows import Recorder
from lobsim.models.joint_world import LEVELS, JointPlan, Plan, streams_of
from lobsim.models.rich_world import RICH, shape_of
from lobsim.models.world import CHUNK
from lobsim.seats import Seat
from lobsim.setup import Setup
from lobsim.simulate import simulate
from lobsim.summaries import Summaries
from lobsim.summary import Summary
from lobsim.tape import Tape

SMALL_CHUNK = 256  # without a tape: columns that stay in the first cache
CHUNK_TYPES = (*(np.int64,) * 6, np.float64)  # one type: each kernel compiles once
Progress = Callable[[int], None]
Ints = NDArray[np.int64]


def simulate_compiled(
    setup: Setup,
    seed: int,
    replication: int,
    *,
    seats: Sequence[Seat] | None = None,
    tape: Tape | None = None,
    progress: Progress | None = None,
) -> list[Summary]:
    """What `simulate` gives, on the same tape, for a market of which `reasons` finds none.

    Rows come to the tape as they are made.  Where the event engine has to play again, those that
    came before are its own, bit for bit, and the tape takes only what is left.
    """
    seats = setup.seats if seats is None else seats
    pile = pile_of(setup, [seats], seed)
    recorder = None if tape is None else Recorder(tape, pile.endowed, pile.rows)

    def when_full() -> None:
        if recorder is not None:
            recorder.hand_on()
        if progress is not None:
            progress(int(pile.rows[0, c.NOW]))

    world = world_of(setup.plan, seed, CHUNK)
    ends, through = play_pile(setup, pile, world, replication, 1, when_full)
    if ends[0, 0, c.STATUS] != c.DONE:
        if tape is not None:
            tape.begin_again()
        return simulate(setup, seed, replication, seats=seats, tape=tape, progress=progress)
    when_full()
    if tape is not None:
        tape.through += int(through[0])
        tape.under_way = int(ends[0, 0, c.UNDER_WAY])
    return [Summaries(name, columns)[0] for name, columns in columns_of(setup, seats, ends).items()]


def play_pile(
    setup: Setup,
    pile: Pile,
    world: World,
    first: int,
    count: int,
    when_full: Callable[[], None] = lambda: None,
) -> tuple[Ints, Ints]:
    """Replications from `first` on: all rows as each one leaves them, and how many orders from
    outside had a negative reach.  `when_full` empties the rooms of a tape.
    """
    ends = np.empty((count, *pile.rows.shape), np.int64)
    through = np.zeros(count, np.int64)
    plan = for_numba(setup.plan)
    with np.errstate(over="ignore"):  # of streams, where numba is told not to compile
        play_worlds(plan, world, pile, first, False, ends, through)
        leave_mark(type(plan).__name__, type(pile.tables).__name__)
        while pile.rows[0, c.STATUS] == c.FULL:
            when_full()
            pile.rows[0, c.STATUS] = c.RUNNING
            play_worlds(plan, world, pile, first, True, ends, through)
    return ends, through


@cache
def leave_mark(plan: str, tables: str) -> None:
    """From now on nobody has to wait for markets of this kind to be compiled."""
    mark = warm_mark(plan, tables)
    if mark is not None:
        with suppress(OSError):
            mark.touch()


def is_warm(setup: Setup, seats: Sequence[Seat]) -> bool:
    """Whether there is machine code for such a market from an earlier run."""
    mark = warm_mark(type(setup.plan).__name__, tables_of(setup, seats).__name__)
    return mark is not None and mark.exists()


def world_of(plan: Plan, seed: int, chunk_size: int = SMALL_CHUNK) -> World:
    chunk = tuple(np.zeros(chunk_size, kind) for kind in CHUNK_TYPES)
    numbers = np.zeros(chunk_size, np.int64)
    if isinstance(plan, JointPlan):
        entropy = [[entropy_words(seed, 0, name) for name in own] for own in streams_of(plan)]
        assets = len(plan.assets)
        return World(
            stream_block(assets, len(entropy[0])),
            np.array(entropy),
            np.zeros((assets + 1, RICH.whens), np.int64),
            np.zeros((assets, LEVELS)),
            chunk,
            numbers,
        )
    names, whens, levels = shape_of(plan)
    return World(
        new_streams(len(names)),
        np.array([entropy_words(seed, 0, name) for name in names]),
        np.zeros(whens, np.int64),
        np.zeros(levels),
        chunk,
        numbers,
    )
