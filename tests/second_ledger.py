"""A second ledger: the accounts of a kept run, worked out from its frames and scenario alone.

All in whole ticks x lots and 1/1000 of them.
"""

import itertools
import math
from fractions import Fraction

import pytest


class Account:
    def __init__(self, cash, inventory):
        self.cash, self.inventory = cash, inventory
        self.fees = self.spread = self.luck = self.drawdown = 0
        self.marks = []  # seq, fall from the peak, loss from the start

    def open(self, mark):
        self.start = self.peak = self.equity(mark)

    def equity(self, mark):
        return 1000 * self.cash - self.fees + self.inventory * mark

    def fill(self, bought, price, mark, fee):
        self.cash -= bought * price
        self.inventory += bought
        self.fees += fee
        self.spread += bought * (mark - 1000 * price)

    def move(self, seq, before, after):
        self.luck += self.inventory * (after - before)
        self.value(seq, after)

    def value(self, seq, mark):
        equity = self.equity(mark)
        self.peak = max(self.peak, equity)
        self.drawdown = max(self.drawdown, self.peak - equity)
        self.marks.append((seq, self.peak - equity, self.start - equity))


class SecondLedger:
    """A kept run, and its accounts worked out by a walk along its fills and mids."""

    def __init__(self, run):
        self.run, self.fills, self.mids = run, run.fills, run.mids
        scenario = run.manifest["scenario"]
        self.fees = {key: Fraction(str(value)) for key, value in scenario["asset"]["fees"].items()}
        self.tick = Fraction(str(scenario["asset"]["tick"]))
        self.close_cost = scenario["risk"]["close_cost"] / float(self.tick)
        self.first_mid = scenario["asset"]["mid"]
        self.specs = {spec["name"]: spec for spec in scenario["strategy"]}
        self.summary = run.summary.set_index("strategy")
        self.accounts = {
            name: Account(int(Fraction(str(spec["cash"])) / self.tick), spec["inventory"])
            for name, spec in self.specs.items()
        }
        owned = self.accounts.values()
        self.accounts["outside"] = Account(
            -sum(account.cash for account in owned), -sum(account.inventory for account in owned)
        )
        self.walk()

    def mark(self, mid):
        return math.floor(1000 * (mid / float(self.tick)) + 0.5)

    def walk(self):
        mark = self.mark(self.first_mid)
        for account in self.accounts.values():
            account.open(mark)
        marks = [(row.seq, self.mark(row.mid), None) for row in self.mids.itertuples()]
        trades = itertools.groupby(self.fills.itertuples(), key=lambda row: row.seq)
        trades = [(seq, None, list(rows)) for seq, rows in trades]
        for seq, moved, rows in sorted(marks + trades, key=lambda event: event[0]):
            if rows is None:
                for account in self.accounts.values():
                    account.move(seq, mark, moved)
                mark = moved
            else:
                self.trade(rows, mark)

    def trade(self, rows, mark):
        for row in rows:
            account = self.accounts[row.strategy]
            account.fill(sign(row.side) * row.size, row.price_ticks, mark, self.fee(row))
            assert (row.inventory, row.cash) == (
                account.inventory,
                pytest.approx(account.cash * float(self.tick), abs=1e-6),
            ), "I15"
        for row in rows:
            self.accounts[row.strategy].value(row.seq, mark)
        assert sum(account.inventory for account in self.accounts.values()) == 0, "I14"
        assert sum(account.cash for account in self.accounts.values()) == 0, "I13"

    def fee(self, row):
        """In 1/1000 (tick x lot), from the fee of the scenario; a close is free."""
        if row.liquidity == "close":
            return 0
        per_lot = self.fees[row.liquidity] / self.tick
        on_price = int(row.price_ticks) * self.fees[f"{row.liquidity}_bps"] / 10_000
        return math.ceil(1000 * int(row.size) * (per_lot + on_price))

    def millis(self, currency):
        """A sum in currency as the whole number of 1/1000 (tick x lot) that it must be."""
        exact = currency / float(self.tick) * 1000
        assert exact == pytest.approx(round(exact), abs=1e-3)
        return round(exact)


def sign(side):
    return {"buy": 1, "sell": -1}[side]
