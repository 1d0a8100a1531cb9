"""Markets of quote tables at random, short and full of ties, and both engines' word on them."""

import itertools
import random
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

import lobsim.simulate
from lobsim import QuoteTable, Strategy
from lobsim.batch import columns as c
from lobsim.batch.engine import play_pile, simulate_compiled, world_of
from lobsim.batch.piles import pile_of, stream_names
from lobsim.batch.streams import state_words
from lobsim.batch.tape_rows import Recorder
from lobsim.errors import LobsimError
from lobsim.models.joint_world import JointPlan, streams_of
from lobsim.models.rich_world import shape_of
from lobsim.models.streams import Streams
from lobsim.setup import prepare
from lobsim.simulate import simulate
from lobsim.tape import Tape
from market import Kept, scenario, seated

# Settings of which one of each line is drawn; times are of a run of 1,050 or 4,200 ns.  With a
# limit of 4 to inventory and orders a bid can be refused while its old one stays, so that the ask
# may meet it: an account that trades with itself.
LINES = """
    duration_s=1.05e-6 | duration_s=4.2e-6
    asset.tick=1 | asset.tick=0.25
    asset.mid=1000 | asset.mid=1000 | asset.mid=40
    asset.price={model="brownian",sigma=3000,mu=2e5,step_ms=7e-6} |\
    asset.price={model="brownian",sigma=300,step_ms=1e-5} |\
    asset.price={model="geometric",sigma=6,mu=-5e3,step_ms=1e-5} |\
    asset.price={model="random_walk",sigma=1e4,step_ms=1e-5}
    asset.flow={model="poisson",A=2e7,k=0.3,d0=2,size={model="geometric",mean=3}} |\
    asset.flow={model="poisson",A=1e8,k=0.5,d0=0.5,size={model="constant",size=2}} |\
    asset.flow={model="poisson",A=7e7,k=0.2,size={model="geometric",mean=5}} |\
    asset.flow={model="bernoulli",A=5e7,k=0.3,size={model="constant",size=3}}
    | | requote="timer" requote_ms=7e-6 | requote="timer" requote_ms=1e-5 |\
    requote="timer" requote_ms=3.3e-5 | requote="timer" requote_ms=0.0999
    crossing="join" | crossing="trade" | crossing="refuse"
    | self_trade="cancel_maker" | self_trade="cancel_taker" | self_trade="cancel_both"
    | asset.fees={maker=-0.25,taker=0.5} | asset.fees={maker=0.0123,taker=0} |\
    asset.fees={maker_bps=-1.37,taker_bps=2.5} | asset.fees={maker=0.03,maker_bps=-2,taker_bps=5.1}
    | end.inventory="close"
    | | risk.max_order_size=2 | risk.max_order_size=4
    | risk.max_inventory=3 | risk.max_inventory=9 | risk.max_inventory=4 risk.max_order_size=4
    | risk.max_drawdown=7 | risk.max_drawdown=30 | risk.max_drawdown=100
    | risk.max_loss=8 | risk.max_loss=40
    | risk.reduce_at=0.1 | risk.reduce_at=0.3 | risk.reduce_at=0.6
    | | | risk.max_var=20 | risk.max_var=60
    | | | risk.max_cvar=30 risk.var_level=0.9
    | risk.on_halt="flatten"
    | risk.cooldown_s=1e-9 | risk.cooldown_s=1e-8 | risk.cooldown_s=3.3e-8 | risk.cooldown_s=2e-7
    | risk.close_cost=1.3
"""
# What makes a market rich: the lines before replace some of those above, so they stand apart and
# leave the plain markets as they are.
RICH_LINES = """
    | asset.price={model="brownian",sigma=3e3,step_ms=7e-6,curve={at_s=[0,3e-7],factor=[2,0]}} |\
    asset.price={model="geometric",sigma=6,step_ms=1e-5,curve={at_s=[0,3e-7],factor=[0.5,2]}} |\
    asset.price={model="ou",sigma=3000,kappa=1e6,step_ms=7e-6} |\
    asset.price={model="heston",theta=1e6,kappa=1e6,xi=1e9,rho=-0.5,step_ms=7e-6} |\
    asset.price={model="heston",theta=1e7,kappa=1e7,xi=2e9,rho=0.7,v0=0,step_ms=1e-5} |\
    asset.price={model="heston",form="log",theta=30,kappa=1e7,xi=2e4,rho=-1,step_ms=7e-6}
    | | asset.price.jumps={model="merton",rate=3e7,mean=0.5,sd=1} |\
    asset.price.jumps={model="kou",rate=1e8,p=0.3,eta_up=3,eta_down=4} |\
    asset.price.jumps={model="merton",rate=1e7,mean=0.01,sd=0.02,compensated=false}
    | asset.flow={model="hawkes",A=2e7,k=0.3,d0=2,own=0.5,cross=0.3,decay=1e8} |\
    asset.flow={model="hawkes",A=7e7,k=0.5,own=0.1,cross=0.8,decay=3e6} |\
    asset.flow={model="poisson",A=7e7,k=0.2,curve={at_s=[0,2e-7,6e-7],factor=[1,0,2]}}
    | asset.flow.size={model="lognormal",median=2,sigma=1} |\
    asset.flow.size={model="empirical",sizes=[1,5,2],weights=[2,0.5,1]} |\
    asset.flow.size={model="empirical",sizes=[1,1,7]}
    | | asset.flow.informed={share=0.3,move=1.5} | asset.flow.informed={share=1,move=0.25}
"""


