"""An account's own quotes: which order is which rung of its ladders, and what steers it there.

A rung keeps its order: one that is right already stays in its place in the queue.
"""

import math
from collections.abc import Callable, Sequence

from lobsim.compiled import ask_price, bid_price
from lobsim.market.book import Book
from lobsim.market.knowledge import Knowledge
from lobsim.market.messages import Cancel, Command, LimitOrder, Replace
from lobsim.market.risk import RiskMonitor, State
from lobsim.market.sight import Sight
from lobsim.market.strategy import Market
from lobsim.market.units import Lots, OrderId, Side, Ticks

BUY, SELL = Side.BUY, Side.SELL
REDUCE_ONLY = State.REDUCE_ONLY
NO_QUOTE: tuple[Ticks, Lots] = 0, 0


class Quoting(Sight):
    """A trader's view of the market, and its own quotes in it."""

    def __init__(
        self,
        risk: RiskMonitor,
        book: Book,
        market: Market,
        new_id: Callable[[], OrderId],
        knowledge: Knowledge | None,
        asset: str,
    ) -> None:
        under_way = () if knowledge is None else knowledge.under_way
        super().__init__(risk, book, market, under_way, asset)
        # Own orders by id, as they are or will be once all that is under way has arrived.
        self._standing = risk.orders.by_id if knowledge is None else knowledge.expected
        self.quoted = self.saturated = 0  # quotes sent, and those beyond the flow's d0
        self.least_depth = math.inf  # of those beyond d0
        # Ids given to new quotes in answers that are still being collected (`Trader.catch_up`).
        self.unsent: set[OrderId] | None = None
        self._account_id = risk.number
        self.newest: OrderId = 0  # the last id that this desk gave
        self._take_id = new_id
        self._floor = -market.d0 / market.tick
        self._bid_id: OrderId = 0
        self._ask_id: OrderId = 0
        # Beyond the best rung; empty where plain quotes are, for which no list is made.
        self._outer_bids: list[OrderId] = []
        self._outer_asks: list[OrderId] = []

    def quote_at(self, bid_depth: float, ask_depth: float, size: Lots) -> list[Command]:
        """Quote one price a side, at these depths in ticks."""
        if self._outer_bids:
            return self.ladder_at([bid_depth], [ask_depth], [size])
        limit, inventory = self._risk.max_inventory, self._account.inventory
        if self._risk.state is REDUCE_ONLY:
            limit = 0
        bid_room, ask_room = limit - inventory, limit + inventory
        if self._risk.pool is not None:
            bid_room, ask_room = self._risk.pooled(bid_room, ask_room)
        bid_size = size if size <= bid_room else bid_room
        ask_size = size if size <= ask_room else ask_room
        bid = ask = 0
        commands: list[Command] = []
        if bid_depth < math.inf and bid_size > 0:
            bid = bid_price(self.mid_ticks, bid_depth)
            self.quoted += 1
            if bid_depth < self._floor:
                self._saturate(bid_depth)
        if ask_depth < math.inf and ask_size > 0:
            ask = ask_price(self.mid_ticks, ask_depth)
            self.quoted += 1
            if ask_depth < self._floor:
                self._saturate(ask_depth)
            if bid >= ask:
                raise self._crossed(bid, ask)
        self._bid_id = self._steer(self._bid_id, BUY, bid, bid_size, commands)
        self._ask_id = self._steer(self._ask_id, SELL, ask, ask_size, commands)
        return commands

    def ladder_at(
        self, bid_depths: Sequence[float], ask_depths: Sequence[float], sizes: Sequence[Lots]
    ) -> list[Command]:
        """Quote several prices a side, at these depths in ticks, best first.

        Each rung is steered as `quote_at` steers its one; rungs there are no more are withdrawn.
        """
        limit, inventory = self._risk.max_inventory, self._account.inventory
        if self._risk.state is REDUCE_ONLY:
            limit = 0
        bid_room, ask_room = self._risk.pooled(limit - inventory, limit + inventory)
        bids = self._rungs(bid_price, bid_depths, sizes, bid_room)
        asks = self._rungs(ask_price, ask_depths, sizes, ask_room)
        bid, ask = bids[0][0], asks[0][0]
        if bid >= ask > 0:
            raise self._crossed(bid, ask)
        commands: list[Command] = []
        self._outer_bids = self._steer_outer(self._outer_bids, BUY, bids, commands)
        self._bid_id = self._steer(self._bid_id, BUY, *bids[0], commands)
        self._outer_asks = self._steer_outer(self._outer_asks, SELL, asks, commands)
        self._ask_id = self._steer(self._ask_id, SELL, *asks[0], commands)
        return commands

    def _rungs(
        self,
        price_at: Callable[[float, float], Ticks],
        depths: Sequence[float],
        sizes: Sequence[Lots],
        room: Lots,
    ) -> list[tuple[Ticks, Lots]]:
        """Price and size of every rung of a side, which has `room` for so many lots: the best
        come first.
        """
        rungs = []
        for depth, size in zip(depths, sizes, strict=True):
            if depth == math.inf or room <= 0:
                rungs.append(NO_QUOTE)
                continue
            self.quoted += 1
            if depth < self._floor:
                self._saturate(depth)
            rungs.append((price_at(self.mid_ticks, depth), min(size, room)))
            room -= size
        return rungs

    def _steer_outer(
        self,
        ids: list[OrderId],
        side: Side,
        rungs: list[tuple[Ticks, Lots]],
        commands: list[Command],
    ) -> list[OrderId]:
        """Bring all but the best rung to where they should be; the ids of their orders.

        The outermost first: what an inventory limit cuts there makes room further in.
        """
        wanted = rungs[1:]
        rest = len(wanted) - len(ids)
        ids = ids + [0] * rest
        wanted += [NO_QUOTE] * -rest
        for i in reversed(range(len(ids))):
            ids[i] = self._steer(ids[i], side, *wanted[i], commands)
        return ids[: len(rungs) - 1]

    def _steer(
        self, order_id: OrderId, side: Side, price: Ticks, size: Lots, commands: list[Command]
    ) -> OrderId:
        """Bring the order of one rung to `price`, 0 for none; its id."""
        order = self._standing.get(order_id)
        if order is None:
            unsent = self.unsent
            said = unsent is not None and order_id in unsent
            if not price:
                if said:
                    commands.append(Cancel(order_id, self._account_id))
                return 0
            if not said:
                order_id = self._new_id()
                if unsent is not None:
                    unsent.add(order_id)
            commands.append(LimitOrder(order_id, self._account_id, side, price, size))
        elif not price:
            commands.append(Cancel(order_id, self._account_id))
        elif order.price != price or order.size != size:
            commands.append(Replace(order_id, self._account_id, price, size))
        return order_id

    def _new_id(self) -> OrderId:
        self.newest = order_id = self._take_id()
        return order_id

    def _saturate(self, depth: float) -> None:
        """A quote further through the mid than any order's reach: closer is no more likely hit."""
        self.saturated += 1
        self.least_depth = min(self.least_depth, depth)

    def _crossed(self, bid: Ticks, ask: Ticks) -> ValueError:
        bid_is, ask_is = f"{bid * self._tick:.12g}", f"{ask * self._tick:.12g}"
        return ValueError(f"the bid {bid_is} is not below the ask {ask_is}")
