"""Does a run folder hold what was written?  Hashes, rows and counts, each against the others."""

from dataclasses import dataclass
from pathlib import Path

from lobsim.errors import DamagedError, StorageError
from lobsim.report.frames import Run
from lobsim.report.parts import PARTS, faults, read_manifest
from lobsim.seal import intact


@dataclass(frozen=True, slots=True)
class Verdict:
    """`problems` is empty for a good folder; `found` says in a line what there is."""

    found: str
    problems: tuple[str, ...]


def verify(folder: Path) -> Verdict:
    """Check every byte of a run folder.  Raises StorageError where there is no run at all."""
    parts = sorted(folder.glob(f"*/{PARTS}"))
    good = [part for part in parts if intact(part)]
    rows = sum(rows_of(part) for part in good)
    left = f"{len(good)} good parts of {len(parts)}, {rows:,} rows"
    try:
        manifest = read_manifest(folder)
    except DamagedError as error:
        return Verdict(left, error.problems)
    except StorageError as error:
        if parts:
            error.add_note(f"{folder}: {left}")
        raise
    problems = list(faults(folder, manifest))
    if not problems:
        problems = list(miscounts(Run(folder)))
    unfinished = sorted(str(path) for path in folder.rglob("*.tmp"))
    notes = f"; unfinished files, not read: {', '.join(unfinished)}" if unfinished else ""
    return Verdict(f"{manifest['state']}: {left}{notes}", tuple(problems))


def rows_of(part: Path) -> int:
    import pyarrow.parquet as pq

    rows: int = pq.read_metadata(part).num_rows
    return rows


def miscounts(run: Run) -> list[str]:
    """Where rows, run.json and its summary disagree: where lobsim itself was wrong."""
    manifest, problems = run.manifest, []
    for path, said in manifest.get("files", {}).items():
        there = rows_of(run.folder / path) if "rows" in said else None
        if there is not None and there != said["rows"]:
            problems.append(f"{run.folder / path}: {there} rows, run.json says {said['rows']}")
    finished = manifest["state"] == "complete"  # else a last part may be there unlisted
    for table, rows in manifest.get("rows", {}).items() if finished else ():
        found = run.dataset(table)
        there = 0 if found is None else found.count_rows()
        if there != rows:
            problems.append(f"{run.folder / table}: {there} rows, run.json says {rows}")
    fills = run.fills
    for row in manifest.get("summary", []):
        own = fills[fills["strategy"] == row["strategy"]] if len(fills) else fills
        if len(own) != row["fills"]:
            problems.append(
                f"{run.folder}: {row['strategy']} has {len(own)} fills, its summary {row['fills']}"
            )
    return problems
