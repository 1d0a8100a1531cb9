"""How fast are the parts?  Ratios to raw limits measured in the same minutes.

    python tools/bench.py                all
    python tools/bench.py book           those whose name contains "book"
    python tools/bench.py --save         also write tools/bench_baseline.json

Each row is CPU time on one core over 5 repeats taken in turn with its raw limit: the figure of
the best repeat, and the median and worst of the ratio raw / ours (1 would be as fast as the
raw limit).  The raw limits are what the same work costs without any rule: a SortedDict book
that validates nothing and tells nobody, and bare SimPy around it.
"""

import argparse
import json
import platform
from collections import OrderedDict
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np
import simpy
from sortedcontainers import SortedDict

from lobsim.market.audit import Audit
from lobsim.market.book import Book
from lobsim.market.ledger import Ledger
from lobsim.market.messages import Cancel, Command, LimitOrder, MarketOrder, Replace
from lobsim.market.units import Side
from lobsim.scenario.load import load_scenario
from lobsim.scenario.schema import Scenario
from lobsim.setup import prepare
from lobsim.models.world import ORDER
from lobsim.simulate import simulate, world_of
from lobsim.tape import Tape

REPEATS = 5
BASELINE = Path(__file__).with_name("bench_baseline.json")
Work = Callable[[], int]  # does it, and returns how many units of work that was


class BareBook:
    """Price levels in SortedDicts, the best key cached; no validation, no events, no ids checked."""

    def __init__(self) -> None:
        self.levels: dict[int, Any] = {1: SortedDict(), -1: SortedDict()}
        self.best: dict[int, int | None] = {1: None, -1: None}
        self.where: dict[int, tuple[int, int, Any]] = {}

    def limit(self, order_id: int, side: int, price: int, size: int) -> None:
        size = self.take(side, side * price, size)
        if size:
            levels, key = self.levels[side], -side * price
            queue = levels.get(key)
            if queue is None:
                queue = levels[key] = OrderedDict()
                best = self.best[side]
                if best is None or key < best:
                    self.best[side] = key
            queue[order_id] = [size]
            self.where[order_id] = (side, key, queue)

    def take(self, side: int, bound: int, size: int) -> int:
        levels, key = self.levels[-side], self.best[-side]
        while size and key is not None and key <= bound:
            queue = levels[key]
            while queue and size:
                order_id = next(iter(queue))
                order = queue[order_id]
                if order[0] > size:
                    order[0] -= size
                    return 0
                size -= order[0]
                del queue[order_id], self.where[order_id]
            if not queue:
                del levels[key]
                key = self.best[-side] = levels.peekitem(0)[0] if levels else None
        return size

    def cancel(self, order_id: int) -> None:
        found = self.where.pop(order_id, None)
        if found is not None:
            side, key, queue = found
            del queue[order_id]
            if not queue:
                levels = self.levels[side]
                del levels[key]
                if self.best[side] == key:
                    self.best[side] = levels.peekitem(0)[0] if levels else None


# The book


def mixed_commands(count: int) -> list[tuple[str, int, int, int, int]]:
    """A half new orders, a quarter cancels, an eighth replaces, an eighth market orders."""
    rng = np.random.default_rng(2024)
    live: list[tuple[int, int]] = []
    made = []
    for order_id in range(count):
        side = 1 if rng.random() < 0.5 else -1
        size = int(rng.integers(1, 6))
        price = 1000 - side * int(rng.integers(-1, 12))
        what = rng.random()
        if what < 0.5 or not live:
            made.append(("limit", order_id, side, price, size))
            live.append((order_id, side))
            continue
        which = int(rng.integers(len(live)))
        live[which], live[-1] = live[-1], live[which]
        if what < 0.75:
            made.append(("cancel", live.pop()[0], 0, 0, 0))
        elif what < 0.875:
            target, its_side = live[-1]
            made.append(("replace", target, its_side, 1000 - its_side * (price % 11), size))
        else:
            made.append(("market", order_id, side, 0, size))
    return made


def command_of(row: tuple[str, int, int, int, int]) -> Command:
    kind, order_id, side, price, size = row
    if kind == "limit":
        return LimitOrder(order_id, 1, Side(side), price, size)
    if kind == "cancel":
        return Cancel(order_id, 1)
    if kind == "replace":
        return Replace(order_id, 1, price, size)
    return MarketOrder(order_id, 1, Side(side), size)


def bare_book(rows: list[tuple[str, int, int, int, int]]) -> int:
    book = BareBook()
    for kind, order_id, side, price, size in rows:
        if kind == "limit":
            book.limit(order_id, side, price, size)
        elif kind == "cancel":
            book.cancel(order_id)
        elif kind == "replace":
            if order_id in book.where:
                book.cancel(order_id)
                book.limit(order_id, side, price, size)
        else:
            book.take(side, 1 << 62, size)
    return len(rows)


def our_book(commands: list[Command], audited: bool) -> int:
    book = Book()
    audit = Audit(book, Ledger([(0, 0)])) if audited else None
    for command in commands:
        events = book.apply(command)
        if audit is not None:
            audit.after(command, events)
    return len(commands)


# The event engine: market orders met by one maker at a fixed distance


def one_maker(requote: str, seconds: int) -> Scenario:
    settings = [f"duration_s={seconds}", "asset.price.step_ms=10", "summary_reps=0"]
    if requote == "timer":
        settings += ['requote="timer"', "requote_ms=5"]
    scenario = load_scenario("quickstart", settings)
    wide = [spec for spec in scenario.strategy if spec.name == "wide"]
    return scenario.model_copy(update={"strategy": tuple(wide)})


