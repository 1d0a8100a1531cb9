"""Both engines on markets with traders away from the exchange: one tape, bit for bit."""

import pytest

from batch_markets import difference, market_of
from batches import is_the_same_in_batches
from far import far
from far_markets import far_market_of
from lobsim import tape
from lobsim.batch import columns as c
from lobsim.batch import engine, messages, tape_rows
from lobsim.batch.engine import simulate_compiled
from lobsim.batch.piles import pile_of
from lobsim.batch.serving import reasons
from lobsim.simulate import simulate

MARKETS = 60
TIMER = 'requote="timer"', "requote_ms=7e-6"


@pytest.mark.parametrize("seed", range(MARKETS))
def test_a_market_at_random_has_one_tape_and_one_summary(seed):
    setup, _ = far_market_of(seed)
    assert reasons(setup, setup.seats) == []
    assert difference(setup, seed) is None


@pytest.mark.parametrize("seed", range(200, 212))
def test_a_batch_gives_the_summaries_of_single_runs_in_every_mode(seed):
    """Also where some of its markets have nobody away from the exchange."""
    setup, _ = far_market_of(seed)
    is_the_same_in_batches(setup)


@pytest.mark.parametrize("room", [1, 7])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_tape_does_not_depend_on_when_its_rows_are_taken(room, seed, monkeypatch):
    setup, _ = far_market_of(seed)
    monkeypatch.setattr(tape_rows, "PART", room)
    monkeypatch.setattr(tape, "PART", 40)
    assert difference(setup, seed) is None


def test_more_messages_than_there_is_room_for_are_left_to_the_event_engine(monkeypatch):
    setup, _ = market_of(5, *TIMER)
    setup = far(setup, {seat.spec.name: {"data": 300, "orders": 300} for seat in setup.seats})
    theirs = simulate(setup, 5, 0)
    monkeypatch.setattr(messages, "MOST", 20)
    pile = pile_of(setup, [setup.seats], 5)
    ends, _ = engine.play_pile(setup, pile, engine.world_of(setup.plan, 5), 0, 1)
    assert ends[0, 0, c.STATUS] == c.OVERFLOW
    assert simulate_compiled(setup, 5, 0) == theirs
