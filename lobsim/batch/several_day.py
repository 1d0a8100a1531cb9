"""A day where assets are several, or limits held in common or moving: as `lobsim.batch.day`."""

from typing import Any

import numpy as np

from lobsim.batch import columns as c
from lobsim.batch.accounts import COOLING
from lobsim.batch.columns import Rows
from lobsim.batch.day import move, open_accounts, open_day, play_chunk, set_clocks
from lobsim.batch.distance import SEVERAL, either, follow
from lobsim.batch.jit import jitted
from lobsim.batch.limits import (
    close_out,
    first_to_resume,
    next_to_resume,
    resume_account,
    withdraw_all,
)
from lobsim.batch.messages import NUMBER
from lobsim.batch.pools import look, open_pools, resumed
from lobsim.batch.several import follow_all, give_back, hear_mid, lend, rows_of, seat_row
from lobsim.batch.several_questions import (
    arrive_somewhere,
    ask_all,
    ask_round_of_all,
    look_after_trades,
    renew_all,
)
from lobsim.batch.venue import take
from lobsim.batch.wires import arriving, hear_all, next_arrival, take_arriving
from lobsim.compiled import NEVER
from lobsim.models.world import END, MOVE, ORDER


@jitted
def open_several(w: Rows, tables: Any) -> None:
    head = w[0]
    set_clocks(head)
    for asset in range(head[c.ASSETS]):
        open_accounts(rows_of(w, asset))
    open_pools(w)
    ask_all(w, tables, True)
    renew_all(w)
    head[c.MET_AT] = -1 if head[c.REQUOTE] else 0
    head[c.OPENED] = 1


@jitted
def wait_for_all(w: Rows, tables: Any, time: int) -> None:
    """All that is due before `time`: at one instant messages, then timers, then rounds of
    questions.
    """
    head = w[0]
    while head[c.STATUS] == c.RUNNING:
        timer = min(head[c.TIMER_AT], head[c.COOLS_AT])
        soon = min(timer, head[c.MESSAGE_AT])
        if head[c.ROUND_DUE] and soon > head[c.NOW]:
            ask_round_of_all(w, tables)
            continue
        if soon >= time:
            return
        head[c.NOW] = soon
        if head[c.MESSAGE_AT] == soon:
            deliver_to_all(w, tables)
        elif head[c.COOLS_AT] == timer:
            resume_first(w, tables)
        else:
            head[c.TIMER_AT] += head[c.REQUOTE]
            if head[c.TIMER_AT] >= head[c.DURATION]:
                head[c.TIMER_AT] = NEVER
            for number in range(head[c.SEATS]):
                seat = w[seat_row(w, number)]
                rows_of(w, seat[c.AT_ASSET])[seat[c.AT_ROW], c.DUE] = 1
            head[c.ROUND_DUE] = 1


@jitted
def resume_first(w: Rows, tables: Any) -> None:
    """The cool-down that is over first; one who was stopped for good meanwhile stays so."""
    head, found, where = w[0], 0, 0
    for asset in range(head[c.ASSETS]):
        k = rows_of(w, asset)
        a = first_to_resume(k, head[c.COOLS_AT])
        if a and (not found or k[a, c.COOL_TURN] < rows_of(w, where)[found, c.COOL_TURN]):
            found, where = a, asset
    k = rows_of(w, where)
    k[found, c.COOL_AT] = NEVER
    if k[found, c.STATE] == COOLING:
        lend(w, k)
        resume_account(k, found)
        give_back(w, k)
        resumed(w, where, found)
        follow_all(w, tables)
    head[c.COOLS_AT] = NEVER
    for asset in range(head[c.ASSETS]):
        head[c.COOLS_AT] = min(head[c.COOLS_AT], next_to_resume(rows_of(w, asset)))


@jitted
def nothing_arrives(w: Rows, tables: Any) -> None:
    """No message is ever under way."""


