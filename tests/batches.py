"""Batches of the compiled engine, against the event engine's runs one by one."""

import pytest

from lobsim.batch.many import Player
from lobsim.errors import LobsimError
from lobsim.simulate import simulate


def batch(setup, first, count, modes=("isolated", "shared")):
    """The summaries of some replications, by mode and strategy."""
    return Player(setup, 5, setup.seats, modes).play(first, count)


def is_the_same_in_batches(setup):
    """Every strategy's summaries, alone and in one book; or an error of the same kind."""
    try:
        alone = [[simulate(setup, 5, rep, seats=[s])[0] for rep in (7, 8)] for s in setup.seats]
        shared = list(zip(*(simulate(setup, 5, rep) for rep in (7, 8)), strict=True))
    except LobsimError as error:
        with pytest.raises(type(error)):
            batch(setup, 7, 2)
        return
    found = batch(setup, 7, 2)
    assert [list(each) for each in found["isolated"].values()] == alone
    assert [tuple(each) for each in found["shared"].values()] == shared
