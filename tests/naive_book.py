"""The book once more, as one plain list in order of placement: simple, slow, obviously right."""

import copy
import dataclasses
from collections.abc import Iterator

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
from lobsim.market.units import (
    LARGEST,
    AccountId,
    Lots,
    OrderId,
    Reason,
    SelfTrade,
    Side,
    Ticks,
    TimeInForce,
)


@dataclasses.dataclass
class Order:
    order_id: OrderId
    account: AccountId
    side: Side
    price: Ticks
    open: Lots
    post_only: bool = False


class NaiveBook:
    def __init__(self, self_trade: SelfTrade = SelfTrade.ALLOW) -> None:
        self.self_trade = self_trade
        self.orders: list[Order] = []

    def apply(self, command: Command) -> list[Event]:
        reason = next(self.objections(command), None)
        if reason is not None:
            return [Rejected(command.order_id, command.account, reason)]
        match command:
            case Cancel():
                return self.drop(self.find(command), "requested")
            case Replace():
                return self.replace(self.find(command), self.wanted(command))
            case MarketOrder():
                order = self.wanted(command)
                return self.take(order) + self.drop(order, "no_liquidity")
            case LimitOrder():
                order = self.wanted(command)
                taken = self.take(order)
                rests = command.time_in_force == TimeInForce.GTC
                return taken + (self.rest(order) if rests else self.drop(order, "ioc_rest"))

    def depth(self, side: Side) -> list[tuple[Ticks, list[tuple[OrderId, Lots]]]]:
        queue = self.queue(side)
        prices = dict.fromkeys(order.price for order in queue)
        return [(p, [(o.order_id, o.open) for o in queue if o.price == p]) for p in prices]

    def objections(self, command: Command) -> Iterator[Reason]:
        """Why a command is refused; the first reason is told."""
        if isinstance(command, Cancel | Replace) and self.find(command) is None:
            yield Reason.UNKNOWN_ID
        if isinstance(command, Cancel):
            return
        if not is_whole(command.size, least=0 if isinstance(command, Replace) else 1):
            yield Reason.BAD_SIZE
        if not isinstance(command, MarketOrder) and not is_whole(command.price, least=1):
            yield Reason.BAD_PRICE
        ids = [order.order_id for order in self.orders]
        if not isinstance(command, Replace) and command.order_id in ids:
            yield Reason.DUPLICATE_ID
        order = self.wanted(command)
        if order.open and order.post_only and self.crosses(order):
            yield Reason.WOULD_CROSS
        time_in_force = getattr(command, "time_in_force", None)
        if time_in_force == TimeInForce.FOK and self.fillable(order) < order.open:
            yield Reason.FOK_UNFILLABLE
        stays = isinstance(command, Replace) or time_in_force == TimeInForce.GTC
        if stays and self.lots_at(order) + order.open > LARGEST:
            yield Reason.LEVEL_FULL

    def wanted(self, command: LimitOrder | MarketOrder | Replace) -> Order:
        """The order as the command would have it."""
        if isinstance(command, Replace):
            return dataclasses.replace(self.find(command), price=command.price, open=command.size)
        any_price = LARGEST if command.side == Side.BUY else 1
        price = getattr(command, "price", any_price)
        post_only = getattr(command, "post_only", False)
        return Order(
            command.order_id, command.account, command.side, price, command.size, post_only
        )

    def replace(self, old: Order, new: Order) -> list[Event]:
        if new.open == 0:
            return self.drop(old, "requested")
        told = new.order_id, new.account, new.side, new.price, new.open
        if new.price == old.price and new.open <= old.open:
            old.open = new.open
            return [Replaced(*told, ahead=None)]
        self.orders.remove(old)
        replaced = Replaced(*told, ahead=self.lots_at(new))
        taken = self.take(new)
        rested = self.rest(new)
        return [replaced, *taken, *rested] if taken else [replaced]

    def queue(self, side: int) -> list[Order]:
        """Best price first; orders of one price stay in order of placement."""
        orders = [order for order in self.orders if order.side == side]
        return sorted(orders, key=lambda order: -side * order.price)

    def take(self, taker: Order) -> list[Event]:
        events: list[Event] = []
        for maker in self.queue(-taker.side):
            if not taker.open or taker.side * maker.price > taker.side * taker.price:
                break
            if maker.account == taker.account and self.self_trade != "allow":
                if self.self_trade in ("cancel_maker", "cancel_both"):
                    events += self.drop(maker, "self_trade")
                if self.self_trade in ("cancel_taker", "cancel_both"):
                    events += self.drop(taker, "self_trade")
                continue
            size = min(maker.open, taker.open)
            maker.open -= size
            taker.open -= size
            ids = maker.order_id, taker.order_id, maker.account, taker.account
            events.append(Trade(*ids, taker.side, maker.price, size))
        self.orders = [order for order in self.orders if order.open]
        return events

    def rest(self, order: Order) -> list[Event]:
        if order.open == 0:
            return []
        ahead = self.lots_at(order)
        self.orders.append(order)
        told = order.order_id, order.account, order.side, order.price, order.open
        return [Rested(*told, ahead)]

    def drop(self, order: Order, reason: str) -> list[Event]:
        """End an order, in the book or not; nothing happens to one that is filled."""
        if order.open == 0:
            return []
        size, order.open = order.open, 0
        self.orders = [order for order in self.orders if order.open]
        return [Cancelled(order.order_id, order.account, order.side, size, Reason(reason))]

    def find(self, command: Cancel | Replace) -> Order | None:
        whose = command.order_id, command.account
        return next((o for o in self.orders if (o.order_id, o.account) == whose), None)

    def crosses(self, order: Order) -> bool:
        return any(
            order.side * o.price <= order.side * order.price for o in self.queue(-order.side)
        )

    def lots_at(self, order: Order) -> Lots:
        """What the others of this side have open at the order's price."""
        level = [o for o in self.orders if (o.side, o.price) == (order.side, order.price)]
        return sum(o.open for o in level if o.order_id != order.order_id)

    def fillable(self, order: Order) -> Lots:
        """What would trade, found by trying it on a copy of the book."""
        book, taker = copy.deepcopy((self, order))
        return sum(event.size for event in book.take(taker) if isinstance(event, Trade))


def is_whole(number: object, least: int) -> bool:
    return type(number) is int and least <= number <= LARGEST
