"""Traders far from the exchange: latencies in ns for strategies in a market of one test."""

from dataclasses import replace
from decimal import Decimal

from lobsim.models.world import END, Happening
from lobsim.scenario.latency import Latency
from lobsim.setup import prepare
from market import T, run_day, scenario, seated

TIMER = ('requote="timer"', "requote_ms=0.0001")  # 100 ns


def far(setup, latencies):
    """The same market with latencies by name: {"ann": {"orders": 30}}, in ns or as a table."""
    seats = []
    for seat in setup.seats:
        given = latencies.get(seat.spec.name, {})
        table = Latency(**{f"{wire}_ms": in_ms(delay) for wire, delay in given.items()})
        seats.append(replace(seat, spec=seat.spec.model_copy(update={"latency": table})))
    return replace(setup, seats=tuple(seats))


def in_ms(delay):
    return delay if isinstance(delay, dict) else Decimal(delay) / 1_000_000


def play_far(strategies, happenings, latencies, *settings, seed=1):
    """`market.play` with a timer of 100 ns and these latencies."""
    given = list(happenings)
    last = given[-1].mid if given else 100.0
    world = [[*given, Happening(T, END, 0, 0, 0, 0, last)]]
    setup = seated(prepare(scenario(*TIMER, *settings)), strategies)
    return run_day(far(setup, latencies), seed, world=world)
