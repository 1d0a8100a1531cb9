"""The wires of accounts away from the exchange: the event engine's remotes and what they know.

Of market data only the mids are kept, and read when their trader is asked: a table looks at nothing
else, but the message of every command draws its latency.  A reply says how account and orders
stand, so what a trader expects of its orders is the last reply and what it has under way.  Replies
and commands that arrive at one instant do not touch each other; of commands the one sent first
comes first.
"""

import numpy as np

from lobsim.batch import columns as c
from lobsim.batch.columns import Rows
from lobsim.batch.jit import jitted
from lobsim.batch.limits import due
from lobsim.batch.messages import (
    ACT,
    ANSWERS,
    ARRIVAL,
    BLOCK,
    ID,
    NEXT,
    NUMBER,
    PRICE,
    SAYS,
    SIZE,
    append,
    arrival,
    new_message,
    take_oldest,
)
from lobsim.batch.replies import write_reply
from lobsim.batch.venue import renew_presences, submit
from lobsim.compiled import NEVER

# Market data


@jitted
def send_data(k: Rows, messages: Rows, measured: Rows, moved: bool) -> None:
    """The commands that were carried out, and then the mid if it has `moved`."""
    m = k[0]
    for a in range(1, m[c.ACCOUNTS]):
        wire = k[a, c.DESK] + c.DATA_WIRE
        if not k[a, c.DESK] or k[wire, c.LAW] == c.DIRECT:
            continue
        for _ in range(m[c.FED]):
            arrival(k, measured, wire)
        if moved:
            time = arrival(k, measured, wire)
            see(k, messages, a)
            i = new_message(k, messages) if time < NEVER else 0
            if i:
                messages[i, ARRIVAL] = time
                messages.view(np.float64)[i, SAYS] = k.view(np.float64)[0, c.MID]
                append(k, messages, wire, i)
    m[c.FED] = 0


@jitted
def see(k: Rows, messages: Rows, a: int) -> None:
    """The mid that an account knows now: nobody is asked before all of an instant has arrived."""
    d, f = k[a, c.DESK], k.view(np.float64)
    wire = d + c.DATA_WIRE
    if k[wire, c.LAW] == c.DIRECT:
        f[d, c.MID] = f[0, c.MID]
        return
    while messages[k[wire, c.OLDEST], ARRIVAL] <= k[0, c.NOW]:
        f[d, c.MID] = messages.view(np.float64)[take_oldest(k, messages, wire), SAYS]


# Replies


@jitted
def follow(k: Rows, messages: Rows, measured: Rows, moved: bool) -> None:
    """Send what follows from what was done: market data, and replies to those it concerns."""
    send_data(k, messages, measured, moved)
    for a in range(1, k[0, c.ACCOUNTS]):
        if k[a, c.DESK]:
            replies = k[k[a, c.DESK] + c.REPLIES]
            for i in range(replies[c.WAITING]):
                send_reply(k, messages, measured, a, c.FIRST_REPLY + i * c.REPLY, False)
            replies[c.WAITING] = 0


@jitted
def send_reply(k: Rows, messages: Rows, measured: Rows, a: int, at: int, answers: bool) -> None:
    """What stands from `at` on among the replies of an account; whether it answers a command."""
    m, d = k[0], k[a, c.DESK]
    wire = d + c.REPLY_WIRE
    if k[wire, c.LAW] == c.DIRECT:
        hear(k, messages, a, k, d + c.REPLIES, at, answers)
        return
    time = arrival(k, measured, wire)
    i = new_message(k, messages) if time < NEVER else 0
    if not i:
        return
    for j in range(c.REPLY):
        messages[i, SAYS + j] = k[d + c.REPLIES, at + j]
    messages[i, ARRIVAL], messages[i, ANSWERS] = time, answers
    append(k, messages, wire, i)
    m[c.MESSAGE_AT] = min(m[c.MESSAGE_AT], time)


@jitted
def hear(k: Rows, messages: Rows, a: int, said: Rows, row: int, at: int, answers: bool) -> None:
    """A reply has come: what an account knows is what it says, and what is under way."""
    d = k[a, c.DESK]
    k[d, c.LOTS], k[d, c.STATE] = said[row, at + c.SAID_LOTS], said[row, at + c.SAID_STATE]
    for i in range(3):
        k[d, c.BID + i] = said[row, at + c.SAID_BID + i]
        k[d, c.ASK + i] = said[row, at + c.SAID_ASK + i]
    filled = said[row, at + c.SAID_FILL]
    if answers:
        take_oldest(k, messages, d + c.ORDER_WIRE)
    i = k[d + c.ORDER_WIRE, c.OLDEST]
    while i:
        expect(k, messages, d, i)
        i = messages[i, NEXT]
    if filled:
        due(k, a)


# Commands


