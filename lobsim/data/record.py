"""A market as it was seen, of real data and of a run alike: quotes, market orders, depth."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lobsim.data.blocks import BLOCKS, Floats
from lobsim.data.export import messages_of
from lobsim.data.messages import Messages
from lobsim.data.quotes import (
    Ints,
    MarketOrders,
    Quotes,
    carried_out_book,
    market_orders,
    recorded_quotes,
)
from lobsim.data.recording import Recording
from lobsim.errors import StorageError, UsageError, choices, cut
from lobsim.report.assets import assets_of
from lobsim.report.frames import Run

LEVELS = 5  # of the book that are looked at, where there are so many
FEWEST = 100  # market orders, without which nothing can be said of what follows on what


@dataclass(frozen=True, slots=True)
class Record:
    """depth is (n, levels): lots at a level after each message, the mean of both sides.

    simulated  it is of a run
    """

    name: str
    quotes: Quotes
    orders: MarketOrders
    depth: Floats
    tick: float
    lot: int  # shares
    simulated: bool

    @property
    def levels(self) -> int:
        return int(self.depth.shape[1])

    @property
    def mid_changes(self) -> Floats:
        """When (s) an instant left another mid than the one before had."""
        seen = self.quotes
        last = np.flatnonzero(np.diff(seen.time_s, append=np.inf) > 0)
        last = last[last >= seen.begin]
        return np.asarray(seen.time_s[last[1:][np.diff(seen.mid[last]) != 0]])


def record(
    name: str,
    messages: Messages,
    book: Ints | None,
    *,
    lot: int,
    simulated: bool = False,
    sized: bool = True,
) -> Record:
    """Of messages and the book after each of them; without it they are carried out.  There is no
    depth where nobody says how many lots are at the best quotes.

    Raises UsageError, StorageError where too little happened.
    """
    levels = carried_out_book(messages, LEVELS) if book is None else book[:, :LEVELS]
    try:
        quotes = recorded_quotes(messages, levels)
        orders = market_orders(messages, quotes)
    except StorageError as error:
        raise StorageError(f"{name}: {error}") from None
    if len(orders) < FEWEST:
        raise StorageError(
            f"{name}: {len(orders)} market orders: must be {FEWEST} or more; take a longer time"
        )
    if orders.time_s[-1] - orders.time_s[0] < quotes.span_s / BLOCKS:
        raise StorageError(f"{name}: all market orders come in a twentieth of the time")
    depth = (levels[:, : levels.shape[1] * sized, 1::2].sum(axis=2)) / (2 * lot)
    made = Record(name, quotes, orders, depth, messages.tick, lot, simulated)
    if not len(made.mid_changes):
        raise StorageError(f"{name}: the mid does not move: there are no moves to look at")
    return made


def record_of_files(name: str, recording: Recording, book: Path | None, lot: int) -> Record:
    """Of what was read, with LOBSTER's recorded book where there is one.

    Raises UsageError, StorageError.
    """
    from lobsim.data.lobster import read_book

    messages = recording.messages
    levels = recording.book if book is None else read_book(book, messages.tick)
    return record(name, messages, levels, lot=lot, sized=recording.sized)


def record_of_run(run: Run, asset: str | None) -> Record:
    """What `lobsim export` writes of it: the same messages, through the same eyes as real ones.

    Raises UsageError.
    """
    known = list(assets_of(run.manifest))
    if asset is None and len(known) > 1:
        raise UsageError(f"the run has the assets {', '.join(known)}: choose one with --asset")
    if asset is not None and asset not in known:
        raise UsageError(f"--asset {cut(asset)}: no such asset{choices(asset, known, 'there are')}")
    chosen = known[0] if asset is None else asset
    name = run.folder.resolve().name
    return record(name, messages_of(run, chosen), None, lot=1, simulated=True)
