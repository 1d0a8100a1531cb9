"""A trading day: the open, the rounds of questions, and the close.

In a round all who are due decide on one snapshot of the market.  Then all changes that retreat
from the market apply, then those that advance or are new, each by turn: one uniform number
per trader and round, lowest first.  Where makers requote continuously they are asked before the
first order of an instant, be it from outside or from a trader who takes.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from operator import methodcaller
from typing import NamedTuple

from simpy import Environment, Event

from lobsim.errors import PluginError
from lobsim.kernel.enforcement import Enforcement
from lobsim.kernel.exchange import Exchange
from lobsim.kernel.instants import ROUND, TIMER, at
from lobsim.kernel.outside import outside
from lobsim.kernel.trader import Trader
from lobsim.market.messages import Command, LimitOrder, MarketOrder
from lobsim.market.units import AccountId, Nanos, TimeInForce
from lobsim.models.world import Happening

ROUNDS_PER_INSTANT = 1000
QUOTE: Callable[[Trader], list[Command]] = methodcaller("quote")


class Answered(NamedTuple):
    """A trader's answer, in the order of turns."""

    turn: float
    number: int
    trader: Trader
    commands: list[Command]


class TradingDay:
    """Runs one market from 0 to its end."""

    def __init__(
        self,
        exchanges: Sequence[Exchange],
        duration: Nanos,
        requote: Nanos | None,
        close: bool,
        bench: bool,
    ) -> None:
        """`requote` is the period of the timer, None for continuous requoting; `close` says
        whether inventories left at the end are traded with the outside, `bench` whether a
        strategy that fails is taken out of the market instead of ending the run.
        """
        self.env = Environment(initial_time=0)
        self._exchanges = exchanges
        self._clock = exchanges[0].clock
        self._tape = exchanges[0].tape
        self.traders: list[Trader] = []
        self._duration = duration
        self._requote = requote
        self._close = close
        self._bench = bench
        self.benched: dict[str, PluginError] = {}  # strategies that failed, by name
        self._due: set[Trader] = set()
        self._answered: set[Trader] = set()  # who sent commands when last asked
        self._round_set = False
        self._rounds_at = (-1, 0)  # the instant of the last round, and how many it has had
        self._quoters: list[Trader] = []

    def admit(self, trader: Trader) -> None:
        """Seat a trader; the order of the seats is that of the accounts."""
        self.traders.append(trader)
        if trader.quotes:
            self._quoters.append(trader)

    def run(
        self,
        world: Iterable[list[Happening]],
        after_chunk: Callable[[list[Happening]], None],
    ) -> None:
        env = self.env
        for exchange in self._exchanges:
            exchange.enforcement.cool_down = self._cool_down
            exchange.on_public = [
                trader.hear_public
                for trader in self.traders
                if (trader.wants_mid or trader.wants_trade)
                and any(post.sees is exchange for post in trader.posts.values())
            ]
        self._ask([t for t in self.traders if t.wants_start], Trader.start)
        self._requoted()
        if self._requote is None:
            for exchange in self._exchanges:
                exchange.before_orders = self._requoted
            self._clock.first_at_this_instant()  # orders that come at 0 meet these quotes
        else:
            env.process(self._timer(self._requote))
        env.run(env.process(outside(env, world, self._exchanges, after_chunk)))
        self._end()

    def wake(self, trader: Trader) -> None:
        """A trader has something to answer, once the orders of this instant have been met."""
        self._due.add(trader)
        if not self._round_set:
            self._round_set = True
            at(self.env, self._clock.now, ROUND).callbacks.append(self._round)

    def _cool_down(self, enforcement: Enforcement, account: AccountId, duration: Nanos) -> None:
        def over(_: Event) -> None:
            self._clock.now = time
            enforcement.resume(account)

        time = self._clock.now + duration
        at(self.env, time, TIMER).callbacks.append(over)

    def _timer(self, period: Nanos) -> Generator[Event, None, None]:
        for time in range(period, self._duration, period):
            yield at(self.env, time, TIMER)
            self._clock.now = time
            for trader in self._quoters:
                trader.due_to_quote = True
                self.wake(trader)

    def _round(self, _: Event) -> None:
        """Ask those who are due; what they do may make others due, in a further round."""
        self._round_set = False
        due = [trader for trader in self.traders if trader in self._due]
        self._due.clear()
        now = self._clock.now
        count = self._rounds_at[1] + 1 if self._rounds_at[0] == now else 1
        self._rounds_at = (now, count)
        if count > ROUNDS_PER_INSTANT:
            names = ", ".join(f"'{trader.name}'" for trader in due)
            stuck = PluginError(
                f"no progress in simulated time: {count} rounds of questions at {now} ns; "
                f"still answering: {names}"
            )
            for trader in self._answered & set(due):
                self._failed(trader, stuck)
            return
        answers = self._answers(due, Trader.catch_up)
        if self._requote is None:
            answers = self._makers_first(answers)
        self._apply(answers)
        if self._requote is not None:
            self._renew_presences()

    def _requoted(self) -> None:
        """Ask all who quote."""
        self._ask(self._quoters, QUOTE)
        self._renew_presences()

    def _renew_presences(self) -> None:
        for exchange in self._exchanges:
            exchange.renew_presences()

    def _ask(self, traders: list[Trader], question: Callable[[Trader], list[Command]]) -> None:
        self._apply(self._answers(traders, question))

    def _makers_first(self, answers: list[Answered]) -> list[Answered]:
        """Let the makers requote if orders to trade are about to come; what is left to apply.

        Who takes has said already what it wants at this instant, and is not asked again.
        """
        taking = [each for each in answers if any(map(takes, each.commands))]
        if not taking or not self._clock.first_at_this_instant():
            return answers
        self._apply([each for each in answers if each not in taking])
        takers = {each.trader for each in taking}
        self._ask([trader for trader in self._quoters if trader not in takers], QUOTE)
        self._renew_presences()
        return taking

    def _answers(
        self, traders: list[Trader], question: Callable[[Trader], list[Command]]
    ) -> list[Answered]:
        """What each says, in the order of the turns drawn."""
        now = self._clock.now
        answers, failed = [], []
        for number, trader in enumerate(traders):
            turn = trader.draw_turn()
            if trader.stopped or (self.benched and trader.name in self.benched):
                trader.forget()
                continue
            trader.look(now)
            try:
                commands = question(trader)
            except PluginError as error:
                failed.append((trader, error))
                continue
            if commands:
                answers.append(Answered(turn, number, trader, commands))
        self._answered = {each.trader for each in answers}
        for trader, fault in failed:
            self._failed(trader, fault)
        if len(answers) > 1:
            answers.sort()
        return answers

    def _apply(self, answers: list[Answered]) -> None:
        advances = []
        for each in answers:
            posts = each.trader.posts
            for command in each.commands:
                post = posts[command.account]
                if post.desk.retreats(command):
                    post.send(command)
                else:
                    advances.append((post.send, command))
        for send, command in advances:
            send(command)

    def _end(self) -> None:
        self._renew_presences()
        if self._tape is not None:
            self._tape.under_way = sum(trader.under_way() for trader in self.traders)
        if self._close:
            for trader in self.traders:
                for account, post in trader.posts.items():
                    post.exchange.enforcement.withdraw_all(account)
                    post.exchange.enforcement.close_out(account)
        for trader in self.traders:
            trader.look(self._clock.now)
            if trader.name in self.benched:
                continue
            try:
                trader.end()
            except PluginError as error:
                self._failed(trader, error)

    def _failed(self, trader: Trader, error: PluginError) -> None:
        if not self._bench:
            raise error
        self.benched[trader.name] = error
        for account, post in trader.posts.items():
            post.exchange.enforcement.bench(account)


def takes(command: Command) -> bool:
    """Whether a command wants to trade, or nothing: quotes rest."""
    if type(command) is LimitOrder:
        return command.time_in_force is not TimeInForce.GTC
    return type(command) is MarketOrder
