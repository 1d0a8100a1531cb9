"""Which function fills a chunk: the plan's type says so when a caller is compiled.

So a plain world's machine code has nothing of a rich one's, and is kept apart from it.
"""

from typing import Any

from numba.extending import overload

from lobsim.batch.jit import INNER, SHARED
from lobsim.models.rich_world import RichPlan

fill_chunk, fill_rich_chunk = SHARED["fill_chunk"], SHARED["fill_rich_chunk"]


def next_chunk(plan: Any, when: Any, levels: Any, rngs: Any, columns: Any) -> int:
    fill = fill_rich_chunk if isinstance(plan, RichPlan) else fill_chunk
    return int(fill(plan, when, levels, rngs, columns))


def compiled_next_chunk(plan: Any, when: Any, levels: Any, rngs: Any, columns: Any) -> Any:
    fill = fill_rich_chunk if plan.instance_class is RichPlan else fill_chunk
    return fill.py_func


OPTIONS: Any = {"_nrt": False, **INNER}
overload(next_chunk, strict=False, jit_options=OPTIONS)(compiled_next_chunk)
