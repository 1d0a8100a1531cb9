"""Sweeps that are stopped, killed or damaged: nothing finished is lost, nothing bad is read."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from sweeps import kills

from lobsim import sweep
from lobsim.errors import Interrupted, ScenarioError, StorageError
from lobsim.seal import part_name
from lobsim.sweeps.folder import Locked, write_manifest
from lobsim.sweeps.verify import verify

LOBSIM = Path(sys.executable).parent / "lobsim"
SMALL = ("duration_s=0.1",)
PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
OVER = ("a-s.gamma=0.01,1", "asset.price.sigma=1,2")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def swept(*over, reps=30, **how):
    return sweep("quickstart", over or OVER, settings=SMALL, reps=reps, **how)


def parts(found):
    return sorted((found.folder / "replications").iterdir())


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return swept(out=tmp_path_factory.mktemp("undisturbed") / "sweep")


def test_a_finished_sweep_is_left_as_it_is_and_says_so():
    first = swept(reps=5)
    written = {path: path.stat().st_mtime_ns for path in first.folder.rglob("*")}
    told = []
    again = swept(reps=5, resume=True, tell=told.append)
    assert again == first
    assert told[-1] == f"{first.folder} is complete already: nothing is run"
    left = {path: path.stat().st_mtime_ns for path in first.folder.rglob("*")}
    assert left.pop(first.folder / "lock")
    written.pop(first.folder / "lock")
    assert left == written


def test_another_sweep_of_the_same_name_gets_its_own_folder():
    assert [str(swept(reps=1).folder) for _ in range(2)] == [
        "runs/sweep-quickstart", "runs/sweep-quickstart-2",
    ]  # fmt: skip


def test_a_sweep_that_was_asked_to_stop_goes_on_where_it_was(undisturbed):
    def asked():
        there = len(list(Path("runs").glob("*/replications/*.parquet")))
        return Interrupted(signal.SIGINT) if there >= 2 else None

    with pytest.raises(KeyboardInterrupt) as caught:
        swept(jobs=1, engine="event", stopping=asked)
    (note,) = caught.value.__notes__
    done = int(note.split()[0])
    assert re.fullmatch(r"\d+ of \d+ parts are finished and kept in \S+; --resume goes on", note)
    found = swept(resume=True)
    assert found.digest == undisturbed.digest
    assert len(parts(found)) > done > 0


def test_twenty_kills_lose_nothing_that_was_finished():
    """Killed at random moments and resumed until through, again and again."""
    assert kills(20, seed=7)


def test_the_workers_of_a_killed_sweep_end_too(tmp_path):
    command = [LOBSIM, "sweep", "quickstart", "--over", OVER[0], "--engine", "event"]
    with subprocess.Popen(command, **PIPES) as process:
        while not list(tmp_path.glob("runs/*/replications/part-*.parquet")):
            assert process.poll() is None
            time.sleep(0.05)
        process.kill()
        process.communicate(timeout=20)  # when the last of them lets go of its pipes


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_lets_what_is_under_way_be_finished(tmp_path, number, code):
    command = [LOBSIM, "sweep", "quickstart", "--over", OVER[0], "--engine", "event"]
    command += ["--set", "duration_s=0.2"]
    with subprocess.Popen(command, **PIPES) as process:
        while not list(tmp_path.glob("runs/*/replications/part-*.parquet")):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
        out, told = process.communicate(timeout=60)
    assert (process.returncode, out) == (code, b"")
    assert b"finishing what is under way; once more stops at once\n" in told
    assert told.endswith(
        b"parts are finished and kept in runs/sweep-quickstart; --resume goes on\n"
    )


def test_two_sweeps_into_one_folder_the_second_stops():
    folder = swept(reps=1).folder
    with Locked(folder), pytest.raises(StorageError, match=f"in use by process {os.getpid()}"):
        swept(reps=1, resume=True)


CHANGES = {
    "replications": ({"reps": 6}, r"reps \(6, was 5\)"),
    "seed": ({"seed": 2}, r"seed \(2, was 1\)"),
    "mode": ({"mode": "shared"}, r'mode \("shared", was "both"\)'),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_has_changed_since_is_named(change):
    swept(reps=5)
    how, said = CHANGES[change]
    with pytest.raises(ScenarioError, match=f"cannot be resumed: it differs in {said}$"):
        swept(**{"reps": 5, **how}, resume=True)


def test_a_changed_scenario_is_named_with_both_values():
    swept(reps=1)
    with pytest.raises(ScenarioError, match=r"differs in asset.flow.A \(100.0, was 140.0\)"):
        sweep("quickstart", OVER, settings=[*SMALL, "asset.flow.A=100"], reps=1, resume=True)


def test_a_folder_that_holds_a_sweep_is_not_written_over(tmp_path):
    swept(reps=1, out=tmp_path / "mine")
    with pytest.raises(StorageError, match="mine: holds a sweep already; --resume goes on with it"):
        swept(reps=1, out=tmp_path / "mine")
    assert swept(reps=1, out=tmp_path / "mine", resume=True).digest


def test_without_a_sweep_there_is_nothing_to_resume():
    with pytest.raises(StorageError, match=r"no sweep 'sweep-quickstart' in .*: begin it without"):
        swept(reps=1, resume=True)


# Damage


def test_a_damaged_part_is_found_and_run_again(undisturbed):
    found = swept()
    part = parts(found)[1]
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(data)
    assert verify(found.folder).problems == (
        f"{part}: damaged: its bytes have changed since they were written",
    )
    manifest = json.loads((found.folder / "sweep.json").read_text())
    manifest["state"] = "interrupted"  # as a kill leaves it
    told = []
    reopen(found.folder, manifest)
    assert swept(resume=True, tell=told.append).digest == undisturbed.digest
    assert f"{found.folder}: 1 damaged parts are run again" in told


def reopen(folder, manifest):
    manifest.pop("sha256")
    write_manifest(folder, manifest)


def test_a_good_sweep_is_verified():
    assert verify(swept().folder).problems == ()


def test_a_figure_that_was_tampered_with_is_found_by_running_it_again():
    """Hashes and table made to fit: only a second run of the replication can tell."""
    found = swept(reps=1)
    for part in parts(found):
        rows = pq.read_table(part).to_pandas()
        rows.loc[0, "fills"] += 1
        rows.to_parquet(part)
        part.rename(part.with_name(part_name(int(part.name.split("-")[1]), part.read_bytes())))
    manifest = json.loads((found.folder / "sweep.json").read_text())
    del manifest["files"]
    reopen(found.folder, manifest | {"state": "interrupted"})
    problems = verify(found.folder).problems
    assert len(problems) == 3
    assert all("isolated, a-s: fills is " in problem for problem in problems)
    assert all("lobsim run quickstart --seed 1 --rep 0 --set " in problem for problem in problems)
