"""The world gives the happenings of its textbook version, in Python and compiled, to the bit."""

import itertools
import math

import numba
import numpy as np
import pytest
import simpy

import lobsim.compiled
from lobsim.models.streams import Streams
from lobsim.models.world import CHUNK, END, MOVE, ORDER, World, fill_chunk
from lobsim.setup import prepare
from market import FLOWS, PRICES, by_the_book, drawn, scenario

NAMES = "mid", "gap", "reach", "size"
STEP, BUYS, SELLS = 1, 2, 3  # ranks at one instant
# Steps of 14 ns, and a buy and a sell every 7 ns on average: 300 steps, and ties everywhere.
TIES = ["duration_s=0.0000042", "asset.price.step_ms=0.000014"]
BUSY = "asset.flow={model='poisson', A=142857142.857, k=1.5}"


class Textbook:
    """One SimPy process per source, each of which draws its own gaps."""

    def __init__(self, scenario, seed, replication):
        self.env = simpy.Environment()
        self.asset, self.tick = scenario.asset, float(scenario.asset.tick)
        self.T = int(scenario.duration_s * 10**9)
        self.step = int(self.asset.price.step_ms * 10**6)
        self.draws = {
            name: by_the_book(seed, replication, f"asset.{name}")
            for name in ("mid", "gap", "reach", "size")
        }
        self.mid, self.moved = float(self.asset.mid) / self.tick, 0
        self.happenings = []

    def run(self):
        self.env.process(self.clock())
        flow = self.asset.flow
        if flow.A > 0:
            arrivals = self.poisson if flow.model == "poisson" else self.every_step
            self.env.process(arrivals(1, BUYS))
            self.env.process(arrivals(-1, SELLS))
        self.env.run(until=self.T)
        self.move(stepping=True)
        self.happenings.append((self.T, END, 0, 0, 0, self.mid))
        return self.happenings

    def wait(self, delay, rank):
        event = self.env.event()
        event._ok, event._value = True, None
        self.env.schedule(event, rank, delay)
        return event

    def clock(self):
        while True:
            yield self.wait(self.step, STEP)
            self.move(stepping=True)
            self.happenings.append((self.env.now, MOVE, 0, 0, 0, self.mid))

    def poisson(self, side, rank):
        flow = self.asset.flow
        mean_ns = 1e9 / (float(flow.A) * math.exp(float(flow.k * flow.d0)))
        while True:
            gap = self.draws["gap"].standard_exponential() * mean_ns
            yield self.wait(int(gap), rank)
            self.order(side, float(flow.d0))

    def every_step(self, side, rank):
        flow = self.asset.flow
        d0 = -math.log(float(flow.A) * self.step / 1e9) / float(flow.k)
        yield self.wait(0, rank)
        while True:
            self.order(side, d0)
            yield self.wait(self.step, rank)

    def order(self, side, d0):
        self.move(stepping=False)
        flow = self.asset.flow
        beyond = self.draws["reach"].standard_exponential() * (1 / (float(flow.k) * self.tick))
        reach = beyond - d0 / self.tick
        limit = math.floor(self.mid + reach) if side > 0 else math.ceil(self.mid - reach)
        size = 1
        if flow.size.model == "geometric" and flow.size.mean > 1:
            # The smallest n with 1 - (1 - 1/mean)^n >= U: inversion, with E = -ln(1 - U).
            e = self.draws["size"].standard_exponential()
            size = 1 + math.floor(e / -math.log1p(-1 / float(flow.size.mean)))
        self.happenings.append((self.env.now, ORDER, side, size, max(1, limit), self.mid))

    def move(self, stepping):
        price, now = self.asset.price, self.env.now
        dt, self.moved = (now - self.moved) * 1e-9, now
        mu, sigma = float(price.mu), float(price.sigma)
        if price.model == "random_walk":
            if stepping:
                z = 1 if self.draws["mid"].random() < 0.5 else -1
                dt = self.step * 1e-9
                self.mid += mu / self.tick * dt
                self.mid += sigma / self.tick * math.sqrt(dt) * z
            return
        z = self.draws["mid"].standard_normal()
        if price.model == "brownian":
            self.mid += mu / self.tick * dt
            self.mid += sigma / self.tick * math.sqrt(dt) * z
        else:
            self.mid *= math.exp((mu - 0.5 * sigma * sigma) * dt + sigma * math.sqrt(dt) * z)


@pytest.mark.parametrize("price", PRICES)
@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("rep", [0, 1])
def test_the_happenings_are_those_of_the_textbook_to_the_bit(price, flow, rep):
    given = scenario("duration_s=4", "asset.tick=0.5", PRICES[price], FLOWS[flow])
    happenings = drawn(given, 7, rep)
    assert len(happenings) > CHUNK
    assert happenings == Textbook(given, 7, rep).run()


@pytest.mark.parametrize("price", PRICES)
@pytest.mark.parametrize("seed", range(4))
def test_at_one_instant_the_mid_moves_then_buys_come_then_sells(price, seed):
    given = scenario(PRICES[price], BUSY, *TIES)
    happenings = drawn(given, seed)
    ties = sum(a[0] == b[0] for a, b in itertools.pairwise(happenings))
    assert ties > 100
    assert happenings == Textbook(given, seed, 0).run()
    instants = [(time, kind == ORDER, -side) for time, kind, side, *_ in happenings[:-1]]
    assert instants == sorted(instants)


@pytest.mark.parametrize("price", PRICES)
def test_the_day_ends_once_with_a_last_move_of_the_mid(price):
    happenings = drawn(scenario(PRICES[price], BUSY, *TIES))
    assert [h[0] for h in happenings if h[1] == END] == [4200] == [happenings[-1][0]]
    assert all(0 <= h[0] < 4200 for h in happenings[:-1])


def jitted():
    for formula in lobsim.compiled.FORMULAS:
        numba.extending.register_jitable(formula)
    return numba.njit(fill_chunk)


def test_numba_compiles_the_world_unchanged_and_gives_it_bit_for_bit():
    compiled = jitted()
    for price in PRICES.values():
        for flow in (*FLOWS.values(), "asset.flow.A=0"):
            plan = prepare(scenario("duration_s=8", "asset.tick=0.5", price, flow)).plan
            rngs = tuple(by_the_book(3, 5, f"asset.{name}") for name in NAMES)
            when, mid = np.zeros(6, np.int64), np.array([plan.mid])
            columns = (*(np.zeros(CHUNK, np.int64) for _ in range(6)), np.zeros(CHUNK))
            chunks = []
            while n := compiled(plan, when, mid, rngs, columns):
                chunks.append([column[:n].tolist() for column in columns])
            plain = World(plan, Streams(3, 5)).chunks()
            # All columns but the asset, of which there is one.
            rows = [[list(c) for c in zip(*chunk, strict=True)][:-1] for chunk in plain]
            assert chunks == rows
