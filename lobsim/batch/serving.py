"""What the compiled engine can serve: every reason why it cannot serve a market."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lobsim.batch import columns as c
from lobsim.batch.accounts import exposure
from lobsim.batch.arrays import FAR, GROWTH, furthest, is_several, law_of, market_row, watched
from lobsim.batch.joint_plans import PIECES, pieces_of
from lobsim.batch.piles import is_watched
from lobsim.batch.streams import sound_streams
from lobsim.listings import Listing
from lobsim.market.ledger import FREE
from lobsim.market.strategy import Strategy
from lobsim.models.exposure import exposure_of
from lobsim.models.joint_world import JointPlan
from lobsim.models.rich_world import RichPlan
from lobsim.seats import Seat
from lobsim.setup import Setup

MOST_RUNGS = 64  # rooms of a tape for so many have 50 MB, of which little is touched
EXACT = 2**52  # whole numbers up to here, and twice that, are floats
QUESTIONS = ("on_start", "on_mid", "on_trade", "on_fill", "on_end")
PROBES = 64


def reasons(setup: Setup, seats: Sequence[Seat]) -> list[str]:
    """Why these seats in this market need the event engine; none if they do not."""
    found = [reason for seat in seats for reason in reasons_of(setup, seat)]
    if any(seat.compiled for seat in seats):
        if any(map(setup.latency, seats)):
            found.append("compiled functions with latency: they see others' quotes late")
        if is_several(setup):
            found.append(
                "compiled functions or agents with several assets, a [group] or risk.volatility_s"
            )
    rungs = sum(len(seat.sizes) for seat in seats)
    if rungs > MOST_RUNGS:
        found.append(f"{len(seats)} strategies with {rungs} rungs a side: {MOST_RUNGS} at most")
    if not sound_streams():
        found.append("random numbers made on this machine differ from numpy's")
    for asset, listing in enumerate(setup.listings):
        own = [seat for seat in seats if asset in seat.assets]
        found += reasons_in(setup, listing, own, seats)
    if setup.plan.duration > EXACT:
        found.append("duration_s: 52 days at most")
    elif (setup.listings[0].window or 0) > EXACT:
        found.append("risk.volatility_s: 52 days at most")
    elif is_exposed(setup) and not same_exposure(setup):
        found.append("max_var or max_cvar: other figures on this version of Python")
    return found


def reasons_in(
    setup: Setup, listing: Listing, own: Sequence[Seat], seats: Sequence[Seat]
) -> list[str]:
    """Those of one asset, which `own` of the seats trade."""
    found, plan = [], listing.plan
    name = f"asset.{listing.name}" if len(setup.listings) > 1 else "asset"
    if most_in_a_fee(listing, own) > FAR:
        found.append(f"{name}.fees: a fee with that many digits")
    held = max((abs(seat.inventory) for seat in own), default=0)
    cash = max((abs(seat.cash) for seat in own), default=0)
    rules = market_row(setup, replace(listing, fees=FREE), own, seats)  # longer ones fit in no row
    if rules[c.MOST_LOTS] <= held or cash >= rules[c.MOST_CASH]:
        found.append("the accounts' cash or inventory: their values could pass 64 bits")
    if plan.constant_size > rules[c.MOST_LOTS]:
        found.append(f"{name}.flow.size: the accounts' values could pass 64 bits")
    for seat in own:
        if seat.compiled is not None and furthest(listing, seat.sizes[0]) <= 0:
            found.append(f"strategy '{seat.spec.name}' quotes more lots than an order can be worth")
    several = isinstance(setup.plan, JointPlan)
    if several and isinstance(plan, RichPlan) and pieces_of(plan) > PIECES:
        found.append(f"{name}: more than {PIECES} pieces of a curve, or empirical sizes")
    return found


def is_exposed(setup: Setup) -> bool:
    """Whether VaR or CVaR of one asset are watched: those of several are made of plain sums."""
    together = any(is_watched(group.limits) for group in setup.groups)
    return watched(setup) != c.UNWATCHED or (len(setup.listings) == 1 and together)


def most_in_a_fee(listing: Listing, seats: Sequence[Seat]) -> int:
    """The largest number on the way to a fee: of the furthest quote that the mid can lead to.

    No more lots trade at once than the largest quote has.
    """
    depth = max(
        (
            furthest(listing, seat.sizes[0]) if seat.table is None else seat.table.reach
            for seat in seats
        ),
        default=0.0,
    )
    price = math.ceil(GROWTH * listing.plan.mid + max(0.0, depth))
    size = max((max(seat.sizes) for seat in seats), default=1)
    return max(max(fee.per, size * (abs(fee.lot) + abs(fee.tick) * price)) for fee in listing.fees)


def reasons_of(setup: Setup, seat: Seat) -> list[str]:
    name = f"strategy '{seat.spec.name}'"
    if seat.table is None and seat.compiled is None:
        return [f"{name} gives no quote table or compiled function"]
    kind = type(setup.new_strategy(seat))
    asked = [each for each in QUESTIONS if getattr(kind, each) is not getattr(Strategy, each)]
    found = [f"{name} answers {each}" for each in asked]
    if len(seat.sizes) > 1 and setup.latency(seat) is not None:
        found.append(f"{name} quotes a ladder, and has latency")
    if sum(seat.sizes) > FAR // 1024:
        found.append(f"{name} quotes more lots than can be summed")
    return found


def same_exposure(setup: Setup) -> bool:
    """Whether VaR and CVaR are those of the event engine, bit for bit, at some probes."""
    plan, row = setup.only.plan, market_row(setup, setup.only, (), ())
    theirs = exposure_of(plan, float(setup.scenario.risk.var_level))
    for i in range(PROBES):
        now, lots = plan.duration * i // PROBES, (i % 7) * (-1) ** i
        f = row.view(np.float64)
        f[c.MID] = mid = plan.mid * (1 + (i % 5) / 16)
        try:
            if exposure(f, law_of(setup), plan.duration - now, lots) != theirs(now, mid, lots):
                return False
        except OverflowError:
            return False
    return True
