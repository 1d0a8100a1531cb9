"""Strategy objects in a run and in a comparison, and the random numbers of a strategy."""

import os
from dataclasses import dataclass, field

import numpy as np
import pytest

import lobsim
from lobsim import Strategy
from lobsim.errors import PluginError, UsageError
from lobsim.report.verify import verify
from market import by_the_book

SHORT = ("duration_s=0.05", "summary_reps=0")
LEAN = """\
from dataclasses import dataclass

from lobsim import Strategy, hookimpl


@dataclass
class Lean(Strategy):
    half_spread: float = 0.6
    lean: float = 0.03

    def on_quote(self, desk):
        shift = self.lean * desk.inventory + desk.random.random() / 100
        return desk.quote(bid_depth=self.half_spread + shift, ask_depth=self.half_spread - shift)


@hookimpl
def lobsim_strategies():
    return {"lean": Lean}
"""


@dataclass
class Counting(Strategy):
    """It quotes by how often it has been asked, and draws."""

    depth: float = 0.6
    size: int = 2
    calls: int = field(default=0, init=False)
    drawn: list = field(default_factory=list, init=False)

    def on_quote(self, desk):
        self.calls += 1
        self.drawn.append(desk.random.random())
        desk.note(calls=self.calls, drawn=self.drawn[-1])
        depth = self.depth + self.calls / 1000
        return desk.quote(bid_depth=depth, ask_depth=self.depth, size=self.size)


