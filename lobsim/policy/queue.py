"""How often a resting order is filled: by its place in the queue, and by the age of its price.

Market orders take the best price first and the oldest order first; their sizes do not depend on
how far they reach.  A quote left at its price while the mid moves is met more often, at worse
distances.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lobsim.policy.chain import Flow
from lobsim.policy.quote_table import Floats

SQRT_2PI = math.sqrt(2 * math.pi)


@dataclass(frozen=True, slots=True)
class QueueRates:
    """Of each order (n,), per second: how often it trades at all, and how many lots it trades."""

    fills: Floats
    lots: Floats


def queue_rates(
    flow: Flow, depths: Sequence[float], sizes: Sequence[int], *, ask: bool = False
) -> QueueRates:
    """Of the bids (or asks) that rest at these depths, the oldest first, each full again at once.

        fills = A exp(-k d) P(V > ahead)
        lots = A exp(-k d) sum over j = 1, ..., size of P(V >= ahead + j)

    where `ahead` are the lots at better prices, or older at the same.  Raises ValueError where
    depths and sizes do not match.
    """
    depth, size = np.asarray(depths, np.float64), np.asarray(sizes, np.int64)
    if depth.ndim != 1 or depth.shape != size.shape or np.any(size < 1):
        raise ValueError("depths and sizes must be as many as there are orders, sizes 1 or more")
    order = np.argsort(depth, kind="stable")
    ahead = np.empty_like(size)
    ahead[order] = size[order].cumsum() - size[order]
    met = flow.rates(np.stack([depth, depth]))[int(ask)]
    lots = [
        float(flow.tail(before + np.arange(1, own + 1)).sum())
        for before, own in zip(ahead.tolist(), size.tolist(), strict=True)
    ]
    return QueueRates(fills=met * flow.tail(ahead + 1), lots=met * np.array(lots))


@dataclass(frozen=True, slots=True)
class StaleQuote:
    """Fills per second at one age, and how far from the mid they are on average; currency."""

    rate: float
    edge: float


def stale_quote(
    flow: Flow, depth: float, *, age_s: float, sigma: float, ask: bool = False
) -> StaleQuote:
    """A quote made `depth` from the mid and left at its price for age_s, averaged over the mid.

    Its distance D is normal with mean d and deviation v = sigma sqrt(age).  Without a floor

        rate = A exp(-k d + k^2 v^2 / 2),   edge = d - k v^2

    and with one, what is below -d0 is met at the rate there.  Raises ValueError for a negative
    age or sigma.
    """
    from scipy.special import log_ndtr

    if not (age_s >= 0 and sigma >= 0):
        raise ValueError(f"age_s = {age_s}, sigma = {sigma}: must be 0 or more")
    A, k, d0 = flow.A_ask if ask else flow.A_bid, flow.k, flow.d0
    v = sigma * math.sqrt(age_s)
    if v == 0:
        return StaleQuote(A * math.exp(-k * max(depth, -d0)), depth)
    tilted = depth - k * v**2
    level = -k * depth + (k * v) ** 2 / 2
    if d0 == math.inf:
        return StaleQuote(A * math.exp(level), tilted)
    above, below = (tilted + d0) / v, (-d0 - depth) / v
    reached = math.exp(level + log_ndtr(above))
    through = math.exp(k * d0 + log_ndtr(below))
    bell = v / SQRT_2PI * (math.exp(level - above**2 / 2) - math.exp(k * d0 - below**2 / 2))
    met = reached + through
    return StaleQuote(A * met, (reached * tilted + through * depth + bell) / met)
