"""Whole runs, drawn at random, held to the rules of risk by what is on their tapes alone.

LOBSIM_FUZZ=1000 draws so many.  Where one command trades more than once the tape is taken at its
word on which of those marks made an account reduce or recover; what must halt it is exact.
"""

import math
import os
import random
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lobsim.market.messages import Replace
from lobsim.market.units import Side
from lobsim.models.exposure import arithmetic_tail, geometric_tail
from lobsim.models.world import GEOMETRIC
from lobsim.report.frames import Run
from lobsim.run import record
from lobsim.setup import prepare
from market import FLOWS, PRICES, maker, run_day, scenario, seated, trader
from second_ledger import SecondLedger, sign

EXAMPLES = int(os.environ.get("LOBSIM_FUZZ", 60))
MONITORS = ("inventory_limit", "reduce_only", "order_size", "halted")  # whose refusals these are
STOPPED = ("halted", "cooling")
# Settings of which one of each line is drawn; times are of a run of 1,000 ns.
LINES = """
    asset.tick=1 | asset.tick=0.25
    asset.price={model="brownian",sigma=6000,mu=2e6,step_ms=1e-5} |\
    asset.price={model="geometric",sigma=6,mu=-5e3,step_ms=1e-5} |\
    asset.price={model="random_walk",sigma=2e4,step_ms=1e-5}
    asset.flow={model="poisson",A=2e7,k=0.3,d0=2,size={model="geometric",mean=3}} |\
    asset.flow={model="poisson",A=1e8,k=0.5,size={model="constant",size=2}} |\
    asset.flow={model="bernoulli",A=5e7,k=0.3,size={model="constant",size=3}}
    | requote="timer" requote_ms=1e-5 | requote="timer" requote_ms=3.3e-5
    crossing="join" | crossing="trade" | crossing="refuse"
    self_trade="cancel_maker" | self_trade="cancel_taker" | self_trade="cancel_both"
    | asset.fees={maker=-0.25,taker=0.5}
    | end.inventory="close"
    | risk.max_inventory=3 | risk.max_inventory=9 | risk.max_inventory=30
    | | risk.max_order_size=2 | risk.max_order_size=4
    risk.max_drawdown=1e6 | risk.max_drawdown=7 | risk.max_drawdown=30 | risk.max_drawdown=100
    | risk.max_loss=8 | risk.max_loss=40
    risk.reduce_at=1 | risk.reduce_at=0.1 | risk.reduce_at=0.3 | risk.reduce_at=0.6
    | | | | risk.max_var=20 | risk.max_var=60
    | | | | risk.max_cvar=30 risk.var_level=0.9
    | risk.on_halt="flatten"
    | risk.cooldown_s=1e-9 | risk.cooldown_s=1e-8 | risk.cooldown_s=3.3e-8 | risk.cooldown_s=2e-7
    | risk.close_cost=1.3
"""
CHOICES = [[choice.split() for choice in line.split("|")] for line in LINES.strip().split("\n")]


