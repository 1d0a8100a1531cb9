"""The compiled engine, seen from Python: what it can serve, one run with its tape, and batches.

Whatever does not end well in compiled code (an error of the user's, numbers past 64 bits) is
played again by the event engine, which tells it in its own words or serves it.  The event
engine's audit has no twin: it checks the readable book, which is not used here.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lobsim.batch import columns as c
from lobsim.batch.arrays import TAPE, pile_of, turn_names, with_room
from lobsim.batch.figures import columns_of
from lobsim.batch.replications import Pile, World, play_worlds
from lobsim.batch.streams import compiled_streams, entropy_words, state_words, window_on
from lobsim.models.rich_world import Plan, shape_of
from lobsim.models.streams import generator
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
Groups = Sequence[Sequence[Seat]]


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

    The tape is made twice: once to count its rows, once to write them.
    """
    seats = setup.seats if seats is None else seats
    groups = [seats]
    pile = pile_of(setup, groups, seed, tape is not None)
    ends, through = play_pile(setup, groups, pile, seed, replication, 1, CHUNK)
    market = ends[0, 0]
    if market[c.STATUS] != c.DONE:
        return simulate(setup, seed, replication, seats=seats, tape=tape, progress=progress)
    if tape is not None:
        counts = market[[c.ORDERS, c.TRADES, c.MIDS, c.RISKS]].tolist()
        pile = with_room(pile, counts)
        ends, through = play_pile(setup, groups, pile, seed, replication, 1, CHUNK)
        for name, rows in zip(TAPE, pile.tables[2:], strict=True):
            tape.take(name, rows)
        tape.through += int(through[0])
    if progress is not None:
        progress(setup.plan.duration)
    return [
        Summaries(seat.spec.name, columns_of(setup, ends[:, 0], ends[:, account]))[0]
        for account, seat in enumerate(seats, 1)
    ]


def play_pile(
    setup: Setup,
    groups: Groups,
    pile: Pile,
    seed: int,
    first: int,
    count: int,
    chunk_size: int = SMALL_CHUNK,
) -> tuple[Ints, Ints]:
    """Replications from `first` on: all rows as each one leaves them, and how many orders from
    outside had a negative reach.
    """
    ends = np.empty((count, *pile.rows.shape), np.int64)
    through = np.empty(count, np.int64)
    if compiled_streams():
        play_worlds(
            setup.plan,
            world_of(setup.plan, seed, first, chunk_size),
            pile,
            first,
            False,
            ends,
            through,
        )
        return ends, through
    with np.errstate(over="ignore"):  # of streams in Python
        for i in range(count):
            for row, name in zip(pile.turns, turn_names(groups), strict=True):
                state = state_words(generator(seed, first + i, name))
                pile.endowed[row, c.STREAM : c.STREAM + 4] = state.view(np.int64)
            world = world_of(setup.plan, seed, first + i, chunk_size)
            play_worlds(
                setup.plan, world, pile, first + i, True, ends[i : i + 1], through[i : i + 1]
            )
    return ends, through


def world_of(plan: Plan, seed: int, replication: int, chunk_size: int) -> World:
    names, whens, levels = shape_of(plan)
    rngs = tuple(generator(seed, replication, name) for name in names)
    return World(
        rngs,
        tuple(window_on(rng.bit_generator) for rng in rngs),
        np.array([entropy_words(seed, 0, name) for name in names]),
        np.zeros(whens, np.int64),
        np.zeros(levels),
        tuple(np.zeros(chunk_size, kind) for kind in CHUNK_TYPES),
    )
