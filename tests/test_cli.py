"""The command line, as a user meets it: what it prints, writes and refuses, and its exit codes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lobsim.errors import LobsimError
from lobsim.folder import new_folder
from lobsim.scenario.load import load_scenario, shipped
from lobsim.setup import prepare

LOBSIM = Path(sys.executable).with_name("lobsim")
QUICK = ("quickstart", "--set", "duration_s=0.1", "--set", "summary_reps=0")
MAKERS = ["a-s", "wide", "tight"]
FIELDS = {  # what scripts rely on
    "mode", "strategy", "reps", "profit_mean", "profit_sd", "profit_low", "profit_high",
    "spread_earned_mean", "inventory_mean", "inventory_sd", "fills_mean", "spread_mean", "uptime",
    "best_share", "drawdown_mean", "halts", "worst_rep",
}  # fmt: skip
PLUGIN = """\
from lobsim import Strategy, hookimpl
class Mine(Strategy):
    def on_quote(self, desk):
        ANSWER
@hookimpl
def lobsim_strategies():
    return {"mine": Mine}
"""
PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}


@pytest.fixture
def lobsim(tmp_path):
    """Run the command in an empty folder; it must end with this exit code and no traceback."""

    def run(*arguments, code=0):
        done = subprocess.run([LOBSIM, *arguments], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


def names(path):
    return sorted(entry.name for entry in path.iterdir())


def manifest(folder):
    return json.loads((folder / "run.json").read_text())


def test_quickstart_tells_the_whole_story(lobsim, tmp_path):
    told = lobsim("run", "quickstart", "--set", "summary_reps=3").stdout
    lines = told.splitlines()
    assert lines[0] == "Three market makers, one book, one second: does the tightest quote win?"
    digest = manifest(tmp_path / "runs" / "quickstart")["digest"][:8]
    facts = rf" seed 1 · replication 0 · event engine · took [\d.]+ s · digest {digest}"
    assert re.fullmatch(facts, lines[1])
    assert re.search("fills .*spread .*luck .*profit .*drawdown .*inventory ", lines[3])
    assert [line.split()[0] for line in lines[4:7]] == MAKERS
    assert "\ninventory, 0 to 1 s (scale -" in told
    assert re.findall(r"(?m)^ (\S+) +[▁▂▃▄▅▆▇█]{40}$", told) == MAKERS
    assert "\nOne path is luck. 3 replications (mean, standard deviation):\n" in told
    figures = r"(?m)^ (\S+) +-?\d+\.\d +\d+\.\d +drawdown \d+\.\d"
    assert re.findall(figures, told) == MAKERS
    assert re.search(r"(?m)worst: --rep [0-2]$", told)
    assert "\nnext  lobsim compare quickstart " in told
    assert lines[-1] == "saved runs/quickstart"


JSON = ("--format", "json")


def test_help_names_the_commands_that_there_are(lobsim):
    _, told = lobsim("--help").stdout.split("Commands:\n")
    assert set(re.findall(r"(?m)^  ([a-z-]+) ", told)) == {
        "run", "compare", "sweep", "fills", "sql", "explain", "attribution", "markouts",
        "measures", "report", "export", "solve", "validate", "replay", "calibrate", "facts",
        "check", "verify", "doctor", "new-strategy", "schema", "scenarios", "strategies",
    }  # fmt: skip
    assert re.fullmatch(r"lobsim \d+\.\d+\.\d+\n", lobsim("--version").stdout)


def test_scenarios_are_listed_with_their_questions(lobsim):
    told = lobsim("scenarios").stdout.splitlines()
    assert [line.split()[0] for line in told] == sorted(shipped())
    assert all(line.endswith("?") for line in told)


@pytest.mark.parametrize("path", shipped().values(), ids=shipped())
def test_every_shipped_scenario_loads_and_asks_a_question(path):
    assert re.fullmatch(r"# .+\?", path.read_text().splitlines()[0])
    assert prepare(load_scenario(path)).seats


def test_strategies_are_listed_with_their_parameters(lobsim):
    told = {row["strategy"]: row for row in json.loads(lobsim("strategies", *JSON).stdout)}
    assert told["fixed-spread"]["parameters"] == "half_spread: float, size: int = 1"
    assert told["hjb-table"]["parameters"].startswith("terminal_penalty: float, running_penalty")
    assert all(row["when_to_use"] for row in told.values())
    text = " ".join(lobsim("strategies").stdout.split())
    for row in told.values():
        assert f"when to use: {row['when_to_use']} parameters: {row['parameters']}" in text


def test_json_and_csv_of_a_run_have_the_same_fields_and_stand_alone_on_stdout(lobsim):
    rows = json.loads(lobsim("run", *QUICK, "--seed", "random", "--format", "json").stdout)
    assert [row["strategy"] for row in rows] == MAKERS
    for row in rows:
        split = row["spread_earned"] + row["luck"] - row["fees"]
        assert row["profit"] == pytest.approx(split, abs=1e-9)
    text = lobsim("run", *QUICK, "--format", "csv").stdout
    assert text.partition("\n")[0].split(",") == list(rows[0])


def test_a_comparison_is_the_same_with_any_number_of_jobs(lobsim):
    how = "--reps", "5", "--format", "json", "--strategies", "tight,a-s"
    one, two = (lobsim("compare", *QUICK, *how, "--jobs", jobs).stdout for jobs in "12")
    assert one == two
    rows = json.loads(one)
    seats = [(row["mode"], row["strategy"]) for row in rows]
    assert seats == [(mode, name) for mode in ("isolated", "shared") for name in ("a-s", "tight")]
    assert all(row.keys() >= FIELDS for row in rows)
    assert all(row["profit_low"] <= row["profit_mean"] <= row["profit_high"] for row in rows)


def test_a_comparison_of_one_replication_has_no_deviation(lobsim):
    how = "--reps", "1", "--jobs", "1", "--mode", "shared", "--strategies", "wide"
    header, row = lobsim("compare", *QUICK, *how, "--format", "csv").stdout.splitlines()
    assert header.startswith("mode,strategy,reps,profit_mean,profit_sd,profit_low,profit_high,")
    assert re.match(r"shared,wide,1,[^,]+,,,,", row)


@pytest.mark.parametrize("command", [("scenarios",), ("run", *QUICK)])
def test_c11_a_reader_that_goes_away_as_head_does_is_no_error(tmp_path, command):
    with subprocess.Popen([LOBSIM, *command], cwd=tmp_path, **PIPES) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


def test_runs_are_numbered_and_nothing_is_overwritten(lobsim, tmp_path):
    for where in ((), (), ("--name", "quickstart"), ("--out", "a/new/place")):
        lobsim("run", *QUICK, *where)
    runs = tmp_path / "runs"
    assert names(runs) == ["quickstart", "quickstart-2", "quickstart-3"]
    first, new = manifest(runs / "quickstart"), manifest(tmp_path / "a" / "new" / "place")
    assert first["digest"] == new["digest"]
    assert "exists already" in lobsim("run", *QUICK, "--out", "runs/quickstart", code=5).stderr
    assert manifest(runs / "quickstart") == first


def test_a_seed_that_is_drawn_or_that_wins_is_told(lobsim, tmp_path):
    drawn = {lobsim("run", *QUICK, "--seed", "random").stderr for _ in range(2)}
    kept = {manifest(run)["seed"] for run in (tmp_path / "runs").iterdir()}
    assert (len(kept), drawn) == (2, {f"seed {seed}\n" for seed in kept})
    done = lobsim("run", *QUICK, "--set", "seed=9", "--seed", "3")
    assert ("wins" in done.stderr, "9" in done.stderr, " seed 3 " in done.stdout) == (True,) * 3
    assert " seed 9 " in lobsim("run", *QUICK, "--set", "seed=9").stdout


REFUSED = {  # a command, its exit code, and the words of each of its errors
    "run none.toml": (3, "none.toml: no such file"),
    "run .": (3, ".: not a file"),
    "run /dev/zero": (3, "/dev/zero: not a file"),
    "run quikstart": (3, "did you mean 'quickstart'?"),
    "run quickstart --set asset.tick=0 --set asset.mid=0": (3, "asset.tick", "asset.mid"),
    "run quickstart --set wide.half_spred=1": (3, "did you mean 'half_spread'?"),
    "compare quickstart --strategies tigth": (2, "'tigth' in quickstart; did you mean 'tight'?"),
    "run quickstart --with none.py": (4, "'none.py': No such file"),
    "run quickstart --seed bad": (2, "--seed bad: must be a whole number from 0 to 2^64 - 1"),
    "compare quickstart --jobs 0": (2, "--jobs 0: must be a whole number from 1 to 256; this"),
    "compare quickstart --reps many": (2, "--reps many: must be a whole number from 1 to 2^32 - 1"),
    "compare quickstart --strategies no,none": (2, "no strategy 'no'", "no strategy 'none'"),
    "run quickstart --set a --set b": (2, "--set a: must be KEY=VALUE", "--set b: must be KEY"),
    "run quickstart --name a --out b": (2, "--name or --out, not both"),
    "run quickstart --name ../../x": (5, "'../../x': must be letters"),
}


@pytest.mark.parametrize("command", REFUSED)
def test_what_is_refused_is_told_line_by_line_and_nothing_is_written(lobsim, tmp_path, command):
    code, *words = REFUSED[command]
    done = lobsim(*command.replace("quickstart", " ".join(QUICK)).split(), code=code)
    told = done.stderr.splitlines()
    assert len(told) == len(words)
    assert all(line.startswith("error: ") for line in told)
    assert all(word in line for word, line in zip(words, told, strict=True))
    assert (done.stdout, names(tmp_path)) == ("", [])


@pytest.mark.parametrize(
    "name", ["", ".", "..", "/tmp/x", "a/../b", "x.", "a b", "x\0", "x\n", "x" * 300, "CON"]
)
def test_c3_a_name_that_could_leave_the_folder_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LobsimError, match="must be letters, digits, dots"):
        new_folder(name, None, "default")
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("run", "Missing argument"),
        ("run quickstart --sed 3", "--seed"),
        ("compare quickstart --mode all", "'all' is not one of 'shared', 'isolated', 'both'"),
    ],
)
def test_c1_c2_a_command_that_cannot_be_read_gets_the_usage(lobsim, tmp_path, command, words):
    told = lobsim(*command.split(), code=2).stderr
    assert told.startswith("Usage: lobsim")
    assert words in told
    assert names(tmp_path) == []


def test_c6_a_folder_that_cannot_be_made_is_told_before_the_run(lobsim, tmp_path):
    (tmp_path / "runs").write_text("a file in the way")
    (problem,) = lobsim("run", *QUICK, code=5).stderr.splitlines()
    assert problem.startswith(f"error: {tmp_path / 'runs'}: cannot write here")


NAN = "return desk.quote(bid_depth=float('nan'), ask_depth=1)"
FAILING = [NAN, "raise SystemExit", "raise ValueError('nan\\ntwo')"]


@pytest.mark.parametrize("answer", FAILING)
def test_a_strategy_that_fails_ends_the_run_and_the_tape_says_so(lobsim, tmp_path, answer):
    (tmp_path / "mine.py").write_text(PLUGIN.replace("ANSWER", answer))
    problem, line, kept = lobsim("run", *QUICK, "--with", "mine.py", code=4).stderr.splitlines()
    assert re.search(
        r"strategy 'mine': on_quote at 0 s: .*(nan|SystemExit).* \(mine.py:\d+\)", problem
    )
    assert re.fullmatch(r"  mine.py:\d+, in on_quote: (return desk.quote|raise).*", line)
    assert kept == "what was recorded until then is in runs/quickstart"
    assert manifest(tmp_path / "runs" / "quickstart")["state"] == "failed"


def test_p26_what_a_plugin_prints_breaks_no_json(lobsim, tmp_path):
    (tmp_path / "mine.py").write_text(PLUGIN.replace("ANSWER", "print('hello')"))
    assert json.loads(lobsim("run", *QUICK, "--with", "mine.py", "--format", "json").stdout)
    assert (tmp_path / "runs/quickstart/prints.txt").read_text().startswith("hello\nhello\n")
