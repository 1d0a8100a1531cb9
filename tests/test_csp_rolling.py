"""Plans made anew at every step and inventory, against the best quotes there are."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from lobsim.policy.chain import Flow
from lobsim.policy.csp import solve_schedule
from lobsim.policy.csp_problem import ScheduleProblem
from lobsim.policy.csp_rolling import solve_rolling
from lobsim.policy.evaluate import evaluate
from lobsim.policy.linear import solve
from lobsim.policy.problem import MakerProblem

MARKET = {"A_bid": 1.5, "A_ask": 1.5, "k": 1.5, "horizon_s": 10.0}
COSTS = {"terminal_penalty": 0.05, "running_penalty": 0.01}
FLOW = Flow(A_bid=1.5, A_ask=1.5, k=1.5)
USUAL = ScheduleProblem(sigma=0.3, steps=10, levels=30, depth_step=0.07, **MARKET, **COSTS)
SMALL = replace(USUAL, steps=3, levels=8, depth_step=0.25)


def test_planning_anew_is_within_a_hundredth_of_the_best_quotes():
    """Both by |q| <= 6, the former by exact evaluation, the latter by the exact solution."""
    table = solve_rolling(USUAL, max_inventory=6).table()
    value = solve(MakerProblem(max_inventory=6, **MARKET, **COSTS), [0.0]).value[0]
    for q in (-5, -3, 0, 3, 5):
        e = evaluate(table, FLOW, sigma=0.3, horizon_s=10.0, inventory=q, max_inventory=6, **COSTS)
        assert 0.99 * value[6 + q] < e.objective < value[6 + q]


def test_each_plan_is_the_schedule_from_there():
    rolling = solve_rolling(SMALL, max_inventory=2)
    for n in range(3):
        for q in (-1, 0, 1):
            rest = replace(SMALL, steps=3 - n, horizon_s=10 * (3 - n) / 3, inventory=q)
            plan = solve_schedule(rest)
            found = rolling.objectives[n, 2 + q], rolling.bounds[n, 2 + q]
            assert found[0] <= plan.bound + 1e-9
            assert found[1] >= plan.objective - 1e-9
            if q >= 0:
                assert (plan.bids[0], plan.asks[0]) == (
                    rolling.bids[n, 2 + q],
                    rolling.asks[n, 2 + q],
                )
    assert rolling.status == "optimal"


def test_a_mirrored_market_is_solved_half_and_mirrored():
    calls = []
    rolling = solve_rolling(
        SMALL, max_inventory=2, progress=lambda done, total: calls.append((done, total))
    )
    assert calls == [(i + 1, 9) for i in range(9)]
    for n in range(3):
        for q in (1, 2):
            assert rolling.bids[n, 2 - q] == rolling.asks[n, 2 + q]
            assert rolling.asks[n, 2 - q] == rolling.bids[n, 2 + q]


def test_nothing_is_quoted_past_the_limit():
    lopsided = replace(SMALL, A_ask=1.0, max_spread=2.0, max_change=2)
    rolling = solve_rolling(lopsided, max_inventory=2)
    table = rolling.table()
    assert table.times_s == pytest.approx([0, 10 / 3, 20 / 3])
    assert table.inventories.tolist() == [-2, -1, 0, 1, 2]
    assert np.all(np.isinf(table.bid_depth[:, -1]))
    assert np.all(np.isinf(table.ask_depth[:, 0]))
    inner = table.bid_depth[:, 1:-1] + table.ask_depth[:, 1:-1]
    assert np.all(inner <= 2.0 + 1e-9)
    assert np.all(np.isfinite(table.bid_depth[:, 0]))


def test_the_same_table_twice():
    one, other = (solve_rolling(SMALL, max_inventory=2) for _ in range(2))
    assert one.table() == other.table()
    assert np.array_equal(one.bounds, other.bounds)


def test_an_interrupt_gets_through():
    def interrupt(done, total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        solve_rolling(SMALL, max_inventory=2, progress=interrupt)


SEARCH = """
import os, signal, sys, threading
from lobsim.policy.csp import solve_schedule
from lobsim.policy.csp_problem import ScheduleProblem
problem = ScheduleProblem(
    A_bid=1.5, A_ask=1.5, k=1.5, sigma=0.3, horizon_s=10.0, steps=20, levels=30, depth_step=0.07,
    inventory=5, terminal_penalty=0.05, max_inventory=6.0,
)
threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    solve_schedule(problem, time_limit_s=600.0, gap=1e-6)
except KeyboardInterrupt:
    sys.stdout.write("interrupted")
"""


def test_an_interrupt_of_the_search_itself_gets_through_and_leaves_no_thread_behind():
    done = subprocess.run([sys.executable, "-c", SEARCH], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted", "")


def test_where_no_plan_will_do_it_is_said_from_where():
    with pytest.raises(ValueError, match="from step 0 with 2 lots: no schedule keeps max_drawdown"):
        solve_rolling(replace(SMALL, max_drawdown=2.5), max_inventory=2)
    with pytest.raises(ValueError, match="from step 0 with 2 lots: inventory = 2: must be within"):
        solve_rolling(replace(SMALL, max_inventory=1.9), max_inventory=2)


@pytest.mark.parametrize("lots", [0, 2.0, 1001])
def test_a_limit_is_a_whole_number(lots):
    with pytest.raises(ValueError, match=r"max_inventory = .*: must be whole, from 1 to 1000"):
        solve_rolling(SMALL, max_inventory=lots)
