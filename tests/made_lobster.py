"""A made-up market in LOBSTER's format, from a book that is nothing but lists.

python tests/made_lobster.py FOLDER     writes the sample that is kept in tests/data/lobster
"""

import random
import sys
from pathlib import Path

STEP = 100  # 1/10000 of the currency: a tick of a cent


class Lists:
    """Bids and asks as lists of [id, price, size], in order of arrival."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.orders = {1: [], -1: []}
        self.next_id, self.time = 1000, 34200.0

    def best(self, side):
        prices = [price for _, price, _ in self.orders[side]]
        return (max if side == 1 else min)(prices, default=None)

    def message(self):
        """The next one: (time, type, id, size, price, direction)."""
        dice = self.dice
        self.time = round(self.time + dice.expovariate(20), 9)
        side = dice.choice((1, -1))
        own = self.orders[side]
        what = dice.random()
        if len(own) < 8 or what < 0.5:
            other = self.best(-side)
            away = dice.randint(1, 12) * STEP * side
            price = (other if other is not None else 1_000_000 + side * -600) - away
            self.next_id += dice.randint(1, 9)
            size = dice.randint(1, 9) * 10
            own.append([self.next_id, price, size])
            return self.time, 1, self.next_id, size, price, side
        if what < 0.55:
            return self.time, 5, 0, dice.randint(1, 50), 1_000_050, side
        order = dice.choice(own)
        if what < 0.8:
            own.remove(order)
            return self.time, 3, *self.shown(order, order[2]), side
        if what < 0.87 and order[2] > 10:
            order[2] -= 10
            return self.time, 2, *self.shown(order, 10), side
        first = next(each for each in own if each[1] == self.best(side))
        size = dice.randint(1, first[2])
        first[2] -= size
        if not first[2]:
            own.remove(first)
        return self.time, 4, *self.shown(first, size), side

    def shown(self, order, size):
        return order[0], size, order[1]

    def row(self, levels):
        """Ask price, size, bid price, size of each level; LOBSTER's numbers where there is none."""
        columns = []
        for side, nothing in ((-1, 9999999999), (1, -9999999999)):
            sums = {}
            for _, price, size in self.orders[side]:
                sums[price] = sums.get(price, 0) + size
            prices = sorted(sums, reverse=side == 1)[:levels]
            shown = [(price, sums[price]) for price in prices]
            columns.append(shown + [(nothing, 0)] * (levels - len(shown)))
        return [number for ask, bid in zip(*columns, strict=True) for number in (*ask, *bid)]


def write(folder, count, levels, seed=1, opening=0):
    """Messages and book of all that happens; the first `opening` messages are left out of both."""
    book, messages, rows = Lists(seed), [], []
    for i in range(count + opening):
        message = book.message()
        if i >= opening:
            messages.append(",".join(map(str, message)))
            rows.append(",".join(map(str, book.row(levels))))
    folder.mkdir(parents=True, exist_ok=True)
    files = folder / "message.csv", folder / f"orderbook_{levels}.csv"
    for file, lines in zip(files, (messages, rows), strict=True):
        file.write_text("\n".join(lines) + "\n")
    return files


def visible(folder, count, levels, seed=1):
    """Of the same market only the messages that change the first levels, as LOBSTER sells them."""
    book, messages, rows = Lists(seed), [], []
    before = book.row(levels)
    for _ in range(count):
        message = book.message()
        after = book.row(levels)
        if after != before or message[1] == 5:
            messages.append(",".join(map(str, message)))
            rows.append(",".join(map(str, after)))
        before = after
    folder.mkdir(parents=True, exist_ok=True)
    files = folder / f"message_{levels}.csv", folder / f"orderbook_{levels}.csv"
    for file, lines in zip(files, (messages, rows), strict=True):
        file.write_text("\n".join(lines) + "\n")
    return files


if __name__ == "__main__":
    write(Path(sys.argv[1]), 300, 5)
