"""The compiled engine gives the event engine's tape, bit for bit, its summaries and its draws."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from batch_markets import by_compiled, difference, market_of, rich_market_of
from batches import batch, is_the_same_in_batches
from ladder_markets import ladder_market_of
from lobsim import load_scenario, tape
from lobsim.batch import arrays, engine, piles, serving, streams, tape_rows
from lobsim.batch.engine import simulate_compiled
from lobsim.batch.many import Player
from lobsim.batch.serving import reasons
from lobsim.errors import ScenarioError
from lobsim.models import world
from lobsim.setup import prepare
from lobsim.simulate import simulate
from lobsim.summaries import Summaries
from lobsim.tape import Tape
from market import nothing, scenario, seated, trader

MARKETS = 50
RICH_MARKETS = 60  # more: their models are many
LADDER_MARKETS = 60
HALTED_ALONE = [70, 238]  # where a batch does not number orders
MEET_THEMSELVES = [491, 676, 771, 917]  # of which an account meets its own order
SHIPPED = {
    "quickstart": (),
    "avellaneda-stoikov-2008": (),
    "avellaneda-stoikov-continuous": ("duration_s=0.3",),
    "base-case": ("duration_s=60",),
    "latency": ("duration_s=0.3",),
}


@pytest.mark.parametrize("seed", range(MARKETS))
def test_a_market_at_random_has_one_tape_and_one_summary(seed):
    setup, _ = market_of(seed)
    assert reasons(setup, setup.seats) == []
    assert difference(setup, seed) is None


@pytest.mark.parametrize("seed", range(RICH_MARKETS))
def test_a_rich_market_at_random_has_one_tape_and_one_summary(seed):
    setup, _ = rich_market_of(seed)
    assert reasons(setup, setup.seats) == []
    assert difference(setup, seed) is None


@pytest.mark.parametrize("seed", range(LADDER_MARKETS))
def test_a_market_of_ladders_at_random_has_one_tape_and_one_summary(seed):
    setup, _ = ladder_market_of(seed)
    assert reasons(setup, setup.seats) == []
    assert difference(setup, seed) is None


@pytest.mark.parametrize("seed", HALTED_ALONE)
def test_a_maker_that_is_halted_alone_has_one_summary(seed):
    assert difference(market_of(seed)[0], seed) is None


@pytest.mark.parametrize("mode", ["allow", "cancel_maker", "cancel_taker", "cancel_both"])
@pytest.mark.parametrize("seed", MEET_THEMSELVES)
def test_an_account_that_meets_itself_does_so_in_both_engines(seed, mode):
    assert difference(market_of(seed, f'self_trade="{mode}"')[0], seed) is None


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_scenario_has_one_digest(name):
    setup = prepare(load_scenario(name, SHIPPED[name]))
    event, compiled = Tape(), Tape()
    assert simulate(setup, 3, 2, tape=event) == simulate_compiled(setup, 3, 2, tape=compiled)
    assert event.close() == compiled.close()
    assert event.events == compiled.events


@pytest.mark.parametrize("make", [market_of, ladder_market_of])
@pytest.mark.parametrize("seed", range(100, 120))
def test_a_batch_gives_the_summaries_of_single_runs_in_every_mode(seed, make):
    setup, _ = make(seed)
    is_the_same_in_batches(setup)


def test_batches_do_not_depend_on_how_they_are_cut(monkeypatch):
    setup, _ = market_of(100)
    whole = batch(setup, 0, 20)
    monkeypatch.setattr(engine, "SMALL_CHUNK", 3)
    player = Player(setup, 5, setup.seats, ("isolated", "shared"))
    parts = [player.play(0, 7), player.play(7, 13)]
    for mode, by_name in whole.items():
        for name, summaries in by_name.items():
            assert Summaries.joined([part[mode][name] for part in parts]) == summaries


def test_streams_made_in_compiled_code_are_numpys():
    assert streams.check_streams(1000) == 0


def test_variates_drawn_in_compiled_code_are_numpys():
    """So many that tails, of which one in 4,000 normals is, are among them."""
    assert streams.check_streams(3, 40_000) == 0


def test_where_streams_differ_the_event_engine_plays(monkeypatch):
    setup, _ = market_of(101)
    monkeypatch.setattr(serving, "sound_streams", lambda: False)
    assert reasons(setup, setup.seats) == [
        "random numbers made on this machine differ from numpy's"
    ]


@pytest.mark.parametrize("room", [1, 2, 7, 50])
@pytest.mark.parametrize("seed", [3, 102, 491])
def test_a_tape_does_not_depend_on_when_its_rows_are_taken(room, seed, monkeypatch):
    setup, _ = market_of(seed)
    monkeypatch.setattr(tape_rows, "PART", room)
    monkeypatch.setattr(tape, "PART", 40)
    assert difference(setup, seed) is None


def test_what_ends_badly_after_rows_were_taken_is_on_the_tape_once(monkeypatch):
    """The mid falls below one tick; the event engine plays again, on the same tape."""
    monkeypatch.setattr(tape_rows, "PART", 20)
    for part in world, engine:
        monkeypatch.setattr(part, "CHUNK", 16)
    price = 'asset.price={model="brownian",sigma=2e4,step_ms=1e-5}'
    setup, _ = market_of(1, "asset.mid=40", price, "duration_s=4.2e-6")
    told = by_compiled(setup, 1)
    assert told.summaries[0] == "ScenarioError"
    assert len(told.rows["mids"]) > 60
    assert difference(setup, 1) is None


def test_numbers_past_64_bits_are_left_to_the_event_engine(monkeypatch):
    setup, _ = market_of(113)
    theirs = simulate(setup, 5, 0)
    monkeypatch.setattr(arrays, "MOST_EQUITY", 2**30)
    ends, _ = engine.play_pile(
        setup, piles.pile_of(setup, [setup.seats], 5), engine.world_of(setup.plan, 5), 0, 1
    )
    assert ends[0, 0, engine.c.STATUS] == engine.c.OVERFLOW
    assert simulate_compiled(setup, 5, 0) == theirs


def test_too_many_events_are_told_as_by_the_event_engine():
    setup, _ = market_of(103)
    few = setup.scenario.model_copy(update={"max_events": 10})
    told = []
    for run in simulate, simulate_compiled:
        with pytest.raises(ScenarioError) as error:
            run(replace(setup, scenario=few), 5, 0)
        told.append(error.value.problems)
    assert told[0] == told[1]


def test_what_the_compiled_engine_cannot_serve_is_said():
    setup = seated(prepare(scenario()), [trader([], "ann", on_quote=nothing)])
    assert reasons(setup, setup.seats) == [
        "strategy 'ann' gives no quote table or compiled function"
    ]


@pytest.mark.parametrize(
    "build",
    [
        pytest.param({"NUMBA_DISABLE_JIT": "1"}, id="plain"),
        pytest.param({"NUMBA_BOUNDSCHECK": "1", "LOBSIM_CACHE": "CACHE"}, id="bounds"),
    ],
)
def test_another_build_gives_the_same_tape(build, tmp_path):
    """numba's numbers are Python's, as plain functions too; and no index is out of bounds."""
    build = {key: str(tmp_path) if each == "CACHE" else each for key, each in build.items()}
    code = "from batch_markets import difference, market_of\n"
    code += "from ladder_markets import ladder_market_of\n"
    code += "from live_markets import live_market_of\n" + "".join(
        f"assert difference({make}({seed})[0], {seed}) is None\n"
        for make in ("market_of", "ladder_market_of", "live_market_of")
        for seed in (1, 2, 5)
    )
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | build | {"PYTHONPATH": f"{here}:{here.parent}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
