"""Runs that are stopped: what is on the tape stays, and run.json says so."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lobsim.engines import FIRST
from lobsim.report.frames import Run

LOBSIM = Path(sys.executable).parent / "lobsim"
PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
ENDINGS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


@pytest.mark.parametrize("number", ENDINGS)
def test_a_signal_ends_a_run_and_the_tape_says_so(tmp_path, number):
    long = "quickstart", "--set", "duration_s=2000", "--set", "asset.price.sigma=0"
    with subprocess.Popen([LOBSIM, "run", *long], cwd=tmp_path, **PIPES) as process:
        while not (tmp_path / "runs" / "quickstart" / "run.json").exists():
            assert process.poll() is None
            time.sleep(0.02)
        time.sleep(0.3)
        process.send_signal(number)
        kept = b"what was recorded until then is in runs/quickstart\n"
        out, told = process.communicate(timeout=60)
    assert (out, told.removeprefix(f"{FIRST}\n".encode())) == (b"", kept)
    assert process.returncode == ENDINGS[number]
    assert Run(tmp_path / "runs" / "quickstart").manifest["state"] == "interrupted"
