"""What a strategy is: answers to questions, asked at its desk."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from lobsim.errors import ScenarioError
from lobsim.market.ladder import Sizes
from lobsim.market.messages import Command
from lobsim.market.units import Lots, OrderId, Side

if TYPE_CHECKING:
    from lobsim.market.desk import Desk
    from lobsim.policy.quote_table import QuoteTable

Answer = Iterable[Command] | None


class Market(Struct, frozen=True):
    """What is known of the market before it opens; currency and seconds.

    sigma  currency per sqrt(s) (at the first mid, where the model's is relative): the root of the
           mean squared movement per second, whatever moves the mid
    A      market orders per second and side that reach the mid, on average
    k      per currency: orders that reach a depth d are exp(-k d) of those
    d0     currency: how far through the mid a quote may go and still meet that law
    rows   how many rows a quote table should have: one per step of a discrete market
    mu     currency per second: the drift of the mid (at the first mid, where it is relative)
    maker_fee  currency per lot, bps counted at the first mid; a rebate is below 0
    informed_cost  currency per lot: what the moves after informed orders take, on average, of a
           fill that is not through the mid
    inventory  lots that the account asked begins with
    folder     the scenario's: where files that parameters name are looked for first
    """

    sigma: float
    A: float
    k: float
    d0: float
    tick: float
    mid: float
    duration_s: float
    rows: int
    max_inventory: Lots | None = None
    mu: float = 0.0
    maker_fee: float = 0.0
    informed_cost: float = 0.0
    inventory: Lots = 0
    folder: str = "."

    @property
    def fill_cost(self) -> float:
        """Currency per lot: what a fill costs a maker on average, by fee and by what follows it."""
        return self.maker_fee + self.informed_cost

    @property
    def inventory_bound(self) -> Lots:
        """The most lots either way.  Raises ScenarioError where the market sets no limit."""
        if self.max_inventory is None:
            what = "the most lots that it may hold, either way"
            raise ScenarioError(f"needs [risk] max_inventory: {what}")
        return self.max_inventory

    def seen_from(self, inventory: Lots, folder: str) -> "Market":
        """The same market for the account that begins with so much."""
        return replace(self, inventory=inventory, folder=folder)


class Fill(Struct, frozen=True):
    """One of the strategy's own fills; the price in currency, `bought` negative for a sale."""

    order_id: OrderId
    bought: Lots
    price: float
    maker: bool
    asset: str = "asset"


class PublicTrade(Struct, frozen=True):
    """A trade as everybody sees it; the price in currency."""

    taker_side: Side
    price: float
    size: Lots
    asset: str = "asset"


class Strategy:
    """Base of all strategies.  Override the questions you care about, and no others.

    A question is answered with the commands that the desk's verbs build
    (`return desk.quote(...)`); None or () leaves every order as it is.  A strategy whose
    quotes depend on time and inventory alone overrides `quote_table` instead, and one whose
    quotes depend on an observation `compiled_quote`: both engines play these.
    """

    size: Sizes = 1  # of quotes: of a table's rungs, all or each, or those of a compiled function

    def quote_table(self, market: Market) -> "QuoteTable":
        raise NotImplementedError

    @staticmethod
    def compiled_quote(observation: Any, memory: Any, depths: Any) -> None:
        """Write the depths of bid and ask into `depths`: currency from the mid, inf for no quote.

        It is compiled by numba, so it keeps to numbers and arrays of float64.  `observation` (5)
        has the seconds left, the lots held, the mid less the first mid, and how far from the mid
        the best bid and the best ask of all others are (10 / k where there is none); `memory` what
        `quote_memory` gives, which it may change, anew in every replication.
        """
        raise NotImplementedError

    def quote_memory(self, market: Market) -> Sequence[float]:
        """What a compiled function's memory begins as: its parameters, and room for more."""
        return ()

    def on_start(self, desk: "Desk") -> Answer:
        """The market is about to open."""

    def on_quote(self, desk: "Desk") -> Answer:
        """Time to quote: before orders arrive, or on the requote timer and after own fills."""

    def on_fill(self, desk: "Desk", fill: Fill) -> Answer:
        """An order of this strategy traded."""

    def on_mid(self, desk: "Desk") -> Answer:
        """The reference mid moved."""

    def on_trade(self, desk: "Desk", trade: PublicTrade) -> Answer:
        """Anyone traded."""

    def on_end(self, desk: "Desk") -> None:
        """The market has closed."""