def choices_of(lines):
    return [[choice.split() for choice in line.split("|")] for line in lines.strip().split("\n")]


CHOICES, RICH_CHOICES = choices_of(LINES), choices_of(RICH_LINES)
EXPOSURE = "risk.max_var", "risk.max_cvar", "risk.var_level"  # which need the law of the mid


def tabled(name, table, lots):
    """A strategy with this table, and orders of `lots`."""

    class Tabled(Strategy):
        size = lots

        def quote_table(self, market):
            return table

    return type(name, (Tabled,), {})


def table_of(dice, duration_s):
    """Any quotes by time and inventory, some of them through the mid, some not given."""
    rows, reach = dice.choice([1, 1, 2, 7, 40]), dice.choice([0, 1, 4, 12])
    rng = np.random.default_rng(dice.randrange(2**32))
    shape = rows, 2 * reach + 1
    half = dice.choice([0.5, 1, 2.5, 6])
    lean = np.arange(-reach, reach + 1) * dice.choice([0, 0.1, 0.7])
    noise = dice.choice([0, 0.5, 2]) * rng.normal(size=shape)
    bid, ask = half + lean + noise, half - lean - noise
    for depth in bid, ask:
        depth[rng.random(shape) < dice.choice([0, 0.1])] = np.inf
    times = np.arange(rows) * (duration_s / rows)
    if dice.random() < 0.3:
        times = np.concatenate([[0.0], np.sort(rng.random(rows - 1)) * duration_s])
        times = times + np.arange(rows) * 1e-12
    return QuoteTable(times, np.arange(-reach, reach + 1), bid, ask)


def market_of(seed, *more, form=lambda table, lots: (table, lots), among=lambda names: ()):
    """A market, and the settings that make it; `more` come after those drawn, and then those that
    `among` gives for its makers' names.  `form` gives the quotes and sizes drawn another form.
    """
    dice = random.Random(seed)
    settings = [setting for line in CHOICES for setting in dice.choice(line)]
    if any(word in setting for setting in more for word in ("price", "informed")):
        settings = [setting for setting in settings if not setting.startswith(EXPOSURE)]
    given = " ".join(settings)
    if "risk.reduce_at" in given and "risk.max_drawdown" not in given:
        settings.append("risk.max_loss=15")
    names = dice.sample(["ann", "bob", "cyd", "dan", "eve"], dice.choice([1, 1, 2, 3, 5]))
    makers = [
        f'{{name="{name}", plugin="fixed-spread", params={{half_spread=1}}}}' for name in names
    ]
    settings += [*more, *among(names)]
    setup = prepare(scenario(*settings, f"strategy=[{', '.join(makers)}]"))
    duration_s = float(setup.scenario.duration_s)
    strategies = [
        tabled(name, *form(table_of(dice, duration_s), dice.choice([1, 1, 2, 5]))) for name in names
    ]
    setup = seated(setup, strategies)
    most = min(3, setup.only.limits.max_inventory)
    seats = [
        replace(
            seat, inventories=(dice.choice([0, 0, -most, most]),), cash=dice.choice([0, -70, 900])
        )
        for seat in setup.seats
    ]
    return replace(setup, seats=tuple(seats)), settings


