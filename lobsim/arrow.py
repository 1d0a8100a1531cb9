"""Columns of numbers and words as Arrow arrays, made of their bytes.

`pyarrow.array` would do, but imports pandas to look whether it was given something of it: 0.3 s of
a command that takes one.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray


def column(values: ArrayLike, known: NDArray[np.bool_] | None = None) -> pa.Array:
    """(n,) numbers of the type that they have; null where they are not `known`."""
    numbers = np.ascontiguousarray(values)
    valid = None
    if known is not None:
        valid = pa.py_buffer(np.packbits(known, bitorder="little").tobytes())
    kind = pa.from_numpy_dtype(numbers.dtype)
    return pa.Array.from_buffers(kind, len(numbers), [valid, pa.py_buffer(numbers)])


def words(texts: Iterable[str]) -> pa.Array:
    data = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, data)], dtype=np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(data))]
    return pa.Array.from_buffers(pa.string(), len(data), buffers)


def named(names: Iterable[Any], codes: ArrayLike) -> pa.DictionaryArray:
    """(n,) numbers of `names`."""
    numbers = column(np.asarray(codes).astype(np.int16))
    return pa.DictionaryArray.from_arrays(numbers, words(map(str, names)))


def table(columns: dict[str, Any]) -> pa.Table:
    """A table; what is no Arrow array yet is a `column`."""
    return pa.table(
        {
            name: values if isinstance(values, pa.Array) else column(values)
            for name, values in columns.items()
        }
    )
