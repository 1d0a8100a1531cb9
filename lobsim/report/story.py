"""The life of the order behind a fill, as a short story with times."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from lobsim.report.evidence import Evidence, Row, gather
from lobsim.report.frames import Run
from lobsim.report.one_fill import TAKING, Line, closing, line, sender, state_of, this_fill, wanted
from lobsim.report.phrases import away, lots, price, prices

LAST = float("inf")  # a place after all of the tape


def story(run: Run, number: int) -> list[dict[str, Any]]:
    """What happened to the order behind fill `number`, in order: {time_s, what}.

    `time_s` is None for a line about the whole.  Raises UsageError where there is no such fill.
    """
    return next(stories(run, [number]))


def stories(run: Run, numbers: Sequence[int]) -> Iterator[list[dict[str, Any]]]:
    """`story` of each of these fills."""
    for case in gather(run, numbers):
        yield [
            {"time_s": None if time is None else time / 1e9, "what": what}
            for _, time, what in lines_of(case)
        ]


def lines_of(case: Evidence) -> list[Line]:
    if case.fill["liquidity"] == "close":
        lines = closing(case)
    elif case.commands:
        lines = [*life(case), *this_fill(case), *afterwards(case)]
    else:
        lines = seen_in_fills(case)
    lines += notes(case, [place for place, _, _ in lines])
    return sorted(lines, key=lambda each: each[0])


def life(case: Evidence) -> list[Line]:
    """From the placement to the fill."""
    seq = case.fill["seq"]
    placed, *later = (row for row in case.commands if row["seq"] < seq)
    return [
        line(placed, placement(case, placed)),
        *moves(case, later),
        *refusals(case, placed["seq"], seq),
        *trades(case, [fill for fill in case.fills if fill["seq"] < seq]),
    ]


def placement(case: Evidence, row: Row) -> str:
    """A new order as it was sent, and what of it traded at once."""
    name, kind, size = case.name, row["kind"], row["size"]
    where = (
        "" if kind == "market" else f", {away(row['price'], case.mid_at(row['seq']), case.tick)}"
    )
    if kind in TAKING:
        what = f"{sender(name)} wants {wanted(case, row)}{where}"
    else:
        verb = "bids for" if row["side"] == "buy" else "offers"
        only = ", post-only" if kind == "post_only" else ""
        what = f"{name} {verb} {lots(size)} at {price(row['price'], case.tick)}{where}{only}"
    return what + traded_at_once(row) + queue(case, row)


def moves(case: Evidence, commands: Sequence[Row]) -> list[Line]:
    """Replaces that were carried out: the first, the one that gave the place, the last, a count."""
    made = [row for row in commands if row["kind"] == "replace" and row["size"]]

    def one(row: Row) -> str:
        where = away(row["price"], case.mid_at(row["seq"]), case.tick)
        size = f", now {lots(row['size'])}" if row["size"] != case.left_at(row["seq"]) else ""
        moved = f"moved to {price(row['price'], case.tick)}{size}, {where}"
        return moved + traded_at_once(row) + queue(case, row)

    def many(rows: Sequence[Row]) -> str:
        within = prices([row["price"] for row in rows], case.tick)
        return f"{len(rows)} more moves until {rows[-1]['ts_event'] / 1e9:.6f} s, {within}"

    return condensed(made, case.gave_place, one, many)


def traded_at_once(row: Row) -> str:
    return f"; {row['filled']} of {row['size']} traded at once" if row["filled"] else ""


def queue(case: Evidence, row: Row) -> str:
    """What was ahead in the queue, where a command gave the order the place it was filled in."""
    if row["seq"] != case.gave_place:
        return ""
    ahead = case.fill["queue_ahead"]
    return f"; {lots(ahead)} ahead of it" if ahead else "; first in the queue there"


def refusals(case: Evidence, start: float, end: float) -> list[Line]:
    refused = [row for row in case.refused if start < row["seq"] < end]
    if not refused:
        return []
    reasons = ", ".join(sorted({row["outcome"] for row in refused}))
    many = f"{len(refused)} commands for it are" if len(refused) > 1 else "a command for it is"
    return [line(refused[0], f"{many} refused ({reasons}); the order stays as it was")]


def trades(case: Evidence, fills: Sequence[Row]) -> list[Line]:
    """Other fills of the same order."""

    def one(fill: Row) -> str:
        at = price(fill["price"], case.tick)
        who = sender(fill["counterparty"])
        return f"fill {fill['fill']}: {lots(fill['size'])} at {at}, with {who}"

    def many(fills: Sequence[Row]) -> str:
        size = sum(fill["size"] for fill in fills)
        within = prices([fill["price"] for fill in fills], case.tick)
        return f"{len(fills)} more fills, {lots(size)} {within}"

    return condensed(fills, None, one, many)


def afterwards(case: Evidence) -> list[Line]:
    """What became of the rest of the order."""
    seq = case.fill["seq"]
    later = [row for row in case.commands if row["seq"] > seq]
    fills = [fill for fill in case.fills if fill["seq"] > seq]
    lines = [*trades(case, fills), *moves(case, later), *refusals(case, seq, LAST)]
    last, end = case.commands[-1], max([case.fill, *fills], key=lambda fill: fill["seq"])
    if later and not last["open"] and last["outcome"] != "filled":
        return [*lines, line(last, ending(case, last))]
    if last["outcome"] in ("ioc_rest", "no_liquidity", "self_trade"):
        why = "meets an own order" if last["outcome"] == "self_trade" else "meets nobody else"
        rest = lots(last["size"] - last["filled"])
        return [*lines, line(end, f"the rest, {rest}, {why} and is dropped", 0.2)]
    left = case.left_at(LAST)
    if not left:
        return [*lines, line(end, "nothing is left of the order", 0.2)]
    when = "at the end" if case.state == "complete" else f"where the tape ends ({case.state})"
    at = price(last["price"], case.tick)
    return [*lines, (LAST, None, f"{lots(left)} still open {when}, at {at}")]


def ending(case: Evidence, row: Row) -> str:
    """How what was left of an order was withdrawn, and by whom."""
    rest = lots(row["size"])
    if row["outcome"] == "self_trade":
        return f"another order of {case.name}'s meets it: {rest} withdrawn"
    states = [state for state in case.risk if state["seq"] < row["seq"]]
    if states and states[-1]["ts_event"] == row["ts_event"] and states[-1]["state"] != "ok":
        return f"{rest} withdrawn: {case.name} is {state_of(states[-1])}"
    if row["ts_event"] == case.end:
        return f"{rest} withdrawn: the day is over"
    return f"{case.name} cancels what is left of it"


def seen_in_fills(case: Evidence) -> list[Line]:
    """What the fills alone say, where the run kept no orders."""
    fill, seq = case.fill, case.fill["seq"]
    lines = [
        *trades(case, [row for row in case.fills if row["seq"] < seq]),
        *this_fill(case),
        *trades(case, [row for row in case.fills if row["seq"] > seq]),
    ]
    if fill["liquidity"] == "maker":
        since = fill["ts_event"] - fill["order_age_ns"]
        ahead = lots(fill["queue_ahead"]) if fill["queue_ahead"] else "nothing"
        lines.append((0, since, f"the order takes its place, with {ahead} ahead of it"))
    missing = "how the order was placed and moved, and what became of the rest, is not on the tape"
    return [*lines, (LAST, None, f'the run has record = "{case.record}": {missing}')]


def notes(case: Evidence, places: Sequence[float]) -> list[Line]:
    """What the strategy had last noted before each of these places on the tape."""
    found = [case.note_at(place) for place in places if place <= case.fill["seq"]]
    noted = {note["seq"]: note for note in found if note is not None}
    return [line(note, f"{case.name} notes: {words(note['note'])}") for note in noted.values()]


def words(note: str) -> str:
    values = json.loads(note).items()
    return ", ".join(f"{k} {v:.6g}" if isinstance(v, float) else f"{k} {v}" for k, v in values)


def condensed(
    rows: Sequence[Row],
    keep: int | None,
    one: Callable[[Row], str],
    many: Callable[[Sequence[Row]], str],
) -> list[Line]:
    """The first, the last and the one whose seq is to be kept, as they are; the others counted."""
    kept = {keep, *(row["seq"] for row in (*rows[:1], *rows[-1:]))}
    others = [row for row in rows if row["seq"] not in kept]
    if len(others) < 2:
        return [line(row, one(row)) for row in rows]
    shown = [line(row, one(row)) for row in rows if row["seq"] in kept]
    return [*shown, line(others[0], many(others))]
