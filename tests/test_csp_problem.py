"""What no scheduling problem, and no search, can be: one line for each thing that is wrong."""

import math
from dataclasses import replace

import pytest

from lobsim.policy.csp import solve_schedule
from lobsim.policy.csp_problem import ScheduleProblem

USUAL = ScheduleProblem(
    A_bid=1.5, A_ask=1.5, k=1.5, sigma=0.3, horizon_s=10.0, steps=20, levels=30,
    depth_step=2 / 30, terminal_penalty=0.05, max_inventory=10.0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({"k": 0.0}, ["k = 0: must be above 0"]),
        ({"steps": 2.0}, ["steps = 2.0: must be a whole number"]),
        ({"steps": True}, ["steps = True: must be a whole number"]),
        ({"sigma": "x"}, ["sigma = 'x': must be a number"]),
        ({"sigma": None}, ["sigma = None: must be a number"]),
        ({"A_bid": math.nan}, ["A_bid = nan: must be finite"]),
        ({"A_bid": -1.0, "k": 0}, ["A_bid = -1: must be 0 or more", "k = 0: must be above 0"]),
        ({"max_var": math.inf}, ["max_var = inf: must be finite"]),
        ({"var_level": 0.5}, ["var_level = 0.5: must be between 0.5 and 1"]),
        ({"drawdown_level": 1.0}, ["drawdown_level = 1: must be between 0 and 1"]),
        ({"fills": "both"}, ["fills = 'both': must be 'poisson' or 'bernoulli'"]),
        ({"steps": 1001}, ["steps = 1001: must be 1000 at most"]),
        ({"min_spread": 2.0, "max_spread": 1}, ["min_spread = 2: must be max_spread = 1 at most"]),
        ({"inventory": -11}, ["inventory = -11: must be within max_inventory = 10"]),
        ({"inventory": 10**6}, ["inventory = 1000000: must be within 10000 lots"]),
        ({"min_depth": -9.0}, [
            "min_depth = -9: a quote there must fill 10000 times over the horizon at most",
        ]),
    ],
)  # fmt: skip
def test_what_no_problem_can_be_is_said_in_one_line_each(changes, lines):
    with pytest.raises(ValueError, match="must") as error:
        replace(USUAL, **changes)
    assert str(error.value).split("\n") == lines


@pytest.mark.parametrize(
    ("effort", "line"),
    [
        ({"time_limit_s": 0.0}, "time_limit_s = 0: must be above 0, and finite"),
        ({"gap": 1.0}, "gap = 1: must be between 0 and 1"),
        ({"workers": 0}, "workers = 0: must be whole, 1 or more"),
        ({"seed": -1}, "seed = -1: must be whole, 0 or more"),
    ],
)
def test_what_no_search_can_be_is_refused(effort, line):
    with pytest.raises(ValueError, match="must") as error:
        solve_schedule(USUAL, **effort)
    assert str(error.value) == line
