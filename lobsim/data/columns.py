"""Columns of a CSV file, packed or not, block by block: whole and exact numbers, times, words.

A number with decimals is read as whole billionths of its unit, so nothing is rounded.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lobsim.data.lobster import told
from lobsim.errors import StorageError, cut, figure, meant

Ints = NDArray[np.int64]
BLOCK = 1 << 23  # bytes
NOTHING = np.iinfo(np.int64).min  # an empty cell
NANO = 10**9

WHOLE, ID, MOMENT, CLOCK, WORD = "whole", "id", "moment", "clock", "word"
NUMBER, MILLIS, MICROS = "number", "milliseconds", "microseconds"
DECIMALS = {NUMBER: 9, MILLIS: 6, MICROS: 3}  # what is read as a whole number of the last of these
OFFSET = r"(Z|[+-]\d\d:?\d\d)"
ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?"
FORMS = {  # what a cell of each kind looks like, and in words
    WHOLE: (r"[+-]?\d{1,19}", "must be a whole number"),
    ID: (r"\d{1,20}", "must be a whole number"),
    **{
        kind: (
            rf"[+-]?(\d+\.?\d{{0,{decimals}}}|\.\d{{1,{decimals}}})([eE][+-]?\d+)?",
            f"must be a number of {decimals} decimals at most",
        )
        for kind, decimals in DECIMALS.items()
    },
    MOMENT: (ISO + OFFSET, "must be a time as 2025-07-17T13:30:00.123456789Z"),
    CLOCK: (ISO, "must be a time as 2025-07-17T13:30:00.123456789"),
    WORD: (r"(?s).*", ""),
}


class Column(NamedTuple):
    name: str
    kind: str
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows: numbers and times (ns from 1970 on) as int64, an id as uint64, words as Arrow's.

    lines   where the rows are in the file
    """

    path: Path
    lines: Ints
    columns: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.lines)

    def only(self, rows: NDArray[np.bool_]) -> "Block":
        """Those rows."""
        columns = {name: column.filter(rows) if hasattr(column, "filter") else column[rows]
                   for name, column in self.columns.items()}  # fmt: skip
        return Block(self.path, self.lines[rows], columns)

    def refuse(self, wrong: Any, name: str, must: str, shown: Any = str) -> None:
        """Raises StorageError with the line of the first row that is wrong."""
        if np.any(wrong):
            at = int(np.argmax(wrong))
            found = self.columns[name][at]
            found = found.as_py() if hasattr(found, "as_py") else found
            what = f"{name} is empty" if found in ("", NOTHING) else f"{name} = {shown(found)}"
            raise StorageError(f"{self.path}:{self.lines[at]}: {what}: {must}")

    def steps(self, name: str, step: float, option: str, given: Any, seen: Any = True) -> Ints:
        """A column in billionths in steps, where it is `given`; those that are `seen` must be
        whole numbers of a step, others are rounded down.
        """
        size = billionths(step, option)
        values = np.where(given, self.columns[name], 0)
        must = f"no whole number of {figure(step)}: give {option}"
        self.refuse((values % size != 0) & seen, name, must, in_full)
        return np.asarray(values // size)


def billionths(step: float, option: str) -> int:
    """A step of prices or sizes, as what it must divide.  Raises StorageError."""
    size = round(step * NANO) if 0 < step < NANO else 0
    if size < 1 or abs(step * NANO - size) > 1e-6 * size:
        raise StorageError(f"{option} {figure(step)}: must be a whole number of 1e-9, above 0")
    return size


def in_full(value: int) -> str:
    """Billionths as a decimal number."""
    whole, rest = divmod(abs(int(value)), NANO)
    return f"{'-' if value < 0 else ''}{whole}.{rest:09}".rstrip("0").rstrip(".")


def codes(words: Any, known: Sequence[str]) -> NDArray[np.int8]:
    """The place of each word among those that are known; -1 where it is none of them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.fill_null(pc.index_in(words, value_set=pa.array(known, pa.string())), -1)
    return np.asarray(found).astype(np.int8)


def opened(path: Path) -> Any:
    import pyarrow as pa

    try:
        return pa.input_stream(str(path), compression="detect")
    except (OSError, pa.ArrowException) as error:
        raise StorageError(f"{path}: {told(error, path)}") from None


def lines_of(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line.  Raises StorageError where the file cannot be unpacked."""
    import pyarrow as pa

    with opened(path) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
        try:
            yield from enumerate(csv.reader(text), 1)
        except (OSError, pa.ArrowException, csv.Error) as error:
            raise StorageError(f"{path}: {told(error, path)}") from None


def header(path: Path) -> list[str]:
    """The names of its columns.  Raises StorageError."""
    for _, names in lines_of(path):
        return [name.strip() for name in names]
    raise StorageError(f"{path}: is empty")


def sample(path: Path, name: str, of: str) -> str:
    """The first cell of a column that is not empty, "" if there is none.  Raises StorageError."""
    names = header(path)
    check_names(path, names, [name], of)
    at = names.index(name)
    cells = (cells for number, cells in lines_of(path) if number > 1 and len(cells) > at)
    return next((each[at] for each in cells if each[at].strip()), "")


def check_names(path: Path, names: list[str], wanted: Sequence[str], of: str) -> None:
    for name in wanted:
        if name not in names:
            raise StorageError(f"{path}:1: no column '{cut(name)}', {of}{meant(name, names)}")
        if names.count(name) > 1:
            raise StorageError(f"{path}:1: two columns '{cut(name)}': names must differ")


def blocks(path: Path, columns: Sequence[Column], of: str) -> Iterator[Block]:
    """These columns of a file with a line of names.  Raises StorageError with the line."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    types = {
        WHOLE: pa.int64(), ID: pa.uint64(), WORD: pa.string(),
        MOMENT: pa.timestamp("ns", "UTC"), CLOCK: pa.timestamp("ns"),
    } | {kind: pa.decimal128(38, decimals) for kind, decimals in DECIMALS.items()}  # fmt: skip
    names = header(path)
    check_names(path, names, [each.name for each in columns], of)
    line = 2
    try:
        reader = arrow.open_csv(
            opened(path),
            arrow.ReadOptions(block_size=BLOCK, column_names=names, skip_rows=1),
            arrow.ParseOptions(ignore_empty_lines=False),
            arrow.ConvertOptions(
                include_columns=[each.name for each in columns],
                column_types={each.name: types[each.kind] for each in columns},
            ),
        )
        for batch in reader:
            lines = np.arange(line, line + len(batch))
            line += len(batch)
            yield block_of(path, lines, columns, batch)
    except (OSError, pa.ArrowException) as error:
        if line == 2 and not any(number > 1 for number, _ in lines_of(path)):
            return
        raise StorageError(bad_line(path, columns) or f"{path}: {told(error, path)}") from None


def block_of(path: Path, lines: Ints, columns: Sequence[Column], batch: Any) -> Block:
    found = Block(path, lines, {})
    for name, kind, may_be_empty in columns:
        cells = batch[name]
        if kind == WORD:
            found.columns[name] = cells
        elif kind in DECIMALS:
            pairs = np.frombuffer(cells.buffers()[1], np.int64)[2 * cells.offset :]
            values = pairs[: 2 * len(cells) : 2].copy()
            high = pairs[1 : 2 * len(cells) : 2]
            empty = np.asarray(cells.is_null())
            values[empty] = NOTHING
            found.columns[name] = values
            must = f"must be within {2**63 // 10 ** DECIMALS[kind]}"
            found.refuse((high != values >> 63) & ~empty, name, must, lambda value: "a number")
        elif kind == ID:
            found.columns[name] = cells.to_numpy(zero_copy_only=False)
        else:
            found.columns[name] = np.asarray(cells.cast("int64").fill_null(NOTHING))
        if not may_be_empty and kind != WORD and cells.null_count:
            line = lines[int(np.argmax(np.asarray(cells.is_null())))]
            raise StorageError(f"{path}:{line}: {name} is empty: {FORMS[kind][1]}")
    return found


def bad_line(path: Path, columns: Sequence[Column]) -> str | None:
    """The first line that Arrow could not read, and why; None if there is none to be found."""
    names: list[str] = []
    for number, cells in lines_of(path):
        if number == 1:
            names = [name.strip() for name in cells]
            continue
        if len(cells) != len(names):
            return (
                f"{path}:{number}: {len(cells)} columns, must be {len(names)} as in the first line"
            )
        for name, kind, _ in columns:
            cell, (form, must) = cells[names.index(name)].strip(), FORMS[kind]
            if cell and not re.fullmatch(form, cell):
                return f"{path}:{number}: {name} = '{cut(cell)}': {must}"
    return None
