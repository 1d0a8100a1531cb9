"""Makers asked where assets are several: all decide on one snapshot of all books, and what they say
is carried out by turn, whatever asset it is of.
"""

from typing import Any

from lobsim.batch import columns as c
from lobsim.batch.accounts import OK
from lobsim.batch.calm import retreats, set_all_down, set_down_with_row
from lobsim.batch.columns import Rows
from lobsim.batch.distance import desk_of, either
from lobsim.batch.jit import jitted
from lobsim.batch.orders import refresh_ask, refresh_bid, rung_row
from lobsim.batch.pools import look
from lobsim.batch.questions import answer, begin_round, sort_by_turn
from lobsim.batch.quotes import decide_rungs, fits
from lobsim.batch.several import follow_all, give_back, lend, rows_of, seat_row
from lobsim.batch.venue import renew_presences, submit
from lobsim.batch.wires import answer as answer_command
from lobsim.batch.wires import send_command, serve


@jitted
def decide_all(w: Rows, tables: Any, everyone: bool) -> int:
    """Ask the makers, all or those who are due; their seats' rows are listed in ANSWERED.

    It is CALM where it would be in each asset, and nobody shares a limit to inventories.
    """
    head, answers = w[0], 0
    head[c.CALM] = 0 if head[c.FAR] else 1
    for asset in range(head[c.ASSETS]):
        own, m = w[1 + asset], rows_of(w, asset)[0]
        own[c.ANSWERS], own[c.TOP_BID] = 0, m[c.BEST_BID]
        own[c.LOW_ASK] = m[c.BEST_ASK] if m[c.BEST_ASK] else c.NO_ASK
    for number in range(head[c.SEATS]):
        seat = seat_row(w, number)
        asset, a = w[seat, c.AT_ASSET], w[seat, c.AT_ROW]
        k = rows_of(w, asset)
        if not everyone and not k[a, c.DUE]:
            continue
        lend(w, k)
        d = decide_one(w, k, tables, asset, a)
        give_back(w, k)
        if d:
            answers += 1
            w[answers, c.ANSWERED], w[seat, c.TURN] = seat, k[a, c.TURN]
            own = w[1 + asset]
            own[c.ANSWERS] += 1
            k[own[c.ANSWERS], c.ANSWERED] = a
    for asset in range(head[c.ASSETS]):
        if w[1 + asset, c.TOP_BID] >= w[1 + asset, c.LOW_ASK]:
            head[c.CALM] = 0
    return answers


@jitted
def decide_one(w: Rows, k: Rows, tables: Any, asset: int, a: int) -> int:
    """The row of a maker's best quotes, 0 for one that is stopped."""
    m, own, ids = k[0], w[1 + asset], k[0, c.IDS]
    d = answer(k, tables, a)
    if not d:
        return 0
    desk = k[d]
    ask = desk[c.ASK + c.NEXT_PRICE]
    own[c.TOP_BID] = max(own[c.TOP_BID], desk[c.BID + c.NEXT_PRICE])
    own[c.LOW_ASK] = min(own[c.LOW_ASK], ask if ask else c.NO_ASK)
    if desk[c.STATE] != OK or k[a, c.SIZE] > m[c.MAX_SIZE] or k[a, c.GROUP]:
        m[c.CALM] = 0
    if k[a, c.OUTERS]:
        m[c.IDS] = ids
        decide_rungs(k, tables, a, d)
        if not fits(k, a):
            m[c.CALM] = 0
    return int(d)


@jitted
def ask_all(w: Rows, tables: Any, everyone: bool) -> None:
    """Ask the makers, all or those who are due, and carry out what they say."""
    head, answers = w[0], decide_all(w, tables, everyone)
    if head[c.RECORDING] or not head[c.CALM]:
        sort_by_turn(w, answers)
        carry_out_all(w, tables, answers, True)
        carry_out_all(w, tables, answers, False)
        if not head[c.CALM]:
            return
    for asset in range(head[c.ASSETS]):
        if w[1 + asset, c.ANSWERS]:
            k = rows_of(w, asset)
            if not head[c.RECORDING]:
                set_all_down(k, w[1 + asset, c.ANSWERS])
            refresh_bid(k)
            refresh_ask(k)


@jitted
def carry_out_all(w: Rows, tables: Any, answers: int, early: bool) -> None:
    """What retreats, or what is left: advances and what is new; each by turn."""
    for i in range(1, answers + 1):
        seat = w[w[i, c.ANSWERED]]
        a, k = seat[c.AT_ROW], rows_of(w, seat[c.AT_ASSET])
        lend(w, k)
        d = desk_of(k, tables, a)
        for block in (c.BID, c.ASK):
            for rung in range(k[a, c.OUTERS], -1, -1):
                r = rung_row(k, a, rung) if rung else d
                wanted = retreats(k, r, block) if early else k[r, block + c.ACT] != c.NOTHING
                if wanted:
                    carry_out_one(w, k, tables, a, r, block)
                    k[r, block + c.ACT] = c.NOTHING
        give_back(w, k)


@jitted
def carry_out_one(w: Rows, k: Rows, tables: Any, a: int, r: int, block: int) -> None:
    if k[0, c.CALM]:
        set_down_with_row(k, r, block)
        return
    k[0, c.FOUND] = 0
    send_all(w, tables, k, a, r, block)


@jitted
def look_after_trades(w: Rows, tables: Any, k: Rows) -> None:
    """The command in hand has been carried out: where it traded, pools are valued."""
    for i in range(1, k[0, c.FOUND] + 1):
        if k[k[i, c.MET], c.TRADED] > 0:
            give_back(w, k)
            look(w, tables)
            lend(w, k)
            return


@jitted
def near_send_all(w: Rows, tables: Any, k: Rows, a: int, r: int, block: int) -> None:
    submit(k, r, block)
    look_after_trades(w, tables, k)


@jitted
def far_send_all(w: Rows, tables: Any, k: Rows, a: int, r: int, block: int) -> None:
    if not k[a, c.DESK]:
        submit(k, r, block)
        look_after_trades(w, tables, k)
        give_back(w, k)
        follow_all(w, tables)
        lend(w, k)
        return
    i = send_command(k, tables.messages, tables.measured, a, block)
    if i:
        arrive_somewhere(w, tables, k, a, i)


@jitted
def arrive_somewhere(w: Rows, tables: Any, k: Rows, a: int, i: int) -> None:
    """A command is at the exchange of its asset."""
    k[0, c.FOUND] = 0
    serve(k, tables.messages, a, i)
    look_after_trades(w, tables, k)
    answer_command(k, tables.messages, tables.measured, a)


send_all = either(near_send_all, far_send_all)


@jitted
def ask_round_of_all(w: Rows, tables: Any) -> None:
    """Ask those who are due; what they do may make others due, in a further round."""
    if begin_round(w[0]):
        ask_all(w, tables, False)
        renew_all(w)


@jitted
def renew_all(w: Rows) -> None:
    for asset in range(w[0, c.ASSETS]):
        k = rows_of(w, asset)
        k[0, c.NOW] = w[0, c.NOW]
        renew_presences(k)