class Watched:
    """One account along the tape: its open orders, its state, its figures at every mark."""

    def __init__(self, kept, name, setup):
        self.kept, self.limits, self.tick = kept, setup.only.limits, float(kept.tick)
        self.plan, self.level = setup.plan, float(setup.scenario.risk.var_level)
        keys = ("drawdown", "loss", "var", "cvar")
        self.halts_at = {key: getattr(setup.only.limits, f"max_{key}") for key in keys}
        self.reduces_at = {key: getattr(setup.only.limits, f"reduce_{key}") for key in keys[:2]}
        account = kept.accounts[name]
        self.equities = {seq: account.start - loss for seq, _, loss in account.marks}
        self.base = self.high = self.equity = account.start
        self.inventory, self.open, self.marks = kept.specs[name]["inventory"], {}, []
        self.state, self.since = "ok", None

    def worst(self, side):
        """The inventory towards a side if all that is open there is filled."""
        return side * self.inventory + sum(n for each, n in self.open.values() if each == side)

    def orders(self, row):
        size, number, outcome, kind = row["size"], row["order_id"], row["outcome"], row["kind"]
        side, old = self.open.get(number, (sign(row["side"]) if row["side"] else 0, 0))
        refusal, worst = None, self.worst(side) + size - old
        if kind in ("cancel", "close") or not (side or self.state in STOPPED):
            pass  # a replace of an order that is not there is for the book to refuse
        elif self.state in STOPPED:
            refusal = "halted"
        elif size > old and worst > self.limits.max_inventory:
            refusal = "inventory_limit"
        elif size > old and self.state == "reduce_only" and worst > 0:
            refusal = "reduce_only"
        elif size > self.limits.max_order_size:
            refusal = "order_size"
        assert refusal == (outcome if outcome in MONITORS else None), row
        if row["open"] or row["filled"] or outcome in ("self_trade", "requested"):
            self.open.pop(number, None)
        if row["open"]:
            self.open[number] = side, row["open"]

    def fills(self, row):
        if row["liquidity"] == "maker":
            side, left = self.open.pop(row["order_id"])
            if left > row["size"]:
                self.open[row["order_id"]] = side, left - row["size"]
        before, self.inventory = self.inventory, row["inventory"]
        assert abs(self.inventory) <= self.limits.max_inventory, "I21"
        if row["liquidity"] != "close":
            assert self.state not in STOPPED, "I22"
            assert self.state != "reduce_only" or 0 <= self.inventory / before < 1
        self.mark(row, row["liquidity"] != "close")

    def mark(self, row, acted_on):
        """The figures at a mark, and whether what they call for is done."""
        self.equity = equity = self.equities[row["seq"]]
        self.high = max(self.high, equity)
        plan, h = self.plan, (self.plan.duration - row["ts_event"]) / 10**9
        how, mid = (plan.mu, plan.sigma, h, self.inventory, self.level), row["mid"] / self.tick
        tails = geometric_tail(mid, *how) if plan.price == GEOMETRIC else arithmetic_tail(*how)
        figures = self.high - equity, self.base - equity, *(math.ceil(1000 * t) for t in tails)
        if acted_on:
            self.marks.append(dict(zip(self.halts_at, figures, strict=True)))

    def risk(self, row):
        """A transition; the marks of the command or mid move before it are what it rests on."""
        marks, self.marks = self.marks, []
        before, self.state, cause, now = self.state, row["state"], row["cause"], row["ts_event"]
        numbers = [row[key] for key in ("figure", "limit", "overshoot")]
        if self.state in ("cooling", "ok"):
            assert all(map(math.isnan, numbers))
        else:
            figure, limit, over = map(self.kept.millis, numbers)
            assert over == figure - limit > 0
            assert limit == (self.halts_at if self.state == "halted" else self.reduces_at)[cause]
            assert figure in [each[cause] for each in marks], "I23"
            assert before == "ok" or (before, self.state) == ("reduce_only", "halted")
        if self.state == "halted":
            money = {key: self.halts_at[key] for key in self.reduces_at}
            first = next(filter(None, (past(each, money) for each in marks)), [(cause, figure)])
            assert cause in ("var", "cvar") or (cause, figure) == first[0], "I23"
            self.since = now
        elif self.state == "cooling":
            assert (before, self.since) == ("halted", now)
        elif cause == "recovered":
            assert before == "reduce_only"
            assert not all(past(each, self.reduces_at) for each in marks)
        elif cause == "cooled":
            assert (before, self.since + self.limits.cooldown) == ("cooling", now)
            self.base = self.high = self.equity

    def settle(self):
        """Nothing more comes of what happened so far."""
        assert max(map(self.worst, Side)) <= self.limits.max_inventory, "I21"
        marks, self.marks = self.marks, []
        if self.state in STOPPED:
            assert not self.open, "I22"
            assert not (self.limits.flatten and self.inventory)
            assert (self.state == "halted") == (self.limits.cooldown is None)
            return
        for figures in marks:
            assert not past(figures, self.halts_at), "I23"
            assert bool(past(figures, self.reduces_at)) == (self.state == "reduce_only")
        if self.state == "reduce_only":
            assert all(self.worst(side) <= 0 for side, _ in self.open.values())


def past(figures, limits):
    return [(key, figures[key]) for key, limit in limits.items() if figures[key] > limit]


