"""Where a run is written: folders that cannot be, two runs at once, disks that fail."""

import errno
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from bad_disk import Disk
from cut_off import QUIET, faults_of, frames, play

from kept_runs import lobsim, parts
from lobsim.errors import StorageError
from lobsim.folder import new_folder
from lobsim.report.frames import Run
from lobsim.report.verify import verify

QUICK = ("quickstart", "--set", "duration_s=0.1", "--set", "summary_reps=0")


# Where a run goes


def test_c6_a_folder_below_a_loop_of_links_is_told(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    problem = f"error: {tmp_path}/loop/run: cannot write here: "
    assert lobsim("run", *QUICK, "--out", tmp_path / "loop/run", code=5)[1][0].startswith(problem)


def test_c13_of_many_runs_into_one_folder_one_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for out in (tmp_path / "a" / "b", None):
        made, refused = [], []
        start = threading.Barrier(12)

        def go(out=out, made=made, refused=refused, start=start):
            start.wait()
            try:
                made.append(new_folder(None, out, "quick"))
            except StorageError as error:
                refused.append(error)

        threads = [threading.Thread(target=go) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(made)) == len(made) == (12 if out is None else 1)
        assert len(made) + len(refused) == 12


# Disks that fail


def test_c8_a_full_disk_is_told_and_what_was_finished_stays(tmp_path, monkeypatch):
    monkeypatch.setattr("lobsim.tape.PART", 30)
    monkeypatch.setattr("lobsim.models.world.CHUNK", 30)
    out = tmp_path / "run"
    disk = Disk(out, at=40, code=errno.ENOSPC, forever=True)
    with disk.heard():
        told, [problem, kept] = lobsim("run", *QUICK, "--out", out, code=5)
    space = r"No space left on device; [\d,]+ bytes were wanted, [\d,]+ are free"
    assert re.fullmatch(rf"error: {out}/\S+: {space}", problem)
    assert (told, kept) == ([], f"what was recorded until then is in {out}")
    assert not list(out.rglob("*.tmp"))
    assert Run(out).manifest["state"] == "interrupted"
    assert (len(parts(out, "orders")) > 1, verify(out).problems) == (True, ())


def calls_of(tmp_path):
    disk = Disk(tmp_path / "counted")
    with disk.heard():
        play(tmp_path / "counted")
    return disk.calls


@pytest.mark.parametrize("which", [0, 1, 20, -1])
def test_c9_an_error_that_comes_only_when_a_file_is_closed_fails_the_run(tmp_path, which):
    (tmp_path / "noisy.py").write_text(QUIET)
    closed = [i for i, call in enumerate(calls_of(tmp_path), 1) if call == "close .tmp"]
    folder = tmp_path / "run"
    with (
        Disk(folder, at=closed[which], code=errno.EDQUOT).heard(),
        pytest.raises(StorageError, match="quota"),
    ):
        play(folder)
    assert list(faults_of(folder, frames(Run(tmp_path / "counted")))) == []
    assert which == 0 or Run(folder).manifest["state"] in ("failed", "interrupted")


LIMITED = """
import resource, sys
from lobsim import cli
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
cli.main()
"""


def test_c10_a_run_that_failed_at_its_end_for_the_size_of_a_file_can_be_verified(tmp_path):
    how = "run", "quickstart", "--set", "summary_reps=0", "--out", "run"
    done = subprocess.run([sys.executable, "-c", LIMITED, *how], cwd=tmp_path, capture_output=True)
    assert (done.returncode, done.stderr.count(b"error: ")) == (5, 1)
    assert lobsim("verify", tmp_path / "run")[0][0].startswith(f"{tmp_path}/run: failed: ")


@pytest.mark.parametrize("settings", [(), ('on_plugin_error="bench"',)])
def test_c8_a_disk_too_full_for_prints_is_not_the_fault_of_who_prints(
    tmp_path, settings, monkeypatch
):
    monkeypatch.setattr("cut_off.SETTINGS", ("duration_s=0.15", *settings))
    first = calls_of(tmp_path).index("write .txt") + 1
    folder = tmp_path / "run"
    with Disk(folder, at=first, code=errno.ENOSPC).heard(), pytest.raises(StorageError):
        play(folder)


# What is finished stays, after a loss of power as well


def test_e6_unfinished_files_are_named_and_not_read(tmp_path):
    run = play(tmp_path / "run").folder
    fills = len(Run(run).fills)
    left = sorted([run / "fills" / "part-00099-0123456789abcdef.parquet.tmp", run / "run.json.tmp"])
    for path in left:
        path.write_bytes(b"PAR1 and no more")
    told, errors = lobsim("verify", run)
    assert errors == []
    assert told[0].endswith(f"; unfinished files, not read: {left[0]}, {left[1]}")
    assert len(Run(run).fills) == fills


@pytest.fixture
def synced(tmp_path, monkeypatch):
    """What a run syncs and renames, in order."""
    calls, fsync, replace = [], os.fsync, os.replace

    def syncing(descriptor):
        calls.append(("sync", Path(os.readlink(f"/proc/self/fd/{descriptor}"))))
        fsync(descriptor)

    def renaming(old, new):
        calls.append(("rename", Path(new)))
        replace(old, new)

    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(os, "replace", renaming)
    play(tmp_path / "run")
    return calls


proc = pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="needs /proc")


@proc
def test_e8_a_file_is_synced_renamed_and_then_its_folder_synced(synced, tmp_path):
    renamed = [i for i, (what, _) in enumerate(synced) if what == "rename"]
    assert len(renamed) == len(list(tmp_path.glob("run/*/*.parquet"))) + 2
    for i in renamed:
        path = synced[i][1]
        assert synced[i - 1] == ("sync", path.with_name(f"{path.name}.tmp"))
        assert synced[i + 1] == ("sync", path.parent)


@proc
@pytest.mark.parametrize("new", [".", "fills"])
def test_e8_a_new_folder_is_synced_with_the_first_file_in_it(synced, tmp_path, new):
    folder = (tmp_path / "run" / new).resolve()
    inside = [i for i, (_, path) in enumerate(synced) if path.parent == folder]
    assert ("sync", folder.parent) in synced[: inside[2]]  # two calls a file


@proc
def test_e8_prints_are_synced_before_run_json_lists_them(synced, tmp_path):
    prints, manifest = tmp_path / "run" / "prints.txt", tmp_path / "run" / "run.json"
    last = max(i for i, call in enumerate(synced) if call == ("rename", manifest))
    assert ("sync", prints) in synced[:last]
