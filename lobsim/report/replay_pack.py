"""Columns of whole numbers in few bytes: differences, as varints, gzipped, in base64.

A page unpacks them with nothing but what its browser has (lobsim/report/web/unpack.js).
"""

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Columns = Mapping[str, Whole]

EXACT = 2**53  # up to here a number of JavaScript is whole


def packed(head: Mapping[str, Any], columns: Columns) -> str:
    """The length of the head (4 bytes), the head, which lists the columns, and the columns."""
    body = [varints(np.diff(values, prepend=0)) for values in columns.values()]
    listed = [
        [name, len(values), len(data)]
        for (name, values), data in zip(columns.items(), body, strict=True)
    ]
    text = json.dumps({**head, "columns": listed}, allow_nan=False).encode()
    whole = b"".join([len(text).to_bytes(4, "little"), text, *body])
    return base64.b64encode(gzip.compress(whole, 6, mtime=0)).decode()


def varints(values: Whole) -> bytes:
    """Seven bits a byte, the lowest first; the eighth says that more follow.  Sign: zigzag."""
    folded = (values << 1 ^ values >> 63).astype(np.uint64)
    count = np.ones(len(folded), np.int64)
    for k in range(1, 10):
        count += folded >= np.uint64(1) << np.uint64(7 * k)
    ends = count.cumsum()
    made = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint8)
    starts = ends - count
    for k in range(int(count.max(initial=0))):
        has = count > k
        bits = folded[has] >> np.uint64(7 * k) & np.uint64(0x7F)
        more = (count[has] > k + 1).astype(np.uint8) << 7
        made[starts[has] + k] = bits.astype(np.uint8) | more
    return made.tobytes()