def bare_market(scenario: Scenario) -> int:
    """SimPy, the bare book, the same laws of flow and mid, the same requotes; nothing else."""
    rng = np.random.default_rng(7)
    asset, flow = scenario.asset, scenario.asset.flow
    tick = float(asset.tick)
    mean_gap = 1e9 / (float(flow.A) * float(np.exp(float(flow.k * Decimal(str(flow.d0))))))  # type: ignore[union-attr]
    reach, floor = 1 / float(flow.k) / tick, float(flow.d0) / tick  # type: ignore[union-attr]
    sigma, depth = float(asset.price.sigma) / tick, 0.75 / tick
    end, step = int(scenario.duration_s * 10**9), int(asset.price.step_ms * 10**6)
    period = None if scenario.requote_ms is None else int(scenario.requote_ms * 10**6)
    book = BareBook()
    state = {"mid": float(asset.mid / asset.tick), "moved": 0, "id": 0, "n": 0}
    quotes = {1: (0, 0), -1: (0, 0)}  # id and price
    env = simpy.Environment()

    def draws(draw: Callable[[int], Any]) -> Iterator[float]:
        while True:
            yield from draw(256).tolist()

    normals, gaps = draws(rng.standard_normal), draws(rng.standard_exponential)
    reaches, sizes = draws(rng.standard_exponential), draws(rng.standard_exponential)

    def move() -> None:
        state["mid"] += sigma * ((env.now - state["moved"]) * 1e-9) ** 0.5 * next(normals)
        state["moved"] = env.now

    def requote() -> None:
        mid = state["mid"]
        for side, price in ((1, int(mid - depth)), (-1, int(mid + depth) + 1)):
            order_id, old = quotes[side]
            if old != price or order_id not in book.where:
                book.cancel(order_id)
                state["id"] += 1
                book.limit(state["id"], side, price, 1)
                quotes[side] = (state["id"], price)

    def arrivals(side: int) -> Iterator[Any]:
        while True:
            yield env.timeout(int(next(gaps) * mean_gap))
            move()
            if period is None:
                requote()
            limit = side * int(state["mid"] + side * (next(reaches) * reach - floor))
            book.take(side, limit, 1 + int(next(sizes) / 0.6931471805599453))
            state["n"] += 1

    def every(length: int, act: Callable[[], None]) -> Iterator[Any]:
        while True:
            yield env.timeout(length)
            act()

    for process in (arrivals(1), arrivals(-1), every(step, move)):
        env.process(process)  # type: ignore[arg-type]
    if period is not None:
        env.process(every(period, requote))  # type: ignore[arg-type]
    env.run(until=end)
    return int(state["n"])


def our_market(scenario: Scenario, taped: bool, audited: bool) -> Work:
    setup = prepare(scenario)

    def work() -> int:
        tape = Tape() if taped else None
        simulate(setup, 1, 0, tape=tape, audited=audited)
        if tape is not None:
            tape.close()
        return orders

    chunks = world_of(setup, 1, 0).chunks()
    orders = sum(happening.kind == ORDER for chunk in chunks for happening in chunk)
    return work


def benches() -> Iterator[tuple[str, str, Work, Work]]:
    """Name, unit, ours, raw."""
    rows = mixed_commands(200_000)
    commands = [command_of(row) for row in rows]
    yield "book", "op", lambda: our_book(commands, False), lambda: bare_book(rows)
    yield "book with audit", "op", lambda: our_book(commands, True), lambda: bare_book(rows)
    for requote in ("continuous", "timer"):
        scenario = one_maker(requote, 30)
        for what, taped, audited in (
            ("everything on", True, True),
            ("tape off", False, True),
            ("tape and audit off", False, False),
        ):
            yield (
                f"event engine, {requote}, {what}",
                "market order",
                our_market(scenario, taped, audited),
                lambda scenario=scenario: bare_market(scenario),  # type: ignore[misc]
            )


def time_of(work: Work) -> float:
    start = process_time()
    units = work()
    return (process_time() - start) / units * 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description="ratios to raw limits")
    parser.add_argument("wanted", nargs="?", default="")
    parser.add_argument("--save", action="store_true", help=f"write {BASELINE.name}")
    given = parser.parse_args()
    print(f"{platform.python_implementation()} {platform.python_version()} {platform.machine()}")
    print(f"{'':<44} {'ours':>8} {'raw':>8} ns      raw / ours: best  median  worst")
    saved: dict[str, dict[str, float]] = {}
    for name, unit, ours, raw in benches():
        if given.wanted not in name:
            continue
        ours(), raw()  # noqa: B018  warm up
        pairs = [(time_of(ours), time_of(raw)) for _ in range(REPEATS)]
        ratios = sorted(b / a for a, b in pairs)
        best = min(a for a, _ in pairs), min(b for _, b in pairs)
        print(
            f"{name:<44} {best[0]:8.0f} {best[1]:8.0f} a {unit:<13} "
            f"{ratios[-1]:6.2f}  {median(ratios):6.2f} {ratios[0]:6.2f}"
        )
        saved[name] = {"ns": round(best[0]), "raw_ns": round(best[1]), "ratio": round(median(ratios), 3)}
    if given.save:
        BASELINE.write_text(json.dumps(saved, indent=1) + "\n")


if __name__ == "__main__":
    main()