def rich_market_of(seed, *more):
    """A market with more of one kind or another than a plain world has."""
    dice = random.Random(f"rich {seed}")
    settings = (setting for line in RICH_CHOICES for setting in dice.choice(line))
    return market_of(seed, *settings, *more)


class Told(NamedTuple):
    """What an engine makes of a market: its tape and summaries, or its error."""

    digest: str
    rows: dict[str, Any]
    summaries: Any
    through: int
    under_way: int
    states: dict[str, Any]  # of the streams, after the run


class Drawn(Streams):
    """Streams that draw one by one, so that their states tell how often."""

    def __init__(self, seed, replication=0):
        super().__init__(seed, replication)
        self.made = MADE

    def named(self, name):
        self.made[name] = self.generator(name)
        return self.made[name]


MADE: dict[str, np.random.Generator] = {}


def by_event(setup, seed):
    MADE.clear()
    before = lobsim.simulate.Streams
    lobsim.simulate.Streams = Drawn
    try:
        return told(simulate, setup, seed, lambda: {n: state_words(g) for n, g in MADE.items()})
    finally:
        lobsim.simulate.Streams = before


def by_compiled(setup, seed):
    return told(simulate_compiled, setup, seed, lambda: last_states(setup, seed))


def told(engine, setup, seed, states):
    kept = Kept()
    tape = Tape(kept)
    try:
        summaries = engine(setup, seed, 0, tape=tape)
    except LobsimError as error:
        summaries = [type(error).__name__, *error.problems]
    return Told(tape.close(), kept.rows, summaries, tape.through, tape.under_way, states())


def last_states(setup, seed):
    """The streams as the compiled engine leaves them, with a tape that nobody reads."""
    pile, world = pile_of(setup, [setup.seats], seed), world_of(setup.plan, seed)
    recorder = Recorder(Tape(), pile.endowed, pile.rows)
    ends, _ = play_pile(setup, pile, world, 0, 1, recorder.hand_on)
    if ends[0, 0, c.STATUS] == c.OVERFLOW:  # the event engine has played
        return by_event(setup, seed).states
    drawn = {
        name: ends[0, row, c.STREAM : c.STREAM + 4].view(np.uint64)
        for row, name in zip(pile.streams, stream_names(setup, [setup.seats]), strict=True)
    }
    several = isinstance(setup.plan, JointPlan)
    names = itertools.chain(*streams_of(setup.plan)) if several else shape_of(setup.plan).streams
    words = itertools.chain(*world.rngs) if several else world.rngs
    return drawn | dict(zip(names, words, strict=True))


def difference(setup, seed):
    """The first difference between the engines, with both rows; None if there is none."""
    event, compiled = by_event(setup, seed), by_compiled(setup, seed)
    for name in event.rows.keys() | compiled.rows.keys():
        ours, theirs = compiled.rows.get(name, []), event.rows.get(name, [])
        for mine, his in zip(ours, theirs, strict=False):
            if mine.tobytes() != his.tobytes():
                return f"{name} {mine.dtype.names}\nevent    {his}\ncompiled {mine}"
        if len(ours) != len(theirs):
            return f"{name}: {len(theirs)} rows by event, {len(ours)} compiled"
    if event.digest != compiled.digest:
        return "the digests differ"
    if event.summaries != compiled.summaries:
        return f"event    {event.summaries}\ncompiled {compiled.summaries}"
    if event.through != compiled.through:
        return f"through: {event.through} by event, {compiled.through} compiled"
    if event.under_way != compiled.under_way:
        return f"under way: {event.under_way} by event, {compiled.under_way} compiled"
    if not isinstance(event.summaries[0], str):
        untaped = simulate_compiled(setup, seed, 0)
        if event.summaries != untaped:
            return f"event    {event.summaries}\ncompiled, without a tape {untaped}"
        for name, words in event.states.items():
            if not np.array_equal(words, compiled.states[name]):
                return f"stream {name}: drawn another number of times"
    return None
