"""The axes of a sweep: what `--over` takes, what it refuses, and the grid (B16 and B17)."""

import itertools
import math
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lobsim.errors import UsageError
from lobsim.scenario.axes import Axis, axes_of, count_of, points_of

READ = """
1,2,4                        1 | 2 | 4
 a , "b, c" ,'d'             a | "b, c" | 'd'
true,1                       true | 1
"a\\",b",c                    "a\\",b" | c
[1, 2],[3]                   [1, 2] | [3]
{ m = "c", s = 1 },{ m = 2 }  { m = "c", s = 1 } | { m = 2 }
"1:2:3"                      "1:2:3"
0.1:1:10                     0.1 | 0.2 | 0.3 | 0.4 | 0.5 | 0.6 | 0.7 | 0.8 | 0.9 | 1
1:0:3                        1 | 0.5 | 0
-1:1:4                       -1 | -0.333333333333333 | 0.333333333333333 | 1
-0:300:4                     0 | 100 | 200 | 300
1e-9:3e-9:2                  1e-9 | 3e-9
1e20:2e20:2                  1e+20 | 2e+20
log:0.01:100:5               0.01 | 0.1 | 1 | 10 | 100
log:1:2:4                    1 | 1.25992 | 1.5874 | 2
log:1.23456789:2.3456789:2    1.23456789 | 2.3456789
5,1:3:3,log:10:1000:3        5 | 1 | 2 | 3 | 10 | 100 | 1000
"""
REFUSED = """
a                      --over a: must be KEY=VALUES
=1                     --over : must be KEY=VALUES
a..b=1                 --over a..b: must be KEY=VALUES
a+=1                   --over a+: must be KEY=VALUES
a=                     --over a: no values
a=1,,2                 --over a: value 2 is empty
a=1,                   --over a: value 2 is empty
a=0.1,0.10             --over a: 0.1 is there twice
a=1,2,1.0,1e0          --over a: 1 is there 3 times
a=x,"x"                --over a: x is there twice
a={b=1,c=2},{c = 2.0, b = 1}  --over a: {b=1,c=2} is there twice
a=[1,2],[1, 2]         --over a: [1,2] is there twice
a=1:3:3,2              --over a: 2 is there twice
a=1:2                  --over a: 1:2: must be from:to:count
a=1:2:3:4              --over a: 1:2:3:4: must be from:to:count
a=x:2:3                --over a: x:2:3: from must be a finite number, is x
a=1:inf:3              --over a: 1:inf:3: to must be a finite number, is inf
a=1:1e400:3            --over a: 1:1e400:3: to must be a finite number, is 1e400
a=1:1e-999999999:3     --over a: 1:1e-999999999:3: to must be a finite number
a=1::3                 --over a: 1::3: to must be a finite number, is empty
a=1:2:                 --over a: 1:2:: count must be a whole number from 2 to 10,000, is empty
a=1:2:1                --over a: 1:2:1: count must be a whole number from 2 to 10,000, is 1
a=1:2:2.5              --over a: 1:2:2.5: count must be a whole number from 2 to 10,000
a=1:2:10001            --over a: 1:2:10001: count must be a whole number from 2 to 10,000
a=1:2:1e300            --over a: 1:2:1e300: count must be a whole number from 2 to 10,000
a=1:1.0:3              --over a: 1:1.0:3: from and to must differ
a=log:0:1:3            --over a: log:0:1:3: from must be above 0 in a log range, is 0
a=log:1:-1:3           --over a: log:1:-1:3: to must be above 0 in a log range, is -1
a={b=1                 --over a: } is missing at the end of {b=1
a="b                   --over a: " is missing at the end of "b
a=b]                   --over a: ']' closes nothing in b]
a+a=1                  --over a: is there twice; it can change with one axis only
x.gamma+x.params.gamma=1  --over x.params.gamma: is there twice
a.b.c.d.e.f.g.h.i.j.k.l=1  --over a.b.c.d.e.f.g.h.i.j.k.l: a.b.c.d.e.f.g.h.i.j.k.l is nested
strategies+a.b=1       --over strategies+a.b: strategies must be an axis of its own
strategies=a+          --over strategies: a+: must be names joined by +, as a+b
strategies=a+a         --over strategies: a is there twice in a+a
strategies=a+b,b + a   --over strategies: a+b is there twice
strategy=1             --over strategy: must be NAME.PARAM for a parameter, or strategies
"""


def table(text):
    return [re.split(r" {2,}", line, maxsplit=1) for line in text.split("\n")[1:-1]]


def values_of(text):
    (axis,) = axes_of([f"a.b={text}"])
    assert all(len(step) == 1 for step in axis.values)
    return [step[0] for step in axis.values]


def problems(*texts):
    with pytest.raises(UsageError) as refused:
        axes_of(texts)
    return list(refused.value.problems)