@jitted
def expect(k: Rows, messages: Rows, d: int, i: int) -> None:
    """What an order will be once a command has arrived: one that has gone stays gone."""
    desk, command = k[d], messages[i]
    block = command[BLOCK]
    if command[ACT] == c.NEW:
        desk[block + c.ID] = command[ID]
    if command[ACT] == c.NEW or desk[block + c.OPEN]:
        desk[block + c.PRICE], desk[block + c.OPEN] = command[PRICE], command[SIZE]


@jitted
def send_command(k: Rows, messages: Rows, measured: Rows, a: int, block: int) -> int:
    """What an account wants of one of its orders, as it stands on its desk; the command where it
    arrives at once, else 0.
    """
    m, d = k[0], k[a, c.DESK]
    desk, wire = k[d], d + c.ORDER_WIRE
    i = new_message(k, messages)
    if not i:
        return 0
    command = messages[i]
    command[BLOCK], command[ACT], command[ID] = block, desk[block + c.ACT], desk[block + c.NEXT_ID]
    command[PRICE], command[SIZE] = desk[block + c.NEXT_PRICE], desk[block + c.NEXT_SIZE]
    append(k, messages, wire, i)
    expect(k, messages, d, i)
    if k[wire, c.LAW] == c.DIRECT:
        return int(i)
    m[c.UNDER_WAY] += 1
    command[ARRIVAL] = arrival(k, measured, wire)
    if not k[wire, c.ARRIVING]:
        k[wire, c.ARRIVING] = i
    m[c.MESSAGE_AT] = min(m[c.MESSAGE_AT], command[ARRIVAL])
    return 0


@jitted
def arrive(k: Rows, messages: Rows, measured: Rows, a: int, i: int) -> None:
    """A command is at the exchange: carried out or refused, and replied to."""
    serve(k, messages, a, i)
    answer(k, messages, measured, a)


@jitted
def serve(k: Rows, messages: Rows, a: int, i: int) -> None:
    row, command, replies = k[a], messages[i], k[k[a, c.DESK] + c.REPLIES]
    block = command[BLOCK]
    row[block + c.ACT], row[block + c.NEXT_ID] = command[ACT], command[ID]
    row[block + c.NEXT_PRICE], row[block + c.NEXT_SIZE] = command[PRICE], command[SIZE]
    k[0, c.CALM] = 0
    replies[c.SERVED], replies[c.TRADES] = 1, 0
    submit(k, a, block)


@jitted
def answer(k: Rows, messages: Rows, measured: Rows, a: int) -> None:
    replies = k[k[a, c.DESK] + c.REPLIES]
    renew_presences(k)
    replies[c.SERVED] = 0
    follow(k, messages, measured, False)
    write_reply(k, a, c.FIRST_REPLY, replies[c.TRADES])
    send_reply(k, messages, measured, a, c.FIRST_REPLY, True)


# What arrives


@jitted
def deliver(k: Rows, messages: Rows, measured: Rows) -> None:
    """All replies that arrive now, and the first command."""
    a = hear_all(k, messages)
    if a:
        arrive(k, messages, measured, a, take_arriving(k, messages, a))
    k[0, c.MESSAGE_AT] = next_arrival(k, messages)


@jitted
def hear_all(k: Rows, messages: Rows) -> int:
    """All replies that arrive now; whose command does first, 0 for nobody's."""
    m, first = k[0], 0
    for a in range(1, m[c.ACCOUNTS]):
        d = k[a, c.DESK]
        if not d:
            continue
        while messages[k[d + c.REPLY_WIRE, c.OLDEST], ARRIVAL] == m[c.NOW]:
            i = take_oldest(k, messages, d + c.REPLY_WIRE)
            hear(k, messages, a, messages, i, SAYS, messages[i, ANSWERS] != 0)
        i = k[d + c.ORDER_WIRE, c.ARRIVING]
        if messages[i, ARRIVAL] == m[c.NOW] and (
            not first or messages[i, NUMBER] < messages[arriving(k, first), NUMBER]
        ):
            first = a
    return first


@jitted
def take_arriving(k: Rows, messages: Rows, a: int) -> int:
    i = arriving(k, a)
    k[k[a, c.DESK] + c.ORDER_WIRE, c.ARRIVING] = messages[i, NEXT]
    k[0, c.UNDER_WAY] -= 1
    return int(i)


@jitted
def arriving(k: Rows, a: int) -> int:
    return int(k[k[a, c.DESK] + c.ORDER_WIRE, c.ARRIVING])


@jitted
def next_arrival(k: Rows, messages: Rows) -> int:
    soon = NEVER
    for a in range(1, k[0, c.ACCOUNTS]):
        d = k[a, c.DESK]
        if d:
            soon = min(soon, messages[k[d + c.ORDER_WIRE, c.ARRIVING], ARRIVAL])
            soon = min(soon, messages[k[d + c.REPLY_WIRE, c.OLDEST], ARRIVAL])
    return soon
