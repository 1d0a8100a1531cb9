"""What the README shows works as it stands there."""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from lobsim.data.source import Source
from lobsim.scenario.load import shipped
from made_formats import best_of

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
LOBSIM = [sys.executable, "-m", "lobsim"]


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def run(*args, cwd):
    return subprocess.run([*LOBSIM, *args], cwd=cwd, capture_output=True, text=True, check=False)


def plugin():
    return next(block for block in blocks("python") if "lobsim_strategies" in block)


def test_the_strategy_of_the_readme_joins_a_comparison(tmp_path):
    assert len(plugin().splitlines()) <= 30
    (tmp_path / "mine.py").write_text(plugin())
    done = run("compare", "quickstart", "--with", "mine.py", "--reps", "4", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert " lean " in done.stdout


def test_the_python_of_the_readme_runs(tmp_path):
    script = next(block for block in blocks("python") if "open_run" in block)
    (tmp_path / "script.py").write_text(script.replace("reps=500", "reps=4"))
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_learner_of_the_readme_comes_near_the_value_of_the_control_problem(tmp_path):
    pytest.importorskip("gymnasium", reason="the extra [rl] is not installed")
    script = next(block for block in blocks("python") if "make_vec" in block)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    *_, earned = re.findall(r"[\d.]+", done.stdout)
    assert 6.9 < float(earned) < 7.1  # 10,000 episodes of deviation 2.7: 4 errors are 0.11


def test_the_scenario_of_the_readme_is_the_shipped_quickstart():
    assert shipped()["quickstart"].read_text().strip() in README


@pytest.mark.parametrize(
    "command",
    [
        line.split("#")[0].split()[1:]
        for line in README.splitlines()
        if line.startswith(("lobsim run", "lobsim compare", "lobsim solve", "lobsim sweep"))
        and "--backend dask" not in line  # which needs a scheduler
    ],
    ids=" ".join,
)
def test_a_command_of_the_readme_runs(command, tmp_path):
    four = ["--reps", "4"]
    fewer = {"compare": four, "run": ["--set", "summary_reps=2"], "solve": [], "sweep": four}
    (tmp_path / "mine.py").write_text(plugin())
    done = run(*command, *fewer[command[0]], cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_first_command_is_the_one_that_the_check_runs():
    script = (ROOT / ".ci" / "run").read_text()
    install = "python3 -m venv .venv && .venv/bin/pip install -c tools/constraints.txt -e '.[dev]'"
    assert install in README
    assert install.replace("install -c", "install -q -c") in script


def test_the_map_of_columns_of_the_readme_is_one(tmp_path):
    text = next(block for block in blocks("toml") if "[trades]" in block)
    (tmp_path / "map.toml").write_text(textwrap.dedent(text))
    trades, quotes = tmp_path / "trades.csv", tmp_path / "quotes.csv"
    # 9:30 in New York.
    trades.write_text("timestamp,price,amount,taker\n1752759000500,100.01,3,B\n")
    quotes.write_text("timestamp,bid,ask\n1752759000000,99.99,100.01\n")
    recording = Source(trades, 0.01, columns=tmp_path / "map.toml", quotes=quotes).read()
    assert recording.messages.time_ns.tolist() == [34_200 * 10**9, 342_005 * 10**8]
    assert best_of(recording).tolist() == [[10001, 9999]] * 2
