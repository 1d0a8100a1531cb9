"""Price-time priority: an incoming order against one side of the book."""

from lobsim.market.levels import HalfBook, Resting
from lobsim.market.messages import Cancelled, Event, Trade
from lobsim.market.units import AccountId, Lots, OrderId, Reason, SelfTrade, Side, Ticks

BUY = Side.BUY
ALLOW = SelfTrade.ALLOW


def match(
    taker_id: OrderId,
    taker: AccountId,
    other: HalfBook,
    limit: Ticks,
    size: Lots,
    resting: dict[OrderId, Resting],
    self_trade: SelfTrade,
    events: list[Event],
) -> Lots:
    """Trade up to `size` lots against `other` while its price is within `limit`.

    Events are appended.  Returns the lots left; 0 also where self-trade prevention has
    dropped the rest.
    """
    side = other.opposite
    while size:
        level = other.best
        if level is None:
            break
        price = level.price
        if price > limit if side is BUY else price < limit:
            break
        orders = level.orders
        while size and orders:
            maker = next(iter(orders.values()))
            maker_id, account, traded = maker.order_id, maker.account, maker.open
            if account == taker and self_trade is not ALLOW:
                if self_trade is not SelfTrade.CANCEL_TAKER:
                    del resting[maker_id]
                    other.remove(maker)
                    events.append(
                        Cancelled(maker_id, account, other.side, traded, Reason.SELF_TRADE)
                    )
                if self_trade is not SelfTrade.CANCEL_MAKER:
                    events.append(Cancelled(taker_id, taker, side, size, Reason.SELF_TRADE))
                    return 0
                continue
            if traded > size:
                traded = size
                maker.open -= size
            else:
                del orders[maker_id], resting[maker_id]
            size -= traded
            level.size -= traded
            other.size -= traded
            events.append(Trade(maker_id, taker_id, account, taker, side, price, traded))
        if not orders and other.best is level:
            other.drop_best()
    return size


def can_fill(
    taker: AccountId, other: HalfBook, limit: Ticks, size: Lots, self_trade: SelfTrade
) -> bool:
    """Whether `size` lots could trade at once, counting only what `self_trade` lets it take."""
    buys = other.opposite is BUY
    for level in other.levels():
        if level.price > limit if buys else level.price < limit:
            return False
        if self_trade is ALLOW:
            size -= level.size
        else:
            for maker in level.orders.values():
                if maker.account != taker:
                    size -= maker.open
                elif self_trade is not SelfTrade.CANCEL_MAKER:
                    return size <= 0
        if size <= 0:
            return True
    return False
