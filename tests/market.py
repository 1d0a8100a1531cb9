"""A market for one test: plain settings, strategies made of answers, a world given or drawn.

A tick is 1, the mid 100 and the day 1,000 ns long; nothing comes from outside unless it is given.
"""

import hashlib
import struct
from collections.abc import Callable, Iterable
from dataclasses import replace
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from lobsim import Strategy, load_scenario
from lobsim.models.joint_world import world_of
from lobsim.models.streams import Streams
from lobsim.models.world import END, MOVE, ORDER, Happening
from lobsim.rows import CAUSES, KINDS, OUTCOMES, STATES
from lobsim.scenario.schema import Scenario, StrategySpec
from lobsim.seats import seat_of
from lobsim.setup import Setup, prepare
from lobsim.simulate import simulate
from lobsim.summary import Summary
from lobsim.tape import Tape

T = 1_000  # ns
PLAIN = (
    "duration_s=0.000001",
    "asset.tick=1",
    'asset.price={model="brownian", sigma=0, step_ms=0.001}',
    'asset.flow={model="poisson", A=0, k=1}',
    "risk={}",
    'strategy=[{plugin="fixed-spread", params={half_spread=1}}]',
)

PRICES = {
    "brownian": 'asset.price={model="brownian", sigma=2, mu=1.5, step_ms=10}',
    "geometric": 'asset.price={model="geometric", sigma=0.05, mu=0.25, step_ms=10}',
    "random_walk": 'asset.price={model="random_walk", sigma=2, mu=1.5, step_ms=10}',
}
FLOWS = {
    "poisson": 'asset.flow={model="poisson", A=140, k=1.5, d0=0.5, '
    'size={model="geometric", mean=3}}',
    "bernoulli": 'asset.flow={model="bernoulli", A=60, k=1.5}',
}


def scenario(*settings: str) -> Scenario:
    return load_scenario("quickstart", (*PLAIN, *settings))


def maker(name: str, half_spread: float, size: int = 1) -> str:
    """An item of `strategy=[...]`."""
    params = f"{{half_spread={half_spread}, size={size}}}"
    return f'{{name="{name}", plugin="fixed-spread", params={params}}}'


def trader(log: list[Any], name: str, **answers: Callable[..., Any]) -> type[Strategy]:
    """A strategy that logs (time, name, question) whenever asked, and answers as told."""

    def asking(question: str) -> Callable[..., Any]:
        def asked(self: Strategy, desk: Any, *heard: Any) -> Any:
            log.append((desk.now_ns, name, question))
            return answers[question](desk, *heard)

        return asked

    return type(name, (Strategy,), {question: asking(question) for question in answers})


def nothing(*_: Any) -> None:
    """An answer: leave every order as it is."""


def quoting(bid_depth: float, ask_depth: float, size: int = 1) -> Callable[[Any], Any]:
    return lambda desk: desk.quote(bid_depth=bid_depth, ask_depth=ask_depth, size=size)


def seated(setup: Setup, strategies: Iterable[type[Strategy]]) -> Setup:
    """The same market with these strategies, under their own names, in place of its own."""
    seats = []
    for strategy in strategies:
        name = strategy.__name__
        setup.registry.strategies[name] = strategy
        spec = StrategySpec(name=name, plugin=name)
        seats.append(seat_of(spec, setup.registry, setup.markets, setup.scenario))
    return replace(setup, seats=tuple(seats))


def by_the_book(seed: int, replication: int, name: str) -> np.random.Generator:
    """The stream of a name, made as the design says, apart from lobsim."""
    words = struct.unpack("<2I", hashlib.blake2b(name.encode("utf-8"), digest_size=8).digest())
    sequence = np.random.SeedSequence(entropy=seed, spawn_key=(replication, *words))
    return np.random.Generator(np.random.PCG64DXSM(sequence))


def drawn(given: Scenario, seed: int = 1, rep: int = 0) -> list[tuple[Any, ...]]:
    """What comes from outside: time, kind, side, size, limit, mid of each happening."""
    world = world_of(prepare(given).plan, Streams(seed, rep))
    return [(h.time, h.kind, h.side, h.size, h.limit, h.mid) for h in world]


def moves(time: int, mid: float) -> Happening:
    return Happening(time, MOVE, 0, 0, 0, 0, mid)


