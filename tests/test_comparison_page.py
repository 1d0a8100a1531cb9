"""report.html of comparisons, kept and not, and of sweeps; which page a folder has."""

import json

import numpy as np
import pytest

from kept_runs import lobsim
from lobsim.compare import compare
from lobsim.pages import page_of, page_of_figures
from lobsim.report.comparison_page import comparison_page
from lobsim.setup import open_scenario
from reported import Reader, figures_of, own, pictures, traces

SHORT = ("--set", "duration_s=0.1")


@pytest.fixture(scope="module")
def compared():
    scenario = open_scenario("quickstart", ["duration_s=0.2"])
    return scenario, compare(scenario, reps=60, jobs=1)


def test_the_page_has_the_comparison_s_figures(compared):
    scenario, found = compared
    page = page_of_figures(scenario, found)
    assert figures_of(page)
    assert not Reader(page).links
    rows = {(row.mode, row.strategy): row for row in found.rows}
    (alone,) = traces(page, name="each alone")
    for x, mean, up, down in zip(
        alone["x"], alone["y"], alone["error_y"]["array"], alone["error_y"]["arrayminus"],
        strict=True,
    ):  # fmt: skip
        row = rows["isolated", ["a-s", "wide", "tight"][round(x)]]
        assert mean == row.profit_mean
        assert mean + up == pytest.approx(row.profit_high)
        assert mean - down == pytest.approx(row.profit_low)
    violins = traces(page, type="violin")
    assert [len(each["y"]) for each in violins] == [60] * 6
    assert violins[4]["y"] == found.summaries["shared"]["wide"].column("profit").tolist()


def test_paired_differences_have_their_simultaneous_intervals(compared):
    scenario, found = compared
    page = page_of_figures(scenario, found)
    drawn = [picture for picture in pictures(page) if "difference" in
             picture["layout"]["xaxis"]["title"]["text"]]  # fmt: skip
    assert [len(picture["data"]) for picture in drawn] == [2, 2, 3]
    told = [trace for picture in drawn for trace in picture["data"]]
    for trace, difference in zip(told, found.differences, strict=True):
        assert trace["x"] == [difference.mean]
        assert trace["error_x"]["array"][0] == pytest.approx(difference.high - difference.mean)
    assert "95 % for all 3 at once" in page
    assert "In company: in one book less alone" in page


def test_many_replications_are_drawn_by_their_quantiles():
    rng = np.random.default_rng(1)
    profits = {"shared": {"a": rng.normal(size=5000), "b": np.full(5000, 2.0)}}
    rows = [row_of("a"), row_of("b")]
    page = comparison_page("t", [], [], rows, profits)
    drawn = traces(page, type="violin")
    for each, values in zip(drawn, profits["shared"].values(), strict=True):
        assert len(each["y"]) == 401
        assert (min(each["y"]), max(each["y"])) == (values.min(), values.max())
        assert each["y"][200] == pytest.approx(np.median(values))


@pytest.mark.parametrize("value", [0.0, 1e12, -1e12])
def test_equal_values_outliers_and_one_replication_are_drawn(value):
    rows = [row_of("<b>", profit_mean=value, reps=1), row_of("a", reps=1)]
    profits = {"shared": {"<b>": np.array([value]), "a": np.array([0.0])}}
    page = comparison_page("t", [], [], rows, profits)
    assert figures_of(page)
    assert "b" not in Reader(page).tags
    low, high = pictures(page)[0]["layout"]["yaxis"]["range"]
    assert low < value < high


def row_of(strategy, **more):
    """A row of which little is known."""
    scenario = open_scenario("quickstart", ["duration_s=0.001"])
    known = compare(scenario, reps=1, jobs=1, mode="shared", strategies=["tight"]).as_dicts()[0]
    return known | {"strategy": strategy, "baseline": "a"} | more


# The commands


def test_report_of_a_kept_comparison_is_that_of_its_figures(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lobsim("compare", "quickstart", *SHORT, "--reps", 4, "--keep", "--report", "other.html")
    told, _ = lobsim("report", "quickstart-compare")
    assert told == ["saved runs/quickstart-compare/report.html"]
    kept = (tmp_path / told[0].removeprefix("saved ")).read_text()
    other = (tmp_path / "other.html").read_text()
    assert pictures(kept) == pictures(other)
    assert Reader(kept).tables == Reader(other).tables
    (tmp_path / "runs/quickstart-compare/comparison.json").write_text("[{]")
    _, errors = lobsim("report", "quickstart-compare", code=6)
    assert "comparison.json: damaged" in errors[0]
    lobsim("compare", "quickstart", "--report", "none/x.html", code=2)
    (tmp_path / "mine.html").write_text("mine")
    lobsim("compare", "quickstart", *SHORT, "--reps", 1, "--report", "mine.html", code=5)
    assert (tmp_path / "mine.html").read_text() == "mine"


def test_report_of_a_sweep_is_its_page_with_what_was_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lobsim("sweep", "quickstart", *SHORT, "--over", "a-s.gamma=0.1,1", "--reps", 4)
    told, _ = lobsim("report", "sweep-quickstart")
    folder = tmp_path / "runs/sweep-quickstart"
    assert told == ["saved runs/sweep-quickstart/report.html"]
    page, plots = (folder / "report.html").read_text(), (folder / "plots.html").read_text()
    assert pictures(page) == pictures(plots)
    assert json.loads((folder / "sweep.json").read_text())["digest"] in own(page)
    lobsim("verify", folder)


def test_several_runs_have_one_page_and_one_run_two(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    short = (*SHORT, "--set", "summary_reps=0")
    told, _ = lobsim("run", "quickstart", *short, "--name", "a", "--report")
    assert told[-2:] == ["page runs/a/report.html", "page runs/a/replay.html"]
    lobsim("run", "quickstart", *short, "--name", "b", "--rep", 1)
    told, _ = lobsim("report", "b")
    assert told == ["saved runs/b/report.html", "saved runs/b/replay.html"]
    told, _ = lobsim("report", "runs/a", "b")
    assert told == ["saved report.html"]
    assert (tmp_path / "report.html").read_text() == page_of(
        [tmp_path / "runs/a", tmp_path / "runs/b"]
    )
    lobsim("report", "a", "b", "--from", "0.1", code=2)
    lobsim("compare", "quickstart", *SHORT, "--reps", 1, "--keep")
    _, errors = lobsim("report", "a", "quickstart-compare", code=2)
    assert errors == [
        "error: runs/quickstart-compare: is a comparison; one page is of one of them, or of runs"
    ]
    lobsim("verify", "a")
