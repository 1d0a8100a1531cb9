"""Quotes that would trade with the other side of the book, where the scenario forbids it."""

from lobsim.market.book import Book
from lobsim.market.messages import Command, LimitOrder, Replace
from lobsim.market.units import Crossing, Reason, Side, TimeInForce

BUY = Side.BUY
GTC = TimeInForce.GTC


def crossing_side(command: Command, book: Book) -> Side | None:
    """The side of a quote that would trade with the other side; None for all other commands."""
    if type(command) is Replace:
        order = book.order(command.order_id)
        if order is None:
            return None
        side = order.side
    elif type(command) is LimitOrder and command.time_in_force is GTC:
        side = command.side
    else:
        return None
    best = (book.asks if side is BUY else book.bids).best
    if best is None:
        return None
    if best.price > command.price if side is BUY else best.price < command.price:
        return None
    return side


def uncross(
    command: Command, side: Side, book: Book, crossing: Crossing
) -> tuple[Command, Reason | None]:
    """A crossing quote one tick short of the other side (`join`), or why it is refused."""
    best = (book.asks if side is BUY else book.bids).best
    if crossing is Crossing.JOIN and best is not None and best.price > side:
        joined = best.price - side
        if type(command) is Replace:
            return Replace(command.order_id, command.account, joined, command.size), None
        if type(command) is LimitOrder and not command.post_only:
            return LimitOrder(command.order_id, command.account, side, joined, command.size), None
    return command, Reason.WOULD_CROSS
