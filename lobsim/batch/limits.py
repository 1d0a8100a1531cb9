"""What becomes of accounts whose marks call for it, as the event engine's enforcement does."""

import numpy as np

from lobsim.batch import columns as c
from lobsim.batch.accounts import (
    COOLED,
    COOLING,
    HALTED,
    NO_CHANGE,
    OK,
    REDUCE_ONLY,
    equity,
    fill,
    renew,
    value,
    wanted_state,
)
from lobsim.batch.columns import Rows
from lobsim.batch.jit import SHARED, jitted
from lobsim.batch.orders import refresh, rung_row
from lobsim.batch.replies import note_reply
from lobsim.batch.tape_rows import write_fill, write_order, write_risk
from lobsim.compiled import NEVER
from lobsim.market.units import Reason
from lobsim.rows import CANCEL, CLOSE, FILLED, OUTCOME_OF, REPLACE, REPLACED

REQUESTED = OUTCOME_OF[Reason.REQUESTED]
close_price = SHARED["close_price"]


@jitted
def due(k: Rows, a: int) -> None:
    """An account is asked, once all of this instant has arrived."""
    k[a, c.DUE] = 1
    k[0, c.ROUND_DUE] = 1


@jitted
def wake(k: Rows, a: int) -> None:
    """An account has a fill to answer, where makers are asked after fills; one away from the
    exchange is still to hear of it.
    """
    if k[a, c.DESK]:
        note_reply(k, a, 1)
    elif k[0, c.REQUOTE]:
        due(k, a)


@jitted
def withdraw(k: Rows, r: int, block: int) -> None:
    row = k[r]
    side, size = 1 if block == c.BID else -1, row[block + c.OPEN]
    row[block + c.OPEN] = 0
    k[0, c.FED] += 1
    refresh(k, block)
    write_order(k, row[block + c.ID], row[c.OWNER], CANCEL, side, 0, size, 0, 0, REQUESTED)
    note_reply(k, row[c.OWNER], 0)


@jitted
def oldest(k: Rows, a: int, after: int) -> tuple[int, int, int]:
    """The account's open order of the lowest id beyond `after`: its row, 0 for none, its block, and
    what the next is after.  (An account alone in the market of a batch has no ids.)
    """
    found, side, lowest = 0, c.BID, NEVER
    for i in range(1 + k[a, c.OUTERS]):
        r = rung_row(k, a, i)
        for block in (c.BID, c.ASK):
            id_and_place = k[r, block + c.ID] << 8 | 2 * i | (block == c.ASK)
            if k[r, block + c.OPEN] and after < id_and_place < lowest:
                found, side, lowest = r, block, id_and_place
    return found, side, lowest


@jitted
def withdraw_all(k: Rows, a: int) -> None:
    r, block, at = oldest(k, a, -1)
    while r:
        withdraw(k, r, block)
        r, block, at = oldest(k, a, at)


@jitted
def withdraw_excess(k: Rows, a: int, limit: int) -> None:
    """Leave open, of the oldest orders, only what keeps the inventory within a limit if it is
    filled; or, where it is past that now, what shrinks it.
    """
    lots = k[a, c.LOTS]
    bids, asks = max(0, limit - lots), max(0, limit + lots)
    r, block, at = oldest(k, a, -1)
    while r:
        row = k[r]
        side, size = 1 if block == c.BID else -1, row[block + c.OPEN]
        room = bids if block == c.BID else asks
        if not room:
            withdraw(k, r, block)
        elif size > room:
            row[block + c.OPEN] = room
            k[0, c.FED] += 1
            order_id, price = row[block + c.ID], row[block + c.PRICE]
            write_order(k, order_id, a, REPLACE, side, price, room, 0, room, REPLACED)
            note_reply(k, a, 0)
        if block == c.BID:
            bids = max(0, room - size)
        else:
            asks = max(0, room - size)
        r, block, at = oldest(k, a, at)