@pytest.mark.parametrize(("text", "expected"), table(READ), ids=[row[0] for row in table(READ)])
def test_values_are_texts_as_a_setting_takes_them(text, expected):
    assert values_of(text) == expected.split(" | ")


@pytest.mark.parametrize(("text", "told"), table(REFUSED), ids=[row[0] for row in table(REFUSED)])
def test_what_makes_no_axis_is_told_in_one_line(text, told):
    (problem,) = problems(text)
    assert problem.startswith(told)


def test_all_problems_of_all_axes_are_told_at_once():
    told = problems("a", "b=nan:x:1", "c=1,1,2,2", "c=3")
    assert [line.split(":")[0] for line in told] == [
        "--over a",
        *["--over b"] * 3,
        *["--over c"] * 3,
    ]


def test_of_many_values_that_are_there_twice_the_first_are_told():
    twice = ",".join(str(i) for i in range(20))
    told = problems(f"a={twice},{twice}")
    assert len(told) == 6
    assert told[-1] == "--over a: 15 more values are there twice"


def test_an_axis_has_ten_thousand_values_at_most():
    assert len(values_of("1:10000:10000")) == 10_000
    assert problems("a=0,1:10000:10000") == ["--over a: 10,001 values: must be 10,000 at most"]


def test_a_range_too_fine_for_its_digits_says_that_values_are_there_twice():
    assert "1.00001 is there 50 times" in problems("a=log:1:1.00002:100")[1]


def test_a_key_inside_another_axis_would_be_undone_by_it():
    told = "--over asset.flow.size.mean: is inside asset.flow.size, which is an axis too"
    texts = ["asset.flow.size.mean=1,2", "asset.flow.size={},{a=1}"]
    assert problems(*texts) == problems(*reversed(texts)) == [told]
    assert len(axes_of(["asset.flow.size.mean=1", "asset.flow.size_too=1"])) == 2


@pytest.mark.parametrize("text", ["a=1\n2", "a=1\r2", "a=\udcff", f"a={'[' * 3000}{']' * 3000}"])
def test_odd_texts_are_one_problem(text):
    assert len(problems(text)) == 1


def test_a_long_text_is_cut_in_its_message():
    assert all(len(line) < 250 for line in problems(f"a={'x' * 5000}:1", f"{'k' * 5000}=1,1"))


def test_zipped_keys_have_one_value_and_names_are_an_axis():
    zipped, who = axes_of([" a.gamma + b.gamma = 0.1, 1 ", "strategies=a, b,a + b"])
    assert zipped == Axis(("a.gamma", "b.gamma"), (("0.1", "0.1"), ("1", "1")))
    assert who == Axis(("strategies",), (("a",), ("b",), ("a+b",)))


def test_the_last_axis_of_a_grid_changes_fastest():
    axes = axes_of(["a.x+b.x=1,2", "k=u,v"])
    assert list(points_of(axes)) == [
        (("a.x", "1"), ("b.x", "1"), ("k", "u")),
        (("a.x", "1"), ("b.x", "1"), ("k", "v")),
        (("a.x", "2"), ("b.x", "2"), ("k", "u")),
        (("a.x", "2"), ("b.x", "2"), ("k", "v")),
    ]
    assert (count_of(axes), count_of(()), list(points_of(()))) == (4, 1, [()])


def test_a_grid_of_ten_to_the_sixteenth_points_is_counted_and_begun():
    axes = axes_of([f"k{i}=1:10000:10000" for i in range(4)])
    assert count_of(axes) == 10**16
    first = list(itertools.islice(points_of(axes), 2))
    assert [point[3][1] for point in first] == ["1", "2"]


decimals = st.decimals(-(10**6), 10**6, places=4)


@given(decimals, decimals, st.integers(2, 50))
def test_a_range_is_that_of_fractions_to_fifteen_digits(first, last, count):
    if first == last:
        return
    texts = values_of(f"{first}:{last}:{count}")
    assert (Fraction(texts[0]), Fraction(texts[-1])) == (Fraction(first), Fraction(last))
    assert len(texts) == count
    for i, text in enumerate(texts):
        exact = Fraction(first) + (Fraction(last) - Fraction(first)) * i / (count - 1)
        assert abs(Fraction(text) - exact) <= abs(exact) / 10**14


@given(st.floats(1e-6, 1e6), st.floats(1.1, 1e6), st.integers(2, 30))
def test_a_log_range_has_one_ratio(first, times, count):
    last = first * times
    numbers = [float(text) for text in values_of(f"log:{first!r}:{last!r}:{count}")]
    assert (numbers[0], numbers[-1], len(numbers)) == (first, last, count)
    ratio = math.exp(math.log(last / first) / (count - 1))
    assert numbers == pytest.approx([first * ratio**i for i in range(count)], rel=1e-5)
