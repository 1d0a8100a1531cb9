"""Schedules and rolling tables kept on disk, each under a hash of all that it depends on.

A file that is damaged, or is not what it should be, counts as missing and is written anew; where
nothing can be written, nothing is kept.  What is read is checked as what is solved is: moments
and limits are worked out from the levels again, and only the bounds are taken from the file.
"""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from lobsim.policy.csp import Schedule, effort_of, schedule_of, solve_schedule
from lobsim.policy.csp_problem import ScheduleProblem
from lobsim.policy.csp_rolling import Rolling, rolling_of, solve_rolling

FORMAT = 1  # of the files, and of the search: to be raised where either comes to differ
Folder = str | os.PathLike[str]
Answer = TypeVar("Answer", Schedule, Rolling)


def default_folder() -> Path | None:
    """$LOBSIM_CACHE, or lobsim in $XDG_CACHE_HOME, or ~/.cache/lobsim; None if the first is ""."""
    named = os.environ.get("LOBSIM_CACHE")
    if named is not None:
        return Path(named) if named else None
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lobsim"
    except RuntimeError:  # no home
        return None


def cached_schedule(
    problem: ScheduleProblem,
    *,
    folder: Folder | None = None,
    time_limit_s: float = 60.0,
    gap: float = 1e-3,
    workers: int = 1,
    seed: int = 1,
) -> Schedule:
    """`solve_schedule`, or what it gave before.  folder: `default_folder()` where none is given."""
    effort: dict[str, Any] = {
        "time_limit_s": time_limit_s, "gap": gap, "workers": workers, "seed": seed,
    }  # fmt: skip
    effort_of(**effort)

    def read(levels: Any, figures: dict[str, Any]) -> Schedule:
        bids, asks = (tuple(side) for side in levels.tolist())
        found = schedule_of(problem, bids, asks, figures["bound"], gap)
        if not all(each.kept for each in found.checks):
            raise ValueError("not a schedule that keeps the limits")
        return found

    return _cached(
        key(problem, "schedule", **effort),
        folder,
        read,
        lambda: solve_schedule(problem, **effort),
        lambda found: (np.array([found.bids, found.asks]), {"bound": found.bound}),
    )


def cached_rolling(
    problem: ScheduleProblem,
    *,
    max_inventory: int,
    folder: Folder | None = None,
    time_limit_s: float = 600.0,
    gap: float = 1e-3,
    workers: int = 1,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Rolling:
    """`solve_rolling`, or what it gave before.  folder: `default_folder()` where none is given."""
    effort: dict[str, Any] = {
        "time_limit_s": time_limit_s, "gap": gap, "workers": workers, "seed": seed,
    }  # fmt: skip
    effort_of(**effort)

    def read(levels: Any, figures: dict[str, Any]) -> Rolling:
        return rolling_of(
            problem,
            max_inventory,
            gap,
            *levels,
            *np.array([figures["objectives"], figures["bounds"]]),
        )

    return _cached(
        key(problem, "rolling", max_inventory=max_inventory, **effort),
        folder,
        read,
        lambda: solve_rolling(
            problem,
            max_inventory=max_inventory,
            progress=progress,
            **effort,
        ),
        lambda found: (
            np.array([found.bids, found.asks]),
            {"objectives": found.objectives.tolist(), "bounds": found.bounds.tolist()},
        ),
    )


def key(problem: ScheduleProblem, mode: str, **settings: float) -> str:
    """A sha256 over all that an answer depends on, in hexadecimal."""
    inputs = {
        "format": FORMAT,
        "mode": mode,
        "ortools": version("ortools"),
        "problem": asdict(problem),
        "settings": settings,
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def _cached(
    name: str,
    folder: Folder | None,
    read: Callable[[Any, dict[str, Any]], Answer],
    solve: Callable[[], Answer],
    contents: Callable[[Answer], tuple[Any, dict[str, Any]]],
) -> Answer:
    place = default_folder() if folder is None else Path(folder)
    if place is None:
        return solve()
    path = place / f"{name}.npz"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return read(stored["levels"], json.loads(str(stored["figures"])))
    except Exception:  # numpy raises half a dozen kinds for a damaged file
        pass
    found = solve()
    levels, figures = contents(found)
    figures |= {"gap": found.gap, "status": found.status}
    with contextlib.suppress(OSError):
        _write(path, levels=levels, figures=np.array(json.dumps(figures)))
    return found


def _write(path: Path, **arrays: Any) -> None:
    """Write the file in one step, so that nobody ever reads a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(partial)
        raise
