"""Markets at random as in `batch_markets`: of several assets, with groups, with moving limits."""

import random
import tempfile
from dataclasses import replace
from pathlib import Path

from batch_markets import CHOICES, EXPOSURE, RICH_CHOICES, market_of, table_of, tabled
from far import far
from far_markets import LAWS, PERIODS
from ladder_markets import laddered
from lobsim import load_scenario
from lobsim.scenario.schema import StrategySpec
from lobsim.seats import seat_of
from lobsim.setup import prepare

ASSETS = "eth", "btc", "ltc"
NAMES = "ann", "bob", "cyd", "dan", "eve"
BASE = """
version = 1
duration_s = 1
[[strategy]]
name = "ann"
plugin = "fixed-spread"
params = { half_spread = 1 }
assets = ["eth"]
[asset.eth]
tick = 1
mid = 1000
price = { model = "brownian", sigma = 300, step_ms = 1e-5 }
flow = { model = "poisson", A = 2e7, k = 0.3, d0 = 2 }
[asset.btc]
tick = 1
mid = 1000
price = { model = "brownian", sigma = 300, step_ms = 1e-5 }
flow = { model = "poisson", A = 2e7, k = 0.3, d0 = 2 }
"""
THIRD = (
    'asset.ltc={tick=1,mid=50,price={model="brownian",sigma=300,step_ms=1e-5},'
    'flow={model="poisson",A=2e7,k=0.3,d0=2}}'
)
ALONE = "random_walk", "bernoulli"  # which go with one asset only
UNCORRELATED = '"ou"', '"heston"', "curve={at_s=[0,3e-7],factor=[2,0]}", "factor=[0.5,2]"
OWN_RISK = [
    (), (), ("risk.max_inventory=2",), ("risk.max_order_size=2", "risk.close_cost=0.7"),
    ("risk.max_inventory=5", "risk.close_cost=2"),
]  # fmt: skip
OWN_TICK = [(), ("tick=0.1",), ("tick=0.05", "mid=300")]
WINDOWS = "1e-8", "1e-7", "1e-6"
FILE = Path(tempfile.mkdtemp()) / "several.toml"
FILE.write_text(BASE)


def is_own(line):
    return all(setting.startswith("asset.") for choice in line for setting in choice)


COMMON = [line for line in CHOICES if not is_own(line)]
OWN = [
    [choice for choice in line if not any(word in " ".join(choice) for word in ALONE)]
    for line in CHOICES
    if is_own(line)
]


def own_settings(dice, rich):
    """Of one asset, without its name: asset.KEY=VALUE."""
    lines = OWN + (RICH_CHOICES if rich else [])
    drawn = [setting for line in lines for setting in dice.choice(line)]
    more = (*dice.choice(OWN_RISK), *dice.choice(OWN_TICK))
    return drawn + [f"asset.{setting}" for setting in more]


def price_of(settings):
    return [setting for setting in settings if setting.startswith("asset.price=")][-1]


def correlated(dice, by_asset):
    """Correlations of those mids that may have any, of which there is always a matrix."""
    able = [
        name
        for name, own in by_asset.items()
        if not any(word in price_of(own) for word in UNCORRELATED)
    ]
    rhos = dice.choice([(), (0.8, 0.5, 0.4), (-0.6, 0.3, -0.5), (1, 1, 1)])
    pairs = [(a, b) for i, a in enumerate(able) for b in able[i + 1 :]]
    return [f"correlation.{a}.{b}={rho}" for (a, b), rho in zip(pairs, rhos, strict=False)]


def grouped(dice, names):
    """A group or two of these strategies, each in one at most."""
    names = dice.sample(names, len(names))
    cut = dice.randrange(1, len(names) + 1)
    settings = []
    for group, own in (("north", names[:cut]), ("south", names[cut:])):
        if own and (group == "north" or dice.random() < 0.6):
            limits = [
                f"max_inventory={dice.choice([2, 4, 9])}" if dice.random() < 0.6 else "",
                f"max_drawdown={dice.choice([7, 30, 100])}" if dice.random() < 0.5 else "",
                f"max_loss={dice.choice([8, 40])}" if dice.random() < 0.4 else "",
            ]
            listed = ", ".join(f'"{name}"' for name in own)
            table = ", ".join([f"strategies=[{listed}]", *filter(None, limits)])
            settings.append(f"group.{group}={{{table}}}")
    return settings


def watching(dice, settings):
    """Some groups watch what they could lose."""
    return [
        setting[:-1] + f", {dice.choice(['max_var', 'max_cvar'])}={dice.choice([20, 60])}}}"
        if setting.startswith("group.") and dice.random() < 0.4
        else setting
        for setting in settings
    ]


