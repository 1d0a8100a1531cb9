"""Quotes with a sign or a factor wrong, as they circulate: what they earn, and that it shows.

Right are the depths 1/k - (v(q+1) - v(q)) and 1/k - (v(q-1) - v(q)).  A number that did not tell
these from the others would be no proof of anything.
"""

import math

import numpy as np

from lobsim.policy.chain import Flow
from lobsim.policy.evaluate import evaluate
from lobsim.policy.quote_table import QuoteTable
from lobsim.validate.golden import golden_numbers
from lobsim.validate.invariants import EVEN
from lobsim.validate.line import Line
from lobsim.validate.tables import limit, optimal

GROUP = "wrong quotes"
HALF, WHOLE = 0.5 / EVEN.k, 1 / EVEN.k
MOVED = 1.0  # currency
BACKWARD = "backward equation of the objective, DOP853 at 1e-12"
DIGIT = 1e-8
# name: markup, signs of the value's steps (bid, ask), what it earns from inventories 0 and 4.
SLIPS = {
    "optimal quotes": (WHOLE, -1, -1, 7.01410381, 6.53477089),
    "half of the markup": (HALF, -1, -1, 5.76746942, 5.28425043),
    "sign of the bid's step": (WHOLE, 1, -1, 6.49011079, 4.94738646),
    "half of the markup, sign of the bid's step": (HALF, 1, -1, 4.33811379, 1.24760589),
}


def slip_lines() -> list[Line]:
    """E[W - phi q_T^2] of each, and that the wrong ones are not the value of the problem."""
    best = golden_numbers()["RN-sym v(q=0)"]
    lines = []
    for name, (markup, bid, ask, flat, long) in SLIPS.items():
        for q, known in ((0, flat), (4, long)):
            got = objective(markup, bid, ask, q)
            label = f"{name}, from inventory {q}"
            lines.append(Line(GROUP, label, BACKWARD, known, got, 0.51 * DIGIT))
            if q == 0 and (bid, markup) != (-1, WHOLE):
                wrong = f"{name}: not the value"
                lines.append(Line(GROUP, wrong, best.source, best.value, got, 0.1, "control"))
    return lines


def wrong_table(markup: float, bid: int, ask: int, rows: int) -> QuoteTable:
    """Depths markup + bid (v(q+1) - v(q)) and markup + ask (v(q-1) - v(q)), moved out by MOVED.

    Some would cross, which no table may.  With more_orders() and a fee of MOVED all fills and
    profits are as if none had been moved.
    """
    right = optimal(EVEN, rows)
    # What is right is WHOLE less the step of the value.
    depths = [
        np.where(np.isfinite(depth), markup - sign * (depth - WHOLE) + MOVED, np.inf)
        for sign, depth in ((bid, right.bid_depth), (ask, right.ask_depth))
    ]
    return QuoteTable(right.times_s, right.inventories, *depths)


def more_orders() -> float:
    """A, per second, at which quotes moved out by MOVED fill as often as they did."""
    return EVEN.A_bid * math.exp(EVEN.k * MOVED)


def objective(markup: float, bid: int, ask: int, q: int) -> float:
    """E[W - phi q_T^2] of such quotes from inventory q."""

    def earned(rows: int) -> list[float]:
        found = evaluate(
            wrong_table(markup, bid, ask, rows),
            Flow(A_bid=more_orders(), A_ask=more_orders(), k=EVEN.k), sigma=EVEN.sigma,
            maker_fee=MOVED, horizon_s=EVEN.horizon_s, inventory=q,
            max_inventory=EVEN.max_inventory, terminal_penalty=EVEN.terminal_penalty,
        )  # fmt: skip
        return [found.objective]

    return limit(earned, levels=4)[0]
