"""What a strategy may say that it quotes: one depth a side, or a ladder of them, and its sizes."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from numbers import Real
from typing import Any, NamedTuple, TypeAlias

from lobsim.market.units import LARGEST, Lots

Depths: TypeAlias = float | Sequence[float]  # one, or of each rung, best first
Sizes: TypeAlias = Lots | Sequence[Lots]  # of every rung, or of each


class Ladder(NamedTuple):
    """Depths of both sides in currency, best first, and lots of each rung, all of one length.

    A rung of infinite depth is no quote; only such rungs come after it.
    """

    bid_depths: list[float]
    ask_depths: list[float]
    sizes: list[Lots]


def ladder_of(bid_depth: Depths, ask_depth: Depths, size: Sizes) -> Ladder:
    """What a strategy says; a number for a depth is a ladder of one rung.

    Raises ValueError for what is no ladder.
    """
    bids, asks = listed(bid_depth), listed(ask_depth)
    if not all(isinstance(each, Real) and float(each) > -math.inf for each in (*bids, *asks)):
        raise ValueError(f"a depth must be a number: bid {bid_depth}, ask {ask_depth}")
    check_rungs("bid_depth", bids)
    check_rungs("ask_depth", asks)
    if len(bids) != len(asks) and items(bid_depth) is not None and items(ask_depth) is not None:
        raise ValueError(
            f"ladders must have as many rungs on both sides (inf is no quote): bid_depth has "
            f"{len(bids)}, ask_depth {len(asks)}"
        )
    count = max(len(bids), len(asks))
    bids += [math.inf] * (count - len(bids))
    asks += [math.inf] * (count - len(asks))
    return Ladder(list(map(float, bids)), list(map(float, asks)), sizes_of(size, count))


def listed(depth: Depths) -> list[Any]:
    several = items(depth)
    return [depth] if several is None else several


def check_rungs(name: str, depths: list[Any]) -> None:
    """Raises ValueError unless each rung is deeper than the last, or none."""
    if not depths:
        raise ValueError(f"{name} is empty: a ladder must have a rung at least")
    for depth, deeper in pairwise(depths):
        if not (deeper > depth or deeper == math.inf):
            raise ValueError(f"the depths of a ladder must rise, best first: {name} {depths}")


def sizes_of(size: Any, count: int) -> list[Lots]:
    """The lots of each of so many rungs."""
    sizes = items(size)
    if sizes is None:
        return [whole(size)] * count
    if len(sizes) != count:
        raise ValueError(
            f"size must be a whole number of lots, or one for each rung: there are {count}, "
            f"size has {len(sizes)}"
        )
    return [whole(each) for each in sizes]


def items(given: Any) -> list[Any] | None:
    """What is in a sequence, numpy's too; None for a single value."""
    if hasattr(given, "tolist"):
        given = given.tolist()
    return list(given) if isinstance(given, Iterable) and not isinstance(given, str) else None


def whole(size: Any) -> Lots:
    """A size as a plain int; numpy's whole numbers are taken too."""
    if isinstance(size, bool) or not hasattr(size, "__index__") or not 1 <= size <= LARGEST:
        raise ValueError(f"a size must be a whole number of lots, 1 or more, is {size!r}")
    return int(size)
