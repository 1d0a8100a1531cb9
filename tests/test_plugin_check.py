"""`lobsim check`: what it says of good plugins, and which check finds what in bad ones."""

import json
import os
import random
import re
import signal
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from bad_plugins import SIGNALS, cases_of, known, plugin
from lobsim import cli
from lobsim.conformance.checks import Trial, check_plugin

README = (Path(__file__).parent.parent / "README.md").read_text()
SHORT = "duration_s=0.2"
ALONE = 'strategy=[{plugin="bad"}]'  # faster than beside those of the quickstart
CHECKS = [
    "parameters", "valid answers", "partial fills", "refusals and halts", "repeats itself",
    "own random numbers", "never meets itself", "does not look ahead", "leaves the process alone",
    "time per question",
]  # fmt: skip
QUOTING = "def on_quote(self, desk): return desk.quote(bid_depth=0.6, ask_depth=0.6)"
TABLE = "def quote_table(self, market): return QuoteTable([0], [0], [[0.6]], [[0.6]])"
DATACLASS = "from dataclasses import dataclass\n@dataclass"
NEEDING = plugin(
    "depth: float\ndef on_quote(self, desk):\n"
    "    return desk.quote(bid_depth=self.depth, ask_depth=self.depth)",
    before=DATACLASS,
)
CAUGHT = cases_of("caught.toml")


@pytest.fixture(autouse=True)
def own_process(tmp_path, monkeypatch):
    """What bad plugins change is put back."""
    monkeypatch.chdir(tmp_path)
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    states = random.getstate(), np.random.get_state()
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)
    random.setstate(states[0])
    np.random.set_state(states[1])


@pytest.fixture
def check(monkeypatch, capfd):
    """Run the command on a plugin: its exit code, lines of stdout and of stderr."""

    def checked(source, *words, name="bad.py"):
        Path(name).write_text(source)
        monkeypatch.setattr(sys, "argv", ["lobsim", "check", name, "--set", SHORT, *words])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfd.readouterr()
        return ended.value.code or 0, out.splitlines(), err.splitlines()

    return checked


@pytest.fixture
def here_only(monkeypatch):
    """Another run in this process, of the file loaded anew, stands for another process."""
    monkeypatch.setattr(Trial, "elsewhere", lambda trial: trial.play().digest)


def columns(line):
    return line[:16].strip(), line[17:43].strip(), line[44:51].strip(), line[52:]


def test_readme_s_strategy_keeps_every_check(check):
    (source,) = [
        block for block in re.findall(r"(?s)```python\n(.*?)```", README) if "class Lean" in block
    ]
    code, out, err = check(source, name="mine.py")
    assert (code, err) == (0, [])
    *findings, last = [*map(columns, out[:-1]), out[-1]]
    assert last == "10 checks, all kept"
    assert [finding[:3] for finding in findings] == [("lean", title, "ok") for title in CHECKS]
    said = {title: what for _, title, _, what in findings}
    assert said["parameters"] == "Lean(half_spread=0.7, lean=0.03)"
    assert said["valid answers"] == "no error in 26 runs of 13 markets"
    assert re.fullmatch(r"0 commands refused and \d+ halts, no error", said[CHECKS[3]])
    assert re.fullmatch(r"[1-9]\d* trades, none with itself", said["never meets itself"])
    assert re.match(r"[1-9]\d* commands in the first half, ", said["does not look ahead"])
    assert re.fullmatch(r"[\d.e+]+ us on average, [\d.e+]+ at worst, of [1-9]\d*", said[CHECKS[9]])


def test_the_same_as_json(check, here_only):
    code, out, err = check(plugin(QUOTING), "--format", "json")
    assert (code, err) == (0, [])
    findings = json.loads("\n".join(out))
    assert all(list(each) == ["strategy", "check", "kept", "what"] for each in findings)
    assert [(each["check"], each["kept"]) for each in findings] == [(c, True) for c in CHECKS]


def test_a_quote_table_keeps_every_check(check):
    code, out, _ = check(plugin(TABLE))
    assert (code, out[-1]) == (0, "10 checks, all kept")
    assert columns(out[-2])[3] == "a quote table: it is not asked"


def test_parameters_may_be_given(check, here_only):
    code, out, _ = check(NEEDING, "--set", "bad.depth=0.7")
    assert (code, out[-1]) == (0, "10 checks, all kept")
    assert columns(out[0])[3].endswith("Bad(depth=0.7)")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "'bad' needs the parameter 'depth' (give it with --set bad.NAME=VALUE)"),
        (("--set", "bad.depht=1"), "'bad' has no parameter 'depht'; did you mean 'depth'?"),
        (("--set", "bad.depth=x"), "must be a number, is a string"),
    ],
)
def test_parameters_that_do_not_fit_end_the_check_of_a_strategy(check, words, said):
    code, out, err = check(NEEDING, *words)
    (finding,) = map(columns, out)
    assert (finding[:3], code) == (("bad", "parameters", "FAILED"), 4)
    assert said in finding[3]
    assert err == ["error: plugin 'bad.py': 1 of 1 checks failed"]


