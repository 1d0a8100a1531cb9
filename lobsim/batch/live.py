"""Quotes by compiled functions, and by an agent outside: each such account has a sheet.

On its sheet stand the numbers that it is asked with and answers by, as the event engine's
`lobsim.market.compiled_quote` has them.  That there are any the type of the tables says when a
caller is compiled, so that the machine code of other markets has nothing of them.
"""

import math
from ctypes import POINTER, c_double, cast
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from lobsim.batch import columns as c
from lobsim.batch.accounts import COOLING, HALTED
from lobsim.batch.columns import Rows
from lobsim.batch.jit import SHARED, hot, jitted
from lobsim.machine_code import CONFIG
from lobsim.market.compiled_quote import AS_C, SEEN, WIDEST, CompiledQuote
from lobsim.market.strategy import Market

observe = SHARED["observe"]

# Of a sheet: the function's address and how much memory it has (whole numbers), what does not
# change, the observation, the depths in currency, whether an agent has answered, the memory.
FUNCTION, COUNT, DURATION_S, FIRST_MID, TICK, REACH, NO_BID, NO_ASK, SEES = range(9)
BID, ASK, ANSWERED, MEMORY = range(SEES + SEEN, SEES + SEEN + 4)
AGENT = 0  # in the place of an address: it is answered from outside
FIRST = 8  # where the first sheet begins: 0 is none


class LiveTables(NamedTuple):
    """`Tables` where somebody has a sheet."""

    starts: c.Array
    depths: c.Array
    sheets: c.Array  # float64: one after another
    begins: c.Array  # the same as every replication begins


class Sheets:
    """The sheets of a pile, before its markets open."""

    def __init__(self) -> None:
        self.words = np.zeros(FIRST)

    def place(self, market: Market, reach: float, function: CompiledQuote) -> int:
        """Where an account's begins; `reach` is in ticks."""
        memory = function.memory
        sheet = np.zeros(MEMORY + len(memory))
        sheet.view(np.int64)[[FUNCTION, COUNT]] = function.address, len(memory)
        known = market.duration_s, market.mid, market.tick, reach
        sheet[[DURATION_S, FIRST_MID, TICK, REACH]] = known
        sheet[[NO_BID, NO_ASK]] = WIDEST / market.k
        sheet[MEMORY:] = memory
        self.words = np.concatenate([self.words, sheet])
        return len(self.words) - len(sheet)


def compiled_call(
    context: Any, address: Any, sheets: Any, seen: Any, memory: Any, count: Any, depths: Any
) -> Any:
    def call(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        word, number = ir.IntType(64), ir.DoubleType().as_pointer()
        kind = ir.FunctionType(word, [number, number, word, number]).as_pointer()
        base = context.make_array(sheets)(context, builder, values[1]).data
        at = [builder.gep(base, [values[i]]) for i in (2, 3, 5)]
        return builder.call(builder.inttoptr(values[0], kind), [at[0], at[1], values[4], at[2]])

    return types.int64(types.int64, sheets, *(types.int64,) * 4), call


def plain_call(address: int, sheets: Any, seen: int, memory: int, count: int, depths: int) -> Any:
    at = [cast(sheets.ctypes.data + 8 * int(i), POINTER(c_double)) for i in (seen, memory, depths)]
    return AS_C(int(address))(at[0], at[1], int(count), at[2])


# A function by its address, with what stands on a sheet; 0 where it has raised an error.
call: Any = plain_call if CONFIG.DISABLE_JIT else intrinsic(compiled_call)


@jitted
def rival_price(k: Rows, a: int, block: int) -> int:
    """The best price of a side that others than an account quote; 0 for none."""
    best = 0
    for r in range(1, k[0, c.ORDER_ROWS]):
        price = k[r, block + c.PRICE]
        if (
            k[r, block + c.OPEN]
            and k[r, c.OWNER] != a
            and (not best or (price > best) == (block == c.BID))
        ):
            best = price
    return int(best)


@jitted
def see(k: Rows, sheets: c.Array, a: int) -> None:
    """Write down what an account sees now."""
    m, s = k[0], k[a, c.SHEET]
    bid = ask = 0
    if m[c.ACCOUNTS] > 2:
        bid, ask = rival_price(k, a, c.BID), rival_price(k, a, c.ASK)
    observe(
        sheets, s + SEES, m[c.NOW], sheets[s + DURATION_S], k[a, c.LOTS],
        k.view(np.float64)[0, c.MID], sheets[s + FIRST_MID], sheets[s + TICK], bid, ask,
        sheets[s + NO_BID], sheets[s + NO_ASK],
    )  # fmt: skip


@jitted
def sheet_depths(k: Rows, sheets: c.Array, a: int) -> tuple[float, float]:
    """What an account answers, in ticks."""
    s = k[a, c.SHEET]
    words = sheets.view(np.int64)
    if words[s + FUNCTION] != AGENT:
        see(k, sheets, a)
        sheets[s + BID] = sheets[s + ASK] = math.nan
        function, count = words[s + FUNCTION], words[s + COUNT]
        if not call(function, sheets, s + SEES, s + MEMORY, count, s + BID):
            sheets[s + BID] = math.nan
    tick, reach = sheets[s + TICK], sheets[s + REACH]
    bid, ask = sheets[s + BID] / tick, sheets[s + ASK] / tick
    if not (bid > -math.inf and ask > -math.inf):  # also NaN
        k[0, c.STATUS] = c.FAULT
        return math.inf, math.inf
    if (bid != math.inf and abs(bid) > reach) or (ask != math.inf and abs(ask) > reach):
        k[0, c.STATUS] = c.OVERFLOW
        return math.inf, math.inf
    return bid, ask


@jitted
def live_begin(k: Rows, tables: Any) -> None:
    for i in range(len(tables.sheets)):
        tables.sheets[i] = tables.begins[i]


@hot
def never(k: Rows, tables: Any, everyone: bool) -> bool:
    """Nobody is outside."""
    return False


@hot
def live_pauses(k: Rows, tables: Any, everyone: bool) -> bool:
    """Whether the market has to wait for its agent, its last account, who is to be asked."""
    m, a = k[0], k[0, c.ACCOUNTS] - 1
    s, row, words = k[a, c.SHEET], k[a], tables.sheets.view(np.int64)
    if not s or words[s + FUNCTION] != AGENT or m[c.STATUS] != c.RUNNING:
        return False
    if row[c.STATE] == HALTED or row[c.STATE] == COOLING or not (everyone or row[c.DUE]):
        return False
    if words[s + ANSWERED]:
        words[s + ANSWERED] = 0
        return False
    see(k, tables.sheets, a)
    m[c.STATUS] = c.ASKED
    return True
