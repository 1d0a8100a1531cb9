"""What the compiled engine can serve: every reason why it cannot serve a market."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lobsim.batch import columns as c
from lobsim.batch.accounts import exposure
from lobsim.batch.arrays import FAR, GROWTH, MOST_EQUITY, furthest, market_row, watched
from lobsim.batch.streams import sound_streams
from lobsim.market.ledger import FREE
from lobsim.market.strategy import Strategy
from lobsim.models.exposure import exposure_of
from lobsim.models.joint_world import JointPlan
from lobsim.seats import Seat
from lobsim.setup import Setup

MOST_RUNGS = 64  # rooms of a tape for so many have 50 MB, of which little is touched
EXACT = 2**52  # whole numbers up to here, and twice that, are floats
QUESTIONS = ("on_start", "on_mid", "on_trade", "on_fill", "on_end")
PROBES = 64


def reasons(setup: Setup, seats: Sequence[Seat]) -> list[str]:
    """Why these seats in this market need the event engine; none if they do not."""
    if isinstance(setup.plan, JointPlan):
        return [f"{len(setup.listings)} assets: it plays markets of one"]
    found = [reason for seat in seats for reason in reasons_of(setup, seat)]
    if setup.scenario.risk.volatility_s is not None:
        found.append("risk.volatility_s: limits that move")
    if setup.scenario.group:
        found.append("limits of a [group]")
    if any(seat.compiled for seat in seats) and any(map(setup.latency, seats)):
        found.append("compiled functions in a market with latency: they see others' quotes late")
    rungs = sum(len(seat.sizes) for seat in seats)
    if rungs > MOST_RUNGS:
        found.append(f"{len(seats)} strategies with {rungs} rungs a side: {MOST_RUNGS} at most")
    if not sound_streams():
        found.append("random numbers made on this machine differ from numpy's")
    if most_in_a_fee(setup, seats) > FAR:
        found.append("asset.fees: a fee with that many digits")
    held = max((abs(seat.inventory) for seat in seats), default=0)
    cash = max((abs(seat.cash) for seat in seats), default=0)
    free = replace(setup.only, fees=FREE)  # fees too long fit in no row
    rules = market_row(replace(setup, listings=(free,)), seats)
    if rules[c.MOST_LOTS] <= held or cash >= MOST_EQUITY // 1000:
        found.append("the accounts' cash or inventory: their values could pass 64 bits")
    if setup.only.plan.constant_size > rules[c.MOST_LOTS]:
        found.append("asset.flow.size: the accounts' values could pass 64 bits")
    if setup.only.plan.duration > EXACT:
        found.append("duration_s: 52 days at most")
    elif watched(setup) and not same_exposure(setup):
        found.append("risk.max_var or risk.max_cvar: other figures on this version of Python")
    return found


def most_in_a_fee(setup: Setup, seats: Sequence[Seat]) -> int:
    """The largest number on the way to a fee: of the furthest quote that the mid can lead to.

    No more lots trade at once than the largest quote has.
    """
    depth = max(
        (
            furthest(setup, seat.sizes[0]) if seat.table is None else seat.table.reach
            for seat in seats
        ),
        default=0.0,
    )
    price = math.ceil(GROWTH * setup.only.plan.mid + max(0.0, depth))
    size = max((max(seat.sizes) for seat in seats), default=1)
    return max(
        max(fee.per, size * (abs(fee.lot) + abs(fee.tick) * price)) for fee in setup.only.fees
    )


def reasons_of(setup: Setup, seat: Seat) -> list[str]:
    name = f"strategy '{seat.spec.name}'"
    if seat.table is None and seat.compiled is None:
        return [f"{name} gives no quote table or compiled function"]
    kind = type(setup.new_strategy(seat))
    asked = [each for each in QUESTIONS if getattr(kind, each) is not getattr(Strategy, each)]
    found = [f"{name} answers {each}" for each in asked]
    if seat.compiled is not None and furthest(setup, seat.sizes[0]) <= 0:
        found.append(f"{name} quotes more lots than an order can be worth")
    if len(seat.sizes) > 1 and setup.latency(seat) is not None:
        found.append(f"{name} quotes a ladder, and has latency")
    if sum(seat.sizes) > FAR // 1024:
        found.append(f"{name} quotes more lots than can be summed")
    return found


def same_exposure(setup: Setup) -> bool:
    """Whether VaR and CVaR are those of the event engine, bit for bit, at some probes."""
    plan, row = setup.only.plan, market_row(setup, ())
    theirs = exposure_of(plan, float(setup.scenario.risk.var_level))
    for i in range(PROBES):
        now, lots = plan.duration * i // PROBES, (i % 7) * (-1) ** i
        f = row.view(np.float64)
        f[c.MID] = mid = plan.mid * (1 + (i % 5) / 16)
        try:
            if exposure(f, row[c.EXPOSED], plan.duration - now, lots) != theirs(now, mid, lots):
                return False
        except OverflowError:
            return False
    return True
