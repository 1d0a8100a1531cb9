"""Quote what a saved table says.

When to use: the quotes were solved elsewhere, or by `lobsim solve`, and are to be played as they
are.

The file is one that `lobsim solve` or `QuoteTable.save` wrote; it is looked for in the scenario's
folder, then in the working folder.
"""

from dataclasses import dataclass
from pathlib import Path

from lobsim import Market, QuoteTable, Strategy


@dataclass
class SavedTable(Strategy):
    """`table` is the file, .npz; every quote is for `size` lots."""

    table: str
    size: int = 1

    def quote_table(self, market: Market) -> QuoteTable:
        beside = Path(market.folder) / self.table
        try:
            table = QuoteTable.load(beside if beside.exists() else self.table)
        except FileNotFoundError:
            raise ValueError(
                f"table = {self.table}: no such file in {Path(market.folder).resolve()} or "
                f"{Path.cwd()}"
            ) from None
        except (ValueError, OSError) as error:
            raise ValueError(f"table = {self.table}: {error}") from None
        if table.horizon_s not in (None, market.duration_s):
            raise ValueError(
                f"table = {self.table}: its quotes are for a horizon of {table.horizon_s:g} s, the "
                f"market lasts {market.duration_s:g} s"
            )
        # What its solver said of it was said of another market, perhaps.
        return QuoteTable(
            table.times_s, table.inventories, table.bid_depth, table.ask_depth,
            horizon_s=table.horizon_s,
        )  # fmt: skip
