"""Who owns what: cash and inventory, moved by trades and by nothing else."""

from typing import NamedTuple

from lobsim.compiled import fee_of
from lobsim.market.messages import Trade
from lobsim.market.units import OUTSIDE, AccountId, Cash, Lots, Millis, OrderId, Side, Ticks

BUY = Side.BUY


class Fee(NamedTuple):
    """Per lot, in 1/1000 (tick x lot): (lot + tick x price in ticks) / per, exactly."""

    lot: int = 0
    tick: int = 0
    per: int = 1

    @property
    def free(self) -> bool:
        return not (self.lot or self.tick)


class Fees(NamedTuple):
    """What the order that rested and the one that came pay; a rebate is below 0."""

    maker: Fee = Fee()
    taker: Fee = Fee()


FREE = Fees()


class Account:
    """One owner's cash, inventory and fees, and how they came about.

    `spread` is what its fills earned against the mid at the fill, `luck` what the mid then did
    to the inventory held; with the fees they add up to the change in equity, exactly.
    """

    __slots__ = ("cash", "fees", "fills", "high", "inventory", "low", "luck", "spread")

    def __init__(self, cash: Cash, inventory: Lots) -> None:
        self.cash = cash
        self.inventory = self.low = self.high = inventory
        self.fees: Millis = 0
        self.spread: Millis = 0
        self.luck: Millis = 0
        self.fills = 0

    def fill(self, bought: Lots, price: Ticks, mark: Millis, fee: Millis) -> None:
        """Take part in a trade; `bought` is negative for a sale."""
        self.cash -= bought * price
        inventory = self.inventory = self.inventory + bought
        self.fees += fee
        self.spread += bought * (mark - 1000 * price)
        self.fills += 1
        if inventory > self.high:
            self.high = inventory
        elif inventory < self.low:
            self.low = inventory

    def equity(self, mark: Millis) -> Millis:
        """Cash less fees, and the inventory at the mark."""
        return 1000 * self.cash - self.fees + self.inventory * mark


class Ledger:
    """All accounts in an asset, by number; the first is the outside, whose endowments mirror
    everybody else's.

    Their cash and their lots each add up to zero for ever, and the venue holds their fees.
    """

    def __init__(
        self,
        endowments: list[tuple[Cash, Lots]],
        fees: Fees = FREE,
        outside: AccountId = OUTSIDE,
    ) -> None:
        cash, lots = sum(c for c, _ in endowments), sum(n for _, n in endowments)
        self.outside = outside
        self.accounts = {
            outside + i: Account(c, n) for i, (c, n) in enumerate([(-cash, -lots), *endowments])
        }
        self.fees_collected: Millis = 0
        self._maker, self._taker = (None if fee.free else fee for fee in fees)

    def settle(self, trade: Trade, mark: Millis) -> tuple[Millis, Millis]:
        """Move cash, lots and fees; the fees of maker and taker."""
        size, price = trade.size, trade.price
        bought = size if trade.taker_side is BUY else -size
        maker_fee = fee_of(size, price, *self._maker) if self._maker else 0
        taker_fee = fee_of(size, price, *self._taker) if self._taker else 0
        self.fees_collected += maker_fee + taker_fee
        self.accounts[trade.taker].fill(bought, price, mark, taker_fee)
        self.accounts[trade.maker].fill(-bought, price, mark, maker_fee)
        return maker_fee, taker_fee

    def close_out(self, account: AccountId, order_id: OrderId, price: Ticks, mark: Millis) -> Trade:
        """Trade an account's whole inventory with the outside, free of fees."""
        lots = self.accounts[account].inventory
        side = Side.SELL if lots > 0 else Side.BUY
        self.accounts[account].fill(-lots, price, mark, 0)
        self.accounts[self.outside].fill(lots, price, mark, 0)
        return Trade(0, order_id, self.outside, account, side, price, abs(lots))

    def check(self) -> None:
        """Assert that nothing was made or lost."""
        cash = lots = fees = 0
        for account in self.accounts.values():
            cash += account.cash
            lots += account.inventory
            fees += account.fees
        assert cash == 0, "cash does not sum to zero"
        assert lots == 0, "lots do not sum to zero"
        assert fees == self.fees_collected, "fees differ from those collected"
