"""Does a plugin keep its contract?  Each of its strategies is tried in markets made for it."""

import itertools
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from lobsim.conformance.markets import MARKETS, SCENARIO, SEED, SHARED, Played, play, turned
from lobsim.errors import LobsimError, ScenarioError, text_of
from lobsim.market.strategy import Strategy
from lobsim.plugins.contract import QUESTIONS, QUOTES
from lobsim.plugins.registry import Registry
from lobsim.report.parts import read_manifest
from lobsim.setup import Setup, open_scenario, prepare
from lobsim.simulate import world_of
from lobsim.watch import kept_apart

REPS = 2
SLOW_NS = 1_000_000  # a mean of so long an answer slows every run
Said = tuple[bool, str]  # whether the contract is kept, and what was seen


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check of one strategy found."""

    strategy: str
    check: str
    kept: bool
    what: str


def check_plugin(path: Path, settings: Sequence[str] = ()) -> Iterator[Finding]:
    """Findings, one by one; `settings` may give parameters, as NAME.PARAM=VALUE.

    Raises PluginError where the file cannot be loaded at all.
    """
    with kept_apart():
        names = Registry().add_file(path)
    for name in names:
        yield from Trial(path, name, settings).findings()


class Trial:
    """One strategy on trial, alone in each market but one."""

    def __init__(self, path: Path, name: str, settings: Sequence[str]) -> None:
        self.path = path
        self.name = name
        self.settings = settings

    def findings(self) -> Iterator[Finding]:
        failed: set[str] = set()
        for title, check in {
            "parameters": self.parameters,
            "valid answers": self.answers,
            "partial fills": self.partial_fills,
            "refusals and halts": self.refusals,
            "repeats itself": self.repeats,
            "own random numbers": self.draws,
            "never meets itself": self.meets_itself,
            "does not look ahead": self.looks_ahead,
            "leaves the process alone": self.leaves_alone,
            "time per question": self.time,
        }.items():
            if title == "does not look ahead" and "repeats itself" in failed:
                yield Finding(self.name, title, True, "not tried: it does not repeat itself")
                continue
            try:
                finding = Finding(self.name, title, *check())
                if not finding.kept:
                    failed.add(title)
                yield finding
            except LobsimError as error:
                what = "\n".join([str(error), *getattr(error, "__notes__", ())])
                yield Finding(self.name, title, False, what)
                if title == "parameters":
                    return  # it cannot be made at all

    def setup(self, market: str = "the quickstart", *more: str) -> Setup:
        made = [setting.replace("NAME", self.name) for setting in MARKETS[market]]
        settings = [*made, *more, *self.settings]
        return prepare(open_scenario(SCENARIO, settings, [self.path]))

    def play(self, market: str = "the quickstart", *more: str, rep: int = 0) -> Played:
        return play(self.setup(market, *more), self.name, rep, shared=market == SHARED)

    # Checks

    def parameters(self) -> Said:
        try:
            setup = self.setup()
        except ScenarioError as error:
            what = "; ".join(problem.rpartition("params: ")[2] for problem in error.problems)
            raise ScenarioError(f"{what} (give it with --set {self.name}.NAME=VALUE)") from error
        with kept_apart():
            return True, text_of(setup.new_strategy(*setup.choose(self.name)))

    def answers(self) -> Said:
        active = 0
        for market, rep in itertools.product(MARKETS, range(REPS)):
            try:
                summary = self.play(market, rep=rep).summary
            except LobsimError as error:
                error.add_note(f"  in the market with {market}, replication {rep}")
                raise
            active += bool(summary.fills or summary.uptime or summary.best_share)
        if not active:
            return False, "sent no quote in any market: does on_quote return desk.quote(...)?"
        return True, f"no error in {REPS * len(MARKETS)} runs of {len(MARKETS)} markets"

    def partial_fills(self) -> Said:
        largest = int(self.play("one-lot orders").orders["size"].max(initial=0))
        if largest <= 1:
            return True, "its orders are of one lot: none can be filled in part"
        return True, f"orders of up to {largest} lots met one lot at a time, no error"

    def refusals(self) -> Said:
        refused = halts = 0
        for market in ("an inventory limit of 1", "refused crossings", "halts"):
            summary = self.play(market).summary
            refused, halts = refused + summary.refused, halts + summary.halts
        return True, f"{refused} commands refused and {halts} halts, no error"

    def repeats(self) -> Said:
        setup = self.setup()
        digests = [play(setup, self.name).digest for _ in range(2)]
        if digests[0] != digests[1]:
            return False, (
                "the same run twice gives two results: it draws from random, or keeps something "
                "from run to run; desk.random is a stream of its own"
            )
        if self.elsewhere() != digests[0]:
            return False, (
                "another process gives another result: it depends on the order of a set, the "
                "clock, or something else outside the run"
            )
        return True, f"twice here and in another process: digest {digests[0][:8]}"

    def elsewhere(self) -> str:
        """The digest of the same run in a fresh process where sets have another order."""
        given = [word for setting in self.settings for word in ("--set", setting)]
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "run"
            words = [
                "run", SCENARIO, "--seed", str(SEED), "--with", str(self.path.resolve()), *given,
                "--strategies", self.name, "--out", str(out), "--format", "json",
            ]  # fmt: skip
            subprocess.run(
                [sys.executable, "-m", "lobsim", *words], capture_output=True, check=False,
                env={**os.environ, "PYTHONHASHSEED": "4242"},
            )  # fmt: skip
            return str(read_manifest(out).get("digest"))

    def draws(self) -> Said:
        states: dict[str, Callable[[], Any]] = {
            "random": random.getstate, "numpy.random": np.random.get_state,
        }  # fmt: skip
        random.seed()
        np.random.seed()
        before = {name: repr(state()) for name, state in states.items()}
        self.play()
        touched = [name for name, state in states.items() if repr(state()) != before[name]]
        if touched:
            return False, f"draws from {' and '.join(touched)}: use desk.random"
        return True, "draws from nobody else's stream"

    def meets_itself(self) -> Said:
        fills = self.play("the quickstart", 'crossing="trade"').fills
        own = sum(row["maker"] == row["taker"] for row in fills)
        if own:
            return False, f'{own} of {len(fills)} trades with itself (crossing = "trade")'
        return True, f"{len(fills)} trades, none with itself"

    def looks_ahead(self) -> Said:
        plan = self.setup().only.plan
        half = plan.duration // 2
        world = list(world_of(self.setup(), SEED, 0).chunks())
        other = [[turned(each, half, plan.mid) for each in chunk] for chunk in world]
        early = []
        for each in (world, other):
            orders = play(self.setup(), self.name, world=each).orders
            early.append(orders[orders["ts_event"] < half])
        if early[0].tobytes() != early[1].tobytes():
            return False, "another second half changes what it does in the first"
        return True, f"{len(early[0])} commands in the first half, whatever came in the second"

    def leaves_alone(self) -> Said:
        threads, handler = threading.active_count(), signal.getsignal(signal.SIGINT)
        with patch("os.chdir", wraps=os.chdir) as moved:
            self.play()
        changed = {
            "the working directory": moved.called,
            "signal handlers": signal.getsignal(signal.SIGINT) is not handler,
            "threads": threading.active_count() > threads,
        }
        if any(changed.values()):
            return False, f"changes {', '.join(what for what, did in changed.items() if did)}"
        return True, "working directory, signal handlers and threads are as they were"

    def time(self) -> Said:
        setup = self.setup()
        kind = setup.registry.strategies[self.name]
        times: list[int] = []
        with ExitStack() as stack:
            for question in QUESTIONS:
                asked = getattr(kind, question)
                if question not in QUOTES and asked is not getattr(Strategy, question):
                    stack.enter_context(patch.object(kind, question, timed(asked, times)))
            play(setup, self.name)
        if not times:
            seat = setup.choose(self.name)[0]
            if seat.compiled is not None:
                return True, "a compiled function: it takes no time of Python's"
            asked = "it was never asked" if seat.table is None else "a quote table: it is not asked"
            return True, asked
        mean, worst = sum(times) / len(times), max(times)
        said = f"{mean / 1000:.3g} us on average, {worst / 1000:.3g} at worst, of {len(times)}"
        return (True, said) if mean < SLOW_NS else (False, f"{said}: every run will be slow")


def timed(question: Callable[..., Any], times: list[int]) -> Callable[..., Any]:
    @wraps(question)
    def asked(*heard: Any) -> Any:
        start = time.perf_counter_ns()
        answer = question(*heard)
        times.append(time.perf_counter_ns() - start)
        return answer

    return asked
