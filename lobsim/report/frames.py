"""A kept run as pandas frames.  Reads the folder and nothing else."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lobsim.errors import StorageError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow.dataset as ds

RUNS = Path("runs")  # where runs go that were given no place of their own


class Run:
    """One run folder.  Frames are read when asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.manifest: dict[str, Any] = json.loads((folder / "run.json").read_text())
        except FileNotFoundError:
            raise StorageError(f"{folder}: not a run: it has no run.json") from None
        except (OSError, ValueError) as error:
            raise StorageError(f"{folder / 'run.json'}: {error}") from None

    def dataset(self, table: str) -> "ds.Dataset | None":
        """A table's parts as one pyarrow dataset; None where the run has no such table."""
        import pyarrow.dataset as ds

        parts = sorted((self.folder / table).glob("part-*.parquet"))
        return ds.dataset([str(part) for part in parts]) if parts else None

    def _frame(self, table: str) -> "pd.DataFrame":
        import pandas as pd  # 0.2 s

        found = self.dataset(table)
        if found is None:
            return pd.DataFrame()
        frame: pd.DataFrame = found.to_table().to_pandas()
        return frame

    @property
    def fills(self) -> "pd.DataFrame":
        """Two rows a trade, the maker's and the taker's; money in currency."""
        return self._frame("fills")

    @property
    def orders(self) -> "pd.DataFrame":
        """One row per command, outside orders included, with its outcome."""
        return self._frame("orders")

    @property
    def mids(self) -> "pd.DataFrame":
        return self._frame("mids")

    @property
    def risk(self) -> "pd.DataFrame":
        """Transitions of the risk monitors."""
        return self._frame("risk")

    @property
    def notes(self) -> "pd.DataFrame":
        return self._frame("notes")

    @property
    def summary(self) -> "pd.DataFrame":
        """One row per strategy."""
        import pandas as pd

        return pd.DataFrame(self.manifest.get("summary", []))

    @property
    def digest(self) -> str:
        return str(self.manifest["digest"])

    def __repr__(self) -> str:
        return (
            f"<run {self.folder.name}: {self.manifest['state']}, seed {self.manifest['seed']}, "
            f"replication {self.manifest['replication']}, digest {self.digest[:8]}>"
        )

    def _repr_html_(self) -> str:
        html: str = self.summary.to_html(index=False, escape=True)
        return html


def open_run(run: str | os.PathLike[str] | None = None) -> Run:
    """A run by its folder, or by a name: the latest run of that name under runs/; None: of all."""
    if run is not None and (Path(run) / "run.json").exists():
        return Run(Path(run))
    name = None if run is None else os.fspath(run)
    found = []
    for folder in RUNS.glob("*") if name is None or os.sep not in name else ():
        stem, _, count = folder.name.rpartition("-")
        named = name is None or folder.name == name or (stem == name and count.isdigit())
        if named and (folder / "run.json").exists():
            found.append(Run(folder))
    if not found:
        what = "no run" if name is None else f"no run '{name}'"
        raise StorageError(f"{what} in {RUNS.resolve()}: lobsim run makes one")
    return max(found, key=lambda each: each.manifest["started"])
