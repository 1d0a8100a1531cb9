"""Plugins that break their contract (P1 to P28): exit codes, what is said, what is kept."""

import json
import os
import re
import threading
from pathlib import Path

import pytest

import lobsim
import lobsim_strategies
from bad_plugins import (
    BENCH,
    FAST,
    KEPT,
    MARKET,
    asked,
    cases_of,
    fills_of,
    fills_without,
    known,
    marked,
    meeting,
    plugin,
    the_run,
)
from lobsim import Strategy
from lobsim.errors import LobsimError, PluginError
from lobsim.report.verify import verify

QUOTING = "return desk.quote(bid_depth=0.5, ask_depth=0.5)"
LEAVES = "a plugin that is benched for it has changed its account all the same: exit 6, I13"
CHANGES = ["P15 cash", "P15 inventory", "P15 fees"]
FAULTS = cases_of("faults.toml")


@pytest.fixture
def meet(tmp_path, monkeypatch, capfd):
    return meeting(tmp_path, monkeypatch, capfd)


@pytest.fixture(scope="module")
def without(tmp_path_factory):
    return fills_without(tmp_path_factory.mktemp("without"))


def faulty(case):
    """The plugin of a fault; one that hears of its fills quotes for them."""
    base = asked("on_quote", QUOTING) if case["hook"] == "on_fill" else ""
    return plugin(base + asked(case["hook"], case["does"]), case.get("before", ""))


def problem_of(case):
    """What is said of a fault, as a pattern; groups 1 and 2 are the time and the event."""
    lines = marked(faulty(case))
    place = f" ({lines[-1].partition(',')[0].strip()})" if lines else ""
    said = re.escape(f"{case['says']}{place}")
    return rf"strategy 'bad': {case['hook']} at (\S+) s(?: \(event (\d+)\))?: {said}"


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_ends_the_run_and_names_plugin_hook_time_event_and_line(meet, case):
    source = faulty(case)
    told = meet(source, settings=[FAST] * case.get("fast", 0))
    assert (told.code, told.out) == (4, "")
    error, *notes, kept = told.err
    assert (notes, kept) == (marked(source), KEPT)
    found = re.fullmatch(f"error: {problem_of(case)}", error)
    assert found, error
    run = the_run()
    assert (run.manifest["state"], run.manifest["seconds"] < 3) == ("failed", True)
    assert run.manifest["problems"] == [error.removeprefix("error: "), *notes]
    assert verify(run.folder).problems == ()
    tape = [*run.mids["seq"], *run.orders["seq"], *run.fills["seq"]]
    assert max(tape, default=0) == int(found[2] or 0)
    assert max(run.mids["ts_event"], default=0) == round(float(found[1]) * 1e9)


@pytest.mark.parametrize(
    "case",
    [pytest.param(*each.values, id=each.id, marks=known(LEAVES) if each.id in CHANGES else ())
     for each in FAULTS],
)  # fmt: skip
def test_a_benched_plugin_is_out_of_the_market_and_the_others_go_on(meet, case, without):
    told = meet(faulty(case), settings=[BENCH, *[FAST] * case.get("fast", 0)])
    assert told.code == 0
    warning, saved = told.err
    found = re.fullmatch(f"warning: bad was taken out of the market: ({problem_of(case)})", warning)
    assert found, warning
    assert saved == "saved runs/quickstart"
    *others, bad = json.loads(told.out)
    assert (bad["problem"], {row["problem"] for row in others}) == (found[1], {None})
    run = the_run()
    assert run.manifest["state"] == "complete"
    assert verify(run.folder).problems == ()
    (risk,) = run.risk.to_dict("records")
    assert (risk["strategy"], risk["state"], risk["cause"]) == ("bad", "halted", "plugin")
    assert risk["ts_event"] == round(float(found[2]) * 1e9)
    assert not (run.orders[run.orders["strategy"] == "bad"]["ts_event"] > risk["ts_event"]).any()
    assert bad["fills"] or fills_of(run) == without


def made(case):
    keys = "questions", "before", "offers"
    return case.get("source") or plugin(**{key: case[key] for key in keys if key in case})