@jitted
def close_out(k: Rows, a: int) -> None:
    """Trade an account's inventory with the outside, at the mid worse by the closing cost."""
    lots = k[a, c.LOTS]
    if not lots:
        return
    f = k.view(np.float64)
    price = close_price(f[0, c.MID], f[0, c.CLOSE_COST], lots > 0)
    k[0, c.IDS] += 1
    order_id, side, size = k[0, c.IDS], -1 if lots > 0 else 1, abs(lots)
    fill(k, a, -lots, price, 0)
    fill(k, 0, lots, price, 0)
    write_order(k, order_id, a, CLOSE, side, price, size, size, 0, FILLED)
    write_fill(k, 0, order_id, 0, a, side, price, size, 0, 0, 0, 0)
    value(k, a)
    wake(k, a)


@jitted
def enter(k: Rows, a: int, state: int, cause: int, figure: int, limit: int, for_good: bool) -> None:
    """Make a transition, and withdraw what the new state does not allow.

    A halt `for_good` has no cool-down.
    """
    m, row = k[0], k[a]
    row[c.STATE] = state
    write_risk(k, a, state, cause, figure, limit)
    note_reply(k, a, 0)
    if state == REDUCE_ONLY:
        withdraw_excess(k, a, 0)
    elif state == HALTED:
        row[c.HALTS] += 1
        withdraw_all(k, a)
        renew(k, a, 0, 0)
        if m[c.FLATTEN]:
            close_out(k, a)
        if m[c.COOLDOWN] and not for_good:
            row[c.STATE] = COOLING
            write_risk(k, a, COOLING, cause, 0, 0)
            note_reply(k, a, 0)
            row[c.COOL_AT] = m[c.NOW] + m[c.COOLDOWN]
            m[c.COOLINGS] += 1
            row[c.COOL_TURN] = m[c.COOLINGS]
            m[c.COOLS_AT] = min(m[c.COOLS_AT], row[c.COOL_AT])


@jitted
def resume(k: Rows) -> None:
    """The cool-down that is over first."""
    m = k[0]
    a = first_to_resume(k, m[c.COOLS_AT])
    k[a, c.COOL_AT] = NEVER
    m[c.COOLS_AT] = next_to_resume(k)
    resume_account(k, a)


@jitted
def first_to_resume(k: Rows, time: int) -> int:
    """Whose cool-down is over at `time`, of several the one that began first; 0 for nobody."""
    found = 0
    for a in range(1, k[0, c.ACCOUNTS]):
        if k[a, c.COOL_AT] == time and (not found or k[a, c.COOL_TURN] < k[found, c.COOL_TURN]):
            found = a
    return found


@jitted
def next_to_resume(k: Rows) -> int:
    soon = NEVER
    for a in range(1, k[0, c.ACCOUNTS]):
        soon = min(soon, k[a, c.COOL_AT])
    return soon


@jitted
def resume_account(k: Rows, a: int) -> None:
    row = k[a]
    row[c.STATE] = OK
    write_risk(k, a, OK, COOLED, 0, 0)
    note_reply(k, a, 0)
    row[c.BASE] = row[c.CREST] = equity(k, a)


@jitted
def look_after_move(k: Rows, a: int) -> None:
    state = wanted_state(k, a)
    if state != NO_CHANGE:
        enter(k, a, state, k[0, c.TOLD_CAUSE], k[0, c.TOLD_FIGURE], k[0, c.TOLD_LIMIT], False)


@jitted
def look_after_trade(k: Rows, a: int) -> None:
    """What a fill calls for waits until all trades of the command are done."""
    row, m = k[a], k[0]
    state = wanted_state(k, a)
    if state != NO_CHANGE and row[c.CALLED] != HALTED:
        m[c.CALLS] = 1
        row[c.CALLED] = state
        row[c.CAUSE], row[c.FIGURE], row[c.LIMIT] = (
            m[c.TOLD_CAUSE],
            m[c.TOLD_FIGURE],
            m[c.TOLD_LIMIT],
        )


@jitted
def act(k: Rows) -> None:
    """Make what was called for, in the order of the accounts."""
    k[0, c.CALLS] = 0
    for a in range(1, k[0, c.ACCOUNTS]):
        row = k[a]
        state = row[c.CALLED]
        if state != NO_CHANGE:
            row[c.CALLED] = NO_CHANGE
            enter(k, a, state, row[c.CAUSE], row[c.FIGURE], row[c.LIMIT], False)
