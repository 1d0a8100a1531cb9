"""Recordings of real markets, in whatever format they are: the one place that opens them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lobsim.data import databento, hftbacktest
from lobsim.data.columns import header
from lobsim.data.databento import read_databento
from lobsim.data.hftbacktest import read_hftbacktest
from lobsim.data.lobster import read_messages, told
from lobsim.data.recording import Recording
from lobsim.data.taker_side import lee_ready
from lobsim.data.trades_quotes import read_trades_quotes
from lobsim.errors import StorageError, UsageError

Format = Literal["lobster", "databento", "hftbacktest", "csv"]
TICK = 0.01  # where no other is said
NAMES = {
    "lobster": "LOBSTER's messages",
    "databento": "Databento's market by order, in CSV",
    "hftbacktest": "hftbacktest's events",
    "csv": "trades and quotes, in CSV",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A file, and what the user says of it.

    form         its format; None: what its first bytes, or a map of columns, leave no doubt of
    size_step    what sizes are whole numbers of, where they may have decimals
    instrument   whose rows are wanted, of a file with several
    columns      the map of a plain CSV
    quotes       the file of its quotes, if they are in another
    sides        the rule for who took, where the file does not say
    """

    path: Path
    tick: float
    form: Format | None = None
    size_step: float | None = None
    instrument: str | None = None
    columns: Path | None = None
    quotes: Path | None = None
    sides: Literal["lee-ready"] | None = None

    def read(self) -> Recording:
        """Raises StorageError, UsageError."""
        form = self.form or self.recognised()
        self.check(form)
        step = 1.0 if self.size_step is None else self.size_step
        if form == "databento":
            found = read_databento(self.path, self.tick, self.instrument)
        elif form == "hftbacktest":
            found = read_hftbacktest(self.path, self.tick, step, self.sides is not None)
        elif self.columns is not None:
            found = read_trades_quotes(
                self.path, self.quotes, self.columns, self.tick, step, self.sides is not None
            )
        else:
            found = Recording(read_messages(self.path, self.tick))
        return found if self.sides is None else lee_ready(found)

    def words(self) -> list[str]:
        """The options that say so, with the names of files."""
        given = {
            "--tick": None if self.tick == TICK else f"{self.tick:.10g}",
            "--from": self.form,
            "--size-step": None if self.size_step is None else f"{self.size_step:.10g}",
            "--instrument": self.instrument,
            "--columns": None if self.columns is None else self.columns.name,
            "--quotes": None if self.quotes is None else self.quotes.name,
            "--sides": self.sides,
        }
        return [word for pair in given.items() if pair[1] is not None for word in pair if word]

    def recognised(self) -> Format:
        """LOBSTER's, which has no mark, where there is none of another.  Raises StorageError."""
        if self.columns is not None:
            return "csv"
        try:
            with self.path.open("rb") as file:
                first = file.read(len(hftbacktest.MAGIC))
        except OSError as error:
            raise StorageError(f"{self.path}: {told(error, self.path)}") from None
        if first == hftbacktest.MAGIC:
            return "hftbacktest"
        if first.startswith(b"DBN") or self.path.name.endswith(".dbn.zst"):
            raise StorageError(f"{self.path}: is DBN: give Databento's CSV (`dbn --csv` makes it)")
        return "databento" if set(header(self.path)) >= databento.MARK else "lobster"

    def check(self, form: Format) -> None:
        """Options that this format has no use for are told.  Raises UsageError."""
        of = {
            "--instrument": (self.instrument, ("databento",)),
            "--size-step": (self.size_step, ("hftbacktest", "csv")),
            "--sides": (self.sides, ("hftbacktest", "csv")),
            "--columns": (self.columns, ("csv",)),
            "--quotes": (self.quotes, ("csv",)),
        }
        for option, (value, forms) in of.items():
            if value is not None and form not in forms:
                raise UsageError(f"{option}: not for {NAMES[form]} (--from {form})")
        if form == "csv" and self.columns is None:
            raise UsageError("--from csv: give --columns, a map of its columns")