@pytest.mark.parametrize("case", cases_of("unfit.toml"))
@pytest.mark.parametrize("more", [(), (BENCH,)], ids=["stop", "bench"])
def test_a_plugin_that_fails_before_the_run_is_told_and_nothing_is_written(meet, case, more):
    told = meet(made(case), settings=[FAST, *more])
    places = {"path": Path("bad.py").resolve(), "shipped": Path(lobsim_strategies.__file__)}
    expected = [line.format_map(places) for line in case["said"]]
    assert (told.code, told.out, told.err) == (4, "", expected)
    assert os.listdir() == ["bad.py"]


def test_p19_two_files_with_one_name_are_both_told(meet):
    Path("worse.py").write_text(plugin())
    told = meet(plugin(), "--with", "worse.py")
    both = " and by ".join(str(Path(name).resolve()) for name in ("bad.py", "worse.py"))
    assert told == (4, "", [f"error: strategy 'bad' is offered twice: by {both}"])


def test_p19_an_installed_plugin_does_not_shadow_a_shipped_one(meet, tmp_path, monkeypatch):
    about = tmp_path / "stranger-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[lobsim]\nstranger = shadowing\n")
    (tmp_path / "shadowing.py").write_text(plugin(offers="{'fixed-spread': Bad}"))
    monkeypatch.syspath_prepend(tmp_path)
    told = meet(plugin())
    (error,) = told.err
    assert error.startswith("error: strategy 'fixed-spread' is offered twice: by ")
    assert ("shadowing.py" in error, "lobsim_strategies" in error, told.code) == (True, True, 4)


@pytest.mark.parametrize("case", cases_of("hard_to_tell.toml"))
def test_a_fault_that_is_hard_to_tell(meet, case):
    told = meet(made(case), settings=[FAST])
    assert (told.code, told.out) == (4, "")
    error, *notes, kept = told.err
    assert re.fullmatch(f"error: strategy 'bad': on_\\w+ at 0 s: {case['says']}", error)
    assert all(note.startswith("  bad.py:") for note in notes)
    assert kept == KEPT


@pytest.mark.parametrize(
    "does",
    ["return self.on_quote(desk)", "raise ValueError('x' * 10**5)", "return [[*range(10**5)]]"],
)
def test_a_message_can_be_read(meet, does):
    told = meet(plugin(asked("on_quote", does)))
    assert told.code == 4
    assert len(told.err) < 20
    assert max(map(len, told.err)) < 1000


# P23: objects


class Locked(Strategy):
    """It cannot be copied."""

    def __init__(self):
        self.lock = threading.Lock()


class Alone(Locked):
    """It can be copied, and not be sent."""

    def __deepcopy__(self, memo):
        return Alone()


class Torn(Strategy):
    """It can be sent, and not be unpacked."""

    def __deepcopy__(self, memo):
        return Torn()

    def __reduce__(self):
        return int, ("torn",)


class Changeling(Strategy):
    def __deepcopy__(self, memo):
        return 5


def ran(strategy):
    return lobsim.run("quickstart", settings=MARKET, strategies=[strategy])


def compared(strategy, jobs=None):
    return lobsim.compare("quickstart", settings=MARKET, strategies=[strategy], reps=2, jobs=jobs)


def test_p23_an_object_that_cannot_be_copied_is_told_and_nothing_is_written(meet):
    said = "as locked': cannot be copied: TypeError: cannot pickle '_thread.lock' object"
    with pytest.raises(PluginError, match=said):
        ran(Locked())
    with pytest.raises(PluginError, match=said):
        compared(Locked())
    assert os.listdir() == []


def test_p23_a_copy_that_is_no_strategy_is_told(meet):
    with pytest.raises(PluginError, match="changeling"):
        ran(Changeling())


def test_p23_an_object_that_cannot_be_sent_is_told_before_the_comparison_starts(monkeypatch):
    assert compared(Alone(), jobs=1).rows
    monkeypatch.setattr("joblib.externals.loky.get_reusable_executor", None)
    said = "cannot be sent to other processes: TypeError: cannot pickle '_thread.lock' object; use"
    with pytest.raises(PluginError, match=said):
        compared(Alone(), jobs=2)


@known("pickle.loads in the worker is unguarded: the ValueError itself arrives")
def test_p23_an_object_that_cannot_be_unpacked_is_told_too():
    with pytest.raises(LobsimError, match="torn"):
        compared(Torn(), jobs=2)
