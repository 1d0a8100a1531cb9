"""One fill in words: who came, at what price, and what it did to the account."""

from lobsim.report.evidence import Evidence, Row
from lobsim.report.phrases import away, held, lasting, lots, price

Line = tuple[float, int | None, str]  # place in the order of the tape, ns, what happened
TAKING = {  # the kinds of orders that never rest
    "ioc": "at once, at {limit}",
    "fok": "at once and wholly, at {limit}",
    "market": "at once, at any price",
}


def line(row: Row, what: str, after: float = 0.0) -> Line:
    return row["seq"] + after, row["ts_event"], what


def sender(name: str) -> str:
    return "someone outside" if name == "outside" else name


def wanted(case: Evidence, row: Row) -> str:
    """What a taker's command asks for: to buy 3 lots at once, at 100.90 or less."""
    buys = row["side"] == "buy"
    limit = f"{price(row['price'], case.tick)} or {'less' if buys else 'more'}"
    how = TAKING.get(row["kind"], "at {limit}").format(limit=limit)
    return f"to {row['side']} {lots(row['size'])} {how}"


def this_fill(case: Evidence) -> list[Line]:
    """The fill that the story is about, and the account before and after it."""
    fill, name = case.fill, case.name
    buys, maker = fill["side"] == "buy", fill["liquidity"] == "maker"
    if maker:
        asked = "" if case.came is None else f", who wants {wanted(case, case.came)},"
        waited = f" after {lasting(age)} in its place" if (age := fill["order_age_ns"]) else ""
        verb = "hits" if buys else "lifts"
        rest = f"; {lots(left)} left" if (left := case.left_at(fill["seq"] + 1)) > 0 else ""
        what = f"{sender(fill['counterparty'])}{asked} {verb} it{waited}: {at(case)}{rest}"
    else:
        verb, theirs = ("buys", "offer") if buys else ("sells", "bid")
        what = f"{sender(name)} {verb} {at(case)}, against {fill['counterparty']}'s {theirs}"
    return [line(fill, f"fill {fill['fill']}: {what}; {earned(fill)}"), *account(case)]


def closing(case: Evidence) -> list[Line]:
    """An inventory traded with the outside: after a halt, or because the day was over."""
    fill, name = case.fill, case.name
    halts = [row for row in case.risk if row["seq"] < fill["seq"] and row["state"] == "halted"]
    if case.flattens and halts and halts[-1]["ts_event"] == fill["ts_event"]:
        why = line(halts[-1], f"{name} is {state_of(halts[-1])}, and flattened")
    else:
        why = (fill["seq"] - 1, fill["ts_event"], "the day is over, and inventories are closed")
    verb = "buys" if fill["side"] == "buy" else "sells"
    what = f"{name} {verb} {at(case)}, with the outside; {earned(fill)}"
    return [why, line(fill, f"fill {fill['fill']}: {what}"), *account(case)]


def at(case: Evidence) -> str:
    """1 lot at 99.65, 0.673 below the mid 100.323 (67.3 ticks)"""
    fill, tick = case.fill, case.tick
    where = away(fill["price"], fill["mid"], tick)
    return f"{lots(fill['size'])} at {price(fill['price'], tick)}, {where}"


def earned(fill: Row) -> str:
    return f"spread earned {fill['spread_earned']:.6g}"


def account(case: Evidence) -> list[Line]:
    """What the fill did to a strategy's account."""
    fill, name = case.fill, case.name
    if name == "outside":
        return []
    now = held(fill["inventory"])
    if fill["counterparty"] == name:
        what = f"{name} has traded with itself, and holds {now} as before"
    else:
        bought = fill["size"] if fill["side"] == "buy" else -fill["size"]
        what = f"{name} held {held(fill['inventory'] - bought)} and now holds {now}"
    if fill["fee"]:
        paid = "pays a fee of" if fill["fee"] > 0 else "is paid a rebate of"
        what += f", and {paid} {abs(fill['fee']):.6g}"
    return [line(fill, what, 0.1)]


def state_of(row: Row) -> str:
    """halted (drawdown 50.04, limit 50)"""
    figure = row["figure"]
    numbers = "" if figure is None else f" {figure:.6g}, limit {row['limit']:.6g}"
    return f"{row['state'].replace('_', ' ')} ({row['cause']}{numbers})"
