"""A day of the compiled market: the open, what comes from outside, timers, and the close."""

import math

import numpy as np

from lobsim.batch import columns as c
from lobsim.batch.accounts import NO_CHANGE, OK, equity, value
from lobsim.batch.columns import Rows
from lobsim.batch.distance import deliver, follow, pauses
from lobsim.batch.jit import SHARED, hot, jitted
from lobsim.batch.limits import close_out, look_after_move, resume, withdraw_all
from lobsim.batch.questions import ask, ask_alone, ask_round
from lobsim.batch.tape_rows import Tables, write_mid
from lobsim.batch.venue import renew_presences, take, take_alone
from lobsim.compiled import NEVER
from lobsim.models.world import END, ORDER

mark_of = SHARED["mark_of"]


@jitted
def open_day(k: Rows, tables: Tables) -> None:
    """All makers are asked, before anything comes.  `k` has what is known before."""
    prepare_day(k)
    ask_first(k, tables)


@jitted
def prepare_day(k: Rows) -> None:
    set_clocks(k[0])
    open_accounts(k)


@jitted
def set_clocks(m: Rows) -> None:
    m[c.COOLS_AT] = m[c.MESSAGE_AT] = NEVER
    m[c.TIMER_AT] = m[c.REQUOTE] if 0 < m[c.REQUOTE] < m[c.DURATION] else NEVER
    m[c.ROUNDS_AT] = -1


@jitted
def open_accounts(k: Rows) -> None:
    k[0, c.MARK] = mark_of(k.view(np.float64)[0, c.MID])
    for a in range(1, k[0, c.ACCOUNTS]):
        row = k[a]
        row[c.LOW] = row[c.HIGH] = row[c.LOTS]
        row[c.STATE] = OK
        row[c.START] = row[c.PEAK] = row[c.BASE] = row[c.CREST] = equity(k, a)
        row[c.CALLED] = NO_CHANGE
        row[c.COOL_AT] = NEVER
        k.view(np.float64)[a, c.LEAST] = math.inf


@jitted
def ask_first(k: Rows, tables: Tables) -> None:
    m = k[0]
    ask(k, tables, True)
    renew_presences(k)
    m[c.MET_AT] = -1 if m[c.REQUOTE] else 0
    m[c.OPENED] = 1


@jitted
def wait(k: Rows, tables: Tables, time: int) -> None:
    """All that is due before `time`: at one instant messages, then timers, then rounds of
    questions.
    """
    m = k[0]
    while m[c.STATUS] == c.RUNNING:
        timer = min(m[c.TIMER_AT], m[c.COOLS_AT])
        soon = min(timer, m[c.MESSAGE_AT])
        if m[c.ROUND_DUE] and soon > m[c.NOW]:
            if pauses(k, tables, False):
                return
            ask_round(k, tables)
            continue
        if soon >= time:
            return
        m[c.NOW] = soon
        if m[c.MESSAGE_AT] == soon:
            deliver(k, tables)
        elif m[c.COOLS_AT] == timer:
            resume(k)
            follow(k, tables, False)
        else:
            m[c.TIMER_AT] += m[c.REQUOTE]
            if m[c.TIMER_AT] >= m[c.DURATION]:
                m[c.TIMER_AT] = NEVER
            for a in range(1, k[0, c.ACCOUNTS]):
                k[a, c.DUE] = 1
            m[c.ROUND_DUE] = 1


@hot
def move(k: Rows, asset: int, time: int, kind: int, mid: float) -> None:
    """The mid moves, and those who hold lots are valued at it."""
    m = k[0]
    m[c.NOW] = time
    m[c.MARK] = mark_of(mid)
    k.view(np.float64)[0, c.MID] = mid
    write_mid(k, asset, kind)
    for a in range(1, k[0, c.ACCOUNTS]):
        if k[a, c.LOTS] and value(k, a):
            look_after_move(k, a)


@jitted
def take_chunk(k: Rows, count: int, sound: bool) -> None:
    """So many happenings are next, which a market plays from AT on."""
    m = k[0]
    m[c.AT], m[c.COUNT] = 0, count
    m[c.HAPPENED] += count
    if not sound:
        m[c.STATUS] = c.WORLD
    elif m[c.HAPPENED] > m[c.MAX_EVENTS]:
        m[c.STATUS] = c.TOO_MANY


@jitted
def play_chunk(k: Rows, tables: Tables, chunk: c.Array) -> None:
    """What comes from outside, in order of time; a tape that is full stops it."""
    m, most_mid = k[0], k.view(np.float64)[0, c.MOST_MID]
    times, kinds, sides, sizes, limits, _, mids = chunk
    waits = m[c.TIMER_AT] != NEVER or m[c.REQUOTE] or m[c.COOLDOWN]
    alone = m[c.ALONE] != 0
    for i in range(m[c.AT], m[c.COUNT]):
        time, mid = times[i], mids[i]
        if waits and time > m[c.NOW]:
            wait(k, tables, time)
        if m[c.STATUS] != c.RUNNING:
            m[c.AT] = i
            return
        if mid > most_mid:
            m[c.STATUS] = c.OVERFLOW
        move(k, 0, time, kinds[i], mid)
        follow(k, tables, True)
        if kinds[i] == ORDER:
            if not m[c.REQUOTE] and m[c.MET_AT] != time:
                if pauses(k, tables, True):  # what was done at this time leaves no trace twice
                    m[c.AT] = i
                    return
                m[c.MET_AT] = time
                if alone:
                    ask_alone(k, tables)
                else:
                    ask(k, tables, True)
                    renew_presences(k)
            if alone:
                take_alone(k, sides[i], limits[i], sizes[i])
            else:
                take(k, sides[i], limits[i], sizes[i])
            follow(k, tables, False)
    m[c.AT] = m[c.COUNT]
    if m[c.STATUS] == c.RUNNING and m[c.AT] and kinds[m[c.AT] - 1] == END:
        close_day(k, tables)


@jitted
def close_day(k: Rows, tables: Tables) -> None:
    renew_presences(k)
    if k[0, c.CLOSING]:
        for a in range(1, k[0, c.ACCOUNTS]):
            withdraw_all(k, a)
            close_out(k, a)
            follow(k, tables, False)
    k[0, c.STATUS] = c.DONE
