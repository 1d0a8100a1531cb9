"""Many replications at once: played in compiled code, their summaries kept by column."""

from collections.abc import Sequence

import numpy as np

from lobsim.batch import columns as c
from lobsim.batch.engine import play_pile, world_of
from lobsim.batch.figures import columns_of
from lobsim.batch.piles import pile_of
from lobsim.errors import LobsimError
from lobsim.seats import Seat
from lobsim.setup import Setup
from lobsim.simulate import simulate
from lobsim.summaries import NUMBERS, Summaries

Found = dict[str, dict[str, Summaries]]


class Player:
    """Plays batches of the same markets, one at a time: threads have one each.

    A world is made once for all its markets.  What does not end well in compiled code is played
    again by the event engine.
    """

    def __init__(
        self, setup: Setup, seed: int, seats: Sequence[Seat], modes: Sequence[str]
    ) -> None:
        """`modes` are "isolated", "shared" or both."""
        self._setup, self._seed, self._modes = setup, seed, modes
        self._groups = groups_of(seats, modes)
        self._pile = pile_of(setup, self._groups, seed)
        self._world = world_of(setup.plan, seed)

    def play(self, first: int, count: int) -> Found:
        """Replications from `first` on, by mode and strategy."""
        setup, bounds = self._setup, self._pile.bounds
        ends, _ = play_pile(setup, self._pile, self._world, first, count)
        found: Found = {mode: {} for mode in self._modes}
        for g, group in enumerate(self._groups):
            rows = ends[:, bounds[g] : bounds[g + 1]]
            shared = "shared" in self._modes and g == len(self._groups) - 1
            own = found["shared" if shared else "isolated"]
            for name, columns in columns_of(setup, group, rows).items():
                own[name] = Summaries(name, columns)
            for i in np.flatnonzero(rows[:, 0, c.STATUS] != c.DONE).tolist():
                play_again(setup, self._seed, first + i, group, own, i)
        return found


def groups_of(seats: Sequence[Seat], modes: Sequence[str]) -> list[list[Seat]]:
    """Who is in a market together; all of them in the last, if they are at all."""
    alone = [[seat] for seat in seats] if "isolated" in modes else []
    return [*alone, list(seats)] if "shared" in modes else alone


def play_again(
    setup: Setup,
    seed: int,
    replication: int,
    group: Sequence[Seat],
    found: dict[str, Summaries],
    at: int,
) -> None:
    """Put what the event engine finds of one replication in its place."""
    try:
        summaries = simulate(setup, seed, replication, seats=group)
    except LobsimError as error:
        error.add_note(f"in replication {replication}: --seed {seed} --rep {replication}")
        raise
    for summary in summaries:
        one = Summaries.of(summary.strategy, [summary])
        for name in NUMBERS:
            found[summary.strategy].column(name)[at] = one.column(name)[0]
