"""Markets with an agent outside, seen from Python: how they begin, and what went wrong in one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from lobsim.batch import columns as c
from lobsim.batch import live
from lobsim.batch.draws import PlainStream
from lobsim.batch.engine import CHUNK_TYPES, leave_mark, world_of
from lobsim.batch.envs import HIGH, LOW, RULES, Answers, Envs
from lobsim.batch.jit import warm_mark
from lobsim.batch.live import LiveTables
from lobsim.batch.piles import pile_of
from lobsim.errors import LobsimError, PluginError, ScenarioError, UsageError
from lobsim.machine_code import CONFIG
from lobsim.market.compiled_quote import SEEN, CompiledQuote
from lobsim.seats import Seat
from lobsim.setup import Setup
from lobsim.simulate import world_of as in_python

CHUNK = 8  # happenings made at once: more would not stay in the cache with a thousand markets
KIND = "Envs"  # of what is compiled for them
Floats = NDArray[np.float64]


def agent_seat(seat: Seat, size: int) -> Seat:
    """The seat of one whose quotes, of so many lots, come from outside."""
    outside = CompiledQuote(live.AGENT, (), lambda *_: None, None)
    return replace(seat, compiled=outside, sizes=(size,))


def envs_of(setup: Setup, seats: Sequence[Seat], count: int, rules: Floats) -> Envs:
    """So many markets of these seats, the agent's last; none of them open."""
    pile, world = pile_of(setup, [seats], 0), world_of(setup.only.plan, 0)
    assert isinstance(pile.tables, LiveTables)
    begins = pile.tables.begins.copy()
    place = pile.endowed[len(seats), c.SHEET]
    begins[[place + live.NO_BID, place + live.NO_ASK]] = rules[HIGH : HIGH + 2]
    words = [np.zeros((count, 4), np.uint64) for _ in world.rngs]
    return Envs(
        rows=np.zeros((count, *pile.endowed.shape), np.int64),
        endowed=pile.endowed,
        sheets=np.zeros((count, len(begins))),
        begins=begins,
        starts=pile.tables.starts,
        depths=pile.tables.depths,
        when=np.zeros((count, len(world.when)), np.int64),
        levels=np.zeros((count, len(world.mid_now))),
        rngs=tuple(each.view(PlainStream) if CONFIG.DISABLE_JIT else each for each in words),
        chunk=tuple(np.zeros((count, CHUNK), kind) for kind in CHUNK_TYPES),
        world_entropy=world.entropy,
        streams=pile.streams,
        entropy=pile.entropy,
        seeds=np.zeros(count, np.uint64),
        replications=np.zeros(count, np.int64),
        equity=np.zeros(count),
        since=np.zeros(count),
        ended=np.zeros(count, np.bool_),
        ends=np.zeros((count, 2, c.COLUMNS), np.int64),
        rules=rules,
    )


def answers_of(count: int) -> Answers:
    return Answers(
        np.zeros((count, SEEN)), np.zeros(count), np.zeros(count, np.bool_), np.zeros((count, SEEN))
    )


def is_warm(setup: Setup) -> bool:
    """Whether there is machine code for such markets from an earlier run."""
    mark = warm_mark(type(setup.plan).__name__, KIND)
    return mark is not None and mark.exists()


def leave_warm(setup: Setup) -> None:
    leave_mark(type(setup.plan).__name__, KIND)


def raise_trouble(setup: Setup, seats: Sequence[Seat], envs: Envs, i: int) -> NoReturn:
    """Tell why a market could not go on."""
    seed, replication = int(envs.seeds[i]), int(envs.replications[i])
    try:
        tell_trouble(setup, seats, envs.rows[i], seed, replication)
    except LobsimError as error:
        error.add_note(f"in environment {i}: seed {seed}, replication {replication}")
        raise


def tell_trouble(
    setup: Setup, seats: Sequence[Seat], rows: NDArray[np.int64], seed: int, replication: int
) -> NoReturn:
    status, tick = rows[0, c.STATUS], setup.only.market.tick
    if status == c.WORLD:
        for _ in in_python(setup, seed, replication).chunks():
            pass  # it raises the error
    if status == c.TOO_MANY:
        allowed = setup.scenario.max_events
        raise ScenarioError(
            f"max_events = {allowed}: passed; raise it, or lower asset.flow.A or duration_s"
        )
    if status == c.FAULT:
        for seat, row in zip(seats, rows[1:], strict=False):
            bid, ask = (row[block + c.NEXT_PRICE] * tick for block in (c.BID, c.ASK))
            if bid >= ask > 0:
                who = f"strategy '{seat.spec.name}'"
                raise PluginError(f"{who}: the bid {bid:.12g} is not below the ask {ask:.12g}")
        raise PluginError("a compiled function raised an error, or gave a depth that is no number")
    raise UsageError(
        'numbers past 64 bits, or makers who do not come to rest: vectorization_mode="sync" goes on'
    )


def rules_of(bounds: Any, running: float, terminal: float, setup: Setup, agent: Seat) -> Floats:
    """`bounds` are of the actions: a Box."""
    market = setup.only.market
    worth = agent.inventory * market.mid
    worth += float(agent.spec.cash)
    rules = np.empty(RULES)
    rules[LOW:HIGH], rules[HIGH : HIGH + 2] = bounds.low, bounds.high
    rules[HIGH + 2 :] = running, terminal, worth, market.tick, market.duration_s
    return rules
