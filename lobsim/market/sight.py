"""What a trader knows, in currency and seconds: with latency, what it has heard of."""

from collections.abc import Iterable
from typing import Any, Self

from lobsim.compiled import observe
from lobsim.market.book import Book
from lobsim.market.compiled_quote import WIDEST
from lobsim.market.messages import Command
from lobsim.market.open_orders import OpenOrder
from lobsim.market.risk import RiskMonitor, State
from lobsim.market.strategy import Market
from lobsim.market.units import SECOND, Lots, Nanos, Side, Ticks

BUY, SELL = Side.BUY, Side.SELL


class Sight:
    """One account's view of the market.  `market` says what is known before it opens, and
    `asset` is the name of what is traded.
    """

    def __init__(
        self,
        risk: RiskMonitor,
        book: Book,
        market: Market,
        under_way: Iterable[Command] = (),
        asset: str = "asset",
    ) -> None:
        self.market = market
        self.asset = asset
        self.now_ns: Nanos = 0
        self.mid_ticks: float = 0.0
        self._account = risk.account
        self._orders = risk.orders
        self._risk = risk
        self._book = book
        self._under_way = under_way
        self._tick = market.tick

    @property
    def now(self) -> float:
        """Seconds since the start, by the trader's own clock, which is right."""
        return self.now_ns / SECOND

    @property
    def time_left(self) -> float:
        """Seconds to the end."""
        return self.market.duration_s - self.now_ns / SECOND

    # A strategy for several assets runs with one as well: its desk is of that one alone.

    @property
    def assets(self) -> tuple[str, ...]:
        """Names of all assets that the strategy trades: this one."""
        return (self.asset,)

    @property
    def covariance(self) -> tuple[tuple[float, ...], ...]:
        """Of the assets' mids per second, currency^2, as known before the market opens."""
        return ((self.market.sigma**2,),)

    @property
    def inventories(self) -> tuple[Lots, ...]:
        """Lots held of each asset."""
        return (self.inventory,)

    def __getitem__(self, asset: str) -> Self:
        if asset != self.asset:
            raise ValueError(f"no desk for the asset {asset!r}: there is {self.asset}")
        return self

    @property
    def mid(self) -> float:
        """The reference mid."""
        return self.mid_ticks * self._tick

    @property
    def best_bid(self) -> float | None:
        """The best bid in the book, own orders included; None while there is none."""
        return self._currency(self._book.best(BUY))

    @property
    def best_ask(self) -> float | None:
        return self._currency(self._book.best(SELL))

    @property
    def rival_bid(self) -> float | None:
        """The best bid of all others; None while there is none."""
        return self._currency(self._rival(BUY))

    @property
    def rival_ask(self) -> float | None:
        return self._currency(self._rival(SELL))

    @property
    def book_mid(self) -> float | None:
        """Half way between the best prices; None while a side is empty."""
        bid, ask = self._book.best(BUY), self._book.best(SELL)
        return None if bid is None or ask is None else (bid + ask) / 2 * self._tick

    def depth(self, side: Side) -> list[tuple[float, Lots]]:
        """The levels of a side, best first: price and lots."""
        return [
            (price * self._tick, sum(size for _, size in orders))
            for price, orders in self._book.depth(side)
        ]

    @property
    def orders(self) -> list[OpenOrder]:
        """Own resting orders, as copies (prices in ticks; `since` when, at the exchange)."""
        return [
            OpenOrder(o.order_id, o.side, o.price, o.size, o.since, o.ahead)
            for o in self._orders.by_id.values()
        ]

    @property
    def in_flight(self) -> list[Command]:
        """Commands sent whose reply has not come back; without latency there are none."""
        return list(self._under_way)

    @property
    def inventory(self) -> Lots:
        return self._account.inventory

    @property
    def cash(self) -> float:
        """Cash less fees."""
        return (self._account.cash - self._account.fees / 1000) * self._tick

    @property
    def equity(self) -> float:
        """Cash less fees, and the inventory at the mid."""
        return self.cash + self._account.inventory * self.mid

    @property
    def halted(self) -> bool:
        """Whether a limit has stopped the account: for good, or while it cools down."""
        return self._risk.stopped

    @property
    def reduce_only(self) -> bool:
        """Whether only orders that shrink the inventory may be sent."""
        return self._risk.state is State.REDUCE_ONLY

    def _currency(self, price: Ticks | None) -> float | None:
        return None if price is None else price * self._tick

    def observe(self, seen: Any, no_bid: float | None = None, no_ask: float | None = None) -> None:
        """Write what a quoting function sees into `seen` (5); how far others' best prices are said
        to be where there are none is 10 / k if left out.
        """
        market = self.market
        widest = WIDEST / market.k
        observe(
            seen, 0, self.now_ns, market.duration_s, self.inventory, self.mid_ticks, market.mid,
            self._tick, self._rival(BUY) or 0, self._rival(SELL) or 0,
            widest if no_bid is None else no_bid, widest if no_ask is None else no_ask,
        )  # fmt: skip

    def _rival(self, side: Side) -> Ticks | None:
        own, order = self._risk.number, self._book.order
        for price, orders in self._book.depth(side):
            for order_id, _ in orders:
                if (resting := order(order_id)) is not None and resting.account != own:
                    return price
        return None
