"""Both engines give one tape where assets are several, limits held in common, or moving."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from batch_markets import by_event, difference, market_of
from batches import batch, is_the_same_in_batches
from lobsim.batch import joint_plans, tape_rows
from lobsim.batch.many import Player
from lobsim.batch.serving import reasons
from lobsim.engines import choose
from lobsim.models import volatility
from lobsim.setup import prepare
from lobsim.summaries import Summaries
from pairs import two
from several_markets import (
    far_several_market_of,
    group_market_of,
    moving_market_of,
    several_market_of,
)

MARKETS = 60
KINDS = several_market_of, far_several_market_of, group_market_of, moving_market_of
TABLES = """
    [[strategy]]
    name = "eth-maker"
    plugin = "fixed-spread"
    params = { half_spread = 0.7 }
    assets = ["eth"]
    [[strategy]]
    name = "btc-maker"
    plugin = "fixed-spread"
    params = { half_spread = 1.4 }
    assets = ["btc"]
"""


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("seed", range(MARKETS))
def test_a_market_at_random_has_one_tape_and_one_summary(seed, make):
    setup, _ = make(seed)
    assert reasons(setup, setup.seats) == []
    assert difference(setup, seed) is None


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("seed", range(100, 110))
def test_a_batch_gives_the_summaries_of_single_runs_in_every_mode(seed, make):
    setup, _ = make(seed)
    is_the_same_in_batches(setup)


def test_batches_do_not_depend_on_how_they_are_cut(monkeypatch):
    setup, _ = several_market_of(1)
    whole = batch(setup, 0, 12)
    monkeypatch.setattr("lobsim.batch.engine.SMALL_CHUNK", 3)
    player = Player(setup, 5, setup.seats, ("isolated", "shared"))
    parts = [player.play(0, 5), player.play(5, 7), player.play(12, 0)]
    for mode, by_name in whole.items():
        for name, summaries in by_name.items():
            assert Summaries.joined([part[mode][name] for part in parts]) == summaries


@pytest.mark.parametrize("room", [1, 2, 7, 50])
@pytest.mark.parametrize("make", KINDS)
def test_a_tape_does_not_depend_on_when_its_rows_are_taken(room, make, monkeypatch):
    setup, _ = make(3)
    monkeypatch.setattr(tape_rows, "PART", room)
    assert difference(setup, 3) is None


def test_cool_downs_that_end_together_do_so_in_the_order_in_which_they_began(tmp_path):
    """Both portfolios are stopped at the first move, that of the second asset first."""
    makers = "".join(
        f"""
        [[strategy]]
        name = "{asset}-maker"
        plugin = "fixed-spread"
        params = {{ half_spread = 0.7 }}
        assets = ["{asset}"]
        inventory = 30
        """
        for asset in ("btc", "eth")
    )
    setup = prepare(two(tmp_path, "risk.max_var=1", "risk.cooldown_s=0.05", strategies=makers))
    cooled = [row["account"] for row in by_event(setup, 1).rows["risk"] if row["state"] == 0]
    assert cooled[:2] == [4, 2]  # btc's first strategy, eth's second
    assert difference(setup, 1) is None


def test_a_strategy_of_several_assets_needs_the_event_engine(tmp_path):
    scenario = two(tmp_path, "duration_s=1e4")
    setup = prepare(scenario)
    assert reasons(setup, setup.seats) == [
        "strategy 'pair' gives no quote table or compiled function"
    ]
    told = choose("auto", setup, setup.seats, 1)
    assert not told.compiled
    assert told.why.endswith("strategy 'pair' gives no quote table or compiled function")


def test_many_assets_with_curves_of_many_pieces_are_left_to_the_event_engine(tmp_path):
    pieces = joint_plans.PIECES + 1
    curve = json.dumps([round(0.01 * i, 2) for i in range(pieces)]), json.dumps([1] * pieces)
    setting = "asset.eth.flow.curve={{at_s={},factor={}}}".format(*curve)
    setup = prepare(two(tmp_path, setting, strategies=TABLES))
    assert reasons(setup, setup.seats) == [
        "asset.eth: more than 64 pieces of a curve, or empirical sizes"
    ]


def test_a_curve_of_as_many_pieces_as_there_is_room_for_is_served(tmp_path):
    pieces = joint_plans.PIECES
    curve = json.dumps([round(0.01 * i, 2) for i in range(pieces)])
    factors = json.dumps([i % 3 for i in range(pieces)])
    setting = f"asset.eth.flow.curve={{at_s={curve},factor={factors}}}"
    setup = prepare(two(tmp_path, setting, strategies=TABLES))
    assert difference(setup, 1) is None


def test_units_so_fine_that_equity_could_pass_64_bits_are_left_to_the_event_engine(tmp_path):
    """What both ticks are multiples of is 1e-10: of that a million is 1e16, and in 1/1000 1e19."""
    setup = prepare(two(tmp_path, "asset.btc.tick=0.0500000001", strategies=TABLES))
    assert reasons(setup, setup.seats) == []
    rich = [replace(seat, cash=10**8) for seat in setup.seats]
    told = "the accounts' cash or inventory: their values could pass 64 bits"
    assert reasons(setup, rich) == [told, told]


def test_a_group_of_one_asset_may_be_left_by_all_but_one(tmp_path):
    """Alone in a market, a strategy is all that there is of its group."""
    setup, _ = market_of(1)
    names = [seat.spec.name for seat in setup.seats]
    group = f"group.north={{strategies={json.dumps(names)},max_loss=3}}"
    setup, _ = market_of(1, group)
    for seat in setup.seats:
        assert difference(replace(setup, seats=(seat,)), 1) is None


def test_the_volatility_is_one_formula_in_both_engines():
    assert volatility.faded(4.0, 3.0, 0, 10**9) == 4.0 + 9.0


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
    code = "from batch_markets import difference\nfrom several_markets import *\n" + "".join(
        f"assert difference({make.__name__}({seed})[0], {seed}) is None\n"
        for make in (several_market_of, group_market_of)
        for seed in (1, 2)
    )
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | build | {"PYTHONPATH": f"{here}:{here.parent}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
