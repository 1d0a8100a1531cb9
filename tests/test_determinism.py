"""A run is fixed by its scenario, seed and replication; nothing else moves its digest."""

import os
import subprocess
import sys

import pandas as pd
import pytest

import lobsim
from lobsim import load_scenario
from lobsim.setup import open_scenario, prepare
from lobsim.simulate import simulate
from lobsim.tape import Tape
from market import FLOWS, PRICES, buys, maker, nothing, play, quoting, run_day, scenario, trader

SETTINGS = ("duration_s=0.3",)
CODE = f"""
from lobsim import load_scenario
from lobsim.setup import open_scenario, prepare
from lobsim.simulate import simulate
from lobsim.tape import Tape
tape = Tape()
simulate(prepare(load_scenario("quickstart", {SETTINGS})), 5, 2, tape=tape)
print(tape.close())
"""
PASSIVE = """
import random
import numpy as np
from lobsim import Strategy, hookimpl

class Passive(Strategy):
    def look(self, desk, *_):
        random.seed(1), np.random.seed(1), random.random(), np.random.random()
        desk.depth(1), desk.orders, desk.equity, desk.rival_bid

    on_start = on_quote = on_mid = on_trade = on_end = look

@hookimpl
def lobsim_strategies():
    return {"passive": Passive}
"""


def digest(*settings, seed=5, rep=2, **how):
    tape = Tape()
    given = load_scenario("quickstart", (*SETTINGS, *settings))
    simulate(prepare(given), seed, rep, tape=tape, **how)
    return tape.close()


@pytest.fixture
def passive(tmp_path):
    path = tmp_path / "passive.py"
    path.write_text(PASSIVE)
    return path


def test_a_fresh_process_gives_the_same_digest_whatever_its_hash_seed():
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", CODE],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for hash_seed in ("0", "1", "random")
    ]
    assert {run.communicate()[0].strip() for run in runs} == {digest()}


def test_a_repeated_run_gives_the_same_digest():
    assert digest() == digest()


@pytest.mark.parametrize("requote", [(), ('requote="timer"', "requote_ms=10")])
def test_the_audit_does_not_move_the_digest(requote):
    assert digest(*requote, audited=False) == digest(*requote)


def test_what_is_written_does_not_move_the_digest(tmp_path):
    kept = {
        record: lobsim.run(
            "quickstart",
            settings=(*SETTINGS, f'record="{record}"'),
            seed=5,
            rep=2,
            out=tmp_path / record,
        )
        for record in ("all", "fills")
    }
    assert {run.digest for run in kept.values()} == {digest()}
    assert kept["fills"].orders.empty
    assert kept["fills"].mids.empty
    pd.testing.assert_frame_equal(kept["all"].fills, kept["fills"].fills)


def test_every_seed_and_replication_has_a_digest_of_its_own():
    digests = {digest("duration_s=0.05", seed=s, rep=r) for s in range(4) for r in range(4)}
    assert len(digests) == 16


def test_one_lot_more_or_one_strategy_less_moves_the_digest():
    assert len({digest(), digest("wide.size=2"), digest("risk.max_inventory=3")}) == 3


def test_a_passive_plugin_leaves_the_tape_as_it_was(passive):
    tape = Tape()
    setup = prepare(open_scenario("quickstart", SETTINGS, [passive]))
    assert setup.names[-1] == "passive"
    simulate(setup, 5, 2, tape=tape)
    assert tape.close() == digest()


@pytest.mark.parametrize("requote", ['requote="continuous"', 'requote="timer"\nrequote_ms=5'])
def test_a_passive_plugin_in_the_first_seat_leaves_all_rows_of_the_others(passive, requote):
    makers = f"{maker('a', 0.7, 3)}, {maker('b', 0.6)}"
    market = ("duration_s=0.3", "asset.tick=0.01", PRICES["brownian"], FLOWS["poisson"])
    market += tuple(requote.splitlines())
    alone = run_day(prepare(scenario(*market, f"strategy=[{makers}]")))
    seats = f'strategy=[{{plugin="passive"}}, {makers}]'
    with_it = run_day(prepare(scenario(*market, f'plugins=["{passive}"]', seats)))
    assert with_it.orders == alone.orders
    assert with_it.fills == alone.fills
    assert with_it.mids == alone.mids


def test_a_passive_watcher_does_not_change_how_present_others_were():
    """A maker asked continuously counts as quoting what it quotes when it is asked."""
    ann, eve = trader([], "ann", on_quote=quoting(2, 2)), trader([], "eve", on_trade=nothing)
    alone = play([ann], [buys(20, 105)]).summaries["ann"]
    assert alone.uptime == 1
    assert play([ann, eve], [buys(20, 105)]).summaries["ann"] == alone


def test_all_strategies_meet_the_same_arrivals_under_one_seed(tmp_path):
    arrivals = []
    for name in ("a-s", "wide", "tight"):
        specs = load_scenario("quickstart").strategy
        params = next(spec.params for spec in specs if spec.name == name)
        plugin = next(spec.plugin for spec in specs if spec.name == name)
        values = ", ".join(f"{key}={value}" for key, value in params.items())
        alone = f'strategy=[{{name="{name}", plugin="{plugin}", params={{{values}}}}}]'
        run = lobsim.run(
            "quickstart", settings=(*SETTINGS, alone), seed=5, rep=2, out=tmp_path / name
        )
        outside = run.orders[run.orders.strategy == "outside"]
        columns = ["ts_event", "side", "price_ticks", "size"]
        arrivals.append((outside[columns].values.tolist(), run.mids.mid.tolist()))
    assert arrivals[0] == arrivals[1] == arrivals[2]
    assert arrivals[0][0]


def test_compare_gives_the_same_rows_with_one_worker_and_with_two():
    alone, shared = (
        lobsim.compare("quickstart", settings=("duration_s=0.05",), reps=12, seed=3, jobs=jobs)
        for jobs in (1, 2)
    )
    assert alone.rows == shared.rows
    assert alone.summaries == shared.summaries


def test_a_replication_alone_is_that_of_a_comparison():
    whole = lobsim.compare("quickstart", settings=SETTINGS, reps=4, seed=3, jobs=1)
    setup = prepare(load_scenario("quickstart", SETTINGS))
    for rep in range(4):
        for each in simulate(setup, 3, rep):
            assert whole.summaries["shared"][each.strategy][rep] == each
