"""What goes wrong while a run writes and prints, C8 to C14; JSON, empty runs, statistics of one and
long tapes, E5, E13 to E15; and what is just allowed, A7, A15, A16, B9 and B10.
"""

import contextlib
import errno
import io
import json
import os
import pty
import re
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import pytest

from lobsim import load_scenario, open_run
from lobsim.cli import main
from lobsim.errors import ScenarioError
from lobsim.scenario.load import shipped
from lobsim.setup import open_scenario, prepare
from lobsim.simulate import simulate
from lobsim.tape import Tape

LOBSIM = str(Path(sys.executable).with_name("lobsim"))
SHORT = ["--set", "duration_s=0.02", "--set", "summary_reps=0"]
QUICK = ["quickstart", *SHORT]
COMPARE = ["compare", *QUICK, "--reps", "1", "--jobs", "1", "--mode", "shared"]
FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def lobsim(tmp_path, tmp_path_factory, monkeypatch, capsys):
    """Call the command in an empty folder: its exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("reports")))
    monkeypatch.setattr("lobsim.cli.SIGNALS", (), raising=False)

    def called(*arguments):
        monkeypatch.setattr(sys, "argv", ["lobsim", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    return called


@pytest.fixture
def started(tmp_path, tmp_path_factory):
    """Start the command as a process of its own, in the same folder, by a line of sh."""
    reports = {**os.environ, "TMPDIR": str(tmp_path_factory.mktemp("reports"))}

    def process(*arguments, line='exec "$@"', env=(), stdout=subprocess.PIPE):
        command = ["sh", "-c", line, "sh", LOBSIM, *arguments]
        how = {"cwd": tmp_path, "env": {**reports, **dict(env)}, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, stdout=stdout, **how)

    return process


def ended(process):
    """Its exit code, stdout and the lines of its stderr."""
    with process:
        out, err = process.communicate(timeout=60)
    assert b"Traceback" not in err
    return process.returncode, out.decode(), err.decode().splitlines()


def manifests(folder):
    """What every run.json says, in strict JSON."""
    found = sorted(folder.rglob("run.json"))
    return [json.loads(path.read_text(), parse_constant=pytest.fail) for path in found]


def disk_fills(monkeypatch, place, at):
    """From now on a file whose path has `place` in it fails when it is written, or closed."""

    class Full(io.FileIO):
        def write(self, data):
            if at == "write":
                raise FULL
            return super().write(data)

        def close(self):
            was_open = not self.closed
            super().close()
            if was_open and at == "close":
                raise FULL

    def open_path(path, mode="r", **how):
        return Full(path, "w") if place in str(path) and "w" in mode else opened(path, mode, **how)

    opened = Path.open
    monkeypatch.setattr(Path, "open", open_path)


@pytest.mark.parametrize("at", ["write", "close"])
def test_c8_c9_a_full_disk_ends_the_run(lobsim, tmp_path, monkeypatch, at):
    disk_fills(monkeypatch, "mids/part", at)
    code, _, err = lobsim("run", *QUICK)
    problem, note = err.splitlines()
    told = r"error: (\S+/mids/part-\S+: No space left on device; .* were wanted, .* are free)"
    assert code == 5
    assert note == "what was recorded until then is in runs/quickstart"
    assert not list(tmp_path.rglob("*.tmp"))
    (manifest,) = manifests(tmp_path)
    assert manifest["state"] == "failed"
    assert manifest["problems"] == [re.fullmatch(told, problem).group(1)]


def test_c8_runs_that_were_complete_are_kept(lobsim, tmp_path, monkeypatch):
    disk_fills(monkeypatch, "000002/orders/part", "write")
    assert lobsim(*COMPARE, "--reps", "4", "--keep")[:2] == (5, "")
    assert [each["state"] for each in manifests(tmp_path)] == ["complete", "complete", "failed"]
    kept = tmp_path / "runs" / "quickstart-compare" / "shared" / "000001"
    assert len(open_run(kept).mids) > 20


def test_c10_a_limit_on_the_size_of_files_is_told(started, tmp_path):
    how = {"line": 'ulimit -f 40; exec "$@"'}
    code, _, (problem, _) = ended(started("run", "quickstart", *SHORT[2:], **how))
    assert code == 5
    assert re.match(
        r"error: \S+/part-\S+: larger than this process may write \(ulimit -f\)", problem
    )
    assert [manifest["state"] for manifest in manifests(tmp_path)] == ["failed"]


@pytest.mark.parametrize(
    ("line", "code", "lines"),
    [
        pytest.param('exec "$@" >/dev/full', 5, 1, id="C8 full disk"),
        pytest.param('exec "$@" >&-', 0, 0, id="C11 closed at the start"),
    ],
)
def test_c8_c11_a_stdout_that_takes_nothing_is_no_defect(started, line, code, lines):
    ended_with, _, err = ended(started("scenarios", line=line))
    assert (ended_with, len(err)) == (code, lines)


def test_c11_a_reader_that_goes_away_ends_it_quietly(started):
    process = started("scenarios")
    process.stdout.close()
    with process:
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.parametrize("columns", [20, 80, 200])
def test_c12_a_narrow_terminal_shows_the_same(lobsim, started, columns):
    terminal, end = pty.openpty()
    line = f'stty cols {columns} <&1; exec "$@"'
    process = started(*COMPARE, line=line, env={"TERM": "xterm", "NO_COLOR": "1"}, stdout=end)
    os.close(end)
    shown = b""
    with process, contextlib.suppress(OSError):  # the other end is closed
        while part := os.read(terminal, 1 << 16):
            shown += part
    os.close(terminal)
    plain = re.sub(r"\x1b\[[\d;]*m", "", shown.decode())
    wide = lobsim(*COMPARE)[1]
    assert set(plain.split()) == set(wide.split())
    assert (plain.split() == wide.split()) == (columns == 200)
    assert max(map(len, plain.splitlines()[1:5])) <= max(columns, 23)  # a name and a column


@pytest.mark.parametrize(("out", "codes"), [(["--out", "same"], [0, 5]), ([], [0, 0])])
def test_c13_two_runs_at_once_never_write_into_one_folder(started, tmp_path, out, codes):
    both = [started("run", *QUICK, *out) for _ in range(2)]
    assert sorted(ended(process)[0] for process in both) == codes
    assert [manifest["state"] for manifest in manifests(tmp_path)] == ["complete"] * codes.count(0)


@pytest.mark.parametrize(
    ("arguments", "env", "code", "told"),
    [
        ([b"none\xe9.toml"], {}, 3, "error: none\\udce9.toml: no such file"),
        ([*QUICK, "--name", b"\xe9"], {}, 5, "error: --name '\\udce9': must be letters"),
        ([*QUICK, "--with", b"\xe9.py"], {}, 4, "error: plugin '\\udce9.py': No such file"),
        ([b"\xe9.toml", *SHORT], {}, 3, "error: \\udce9.toml: its name is not UTF-8"),
        ([*QUICK, "--out", b"\xe9"], {}, 5, "error: --out \\udce9: not UTF-8"),
        (QUICK, {"PYTHONIOENCODING": "ascii"}, 0, ""),
    ],
    ids=["missing", "name", "plugin", "scenario", "out", "C12"],
)
def test_c14_a_name_that_is_not_utf_8_works_or_is_told_readably(
    started, tmp_path, arguments, env, code, told
):
    (tmp_path / "\udce9.toml").write_bytes(shipped()["quickstart"].read_bytes())
    ended_with, _, err = ended(started("run", *arguments, env=env))
    assert (ended_with, "".join(err)[: len(told)]) == (code, told)
    assert len(err) == (code != 0)


EDGES = {  # what is set, and what is said
    "A7 no aversion": (["a-s.gamma=0"], " a-s "),
    "A15 no seed": ([], " seed 1 "),
    "A16 E13 no orders": (["asset.flow.A=0"], "\n no fills\n no market orders: asset.flow.A = 0\n"),
    "E14 one step": (["duration_s=1e-9", "asset.price.step_ms=1e-6"], "\n no fills\n"),
    "E14 one replication": (["summary_reps=1"], " -   drawdown "),
}


@pytest.mark.parametrize("entry", EDGES)
def test_the_edge_of_what_is_allowed_is_told_without_nan_and_warnings(lobsim, tmp_path, entry):
    settings, words = EDGES[entry]
    changes = [word for setting in settings for word in ("--set", setting)]
    code, out, err = lobsim("run", *QUICK, *changes)
    assert (code, err) == (0, "")
    assert words in out
    forms = ("table", "csv", "json")
    told = [lobsim(*COMPARE, *changes, "--format", form)[1] for form in forms]
    assert not re.search(r"\b(NaN|nan|Infinity|inf|None)\b", "\n".join([out, *told]))
    assert all(row["reps"] == 1 and row["profit_sd"] is None for row in json.loads(told[-1]))
    assert len(manifests(tmp_path)) == 1


def test_e5_a_parameter_that_json_cannot_hold_is_refused():
    with pytest.raises(ScenarioError, match=r"ladder=\[inf, nan\]: must hold finite numbers only"):
        load_scenario("quickstart", ["wide.ladder=[inf, nan]"])


def test_e15_a_long_tape_is_handed_on_in_parts_and_memory_is_flat(monkeypatch):
    monkeypatch.setattr("lobsim.tape.PART", 200)
    monkeypatch.setattr("lobsim.models.world.CHUNK", 64)
    peaks, parts = [], []
    for duration in (0.25, 1):
        setup = prepare(open_scenario("quickstart", [f"duration_s={duration}"]))
        tape = Tape(SimpleNamespace(write=lambda name, rows: parts.append(len(rows))))
        tracemalloc.start()
        simulate(setup, 1, 0, tape=tape)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (len(parts) > 20, max(parts) < 456, peaks[1] < 1.5 * peaks[0]) == (True, True, True)


def test_b9_b10_a_byte_order_mark_and_windows_line_ends_change_no_result(lobsim, tmp_path):
    text = shipped()["quickstart"].read_bytes()
    for how in (text, b"\xef\xbb\xbf" + text, text.replace(b"\n", b"\r\n")):
        (tmp_path / "my.toml").write_bytes(how)
        assert lobsim("run", "my.toml", *SHORT)[0] == 0
    assert len({manifest["digest"] for manifest in manifests(tmp_path)}) == 1