def several_market_of(seed, *more, latency=False):
    """A market of two or three assets, and the settings that make it."""
    dice = random.Random(f"several {seed}")
    names = dice.sample(NAMES, dice.choice([1, 2, 3, 5, 5]))
    assets = ASSETS[: dice.choice([2, 2, 3])]
    rich = dice.random() < 0.4
    by_asset = {asset: own_settings(dice, rich) for asset in assets}
    common = [setting for line in COMMON for setting in dice.choice(line)]
    common += grouped(dice, names) if dice.random() < 0.5 else []
    brownian = all('"brownian"' in price_of(own) for own in by_asset.values())
    if rich or not brownian:
        common = [setting for setting in common if not setting.startswith(EXPOSURE)]
    else:
        common = watching(dice, common)
    if "risk.reduce_at" in " ".join(common) and "risk.max_drawdown" not in " ".join(common):
        common.append("risk.max_loss=15")
    if dice.random() < 0.2:
        common += ["risk.max_inventory=6", f"risk.volatility_s={dice.choice(WINDOWS)}"]
    if latency:
        common += ['requote="timer"', dice.choice(PERIODS)]
    settings = [
        *([THIRD] if len(assets) == 3 else []),
        *(
            setting.replace("asset.", f"asset.{asset}.", 1)
            for asset, own in by_asset.items()
            for setting in own
        ),
        *correlated(dice, by_asset),
        *common,
        *more,
    ]
    listed = ", ".join(
        f'{{name="{name}", plugin="fixed-spread", params={{half_spread=1}}, assets=["eth"]}}'
        for name in names
    )
    setup = prepare(load_scenario(FILE, [*settings, f"strategy=[{listed}]"]))
    setup = seated_in(dice, setup, names, ladders=not latency and dice.random() < 0.3)
    if latency:
        return far(setup, latencies_of(dice, names)), settings
    return setup, settings


def seated_in(dice, setup, names, ladders):
    """The same market, with makers in one of its assets each."""
    seats = []
    for name in names:
        asset = dice.choice(list(setup.ticks))
        table, lots = table_of(dice, float(setup.scenario.duration_s)), dice.choice([1, 1, 2, 5])
        if ladders:
            table, lots = laddered(dice, table, lots)
        strategy = tabled(name, table, lots)
        setup.registry.strategies[name] = strategy
        spec = StrategySpec(name=name, plugin=name, assets=(asset,))
        seat = seat_of(spec, setup.registry, setup.markets, setup.scenario)
        most = min(3, setup.listings[seat.assets[0]].limits.max_inventory)
        held, cash = dice.choice([0, 0, -most, most]), dice.choice([0, -70, 900])
        seats.append(replace(seat, inventories=(held,), cash=cash))
    return replace(setup, seats=tuple(seats))


def latencies_of(dice, names):
    return {
        name: {
            wire: law
            for wire in ("data", "orders", "acks")
            if (law := dice.choice(LAWS)) is not None
        }
        for name in names
        if dice.random() < 0.75
    }


def far_several_market_of(seed):
    """Several assets, and traders away from the exchange."""
    return several_market_of(f"far {seed}", latency=True)


def group_market_of(seed):
    """One asset, and strategies with limits in common."""
    dice = random.Random(f"groups {seed}")
    watches = "random_walk" not in market_of(seed)[1]

    def among(names):
        settings = grouped(dice, names)
        return watching(dice, settings) if watches else settings

    if dice.random() < 0.3:
        return market_of(seed, among=among, form=lambda table, lots: laddered(dice, table, lots))
    if dice.random() < 0.3:
        setup, settings = market_of(seed, 'requote="timer"', dice.choice(PERIODS), among=among)
        return far(setup, latencies_of(dice, setup.names)), settings
    return market_of(seed, among=among)


def moving_market_of(seed):
    """One asset, and limits to inventories that move."""
    dice = random.Random(f"moving {seed}")
    more = (
        f"risk.max_inventory={dice.choice([2, 4, 9])}",
        f"risk.volatility_s={dice.choice(WINDOWS)}",
    )
    kind = dice.random()
    if kind < 0.25:
        return market_of(seed, *more, form=lambda table, lots: laddered(dice, table, lots))
    if kind < 0.5:
        setup, settings = market_of(seed, *more, 'requote="timer"', dice.choice(PERIODS))
        return far(setup, latencies_of(dice, setup.names)), settings
    return market_of(seed, *more)
