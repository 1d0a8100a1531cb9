"""A run as a page shows it: its frames, read once, and what its strategies are called there."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lobsim.report.assets import assets_of, traded_by
from lobsim.report.frames import Run
from lobsim.report.looks import SYMBOLS, colour_of, dash_of
from lobsim.report.moments import Floats, Ints
from lobsim.report.sweep_table import labels_of, safe

if TYPE_CHECKING:
    import pandas as pd

TOGETHER = 8  # strategies that are seen at once
TRANSITION = [
    "ts_event", "strategy", "asset", "state", "cause", "figure", "limit", "overshoot",
]  # fmt: skip


class Shown(NamedTuple):
    """A strategy of a run: `label` is safe where plotly reads it, `number` counts over all runs."""

    strategy: str
    label: str
    number: int

    @property
    def colour(self) -> str:
        return colour_of(self.number)

    @property
    def symbol(self) -> str:
        return SYMBOLS[self.number % len(SYMBOLS)]

    @property
    def line(self) -> dict[str, str | float]:
        return {"color": self.colour, "dash": dash_of(self.number), "width": 1.6}

    @property
    def look(self) -> dict[str, object]:
        """What all traces of it have in common."""
        return {
            "name": self.label, "legendgroup": f"{self.number}",
            "visible": True if self.number < TOGETHER else "legendonly",
        }  # fmt: skip


class Source:
    """One of the runs of a page: `name` is as it is, `label` safe where plotly reads it."""

    def __init__(self, run: Run, label: str, several: bool, first: int) -> None:
        self.run, self.label, self.name = run, label, run.folder.resolve().name
        self.strategies = [
            Shown(name, f"{label}: {safe(name)}" if several else safe(name), first + i)
            for i, name in enumerate(run.manifest["strategies"])
        ]
        self.assets = list(assets_of(run.manifest))
        self.duration_s = float(run.manifest["scenario"]["duration_s"])

    @cached_property
    def equity(self) -> "pd.DataFrame":
        return self.run.equity

    @cached_property
    def fills(self) -> "pd.DataFrame":
        return self.run.frame("fills", ["ts_event", "asset", "mid"])

    @cached_property
    def mids(self) -> "pd.DataFrame":
        return self.run.frame("mids", ["seq", "ts_event", "asset", "kind", "mid"])

    @cached_property
    def quotes(self) -> "pd.DataFrame":
        return self.run.quotes

    @cached_property
    def risk(self) -> "pd.DataFrame":
        return self.run.frame("risk", TRANSITION)

    def traded(self, strategy: str) -> list[str]:
        return traded_by(self.run.manifest, strategy)

    def account(self, strategy: str, asset: str) -> "pd.DataFrame":
        """Its rows of `equity`."""
        return of_account(self.equity, strategy, asset)

    def mid(self, asset: str) -> tuple[Ints, Floats]:
        """Times (ns) and mids; of a run that kept no mids those at its fills."""
        known = self.mids if len(self.mids) else self.fills
        own = known[known["asset"] == asset]
        start = assets_of(self.run.manifest)[asset]["mid"]
        times = np.concatenate([[0], own["ts_event"].to_numpy(np.int64)])
        return times, np.concatenate([[start], own["mid"].to_numpy(np.float64)])


def sources_of(runs: Sequence[Run]) -> list[Source]:
    names = [run.folder.resolve().name for run in runs]
    if len(set(names)) < len(names):
        names = [str(run.folder.resolve()) for run in runs]
    labels = labels_of([*dict.fromkeys(names)])
    sources: list[Source] = []
    count = 0
    for run, name in zip(runs, names, strict=True):
        sources.append(Source(run, str(labels[name]), len(runs) > 1, count))
        count += len(sources[-1].strategies)
    return sources


def of_account(frame: "pd.DataFrame", strategy: str, asset: str) -> "pd.DataFrame":
    return frame[(frame["strategy"] == strategy) & (frame["asset"] == asset)]
