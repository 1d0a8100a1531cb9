"""Markets at random whose makers quote ladders."""

import random

import numpy as np

from batch_markets import market_of
from lobsim import QuoteTable


def laddered(dice, table, lots):
    """A table whose quotes begin ladders, evenly spaced or not, and the sizes of their rungs."""
    rungs = dice.choice([1, 2, 3, 5])
    rng = np.random.default_rng(dice.randrange(2**32))
    shape = (*table.bid_depth.shape, rungs - 1)
    even = dice.random() < 0.5

    def further(best):
        step = np.full(shape, dice.choice([0.3, 1.0, 2.5]))
        if not even:
            step *= rng.uniform(0.01, 2, shape)
        step[rng.random(shape) < dice.choice([0, 0.1])] = np.inf
        return np.concatenate([best[..., None], step], axis=2).cumsum(axis=2)

    bid, ask = further(table.bid_depth), further(table.ask_depth)
    sizes = tuple(dice.choice([1, 1, 2, 5]) for _ in range(rungs))
    return QuoteTable(table.times_s, table.inventories, bid, ask), dice.choice([lots, sizes])


def ladder_market_of(seed):
    """A market whose makers quote ladders, most of them."""
    dice = random.Random(f"ladders {seed}")
    return market_of(seed, form=lambda table, lots: laddered(dice, table, lots))
