"""Sweeps on a real dask scheduler with two workers on this machine."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lobsim import sweep
from lobsim.errors import UsageError
from lobsim.workers import cluster
from lobsim.workers.pools import pool_of

DASK = Path(sys.executable).parent / "dask"
LOCAL = "--host", "127.0.0.1", "--no-dashboard"
OVER = ("a-s.gamma=0.01,1", "asset.price.sigma=1,2")
SMALL = ("duration_s=0.1",)


def started(*command):
    """A dask process, and what it says."""
    words = [DASK, *command]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def heard(process, pattern):
    """Its first line that says so."""
    for line in process.stderr:
        if found := re.search(pattern, line):
            return found
    raise AssertionError(f"never said {pattern}")


@pytest.fixture(scope="module")
def scheduler():
    with started("scheduler", *LOCAL, "--port", "0") as process:
        yield heard(process, r"tcp://127.0.0.1:\d+").group()
        process.send_signal(signal.SIGTERM)


@pytest.fixture(scope="module")
def workers(scheduler):
    two = [started("worker", scheduler, *LOCAL, "--nthreads", "1") for _ in range(2)]
    for each in two:
        heard(each, "Starting established connection")
    yield scheduler
    for each in two:
        each.send_signal(signal.SIGTERM)
        each.communicate(timeout=30)


def test_a_scheduler_without_workers_cannot_serve(scheduler):
    with pytest.raises(UsageError, match=f"--address {scheduler}: has no workers: start one with"):
        pool_of("dask", 2, scheduler)


@pytest.mark.parametrize("engine", ["compiled", "event"])
def test_a_cluster_finds_what_this_machine_finds(workers, engine, tmp_path):
    here = sweep("quickstart", OVER, settings=SMALL, reps=30, out=tmp_path / "here")
    there = sweep(
        "quickstart", OVER, settings=SMALL, reps=30, out=tmp_path / "there", engine=engine,
        address=workers,
    )  # fmt: skip
    assert there.results == here.results
    assert there.digest == here.digest


def test_workers_with_other_versions_cannot_serve(workers, monkeypatch):
    monkeypatch.setattr(cluster, "here", lambda: {"numpy": "0.1"})
    with pytest.raises(UsageError) as caught:
        pool_of("dask", 2, workers)
    told = re.fullmatch(
        rf"--address {workers}: worker \S+ has numpy \S+, here is 0.1", caught.value.problems[0]
    )
    assert told
    assert len(caught.value.problems) == 2


def test_an_address_where_nobody_answers_is_told(monkeypatch):
    monkeypatch.setattr(cluster, "ANSWER_S", 1)
    with pytest.raises(UsageError, match=r"--address tcp://127.0.0.1:9: no scheduler answers"):
        pool_of("dask", 2, "tcp://127.0.0.1:9")


def test_without_an_address_there_is_no_cluster():
    with pytest.raises(UsageError, match="--backend dask: needs its scheduler's --address"):
        pool_of("dask", 2, None)
