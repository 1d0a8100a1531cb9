"""Markets at random as in `batch_markets`, with traders away from the exchange."""

import random

from batch_markets import market_of, rich_market_of
from far import far

# Of which each wire has one, None for a direct one; ns, or tables in ms.  Gaps of 7 ns tie with
# those of the mid and of the timer; 0.5 us is half of most days, or all that is left of them.
LAWS = [
    None, None, None, 7, 7, 10, 21, 100, 500,
    {"model": "lognormal", "median_ms": 1e-5, "sigma": 1},
    {"model": "lognormal", "median_ms": 4e-5, "sigma": 0.5},
    {"model": "lognormal", "median_ms": 7e-6, "sigma": 0},
    {"model": "lognormal", "median_ms": 2e-4, "sigma": 2},
    {"model": "empirical", "values_ms": [0, 7e-6, 2.1e-5]},
    {"model": "empirical", "values_ms": [0]},
    {"model": "empirical", "values_ms": [3e-4, 1e-6, 0], "weights": [1, 5, 0.3]},
]  # fmt: skip
PERIODS = "requote_ms=7e-6", "requote_ms=1e-5", "requote_ms=1.4e-5", "requote_ms=3.3e-5"


def far_market_of(seed):
    """A market, plain or rich, and the settings and latencies that make it."""
    dice = random.Random(f"far {seed}")
    make = dice.choice([market_of, market_of, rich_market_of])
    setup, settings = make(seed, 'requote="timer"', dice.choice(PERIODS))
    latencies = {
        seat.spec.name: {
            wire: law
            for wire in ("data", "orders", "acks")
            if (law := dice.choice(LAWS)) is not None
        }
        for seat in setup.seats
        if dice.random() < 0.75
    }
    return far(setup, latencies), [*settings, str(latencies)]
