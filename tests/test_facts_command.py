"""`lobsim facts`: what it prints, the page that it writes, and what it refuses."""

import csv
import io
import json
import re

import pytest

import lobsim as library
import made_days
from kept_runs import lobsim
from reported import figures_of, pictures
from test_calibrate import REAL, real

SLOW = ["duration_s=60", "asset.price.step_ms=100", "asset.price.sigma=0.05", "asset.flow.A=5"]
AMZN = REAL / "AMZN_2012-06-21_0930_1130_message_1.csv.gz"
AMZN_BOOK = REAL / "AMZN_2012-06-21_0930_1130_orderbook_1.csv.gz"


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    return made_days.write_day(tmp_path_factory.mktemp("day"), 3, span_s=1200)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "busy"
    library.run("quickstart", settings=SLOW, out=folder)
    return folder


def test_a_run_beside_data(run, day):
    told, errors = lobsim("facts", run, "--data", day[0], "--book", day[1])
    assert told[0].startswith("busy, seed 1, replication 0, ")
    assert re.fullmatch(r"busy: \d+ market orders of 60\.0 s, tick 0\.01", told[1])
    assert re.fullmatch(r"message_1\.csv: [\d,]+ market orders of 1,199\.9 s, tick 0\.01", told[2])
    headings, *rows = told[4 : told.index("", 4)]
    assert headings.split("  ")[0] == "fact"
    assert re.search(r"run +95 % +data +95 % +run:data +all at once +verdict +unit", headings)
    verdicts = [re.search(r" (pass|FAIL|unclear)  ", row)[1] for row in rows]
    counts = [f"{verdicts.count(each)} {each}" for each in ("pass", "FAIL", "unclear")]
    assert f"{', '.join(counts)}, of {len(rows)} facts" in told
    assert any(re.match(r"market orders +[\d.]+ .* x [\d.]+ .* FAIL +per s", row) for row in rows)
    assert "  market orders: asset.flow A" in told
    assert any("intervals are mostly as wide as the former makes them" in line for line in errors)


def test_a_comparison_in_rows(run, day):
    words = ("facts", run, "--data", day[0], "--book", day[1], "--format")
    told, errors = lobsim(*words, "json")
    rows = {row["fact"]: row for row in json.loads("\n".join(told))}
    assert errors[0].startswith("busy, seed 1")
    spread = rows["spread"]
    assert spread["run_low"] < spread["run"] < spread["run_high"]
    assert spread["between"] == pytest.approx(spread["run"] / spread["data"])
    assert (spread["compared"], spread["must_show"]) == ("ratio", 1.5)
    signs = rows["signs, lag 1"]
    assert signs["between"] == pytest.approx(signs["run"] - signs["data"])
    assert signs["shows"] == pytest.approx((signs["between_high"] - signs["between_low"]) / 2)
    told, _ = lobsim(*words, "csv")
    assert [row["fact"] for row in csv.DictReader(io.StringIO("\n".join(told)))] == list(rows)


def test_a_run_alone_and_data_alone(run, day):
    for words, hint in (((run,), True), (("--data", day[0], "--book", day[1]), False)):
        told, _ = lobsim("facts", *words)
        assert any(re.match(r"known of markets +fact +value +all at once", line) for line in told)
        row = next(line for line in told if line.startswith("gaps are not exponential"))
        assert re.search(r"gaps, from exponential .* above 0\.\d+ +FAIL +Gould et al\. 2013", row)
        assert ("In a scenario this is a matter of:" in told) == hint
        told, _ = lobsim("facts", *words, "--format", "json")
        rows = {row["fact"]: row for row in json.loads("\n".join(told))}
        assert rows["gaps, from exponential"]["verdict"] == "FAIL"
        assert rows["spread"]["verdict"] is None
        assert rows["impact, power of size"]["verdict"] in ("unclear", "pass", "FAIL")


def test_the_seed_is_that_of_the_resamples(run):
    one, other = (lobsim("facts", run, "--seed", seed, "--format", "csv")[0] for seed in (5, 6))
    assert one == lobsim("facts", run, "--seed", 5, "--format", "csv")[0]
    assert one != other
    assert [line.split(",")[0] for line in one] == [line.split(",")[0] for line in other]


def test_the_page_has_a_picture_of_every_fact_and_replaces_its_own_alone(run, day, tmp_path):
    page = tmp_path / "facts.html"
    words = ("facts", run, "--data", day[0], "--book", day[1], "--report", page)
    told, _ = lobsim(*words)
    assert told[-1] == f"saved {page}"
    text = page.read_text()
    assert text.count("<table>") == 1
    drawn = pictures(text)
    assert (
        len(figures_of(text)) == len(drawn) == 10
    )  # of a book of one level there is no picture of depth
    for each in drawn:
        shown = [trace["name"] for trace in each["data"] if trace.get("showlegend", True)]
        assert shown[:2] == ["run", "data"]
        assert all(len(trace["x"]) == len(trace["y"]) > 0 for trace in each["data"])
    lobsim(*words)
    lobsim("facts", run, "--report", page)
    text = page.read_text()
    assert text.count("<table>") == 2
    assert len(pictures(text)) == 11
    mine = tmp_path / "mine.html"
    mine.write_text("mine")
    _, errors = lobsim("facts", run, "--report", mine, code=5)
    assert errors[-1] == f"error: {mine}: exists already, and is no page of lobsim's; move it away"


def test_what_cannot_be_done_is_told_in_one_line(run, day, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words, code, said in (
        (("--book", day[1]), 2, "--book goes with --data: it is the book of those messages"),
        ((day[0],), 2, f"{day[0]}: is a file, not a run: give messages with --data"),
        ((run, "--report", "a/b.html"), 2, "--report a/b.html: must be a file in a folder"),
        ((run, "--asset", "eth"), 2, "--asset eth: no such asset; there are: asset"),
        (("--data", day[0]), 2, "do not begin with an empty book: give --book"),
        (("gone",), 5, "no run 'gone'"),
        ((), 5, "no run in "),
    ):
        told, (error,) = lobsim("facts", *words, code=code)
        assert not told
        assert said in error


def test_a_run_that_is_too_short_for_the_data_is_refused(day, tmp_path):
    library.run("quickstart", out=tmp_path / "short")
    words = ("facts", tmp_path / "short", "--data", day[0], "--book", day[1])
    _, (error,) = lobsim(*words, code=5)
    assert re.fullmatch(
        r"error: short: [\d.]+ s are too short to compare moves of the mid, which changes every "
        r"0\.1\d* s: must be 50 s or more",
        error,
    )


@real
def test_real_markets_have_the_facts_that_are_known_of_all():
    told, _ = lobsim("facts", "--data", AMZN, "--book", AMZN_BOOK, "--format", "json")
    rows = {row["fact"]: row for row in json.loads("\n".join(told))}
    verdicts = [row["verdict"] for row in rows.values() if row["verdict"]]
    assert len(verdicts) == 14
    assert verdicts.count("pass") >= 10
    assert "FAIL" not in verdicts
    assert rows["spread"]["value"] == pytest.approx(0.1504, abs=5e-5)  # as others have found
    assert rows["sigma, 1 s"]["value"] == pytest.approx(0.0255, abs=5e-5)
    assert rows["market orders"]["value"] == pytest.approx(2 * 0.157, abs=1e-3)
    assert rows["orders through the touch"]["value"] == pytest.approx(0.05, abs=0.01)
