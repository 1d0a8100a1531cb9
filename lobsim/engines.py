"""Which engine plays a market: the event engine serves all, the compiled one many times as fast.

Both give the same tape, bit for bit, so it is a matter of time alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lobsim.errors import UsageError
from lobsim.scenario.workload import expected_events
from lobsim.seats import Seat
from lobsim.setup import Setup
from lobsim.simulate import simulate
from lobsim.summary import Summary

Wanted = Literal["auto", "event", "compiled"]

# Market orders met, from which the compiled engine is worth its start: the event engine takes some
# 3 s for so many, numba 0.5 s to be imported and, once, 17 s to compile.
WORTH = 150_000


@dataclass(frozen=True, slots=True)
class Engine:
    """`compiled` or not; `why` is what a user should know of it."""

    compiled: bool
    why: str = ""

    def simulate(
        self, setup: Setup, seed: int, replication: int, *, seats: Sequence[Seat], audited: bool
    ) -> list[Summary]:
        """One replication without its tape."""
        if self.compiled:
            from lobsim.batch.engine import simulate_compiled  # numba, 0.5 s

            return simulate_compiled(setup, seed, replication, seats=seats)
        return simulate(setup, seed, replication, seats=seats, audited=audited)

    @property
    def told(self) -> tuple[str, ...]:
        """What a user should know of the choice."""
        return (self.why,) if self.why else ()

    @property
    def name(self) -> str:
        return "compiled" if self.compiled else "event"


FIRST = "the engine is compiled first, once: some 20 to 30 seconds"
EVENT, COMPILED = Engine(False), Engine(True)


def choose(wanted: Wanted, setup: Setup, seats: Sequence[Seat], markets: int) -> Engine:
    """The engine for so many markets of these seats, over all replications.

    Raises UsageError with every reason where the compiled engine was asked for and cannot serve.
    """
    if wanted == "event":
        return EVENT
    if wanted == "auto" and expected_events(setup.scenario) * markets < WORTH:
        return EVENT
    reasons = why_not(setup, seats)
    if not reasons:
        from lobsim.batch.engine import is_warm

        return COMPILED if is_warm(setup, seats) else Engine(True, FIRST)
    if wanted == "compiled":
        raise UsageError(*(f"--engine compiled cannot serve this: {each}" for each in reasons))
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    return Engine(False, f"the event engine plays, which is slower: {reasons[0]}{more}")


def why_not(setup: Setup, seats: Sequence[Seat]) -> list[str]:
    """Every reason why the compiled engine cannot serve these seats."""
    try:
        from lobsim.batch.serving import reasons  # numba, 0.5 s
    except ImportError as error:
        return [f"numba cannot be imported: {error}"]
    return reasons(setup, seats)
