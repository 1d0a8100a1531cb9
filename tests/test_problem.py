"""The maker's problem and its answer as a table: what they refuse, and in which words."""

import math

import numpy as np
import pytest

from lobsim.policy.linear import law, solve, stationary
from lobsim.policy.problem import MakerProblem, hop_rate, markup
from lobsim.policy.unsolvable import UnsolvableError

PLAIN = {"A_bid": 1.5, "A_ask": 1.5, "k": 1.5, "horizon_s": 10, "max_inventory": 5}


def problem(**changes):
    return MakerProblem(**{**PLAIN, **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"k": 0}, "k = 0: must be above 0"),
        ({"k": -1.5}, r"k = -1\.5: must be above 0"),
        ({"k": 1e-200}, "k = 1e-200: must be above 0, 1e-100 or more"),
        ({"horizon_s": 0}, "horizon_s = 0: must be above 0"),
        ({"horizon_s": -1}, "horizon_s = -1: must be above 0"),
        ({"A_bid": -1}, "A_bid = -1: must be 0 or more"),
        ({"A_ask": -1}, "A_ask = -1: must be 0 or more"),
        ({"terminal_penalty": -1e-9}, "terminal_penalty = -1e-09: must be 0 or more"),
        ({"running_penalty": -1}, "running_penalty = -1: must be 0 or more"),
        ({"gamma": -0.1}, r"gamma = -0\.1: must be 0 or more"),
        ({"sigma": -2}, "sigma = -2: must be 0 or more"),
        ({"max_inventory": 0}, "max_inventory = 0: must be whole, 1 or more"),
        ({"max_inventory": 2.5}, r"max_inventory = 2\.5: must be whole, 1 or more"),
        ({"max_inventory": 5, "lot": 2}, "max_inventory = 5: must be a whole multiple of lot = 2"),
        ({"max_inventory": 2, "lot": 5}, "max_inventory = 2: must be a whole multiple of lot = 5"),
        ({"lot": 0}, "lot = 0: must be whole, 1 or more"),
        ({"lot": 1e16, "max_inventory": 1e16}, r"1e\+16: must be whole, 1 or more, 1e\+15 at most"),
        ({"mu": math.nan}, "mu = nan: must be finite"),
        ({"fee_bid": math.inf}, "fee_bid = inf: must be finite"),
        ({"impact": -math.inf}, "impact = -inf: must be finite"),
        ({"sigma": 1e101}, r"sigma = 1e\+101: must be finite, 1e\+100 at most in size"),
        ({"max_inventory": math.nan}, "max_inventory = nan: must be finite"),
        ({"k": "fast"}, "k = 'fast': must be a number"),
        ({"k": None}, "k = None: must be a number"),
        ({"max_inventory": None}, "max_inventory = None: must be a number"),
        ({"A_bid": 10**400}, "A_bid = 10*: must be a number"),
    ],
)
def test_a_problem_that_has_no_answer_is_refused(changes, words):
    with pytest.raises(ValueError, match=words) as told:
        problem(**changes)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("name", [*PLAIN, "mu", "sigma", "gamma", "fee_bid", "impact", "lot"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "x", None, [1], 1j])
def test_whatever_is_no_number_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"{name} = "):
        problem(**{name: value})


