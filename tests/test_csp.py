"""Schedules: against every schedule there is, at a tiny size; against the exact evaluation of the
tables they make; against the value of the best quotes that look at the inventory.
"""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from lobsim.policy.chain import Flow
from lobsim.policy.csp import solve_schedule
from lobsim.policy.csp_problem import ScheduleProblem
from lobsim.policy.evaluate import evaluate
from lobsim.policy.linear import solve
from lobsim.policy.problem import MakerProblem

TINY = ScheduleProblem(
    A_bid=1.5, A_ask=1.2, k=1.5, sigma=0.4, horizon_s=3.0, steps=3, levels=5, depth_step=0.35,
    min_depth=-0.1, terminal_penalty=0.1, running_penalty=0.02,
)  # fmt: skip
USUAL = ScheduleProblem(
    A_bid=1.5, A_ask=1.5, k=1.5, sigma=0.3, horizon_s=10.0, steps=20, levels=30,
    depth_step=2 / 30, terminal_penalty=0.05, max_inventory=10.0,
)  # fmt: skip
DRAWDOWN_95 = 2.241402727604947  # of a Brownian motion in unit time: Phi(d) = 1 - 0.05 / 4, nearly
EVERY = {
    "min_spread": 1.2, "max_spread": 1.6, "max_change": 1, "max_inventory": 4.5,
    "max_drawdown": 4.3, "max_var": 1.3,
}  # fmt: skip
VARIANTS = {
    "free": {},
    "bernoulli": {"fills": "bernoulli"},
    "no cost": {"terminal_penalty": 0.0, "running_penalty": 0.0},
    "fee": {"fee": 0.2},
    "rebate, max_var": {"fee": -0.15, "max_var": 0.7, "inventory": -2},
    "min_spread": {"min_spread": 1.6},
    "max_spread": {"max_spread": 1.0},
    "max_change": {"max_change": 0, "inventory": 2},
    "max_inventory": {"max_inventory": 2.2},
    "max_inventory bernoulli": {"max_inventory": 3.2, "inventory": 2, "fills": "bernoulli"},
    "max_drawdown": {"max_drawdown": 2.6, "inventory": 1},
    "max_var": {"max_var": 1.0, "inventory": -2},
    "max_var bernoulli": {"max_var": 0.1, "fills": "bernoulli"},
    "every": {"inventory": 2, **EVERY},
}


def every_schedule(p):
    """(6^6,) objectives, and which schedules keep each limit, of all that bid below the ask.

    int E[q_t^2] dt is by Simpson's rule, exact as it is of a polynomial of degree 2 in a step.
    """
    quotes = np.array(list(itertools.product(range(p.levels + 1), repeat=2 * p.steps)))
    dt, d = p.horizon_s / p.steps, [p.min_depth + i * p.depth_step for i in range(p.levels)]
    depth = np.array([*d, math.inf])[quotes]
    quotes, depth = (a[np.all(depth[:, :3] + depth[:, 3:] > 0, axis=1)] for a in (quotes, depth))
    mean = np.repeat([p.A_bid, p.A_ask], 3) * dt * np.exp(-p.k * depth)
    variance = mean
    if p.fills == "bernoulli":
        mean = 1 - np.exp(-mean)
        variance = mean * (1 - mean)
    rise, spread = mean[:, :3] - mean[:, 3:], variance[:, :3] + variance[:, 3:]
    earned = np.where(np.isfinite(depth), depth - p.fee, 0)
    W = np.sum(mean * earned, axis=1)
    m, s, held, reached = np.full(len(W), float(p.inventory)), 0.0, 0.0, 0.0
    for n in range(p.steps):
        for x, weight in ((0, 1 / 6), (0.5, 4 / 6), (1, 1 / 6)):
            x = x if p.fills == "poisson" else 0
            held = held + weight * dt * ((m + x * rise[:, n]) ** 2 + s + x * spread[:, n])
        m, s = m + rise[:, n], s + spread[:, n]
        reached = np.maximum(reached, np.abs(m) + norm.ppf(0.975) * np.sqrt(s))
    sd = np.sqrt(np.sum(variance * earned**2, axis=1) + p.sigma**2 * held)
    both = depth[:, :3] + depth[:, 3:]
    kept = {
        "min_spread": lambda limit: np.all(both >= limit - 1e-9, axis=1),
        "max_spread": lambda limit: np.all(both <= limit + 1e-9, axis=1),
        "max_change": lambda limit: np.all(
            np.abs(np.diff(quotes.reshape(-1, 2, 3))) <= limit, axis=(1, 2)
        ),
        "max_inventory": lambda limit: reached <= limit,
        "max_drawdown": lambda limit: DRAWDOWN_95 * sd <= limit,
        "max_var": lambda limit: norm.ppf(0.95) * sd - W <= limit,
    }
    objective = W - p.terminal_penalty * (m**2 + s) - p.running_penalty * held
    asked = [name for name in kept if getattr(p, name) is not None]
    return objective, {name: kept[name](getattr(p, name)) for name in asked}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_tiny_schedule_is_the_best_of_all_there_are(variant):
    problem = replace(TINY, **VARIANTS[variant])
    objective, kept = every_schedule(problem)
    allowed = np.all([*kept.values(), np.full(len(objective), True)], axis=0)
    best = objective[allowed].max()
    for name in kept:  # each limit shuts out what would be better
        others = [each for other, each in kept.items() if other != name]
        free = np.all([*others, np.full(len(objective), True)], axis=0)
        assert variant == "every" or objective[free].max() > best + 1e-6, name
    found = solve_schedule(problem, gap=1e-4)
    assert found.objective == pytest.approx(best, rel=1e-9)
    assert found.bound >= best - 1e-12
    assert found.status == "optimal"
    assert [each.name for each in found.checks] == list(kept)
    assert all(each.kept for each in found.checks)


