"""What a strategy answers, checked: whatever goes wrong in a plugin is told with its lines."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from lobsim.errors import PluginError, StorageError, lines_in, one_line, reraise_interrupt, text_of
from lobsim.market.desk import Desk
from lobsim.market.messages import Cancel, Command, LimitOrder, MarketOrder, Replace
from lobsim.market.risk import RiskMonitor
from lobsim.market.strategy import Answer, Strategy
from lobsim.market.units import (
    LARGEST,
    LARGEST_VALUE,
    SECOND,
    AccountId,
    Side,
    TimeInForce,
)
from lobsim.watch import TookTooLongError, Watch

COMMANDS_PER_ANSWER = 1000
LINES = 10  # of a plugin that are shown of one error
COMMANDS = (Cancel, LimitOrder, MarketOrder, Replace)
ORDERS = (LimitOrder, MarketOrder)
Question = Callable[[], Answer]


class StrategyFault(PluginError):  # noqa: N818  not raised by strategies themselves
    """What a strategy did wrong, told already with all that is known of it."""


class Answers:
    """Asks one strategy, in its own name, and takes nothing but commands for an answer."""

    def __init__(
        self,
        name: str,
        strategy: Strategy,
        desks: Mapping[AccountId, Desk],
        risks: Sequence[RiskMonitor],
        watch: Watch,
        events: Callable[[], int],
    ) -> None:
        """`events` counts what is on the tape, 0 where there is none."""
        self._name = name
        self._strategy = strategy
        self._desks = desks
        self._owns = [(risk.account, risk.orders) for risk in risks]
        self._clock = next(iter(desks.values()))
        self._watch = watch
        self._events = events

    def to(self, hook: str, question: Question) -> list[Command]:
        """Raises PluginError for anything but commands of this account."""
        before = self._owned()
        watch = self._watch
        watch.begin(self._name)
        try:
            commands = as_list(question())
            in_time = watch.end()
        except (StrategyFault, StorageError):
            watch.end()
            raise
        except TookTooLongError as error:
            watch.end()
            raise self._late(hook, error) from None
        except BaseException as error:
            in_time = watch.end()
            reraise_interrupt(error)
            if not in_time:
                raise self._late(hook, error) from None
            raise self.fault(hook, one_line(error), error) from error
        if not in_time:
            raise self._late(hook)
        self.check_count(hook, len(commands))
        for command in commands:
            self._check(hook, command)
        if self._owned() != before:
            raise self.fault(hook, "it changed its account or its orders other than by commands")
        return commands

    def _check(self, hook: str, command: Any) -> None:
        own = type(command) in COMMANDS and type(command.account) is int
        if not own or command.account not in self._desks:
            raise self.fault(
                hook, f"answer with what the desk's verbs build, None or (); got {text_of(command)}"
            )
        if not packable(command):
            raise self.fault(hook, f"no order can be of this price and size: {text_of(command)}")
        newest = self._desks[command.account].newest
        if type(command) in ORDERS and command.order_id > newest:
            raise self.fault(hook, f"the id {command.order_id} is not one that the desk gave")

    def _late(self, hook: str, error: BaseException | None = None) -> PluginError:
        what = f"no answer after {self._watch.timeout_s:g} s (plugin_timeout_s)"
        return self.fault(hook, what, error)

    def check_count(self, hook: str, count: int) -> None:
        """Raises PluginError where the answers of one instant are too many."""
        if count > COMMANDS_PER_ANSWER:
            raise self.fault(
                hook, f"{count} commands in one answer, {COMMANDS_PER_ANSWER} are allowed"
            )

    def fault(self, hook: str, what: str, error: BaseException | None = None) -> PluginError:
        """Names plugin, hook, simulated time and event; its own lines are notes."""
        seconds, events = self._clock.now_ns / SECOND, self._events()
        number = f" (event {events})" if events else ""
        module = sys.modules.get(type(self._strategy).__module__)
        lines = [] if error is None else lines_in(getattr(module, "__file__", None), error)
        place = f" ({lines[-1].partition(',')[0]})" if lines else ""
        told = StrategyFault(
            f"strategy '{self._name}': {hook} at {seconds:.9g} s{number}: {what}{place}"
        )
        for line in lines[:LINES]:
            told.add_note(f"  {line}")
        if len(lines) > LINES:
            told.add_note(f"  and {len(lines) - LINES} lines more")
        return told

    def _owned(self) -> list[tuple[int, ...]]:
        """What no plugin may change by itself."""
        return [
            (own.cash, own.inventory, own.fees, orders.bids, orders.asks)
            for own, orders in self._owns
        ]


def as_list(answer: Any) -> list[Any]:
    """An answer as a list, no longer than it takes to see that it is too long."""
    if isinstance(answer, list | tuple):
        return list(answer)
    if isinstance(answer, Iterable):
        return list(islice(answer, COMMANDS_PER_ANSWER + 1))
    return [] if answer is None else [answer]


def packable(command: Command) -> bool:
    """Whether a command's numbers are whole and within what accounts and tape can hold, and its
    side and time in force such.
    """
    numbers = [
        getattr(command, key) for key in ("order_id", "size", "price") if hasattr(command, key)
    ]
    return (
        all(type(n) is int and 0 <= n <= LARGEST for n in numbers)
        and type(command.account) is int
        and type(getattr(command, "side", Side.BUY)) is Side
        and type(getattr(command, "time_in_force", TimeInForce.GTC)) is TimeInForce
        and getattr(command, "size", 0) * getattr(command, "price", 1) <= LARGEST_VALUE
    )