def test_a_problem_is_of_plain_numbers_whatever_it_was_made_of():
    made = problem(k=np.float32(1.5), max_inventory=np.float64(5))
    assert (type(made.k), type(made.max_inventory), type(made.lot)) == (float, int, int)
    assert made == problem()


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ([], "times_s must be"),
        ([0, 0], "times_s must be"),
        ([1, 0], "times_s must be"),
        ([[0, 1]], "times_s must be"),
        (0, "times_s must be"),
        ([0, 10.5], r"times_s: 10\.5: must be within 0 and horizon_s = 10"),
        ([-1, 0], "times_s: -1: must be within 0 and horizon_s = 10"),
        ([math.nan], "times_s: nan: must be within"),
        ([0, math.nan], "times_s must be"),
        ([0, math.inf], "times_s: inf: must be within"),
    ],
)
def test_times_outside_the_horizon_are_refused(times, words):
    with pytest.raises(ValueError, match=words):
        solve(problem(), times)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"max_inventory": 201}, "max_inventory = 201: must be 200 times lot = 1 at most"),
        ({"horizon_s": 1e20}, r"horizon_s = 1e\+20: must be 9\.\d+e\+14 at most, 1e\+15 over"),
        (
            {"A_bid": 0, "running_penalty": 1, "horizon_s": 1e5},
            r"horizon_s = 100000: must be 2666\.67 at most where the bid never fills",
        ),
        ({"fee_ask": -800}, r"fee -800 and impact 0 at k = 1\.5 make fills"),
        ({"gamma": 1e90, "sigma": 1e100}, "horizon_s = 10: must be"),
        ({"k": 1e-100, "A_bid": 1e100, "A_ask": 1e100, "horizon_s": 1e-86}, None),
        ({"k": 1e-100, "terminal_penalty": 1e100, "lot": 10**15, "max_inventory": 10**15}, None),
        ({"k": 1e100, "terminal_penalty": 1e100, "impact": 1e100}, None),
    ],
)
def test_more_than_a_solver_can_do_is_refused_or_done(changes, words):
    if words is not None:
        with pytest.raises(ValueError, match=words):
            solve(problem(**changes), [0])
    else:
        assert np.all(np.isfinite(solve(problem(**changes), [0]).value))


def test_more_cells_than_memory_should_hold_are_refused():
    with pytest.raises(ValueError, match="2,000,000 times x 11 inventories: must be 10,000,000 at"):
        solve(problem(), np.linspace(0, 10, 2_000_000))


@pytest.mark.parametrize(
    ("changes", "start", "words"),
    [
        ({"gamma": 0.1}, 0, r"gamma = 0\.1: the law has a closed form at 0 only"),
        ({}, 6, "start = 6: must be a multiple of lot = 1, 5 at most"),
        ({"lot": 5}, 3, "start = 3: must be a multiple of lot = 5"),
    ],
)
def test_a_law_that_is_not_known_is_refused(changes, start, words):
    with pytest.raises(ValueError, match=words):
        law(problem(**changes), [0], start)


@pytest.mark.parametrize("side", ["A_bid", "A_ask"])
def test_a_one_sided_market_has_no_long_run(side):
    with pytest.raises(ValueError, match=f"{side} = 0: must be above 0"):
        stationary(problem(**{side: 0}))


def test_the_markup_and_the_hop_rate_are_continuous_in_risk_aversion():
    """Their series begin 1/k - g/(2 k^2) and (A/e) (1 - g/(2k))."""
    for g in (0.0, 5e-324, 1e-300, 1e-20, 1e-12, 1e-9):
        assert markup(1.5, g) == pytest.approx(1 / 1.5 - g / 4.5, rel=1e-15)
        assert hop_rate(2.0, 1.5, g) == pytest.approx(2 / math.e * (1 - g / 3), rel=1e-15)


# The answer as a table


def test_a_table_holds_the_quotes_of_the_solution():
    solution = solve(problem(terminal_penalty=0.05), [0, 4, 10])
    table = solution.table()
    assert table.inventories.tolist() == list(range(-5, 6))
    for name in ("times_s", "bid_depth", "ask_depth"):
        assert np.array_equal(getattr(table, name), getattr(solution, name))


def test_between_multiples_of_the_lot_no_fill_can_lead_beyond_the_limit():
    solution = solve(problem(terminal_penalty=0.05, lot=3, max_inventory=6), [0])
    table = solution.table()
    assert table.inventories.tolist() == list(range(-6, 7))
    bid, ask = solution.bid_depth[0], solution.ask_depth[0]
    b, a = (
        dict(zip(range(-6, 7), side[0], strict=True)) for side in (table.bid_depth, table.ask_depth)
    )
    assert [b[-6], b[-3], b[0], b[3]] == bid[:-1].tolist()
    assert [a[-3], a[0], a[3], a[6]] == ask[1:].tolist()
    assert b[1] == b[2] == b[3]
    assert a[1] == a[2] == a[0]
    assert {q for q in b if b[q] == math.inf} == {4, 5, 6}
    assert {q for q in a if a[q] == math.inf} == {-4, -5, -6}


def test_quotes_that_rebates_make_cross_are_no_table():
    with pytest.raises(UnsolvableError, match="the rebate is more than a spread can give back"):
        solve(problem(fee_bid=-1, fee_ask=-1), [0]).table()
