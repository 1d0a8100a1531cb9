"""What no ladder can be: each is refused at the desk, saying why."""

import math

import numpy as np
import pytest

from market import play, trader

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("bids", "asks", "size", "words"),
    [
        ([], [1], 1, "bid_depth is empty: a ladder must have a rung at least"),
        ([1], np.array([]), 1, "ask_depth is empty"),
        ([1, 2], [1, 2, 3], 1, "as many rungs on both sides .* bid_depth has 2, ask_depth 3"),
        ([1, NAN], [1, 2], 1, r"a depth must be a number: bid \[1, nan\]"),
        ([1, -INF], 1, 1, r"a depth must be a number: bid \[1, -inf\]"),
        ([1, "2"], 1, 1, "a depth must be a number"),
        ([[1, 2]], 1, 1, "a depth must be a number"),
        ([1, None], 1, 1, "a depth must be a number"),
        ("1", 1, 1, "a depth must be a number"),
        ([2, 1], [1, 2], 1, r"must rise, best first: bid_depth \[2, 1\]"),
        ([1, 2], [1, 1], 1, r"must rise, best first: ask_depth \[1, 1\]"),
        ([INF, 1], [1, 2], 1, r"must rise, best first: bid_depth \[inf, 1\]"),
        ([1, 2], [1, 2], [1], "one for each rung: there are 2, size has 1"),
        ([1, 2], [1, 2], [1, 0], "a size must be a whole number of lots, 1 or more, is 0"),
        ([1, 2], [1, 2], [1, 1.5], "a size must be a whole number of lots, 1 or more, is 1.5"),
        ([1, 2], [1, 2], [1, True], "a size must be a whole number of lots, 1 or more, is True"),
        (1.0, 1.0, [1, 2], "one for each rung: there are 1, size has 2"),
        ([-2, 1], [1, 2], 1, "the bid 102 is not below the ask 101"),
    ],
)
def test_what_is_no_ladder_is_refused(bids, asks, size, words):
    told = []

    def answer(desk):
        try:
            desk.quote(bid_depth=bids, ask_depth=asks, size=size)
        except ValueError as error:
            told.append(error)

    play([trader([], "ann", on_quote=answer)], [])
    with pytest.raises(ValueError, match=words):
        raise told[0]
