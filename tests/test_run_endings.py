"""How runs end: by Ctrl-C, by an error while another is told, with no fills, after a long time."""

import errno
import itertools
import json
import re
import signal
import subprocess
import sys
import time

import pytest
from bad_disk import Disk
from cut_off import TABLES, faults_of, frames, play

from kept_runs import cut_off, lobsim, parts
from lobsim.engines import FIRST
from lobsim.errors import LobsimError
from lobsim.part_writer import PartWriter
from lobsim.report.frames import Run
from lobsim.report.verify import verify

FIRST_CALLS = ("mkdir", "open", "write", "close", "fsync", "replace", "open to read", "fsync")
IN_PARTS = "import lobsim.tape as t, lobsim.cli as c; t.PART = 500; c.main()"
LONG = ("quickstart", "--set", "duration_s=2000", "--set", "asset.price.sigma=0", "--out", "run")
NO_FILLS = ("quickstart", "--set", "duration_s=0.05", "--strategies", "wide", "--set",
            "wide.half_spread=50", "--set", "summary_reps=2")  # fmt: skip


# Ctrl-C


@pytest.mark.parametrize("pause", [0, 0.003, 0.03])
def test_e9_ctrl_c_twice_ends_a_run_at_once_and_the_folder_is_consistent(tmp_path, pause):
    with subprocess.Popen(
        [sys.executable, "-c", IN_PARTS, "run", *LONG], cwd=tmp_path, stderr=subprocess.PIPE
    ) as process:
        while len(parts(tmp_path / "run", "orders")) < 3:
            assert process.poll() is None
            time.sleep(0.01)
        for _ in range(2):
            process.send_signal(signal.SIGINT)
            time.sleep(pause)
        _, err = process.communicate(timeout=20)
    assert process.returncode in (130, -signal.SIGINT)  # the second may come as Python ends
    err = err.removeprefix(f"{FIRST}\n".encode())  # where no run has compiled it yet
    assert err in (b"what was recorded until then is in run\n", b"")
    run = Run(tmp_path / "run")
    assert run.manifest["state"] == "interrupted"
    assert verify(run.folder).problems == ()
    seen = [seq for table in TABLES for seq in getattr(run, table).get("seq", ())]
    assert len(seen) - len(run.fills) // 2 == len(set(seen))  # fills have two rows a trade


@pytest.fixture
def interruptible():
    """Ctrl-C does here what it does in a program; the workers of pytest-xdist are deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("which", [2, 12])
def test_e9_ctrl_c_as_a_part_is_finished_puts_no_row_twice_on_the_tape(
    tmp_path, monkeypatch, interruptible, which
):
    whole, write, count = frames(play(tmp_path / "whole")), PartWriter.write, itertools.count(1)

    def writing(self, name, rows):
        write(self, name, rows)
        if next(count) == which:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(PartWriter, "write", writing)
    with pytest.raises(KeyboardInterrupt):
        play(tmp_path / "run")
    assert list(faults_of(tmp_path / "run", whole)) == []


def test_e6_a_killed_run_can_be_shown(tmp_path):
    cut_off(play(tmp_path / "run").folder)
    assert "interrupted" in repr(Run(tmp_path / "run"))


# Errors


def test_a_failed_run_has_no_digest(tmp_path):
    counted, folder = Disk(tmp_path / "whole"), tmp_path / "run"
    with counted.heard():
        play(tmp_path / "whole")
    *_, last, _ = (i for i, call in enumerate(counted.calls, 1) if call == "open .tmp")
    with Disk(folder, at=last, code=errno.ENOSPC).heard(), pytest.raises(LobsimError):
        play(folder)
    failed = Run(folder)
    assert (failed.manifest["state"], failed.digest) == ("failed", "")


# No fills, and very many


def test_e13_a_run_without_fills_says_so_and_has_no_ratios(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told, errors = lobsim("run", *NO_FILLS, "--out", "run")
    assert errors == []
    assert " no fills" in told
    for by in (), ("--group-by", "strategy,side"), ("--where", "size > 1"):
        assert lobsim("fills", "run", *by)[0][1:] == ["no fills"]
        assert json.loads(lobsim("fills", "run", *by, "--format", "json")[0][0]) == []
    sums = "select count(*) n, sum(spread_earned) / sum(size) ratio from fills"
    told, _ = lobsim("sql", "run", sums, "--format", "json")
    assert json.loads("".join(told)) == [{"n": 0, "ratio": None}]
    assert lobsim("sql", "run", sums)[0][2].split() == ["0", "-"]
    assert lobsim("explain", "run", "--fill", "1", code=2) == (
        [], ["error: --fill 1: the run has no fills"],
    )  # fmt: skip
    assert lobsim("verify", "run")[0][1] == "every byte is as it was written"
    opened = Run(tmp_path / "run")
    assert (len(opened.fills), len(opened.fills.columns) > 15) == (0, True)
    assert set(opened.equity["equity"]) == {0.0}
    rows = "".join(lobsim("compare", *NO_FILLS, "--reps", "2", "--format", "json")[0])
    assert not re.search("NaN|Infinity", rows)
    assert {row["fills_mean"] for row in json.loads(rows)} == {0}


PEAKS = """
import resource, sys, lobsim
from pathlib import Path
from lobsim import tape
tape.PART = 300
for seconds in 10, 50, 150:  # the first for what is allocated once
    settings = f"duration_s={seconds}", "asset.price.sigma=0.01"
    run = lobsim.run(
        "quickstart", settings=settings, out=Path(str(seconds)), audited=False, engine=sys.argv[1]
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(f"{sum(run.manifest['rows'].values())} {peak}\\n")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kB on Linux alone")
@pytest.mark.parametrize("engine", ["event", "compiled"])
def test_e15_a_run_three_times_as_long_takes_no_more_memory(tmp_path, engine):
    done = subprocess.run(
        [sys.executable, "-c", PEAKS, engine],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    _, (rows, peak), (more, higher) = (map(int, line.split()) for line in done.stdout.splitlines())
    assert more > 2.9 * rows
    assert higher - peak < 12_000  # kB; the rows themselves are twice that, and more