@pytest.mark.parametrize("source", ["", "1 / 0", plugin("def on_fil(self, desk): pass")])
def test_a_file_that_is_no_plugin_is_told_as_by_run(check, source):
    code, out, (error,) = check(source)
    assert (code, out, error.startswith("error: plugin ")) == (4, [], True)


def test_every_check_can_fail():
    assert {title for case in CAUGHT for title in case.values[0]["fails"]} == set(CHECKS)


@pytest.mark.parametrize("case", CAUGHT)
def test_what_is_wrong_is_found_by_the_check_meant_for_it(tmp_path, monkeypatch, case):
    if "elsewhere" not in case:
        monkeypatch.setattr(Trial, "elsewhere", lambda trial: trial.play().digest)
    path = tmp_path / "bad.py"
    path.write_text(plugin(case["questions"], case.get("before", "")))
    findings = list(check_plugin(path, [SHORT, ALONE]))
    failed = [finding for finding in findings if not finding.kept]
    # On a machine with other work to do any answer may take long.
    timely = [each.check for each in failed if each.check != "time per question"]
    slow = "time per question" in case["fails"]
    assert ([finding.check for finding in failed] if slow else timely) == case["fails"]
    assert re.fullmatch(case["says"], failed[0].what, re.DOTALL)
    whole = CHECKS if case["fails"] != ["parameters"] else ["parameters"]
    assert [finding.check for finding in findings] == whole


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_bad_plugin_is_exit_code_4(check, here_only, form):
    source = plugin(QUOTING.replace("return", "random.random(); return"))
    code, out, err = check(source, "--format", form)
    assert (code, err) == (4, ["error: plugin 'bad.py': 1 of 10 checks failed"])
    if form == "json":
        findings = json.loads("\n".join(out))
        assert [each["check"] for each in findings if not each["kept"]] == ["own random numbers"]
    else:
        failed = [each for each in map(columns, out) if each[2] == "FAILED"]
        said = "draws from random: use desk.random"
        assert failed == [("bad", "own random numbers", "FAILED", said)]


def test_a_fault_is_shown_with_its_lines_and_its_market(check, here_only):
    coarse = "def on_start(self, desk):\n    if desk.market.tick > 0.1: raise ValueError('no')"
    code, out, _ = check(plugin(coarse))
    at = next(i for i, line in enumerate(out) if columns(line)[2] == "FAILED")
    assert code == 4
    assert out[at + 1].startswith("  bad.py:7, in on_start: ")
    assert out[at + 2] == "  in the market with a coarse tick, replication 0"


@known("settings of another strategy of the file are missing: told of this one, and not checked")
def test_strategies_of_one_file_are_checked_one_by_one(tmp_path, here_only):
    free = textwrap.dedent(f"""
        class Free(Strategy):
            {QUOTING}
        {DATACLASS.splitlines()[0]}
        @dataclass
    """)
    source = plugin("depth: float\n" + QUOTING, before=free, offers="{'bad': Bad, 'free': Free}")
    (tmp_path / "bad.py").write_text(source)
    findings = list(check_plugin(tmp_path / "bad.py", [SHORT]))
    assert [each.strategy for each in findings if not each.kept] == ["bad"]


@known("the quickstart has an account of this name: two strategies have this name, number 3 and 4")
def test_a_strategy_may_have_the_name_of_an_account_of_the_quickstart(tmp_path, here_only):
    (tmp_path / "bad.py").write_text(plugin(QUOTING, offers="{'tight': Bad}"))
    assert all(each.kept for each in check_plugin(tmp_path / "bad.py", [SHORT]))


def test_what_a_plugin_prints_breaks_no_json(check, here_only):
    source = plugin(f"def __init__(self): print('hello')\n{QUOTING}")
    _, out, _ = check(source, "--format", "json")
    assert json.loads("\n".join(out))


def test_what_it_prints_when_asked_goes_to_stderr(check, here_only):
    source = plugin(f"{QUOTING}\ndef on_end(self, desk): print('hello')")
    code, out, err = check(source, "--format", "json")
    assert (code, set(err), len(json.loads("\n".join(out)))) == (0, {"hello"}, 10)
    assert os.listdir() == ["bad.py"]
