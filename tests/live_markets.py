"""Markets at random where compiled functions quote, most of them beside tables."""

import math
import random
from dataclasses import replace

from batch_markets import market_of, rich_market_of
from lobsim import Strategy
from market import seated

# What the function below keeps in mind: its parameters, and how often it has been asked.
HALF, LEAN, TREND, HURRY, JUMPS, STEP, CLOSEST, SILENT, FAULTY, ASKED = range(10)


def any_quote(observation, memory, depths):
    """Leans, follows the mid or the clock, undercuts others, at times is silent, seldom fails."""
    left, lots, moved, bid, ask = observation
    memory[ASKED] += 1.0
    shift = memory[LEAN] * lots + memory[TREND] * moved
    half = memory[HALF] + memory[HURRY] * left
    depths[0], depths[1] = half + shift, half - shift
    if memory[JUMPS]:
        depths[0] = min(depths[0], max(bid - memory[STEP], memory[CLOSEST]))
        depths[1] = min(depths[1], max(ask - memory[STEP], memory[CLOSEST]))
    if memory[SILENT] and memory[ASKED] % memory[SILENT] == 0:
        depths[int(memory[ASKED]) % 2] = math.inf
    if memory[FAULTY] and memory[ASKED] > memory[FAULTY]:
        depths[0] = [math.nan, -math.inf, 1e300, 1.0 / (lots - lots)][int(memory[FAULTY]) % 4]


def compiled(name, lots, remembered):
    class Compiled(Strategy):
        size = lots
        compiled_quote = staticmethod(any_quote)

        def quote_memory(self, market):
            return remembered

    return type(name, (Compiled,), {})


def memory_of(dice, tick):
    memory = [0.0] * 10
    memory[HALF] = dice.choice([0.5, 1, 2.5, 6]) * tick
    memory[LEAN] = dice.choice([0, 0.1, 0.7]) * tick
    memory[TREND] = dice.choice([0, 0, 0.1, -0.3])
    memory[HURRY] = dice.choice([0, 0, 1e6, -1e5])
    memory[JUMPS] = dice.choice([0, 1, 1])
    memory[STEP], memory[CLOSEST] = dice.choice([0, 1]) * tick, dice.choice([0.3, 1, 2]) * tick
    memory[SILENT] = dice.choice([0, 0, 2, 3, 7])
    memory[FAULTY] = dice.choice([0] * 20 + [4, 5, 6, 7])
    return memory


def live_market_of(seed, *more):
    """A market, plain or rich, and the settings and memories that make it."""
    dice = random.Random(f"live {seed}")
    make = dice.choice([market_of, market_of, rich_market_of])
    setup, settings = make(seed, *more)
    tick, seats, told = setup.only.market.tick, [], []
    for number, seat in enumerate(setup.seats):
        if number and dice.random() < 0.4:
            seats.append(seat)
            continue
        memory = memory_of(dice, tick)
        kind = compiled(seat.spec.name, dice.choice([1, 1, 2, 5]), memory)
        (made,) = seated(setup, [kind]).seats
        seats.append(replace(made, inventories=seat.inventories, cash=seat.cash))
        told.append(f"{seat.spec.name}={memory}")
    return replace(setup, seats=tuple(seats)), [*settings, *told]
