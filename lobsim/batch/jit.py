"""The compiler of the compiled engine: numba, held to what gives Python's own numbers.

No fastmath, so that sums keep their order, and Python's rules of division.  The functions that
both engines share stay as they are for Python; `SHARED` has a compiled copy of each, by name.
"""

import hashlib
import platform
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import llvmlite
import numba

import lobsim.rows as rows
from lobsim.compiled import FORMULAS
from lobsim.machine_code import cache_folder, kept_in
from lobsim.market import units
from lobsim.models.joint_world import fill_joint_chunk
from lobsim.models.volatility import faded


def marker(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """A decorator that compiles a function when it is first called.

    numba would compile it anew for each set of constants among its arguments, 176 times in all
    for some 60 functions; here a constant is a number as any other.
    """

    def mark(function: Callable[..., Any]) -> Any:
        marked = numba.njit(nogil=True, **options)(function)
        template = getattr(marked, "get_call_template", None)
        if template is not None:  # as it is where numba is told not to compile
            marked.get_call_template = lambda args, kws: template(
                tuple(map(numba.types.unliteral, args)), kws
            )
        return marked

    return mark


# Without counts of references, which no kernel needs: they cost 30 ns a call.  And without the
# wrappers by which Python would call a function: a quarter of the time that compiling takes.
INNER = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
INLINED: Any = {"_nrt": False, "forceinline": True, **INNER}
jitted = marker(_nrt=False, **INNER)
hot = marker(**INLINED)  # on the way of every order
allocating = marker(_nrt=True, **INNER)  # what makes arrays, whoever calls it
pasted = marker(_nrt=False, inline="always")  # which may give a part of an array


def shared() -> dict[str, Any]:
    """Compiled copies of the formulas, which call each other's compiled copies."""
    assert {fill_joint_chunk, faded} <= set(FORMULAS), "what is imported above is among them"
    spaces = {f.__module__: dict(f.__globals__) for f in FORMULAS}
    copies: dict[str, Any] = {
        f.__name__: jitted(
            FunctionType(f.__code__, spaces[f.__module__], f.__name__, f.__defaults__)
        )
        for f in FORMULAS
    }
    for space in spaces.values():
        space.update(copies)
    return copies


SHARED = shared()


def sources() -> list[Path]:
    """The files that the compiled code is made of."""
    here = Path(__file__).parent
    shared = {f.__code__.co_filename for f in FORMULAS}
    frozen = {str(rows.__file__), str(units.__file__)}  # whose numbers are constants in it
    return [*map(Path, sorted(shared | frozen)), *sorted(here.glob("*.py"))]


def cache_name() -> str:
    """Of the folder for this code: a cached caller would not notice that a callee has changed."""
    found = hashlib.sha256()
    for version in (numba.__version__, llvmlite.__version__, platform.python_version()):
        found.update(version.encode())
    for path in sources():
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


CACHE = cache_folder(cache_name())


def entry(function: Callable[..., Any], **options: Any) -> Any:
    """A function that Python calls: compiled at its first call, and kept from run to run."""
    if CACHE is None:
        return numba.njit(nogil=True, **options)(function)
    with kept_in(CACHE):
        return numba.njit(nogil=True, cache=True, **options)(function)


def uncounted(function: Callable[..., Any]) -> Any:
    """An entry that makes views of arrays at every turn of a loop, and hands none on.

    It is no place for `hot` functions that call others: these would all become hot themselves.
    """
    return entry(function, _nrt=False)


def warm_mark(plan: str, tables: str) -> Path | None:
    """A file that says that there is machine code for worlds with plans and markets with tables of
    these types.
    """
    return None if CACHE is None else CACHE / f"{plan}-{tables}.compiled"
