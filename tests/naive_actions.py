"""Actions of a venue at random, as rows, and the book and executions that they make, by lists."""

import random

from made_formats import HEAD, ns

PRICES = {1: range(90, 100), -1: range(101, 111)}  # they never cross
NONE = 9223372036854775807  # UNDEF_PRICE
LETTER = {1: "B", -1: "A", 0: "N"}


class Naive:
    """Orders [id, side, price, size] in queue order, whatever their price."""

    def __init__(self):
        self.orders, self.executions, self.waiting = [], [], {}

    def act(self, time, action, order_id, side, price, size):
        """By Databento's rules: trades and fills change nothing, cancels take lots away."""
        order = next((each for each in self.orders if each[0] == order_id), None)
        if action == "R":
            self.orders.clear()
        elif action == "A" or (action == "M" and order is None):
            self.orders.append([order_id, side, price, size])
        elif action == "F":
            self.waiting[time, order_id] = self.waiting.get((time, order_id), 0) + size
        elif action == "C":
            self.take(time, order, size)
        elif action == "M" and order[2] == price and size < order[3]:
            self.take(time, order, order[3] - size)
        elif action == "M" and (order[2], order[3]) != (price, size):
            self.orders.remove(order)
            self.orders.append([order_id, side, price, size])

    def take(self, time, order, lots):
        traded = min(lots, self.waiting.pop((time, order[0]), 0))
        if traded:
            self.executions.append((time, order[0], order[2], traded, order[1]))
        order[3] -= lots
        if not order[3]:
            self.orders.remove(order)

    def depth(self, side):
        """As Book.depth gives it."""
        prices = {order[2] for order in self.orders if order[1] == side}
        return [
            (
                price,
                [(each[0], each[3]) for each in self.orders if (each[1], each[2]) == (side, price)],
            )
            for price in sorted(prices, reverse=side == 1)
        ]


def acts(count, seed):
    """Rows (time, action, id, side, price, size) and the book that they leave."""
    dice, book, rows, time, latest = random.Random(seed), Naive(), [], 34_200.0, 100

    def act(*what):
        rows.append((time, *what))
        book.act(time, *what)

    while len(rows) < count:
        time = round(time + dice.choice((0.001, 0.5)), 9)
        side = dice.choice((1, -1))
        own = [order for order in book.orders if order[1] == side]
        what = dice.random()
        if len(own) < 5 or what < 0.35:
            latest += dice.randint(1, 5)
            price, size = dice.choice(PRICES[side]), dice.randint(1, 9)
            act(dice.choice("AAAM"), latest, side, price, size)
        elif what < 0.5:
            order = dice.choice(own)
            act("C", order[0], side, order[2], dice.choice((order[3], dice.randint(1, order[3]))))
        elif what < 0.7:
            order = dice.choice(own)
            act("M", order[0], side, dice.choice((order[2], dice.choice(PRICES[side]))),
                dice.randint(1, 9))  # fmt: skip
        elif what < 0.72:
            act("R", 0, 0, NONE, 0)
        elif what < 0.78:
            act("T", 0, dice.choice((side, 0)), 100, dice.randint(1, 9))
        else:
            trade(book, dice, side, act)
    return rows, book


def trade(book, dice, side, act):
    """One order, or two, of the best price are taken, the last perhaps in part."""
    price, queue = book.depth(side)[0]
    taken = queue[: dice.randint(1, 2)]
    last = dice.randint(1, taken[-1][1])
    lots = [(order_id, size) for order_id, size in taken[:-1]] + [(taken[-1][0], last)]
    act("T", 0, -side, price, sum(size for _, size in lots))
    for order_id, size in lots:
        act("F", order_id, side, price, size)
    for (order_id, size), (_, had) in zip(lots, taken, strict=True):
        if size < had and dice.random() < 0.5:
            act("M", order_id, side, price, had - size)
        else:
            act("C", order_id, side, price, size)


def text(rows):
    """A file of Databento's of them; a price is as many cents."""
    lines = [HEAD]
    for number, (time, action, order_id, side, price, size) in enumerate(rows):
        stamp = ns((time,))
        amount = price if price == NONE else price * 10**7
        lines.append(
            f"{stamp},{stamp},160,2,7,{action},{LETTER[side]},{amount},{size},0,{order_id},128,0,"
            f"{number},MADE"
        )
    return "\n".join(lines) + "\n"
