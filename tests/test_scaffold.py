"""`lobsim new-strategy`: what it writes runs as it is, and what it refuses leaves no trace."""

import os
import re
import resource
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from lobsim import compare, load_scenario
from lobsim.commands.make import new_strategy
from lobsim.errors import StorageError, UsageError, escaped
from lobsim.plugins.scaffold import make_package, make_plugin
from lobsim.setup import prepare

LOBSIM = Path(sys.executable).with_name("lobsim")
SHORT = ["--set", "duration_s=0.1", "--set", "summary_reps=2"]
PACKAGED = ["my_maker.py", "my_maker.toml", "test_my_maker.py", "pyproject.toml", "README.md"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*command, cwd, code=0, **more):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, **more)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def entries(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def commands(told):
    """What a newcomer is told to type next."""
    return [line.split() for line in re.findall(r"(?m)^(?:next|    )  (\S.*?)   ", told)]


def test_a_new_strategy_works_as_it_is_and_so_does_what_is_to_be_typed_next(tmp_path):
    told = run(LOBSIM, "new-strategy", "my-maker", cwd=tmp_path).stdout
    assert told.splitlines()[0] == "wrote my_maker.py, my_maker.toml"
    compared, checked, ran = commands(told)
    assert compared == ["lobsim", "compare", "quickstart", "--with", "my_maker.py"]
    assert checked == ["lobsim", "check", "my_maker.py"]
    assert ran == ["lobsim", "run", "my_maker.toml"]
    run(LOBSIM, *checked[1:], cwd=tmp_path)
    few = ["--reps", "4", "--jobs", "1"]
    told = run(LOBSIM, *compared[1:], *few, *SHORT, cwd=tmp_path).stdout
    assert len(re.findall(r"(?m)^ my-maker +\d", told)) == 2  # alone, and among the others
    told = run(LOBSIM, *ran[1:], *SHORT, "--set", "my-maker.lean=0.05", cwd=tmp_path).stdout
    assert re.search(r"(?m)^ my-maker +\d", told)


def test_a_compiled_strategy_does_what_the_other_does_in_both_engines(tmp_path):
    told = {}
    for kind, engine in ((), "event"), (("--compiled",), "event"), (("--compiled",), "compiled"):
        folder = tmp_path / f"{len(kind)}-{engine}"
        folder.mkdir()
        run(LOBSIM, "new-strategy", "my-maker", *kind, cwd=folder)
        said = run(LOBSIM, "run", "my_maker.toml", "--engine", engine, *SHORT, cwd=folder).stdout
        told[folder.name] = re.search(r"digest (\w+)", said)[1]
    assert len(set(told.values())) == 1
    run(LOBSIM, "check", "my_maker.py", cwd=folder)


def test_the_scenario_is_the_quickstart_with_one_strategy_more(here):
    code, scenario = make_plugin("mine", ())
    lines = scenario.read_text().splitlines()
    assert re.fullmatch(r"# .*\bmine\b.*\?", lines[0])
    ours, quickstart = load_scenario(scenario), load_scenario("quickstart")
    for part in ("duration_s", "asset", "risk", "end", "requote", "crossing", "summary_reps"):
        assert getattr(ours, part) == getattr(quickstart, part)
    mine, *others = ours.strategy
    assert others == list(quickstart.strategy)
    defaults = re.findall(r"(?m)^    (\w+): float = ([\d.]+)$", code.read_text())
    assert {key: str(value) for key, value in mine.params.items()} == dict(defaults)
    assert len(defaults) == 2
    assert len(code.read_text().splitlines()) <= 32


def test_it_earns_as_much_as_the_makers_of_the_quickstart_at_less_risk(here):
    _, scenario = make_plugin("mine", ())
    mine, tight = compare(
        scenario, mode="isolated", strategies=["mine", "tight"], reps=20, jobs=1
    ).rows
    assert mine.profit_mean > 0.95 * tight.profit_mean
    assert mine.profit_sd < 0.75 * tight.profit_sd


@pytest.mark.parametrize("name", ["none", "a--b-1", "stratum", "dataclass", "x" * 80])
def test_any_other_name_makes_a_strategy(here, name):
    _, scenario = make_plugin(name, ())
    assert prepare(load_scenario(scenario)).names == [name, "a-s", "wide", "tight"]
    assert tomllib.loads((make_package(name, ())[3]).read_text())["project"]["name"] == name


def test_a_package_can_be_installed_is_a_strategy_then_and_passes_its_test(tmp_path):
    told = run(LOBSIM, "new-strategy", "my-maker", "--package", cwd=tmp_path).stdout
    assert told.splitlines()[0] == f"wrote {', '.join(f'my-maker/{file}' for file in PACKAGED)}"
    install, ran, compared = commands(told)
    assert install == ["pip", "install", "./my-maker"]
    assert ran == ["lobsim", "run", "my-maker/my_maker.toml"]
    assert compared == ["lobsim", "compare", "my-maker/my_maker.toml"]
    offline = ["--no-build-isolation", "--no-index", "--no-deps", "-q", "--target", "site"]
    run(sys.executable, "-m", *install, *offline, cwd=tmp_path)
    there = {"cwd": tmp_path, "env": {**os.environ, "PYTHONPATH": str(tmp_path / "site")}}
    assert "\nmy-maker " in run(LOBSIM, "strategies", **there).stdout
    assert "saved" in run(LOBSIM, *ran[1:], *SHORT, **there).stdout
    problem = run(LOBSIM, "new-strategy", "my-maker", **there, code=2).stderr
    assert problem == "error: 'my-maker': is a strategy already, of the package my-maker\n"
    tested = run(sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "my-maker", **there)
    assert "2 passed" in tested.stdout


REFUSED = {  # a name, and words of what is wrong with it
    "Mine": "lower-case letters, digits and dashes",
    "my_maker": "lower-case letters",
    "2fast": "a letter first",
    "mine-": "no dash at the end",
    "../mine": "lower-case letters",
    "mine\n": "lower-case letters",
    "": "lower-case letters",
    "risk": "reserved",
    "wide": "a strategy of the quickstart: none of a-s, wide, tight",
    "fixed-spread": "a strategy already, of the package lobsim",
    "class": "a word of Python",
    "random": "random.py would hide the module 'random' of Python's standard library",
    "numpy": "installed package",
    "lobsim-strategies": "installed package",
    "jsonschema-specifications": "installed package",
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("make", [make_plugin, make_package])
def test_a_name_that_cannot_be_is_told_and_nothing_is_written(here, make, name):
    with pytest.raises(UsageError) as caught:
        make(name, ("risk", "outside"))
    (problem,) = caught.value.problems
    assert problem.startswith(f"'{escaped(name)}': ")
    assert REFUSED[name] in problem
    assert entries(here) == []


@pytest.mark.parametrize("name", ["asset", "risk", "end", "outside", "fees", "portfolio", "seed"])
def test_the_command_refuses_the_names_that_scenarios_use(here, name):
    with pytest.raises(UsageError, match=f"'{name}': is reserved: in a scenario it means"):
        new_strategy(name)
    assert entries(here) == []


@pytest.mark.parametrize("there", [["mine.py"], ["mine.toml"], ["mine.py", "mine.toml"]])
def test_a_file_that_is_there_is_named_and_kept_and_no_other_is_written(here, there):
    for name in there:
        (here / name).write_text("kept")
    with pytest.raises(StorageError) as caught:
        make_plugin("mine", ())
    assert list(caught.value.problems) == [
        f"{name}: exists already; nothing was written" for name in there
    ]
    assert entries(here) == there
    assert {(here / name).read_text() for name in there} == {"kept"}


def test_a_folder_or_a_broken_link_that_is_there_is_kept(here):
    (here / "mine").mkdir()
    (here / "link.toml").symlink_to("nowhere")
    for make, name in ((make_package, "mine"), (make_plugin, "link")):
        with pytest.raises(StorageError, match="exists already"):
            make(name, ())
    assert entries(here) == ["link.toml", "mine"]


@pytest.mark.parametrize("how", [[], ["--package"]])
def test_a_disk_that_fills_up_midway_leaves_nothing(tmp_path, how):
    def fill_up():  # the code fits, the scenario does not
        resource.setrlimit(resource.RLIMIT_FSIZE, (1200, 1200))

    command = [LOBSIM, "new-strategy", "mine", *how]
    (problem,) = run(*command, cwd=tmp_path, code=5, preexec_fn=fill_up).stderr.splitlines()
    assert re.search(r"error: (mine/)?mine\.toml: cannot be written: File too large", problem)
    assert entries(tmp_path) == []


@pytest.mark.parametrize("make", [make_plugin, make_package])
def test_a_folder_that_cannot_be_written_is_told_in_one_line(here, make):
    here.rmdir()
    with pytest.raises(StorageError) as caught:
        make("mine", ())
    (problem,) = caught.value.problems
    assert re.fullmatch(r"mine(\.py)?: cannot be written: .+", problem)
