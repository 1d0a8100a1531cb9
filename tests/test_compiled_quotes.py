"""Strategies that offer a compiled function: both engines call it, and agree bit for bit."""

from dataclasses import replace

import numpy as np
import pytest

import lobsim
from batch_markets import difference
from batches import is_the_same_in_batches
from far import far
from live_markets import live_market_of
from lobsim import Strategy
from lobsim import tape as tapes
from lobsim.batch import columns as c
from lobsim.batch import tape_rows
from lobsim.batch.engine import play_pile, simulate_compiled, world_of
from lobsim.batch.many import Player
from lobsim.batch.piles import pile_of
from lobsim.batch.serving import reasons
from lobsim.errors import PluginError
from lobsim.quotes import quotes_of
from lobsim.setup import open_scenario, prepare
from lobsim.simulate import simulate
from lobsim.tape import Tape
from market import scenario, seated

MARKETS = 60
HJB = "strategy=[{name='hjb',plugin='hjb-table',params={terminal_penalty=0.05}}]"


@pytest.mark.parametrize("seed", range(MARKETS))
def test_a_market_at_random_has_one_tape_and_one_summary(seed):
    setup, _ = live_market_of(seed)
    assert reasons(setup, setup.seats) == []
    assert difference(setup, seed) is None


def test_most_of_these_markets_are_played_to_their_end_in_compiled_code():
    done = 0
    for seed in range(MARKETS):
        setup, _ = live_market_of(seed)
        pile, world = pile_of(setup, [setup.seats], seed), world_of(setup.plan, seed)
        ends, _ = play_pile(setup, pile, world, 0, 1)
        done += int(ends[0, 0, c.STATUS] == c.DONE)
    assert MARKETS / 2 < done < MARKETS


@pytest.mark.parametrize("seed", range(200, 212))
def test_a_batch_gives_the_summaries_of_single_runs_in_every_mode(seed):
    setup, _ = live_market_of(seed)
    is_the_same_in_batches(setup)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_tape_does_not_depend_on_when_its_rows_are_taken(seed, monkeypatch):
    setup, _ = live_market_of(seed)
    monkeypatch.setattr(tape_rows, "PART", 7)
    monkeypatch.setattr(tapes, "PART", 40)
    assert difference(setup, seed) is None


class Looked(Strategy):
    """Looks a solved table up: its times, its depths, and where its inventories begin."""

    table = quotes_of(open_scenario("base-case", [HJB]), "hjb").table

    def quote_memory(self, market):
        table = self.table
        count, lowest = len(table.times_s), table.inventories[0]
        return [market.duration_s, count, lowest, *table.times_s, *table.bid_depth.ravel(),
                *table.ask_depth.ravel()]  # fmt: skip

    @staticmethod
    def compiled_quote(observation, memory, depths):
        count = int(memory[1])
        times, cells = memory[3 : 3 + count], memory[3 + count :]
        row = np.searchsorted(times, memory[0] - observation[0] + 1e-12, side="right") - 1
        columns = len(cells) // (2 * count)
        cell = row * columns + int(observation[1] - memory[2])
        depths[0], depths[1] = cells[cell], cells[count * columns + cell]


def test_a_function_that_looks_a_table_up_does_what_the_table_does():
    """To the last bit of the tape, in both engines."""
    setup = prepare(open_scenario("base-case", [HJB]))
    (looked,) = seated(setup, [type("hjb", (Looked,), {})]).seats
    functions = replace(setup, seats=(looked,))
    for rep in range(3):
        digests = set()
        for each in setup, functions:
            for run in simulate, simulate_compiled:
                tape = Tape()
                run(each, 3, rep, tape=tape)
                digests.add(tape.close())
        assert len(digests) == 1
    players = [Player(each, 3, each.seats, ["isolated"]) for each in (setup, functions)]
    ours, theirs = (player.play(0, 500)["isolated"]["hjb"] for player in players)
    assert ours == theirs


# Faults


def offering(name, function, memory=()):
    class Offering(Strategy):
        compiled_quote = staticmethod(function)

        def quote_memory(self, market):
            return memory

    return type(name, (Offering,), {})


def nan(observation, memory, depths):
    depths[0] = 1.0  # and the ask is left as it is: no number


def far_index(observation, memory, depths):
    depths[0] = depths[1] = memory[2 + int(observation[1])]


def division(observation, memory, depths):
    depths[0] = depths[1] = 1.0 / (observation[0] - observation[0])


def crossed(observation, memory, depths):
    depths[0] = depths[1] = -5.0


def endless(observation, memory, depths):
    depths[0] = depths[1] = 1e300


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (nan, "ValueError: a depth must be a number: bid 1.0, ask nan"),
        (far_index, "IndexError: index 2 is out of bounds for axis 0 with size 2"),
        (division, "FloatingPointError: divide by zero encountered in scalar divide"),
        (crossed, "ValueError: the bid 105 is not below the ask 95"),
        (endless, "no order can be of this price and size"),
    ],
)
def test_a_fault_is_told_as_those_of_other_plugins(function, said):
    setup = seated(prepare(scenario()), [offering("ann", function, [1.0, 2.0])])
    for run in simulate, simulate_compiled:
        with pytest.raises(PluginError) as error:
            run(setup, 1, 0)
        (problem,) = error.value.problems
        assert problem.startswith(f"strategy 'ann': compiled_quote at 0 s: {said}")
        if "Index" in said:
            assert "in far_index: depths[0] = depths[1] = memory[2" in error.value.__notes__[0]


def test_a_fault_is_benched_in_both_engines():
    setup = seated(prepare(scenario('on_plugin_error="bench"')), [offering("ann", nan)])
    told = [run(setup, 1, 0)[0] for run in (simulate, simulate_compiled)]
    assert told[0] == told[1]
    assert "a depth must be a number" in told[0].problem


def test_latency_is_left_to_the_event_engine():
    setup, _ = live_market_of(1, *('requote="timer"', "requote_ms=7e-6"))
    setup = far(setup, {setup.names[0]: {"orders": 30}})
    assert reasons(setup, setup.seats) == [
        "compiled functions with latency: they see others' quotes late"
    ]


def test_undercutting_is_one_tick_better_than_the_best_of_the_others(tmp_path):
    """By the tape: wherever it quotes between its limits, its bid is a tick above the other's."""
    makers = (
        "strategy=[{plugin='undercut',params={closest=0.3,furthest=2}},"
        "{name='wide',plugin='fixed-spread',params={half_spread=0.8}}]"
    )
    run = lobsim.run("quickstart", settings=[makers, "duration_s=0.2"], out=tmp_path / "run")
    ours, theirs = (
        run.quotes[run.quotes.strategy == name].drop_duplicates("ts_event", keep="last")
        for name in ("undercut", "wide")
    )
    both = ours.merge(theirs, on="ts_event", suffixes=("", "_of_wide"))
    assert len(both) > 50
    # Each saw the quote that the other had before.
    before = theirs.set_index("ts_event").bid.shift(1)
    better = (both.bid - both.ts_event.map(before)).dropna()
    assert better.round(9).eq(0.01).mean() > 0.95, better[better.round(9) != 0.01]
