"""How one strategy fared in many replications: a column a figure, so that a million fit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from lobsim.summary import Summary

NUMBERS = tuple(
    f.name for f in fields(Summary) if f.name not in ("strategy", "problem", "by_asset")
)
WHOLE = frozenset(f.name for f in fields(Summary) if f.type in (int, "int"))


class Summaries(Sequence[Summary]):
    """By replication.  What a replication has none of is NaN in its column."""

    def __init__(
        self,
        strategy: str,
        columns: Mapping[str, NDArray[Any]],
        problems: Mapping[int, str] | None = None,
    ) -> None:
        """`columns` are of NUMBERS, all of one length; `problems` are by replication."""
        self.strategy = strategy
        self._columns = dict(columns)
        self.problems = dict(problems or {})

    @classmethod
    def of(cls, strategy: str, summaries: Iterable[Summary]) -> "Summaries":
        rows = list(summaries)
        columns = {}
        for name in NUMBERS:
            values = [getattr(row, name) for row in rows]
            if name in WHOLE:
                columns[name] = np.array(values, dtype=np.int64)
            else:
                columns[name] = np.array([np.nan if v is None else v for v in values], np.float64)
        problems = {rep: row.problem for rep, row in enumerate(rows) if row.problem is not None}
        return cls(strategy, columns, problems)

    @classmethod
    def joined(cls, parts: Sequence["Summaries"]) -> "Summaries":
        """One after another."""
        columns = {
            name: np.concatenate([part._columns[name] for part in parts]) for name in NUMBERS
        }
        problems: dict[int, str] = {}
        start = 0
        for part in parts:
            problems |= {start + rep: problem for rep, problem in part.problems.items()}
            start += len(part)
        return cls(parts[0].strategy, columns, problems)

    def column(self, name: str) -> NDArray[Any]:
        """(replications,) a figure of Summary."""
        return self._columns[name]

    def known(self, name: str) -> NDArray[Any]:
        """A figure, of the replications that have it."""
        values = self._columns[name]
        return values if name in WHOLE else values[~np.isnan(values)]

    def __len__(self) -> int:
        return len(self._columns["profit"])

    @overload
    def __getitem__(self, at: int) -> Summary: ...
    @overload
    def __getitem__(self, at: slice) -> list[Summary]: ...
    def __getitem__(self, at: int | slice) -> Summary | list[Summary]:
        if isinstance(at, slice):
            return [self[rep] for rep in range(*at.indices(len(self)))]
        rep = range(len(self))[at]
        values = {name: self._columns[name][rep].item() for name in NUMBERS}
        for name in ("spread", "least_depth"):
            if values[name] != values[name]:
                values[name] = None
        return Summary(strategy=self.strategy, problem=self.problems.get(rep), **values)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Summaries)
            and self.strategy == other.strategy
            and self.problems == other.problems
            and all(
                np.array_equal(self._columns[name], other._columns[name], equal_nan=True)
                for name in NUMBERS
            )
        )

    __hash__ = None  # type: ignore[assignment]
