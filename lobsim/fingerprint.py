"""What a function is made of, as one short name: its code, and all that this reads.

Numbers, arrays and functions of its module are looked into; of another module the file counts.
"""

import hashlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any


def fingerprint(function: Callable[..., Any]) -> str:
    return digest_of(*parts_of(function, set()))


def digest_of(*parts: Any) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part if isinstance(part, bytes) else repr(part).encode())
        found.update(b"\n")
    return found.hexdigest()[:16]


def parts_of(value: Any, seen: set[int]) -> Iterator[Any]:
    value = getattr(value, "py_func", value)  # of what numba has marked
    if id(value) in seen:
        return
    if isinstance(value, CodeType):
        yield from (value.co_code, value.co_names, value.co_varnames)
        for constant in value.co_consts:
            yield from parts_of(constant, seen) if isinstance(constant, CodeType) else [constant]
    elif hasattr(value, "__code__"):
        seen.add(id(value))
        code = value.__code__
        yield from parts_of(code, seen)
        yield value.__defaults__
        for name in names_in(code):
            if name in value.__globals__:
                yield name
                yield from parts_of(value.__globals__[name], seen)
        for cell in value.__closure__ or ():
            yield from parts_of(cell.cell_contents, seen)
    elif isinstance(value, ModuleType):
        yield value.__name__
        if value.__name__.partition(".")[0] not in {*sys.stdlib_module_names, "numpy", "numba"}:
            file = getattr(value, "__file__", None)
            yield Path(file).read_bytes() if file else b""
    elif hasattr(value, "tobytes"):  # an array
        yield from (getattr(value, "dtype", ""), getattr(value, "shape", ()), value.tobytes())
    else:
        yield type(value).__qualname__, value


def names_in(code: CodeType) -> list[str]:
    """All that a function's code, and that of functions in it, may read of its module."""
    inner = (names_in(each) for each in code.co_consts if isinstance(each, CodeType))
    return sorted(set(code.co_names).union(*inner))


def names_read(function: Any, seen: set[int] | None = None) -> set[str]:
    """All names that a function reads, and those that the functions read which it calls."""
    function, seen = getattr(function, "py_func", function), seen or set()
    if id(function) in seen or not hasattr(function, "__code__"):
        return set()
    seen.add(id(function))
    names = set(names_in(function.__code__))
    called = (function.__globals__.get(name) for name in sorted(names))
    return names.union(*(names_read(each, seen) for each in called))