def buys(time: int, limit: int, size: int = 1, mid: float = 100.0) -> Happening:
    return Happening(time, ORDER, 1, size, limit, 0, mid)


def sells(time: int, limit: int, size: int = 1, mid: float = 100.0) -> Happening:
    return Happening(time, ORDER, -1, size, limit, 0, mid)


class Row(NamedTuple):
    """A command as the tape has it."""

    time: int
    name: str
    kind: str
    side: int
    price: int
    size: int
    filled: int
    outcome: str


class Day(NamedTuple):
    orders: list[Row]
    fills: list[tuple[int, str, str, int, int]]  # time, maker, taker, price, size
    mids: list[tuple[int, float]]
    halts: list[tuple[int, str, str, int, int]]  # time, name, cause, figure, limit
    summaries: dict[str, Summary]
    digest: str
    names: list[str]
    tables: dict[str, list[Any]]

    def of(self, *names: str) -> list[Row]:
        return [row for row in self.orders if row.name in names]

    def story(self, since: int = 0, s: int = 1) -> list[str]:
        """Orders, fills and risk from a time on, as they came, a line each; s = -1: mirrored."""
        rows = [
            (int(row["seq"]), table, row)
            for table in ("orders", "fills", "risk")
            for row in self.tables.get(table, ())
            if row["ts_event"] >= since
        ]
        return [told(self.names, table, row, s) for _, table, row in sorted(rows, key=SEQ)]


SEQ = itemgetter(0)


def told(names: list[str], table: str, row: Any, s: int) -> str:
    time = row["ts_event"]
    if table == "risk":
        figures = f" {row['figure']} > {row['limit']}" if row["limit"] else ""
        state, cause = STATES[row["state"]], CAUSES[row["cause"]]
        return f"{time} {names[row['account']]} {state}: {cause}{figures}"
    price = 100 + s * (int(row["price_ticks"]) - 100)
    if table == "fills":
        lots = s * row["taker_side"] * row["size"]
        return f"{time} {names[row['taker']]} {lots:+} at {price} from {names[row['maker']]}"
    at = f" at {price}" if row["price_ticks"] else ""
    lots, outcome = s * (row["side"] or s) * row["size"], OUTCOMES[row["outcome"]]
    return f"{time} {names[row['account']]} {KINDS[row['kind']]} {lots:+}{at}: {outcome}"


class Kept:
    """A sink that keeps the tape's rows."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Any]] = {}

    def write(self, name: str, rows: Any) -> None:
        self.rows.setdefault(name, []).extend(rows)


def run_day(setup: Setup, seed: int = 1, rep: int = 0, **how: Any) -> Day:
    kept = Kept()
    tape = Tape(kept)
    summaries = simulate(setup, seed, rep, tape=tape, **how)
    digest = tape.close()
    names = ["outside", *setup.names]
    orders = [
        Row(
            int(row["ts_event"]),
            names[row["account"]],
            KINDS[row["kind"]],
            int(row["side"]),
            int(row["price_ticks"]),
            int(row["size"]),
            int(row["filled"]),
            str(OUTCOMES[row["outcome"]]),
        )
        for row in kept.rows.get("orders", ())
    ]
    fills = [
        (
            int(row["ts_event"]),
            names[row["maker"]],
            names[row["taker"]],
            int(row["price_ticks"]),
            int(row["size"]),
        )
        for row in kept.rows.get("fills", ())
    ]
    mids = [(int(row["ts_event"]), float(row["mid"])) for row in kept.rows["mids"]]
    halts = [
        (
            int(row["ts_event"]),
            names[row["account"]],
            CAUSES[row["cause"]],
            int(row["figure"]),
            int(row["limit"]),
        )
        for row in kept.rows.get("risk", ())
    ]
    summary_of = {each.strategy: each for each in summaries}
    return Day(orders, fills, mids, halts, summary_of, digest, names, kept.rows)


def play(
    strategies: Iterable[type[Strategy]],
    happenings: Iterable[Happening],
    *settings: str,
    seed: int = 1,
) -> Day:
    """Run these strategies through these happenings; the end of the day follows by itself."""
    given = list(happenings)
    last = given[-1].mid if given else 100.0
    world = [[*given, Happening(T, END, 0, 0, 0, 0, last)]]
    return run_day(seated(prepare(scenario(*settings)), strategies), seed, world=world)
