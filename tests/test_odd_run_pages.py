"""Several runs on one page, and pages of odd runs."""

import pytest

from kept_runs import cut_off
from lobsim import Strategy
from lobsim.policies import policies_of
from lobsim.report.frames import Run
from lobsim.report.run_page import run_page
from lobsim.run import run
from reported import Reader, figures_of, own, titled


def test_several_runs_stand_side_by_side(tmp_path):
    one = run("quickstart", out=tmp_path / "quickstart")
    other = run("quickstart", settings=["asset.price.sigma=3"], seed=2, out=tmp_path / "other")
    page = run_page([one, other])
    tables = Reader(page).tables
    assert tables[0][0] == ["", "quickstart", "other"]
    told = {row[0]: row[1:] for row in tables[0][1:]}
    assert told == {"asset.price.sigma": ["2.0", "3.0"], "seed": ["1", "2"]}
    assert len(tables[1]) == 7
    by = {row["strategy"]: row["profit"] for row in one.manifest["summary"]}
    for row, own_row in zip(tables[2][1:], other.manifest["summary"], strict=True):
        assert row[:2] == ["other", own_row["strategy"]]
        assert float(row[2]) == pytest.approx(own_row["profit"] - by[row[1]], abs=0.006)
    names = {t.get("name") for t in titled(page, "profit (currency)")}
    assert {"quickstart: tight", "other: tight"} <= names
    assert len({t["name"] for t in titled(page, "mid (currency)")}) == 2
    assert "Seen are" not in page
    assert "Seen are 8 of 9 strategies" in run_page([one, other, other])
    assert "Nothing: the same scenario, seed and replication." in run_page([one, one])


# Odd runs

ODD = {
    "no fills": ("asset.flow.A=0",),
    "fills alone": ("record=fills",),
    "one event": ("asset.flow.A=0", "duration_s=0.001"),
    "equal prices": ("asset.price.sigma=0",),
    "outlier": ("asset.mid=1e10", "duration_s=0.01", "wide.half_spread=1e9"),
    "busy": ("asset.flow.A=3000", "risk.max_inventory=500"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_runs_have_pages(tmp_path, name):
    settings = ("duration_s=0.05", "risk.max_drawdown=1e12", *ODD[name])
    opened = run("quickstart", settings=settings, out=tmp_path / "run")
    page = run_page([opened], policies_of(opened))
    assert figures_of(page)
    assert "Infinity" not in own(page)
    assert ("The run kept no mids" in page) == (name == "fills alone")
    assert ("No fills as maker." in page) == (name != "fills alone" and not len(opened.fills))
    assert ("no markouts: the run kept no mids" in page) == (name == "fills alone")


def test_a_killed_run_and_one_whose_plugin_failed_have_pages(tmp_path, monkeypatch):
    class Fails(Strategy):
        def on_fill(self, desk, fill):
            raise ValueError("<b>no</b>")

        def on_quote(self, desk):
            return desk.quote(bid_depth=0.1, ask_depth=0.1)

    monkeypatch.setattr("lobsim.tape.PART", 200)
    settings = ["duration_s=0.1", "on_plugin_error=bench"]
    opened = run("quickstart", strategies=["a-s", Fails()], settings=settings, out=tmp_path / "run")
    page = run_page([opened])
    assert "fails was taken out of the market: " in page
    assert "<b>no" not in own(page)
    cut_off(opened.folder)
    for part in sorted((opened.folder / "mids").glob("*"))[1:]:
        part.unlink()
    cut = Run(opened.folder)
    page = run_page([cut], policies_of(cut))
    assert "interrupted: what there is of the tape is shown" in page
    assert figures_of(page)
    for table in ("fills", "mids", "orders", "risk"):
        for part in (opened.folder / table).glob("*"):
            part.unlink()
    assert figures_of(run_page([Run(opened.folder)]))
