"""Sweeps: the same table wherever they run; what fails is told and what is impossible refused."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from lobsim import compare, sweep
from lobsim.errors import ScenarioError, UsageError
from started import Started

LOBSIM = Path(sys.executable).parent / "lobsim"
SMALL = ("duration_s=0.1",)
OVER = ("a-s.gamma=0.01,1", "asset.price.sigma=1,2")
WHERE = {
    "threads": {"engine": "compiled", "backend": "threads"},
    "one thread": {"engine": "compiled", "jobs": 1},
    "four threads": {"engine": "compiled", "jobs": 4},
    "processes": {"engine": "event", "backend": "loky"},
    "one process": {"engine": "event", "jobs": 1},
    "compiled in processes": {"engine": "compiled", "backend": "loky"},
    "events in threads": {"engine": "event", "backend": "threads"},
}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def swept(*over, reps=30, **how):
    return sweep("quickstart", over or OVER, settings=SMALL, reps=reps, **how)


def table(found):
    return [
        (*row.values, row.mode, row.strategy, row.statistic, row.value) for row in found.results
    ]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return swept(out=tmp_path_factory.mktemp("undisturbed") / "sweep")


@pytest.mark.parametrize("where", WHERE)
def test_the_table_is_the_same_wherever_it_is_made(undisturbed, where):
    found = swept(**WHERE[where])
    assert found.results == undisturbed.results
    assert found.digest == undisturbed.digest


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_the_table_is_the_same_however_workers_are_started(undisturbed, method, monkeypatch):
    monkeypatch.setattr("lobsim.sweeps.sweep.pool_of", lambda *_: Started(method, 2))
    assert swept(engine="event").digest == undisturbed.digest


def test_a_point_is_the_comparison_of_its_scenario(undisturbed):
    settings = [*SMALL, "a-s.gamma=1", "asset.price.sigma=2"]
    alone = compare("quickstart", settings=settings, reps=30)
    found = {(m, s): v for g, sd, m, s, what, v in table(undisturbed)
             if (g, sd, what) == (1, 2, "profit")}  # fmt: skip
    assert found == {(row.mode, row.strategy): row.profit_mean for row in alone.rows}
    apart = {(m, s): v for g, sd, m, s, what, v in table(undisturbed)
             if (g, sd, what) == (1, 2, "difference")}  # fmt: skip
    assert apart == {(each.mode, each.strategy): each.mean for each in alone.differences}


def test_points_are_all_combinations_the_last_axis_first(undisturbed):
    points = dict.fromkeys((row.point, row.values) for row in undisturbed.results)
    assert list(points) == [(0, (0.01, 1.0)), (1, (0.01, 2.0)), (2, (1.0, 1.0)), (3, (1.0, 2.0))]


def test_who_takes_part_can_be_an_axis():
    found = swept("strategies=a-s,wide+tight", reps=5, mode="shared")
    who = {(row.values, row.strategy) for row in found.results}
    assert who == {(("a-s",), "a-s"), (("wide+tight",), "wide"), (("wide+tight",), "tight")}


def test_what_is_written_can_be_read_by_anyone(undisturbed):
    rows = pq.read_table(undisturbed.folder / "results.parquet").to_pylist()
    assert len(rows) == len(undisturbed.results)
    assert rows[0] == {
        "point": 0, "a-s.gamma": 0.01, "asset.price.sigma": 1.0, "mode": "isolated",
        "strategy": "a-s", "statistic": "profit", "value": undisturbed.results[0].value,
        "low": undisturbed.results[0].low, "high": undisturbed.results[0].high,
    }  # fmt: skip
    head, first, *_ = (undisturbed.folder / "results.csv").read_text().splitlines()
    assert head == "point,a-s.gamma,asset.price.sigma,mode,strategy,statistic,value,low,high"
    assert first.startswith(f"0,0.01,1.0,isolated,a-s,profit,{undisturbed.results[0].value!r},")
    replications = pq.read_table(undisturbed.folder / "replications")
    assert replications.num_rows == 4 * 30 * 6
    assert {"point", "mode", "strategy", "replication", "profit"} <= {*replications.column_names}


# Failures

TOUCHY = """
import os, signal
from dataclasses import dataclass
from lobsim import Strategy, hookimpl

@dataclass
class Touchy(Strategy):
    half_spread: float = 0.7

    def on_quote(self, desk):
        if self.half_spread == 0.8:
            {fault}
        return desk.quote(bid_depth=self.half_spread, ask_depth=self.half_spread, size=1)

@hookimpl
def lobsim_strategies():
    return {{"touchy": Touchy}}
"""


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("1 / 0", "strategy 'touchy': on_quote at 0 s: ZeroDivisionError: division by zero"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "worker killed (signal 9; likely out of memory)"),
    ],
)
def test_points_that_fail_are_told_and_the_others_have_results(tmp_path, fault, reason):
    (tmp_path / "touchy.py").write_text(TOUCHY.format(fault=fault))
    command = [LOBSIM, "sweep", "quickstart", "--set", *SMALL, "--with", "touchy.py", "--reps", "2"]
    command += ["--over", "touchy.half_spread=0.7,0.8,0.9", "--jobs", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 7, done.stderr
    (error,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert error.startswith(f"error: point 1, replications 0 to 1: {reason}")
    assert "1 point with failures" in done.stdout
    rows = pq.read_table("runs/sweep-quickstart/results.parquet").to_pylist()
    assert {row["touchy.half_spread"] for row in rows} == {0.7, 0.9}
    assert json.loads(Path("runs/sweep-quickstart/sweep.json").read_text())["state"] == "failed"


# What is refused before anything runs

REFUSED = {
    "an unknown parameter": (("a-s.gama=1,2",), ScenarioError, "--over a-s.gama=1: .*'gamma'"),
    "an unknown key": (("asset.price.simga=1,2",), ScenarioError, "unknown key"),
    "a value that is not allowed": (("a-s.gamma=1,-1",), ScenarioError, "--over a-s.gamma=-1"),
    "an unknown strategy": (("strategies=a-s,b-s",), UsageError, "no strategy 'b-s'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_impossible_point_is_told_before_anything_runs(case):
    over, kind, said = REFUSED[case]
    with pytest.raises(kind, match=said):
        swept(*over)
    assert os.listdir() == []


def test_what_would_take_long_is_asked_about_first():
    asked = []

    def no(size, long):
        asked.append((size, long))
        return False

    axes = ("a-s.gamma=0.1:1:1000", "asset.price.sigma=1:2:10000")
    with pytest.raises(UsageError, match=r"10,000,000 points.*not begun; --yes if it may"):
        swept(*axes, confirm=no)
    assert asked[0][1]
    assert os.listdir() == []
    swept("a-s.gamma=1,2", reps=1, confirm=lambda size, long: not long)
