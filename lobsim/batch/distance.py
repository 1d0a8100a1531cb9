"""Whether anybody is away from the exchange, whether anybody quotes by no table, and whether assets
are several or limits held in common: the type of the tables says so when a caller is compiled.

So the machine code of markets without has nothing of wires, of sheets, or of either, and is kept
apart.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba.extending import overload

from lobsim.batch import columns as c
from lobsim.batch import wires
from lobsim.batch.accounts import REDUCE_ONLY
from lobsim.batch.columns import Rows
from lobsim.batch.jit import INLINED, INNER, jitted
from lobsim.batch.live import live_begin, live_pauses, never
from lobsim.batch.messages import clear as clear_messages
from lobsim.batch.orders import group_room, open_lots
from lobsim.batch.venue import submit

OPTIONS: Any = {"_nrt": False, **INNER}


FAR, LIVE, SEVERAL = "messages", "sheets", "factor"  # what tables have where it is so


def either(near: Any, far: Any, field: str = FAR, options: Any = OPTIONS) -> Callable[..., Any]:
    """`far` where the tables have this field, else `near`."""

    def chosen(k: Rows, tables: Any, *more: Any) -> Any:
        return (far if field in tables._fields else near)(k, tables, *more)

    def compiled(k: Any, tables: Any, *more: Any) -> Any:
        return (far if field in tables.instance_class._fields else near).py_func

    overload(chosen, strict=False, jit_options=options)(compiled)
    return chosen


@jitted
def nothing(k: Rows, tables: Any) -> None:
    """No message is ever under way."""


@jitted
def nothing_follows(k: Rows, tables: Any, moved: bool) -> None:
    """Those beside the exchange have been told."""


@jitted
def far_clear(k: Rows, tables: Any) -> None:
    clear_messages(tables.messages)


@jitted
def far_deliver(k: Rows, tables: Any) -> None:
    wires.deliver(k, tables.messages, tables.measured)


@jitted
def far_follow(k: Rows, tables: Any, moved: bool) -> None:
    wires.follow(k, tables.messages, tables.measured, moved)


@jitted
def near_send(k: Rows, tables: Any, a: int, r: int, block: int) -> None:
    submit(k, r, block)


@jitted
def far_send(k: Rows, tables: Any, a: int, r: int, block: int) -> None:
    """What account `a` wants of the order in row `r`, be it on its desk."""
    if k[a, c.DESK]:
        i = wires.send_command(k, tables.messages, tables.measured, a, block)
        if i:
            wires.arrive(k, tables.messages, tables.measured, a, i)
    else:
        submit(k, r, block)
        wires.follow(k, tables.messages, tables.measured, False)


@jitted
def near_desk(k: Rows, tables: Any, a: int) -> int:
    return a


@jitted
def far_desk(k: Rows, tables: Any, a: int) -> int:
    """The row of what an account knows now; its own where it is beside the exchange."""
    if not k[a, c.DESK]:
        return a
    wires.see(k, tables.messages, a)
    return int(k[a, c.DESK])


@jitted
def near_mid(k: Rows, tables: Any, d: int) -> float:
    return float(k.view(np.float64)[0, c.MID])


@jitted
def far_mid(k: Rows, tables: Any, d: int) -> float:
    return float(k.view(np.float64)[d if d >= k[0, c.ACCOUNTS] else 0, c.MID])


@jitted
def own_rooms(k: Rows, tables: Any, a: int, d: int) -> tuple[int, int]:
    """How many lots an account may have open on each side, by what row d knows."""
    limit, lots = 0 if k[d, c.STATE] == REDUCE_ONLY else k[0, c.MAX_INVENTORY], k[d, c.LOTS]
    return limit - lots, limit + lots


@jitted
def shared_rooms(k: Rows, tables: Any, a: int, d: int) -> tuple[int, int]:
    """Those away from the exchange know nothing of what others do, nor of limits that move."""
    if d == a:
        bids, asks = own_rooms(k, tables, a, d)
        if not k[a, c.GROUP]:
            return bids, asks
        most_bids = group_room(k, a, c.BID) + open_lots(k, a, c.BID)
        return min(bids, most_bids), min(asks, group_room(k, a, c.ASK) + open_lots(k, a, c.ASK))
    limit, lots = 0 if k[d, c.STATE] == REDUCE_ONLY else k[d, c.KNOWN_LIMIT], k[d, c.LOTS]
    return limit - lots, limit + lots


clear = either(nothing, far_clear)
begin = either(nothing, live_begin, LIVE)
pauses = either(never, live_pauses, LIVE, INLINED)
deliver = either(nothing, far_deliver)
follow = either(nothing_follows, far_follow)
send = either(near_send, far_send)
desk_of = either(near_desk, far_desk)
mid_at = either(near_mid, far_mid)
rooms = either(own_rooms, shared_rooms, SEVERAL, INLINED)
