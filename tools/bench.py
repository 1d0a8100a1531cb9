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
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
from ladder import c_ladder
from raw import BareMarket, Row, bare_book

from lobsim.batch.book import encode, replay
from lobsim.batch.book_rows import TRADE
from lobsim.market.audit import Audit
from lobsim.market.book import Book
from lobsim.market.ledger import Ledger
from lobsim.market.messages import Cancel, Command, LimitOrder, MarketOrder, Replace
from lobsim.market.units import Side
from lobsim.models.world import ORDER
from lobsim.scenario.load import load_scenario
from lobsim.scenario.schema import Scenario
from lobsim.setup import prepare
from lobsim.simulate import simulate, world_of
from lobsim.tape import Tape

REPEATS = 5
BASELINE = Path(__file__).with_name("bench_baseline.json")
Work = Callable[[], int]  # does it, and returns how many units of work that was


# The book


def mixed_commands(count: int) -> list[Row]:
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


def command_of(row: Row) -> Command:
    kind, order_id, side, price, size = row
    if kind == "limit":
        return LimitOrder(order_id, 1, Side(side), price, size)
    if kind == "cancel":
        return Cancel(order_id, 1)
    if kind == "replace":
        return Replace(order_id, 1, price, size)
    return MarketOrder(order_id, 1, Side(side), size)


def our_book(commands: list[Command], audited: bool) -> int:
    book = Book()
    audit = Audit(book, Ledger([(0, 0)])) if audited else None
    for command in commands:
        events = book.apply(command)
        if audit is not None:
            audit.after(command, events)
    return len(commands)


def compiled_books(commands: list[Command]) -> tuple[Work, Work]:
    """Ours and C's; the two agree on how many trades there are."""
    rows = encode(commands)
    raw = c_ladder(rows)
    assert raw() == np.count_nonzero(replay(rows).events["kind"] == TRADE)

    def ours() -> int:
        replay(rows)
        return len(rows)

    def theirs() -> int:
        raw()
        return len(rows)

    return ours, theirs


# The event engine: market orders met by one maker at a fixed distance


def one_maker(requote: str, seconds: int) -> Scenario:
    settings = [f"duration_s={seconds}", "asset.price.step_ms=10", "summary_reps=0"]
    if requote == "timer":
        settings += ['requote="timer"', "requote_ms=5"]
    scenario = load_scenario("quickstart", settings)
    wide = [spec for spec in scenario.strategy if spec.name == "wide"]
    return scenario.model_copy(update={"strategy": tuple(wide)})


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
    if shutil.which("cc"):
        yield "compiled book", "op", *compiled_books(commands)
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
                lambda scenario=scenario: BareMarket(scenario, 0.75).run(),  # type: ignore[misc]
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
        ours(), raw()
        pairs = [(time_of(ours), time_of(raw)) for _ in range(REPEATS)]
        ratios = sorted(b / a for a, b in pairs)
        best = min(a for a, _ in pairs), min(b for _, b in pairs)
        print(
            f"{name:<44} {best[0]:8.0f} {best[1]:8.0f} a {unit:<13} "
            f"{ratios[-1]:6.2f}  {median(ratios):6.2f} {ratios[0]:6.2f}"
        )
        saved[name] = {
            "ns": round(best[0]),
            "raw_ns": round(best[1]),
            "ratio": round(median(ratios), 3),
        }
    if given.save:
        BASELINE.write_text(json.dumps(saved, indent=1) + "\n")


if __name__ == "__main__":
    main()