@jitted
def far_deliver_to_all(w: Rows, tables: Any) -> None:
    """All replies that arrive now, and the first command."""
    head, messages, first, where = w[0], tables.messages, 0, 0
    for asset in range(head[c.ASSETS]):
        k = rows_of(w, asset)
        lend(w, k)
        a = hear_all(k, messages)
        give_back(w, k)
        if a and (
            not first
            or messages[arriving(k, a), NUMBER]
            < messages[arriving(rows_of(w, where), first), NUMBER]
        ):
            first, where = a, asset
    if first:
        k = rows_of(w, where)
        lend(w, k)
        arrive_somewhere(w, tables, k, first, take_arriving(k, messages, first))
        give_back(w, k)
    head[c.MESSAGE_AT] = NEVER
    for asset in range(head[c.ASSETS]):
        soon = next_arrival(rows_of(w, asset), messages)
        head[c.MESSAGE_AT] = min(head[c.MESSAGE_AT], soon)


deliver_to_all = either(nothing_arrives, far_deliver_to_all)


@jitted
def move_one(w: Rows, tables: Any, asset: int, time: int, kind: int, mid: float) -> None:
    """A mid moves.  Where all do at one instant, pools are valued when the last has."""
    k = rows_of(w, asset)
    w[0, c.NOW] = time
    lend(w, k)
    if mid > k.view(np.float64)[0, c.MOST_MID]:
        k[0, c.STATUS] = c.OVERFLOW
    move(k, asset, time, kind, mid)
    if w[0, c.POOLS] and (asset == w[0, c.ASSETS] - 1 or (kind != MOVE and kind != END)):
        give_back(w, k)
        look(w, tables)
        lend(w, k)
    hear_mid(w, k, asset)
    follow(k, tables, True)
    give_back(w, k)


@jitted
def take_one(w: Rows, tables: Any, asset: int, side: int, limit: int, size: int) -> None:
    """A market order comes to one asset; those who quote all are asked first."""
    head = w[0]
    if not head[c.REQUOTE] and head[c.MET_AT] != head[c.NOW]:
        head[c.MET_AT] = head[c.NOW]
        ask_all(w, tables, True)
        renew_all(w)
    k = rows_of(w, asset)
    lend(w, k)
    k[0, c.FOUND] = 0
    take(k, side, limit, size)
    look_after_trades(w, tables, k)
    follow(k, tables, False)
    give_back(w, k)


@jitted
def play_several(w: Rows, tables: Any, chunk: Any, numbers: c.Array) -> None:
    """What comes from outside, in order of time; a tape that is full stops it."""
    head = w[0]
    times, kinds, sides, sizes, limits, _, mids = chunk
    for i in range(head[c.AT], head[c.COUNT]):
        if times[i] > head[c.NOW]:
            wait_for_all(w, tables, times[i])
        if head[c.STATUS] != c.RUNNING:
            head[c.AT] = i
            return
        move_one(w, tables, numbers[i], times[i], kinds[i], mids[i])
        if kinds[i] == ORDER:
            take_one(w, tables, numbers[i], sides[i], limits[i], sizes[i])
    head[c.AT] = head[c.COUNT]
    last = head[c.COUNT] - 1
    if head[c.STATUS] != c.RUNNING or last < 0:
        return
    if kinds[last] == END and numbers[last] == head[c.ASSETS] - 1:
        close_several(w, tables)


@jitted
def close_several(w: Rows, tables: Any) -> None:
    renew_all(w)
    if w[0, c.CLOSING]:
        for number in range(w[0, c.SEATS]):
            seat = w[seat_row(w, number)]
            k, a = rows_of(w, seat[c.AT_ASSET]), seat[c.AT_ROW]
            lend(w, k)
            withdraw_all(k, a)
            close_out(k, a)
            follow(k, tables, False)
            give_back(w, k)
    w[0, c.STATUS] = c.DONE


# Whichever a market's tables call for


@jitted
def play_one(k: Rows, tables: Any, chunk: Any, numbers: c.Array) -> None:
    play_chunk(k, tables, chunk)


open_market = either(open_day, open_several, SEVERAL)
play_market = either(play_one, play_several, SEVERAL)
