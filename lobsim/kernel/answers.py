"""What a strategy answers, checked: whatever goes wrong in a plugin is told with its lines."""

import sys
from collections.abc import Callable, Iterable
from typing import Any

from lobsim.errors import PluginError, from_the_terminal, lines_in
from lobsim.market.desk import Desk
from lobsim.market.messages import Command
from lobsim.market.risk import RiskMonitor
from lobsim.market.strategy import Answer, Strategy
from lobsim.market.units import LARGEST, LARGEST_VALUE, SECOND
from lobsim.watch import TookTooLongError, Watch

COMMANDS_PER_ANSWER = 1000
Question = Callable[[], Answer]


class Answers:
    """Asks one strategy, in its own name, and takes nothing but commands for an answer."""

    def __init__(
        self,
        name: str,
        strategy: Strategy,
        desk: Desk,
        risk: RiskMonitor,
        watch: Watch,
        events: Callable[[], int],
    ) -> None:
        """`events` counts what is on the tape, 0 where there is none."""
        self._name = name
        self._strategy = strategy
        self._desk = desk
        self._risk = risk
        self._watch = watch
        self._events = events

    def to(self, hook: str, question: Question) -> list[Command]:
        """Raises PluginError for anything but commands of this account."""
        before = self._owned()
        watch = self._watch
        watch.answers += 1
        watch.answering = self._name
        try:
            commands = as_list(question())
        except PluginError:
            raise
        except TookTooLongError as error:
            what = f"no answer after {watch.timeout_s:g} s (plugin_timeout_s)"
            raise self.fault(hook, what, error) from None
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt) and from_the_terminal(error):
                raise
            said = f"{type(error).__name__}: {' '.join(str(error).split())}"
            raise self.fault(hook, said, error) from error
        finally:
            watch.answering = None
        self.check_count(hook, len(commands))
        for command in commands:
            if not isinstance(command, Command) or command.account != self._risk.number:
                raise self.fault(
                    hook, f"answer with what the desk's verbs build, None or (); got {command!r}"
                )
            if not packable(command):
                raise self.fault(hook, f"no order can be of this price and size: {command}")
        if self._owned() != before:
            raise self.fault(hook, "it changed its account or its orders other than by commands")
        return commands

    def check_count(self, hook: str, count: int) -> None:
        """Raises PluginError where the answers of one instant are too many."""
        if count > COMMANDS_PER_ANSWER:
            raise self.fault(
                hook, f"{count} commands in one answer, {COMMANDS_PER_ANSWER} are allowed"
            )

    def fault(self, hook: str, what: str, error: BaseException | None = None) -> PluginError:
        """Names plugin, hook, simulated time and event; its own lines are notes."""
        seconds, events = self._desk.now_ns / SECOND, self._events()
        number = f" (event {events})" if events else ""
        module = sys.modules.get(type(self._strategy).__module__)
        lines = [] if error is None else lines_in(getattr(module, "__file__", None), error)
        place = f" ({lines[-1].partition(',')[0]})" if lines else ""
        told = PluginError(
            f"strategy '{self._name}': {hook} at {seconds:.9g} s{number}: {what}{place}"
        )
        for line in lines:
            told.add_note(f"  {line}")
        return told

    def _owned(self) -> tuple[int, ...]:
        """What no plugin may change by itself."""
        account, orders = self._risk.account, self._risk.orders
        return account.cash, account.inventory, account.fees, orders.bids, orders.asks


def as_list(answer: Any) -> list[Any]:
    if isinstance(answer, Iterable):
        return list(answer)
    return [] if answer is None else [answer]


def packable(command: Command) -> bool:
    """Whether the numbers of a command are whole and within what accounts and tape can hold."""
    numbers = [
        getattr(command, key) for key in ("order_id", "size", "price") if hasattr(command, key)
    ]
    return all(type(n) is int and 0 <= n <= LARGEST for n in numbers) and (
        getattr(command, "size", 0) * getattr(command, "price", 1) <= LARGEST_VALUE
    )