def hold_to_the_rules(run, setup):
    kept = SecondLedger(run)
    watched = {name: Watched(kept, name, setup) for name in setup.names}
    tables = {"orders": run.orders, "fills": kept.fills, "mids": kept.mids, "risk": run.risk}
    rows = [(table, row) for table, frame in tables.items() for row in frame.to_dict("records")]
    following = None  # whose transition was the last thing; it may send what follows from it
    for table, row in sorted(rows, key=lambda each: each[1]["seq"]):
        who = row.get("strategy")
        follows = who == following and row.get("kind") in ("cancel", "replace", "close")
        if table == "mids" or (table == "orders" and not follows):
            following = None
            for each in watched.values():
                each.settle()
                if table == "mids":
                    each.mark(row, each.inventory)
        if who in watched:
            getattr(watched[who], table)(row)
        following = who if table == "risk" else following
    for name, each in watched.items():
        each.settle()
        assert kept.millis(kept.summary.drawdown[name]) == kept.accounts[name].drawdown


def wild(name, account, dice):
    left = iter(range(200))  # answers

    def anything(desk, *_):
        tick, size, side = desk.market.tick, dice.randint(1, 7), dice.choice(list(Side))
        known = dice.choice([order.order_id for order in desk.orders] or [0])
        price, depth = desk.mid + dice.uniform(-5, 5) * tick, dice.uniform(-2, 4) * tick
        answers = [
            lambda: desk.quote(bid_depth=depth, ask_depth=4 * tick - depth, size=size),
            lambda: desk.quote(bid_depth=math.inf, ask_depth=depth, size=size),
            lambda: [desk.ask(price, size), desk.bid(price - tick, size, post_only=True)],
            lambda: desk.take(side, size, limit=dice.choice([None, price])),
            lambda: [desk.take(side), *desk.cancel(known), desk.bid(price)],
            lambda: Replace(known, account, max(1, round(price / tick)), dice.randint(0, 9)),
            desk.cancel,
        ]
        return dice.choice(answers)() if next(left, None) is not None else None

    questions = ["on_quote", *dice.sample(["on_fill", "on_mid", "on_trade", "on_start"], 2)]
    return trader([], name, **dict.fromkeys(questions, anything))


@st.composite
def markets(draw):
    """A market of one to three makers, each with a table or wild."""
    rules = [each for choices in CHOICES for each in draw(st.sampled_from(choices))]
    makers, dice = [], {}
    for name in "abc"[: draw(st.integers(1, 3))]:
        half, size, held = (draw(st.integers(*each)) for each in ((1, 5), (1, 5), (-1, 1)))
        makers.append(f"{maker(name, half / 2, size)[:-1]}, inventory={held}, cash={2 * held}}}")
        dice[name] = draw(st.none() | st.integers(0, 2**32))
    setup = prepare(scenario("asset.mid=1000", *rules, f"strategy=[{', '.join(makers)}]"))
    seats = []
    for number, seat in enumerate(setup.seats, 1):
        if (seed := dice[seat.spec.name]) is not None:
            (other,) = seated(setup, [wild(seat.spec.name, number, random.Random(seed))]).seats
            seat = replace(other, cash=seat.cash, inventories=seat.inventories)
        seats.append(seat)
    return replace(setup, seats=tuple(seats))


@given(setup=markets(), seed=st.integers(0, 2**32))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_strategies_do_the_tape_keeps_to_the_rules(setup, seed):
    with tempfile.TemporaryDirectory() as folder:
        record(setup, seed, 0, Path(folder))
        hold_to_the_rules(Run(Path(folder)), setup)


@given(half=st.sampled_from([0.3, 0.6, 1]), size=st.integers(1, 6), seed=st.integers(0, 2**32))
@settings(max_examples=EXAMPLES // 6, deadline=None)
def test_i25_lower_limits_never_raise_the_inventory_reached(half, size, seed):
    """True of one strategy alone that never looks at its inventory, and of orders one by one."""
    reached, market = [], (PRICES["brownian"], FLOWS["poisson"], "duration_s=0.2")
    for limit in (1, 2, 3, 5, 8, 13, 1000):
        own = f"risk.max_inventory={limit}", f"strategy=[{maker('a', half, size)}]"
        setup = prepare(scenario("asset.tick=0.01", *market, *own))
        (each,) = run_day(setup, seed).summaries.values()
        reached.append(max(-each.lowest, each.highest))
    assert reached == sorted(reached)
