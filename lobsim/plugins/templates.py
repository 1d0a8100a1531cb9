"""The files of a new strategy, with $name, $module and $plugins still to be filled in."""

CODE = '''\
"""Quote both sides of the mid, leaning against the inventory."""

from dataclasses import dataclass

from lobsim import Strategy, hookimpl


@dataclass
class Maker(Strategy):
    """Quotes at `half_spread` (currency), moved by `lean` (currency) per lot held."""

    # The parameters: what a scenario gives as `params`, or `--set $name.lean=0.05`.
    half_spread: float = 0.68
    lean: float = 0.03

    def on_quote(self, desk):
        # Asked before orders arrive.  The desk tells what is known: inventory, mid, time_left, ...
        shift = self.lean * desk.inventory  # long: buy deeper, sell nearer to the mid
        # The answer is what should be in the book; None would leave the orders as they are.
        return desk.quote(
            bid_depth=self.half_spread + shift,
            ask_depth=self.half_spread - shift,
            size=1,
        )


@hookimpl
def lobsim_strategies():
    return {"$name": Maker}
'''

COMPILED = '''\
"""Quote both sides of the mid, leaning against the inventory, by a compiled function."""

from dataclasses import dataclass

from lobsim import Strategy, hookimpl


@dataclass
class Maker(Strategy):
    """Quotes at `half_spread` (currency), moved by `lean` (currency) per lot held."""

    # The parameters: what a scenario gives as `params`, or `--set $name.lean=0.05`.
    half_spread: float = 0.68
    lean: float = 0.03

    def quote_memory(self, market):
        # What the function is to know: numbers, which it may change; anew in every replication.
        return [self.half_spread, self.lean]

    @staticmethod
    def compiled_quote(observation, memory, depths):
        # Seconds left, lots held, the mid less the first mid, and how far from the mid the best
        # bid and ask of all others are.  Numbers and arrays alone: numba compiles this.
        left, lots, moved, bid, ask = observation
        half_spread, lean = memory
        depths[0] = half_spread + lean * lots  # long: buy deeper, sell nearer to the mid
        depths[1] = half_spread - lean * lots  # inf would be no quote


@hookimpl
def lobsim_strategies():
    return {"$name": Maker}
'''

SCENARIO = """\
# Does $name earn as much as the makers of the quickstart, at less risk?
# The market is the quickstart's, and so are the other three.
version = 1
title = "Does $name earn as much as the makers of the quickstart, at less risk?"
duration_s = 1.0
summary_reps = 200           # `lobsim run` also tells mean and deviation of that many replications
${plugins}
[asset]
tick = 0.01
mid = 100

[asset.price]
model = "brownian"
sigma = 2.0                  # currency per sqrt(s)
step_ms = 1

[asset.flow]
model = "poisson"
A = 140.0                    # market orders per second and side that reach the mid
k = 1.5                      # per currency: how fast they thin out with the distance from it
d0 = 0.5                     # currency: how far through the mid a quote may go
size = { model = "geometric", mean = 2 }

[risk]                       # of every account
max_inventory = 20           # lots
max_drawdown = 50            # currency; an account that falls so far is halted
close_cost = 0.01            # currency per lot

[[strategy]]
plugin = "$name"
params = { half_spread = 0.68, lean = 0.03 }

[[strategy]]
name = "a-s"
plugin = "avellaneda-stoikov"
params = { gamma = 0.1 }

[[strategy]]
name = "wide"
plugin = "fixed-spread"
params = { half_spread = 0.75 }

[[strategy]]
name = "tight"
plugin = "fixed-spread"
params = { half_spread = 0.67 }
"""

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "$name"
version = "0.1.0"
description = "A market-making strategy for lobsim"
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["lobsim"]

[project.optional-dependencies]
dev = ["pytest"]

[project.entry-points.lobsim]  # where lobsim looks for strategies
$name = "$module"

[tool.hatch.build.targets.wheel]
only-include = ["$module.py"]
"""

TEST = '''\
"""What $name does in its scenario, `$module.toml`."""

from pathlib import Path

import lobsim

SCENARIO = Path(__file__).with_name("$module.toml")


def test_it_trades(tmp_path):
    run = lobsim.run(SCENARIO, out=tmp_path / "run")
    assert (run.fills["strategy"] == "$name").any()


def test_alone_it_earns_more_than_it_risks():
    (row,) = lobsim.compare(SCENARIO, mode="isolated", strategies=["$name"], reps=20, jobs=1).rows
    assert row.profit_mean > 3 * row.profit_sd
'''

README = """\
# $name

A market-making strategy for lobsim.

```
pip install .
lobsim strategies                 # $name is among them
lobsim compare $module.toml
```

To change it: `pip install -e '.[dev]'`, edit `$module.py`, run `pytest`.
"""
