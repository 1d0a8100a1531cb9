"""The book's tests are scripts: on the left of a line a command, on the right all the answers."""

from lobsim.market.book import Book
from lobsim.market.messages import (
    Cancel,
    Cancelled,
    Command,
    Event,
    LimitOrder,
    MarketOrder,
    Rejected,
    Replace,
    Replaced,
    Rested,
    Trade,
)
from lobsim.market.units import AccountId, OrderId, Reason, SelfTrade, Side, TimeInForce

SIDES = {"buys": Side.BUY, "sells": Side.SELL}
TIMES = {"ioc": TimeInForce.IOC, "fok": TimeInForce.FOK}


def play(text: str, self_trade: SelfTrade = SelfTrade.ALLOW) -> Book:
    """Hold the book to a script; the book as it is afterwards.

    #1 a  sells 4 at 101       -> rests 4
    #2 b  sells 4 at 101       -> rests 4 behind 4
    #3 c  buys 9 at market     -> 4 from #1 at 101, 4 from #2 at 101, drops 1 no_liquidity
    #4 c  buys 9 at 101 ioc    -> drops 9 ioc_rest    (also: fok, post-only)
    #5 a  buys 2 at 100        -> rests 2
    #5 a  becomes 1 at 100     -> keeps its place with 1 at 100
    #5 a  becomes 1 at 99      -> moves to 1 at 99    (or: behind 7, or: and its trades)
    #5 b  cancels              -> refused unknown_id
    #5 a  cancels              -> drops 1 requested   (and of a maker: #6 drops 1 self_trade)

    A refused command must leave the book as it was.
    """
    book = Book(self_trade)
    owners: dict[OrderId, tuple[AccountId, Side]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        left, _, right = line.partition("->")
        command = read_command(left)
        if isinstance(command, LimitOrder | MarketOrder) and "refused" not in right:
            owners[command.order_id] = command.account, command.side
        expected = [read_answer(answer, command, owners) for answer in right.split(",")]
        before = book.digest()
        events = book.apply(command)
        assert events == expected, f"{line}\n  the book says  {events}\n  not            {expected}"
        assert "refused" not in right or book.digest() == before, f"{line}\n  changed the book"
        book.check()
    return book


def read_command(text: str) -> Command:
    name, who, *words = text.split()
    order_id, account = number(name), ord(who)
    match words:
        case ["cancels"]:
            return Cancel(order_id, account)
        case ["becomes", size, "at", price]:
            return Replace(order_id, account, int(price), int(size))
        case [verb, size, "at", "market"]:
            return MarketOrder(order_id, account, SIDES[verb], int(size))
        case [verb, size, "at", price]:
            return LimitOrder(order_id, account, SIDES[verb], int(price), int(size))
        case [verb, size, "at", price, "post-only"]:
            return LimitOrder(order_id, account, SIDES[verb], int(price), int(size), post_only=True)
        case [verb, size, "at", price, time]:
            return LimitOrder(order_id, account, SIDES[verb], int(price), int(size), TIMES[time])
    raise ValueError(f"not a command: {text}")


def read_answer(
    text: str, command: Command, owners: dict[OrderId, tuple[AccountId, Side]]
) -> Event:
    mine = command.order_id
    words = text.split()
    if words[0] == "refused":
        return Rejected(mine, command.account, Reason(words[1]))
    side = owners[mine][1]
    match words:
        case ["rests", size, *behind]:
            return Rested(mine, command.account, side, command.price, int(size), lots_ahead(behind))
        case [size, "from", maker, "at", price]:
            maker_id = number(maker)
            parties = owners[maker_id][0], command.account
            return Trade(maker_id, mine, *parties, side, int(price), int(size))
        case ["drops", size, reason]:
            return Cancelled(mine, command.account, side, int(size), Reason(reason))
        case [name, "drops", size, reason]:
            return Cancelled(number(name), *owners[number(name)], int(size), Reason(reason))
        case ["keeps", "its", "place", "with", size, "at", price]:
            return Replaced(mine, command.account, side, int(price), int(size), None)
        case ["moves", "to", size, "at", price, *behind]:
            ahead = lots_ahead(behind)
            return Replaced(mine, command.account, side, int(price), int(size), ahead)
    raise ValueError(f"not an answer: {text}")


def number(name: str) -> OrderId:
    return int(name.removeprefix("#"))


def lots_ahead(words: list[str]) -> int:
    return int(words[1]) if words else 0
