"""The scorecard of the theory: every line passes, and none would if its number were another.

What is expected comes from lobsim/golden.json (two methods each), from the literature, or from a
second method; see `source` of each line.
"""

import math
from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from lobsim.policy import linear
from lobsim.policy.problem import MakerProblem
from lobsim.validate import invariants, scorecard
from lobsim.validate.golden import GROUPS, golden_line, golden_lines, golden_numbers, way
from lobsim.validate.line import chance_of_false_alarm
from lobsim.validate.scorecard import PARTS, theory_lines
from lobsim.validate.tables import limit, optimal

OTHERS = [name for name in PARTS if name not in GROUPS]
COUNTS = {
    "optimal quotes evaluated": 34,
    "invariants": 33,
    "two methods": 22,
    "tables of 2008": 32,
    "figures of 2013 and 2015": 120,
    "wrong quotes": 11,
}
# Fewer digits than 1e-9: inversions cut off; see FEWER.
ROUGH = ("RN-sym P(W", "RN-sym VaR")


@cache
def lines(part):
    return PARTS[part]()


@pytest.mark.parametrize("name", golden_numbers())
def test_a_golden_number_comes_out(name):
    line = golden_line(name)
    assert line.passed, line
    assert line.source.startswith("golden.json: ")
    off = 1e-3 if name.startswith(ROUGH) else 1e-8
    assert not replace(line, got=line.got * (1 + off)).passed
    assert not replace(line, got=line.got + np.nan).passed


def test_every_golden_number_is_one_line():
    assert len(golden_numbers()) == 195
    counts = Counter(way(name)[0] for name in golden_numbers())
    assert counts == {"golden quotes": 106, "golden profits": 57, "golden prices": 32}
    families = [start for each in GROUPS.values() for start in each]
    assert len(families) == len(set(families))
    for start in families:  # none is left over
        assert any(name.startswith(start) for name in golden_numbers()), start
    found = golden_lines("golden prices")
    assert [line.name for line in found] == [
        n for n in golden_numbers() if way(n)[0] in found[0].group
    ]
    with pytest.raises(KeyError):
        golden_line("RN")
    with pytest.raises(KeyError):
        golden_line("no such number")


def test_the_digits_asked_for_are_those_of_both_methods():
    """1e-12 but for what says that it has fewer; never looser than 1e-10 but for the inversions."""
    loose = {
        name
        for name, number in golden_numbers().items()
        if number.disagreement > 5e-13 or name.startswith("A-S quotes cont.")
    }
    for line in golden_lines("golden quotes") + golden_lines("golden prices"):
        share = line.tolerance / abs(line.expected)
        assert share == pytest.approx(1e-12) or line.name in loose
        assert share < 1e-11


@pytest.mark.parametrize("part", OTHERS)
def test_every_line_passes_and_none_by_being_another(part):
    """Moved by twice what is allowed either way, a control to what it must differ from."""
    found = lines(part)
    assert not [line for line in found if not line.passed]
    assert len({(line.group, line.name) for line in found}) == len(found) == COUNTS[part]
    for line in found:
        off = 2.001 * line.tolerance or 1.0
        if line.kind == "control":
            others = [replace(line, got=line.expected), replace(line, got=line.expected + off / 3)]
        elif line.kind == "sampled":
            others = [replace(line, z=line.z + 6), replace(line, z=line.z - 6)]
        else:
            others = [replace(line, got=line.got + off), replace(line, got=line.got - off)]
        others += [replace(line, got=math.nan), replace(line, expected=math.nan)]
        assert not [other for other in others if other.passed], line


def test_the_tables_of_2008_are_within_two_standard_errors():
    """24 numbers of 1,000 simulations each."""
    found = {line.name: line for line in lines("tables of 2008") if line.kind == "sampled"}
    assert len(found) == 24
    assert max(abs(line.z) for line in found.values()) < 1.9
    assert chance_of_false_alarm(found.values()) == 0  # printed numbers: nothing is drawn
    error = found["mean profit, inventory, gamma 0.1"].tolerance / 4
    assert error == pytest.approx(6.5432 / np.sqrt(1000), rel=1e-4)
    line = found["sd of profit, symmetric, gamma 0.1"]
    assert line.tolerance / 4 == pytest.approx(13.4573 * np.sqrt(4.4) / np.sqrt(1000) / 2, rel=0.02)


def test_all_parts_are_gathered_and_told_of(monkeypatch):
    line = golden_line("OU mean")
    monkeypatch.setattr(scorecard, "PARTS", {"a": lambda: [line], "b": lambda: [line, line]})
    told = []
    assert theory_lines(lambda *args: told.append(args)) == [line] * 3
    assert told == [(0, 2, "a"), (1, 2, "b"), (2, 2, "done")]
    assert len(theory_lines()) == 3


def test_an_error_in_the_quotes_shows(monkeypatch):
    """Of one part in a million of k, in what the invariants are computed from."""
    right = linear.solve

    def wrong(problem: MakerProblem, times):
        return right(replace(problem, k=problem.k * (1 + 1e-6)), times)

    monkeypatch.setattr(invariants, "solve", wrong)
    failed = [line for line in invariants.invariant_lines() if not line.passed]
    assert len(failed) > 8


def test_the_limit_of_ever_finer_rows_takes_out_even_powers():
    assert limit(lambda n: [2 + 3 / n**2 - 5 / n**4], rows=3) == pytest.approx([2], abs=1e-14)


def test_the_rows_of_an_optimal_table_crowd_towards_the_horizon():
    made = MakerProblem(A_bid=1, A_ask=1, k=1, horizon_s=8, max_inventory=2)
    assert optimal(made, 2).times_s.tolist() == [0, 7]
    expected = linear.solve(made, [3.5, 7.5]).bid_depth
    assert optimal(made, 2).bid_depth.tolist() == expected.tolist()
