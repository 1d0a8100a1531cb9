"""Makers asked in the compiled market: rounds and turns.

As `lobsim.market.desk` and `lobsim.kernel.trading_day` do: all who are asked decide on one
snapshot; then what retreats applies, then what advances or is new, each by turn.
"""

import numpy as np

from lobsim.batch import columns as c
from lobsim.batch.accounts import COOLING, HALTED, OK, renew
from lobsim.batch.calm import retreats, set_all_down, set_down_by_turn
from lobsim.batch.columns import Rows
from lobsim.batch.distance import desk_of, send
from lobsim.batch.draws import uniform
from lobsim.batch.jit import hot, jitted
from lobsim.batch.orders import has_ladders, refresh_ask, refresh_bid, rung_row
from lobsim.batch.quotes import decide_outer, quote, steer
from lobsim.batch.tape_rows import Tables
from lobsim.batch.venue import renew_presences

ROUNDS_PER_INSTANT = 1000


@hot
def decide(k: Rows, tables: Tables, everyone: bool) -> int:
    """Ask the makers, all or those who are due; how many are listed in ANSWERED.

    It is CALM where no quote of before or after would meet any other and no limit can refuse
    one: then in whatever order they are carried out, none trades.
    """
    m, answers, ids = k[0], 0, k[0, c.IDS]
    sound, highest, lowest = m[c.FAR] == 0, m[c.BEST_BID], m[c.BEST_ASK]
    lowest = lowest if lowest else c.NO_ASK
    for a in range(1, m[c.ACCOUNTS]):
        row = k[a]
        if not everyone and not row[c.DUE]:
            continue
        d = answer(k, tables, a)
        if not d:
            continue
        desk = k[d]
        answers += 1
        k[answers, c.ANSWERED] = a
        ask = desk[c.ASK + c.NEXT_PRICE]
        highest = max(highest, desk[c.BID + c.NEXT_PRICE])
        lowest = min(lowest, ask if ask else c.NO_ASK)
        sound = sound and desk[c.STATE] == OK and row[c.SIZE] <= m[c.MAX_SIZE]
    m[c.CALM] = 1 if sound and highest < lowest else 0
    if has_ladders(k):
        decide_outer(k, tables, answers, ids)
    return answers


@hot
def answer(k: Rows, tables: Tables, a: int) -> int:
    """Ask one maker for its best quotes; the row that they are in, 0 for one that is stopped."""
    k[a, c.DUE] = 0
    k.view(np.float64)[a, c.TURN] = uniform(k.view(np.uint64)[a], c.STREAM)
    d = desk_of(k, tables, a)
    if k[d, c.STATE] == HALTED or k[d, c.STATE] == COOLING:
        return 0
    quote(k, tables, a, d)
    steer(k, d, c.BID)
    steer(k, d, c.ASK)
    return d


@jitted
def sort_by_turn(k: Rows, answers: int) -> None:
    turns = k.view(np.float64)[:, c.TURN]
    for last in range(2, answers + 1):
        a, i = k[last, c.ANSWERED], last
        while i > 1 and turns[k[i - 1, c.ANSWERED]] > turns[a]:
            k[i, c.ANSWERED] = k[i - 1, c.ANSWERED]
            i -= 1
        k[i, c.ANSWERED] = a


@jitted
def ask(k: Rows, tables: Tables, everyone: bool) -> None:
    """Ask the makers, all or those who are due, and carry out what they say."""
    m, answers = k[0], decide(k, tables, everyone)
    if m[c.RECORDING] or not m[c.CALM]:
        sort_by_turn(k, answers)
    if not m[c.CALM]:
        carry_out(k, tables, answers)
        return
    if m[c.RECORDING]:
        set_down_by_turn(k, answers)
    else:
        set_all_down(k, answers)
    refresh_bid(k)
    refresh_ask(k)


@jitted
def carry_out(k: Rows, tables: Tables, answers: int) -> None:
    """What retreats first, then what advances or is new, each by turn."""
    for i in range(1, answers + 1):
        a = k[i, c.ANSWERED]
        d = desk_of(k, tables, a)
        for block in (c.BID, c.ASK):
            for rung in range(k[a, c.OUTERS], -1, -1):
                r = rung_row(k, a, rung) if rung else d
                if retreats(k, r, block):
                    send(k, tables, a, r, block)
                    k[r, block + c.ACT] = c.NOTHING
    for i in range(1, answers + 1):
        a = k[i, c.ANSWERED]
        d = desk_of(k, tables, a)
        for block in (c.BID, c.ASK):
            for rung in range(k[a, c.OUTERS], -1, -1):
                r = rung_row(k, a, rung) if rung else d
                if k[r, block + c.ACT] != c.NOTHING:
                    send(k, tables, a, r, block)


@hot
def ask_alone(k: Rows, tables: Tables) -> None:
    """`ask`, and `renew_presences`, for an account alone in the market of a batch.

    Nobody is there to come before or after, no limit can refuse what is cut to it, and no row is
    to be written: both quotes just stand where they should.  Its turn, which nobody could see,
    is not drawn.
    """
    row = k[1]
    if row[c.STATE] != HALTED and row[c.STATE] != COOLING:
        quote(k, tables, 1, 1)
        for block in (c.BID, c.ASK):
            row[block + c.PRICE] = row[block + c.NEXT_PRICE]
            row[block + c.OPEN] = row[block + c.NEXT_SIZE]
    renew(k, 1, row[c.BID + c.PRICE], row[c.ASK + c.PRICE])


@jitted
def begin_round(m: c.Array) -> bool:
    """Count another round of questions; one too many at an instant stops the market."""
    m[c.ROUND_DUE] = 0
    m[c.ROUNDS] = m[c.ROUNDS] + 1 if m[c.ROUNDS_AT] == m[c.NOW] else 1
    m[c.ROUNDS_AT] = m[c.NOW]
    if m[c.ROUNDS] > ROUNDS_PER_INSTANT:
        m[c.STATUS] = c.STUCK
        return False
    return True


@jitted
def ask_round(k: Rows, tables: Tables) -> None:
    """Ask those who are due; what they do may make others due, in a further round."""
    if begin_round(k[0]):
        ask(k, tables, False)
        renew_presences(k)
