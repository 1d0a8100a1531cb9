"""LOBSTER's files: order messages, and the book after each of them, as CSV, packed or not.

Message columns: time (s after midnight), type, order id, size, price (1/10000 of the currency),
direction (1: the resting order buys).  Book columns, level by level: ask price, ask size, bid
price, bid size.  A first line of names is allowed, and columns after those above are left out.
Source: https://lobsterdata.com/info/DataStructure.php, and Huang and Polak, "LOBSTER: Limit Order
Book Reconstruction System", 2011.
"""

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lobsim.data.messages import HIDDEN, KINDS, Messages
from lobsim.errors import StorageError, cut, figure

PRICE_UNIT = 10_000  # prices are whole numbers of 1/PRICE_UNIT
COLUMNS = ("time", "type", "order_id", "size", "price", "direction")
EMPTY = 9_999_999_999  # the price of a level that is not there


def read_messages(path: Path, tick: float = 0.01) -> Messages:
    """All messages of a file; prices must be whole ticks.  Raises StorageError with the line."""
    table, first = read_csv(path, len(COLUMNS), COLUMNS)
    kind, order_id, size, price, side = (whole(path, first, name, table) for name in COLUMNS[1:])
    traded = kind <= 5  # auctions and halts say other things in these columns
    checks = [
        ((kind < 1) | (kind > 7), "type", kind, f"must be from 1 to {len(KINDS)}"),
        (traded & (size < 1), "size", size, "must be 1 or more"),
        (traded & (price < 1), "price", price, "must be 1 or more"),
        (traded & (abs(side) != 1), "direction", side, "must be 1 or -1"),
        (np.diff(table["time"], prepend=0) < 0, "time", table["time"], "is before the one above"),
    ]
    for wrong, name, values, what in checks:
        if wrong.any():
            at = int(np.argmax(wrong))
            raise StorageError(f"{path}:{first + at}: {name} = {figure(values[at])}: {what}")
    return Messages(
        time_ns=np.rint(table["time"] * 1e9).astype(np.int64),
        kind=kind.astype(np.int8),
        order_id=order_id,
        size=size,
        price=in_ticks(path, first, np.where(traded, price, 0), tick, seen=kind < HIDDEN),
        side=side.astype(np.int8),
        tick=tick,
    )


def whole(
    path: Path, first: int, name: str, table: dict[str, NDArray[np.float64]]
) -> NDArray[np.int64]:
    """A column of whole numbers.  Raises StorageError with the line of one that is none."""
    with np.errstate(invalid="ignore"):  # of what is too large
        found = table[name].astype(np.int64)
    wrong = found != table[name]
    if wrong.any():
        at = int(np.argmax(wrong))
        shown = figure(table[name][at])
        raise StorageError(f"{path}:{first + at}: {name} = {shown}: must be a whole number")
    return found


def read_book(path: Path, tick: float = 0.01) -> NDArray[np.int64]:
    """(rows, levels, 4): price in ticks and size of the ask, then of the bid; a level that is not
    there has size 0.  Raises StorageError.
    """
    table, first = read_csv(path, None, ())
    columns = list(table.values())
    if not columns or len(columns) % 4:
        raise StorageError(f"{path}: {len(columns)} columns: a book has four for each level")
    levels = np.stack(columns, axis=1).astype(np.int64).reshape(len(columns[0]), -1, 4)
    for side in (0, 2):
        gone = abs(levels[..., side]) >= EMPTY
        levels[..., side + 1][gone] = 0
        levels[..., side][gone] = 0
        levels[..., side] = in_ticks(path, first, levels[..., side], tick)
    return levels


def in_ticks(
    path: Path, first: int, price: NDArray[np.int64], tick: float, seen: Any = True
) -> NDArray[np.int64]:
    """Those that are `seen` must be whole ticks; others (hidden orders trade between ticks, too)
    are rounded down.
    """
    step = round(tick * PRICE_UNIT) if 0 < tick < EMPTY else 0
    if step < 1 or abs(step - tick * PRICE_UNIT) > 1e-6:
        raise StorageError(f"--tick {figure(tick)}: must be a whole number of 1/{PRICE_UNIT}")
    wrong = (price % step != 0) & seen
    if wrong.any():
        line = first + int(np.argmax(wrong.reshape(len(price), -1).any(axis=1)))
        found = figure(float(price[wrong].flat[0]) / PRICE_UNIT)
        raise StorageError(
            f"{path}:{line}: price = {found}: no whole number of ticks of {figure(tick)}: give "
            f"--tick"
        )
    return price // step


def read_csv(
    path: Path, count: int | None, names: tuple[str, ...]
) -> tuple[dict[str, NDArray[np.float64]], int]:
    """Columns of numbers by name (their number where `names` are none), and the line of the first.

    `count` columns are wanted, None: as many as there are; what is beyond is left out.
    """
    import pyarrow as pa
    from pyarrow import csv

    try:
        with pa.input_stream(str(path), compression="detect") as stream:
            head = stream.read(65536).split(b"\n", 1)[0].decode(errors="replace").strip()
    except (OSError, pa.ArrowException) as error:
        raise StorageError(f"{path}: {told(error, path)}") from None
    if not head:
        raise StorageError(f"{path}: is empty")
    fields = head.split(",")
    has_names = re.search(r"[A-Za-df-z_]", head) is not None
    if count is not None and len(fields) < count:
        raise StorageError(f"{path}:1: {len(fields)} columns, must be {', '.join(names)}")
    wanted = [str(i) for i in range(len(fields))]
    options: dict[str, Any] = {
        "read_options": csv.ReadOptions(column_names=wanted, skip_rows=int(has_names)),
        "convert_options": csv.ConvertOptions(
            include_columns=wanted[:count], column_types=dict.fromkeys(wanted[:count], pa.float64())
        ),
    }
    first = 1 + has_names
    try:
        table = csv.read_csv(str(path), **options)
    except (OSError, pa.ArrowException) as error:
        raise StorageError(
            bad_line(path, first, len(fields), count) or f"{path}: {told(error, path)}"
        ) from None
    columns = {}
    for i, name in enumerate(wanted[:count]):
        values = table[name].to_numpy(zero_copy_only=False)
        if np.isnan(values).any():
            line = first + int(np.argmax(np.isnan(values)))
            raise StorageError(f"{path}:{line}: column {i + 1} is empty: must be a number")
        columns[names[i] if names else name] = values
    return columns, first


def bad_line(path: Path, first: int, columns: int, count: int | None) -> str | None:
    """The first line that is no list of so many numbers, and why; None if they all are."""
    import pyarrow as pa

    with pa.input_stream(str(path), compression="detect") as stream:
        lines = stream.read().decode(errors="replace").splitlines()
    for number, line in enumerate(lines[first - 1 :], first):
        fields = line.split(",")
        if line and len(fields) != columns:
            return f"{path}:{number}: {len(fields)} columns, must be {columns} as in the first line"
        for column, text in enumerate(fields[:count], 1):
            if not re.fullmatch(r"\s*[+-]?[\d.]+([eE][+-]?\d+)?\s*", text) and line:
                return f"{path}:{number}: column {column} is '{cut(text)}': must be a number"
    return None


def told(error: Exception, path: Path) -> str:
    if isinstance(error, FileNotFoundError):
        near = sorted(each for each in path.parent.glob("*") if each.stem == path.name)
        return "no such file" + (f"; there is {near[0]}" if near else "")
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).partition("\n")[0]
