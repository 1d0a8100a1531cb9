"""The plan of a joint world as compiled code reads it: a record for each asset.

A record is passed as fast as a number, whatever it holds, and its type is the same for any number
of assets: machine code for two serves three.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lobsim.compiled import NEVER
from lobsim.machine_code import CONFIG
from lobsim.models.joint_world import JointPlan
from lobsim.models.rich_world import RichPlan, in_python

# Rooms for the pieces of a curve and for empirical sizes: what is left over never comes.
PIECES = 64
REST = {"starts": NEVER, "factors": 0.0, "lots": 1, "chances": 1.0}
WHOLE = frozenset(
    ("duration", "step", "price", "flow", "constant_size", "law", "relative", "starts", "lots")
)


def layout_of(part: Any) -> list[tuple[Any, ...]]:
    """Of numbers, and of tuples of them, by name."""
    fields: list[tuple[Any, ...]] = []
    for name, each in zip(part._fields, part, strict=True):
        kind = np.int64 if name in WHOLE else np.float64
        if isinstance(each, tuple):
            fields.append((name, layout_of(each)))
        else:
            fields.append((name, kind, PIECES) if name in REST else (name, kind))
    return fields


def values_of(part: Any) -> tuple[Any, ...]:
    return tuple(
        values_of(each)
        if isinstance(each, tuple)
        else each.tolist() + [REST[name]] * (PIECES - len(each))
        if name in REST
        else each
        for name, each in zip(part._fields, part, strict=True)
    )


def pieces_of(plan: RichPlan) -> int:
    """The most pieces that anything of it has."""
    return max(map(len, (plan.curve.starts, plan.rates.starts, plan.sizes.lots)))


def for_numba(plan: Any) -> Any:
    """What compiled code reads; of a single asset that is the plan itself."""
    if not isinstance(plan, JointPlan):
        return plan
    if CONFIG.DISABLE_JIT:
        return plan._replace(assets=tuple(map(in_python, plan.assets)))
    assets: NDArray[Any] = np.array(
        [values_of(each) for each in plan.assets], np.dtype(layout_of(plan.assets[0]))
    )
    made: Any = JointPlan((), assets.view(np.recarray), np.array(plan.factor))  # type: ignore
    return made
