"""The words of a problem: where in the file it is, in one line, and in what was typed."""

import os

import pytest

from lobsim.cli import main
from lobsim.console.write import groups
from lobsim.errors import LobsimError, choices, shown
from lobsim.scenario.lines import line_at, syntax_fault
from lobsim.setup import open_scenario, prepare

TEXT = '''\
version = 1 # [asset]
title = """
sigma = 3
[risk]"""
[ asset . "price" ]
"sigma" = 2
model.x = 3
[[strategy]]
name = "a"
[[strategy]]
[strategy.params]
gamma = 1
[[strategy.params.ladder]]
step = 1
[[strategy.params.ladder]]
step = 2
[[strategy]]
params = { gamma = 1 }
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("version", 1),
        ("asset.price.sigma", 6),
        ("asset.price.model.x", 7),
        ("asset.price.mu", 5),
        ("strategy.0.name", 9),
        ("strategy.1.plugin", 10),
        ("strategy.1.params.gamma", 12),
        ("strategy.1.params.ladder.1.step", 16),
        ("strategy.2.params.gamma", 18),
        ("sigma", None),
    ],
)
def test_a_key_is_found_in_its_table_and_else_that_table(path, line):
    steps = [int(step) if step.isdigit() else step for step in path.split(".")]
    assert line_at(TEXT, steps) == line


@pytest.mark.parametrize(
    ("message", "text", "told"),
    [
        (
            "Invalid value (at line 2, column 5)",
            "a = 1\nb = =",
            "2: column 5: invalid value: b = =",
        ),
        (
            "Cannot overwrite a value (at line 2, column 6)",
            "a=1\na=2",
            "2: a is given twice, first",
        ),
        (
            "Unterminated string (at end of document)",
            'a = """b\nc',
            '1: text without an end: a = "',
        ),
        ("Expected \"'''\" (at end of document)", "a = '''b\nc", "1: text without an end: a"),
        ("Illegal character '\\n' (at line 1, column 6)", 'a = "b', "1: column 6: text without an"),
        (
            "Unclosed array (at end of document)",
            "b=1\na = [1,\n2\n",
            "2: a list without an end: a =",
        ),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(message, text, told):
    assert syntax_fault(message, text).startswith(told)


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (1e30, "1e30"), (float("inf"), "inf"), ("a\nb\x1b[1m", r'"a\nb\x1b[1m"')],
)
def test_a_value_is_shown_as_a_scenario_has_it_and_in_one_line(value, text):
    assert shown(value) == text


def test_what_is_long_is_cut_and_what_is_unprintable_escaped():
    assert len(shown("x" * 500)) == 62
    assert LobsimError("a\nb\x1b[31m\u202e\udce9").problems == (r"a\nb\x1b[31m\u202e\udce9",)
    assert choices("tow", ["one", "two"], "known") == "; did you mean 'two'? known: one, two"
    assert choices("xyz", ["one", "two"], "known") == "; known: one, two"


PROBLEMS = {  # settings of the quickstart: what is told
    "asset=3": "--set asset=3: must be a table: [asset]",
    "asset.price=3": "--set asset.price=3: must be a table: [asset.price]",
    "strategy={}": "--set strategy={}: must be a list of tables: write [[strategy]]",
    "title=3": "--set title=3: must be text, is a number",
    "asset.tick=[1]": "--set asset.tick=[1]: must be a number, is a list",
    "asset.price={model='brownian', sigma=-1, step_ms=1}": ": asset.price.sigma = -1: must",
    "strategy=[{plugin='fixed-spread', params=3}]": "must be a table, as { half_spread = 0.5 }",
    "strategy=[{plugin=3}]": ": strategy.1.plugin = 3: must be text, is a number",
    "wide.half_spread=1e18": "wide.half_spread=1e18: quotes 1e18 from the mid, at most 1e13 (1e15",
    "wide.half_spread=1e19": "must be a number from -1e18 to 1e18",
    "wide.size=1000000000000": "size=1000000000000: must be a whole number from 1 to 99",
    "asset.flow.k=1e-18": "1/k must be at most 1e13 (1e15 ticks)",
    "risk.close_cost=1e18": "close_cost must be at most 1e13 (1e15 ticks)",
    "asset.tick=1e99999999999999999999": ": must be a number, is a string",
}


@pytest.mark.parametrize("setting", PROBLEMS)
def test_a_setting_that_cannot_be_is_told_as_it_was_typed(setting):
    with pytest.raises(LobsimError) as caught:
        prepare(open_scenario("quickstart", [setting]))
    assert PROBLEMS[setting] in caught.value.problems[0]


def test_all_settings_that_fit_nowhere_are_told_at_once_with_other_problems():
    with pytest.raises(LobsimError) as caught:
        open_scenario("quickstart", ["tow.x=1", "foo.bar=1", "asset.tick=0", "wide.half_spred=1"])
    told = [problem.split(": ")[0] for problem in caught.value.problems]
    assert told == [
        "--set tow.x=1", "--set foo.bar=1", "--set asset.tick=0", "--set wide.half_spred=1",
    ]  # fmt: skip


@pytest.mark.parametrize("setting", ["x", "=1", "a..b=1", "a=1\nb=2", "tit\udce9=o"])
def test_a_setting_that_is_none_is_an_error_of_the_command_line(setting):
    with pytest.raises(LobsimError) as caught:
        open_scenario("quickstart", [setting])
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("jobs", ["0", "-1", "1000", "abc", "1.5", "", "9" * 5000])
def test_c2_a_number_of_jobs_is_told_with_its_range_and_the_cores(monkeypatch, capsys, jobs):
    monkeypatch.setattr("sys.argv", ["lobsim", "compare", "quickstart", "--jobs", jobs])
    monkeypatch.setattr("lobsim.cli.SIGNALS", ())
    with pytest.raises(SystemExit, match="2"):
        main()
    told = capsys.readouterr().err
    assert told.startswith(f"error: --jobs {jobs[:59]}")
    assert f": must be a whole number from 1 to 256; this machine has {os.cpu_count()} core" in told


@pytest.mark.parametrize(
    ("available", "expected"), [(None, [[1, 2, 3]]), (16, [[1, 2], [3]]), (5, [[1], [2], [3]])]
)
def test_columns_that_do_not_fit_stand_below(available, expected):
    assert groups([4, 4, 4, 4], available) == expected