@pytest.mark.parametrize(
    "limits",
    [
        {"max_inventory": 1.9, "max_var": -3.0},
        {"max_inventory": 0.3, "max_var": 5.0, "inventory": 0, "max_spread": 1.0},
        {"max_spread": 0.2, "min_spread": 0.19, "max_drawdown": 1.0},
        {"max_drawdown": 0.5, "inventory": 3},
        {"max_inventory": 3.0, "inventory": 3, "max_drawdown": 0.5},
    ],
)
def test_where_no_schedule_will_do_the_first_limit_that_makes_it_so_is_named(limits):
    problem = replace(TINY, **limits)
    objective, kept = every_schedule(problem)
    allowed, first = np.full(len(objective), True), ""
    for name, each in kept.items():
        allowed = allowed & each
        first = first or (name if not allowed.any() else "")
    assert first
    with pytest.raises(ValueError, match="no schedule keeps") as error:
        solve_schedule(problem)
    told = str(error.value)
    assert all(f"{name} = {limits[name]:g}" in told for name in kept)
    assert len(kept) == 1 or told.endswith(
        f"the first that cannot be kept, with those before it, is {first}"
    )


ACTIVE = {
    "min_spread": {"min_spread": 1.6},
    "max_spread": {"max_spread": 1.2, "inventory": 3},
    "max_change": {"max_change": 1, "inventory": 9, "max_inventory": None, "running_penalty": 0.1},
    "max_inventory": {"max_inventory": 5.0, "inventory": 2},
    "max_drawdown": {"max_drawdown": 8.0, "inventory": 5},
    "max_var": {"max_var": 0.1, "inventory": 5, "fee": 0.02},
}


@pytest.mark.parametrize("name", ACTIVE)
def test_a_limit_binds_and_is_kept_in_the_exact_evaluation_of_the_table(name):
    """Mean and sd of profit and inventory by the forward equations of the inventory's chain."""
    problem = replace(USUAL, **ACTIVE[name])
    found = solve_schedule(problem, gap=2e-3)
    freed = replace(problem, **{name: None})
    assert solve_schedule(freed).objective > found.bound  # without it there would be better

    e = evaluated(problem, found.table())
    assert found.moments.profit_mean == pytest.approx(e.profit_mean, rel=1e-9)
    assert found.moments.profit_variance == pytest.approx(e.profit_sd**2, rel=1e-9)
    assert found.objective == pytest.approx(e.objective, rel=1e-9)
    assert found.moments.mean[-1] == pytest.approx(e.inventory_mean, abs=1e-9)
    assert found.moments.variance[-1] == pytest.approx(e.inventory_sd**2, rel=1e-9)
    assert found.moments.squared_time == pytest.approx(e.inventory_square_time, rel=1e-9)

    spread = found.bid_depth + found.ask_depth
    if problem.max_inventory is not None:
        for n in range(1, problem.steps + 1):
            then = evaluated(problem, found.table(), horizon_s=n * 0.5)
            reached = abs(then.inventory_mean) + norm.ppf(0.975) * then.inventory_sd
            assert reached <= problem.max_inventory * (1 + 1e-8)
    if name == "min_spread":
        assert spread.min() >= 1.6 - 1e-9
    if name == "max_spread":
        assert spread.max() <= 1.2 + 1e-9
    if name == "max_change":
        assert np.abs(np.diff([found.bids, found.asks])).max() == 1
    if name == "max_drawdown":
        assert DRAWDOWN_95 * e.profit_sd <= 8.0 * (1 + 1e-8)
    if name == "max_var":
        assert norm.ppf(0.95) * e.profit_sd - e.profit_mean <= problem.max_var + 1e-8


