"""A trader: one strategy at its desk.  It hears, is asked, and answers with commands."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from lobsim.kernel.answers import Answers, Question
from lobsim.kernel.exchange import Exchange
from lobsim.market.compiled_quote import Asked, CompiledQuote
from lobsim.market.desk import Desk
from lobsim.market.messages import Cancel, Command, Event, Trade
from lobsim.market.risk import RiskMonitor, Transition
from lobsim.market.strategy import Fill, PublicTrade, Strategy
from lobsim.market.units import AccountId, Lots, Nanos, OrderId, Ticks
from lobsim.policy.quote_table import TickTable


class Sees(Protocol):
    """Where a trader reads the mid: the exchange itself, or its own late picture of it."""

    mid: float


class Post:
    """A trader's place at the exchange of one asset: its account there, and the way to it."""

    __slots__ = ("account", "desk", "exchange", "risk", "sees", "send", "under_way")

    def __init__(self, exchange: Exchange, desk: Desk, risk: RiskMonitor, sees: Sees) -> None:
        """`risk` is as the trader knows it."""
        self.account: AccountId = risk.number
        self.exchange = exchange
        self.desk = desk
        self.risk = risk
        self.sees = sees
        self.send: Callable[[Command], None] = exchange.submit
        self.under_way: Callable[[], int] = int  # own commands that have not arrived: none


class Trader:
    """Looks once, at the start, at which questions its strategy wants to be asked."""

    def __init__(
        self,
        name: str,
        strategy: Strategy,
        posts: Sequence[Post],
        desk: Any,
        answers: Answers,
        draw_turn: Callable[[], float],
        wake: Callable[["Trader"], None],
        table: TickTable | None,
        compiled: CompiledQuote | None,
        sizes: Sequence[Lots],
        quote_after_fills: bool,
    ) -> None:
        """`desk` is what the strategy is given: the Desk of its one post, or the Desks of all."""
        self.name = name
        self.posts = {post.account: post for post in posts}
        self._only = posts[0] if len(posts) == 1 else None  # which saves loops
        self._given = desk
        self.answers = answers
        self.draw_turn = draw_turn
        self.wants_start = overrides(strategy, "on_start")
        self.wants_mid = overrides(strategy, "on_mid")
        self.wants_trade = overrides(strategy, "on_trade")
        self.wants_fill = overrides(strategy, "on_fill")
        self._strategy = strategy
        self._quote_after_fills = quote_after_fills
        self._wake = wake
        self._unread: list[tuple[str, Question]] = []
        self._question = "on_quote"
        self._ask_strategy: Question = lambda: strategy.on_quote(desk)
        self.quote: Callable[[], list[Command]] = self._quote
        if table is not None:
            self.quote = self._ask_strategy = TableQuotes(table, self, posts[0], sizes).quote
        elif compiled is not None:
            self._question = "compiled_quote"
            self._ask_strategy = CompiledQuotes(compiled, posts[0].desk, sizes[0]).quote
        offers = table is not None or compiled is not None
        self.quotes = offers or overrides(strategy, "on_quote")
        self.listens = self.wants_fill or (quote_after_fills and self.quotes)
        self.due_to_quote = False

    @property
    def stopped(self) -> bool:
        """Whether all its accounts are halted or cooling."""
        if self._only is not None:
            return self._only.risk.stopped
        return all(post.risk.stopped for post in self.posts.values())

    def look(self, now: Nanos) -> None:
        """See what there is to see at this instant."""
        post = self._only
        if post is not None:
            desk = post.desk
            desk.now_ns, desk.mid_ticks = now, post.sees.mid
            return
        for post in self.posts.values():
            post.desk.now_ns, post.desk.mid_ticks = now, post.sees.mid

    def under_way(self) -> int:
        """Own commands that have not arrived."""
        return sum(post.under_way() for post in self.posts.values())

    # Hearing

    def hear(self, event: Event | Transition) -> None:
        """Something happened to an own order."""
        if type(event) is not Trade:
            return
        if self.wants_fill:
            maker, taker = self.posts.get(event.maker), self.posts.get(event.taker)
            bought = event.taker_side * event.size
            if maker is not None:
                self._hear_fill(maker.desk, event.maker_id, -bought, event.price, maker=True)
            if taker is not None:
                self._hear_fill(taker.desk, event.taker_id, bought, event.price, maker=False)
            self._wake(self)
        if self._quote_after_fills and self.quotes:
            self.due_to_quote = True
            self._wake(self)

    def _hear_fill(
        self, desk: Desk, order_id: OrderId, bought: Lots, ticks: Ticks, *, maker: bool
    ) -> None:
        fill = Fill(order_id, bought, ticks * desk.market.tick, maker, desk.asset)
        self._unread.append(("on_fill", lambda: self._strategy.on_fill(self._given, fill)))

    def hear_public(self, asset: str, trade: Trade | None) -> None:
        """Anyone traded in an asset, or (None) its mid moved."""
        if trade is None:
            if self.wants_mid:
                self._unread.append(("on_mid", lambda: self._strategy.on_mid(self._given)))
                self._wake(self)
        elif self.wants_trade:
            price = trade.price * self._given[asset].market.tick
            seen = PublicTrade(trade.taker_side, price, trade.size, asset)
            self._unread.append(("on_trade", lambda: self._strategy.on_trade(self._given, seen)))
            self._wake(self)

    def forget(self) -> None:
        """What was heard while nobody may answer is not asked about later."""
        self._unread.clear()
        self.due_to_quote = False

    # Answering

    def start(self) -> list[Command]:
        return self._answer([("on_start", lambda: self._strategy.on_start(self._given))])

    def _quote(self) -> list[Command]:
        return self._answer([(self._question, self._ask_strategy)])

    def catch_up(self) -> list[Command]:
        """Answers to all that was heard at this instant, and to `on_quote` if it is due."""
        due, self.due_to_quote = self.due_to_quote, False
        if not self._unread:
            return self.quote() if due else []
        unread, self._unread = self._unread, []
        if due:
            unread.append((self._question, self._ask_strategy))
        return self._answer(unread)

    def end(self) -> None:
        if overrides(self._strategy, "on_end"):
            self._answer([("on_end", lambda: self._strategy.on_end(self._given))])

    def _answer(self, questions: list[tuple[str, Question]]) -> list[Command]:
        """All answers are given on one snapshot: a later word on an order replaces an earlier."""
        last_word: dict[OrderId, Command] = {}
        unsent: set[OrderId] = set()
        self._collect_in(unsent)
        for name, question in questions:
            for command in self.answers.to(name, question):
                last_word.pop(command.order_id, None)
                if type(command) is not Cancel or command.order_id not in unsent:
                    last_word[command.order_id] = command
        self._collect_in(None)
        self.answers.check_count(name, len(last_word))
        return list(last_word.values())

    def _collect_in(self, unsent: set[OrderId] | None) -> None:
        for post in self.posts.values():
            post.desk.unsent = unsent


