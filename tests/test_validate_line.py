"""A line of the scorecard: when it passes, when it must not, and what a list of them comes to."""

import math

import pytest

from lobsim.validate.line import Line, chance_of_false_alarm, farthest, worst

NAN, INF = math.nan, math.inf


def exact(got, tolerance=0.1, expected=1.0):
    return Line("g", "n", "s", expected, got, tolerance)


def sampled(z, got=1.0, **others):
    return Line("g", "n", "s", 1.0, got, kind="sampled", z=z, **others)


def control(got, tolerance=0.1, expected=1.0):
    return Line("g", "n", "s", expected, got, tolerance, "control")


@pytest.mark.parametrize(
    "line",
    [
        exact(1.0),
        exact(1.0, tolerance=0.0),
        exact(0.91),
        exact(1.09),
        sampled(0.0),
        sampled(4.0),
        sampled(-4.0),
        sampled(5.0, limit=6.0),
        control(1.2),
        control(0.8),
    ],
)
def test_passes(line):
    assert line.passed
    assert line.used <= 1


@pytest.mark.parametrize(
    "line",
    [
        exact(1.11),
        exact(0.89),
        exact(1.0000001, tolerance=0.0),
        exact(NAN),
        exact(INF),
        exact(INF, expected=INF),
        exact(1.0, expected=NAN),
        exact(1.0, tolerance=NAN),
        exact(1.1, tolerance=-1.0),
        sampled(4.01),
        sampled(-4.01),
        sampled(3.5, limit=3.0),
        sampled(None),
        sampled(NAN),
        sampled(0.0, got=NAN),
        sampled(INF),
        control(1.0),
        control(1.05),
        control(1.0, tolerance=0.0),
        control(NAN),
        control(INF),
        control(2.0, expected=NAN),
        control(2.0, tolerance=NAN),
    ],
)
def test_must_not_pass(line):
    assert not line.passed
    assert line.used > 1


def test_samples_fail_by_chance_as_the_normal_law_says_or_as_they_say():
    """2 (1 - Phi(4)) = 6.334e-5, 2 (1 - Phi(3)) = 0.0026998."""
    assert chance_of_false_alarm([exact(1.0), control(2.0)]) == 0
    assert chance_of_false_alarm([sampled(0.0)]) == pytest.approx(6.33425e-5, rel=1e-5)
    lines = [sampled(0.0), sampled(1.0, limit=3.0), sampled(0.0, chance=0.01), exact(2.0)]
    both = 1 - (1 - 6.33425e-5) * (1 - 2.699796e-3) * 0.99
    assert chance_of_false_alarm(lines) == pytest.approx(both, rel=1e-5)


def test_the_worst_are_the_failed_ones_and_then_those_that_use_up_most():
    lines = [exact(1.01), sampled(3.9), exact(NAN), exact(1.2), control(9.0), sampled(None)]
    names = [lines.index(line) for line in worst(lines, 6)]
    assert set(names[:2]) == {2, 5}
    assert names[2:] == [3, 1, 0, 4]
    assert worst(lines) == [lines[2]]


def test_of_many_numbers_the_farthest_apart_count_and_a_nan_most():
    assert farthest([[1, 2], [3, 4]], [[1, 2], [3.5, 4.1]]) == (3.5, 3)
    assert farthest([1, 2, 3], 2) == (2, 1)
    assert math.isnan(farthest([1, NAN, 9], 2)[1])
