"""Machine code: where it is kept from run to run, and that of strategies' own functions.

A strategy's function is compiled once, under one fixed signature, to C code that both engines
call by its address.  What it is made of names it (lobsim/fingerprint.py), so that no other process
compiles it again and none takes an old one for it.
"""

import os
import platform
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import c_void_p, cast
from pathlib import Path
from types import FunctionType
from typing import Any

import llvmlite
import numba
import numpy as np
from numba import carray  # type: ignore[attr-defined]
from numba.core.errors import TypingError
from numba.extending import overload

from lobsim.fingerprint import digest_of, fingerprint, names_read
from lobsim.market.compiled_quote import AS_C, SEEN, Doubles

CONFIG: Any = numba.config
VERSIONS = (numba.__version__, llvmlite.__version__, np.__version__, platform.python_version())
ARRAY: Any = numba.types.float64[::1]
TYPES: Any = numba.types
POINTER, COUNT = TYPES.CPointer(TYPES.float64), TYPES.int64
NOTHING = "must write its two depths into `depths` and return nothing"


# Where it is kept


def cache_folder(name: str) -> Path | None:
    """A folder for machine code; None where nothing can be written."""
    base = os.environ.get("LOBSIM_CACHE")
    if base is None:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        base = str(Path(home) / "lobsim")
    if not base:
        return None
    folder = Path(base) / "numba" / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


@contextmanager
def kept_in(folder: Path) -> Iterator[None]:
    """numba asks where to keep machine code when a function is marked, and only then."""
    before = CONFIG.CACHE_DIR
    CONFIG.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        CONFIG.CACHE_DIR = before


# A strategy's function


def quote(observation: Any, memory: Any, depths: Any) -> None:
    """The signature.  A strategy's own function takes its place."""
    raise NotImplementedError


def nothing(answer: Any) -> None:
    """Passes when compiled if a function returns nothing."""


@overload(nothing, strict=False)
def compiled_nothing(answer: Any) -> Any:
    if not isinstance(answer, numba.types.NoneType):
        raise TypingError(NOTHING)
    return lambda answer: None


def answered(observation: Any, memory: Any, count: int, depths: Any) -> int:
    """What is called: 1, or 0 where the function has raised an error."""
    try:
        nothing(quote(carray(observation, (5,)), carray(memory, (count,)), carray(depths, (2,))))  # type: ignore[func-returns-value]
    except Exception:
        return 0
    return 1


def address_of(function: Any) -> tuple[int, Any]:
    """Where the machine code of a strategy's function begins, and what keeps it there.

    Raises ValueError, with the function's own line, for what cannot be compiled.
    """
    if "random" in names_read(function):
        raise ValueError("compiled functions have no random numbers: decide in on_quote instead")
    if CONFIG.DISABLE_JIT:
        called = AS_C(in_python(function))
        return cast(called, c_void_p).value or 0, called
    # Names of their own, for of two functions of one name the linker takes the first for both.
    name = f"{function.__qualname__}_{fingerprint(function)}".replace("<locals>.", "")
    own = renamed(function, function.__globals__, name)
    # Checked bounds, 10 ns a call, keep a wrong index out of other strategies' memory.
    marked: Any = numba.njit(boundscheck=True)(own)
    space = {"quote": marked, "carray": carray, "nothing": nothing}
    outer = renamed(answered, space, f"answered_{name}")
    folder = cache_folder(f"quotes-{digest_of(*VERSIONS, Path(__file__).read_bytes())}")
    try:
        with kept_in(folder or Path()):
            compiled: Any = numba.cfunc(
                COUNT(POINTER, POINTER, COUNT, POINTER), cache=bool(folder)
            )(outer)
    except Exception as error:
        raise ValueError(told(function, alone(own) or error)) from None
    return int(compiled.address), compiled


def renamed(function: Any, space: dict[str, Any], name: str) -> FunctionType:
    made = FunctionType(function.__code__, space, name, function.__defaults__, function.__closure__)
    # Of this module, which every process can import: that of a plugin's file changes its name.
    made.__qualname__, made.__module__ = name, __name__
    return made


def alone(function: Any) -> Exception | None:
    """The error of the function itself, which has fewer lines round it."""
    try:
        numba.njit((ARRAY, ARRAY, ARRAY))(function)
    except Exception as error:
        return error
    return None


def told(function: Any, error: Exception) -> str:
    """Of the many lines that numba writes its reason, and the place in the strategy's file."""
    code = function.__code__
    text = str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if NOTHING in text:
        lines = [NOTHING]
    elif lines[0].startswith("Failed in nopython"):
        lines = lines[1:]
    said = " ".join(lines[:2]) if len(lines) > 1 and lines[1].startswith(">>>") else lines[0]
    said = said.partition(". Raised from")[0]
    numbers = re.findall(re.escape(code.co_filename) + r" \((\d+)\)", text)
    place = getattr(error, "loc", None)
    if place is not None and place.filename == code.co_filename:
        numbers = [place.line]
    line = numbers[-1] if numbers else code.co_firstlineno
    said = re.sub(r" at 0x[0-9a-f]+", "", said)
    return f"cannot be compiled: {said} ({Path(code.co_filename).name}:{line})"


# Where numba is told not to compile, and for errors


def in_python(function: Any) -> Callable[..., int]:
    """What C code calls where numba is told not to compile."""

    def called(observation: Any, memory: Any, count: int, depths: Any) -> int:
        try:
            function(numbers(observation, SEEN), numbers(memory, count), numbers(depths, 2))
        except Exception:
            return 0
        return 1

    return called


def numbers(pointer: Any, count: int) -> Any:
    return np.ctypeslib.as_array(pointer, (count,))


def again(function: Any, observation: Doubles, memory: Doubles) -> None:
    """Call a function in Python, where its error has lines; compiled, division by 0 is one."""
    with np.errstate(divide="raise", invalid="raise"):
        function(np.array(observation), np.array(memory), np.full(2, np.nan))