def overrides(strategy: Strategy, question: str) -> bool:
    return getattr(type(strategy), question) is not getattr(Strategy, question)


class TableQuotes:
    """Answers `on_quote` from a quote table: the row of the time, the column of the inventory."""

    def __init__(self, table: TickTable, trader: Trader, post: Post, sizes: Sequence[Lots]) -> None:
        self._trader = trader
        self._desk = post.desk
        self._account = post.risk.account
        self._sizes, self._size = sizes, sizes[0]
        self._ladder = table.rungs > 1
        self._starts, self._row = table.starts, 0
        self._lowest, self._last = table.lowest, table.last
        self._bid, self._ask = table.bid_depth, table.ask_depth

    def quote(self) -> list[Command]:
        desk = self._desk
        starts, row = self._starts, self._row
        while starts[row + 1] <= desk.now_ns:
            row += 1
        self._row = row
        column = self._account.inventory - self._lowest
        if column < 0:
            column = 0
        elif column > self._last:
            column = self._last
        try:
            if self._ladder:
                bids, asks = self._bid[row, column].tolist(), self._ask[row, column].tolist()
                return desk.ladder_at(bids, asks, self._sizes)
            return desk.quote_at(
                self._bid.item(row, column), self._ask.item(row, column), self._size
            )
        except ValueError as error:
            raise self._trader.answers.fault("quote_table", str(error)) from error


class CompiledQuotes:
    """Answers `on_quote` by a compiled function, of what the desk's owner knows."""

    def __init__(self, compiled: CompiledQuote, desk: Desk, size: Lots) -> None:
        self._asked = Asked(compiled)
        self._desk = desk
        self._size = size

    def quote(self) -> list[Command]:
        self._desk.observe(self._asked.observation)
        bid_depth, ask_depth = self._asked.answer()
        return self._desk.quote(bid_depth=bid_depth, ask_depth=ask_depth, size=self._size)
