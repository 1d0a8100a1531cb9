"""Whether anybody is away from the exchange, or quotes by no table: the type of the tables says so
when a caller is compiled.

So the machine code of markets where nobody does has nothing of wires or sheets, and is kept apart.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba.extending import overload

from lobsim.batch import columns as c
from lobsim.batch import wires
from lobsim.batch.columns import Rows
from lobsim.batch.jit import INLINED, INNER, jitted
from lobsim.batch.live import LiveTables, live_begin, live_pauses, never
from lobsim.batch.messages import FarTables
from lobsim.batch.messages import clear as clear_messages
from lobsim.batch.venue import submit

OPTIONS: Any = {"_nrt": False, **INNER}


def either(
    near: Any, far: Any, kind: type = FarTables, options: Any = OPTIONS
) -> Callable[..., Any]:
    """`far` where the tables are of this kind, else `near`."""

    def chosen(k: Rows, tables: Any, *more: Any) -> Any:
        return (far if isinstance(tables, kind) else near)(k, tables, *more)

    def compiled(k: Any, tables: Any, *more: Any) -> Any:
        return (far if tables.instance_class is kind else near).py_func

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
        wires.send_command(k, tables.messages, tables.measured, a, block)
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


clear = either(nothing, far_clear)
begin = either(nothing, live_begin, LiveTables)
pauses = either(never, live_pauses, LiveTables, INLINED)
deliver = either(nothing, far_deliver)
follow = either(nothing_follows, far_follow)
send = either(near_send, far_send)
desk_of = either(near_desk, far_desk)
mid_at = either(near_mid, far_mid)
