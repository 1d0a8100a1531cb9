"""`lobsim calibrate`: what it prints, the scenario and the page that it writes."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

import made_days
from lobsim.cli import main
from lobsim.setup import open_scenario


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    return made_days.write_day(tmp_path_factory.mktemp("day"), 3, span_s=600)


@pytest.fixture
def lobsim(capsys, monkeypatch):
    """Run a command line: its exit code, stdout and stderr."""

    def call(*words):
        monkeypatch.setattr("sys.argv", ["lobsim", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return ended.value.code, told.out, told.err

    return call


def test_a_calibration_is_printed_in_all_forms(lobsim, day):
    code, told, aside = lobsim("calibrate", day[0], "--book", day[1])
    assert code == 0
    assert re.fullmatch(r"warning: 100% of the orders stop at the best quote, .+\n", aside)
    assert re.match(r"[\d,]+ market orders of 599\.\d s\n", told)
    assert re.search(r"(?m)^k, likelihood +0\.\d+ +0\.\d+ +0\.\d+ +per tick$", told)
    assert re.search(r"(?m)^sizes: (geometric|lognormal) is the likelier by \d+\.\d", told)
    _, told, _ = lobsim("calibrate", day[0], "--book", day[1], "--format", "json")
    figures = {(row["figure"], row["unit"]): row for row in json.loads(told)}
    found = figures["A, likelihood", "per s and side"]
    assert found["low"] < made_days.A < found["high"]
    sigma = figures["sigma, two scales", "currency per sqrt(s)"]
    assert sigma["low"] < 0.01 * made_days.SIGMA < sigma["high"]
    _, told, _ = lobsim("calibrate", day[0], "--book", day[1], "--format", "csv")
    assert len(list(csv.DictReader(io.StringIO(told)))) == len(figures)
    one = lobsim("calibrate", day[0], "--book", day[1], "--seed", 5)
    assert one == lobsim("calibrate", day[0], "--book", day[1], "--seed", 5)
    assert one != lobsim("calibrate", day[0], "--book", day[1], "--seed", 6)


def test_the_scenario_runs_as_it_is_and_nothing_is_overwritten(lobsim, day, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = ("calibrate", day[0], "--book", day[1], "--out", "made.toml", "--report")
    code, told, _ = lobsim(*given)
    assert code == 0
    assert told.endswith("saved made.toml and made.html\n")
    asset = open_scenario("made.toml").asset
    _, told, _ = lobsim("calibrate", day[0], "--book", day[1], "--format", "json")
    figures = {row["figure"]: row["value"] for row in json.loads(told)}
    assert float(asset.flow.A) == pytest.approx(figures["A, likelihood"], rel=1e-5)
    assert float(asset.flow.k) == pytest.approx(figures["k, likelihood"] / 0.01, rel=1e-5)
    assert float(asset.price.sigma) == pytest.approx(figures["sigma, two scales"], rel=1e-5)
    text = (tmp_path / "made.toml").read_text()
    assert re.search(r"(?m)^# k, tail +0\.\d+ +-?0\.\d+ to 0\.\d+ +per tick$", text)
    assert max(map(len, text.splitlines())) <= 100
    code, told, aside = lobsim("compare", "made.toml", "--reps", 2, "--set", "duration_s=5")
    assert code == 0, aside
    assert re.findall(r"(?m)^ (a-s|hjb|fixed) ", told)[:3] == ["a-s", "hjb", "fixed"]
    assert "k 0.3" in (tmp_path / "made.html").read_text()
    code, _, aside = lobsim(*given)
    assert (code, aside) == (5, "error: --out made.toml: exists already; nothing is overwritten\n")
    assert (tmp_path / "made.toml").read_text() == text
    code, told, _ = lobsim("calibrate", day[0], "--book", day[1], "--report")
    stem = Path(day[0]).name.partition(".")[0]
    assert (code, told.splitlines()[-1]) == (0, f"saved {stem}.html")
    code, _, aside = lobsim("calibrate", day[0], "--book", day[1], "--report")
    assert (code, aside.count("exists already")) == (5, 1)


def test_the_hawkes_flow_that_it_offers_is_one(lobsim, day, tmp_path):
    path = tmp_path / "made.toml"
    lobsim("calibrate", day[0], "--book", day[1], "--out", path)
    text = path.read_text().replace('model = "poisson"', 'model = "hawkes"')
    path.write_text(re.sub(r"(?m)^# (own|decay) = ", r"\1 = ", text))
    flow = open_scenario(str(path)).asset.flow
    assert 0 <= flow.own < 1
    assert flow.decay > 0


def test_a_book_of_one_tick_gives_no_scenario(lobsim, tmp_path):
    messages, book = made_days.write_day(tmp_path, 1, span_s=120, widest=1)
    code, _, aside = lobsim("calibrate", messages, "--book", book)
    assert code == 0
    assert "warning: the spread is one tick for 100.0% of the time" in aside
    out = tmp_path / "made.toml"
    code, _, aside = lobsim("calibrate", messages, "--book", book, "--out", out)
    assert code == 2
    assert re.fullmatch(r"error: --out: there is no scenario to write: the spread .+\n", aside)
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--lot", "0"), 2, "--lot 0: must be a whole number from 1"),
        (("--out", "made.yaml"), 5, "--out made.yaml: must end in .toml"),
        (("--tick", "0.03"), 5, "no whole number of ticks of 0.03"),
        ((), 2, "do not begin with an empty book: give --book"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(lobsim, day, words, code, told):
    found, out, aside = lobsim("calibrate", day[0], *words)
    assert (found, out, aside.count("\n")) == (code, "", 1)
    assert told in aside
