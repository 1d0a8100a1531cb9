"""A kept run as pandas frames.  Reads the folder and nothing else."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lobsim.errors import LobsimError, StorageError
from lobsim.report.parts import parts_of, read_manifest

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow.dataset as ds

HORIZONS = 0.1, 1.0, 10.0  # seconds, of markouts where none are given
RUNS = Path("runs")  # where runs go that were given no place of their own


class Run:
    """One run folder.  Frames are read when asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = read_manifest(folder)

    def dataset(self, table: str) -> "ds.Dataset | None":
        """A table's parts as one pyarrow dataset; None where the run has no such table.

        Raises DamagedError where a byte of them is not as it was written.
        """
        import pyarrow.dataset as ds

        parts = parts_of(self.folder, self.manifest, table)
        return ds.dataset([str(part) for part in parts]) if parts else None

    def frame(self, table: str, columns: list[str] | None = None) -> "pd.DataFrame":
        """A table's columns, None for all; empty where the run has no such table."""
        import pandas as pd  # 0.2 s

        found = self.dataset(table)
        if found is None:
            return pd.DataFrame(columns=columns)
        frame: pd.DataFrame = found.to_table(columns).to_pandas()
        return frame

    @property
    def fills(self) -> "pd.DataFrame":
        """Two rows a trade, the maker's and the taker's; money in currency."""
        return self.frame("fills")

    @property
    def orders(self) -> "pd.DataFrame":
        """One row per command, outside orders included, with its outcome."""
        return self.frame("orders")

    @property
    def mids(self) -> "pd.DataFrame":
        return self.frame("mids")

    @property
    def risk(self) -> "pd.DataFrame":
        """Transitions of the risk monitors."""
        return self.frame("risk")

    @property
    def notes(self) -> "pd.DataFrame":
        return self.frame("notes")

    @property
    def quotes(self) -> "pd.DataFrame":
        """The best own bid and ask of each account, a row whenever one of them changes.

        `bid_size` and `ask_size` are all its own lots at that price; a price is NaN and its size 0
        while there is no quote.  Empty where the run kept no orders (record = "fills").
        """
        from lobsim.report.paths import own_quotes

        placed = [
            "seq",
            "ts_event",
            "strategy",
            "asset",
            "side",
            "order_id",
            "price",
            "open",
            "outcome",
        ]
        traded = [
            "seq",
            "ts_event",
            "strategy",
            "asset",
            "side",
            "order_id",
            "price",
            "size",
            "liquidity",
        ]
        return own_quotes(self.frame("orders", placed), self.frame("fills", traded))

    @property
    def equity(self) -> "pd.DataFrame":
        """Every strategy's account in each asset at its start, after each move of the asset's mid
        and after each own fill.

        `cash` is before `fees`; `equity` is cash less fees, with the inventory at the mark (the
        mid in whole 1/1000 ticks), all in currency; `drawdown` is its distance from its highest so
        far.  A run that kept no mids (record = "fills") is marked at its fills alone, so a
        drawdown between them is not seen.
        """
        from lobsim.report.paths import marked_equity

        account = ["seq", "ts_event", "strategy", "asset", "mid", "fee", "inventory", "cash"]
        mids = self.frame("mids", ["seq", "ts_event", "asset", "mid"])
        return marked_equity(self.manifest, self.frame("fills", account), mids)

    def attribution(self, by: str | None = None, *, bins: int = 20) -> "pd.DataFrame":
        """Profit by its causes, currency: a row for each strategy and asset.

        `spread` (earned at the fills), `diffusion`, `drift`, `jumps`, `informed` (moves of the mid
        on the inventory held), `fees` (below 0 where paid) and `closing` add up to `profit`;
        `residual` is what they leave of it, 0 in whole 1/1000 (tick x lot).  `by` makes a row for
        each side, counterparty or fill (0 is the inventory held at the start), or for each of
        `bins` times.  Without mids (record = "fills") the four kinds of moves are one, `moves`.
        What each is: lobsim/report/attribution.py and moves.py.
        """
        from lobsim.report.attribution import attribution_of

        return attribution_of(self, by, bins)

    def markouts(self, horizons: Sequence[float] = HORIZONS) -> "pd.DataFrame":
        """The strategies' fills, with what each was worth so many seconds later.

        `markout_1s` is side x (mid in 1 s - price), currency per lot; NaN past the end.
        """
        from lobsim.report.markouts import markouts_of

        return markouts_of(self, horizons)

    def markout_summary(self, horizons: Sequence[float] = HORIZONS) -> "pd.DataFrame":
        """Means per lot, currency: a row for each strategy, asset, liquidity and horizon (s).

        `quoted` is the half-spread at the fill, against the mid then, `realised` the markout, and
        `adverse` the difference, with Newey and West's standard error (NaN where the run is too
        short for it); both are NaN where there is none in this market, as `adverse_selection`
        says.  Only fills whose markout is known count.
        """
        from lobsim.report.markouts import summary_of

        return summary_of(self, horizons)

    @property
    def adverse_selection(self) -> str:
        """What there is of it in this market, in a line: from the scenario, not from chance."""
        from lobsim.report.markouts import adverse_selection

        return adverse_selection(self)[1]

    def measures(self, grid_s: float | None = None, level: float = 0.95) -> "pd.DataFrame":
        """Risk, inventory and activity: a row for each strategy and asset, and one ("portfolio")
        for all that a strategy of several assets has.

        `deviation`, `var` and `cvar` (at `level`) are of the changes of equity from one time of
        the grid to the next, a thousandth of the run apart unless grid_s is given; so are
        `max_drawdown`, `sharpe` and `half_life_s`.  Conventions, units and sources:
        lobsim/report/measures.py, activity.py and run_measures.py.
        """
        from lobsim.report.run_measures import measures_of

        return measures_of(self, grid_s, level)

    @property
    def summary(self) -> "pd.DataFrame":
        """One row per strategy."""
        import pandas as pd

        return pd.DataFrame(self.manifest.get("summary", []))

    @property
    def digest(self) -> str:
        """Names the tape; nothing for a run that was cut off."""
        return str(self.manifest.get("digest", ""))

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
    return Run(folder_of(run))


def folder_of(run: str | os.PathLike[str] | None) -> Path:
    """Where that run is.  Raises StorageError."""
    if run is not None and os.path.isdir(run):
        return Path(run)
    name = None if run is None else os.fspath(run)
    folders = [path.parent for path in RUNS.glob("*/run.json")]
    if name is None:
        found = [(started(folder), folder) for folder in folders]
    else:
        found = []
        for folder in folders:
            stem, _, count = folder.name.rpartition("-")
            if folder.name == name:
                found.append(("", folder))
            elif stem == name and count.isdigit():
                found.append((count.zfill(9), folder))
    if not found:
        what = "no run" if name is None else f"no run '{name}'"
        raise StorageError(f"{what} in {RUNS.resolve()}: lobsim run makes one")
    return max(found)[1]


def started(folder: Path) -> str:
    """When a run began; where run.json cannot be read, when it was last written."""
    try:
        return str(read_manifest(folder)["started"])
    except LobsimError:
        written = (folder / "run.json").stat().st_mtime
        return datetime.fromtimestamp(written, UTC).isoformat(timespec="microseconds")
