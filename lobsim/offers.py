"""What a strategy offers instead of being asked: a table of quotes, or a compiled function."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from math import isnan
from types import FunctionType
from typing import Any

from lobsim.errors import (
    PluginError,
    ScenarioError,
    figure,
    lines_in,
    one_line,
    reraise_interrupt,
    shown,
    text_of,
)
from lobsim.market.compiled_quote import CompiledQuote
from lobsim.market.ladder import sizes_of
from lobsim.market.strategy import Market, Strategy
from lobsim.market.units import LARGEST_VALUE, Lots
from lobsim.plugins.parameters import ParameterError, refused
from lobsim.policy.quote_table import QuoteTable, TickTable
from lobsim.policy.unsolvable import UnsolvableError
from lobsim.scenario.schema import OneAsset, StrategySpec
from lobsim.watch import TookTooLongError, Watch

TABLE, COMPILED = "a table", "a compiled function"
LONGEST_MEMORY = 1_000_000  # numbers
Sizes = tuple[Lots, ...]


def offer_of(spec: StrategySpec, strategy: Strategy) -> str:
    """TABLE, COMPILED, or "" for a strategy that is asked.  Raises PluginError for both."""
    kind = type(strategy)
    tabled = kind.quote_table is not Strategy.quote_table
    compiled = kind.compiled_quote is not Strategy.compiled_quote
    if tabled and compiled:
        raise PluginError(
            f"strategy '{spec.name}': quote_table and compiled_quote: it can have only one of them"
        )
    return TABLE if tabled else COMPILED if compiled else ""


# Tables


def check_reach(
    spec: StrategySpec, table: TickTable, sizes: Sequence[Lots], scenario: OneAsset
) -> None:
    """Raises ParameterError where a table's furthest quote is worth more than an order may be."""
    tick = scenario.asset.tick
    depth = table.reach
    allowed = LARGEST_VALUE - float(scenario.asset.mid / tick)
    if depth > allowed:
        far, near = figure(depth * float(tick)), figure(allowed * float(tick))
        given = ", ".join(f"{key} = {shown(value)}" for key, value in spec.params.items())
        what = f"quotes {far} from the mid, at most {near} (1e15 ticks) can be"
        if len(spec.params) == 1:
            raise ParameterError((("params", *spec.params), what))
        raise ParameterError((("params",), f"{what}: {given or 'by default'}"))
    most = int(LARGEST_VALUE / (LARGEST_VALUE - allowed + depth))
    if max(sizes) > most:
        key = ("params", "size") if "size" in spec.params else ("params",)
        what = f"must be a whole number from 1 to {most}: price times size at most 1e15 ticks"
        raise ParameterError((key, what))


def table_of(
    spec: StrategySpec, strategy: Strategy, market: Market, timeout_s: float
) -> tuple[QuoteTable, Sizes]:
    """A strategy's own table, as soon as it gives one, and the sizes of its rungs.

    Raises ParameterError where the strategy names a parameter (`gamma = 9: must ...`),
    ScenarioError where the market lacks what it needs or a solver has no answer, and PluginError
    for all else.
    """
    table = told(spec, strategy, "quote_table", market, timeout_s)
    if not isinstance(table, QuoteTable):
        raise PluginError(
            f"strategy '{spec.name}': quote_table must return a QuoteTable, "
            f"returned {type(table).__name__}"
        )
    return table, sizes_for(spec, strategy, table.rungs)


def sizes_for(spec: StrategySpec, strategy: Strategy, rungs: int) -> Sizes:
    try:
        return tuple(sizes_of(strategy.size, rungs))
    except ValueError as error:
        raise PluginError(f"strategy '{spec.name}': {error}") from None


def told(
    spec: StrategySpec, strategy: Strategy, question: str, market: Market, timeout_s: float
) -> Any:
    """What a strategy says of a market before it opens, in time."""
    name = spec.name
    ask: Callable[[Market], Any] = getattr(strategy, question)
    watch = Watch(timeout_s)
    watch.begin(name)
    try:
        with watch.watching():
            answer = ask(market)
        in_time = watch.end()
    except (TookTooLongError, Exception, SystemExit, GeneratorExit, KeyboardInterrupt) as error:
        in_time = watch.end() and not isinstance(error, TookTooLongError)
        reraise_interrupt(error)
        if isinstance(error, ValueError) and str(error).partition(" = ")[0] in spec.params:
            raise refused(spec.plugin, spec.params, error) from None
        if isinstance(error, ScenarioError | UnsolvableError):
            said = [f"strategy '{name}': {line}" for line in str(error).splitlines()]
            raise ScenarioError(*said) from None
        what = one_line(error) if in_time else late(timeout_s)
        failure = PluginError(f"strategy '{name}': {question}: {what}")
        module = sys.modules.get(type(strategy).__module__)
        for line in lines_in(getattr(module, "__file__", None), error)[:20] if in_time else ():
            failure.add_note(f"  {line}")
        raise failure from error
    if not in_time:
        raise PluginError(f"strategy '{name}': {question}: {late(timeout_s)}")
    return answer


def late(timeout_s: float) -> str:
    return f"no answer after {timeout_s:g} s (plugin_timeout_s)"


# Compiled functions


def compiled_of(
    spec: StrategySpec, strategy: Strategy, market: Market, timeout_s: float
) -> tuple[CompiledQuote, Sizes]:
    """A strategy's function as machine code, and the size of its quotes.

    Raises as `table_of` does, and PluginError with the function's line where it cannot be compiled.
    """
    given = told(spec, strategy, "quote_memory", market, timeout_s)
    memory = memory_of(spec, given)
    sizes = sizes_for(spec, strategy, 1)
    asked = type(strategy).compiled_quote
    function = getattr(asked, "py_func", asked)  # of one that numba has marked already
    if not isinstance(function, FunctionType):
        raise PluginError(f"strategy '{spec.name}': compiled_quote must be a plain function")
    try:
        from lobsim.machine_code import address_of, again  # numba, 0.5 s

        address, kept = address_of(function)
    except (ValueError, ImportError) as error:
        raise PluginError(f"strategy '{spec.name}': compiled_quote: {error}") from None
    return CompiledQuote(address, memory, partial(again, function), kept), sizes


def memory_of(spec: StrategySpec, given: Any) -> tuple[float, ...]:
    try:
        memory = tuple(map(float, given))
    except (TypeError, ValueError):
        memory = (float("nan"),)
    if len(memory) > LONGEST_MEMORY or any(map(isnan, memory)):
        raise PluginError(
            f"strategy '{spec.name}': quote_memory must return numbers, {LONGEST_MEMORY:,} at "
            f"most; returned {text_of(given, 100)}"
        )
    return memory
