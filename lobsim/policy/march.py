"""Forward through a quote table, on as many inventories as matter and no more.

A block of rows is solved on a window of inventories; from the first row on that would have lost
more than its part of `LOST` by jumps out of the window, it is solved again on a wider one.  So far
inventories, where quotes far through the mid make the equations stiff, are left out, and how much
that is is known.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from lobsim.policy.chain import AT_ONCE, Rows, Setting, Window
from lobsim.policy.propagate import Numbers, System, propagate
from lobsim.policy.quote_table import Floats

LOST = 1e-13  # share of the paths, over the whole horizon and on each side
DUST = 1e-4  # of that is left behind between two blocks
FIRST_BLOCK, LARGEST_BLOCK = 16, 256  # rows
WIDEST = 20_000  # inventories


@dataclass(frozen=True, slots=True)
class Block:
    """The first m rows of a window, solved: y (b, n) at their end, its integrals (m, b, n), and
    the share `lost`.  What is written into `end` is what goes on.
    """

    rows: slice
    window: Window
    end: Numbers
    integrals: Numbers
    log_scale: float
    lost: float


def march(
    setting: Setting,
    rows: Rows,
    system_of: Callable[[Window], System],
    start: Floats,
    *,
    theta: float = 0.0,
    lost: float = LOST,
) -> Iterator[Block]:
    """Carry y from `start` (b,) at the setting's inventory through all rows, block by block.

    The first of the b vectors is what jumps move: the law, or with a theta that is not 0 the
    paths' weights exp(theta W), which grow and are scaled.  Raises ValueError where inventories
    spread too far.
    """
    low = high = setting.inventory
    y, count, first = start[:, np.newaxis], FIRST_BLOCK, 0
    while first < len(rows):
        window = Window(setting, rows, slice(first, first + count), low, high)
        passage = propagate(system_of(window), y.reshape(-1), scaled=theta != 0)
        integrals = passage.integrals.reshape(-1, *y.shape)
        up, down = lost_of(window, integrals[:, 0], theta)
        allowed = lost * window.durations_s / setting.horizon_s
        good = int(np.argmax([*(up > allowed) | (down > allowed), True]))
        if good:
            end = passage.ends[good - 1].reshape(y.shape).copy()
            yield Block(
                slice(first, first + good), window, end, integrals[:good],
                float(passage.log_scales[good - 1]), float((up + down)[:good].sum()),
            )  # fmt: skip
            kept = worth_keeping(end[0], lost * DUST)
            y, low, high = end[:, kept], low + kept.start, low + kept.stop - 1
            first, count = first + good, min(2 * count, LARGEST_BLOCK)
        if good < len(window.durations_s):
            more = 1 + (high - low + 1) // 4
            left, right = (
                more * bool(down[good] > allowed[good]),
                more * bool(up[good] > allowed[good]),
            )
            low, high, y = low - left, high + right, np.pad(y, ((0, 0), (left, right)))
            if high - low >= WIDEST:
                raise ValueError(f"inventories spread beyond {WIDEST}: set max_inventory")


def lost_of(window: Window, integrals: Floats, theta: float) -> tuple[Floats, Floats]:
    """The shares (m,) that would have jumped out of the window, up and down; integrals (m, n)."""
    out = ~window.inside
    with np.errstate(divide="ignore"):
        logs = np.log(window.jump_rates[out] * integrals[:, window.source[out]].T)
    share = np.exp(logs + np.minimum(theta * window.jump_gains[out], AT_ONCE))
    up = window.side[out] == 0
    return share[up].sum(axis=0), share[~up].sum(axis=0)


def worth_keeping(weights: Floats, dust: float) -> slice:
    """Which of the inventories to go on with: all but tails of no weight, and a margin."""
    weights = weights / weights.sum()
    margin = 1 + len(weights) // 8
    first = int(np.searchsorted(weights.cumsum(), dust))
    behind = int(np.searchsorted(weights[::-1].cumsum(), dust))
    return slice(max(0, first - margin), len(weights) - max(0, behind - margin))
