"""Stein's two stages: the number worked out by hand, the intervals that follow, and refusals."""

import math

import numpy as np
import pytest

from lobsim.errors import UsageError
from lobsim.report.statistics import student
from lobsim.report.stopping import MOST, PILOT, HalfWidth, settle
from lobsim.tally import Tally
from made_summaries import found_of, parts, summaries
from test_tally import tally_of

T399 = 1.965927  # the 97.5 % point of Student's t with 399 degrees of freedom
FOUND = found_of(6_000)


@pytest.mark.parametrize(
    ("text", "value", "share"),
    [
        ("0.05", 0.05, False),
        (" 1e-3 ", 1e-3, False),
        ("1%sd", 0.01, True),
        ("2.5 %sd", 0.025, True),
    ],
)
def test_a_half_width_is_in_currency_or_a_share_of_a_deviation(text, value, share):
    assert HalfWidth.parse(text) == HalfWidth(pytest.approx(value), share)


@pytest.mark.parametrize("text", ["", "0", "-1", "nan", "inf", "1%", "%sd", "0%sd", "sd", "1 EUR"])
def test_what_is_no_number_above_0_is_refused(text):
    with pytest.raises(UsageError, match=r"must be a number above 0 in currency, such as 0\.05"):
        HalfWidth.parse(text)


def test_the_number_is_steins():
    """(1.965927 * 3 / 0.1)^2 = 3478.3"""
    settled = settle(HalfWidth(0.1), 7.0, {("isolated", "a"): (3.0, 0.95)})
    assert settled.reps == 3479
    low, high = settled.interval(("isolated", "a"), 5.0)
    assert low == pytest.approx(5 - T399 * 3 / math.sqrt(3479), rel=1e-6)
    assert (high - low) / 2 <= 0.1


def test_the_widest_of_several_decides_each_at_its_level():
    """At 97.5 % the quantile is 2.2494 of 399 degrees of freedom: (2.2494 * 2 / 0.1)^2 = 2024."""
    known = {("isolated", "a"): (2.0, 0.975), ("isolated", "b"): (1.0, 0.95)}
    settled = settle(HalfWidth(0.1), 1.0, known)
    assert settled.reps == pytest.approx(2024, abs=2)
    assert all((settled.interval(key, 0.0).high or 0) <= 0.1 * (1 + 1e-12) for key in known)


def test_a_share_is_of_the_baselines_deviation():
    by_share = settle(HalfWidth(0.02, share=True), 5.0, {("isolated", "a"): (3.0, 0.95)})
    assert by_share == settle(HalfWidth(0.1), 1.0, {("isolated", "a"): (3.0, 0.95)})


def test_the_pilot_is_the_least():
    assert settle(HalfWidth(100.0), 1.0, {("isolated", "a"): (3.0, 0.95)}).reps == PILOT
    assert settle(HalfWidth(0.01, share=True), 0.0, {("isolated", "a"): (0.0, 0.95)}).reps == PILOT


@pytest.mark.parametrize(
    ("wanted", "sd", "many"),
    [(HalfWidth(1e-6), 1.0, "3.48e\\+13"), (HalfWidth(0.1, share=True), 0.0, "endlessly many")],
)
def test_more_than_there_are_numbers_for_is_refused_with_their_number(wanted, sd, many):
    with pytest.raises(UsageError, match=f"would take {many} replications, 4,294,967,295 is"):
        settle(wanted, sd, {("isolated", "a"): (3.0, 0.95)})
    least = T399 * 3.0 / math.sqrt(MOST - 10_000)
    assert settle(HalfWidth(least), 1.0, {("isolated", "a"): (3.0, 0.95)}).reps <= MOST


def test_the_tally_settles_what_all_its_differences_need():
    tally = tally_of(parts(FOUND, 0, PILOT))
    settled = tally.settle(HalfWidth(0.1, share=True))
    base = FOUND["isolated"]["a"].column("profit")[:PILOT].std(ddof=1)
    assert settled.half_width == pytest.approx(0.1 * base)
    needed = []
    for each in tally.differences():
        half = (each.high - each.low) / 2  # Student's, of the pilot: the same quantile
        needed.append(math.ceil((half / settled.half_width) ** 2 * PILOT * (1 - 1e-12)))
    assert settled.reps == max(needed)
    assert PILOT < settled.reps < 6_000
    tally.add(parts(FOUND, PILOT, settled.reps))
    plain, narrower = tally.differences(), math.sqrt(PILOT / settled.reps)
    for before, whole, after in zip(
        tally_of(parts(FOUND, 0, PILOT)).differences(), plain, tally.differences(settled),
        strict=True,
    ):  # fmt: skip
        assert after.method == "stein"
        assert (after.mean, after.sd, after.sd_low) == (whole.mean, whole.sd, whole.sd_low)
        assert after.low < after.mean < after.high
        assert after.high - after.low == pytest.approx((before.high - before.low) * narrower)
        assert after.high - after.mean <= settled.half_width * (1 + 1e-12)
    assert tally.rows(settled) == tally.rows()  # their means are not what was settled


def test_where_there_is_no_difference_the_mean_itself_is_settled():
    profit = np.random.default_rng(3).normal(10, 4, 3_000)
    tally = Tally(("shared",), ("a",), "a")
    tally.add({"shared": {"a": summaries("a", profit[:PILOT])}})
    settled = tally.settle(HalfWidth(0.2))
    sd = profit[:PILOT].std(ddof=1)
    assert settled.reps == math.ceil((student(399) * sd / 0.2) ** 2)
    tally.add({"shared": {"a": summaries("a", profit[PILOT : settled.reps])}})
    (row,) = tally.rows(settled)
    half = T399 * sd / math.sqrt(settled.reps)
    assert row.profit_mean == pytest.approx(profit[: settled.reps].mean())
    assert (row.profit_low, row.profit_high) == pytest.approx(
        (row.profit_mean - half, row.profit_mean + half), rel=1e-6
    )


def test_a_pilot_and_what_it_settles_are_of_exact_numbers():
    with pytest.raises(ValueError, match="a pilot has 400 replications, not 200"):
        tally_of(parts(FOUND, 0, 200)).settle(HalfWidth(1.0))
    tally = tally_of(parts(FOUND, 0, PILOT))
    settled = tally.settle(HalfWidth(0.1, share=True))
    with pytest.raises(ValueError, match="replications were settled, there are 400"):
        tally.differences(settled)
