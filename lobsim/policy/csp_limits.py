"""What a schedule must keep, as linear constraints on the model's booleans.

In a box they hold for every schedule in it that keeps the problem's limits, so what they exclude
is impossible.  Near a schedule, whatever keeps them keeps those limits, but for the tangents of
the squares.  sqrt is bounded from below by chords and from above by tangents, never multiplied out.
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from lobsim.policy.csp_model import Box, Near, ScheduleModel
from lobsim.policy.csp_squares import LOT, Line
from lobsim.policy.quote_table import Floats

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

FINE = 2**12  # of the coefficients of a variance
LADDERS = 50_000  # steps x levels^2: beyond, the many constraints cost more than they save
CLOSEST = 0.02  # of max_inventory: the nearest to it that a tangent touches


def min_spread(model: ScheduleModel) -> None:
    """Built always, for a bid is below the ask."""
    least = model.problem.least_levels
    if least == 0:
        return
    levels = model.problem.levels
    counts = [*(min(level, least) for level in range(levels)), least]
    for bid, ask in zip(*model.quotes, strict=True):
        model.model.add(model.weighted(bid, counts) + model.weighted(ask, counts) >= least)


def max_spread(model: ScheduleModel) -> None:
    problem = model.problem
    assert problem.max_spread is not None
    most = (problem.max_spread - 2 * problem.min_depth) / problem.depth_step
    for n, (bid, ask) in enumerate(zip(*model.quotes, strict=True)):
        if n == 0 and any(model.silent):
            continue
        model.model.add(bid[-1] + ask[-1] == 0)
        model.model.add(_level(model, bid) + _level(model, ask) <= math.floor(most + 1e-9))


def max_change(model: ScheduleModel) -> None:
    """On the levels themselves; and, as fractions of levels keep that too easily, on being at
    level j or above, which asks for j - max_change or above a step before and a step later.
    """
    problem = model.problem
    most = problem.max_change
    assert most is not None
    ladder = problem.steps * problem.levels**2 <= LADDERS
    for side, silent in zip(model.quotes, model.silent, strict=True):
        for n in range(2 if silent else 1, len(side)):
            model.model.add_linear_constraint(
                _level(model, side[n]) - _level(model, side[n - 1]), -most, most
            )
            for j in range(most + 1, problem.levels + 1) if ladder else ():
                for one, other in ((side[n - 1], side[n]), (side[n], side[n - 1])):
                    model.model.add(sum(one[j:]) <= sum(other[j - most :]))


def _level(model: ScheduleModel, choice: list["cp_model.IntVar"]) -> Line:
    return model.weighted(choice, list(range(len(choice))))


def max_inventory(model: ScheduleModel) -> None:
    """|m| + z sqrt(s) <= Q at the end of every step.

    Between l and h sqrt(s) is at least (s + l h) / (l + h), and anywhere at most (s/r + r) / 2:
    here with r = (Q - |m|) / z, of a schedule's m.
    """
    problem = model.problem
    assert problem.max_inventory is not None
    Q, z, place = problem.max_inventory, problem.inventory_z, model.place
    variance = model.walk(model.variances, 1, 0)
    for n in range(1, problem.steps + 1):
        if isinstance(place, Box):
            low, high = place.inventory[n]
            within = (
                math.floor((low**2 - model.error) * LOT),
                math.ceil((high**2 + model.error) * LOT),
            )
            model.model.add_linear_constraint(variance[n], *within)
            if high == 0:
                continue
            share = z / (low + high)
            slope = math.floor(FINE * share)
            limit = Q - share * low * high + (1 + share) * model.error
        else:
            room = max(Q - abs(place.moments.mean[n]), CLOSEST * Q)
            slope = math.ceil(FINE * z**2 / room / 2)
            limit = Q - room / 2 - (1 + z**2 / room) * model.error
        whole = math.floor(FINE * LOT * limit)
        for sign in (1, -1):
            model.model.add(sign * FINE * model.mean[n] + slope * variance[n] <= whole)


def max_drawdown(model: ScheduleModel) -> None:
    limit = _constant(model, model.problem.drawdown_variance - model.spare)
    _above_zero(model, limit - model.profit_variance)


def max_var(model: ScheduleModel) -> None:
    """E W + max_var >= z sqrt(Var W), with sqrt as in max_inventory."""
    place, z = model.place, model.problem.var_z
    assert model.problem.max_var is not None
    room = model.profit + _constant(model, model.problem.max_var)
    if isinstance(place, Near):
        r = math.sqrt(place.moments.profit_variance) * place.stretch or 1.0
        variance = model.profit_variance + _constant(model, place.spare)
        _above_zero(model, room - z / 2 * (variance / r + _constant(model, r)))
        return
    low, high = place.profit
    _above_zero(model, _constant(model, high**2) - model.profit_variance)
    if high > 0:
        room -= z * (model.profit_variance + _constant(model, low * high)) / (low + high)
    _above_zero(model, room)


def _above_zero(model: ScheduleModel, line: Floats) -> None:
    scale = model.scale(line)
    slack = model.allowance(line, scale) if isinstance(model.place, Box) else 0.0
    model.model.add(model.total(line, scale) >= math.floor(-slack * scale))


def _constant(model: ScheduleModel, value: float) -> Floats:
    line = np.zeros_like(model.profit)
    line[-1] = value
    return line


ADD: dict[str, Callable[[ScheduleModel], None]] = {
    "min_spread": min_spread,
    "max_spread": max_spread,
    "max_change": max_change,
    "max_inventory": max_inventory,
    "max_drawdown": max_drawdown,
    "max_var": max_var,
}
