"""Markets made to try a strategy, each in one way, and what is seen of it there."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lobsim.models.world import Happening
from lobsim.rows import Table
from lobsim.setup import Setup
from lobsim.simulate import simulate
from lobsim.summary import Summary
from lobsim.tape import Tape

SCENARIO = "quickstart"
SEED = 1
# Settings of the scenario; NAME is the strategy on trial.
MARKETS: dict[str, tuple[str, ...]] = {
    "the quickstart": (),
    "a timer": ('requote="timer"', "requote_ms=5"),
    "a coarse tick": ("asset.tick=0.25", "asset.flow.d0=1"),
    "one-lot orders": ('asset.flow.size={model="constant", size=1}',),
    "large orders": ('asset.flow.size={model="geometric", mean=9}',),
    "fees": ("asset.fees={maker=-0.01, taker=0.02}",),
    "a wild mid": ("asset.price.sigma=8",),
    "an inventory limit of 1": ("risk.max_inventory=1",),
    "refused crossings": ('crossing="refuse"',),
    "halts": ("risk.max_drawdown=0.5", "risk.cooldown_s=0.05", "risk.reduce_at=0.5"),
    "no orders at all": ("asset.flow.A=0",),
    "latency": (
        'requote="timer"', "requote_ms=5", "NAME.latency.data_ms=2",
        "NAME.latency.orders_ms={model='lognormal', median_ms=3, sigma=0.5}",
        "NAME.latency.acks_ms=4",
    ),
    "slow makers beside it": ('requote="timer"', "requote_ms=100"),
}  # fmt: skip
SHARED = "slow makers beside it"  # in all others it is alone


@dataclass(frozen=True, slots=True)
class Played:
    """One run: one strategy's summary and packed orders, all fills, the digest."""

    summary: Summary
    orders: Any
    fills: Any
    digest: str


class Kept:
    """A tape's sink that keeps all in memory."""

    def __init__(self) -> None:
        self.parts: dict[str, list[Any]] = {}

    def write(self, name: str, rows: Any) -> None:
        self.parts.setdefault(name, []).append(rows)

    def rows(self, name: str) -> Any:
        return np.concatenate(self.parts.get(name) or [np.empty(0, Table(name).dtype)])


def play(
    setup: Setup,
    name: str,
    rep: int = 0,
    world: Iterable[list[Happening]] | None = None,
    shared: bool = False,
) -> Played:
    """Run a strategy alone, or beside all others of the market."""
    kept = Kept()
    tape = Tape(kept)
    seats = setup.choose(None if shared else name)
    account = [seat.spec.name for seat in seats].index(name) + 1
    summaries = simulate(setup, SEED, rep, seats=seats, tape=tape, world=world)
    digest = tape.close()
    orders = kept.rows("orders")
    own = orders[orders["account"] == account]
    return Played(summaries[account - 1], own, kept.rows("fills"), digest)


def turned(happening: Happening, since: int, start: float) -> Happening:
    """From `since` on the mirror image: sides swapped, prices upside down around the first mid."""
    if happening.time < since:
        return happening
    return happening._replace(
        side=-happening.side,
        limit=max(1, round(2 * start) - happening.limit),
        mid=2 * start - happening.mid,
    )