@pytest.fixture
def play(tmp_path, monkeypatch):
    """A run of the quickstart with these strategies, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def played(*strategies, **how):
        return lobsim.run("quickstart", settings=SHORT, strategies=strategies, **how)

    return played


def compared(*strategies, **how):
    return lobsim.compare("quickstart", settings=SHORT, strategies=strategies, reps=3, **how)


def named(name):
    """An object of a class of this name."""
    return type(name, (Strategy,), {})()


# Names


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Mine", "mine"), ("MyMaker", "my-maker"), ("My_Maker", "my-maker"), ("mine", "mine"),
        ("Top2Maker", "top2-maker"), ("Tight", "tight-2"), ("Wide2", "wide2"),
    ],
)  # fmt: skip
def test_an_object_is_named_after_its_class(play, kind, name):
    assert play(named(kind)).manifest["strategies"] == [name]


def test_objects_of_one_class_are_numbered(play):
    mine, other = named("Mine"), named("Mine")
    assert play(mine, other, mine).manifest["strategies"] == ["mine", "mine-2", "mine-3"]


def test_names_and_objects_take_part_side_by_side(play):
    """In the order of the scenario, objects last."""
    run = play(named("Mine"), "tight", named("Tight"), "a-s")
    assert run.manifest["strategies"] == ["a-s", "tight", "mine", "tight-2"]
    rows = compared("wide", named("Mine"), jobs=1, mode="shared").rows
    assert [row.strategy for row in rows] == ["wide", "mine"]


@pytest.mark.parametrize(
    ("kind", "name"), [("_Mine", "mine"), ("Größe", "gre"), ("Outside", "outside-2")]
)
def test_a_class_whose_name_is_no_name_for_an_account_gets_one_that_is(play, kind, name):
    assert play(named(kind)).manifest["strategies"] == [name]


# What a run says of them


def test_parameters_are_in_run_json(play):
    run = play(Counting(depth=0.7), Counting(0.8, size=3))
    *_, one, two = run.manifest["scenario"]["strategy"]
    assert [one["name"], two["name"]] == ["counting", "counting-2"]
    assert one["params"] == {"depth": 0.7, "size": 2}
    assert two["params"] == {"depth": 0.8, "size": 3}
    assert one["plugin"].endswith(".Counting, as counting")
    assert verify(run.folder).problems == ()


@dataclass
class Holding(Strategy):
    what: object = None


@pytest.mark.parametrize(
    "what",
    [np.zeros(2), np.int64(3), len, object()],
    ids=["array", "numpy", "function", "object"],
)
def test_parameters_may_be_anything(play, what):
    assert verify(play(Holding(what)).folder).problems == ()


# A fresh copy for every run


def test_an_object_is_copied_for_every_run(play):
    mine = Counting()
    digests = {play(mine).digest for _ in range(2)}
    assert (mine.calls, mine.drawn, len(digests)) == (0, [], 1)
    first = play(mine).notes["note"].iloc[0]
    assert first.startswith('{"calls": 1, ')


def test_what_an_object_holds_when_it_is_given_goes_along(play):
    mine = Counting()
    mine.calls = 100
    assert play(mine).notes["note"].iloc[0].startswith('{"calls": 101, ')


def test_a_comparison_of_objects_does_not_depend_on_jobs():
    mine = Counting()
    results = [compared(mine, "wide", mine, jobs=jobs) for jobs in (1, 2)]
    assert results[0] == results[1]
    assert (mine.calls, mine.drawn) == (0, [])
    assert len(results[0].rows) == 6
    assert all(row.fills_mean > 0 for row in results[0].rows if row.mode == "isolated")


@pytest.mark.parametrize("names", [["lean"], ["a-s", "lean"], ["lean", "wide", "tight"]])
@pytest.mark.parametrize("rep", [0, 3])
def test_an_object_does_what_its_class_does_from_a_file(play, tmp_path, names, rep):
    (tmp_path / "lean.py").write_text(LEAN)
    space = {}
    exec(LEAN, {"__name__": "lean_here"} | space, space)
    of_file = play(*names, plugins=["lean.py"], rep=rep)
    live = play(*(space["Lean"]() if name == "lean" else name for name in names), rep=rep)
    assert of_file.manifest["strategies"] == live.manifest["strategies"]
    assert live.digest == of_file.digest
    assert (live.fills["strategy"] == "lean").any()


# What is refused


@pytest.mark.parametrize("what", [Counting, 3, None, b"wide", ["wide"], {"name": "wide"}])
def test_what_is_neither_a_name_nor_an_object_is_refused(play, what):
    said = r"strategies: must be names or Strategy objects, got "
    with pytest.raises(UsageError, match=said):
        play(what)
    with pytest.raises(UsageError, match=said):
        compared(what)
    assert os.listdir() == []


def test_a_name_that_is_not_there_is_refused(play):
    with pytest.raises(UsageError, match="no strategy 'tigth' in quickstart; did you mean 'tight'"):
        play(Counting(), "tigth")


def test_an_object_alone_is_taken(tmp_path):
    run = lobsim.run("quickstart", settings=SHORT, strategies=Counting(), out=tmp_path / "run")
    assert run.manifest["strategies"] == ["counting"]
    with pytest.raises(UsageError):
        lobsim.run("quickstart", settings=SHORT, strategies=[], out=tmp_path / "none")


def test_p20_a_misspelt_question_of_an_object_is_told(play):
    with pytest.raises(PluginError, match=r"'on_fil'; did you mean 'on_fill'\?"):
        play(type("Mine", (Strategy,), {"on_fil": lambda self, desk, fill: None})())
    assert os.listdir() == []


# desk.random


def drawn_by(run, name):
    notes = run.notes
    texts = notes[notes["strategy"] == name]["note"]
    return [float(text.partition('"drawn": ')[2].rstrip("}")) for text in texts]


@pytest.mark.parametrize(("seed", "rep"), [(1, 0), (1, 5), (2**63, 1)])
def test_a_strategy_draws_from_the_stream_of_its_account(play, seed, rep):
    run = play(Counting(), Counting(), seed=seed, rep=rep)
    for name in ("counting", "counting-2"):
        drawn = drawn_by(run, name)
        assert len(drawn) > 10
        assert drawn == by_the_book(seed, rep, f"strategy/{name}").random(len(drawn)).tolist()


def test_what_it_draws_does_not_depend_on_who_else_is_there(play):
    alone, beside = play(Counting()), play("tight", Counting(), Counting(depth=0.5), "a-s")
    assert drawn_by(alone, "counting") == drawn_by(beside, "counting")
