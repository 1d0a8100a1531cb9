"""Student intervals and sparklines, against printed tables and what is plain to the eye."""

import math

import pytest

from lobsim.report.sparkline import sparkline
from lobsim.report.statistics import around

# The 97.5 % point of Student's t by degrees of freedom, as any textbook prints it.
STUDENT = {
    1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 9: 2.262, 10: 2.228, 19: 2.093,
    29: 2.045, 30: 2.042, 60: 2.000, 120: 1.980, 100_000: 1.960,
}  # fmt: skip


@pytest.mark.parametrize("freedom", STUDENT)
def test_half_an_interval_is_students_t_times_the_standard_error(freedom):
    low, high = around(7.0, 0.5, freedom + 1)
    assert (high - 7) / 0.5 == pytest.approx(STUDENT[freedom], abs=6e-4)
    assert (7 - low) / 0.5 == pytest.approx(STUDENT[freedom], abs=6e-4)


def test_five_numbers_give_the_interval_worked_out_by_hand():
    """Of 2 to 6 the squares are 4 + 1 + 0 + 1 + 4: a deviation of sqrt(10 / 4), an error of
    sqrt(0.5).
    """
    half = 2.776445 * math.sqrt(0.5)
    assert around(4, math.sqrt(0.5), 5) == pytest.approx((4 - half, 4 + half), rel=1e-6)


def test_one_value_has_no_interval():
    assert around(3.5, None, 1) == (None, None)


SPARKLINES = {  # times, values, end, scale: and what is drawn in eight parts
    "flat": ([0], [0], 80, 5, "▅▅▅▅▅▅▅▅"),
    "one step at the end of a part": ([0, 20], [0, 4], 80, 4, "▅███████"),
    "one step inside a part": ([0, 21], [0, 4], 80, 4, "▅▅██████"),
    "down to the floor": ([0, 40], [0, -4], 80, 4, "▅▅▅▁▁▁▁▁"),
    "a stair": ([0, 20, 30, 40, 50, 60, 70], [-4, -3, -2, -1, 0, 1, 3], 80, 4, "▁▂▃▄▅▆██"),
    "the last of a part counts": ([0, 41, 42, 43], [0, 4, -4, 2], 80, 4, "▅▅▅▅▇▇▇▇"),
    "an endowment": ([0], [3], 80, 3, "████████"),
    "nothing ever held": ([0], [0], 80, 0, "▅▅▅▅▅▅▅▅"),
    "a move at the very end": ([0, 80], [0, -2], 80, 2, "▅▅▅▅▅▅▅▁"),
    "parts that do not come out even": ([0, 1], [0, 1], 3, 1, "▅▅██████"),
}


@pytest.mark.parametrize("case", SPARKLINES)
def test_a_sparkline_shows_where_the_path_stood_at_the_end_of_each_part(case):
    times, values, end, scale, drawn = SPARKLINES[case]
    assert sparkline(times, values, end, scale, 8) == drawn


def test_a_sparkline_is_as_wide_as_it_is_told():
    assert len(sparkline([0], [1], 10**9, 2, 40)) == 40
