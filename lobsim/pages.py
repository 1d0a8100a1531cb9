"""Which page belongs to a folder: to that of a run, of a comparison or of a sweep."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lobsim.compare import Comparison
from lobsim.errors import DamagedError, UsageError
from lobsim.policies import policies_of
from lobsim.report.comparison_page import Profits, comparison_page
from lobsim.report.frames import RUNS, Run, open_run
from lobsim.report.parts import read_manifest
from lobsim.report.run_page import run_page
from lobsim.report.run_tables import facts_of, scenario_lines
from lobsim.report.sweep_page import sweep_page
from lobsim.run import versions
from lobsim.scenario.axes import axes_of
from lobsim.scenario.schema import Scenario
from lobsim.sweeps.results import as_dicts, read_results

COMPARISON, SWEEP = "comparison.json", "sweep.json"


def place_of(name: str | None) -> Path:
    """The folder of a run, a comparison or a sweep, by its path or its name under runs/; None: of
    the latest run.  Raises StorageError.
    """
    for folder in () if name is None else (Path(name), RUNS / name):
        if kind_of(folder) != "run":
            return folder
    return open_run(name).folder


def kind_of(folder: Path) -> str:
    if (folder / COMPARISON).is_file():
        return "comparison"
    return "sweep" if (folder / SWEEP).is_file() else "run"


def page_of(folders: Sequence[Path]) -> str:
    """report.html of one folder of any kind, or of several runs.  Raises a LobsimError."""
    if len(folders) == 1:
        folder = folders[0]
        match kind_of(folder):
            case "comparison":
                return kept_comparison_page(folder)
            case "sweep":
                return kept_sweep_page(folder)
        run = Run(folder)
        return run_page([run], policies_of(run))
    for folder in folders:
        if (kind := kind_of(folder)) != "run":
            raise UsageError(f"{folder}: is a {kind}; one page is of one of them, or of runs")
    return run_page([Run(folder) for folder in folders])


def kept_comparison_page(folder: Path) -> str:
    """Of a comparison that kept its tapes: its figures, and the summaries of all runs."""
    path = folder / COMPARISON
    try:
        rows = json.loads(path.read_bytes())
        modes = list(dict.fromkeys(row["mode"] for row in rows))
        names = list(dict.fromkeys(row["strategy"] for row in rows))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DamagedError(f"{path}: damaged: {error}") from None
    profits: dict[str, dict[str, list[float]]] = {mode: {n: [] for n in names} for mode in modes}
    manifest: dict[str, Any] = {}
    for mode in modes:
        pattern = "*/run.json" if mode == "shared" else "*/*/run.json"
        for place in sorted((folder / mode).glob(pattern)):
            manifest = read_manifest(place.parent)
            for row in manifest.get("summary", []):
                if row["strategy"] in profits[mode]:
                    profits[mode][row["strategy"]].append(row["profit"])
    if not manifest:
        raise DamagedError(f"{folder}: damaged: it has no runs")
    known = {
        mode: {name: np.array(values) for name, values in own.items() if values}
        for mode, own in profits.items()
    }
    return page_of_comparison(manifest, rows, known)


def page_of_figures(scenario: Scenario, comparison: Comparison) -> str:
    """Of a comparison that kept nothing."""
    told = {
        "scenario": scenario.model_dump(mode="json"), "name": scenario.name, "plugins": {},
        "seed": comparison.seed, "engine": comparison.engine, "versions": versions(),
    }  # fmt: skip
    profits = {
        mode: {name: each.column("profit") for name, each in own.items()}
        for mode, own in comparison.summaries.items()
    }
    return page_of_comparison(told, comparison.as_dicts(), profits)


def page_of_comparison(
    told: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], profits: Profits
) -> str:
    scenario = told["scenario"]
    reps = f"{max(row['reps'] for row in rows):,}"
    facts = facts_of(told, seed=str(told["seed"]), replications=reps, engine=told["engine"])
    title = f"Compared: {scenario['title'] or told['name']}"
    return comparison_page(title, facts, scenario_lines(scenario), rows, profits)


def kept_sweep_page(folder: Path) -> str:
    import pandas as pd

    from lobsim.sweeps.folder import read_manifest as read_sweep

    manifest = read_sweep(folder)
    axes = [key for axis in axes_of(manifest["over"]) for key in axis.keys]
    if "digest" not in manifest:
        raise UsageError(f"{folder}: the sweep has not ended; lobsim sweep --resume goes on")
    results = read_results(folder, axes)
    if not results:
        raise UsageError(f"{folder}: every point of the sweep failed; there are no results")
    scenario = manifest["scenario"]
    facts = facts_of(
        manifest, seed=str(manifest["seed"]), replications=f"{manifest['reps']:,} a point",
        engine=manifest["engine"], digest=manifest["digest"], over=", ".join(manifest["over"]),
    )  # fmt: skip
    return sweep_page(
        scenario["title"] or manifest["name"], pd.DataFrame(as_dicts(results, axes)), axes,
        facts=facts, scenario=scenario_lines(scenario),
    )  # fmt: skip
