"""Bad command lines and paths, C1 to C7, C12, C15 and C17, and files that are no scenario, B8 to
B15: every problem is told in one line, and nothing is written.  C8 to C14: test_bad_results.
"""

import itertools
import os
import re
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import pytest

from lobsim.cli import main
from lobsim.report.frames import Run

QUICK = ["quickstart", "--set", "duration_s=0.02", "--set", "summary_reps=0"]
TEXT = "version = 1\n[asset]\ntick = 0.1\n"


def cases(*rows):
    """Parameters of (entry, values..., why it is not met yet: "" if it is)."""
    return [
        pytest.param(
            *values, id=entry, marks=[pytest.mark.xfail(strict=True, reason=why)] if why else []
        )
        for entry, *values, why in rows
    ]


@pytest.fixture
def lobsim(tmp_path, tmp_path_factory, monkeypatch, capsys):
    """Call the command in a folder: its exit code, stdout, stderr, and the names it wrote."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("reports")))
    monkeypatch.setattr("lobsim.cli.SIGNALS", (), raising=False)

    def called(*arguments):
        before = set(tmp_path.rglob("*"))
        monkeypatch.setattr(sys, "argv", ["lobsim", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        wrote = {str(path.relative_to(tmp_path)) for path in set(tmp_path.rglob("*")) - before}
        return ended.value.code or 0, out, err, wrote

    return called


@pytest.fixture
def refused(lobsim):
    """The one problem that is told; nothing must be written."""

    def problem(code, *arguments):
        done = lobsim(*arguments)
        assert (done[0], done[1], done[3]) == (code, "", set())
        (line,) = done[2].splitlines()
        assert line.startswith("error: ")
        return line.removeprefix("error: ")

    return problem


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("given", "told"),
    cases(
        ("B8 empty", "", "no [asset] section: a scenario needs one", ""),
        ("B8 comments", "# a\n\n# b\n", "no [asset] section: a scenario needs one", ""),
        ("B11 Latin-1", "# a\n# caf\xe9".encode("latin-1"), "not UTF-8 (byte 0xE9 at line 2)", ""),
        ("B11 UTF-16", TEXT.encode("utf-16"), "not UTF-8 (byte 0xFF at line 1)", ""),
        ("B11 UTF-16LE", TEXT.encode("utf-16-le"), "not UTF-8 (byte 0x00 at line 1)", ""),
        ("B12 large", b"#" * 1_000_001, "larger than 1000000 bytes: not a scenario", ""),
        ("B12 2 GB", 2**31, "larger than 1000000 bytes: not a scenario", ""),
        ("B12 folder", Path.mkdir, "not a file", ""),
        ("B12 FIFO", os.mkfifo, "not a file", ""),
        ("B12 device", lambda path: path.symlink_to("/dev/zero"), "not a file", ""),
        ("B15 lists", f"x = {'[' * 2000}", "nested too deeply", ""),
        ("B15 closed", f"{TEXT}x = {'[' * 2000}{']' * 2000}", "nested too deeply", ""),
        ("B15 tables", f"{TEXT}x = {'{a=' * 2000}1{'}' * 2000}", "nested too deeply", ""),
        ("B15 dots", f"{TEXT}x{'.a' * 5000} = 1", "nested too deeply", ""),
    ),
)
def test_a_file_that_is_no_scenario_is_told_in_one_line(refused, tmp_path, given, told):
    path = tmp_path / "my.toml"
    if callable(given):
        given(path)
    else:
        data = given.encode() if isinstance(given, str) else given
        path.write_bytes(b"" if isinstance(given, int) else data)
        os.truncate(path, given if isinstance(given, int) else len(data))
    assert refused(3, "run", "my.toml") == f"my.toml: {told}"


@pytest.mark.parametrize(
    ("command", "words"),
    cases(
        ("B13 file", "run mine.toml", "mine.toml: {none} did you mean 'my.toml'?", ""),
        ("B13 folder", "run no/my.toml", "no/my.toml: {none} did you mean 'my.toml'?", ""),
        ("B13 shipped", "compare quikstart", "in {here}; did you mean 'quickstart'? shipped:", ""),
        ("B13 long", f"run {'x' * 5000}", "…' is shipped, and there is no such file in", ""),
    ),
)  # fmt: skip
def test_b13_a_path_that_is_not_there_is_told_with_like_names(refused, tmp_path, command, words):
    (tmp_path / "my.toml").write_text(TEXT)
    words = words.format(none=f"no such file (looked in {tmp_path});", here=tmp_path)
    assert words in refused(3, *command.split())


@pytest.mark.parametrize(
    ("command", "words"),
    cases(
        ("C1 command", "rum quickstart", "'rum'. Did you mean 'run'?", ""),
        ("C1 argument", "run", "Missing argument 'scenario'", ""),
        ("C1 extra", "run quickstart two", "unexpected extra argument(s) (two)", ""),
        ("C1 option", "run quickstart --sed 3", "--sed (Possible options: --rep, --seed", ""),
        ("C1 value", "run quickstart --seed", "'--seed' requires an argument", ""),
    ),
)  # fmt: skip
def test_c1_what_cannot_be_read_gets_the_usage_and_a_line(lobsim, command, words):
    code, out, err, wrote = lobsim(*command.split())
    assert (code, out, wrote) == (2, "", set())
    usage, problem = err.splitlines()
    assert usage.startswith("Usage: lobsim ")
    assert problem.startswith("error: ")
    assert words in problem


NAMES = ["../../etc/x", "/tmp/x", "a/../b", "a\0b", "x.", "CON", "con", "x" * 300, "", "..", "a\nb"]


@pytest.mark.parametrize(
    "name", [*NAMES, "CON.txt", "com1.a.b"], ids=lambda name: f"C3 {name[:9]!a}"
)
def test_c3_a_name_that_could_leave_the_folder_is_refused(refused, name):
    allowed = "must be letters, digits, dots, dashes and underscores, at most 80; the run goes to"
    shown = repr(name if len(name) <= 60 else f"{name[:59]}…")
    assert refused(5, "run", *QUICK, "--name", name) == f"--name {shown}: {allowed} runs/NAME"


def test_c3_a_way_up_in_out_leaves_no_other_folder(lobsim):
    wrote = lobsim("run", *QUICK, "--out", "a/../b")[3]
    assert {name.partition("/")[0] for name in wrote} == {"b"}


def test_c4_runs_may_be_a_link_to_elsewhere(lobsim, tmp_path, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (tmp_path / "runs").symlink_to(elsewhere)
    assert lobsim("run", *QUICK)[::3] == (0, set())
    assert (elsewhere / "quickstart" / "run.json").exists()


def test_c5_a_missing_folder_is_made_with_its_parents(lobsim):
    code, _, _, wrote = lobsim("run", *QUICK, "--out", "a/b/c")
    assert (code, "a/b/c/run.json" in wrote) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    cases(
        ("C6 below a file", ["--out", "file/x"], "file/x: cannot write here: Not a directory", ""),
        ("C6 long", ["--out", "x" * 300], f"{'x' * 300}: cannot write here: File name", ""),
        ("C6 shut", ["--out", "shut/x"], "shut/x: cannot write here: Permission denied", ""),
        ("C6 runs", [], "{here}/runs: cannot write here: File exists", ""),
        ("C7 file", ["--out", "file"], "--out file: exists already; nothing is overwritten", ""),
        ("C7 folder", ["--out", "shut"], "--out shut: exists already; nothing is overwritten", ""),
        ("C4 link", ["--out", "link"], "--out link: exists already; nothing is overwritten", ""),
        ("C4 dead link", ["--out", "dead"], "dead: cannot write here: a link to nowhere,", ""),
        ("C10 read-only", ["--out", "/sys/x"], "/sys", ""),
    ),
)
def test_c6_c7_c10_where_nothing_can_be_written_is_told_before_the_run(
    refused, tmp_path, monkeypatch, arguments, told
):
    (tmp_path / "file").write_text("")
    (tmp_path / "runs").write_text("")
    (tmp_path / "shut").mkdir(mode=0o555)
    if "shut/x" in arguments and os.access("shut", os.W_OK):
        pytest.skip("root may write anywhere")
    (tmp_path / "link").symlink_to("shut")
    (tmp_path / "dead").symlink_to("nowhere")
    monkeypatch.setattr(sys.modules["lobsim.run"], "simulate", None)
    assert refused(5, "run", *QUICK, *arguments).startswith(told.format(here=tmp_path))


def test_c6_a_comparison_that_cannot_be_kept_is_told_before_it_begins(refused, tmp_path):
    (tmp_path / "runs").write_text("")
    told = refused(5, "compare", *QUICK, "--keep", "--reps", "9")
    assert told == f"{tmp_path}/runs: cannot write here: File exists"


def test_c7_a_run_that_exists_is_never_touched(lobsim, tmp_path):
    lobsim("run", *QUICK)
    before = contents(tmp_path)
    code, *_, wrote = lobsim("run", *QUICK, "--seed", "2", "--out", "runs/quickstart")
    assert (code, wrote) == (5, set())
    assert contents(tmp_path) == before


@pytest.mark.parametrize("seed", ["-1", "1.5", "true", str(2**64), str(2**200), "nan", ""])
def test_a15_a_seed_is_a_whole_number_of_64_bits(refused, seed):
    told = refused(2, "run", *QUICK, "--seed", seed)
    assert told.startswith(f"--seed {seed[:59]}")
    assert told.endswith(": must be a whole number from 0 to 2^64 - 1, or 'random'")


def test_c15_a_seed_of_the_command_line_wins_over_the_scenarios(lobsim):
    code, out, err, _ = lobsim("run", *QUICK, "--set", "seed=9", "--seed", "3")
    assert (code, err) == (0, "--seed 3 wins over the scenario's seed 9\n")
    assert " seed 3 " in out
    assert " seed 9 " in lobsim("run", *QUICK, "--set", "seed=9")[1]


def test_c12_where_there_is_no_terminal_its_width_is_of_no_account(lobsim, monkeypatch):
    compare = "compare", *QUICK, "--reps", "1", "--jobs", "1", "--mode", "shared"
    wide = lobsim(*compare)
    monkeypatch.setenv("COLUMNS", "20")
    assert lobsim(*compare) == wide
    assert "\x1b" not in wide[1]


def test_c17_a_clock_that_is_set_back_changes_no_duration(lobsim, tmp_path, monkeypatch):
    class SetBack(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2001, 1, 1, tzinfo=tz)

    lobsim("run", *QUICK)
    hours = itertools.count(10**9, -3600)
    monkeypatch.setattr("time.time", lambda: next(hours))
    monkeypatch.setattr(sys.modules["lobsim.run"], "datetime", SetBack)
    lobsim("run", *QUICK)
    first, second = map(Run, sorted((tmp_path / "runs").iterdir()))
    assert first.digest == second.digest
    assert 0 <= second.manifest["seconds"] < 60


def test_a_traceback_is_shown_where_it_is_asked_for(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["lobsim", "--debug", "run", "none.toml"])
    with pytest.raises(SystemExit):
        main()
    assert re.match(r"(?s)Traceback.*\nerror: none.toml: no such", capsys.readouterr().err)