def evaluated(problem, table, **changes):
    return evaluate(
        table,
        Flow(A_bid=problem.A_bid, A_ask=problem.A_ask, k=problem.k),
        terminal_penalty=problem.terminal_penalty,
        running_penalty=problem.running_penalty,
        **{
            "sigma": problem.sigma,
            "maker_fee": problem.fee,
            "horizon_s": problem.horizon_s,
            "inventory": problem.inventory,
            **changes,
        },
    )


@pytest.mark.parametrize(("inventory", "running_penalty"), [(0, 0.0), (5, 0.0), (0, 0.01)])
def test_quotes_that_look_at_the_inventory_do_better(inventory, running_penalty):
    """The value of the best such quotes, with |q| <= 40, is above what any schedule earns."""
    problem = replace(USUAL, inventory=inventory, running_penalty=running_penalty)
    value = solve(
        MakerProblem(
            A_bid=1.5, A_ask=1.5, k=1.5, horizon_s=10.0, max_inventory=40, terminal_penalty=0.05,
            running_penalty=running_penalty,
        ),
        [0.0],
    ).value[0, 40 + inventory]  # fmt: skip
    found = solve_schedule(problem)
    assert 0.85 * value < found.objective <= found.bound < value
    assert found.gap <= 1e-3


def test_a_schedule_that_never_quotes_nor_trades_is_found():
    found = solve_schedule(replace(USUAL, A_bid=0.0, A_ask=0.0, inventory=2))
    assert found.objective == pytest.approx(-0.05 * 4, rel=1e-12)
    assert found.status == "optimal"
    assert found.moments.profit_variance == pytest.approx(0.09 * 4 * 10, rel=1e-12)


def test_the_same_answer_twice():
    problem = replace(USUAL, steps=8, max_drawdown=8.0, inventory=5)
    assert solve_schedule(problem) == solve_schedule(problem)


def test_the_table_may_stop_at_a_limit():
    found = solve_schedule(replace(USUAL, steps=4, levels=10, depth_step=0.2))
    table, stopped = found.table(), found.table(stop_at=3)
    assert table.bid_depth.shape == (4, 1)
    assert table.times_s.tolist() == [0, 2.5, 5, 7.5]
    assert stopped.inventories.tolist() == [-3, -2, -1, 0, 1, 2, 3]
    assert np.all(stopped.bid_depth[:, :-1] == table.bid_depth)
    assert np.all(stopped.ask_depth[:, 1:] == table.ask_depth)
    assert np.all(np.isinf(stopped.bid_depth[:, -1]))
    assert np.all(np.isinf(stopped.ask_depth[:, 0]))
    with pytest.raises(ValueError, match="stop_at = 0: must be 1 or more"):
        found.table(stop_at=0)


def test_a_search_cut_short_gives_the_best_so_far_with_its_gap():
    problem = replace(USUAL, steps=40, max_drawdown=7.0, inventory=5)
    found = solve_schedule(problem, time_limit_s=0.01)
    assert found.status.startswith("feasible with gap")
    assert found.gap > 1e-3
    assert all(each.kept for each in found.checks)


def test_a_search_cut_short_before_anything_is_found_says_so():
    problem = replace(USUAL, steps=40, max_drawdown=6.5, inventory=5, max_change=1, max_var=2.5)
    with pytest.raises(ValueError, match="none is proven impossible: allow more time"):
        solve_schedule(problem, time_limit_s=1e-4)
