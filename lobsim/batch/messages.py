"""Messages under way, and the time that each takes.

All lie in one array, each wire's in a list of its own: none overtakes another, so the first of a
list arrives first.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lobsim.batch import columns as c
from lobsim.batch.columns import Rows
from lobsim.batch.draws import normal, uniform
from lobsim.batch.jit import SHARED, jitted
from lobsim.compiled import NEVER

lognormal_ns = SHARED["lognormal_ns"]

# Of a message: the next on its wire, when it arrives, its number; then what it says.
NEXT, ARRIVAL, NUMBER, ANSWERS, SAYS = range(5)
ACT, BLOCK, ID, PRICE, SIZE = range(SAYS, SAYS + 5)
# Row 0 of the array is no message, arrives never, and says where free rows begin: those given
# back, one after another, and those never used.
FREE, USED, SENT = NEXT, ANSWERS, NUMBER
WIDTH = 16
TIME, SHARE = range(2)  # of a latency as measured: the chance of it, or of one before
MOST = 2**18  # messages at once; 32 MB, of which little is touched; more are the event engine's


class FarTables(NamedTuple):
    """`Tables` where somebody is away from the exchange: what wires need is with them."""

    starts: c.Array
    depths: c.Array
    messages: Rows  # int64 (MOST, WIDTH)
    measured: Rows  # int64 (times, 2): TIME and SHARE, of all wires


def new_messages() -> NDArray[np.int64]:
    """Rooms for all that are ever under way at once."""
    return np.empty((MOST, WIDTH), np.int64)


# Lists


@jitted
def clear(messages: Rows) -> None:
    """Before any market opens nothing is under way."""
    head = messages[0]
    head[FREE], head[ARRIVAL], head[USED], head[SENT] = 0, NEVER, 0, 0


@jitted
def new_message(k: Rows, messages: Rows) -> int:
    """A free row; 0 where there is none."""
    head = messages[0]
    i = head[FREE]
    if i:
        head[FREE] = messages[i, NEXT]
    elif head[USED] + 1 < len(messages):
        head[USED] += 1
        i = head[USED]
    else:
        k[0, c.STATUS] = c.OVERFLOW
        return 0
    head[SENT] += 1
    messages[i, NEXT], messages[i, NUMBER] = 0, head[SENT]
    return int(i)


@jitted
def append(k: Rows, messages: Rows, wire: int, i: int) -> None:
    row = k[wire]
    if row[c.OLDEST]:
        messages[row[c.NEWEST], NEXT] = i
    else:
        row[c.OLDEST] = i
    row[c.NEWEST] = i


@jitted
def take_oldest(k: Rows, messages: Rows, wire: int) -> int:
    """Its row is free, and may be read until the next message is sent."""
    i = k[wire, c.OLDEST]
    k[wire, c.OLDEST] = messages[i, NEXT]
    messages[i, NEXT] = messages[0, FREE]
    messages[0, FREE] = i
    return int(i)


# Latencies


@jitted
def latency(k: Rows, measured: Rows, wire: int) -> int:
    row, f = k[wire], k.view(np.float64)[wire]
    if row[c.LAW] == c.CONSTANT:
        return int(row[c.TIME])
    if row[c.LAW] == c.LOGNORMAL:
        z = normal(k.view(np.uint64)[wire, c.STREAM : c.STREAM + 4])
        return int(lognormal_ns(z, f[c.MEDIAN], f[c.DEVIATION]))
    u = uniform(k.view(np.uint64)[wire], c.STREAM)
    low = row[c.TIMES_AT]
    high = low + row[c.TIMES] - 1  # the last where no share is above u
    while low < high:
        middle = (low + high) // 2
        if u < measured.view(np.float64)[middle, SHARE]:
            high = middle
        else:
            low = middle + 1
    return int(measured[low, TIME])


@jitted
def arrival(k: Rows, measured: Rows, wire: int) -> int:
    """When a message that is sent now arrives; NEVER if that is at the end or later."""
    row = k[wire]
    row[c.ARRIVED_AT] = max(k[0, c.NOW] + latency(k, measured, wire), row[c.ARRIVED_AT])
    return row[c.ARRIVED_AT] if row[c.ARRIVED_AT] < k[0, c.DURATION] else NEVER
