"""From a strategy's latency to the rows of its account's desk and wires."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lobsim.batch import columns as c
from lobsim.batch.accounts import OK
from lobsim.batch.messages import SHARE, TIME
from lobsim.models.latency import NONE, Constant, Delay, Empirical, Latency, Lognormal
from lobsim.seats import Seat

Ints = NDArray[np.int64]


class Measured:
    """The latencies as measured of all wires, one after another."""

    def __init__(self) -> None:
        self._times: list[int] = []
        self._shares: list[float] = []

    def place(self, delay: Empirical) -> int:
        """Where its times begin."""
        self._times += delay.times
        self._shares += delay.shares
        return len(self._times) - len(delay.times)

    def array(self) -> Ints:
        measured = np.empty((len(self._times), 2), np.int64)
        measured[:, TIME], measured.view(np.float64)[:, SHARE] = self._times, self._shares
        return measured


def far_rows(account: Ints, mid: float, latency: Latency, measured: Measured) -> list[Ints]:
    """What an account away from the exchange has beside its own row, before the market opens."""
    desk, replies = np.zeros(c.COLUMNS, np.int64), np.zeros(c.COLUMNS, np.int64)
    desk[c.LOTS], desk[c.STATE] = account[c.LOTS], OK
    desk.view(np.float64)[c.MID] = mid
    wires = (latency.data, latency.orders, latency.acks)
    return [desk, *(wire_row(delay, measured) for delay in wires), replies]


def wire_row(delay: Delay, measured: Measured) -> Ints:
    row = np.zeros(c.COLUMNS, np.int64)
    match delay:
        case Constant(time):
            row[c.LAW], row[c.TIME] = c.CONSTANT if time else c.DIRECT, time
        case Lognormal(median, sigma):
            row[c.LAW] = c.LOGNORMAL
            row.view(np.float64)[[c.MEDIAN, c.DEVIATION]] = median, sigma
        case Empirical(times):
            row[c.LAW], row[c.TIMES_AT], row[c.TIMES] = (
                c.EMPIRICAL,
                measured.place(delay),
                len(times),
            )
    return row


def wire_streams(latency: Latency, seat: Seat) -> Iterator[tuple[int, str]]:
    """Of the wires that are not direct: the row, on from the desk, and the name of the stream."""
    wires = (latency.data, "data"), (latency.orders, "orders"), (latency.acks, "acks")
    for row, (delay, name) in enumerate(wires, c.DATA_WIRE):
        if delay != NONE:
            yield row, f"latency/{seat.spec.name}/{name}"
