"""Profit split into its causes: to the last digit, as theory says, and alike by both engines."""

import numpy as np
import pytest

from attributed import endowed, faults
from batch_markets import market_of, rich_market_of
from kept_runs import cut_off, parts
from lobsim.engines import choose
from lobsim.errors import ScenarioError, UsageError
from lobsim.report.attribution import GROUPS
from lobsim.report.frames import Run
from lobsim.run import record, run
from lobsim.scenario.load import shipped
from pairs import two

STEP = 10_000_000  # ns


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_scenario_adds_up(name, tmp_path):
    made = run(name, out=tmp_path / "run")
    assert faults(made) == []
    whole = made.attribution()
    assert len(whole) >= len(made.summary)
    assert not whole["residual"].any()


@pytest.mark.parametrize("make", [market_of, rich_market_of])
@pytest.mark.parametrize("number", range(4))  # `python tools/attribution.py 250` plays 1,000 runs
def test_markets_at_random_add_up_and_the_engines_agree(make, number, tmp_path):
    setup = endowed(make(number)[0])
    frames = []
    for wanted in ("event", "compiled"):
        folder = tmp_path / wanted
        folder.mkdir()
        try:
            record(setup, number, 0, folder, engine=choose(wanted, setup, setup.seats, markets=1))
        except ScenarioError:  # a mid below a tick ends the run
            continue
        frames.append([Run(folder).attribution(by) for by in (None, *GROUPS)])
        assert faults(Run(folder)) == []
    assert len(frames) != 1
    for event, compiled in zip(*frames, strict=True):
        assert event.equals(compiled)


MAKERS = """
    [[strategy]]
    name = "both"
    plugin = "glft-pair"
    params = { gamma = 0.05 }
    inventory = { btc = -3 }
    [[strategy]]
    name = "eth-only"
    plugin = "fixed-spread"
    params = { half_spread = 0.7 }
    assets = ["eth"]
    inventory = 5
    cash = 12.5
"""


def test_several_assets_add_up_and_what_was_held_at_the_start_is_told_apart(tmp_path):
    settings = ("asset.eth.fees.maker=0.02", "asset.btc.price.mu=3", 'end.inventory="close"')
    made = run(two(tmp_path, *settings, strategies=MAKERS), out=tmp_path / "run")
    assert faults(made) == []
    by_side = made.attribution("side").set_index(["strategy", "asset", "side"])
    mids = made.mids[made.mids["asset"] == "eth"]["mid"]
    held = by_side.loc[("eth-only", "eth", "at the start")]
    assert held["profit"] == pytest.approx(5 * (mids.iloc[-1] - 100), abs=5e-5)
    assert ("both", "eth", "at the start") not in by_side.index
    assert (made.attribution("fill")["fill"] == 0).sum() == 2
    assert (by_side["closing"] < 0).any() or (by_side["closing"] > 0).any()


def test_fills_and_counterparties_have_their_own_part(tmp_path):
    """A fill's profit is what it bought, worth the mid at the end, less price and fee."""
    settings = ("crossing=trade", "requote=timer", "requote_ms=5", "asset.fees.taker=0.01")
    made = run("quickstart", settings=(*settings, "asset.price.sigma=20"), out=tmp_path / "run")
    fills = made.fills[made.fills["strategy"] != "outside"]
    last = made.mids["mid"].iloc[-1]
    bought = np.where(fills["side"] == "buy", 1, -1) * fills["size"]
    profit = dict(zip(fills["fill"], bought * (last - fills["price"]) - fills["fee"], strict=True))
    for row in made.attribution("fill").itertuples():
        assert row.profit == pytest.approx(profit[row.fill], abs=1e-4 * 100)
    found = made.attribution("counterparty")
    assert set(found["counterparty"]) > {"outside", "tight"}
    for row in found.itertuples():
        theirs = fills[
            (fills["strategy"] == row.strategy) & (fills["counterparty"] == row.counterparty)
        ]
        assert row.spread == pytest.approx(theirs["spread_earned"].sum())
        assert row.fees == pytest.approx(-theirs["fee"].sum())


def test_times_are_between_their_edges(tmp_path):
    made = run("quickstart", out=tmp_path / "run")
    found = made.attribution("time", bins=4)
    fills = made.fills
    for row in found.itertuples():
        at = fills["ts_event"] / 1e9
        own = fills[(fills["strategy"] == row.strategy) & (at >= row.from_s) & (at < row.to_s)]
        assert row.spread == pytest.approx(own["spread_earned"].sum(), abs=1e-9)
    equity = made.equity
    end = equity[(equity["strategy"] == "wide") & (equity["ts_event"] < 0.5e9)]["equity"].iloc[-1]
    assert found[found["strategy"] == "wide"]["profit"].iloc[:2].sum() == pytest.approx(end)


# What is not there


def test_a_run_without_mids_tells_what_can_be_known(tmp_path):
    settings = ("duration_s=0.3", "asset.fees.maker=0.01", 'end.inventory="close"')
    thin = run("quickstart", settings=(*settings, "record=fills"), out=tmp_path / "thin")
    full = run("quickstart", settings=settings, out=tmp_path / "full").attribution()
    found = thin.attribution()
    same = ["spread", "fees", "closing", "profit"]
    assert found[same].equals(full[same])
    assert found["moves"].tolist() == pytest.approx(full["diffusion"].tolist())
    with pytest.raises(UsageError, match=r"by = 'side': the run kept no mids"):
        thin.attribution("side")


def test_a_killed_run_adds_up_as_far_as_both_tables_go(tmp_path, monkeypatch):
    monkeypatch.setattr("lobsim.tape.PART", 40)
    monkeypatch.setattr("lobsim.models.world.CHUNK", 50)
    made = run("quickstart", settings=("duration_s=0.3",), out=tmp_path / "run")
    for table, count in (("fills", 1), ("mids", 4)):
        for part in parts(made.folder, table)[-count:]:
            part.unlink()
    cut_off(made.folder)
    killed = Run(made.folder)
    assert len(killed.mids) > 100
    for by in (None, *GROUPS):
        assert not killed.attribution(by)["residual"].any()


@pytest.mark.parametrize("table", ["fills", "mids"])
def test_a_run_killed_at_its_beginning_tells_what_it_has(table, tmp_path):
    made = run("quickstart", settings=("duration_s=0.1",), out=tmp_path / "run")
    for part in parts(made.folder, table):
        part.unlink()
    cut_off(made.folder)
    killed = Run(made.folder)
    assert (killed.measures()["turnover"] == 0).all() == (table == "fills")
    with pytest.raises(UsageError, match="killed before the first of its"):
        killed.markouts()
    if table == "fills":
        assert not killed.attribution()["profit"].any()
    else:
        with pytest.raises(UsageError, match="no attribution: the run was killed before"):
            killed.attribution()


@pytest.mark.parametrize(("by", "bins"), [("sides", 3), ("time", 0), ("time", 2.5)])
def test_what_is_no_grouping_is_refused(by, bins, tmp_path):
    made = run("quickstart", settings=("duration_s=0.01",), out=tmp_path / "run")
    with pytest.raises(UsageError, match=r"^(by|bins) = .*: must be"):
        made.attribution(by, bins=bins)
