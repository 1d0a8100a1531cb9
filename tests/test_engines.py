"""Which engine plays, what is said of it, and that it changes nothing else."""

import builtins
import json

import pytest

from kept_runs import lobsim as called
from lobsim import compare, run
from lobsim.engines import FIRST, choose
from lobsim.errors import AuditError, LobsimError, UsageError
from lobsim.report.verify import verify
from lobsim.setup import open_scenario, prepare
from lobsim.summaries import Summaries

SHORT = ("duration_s=0.2", "summary_reps=0")
NONE = "strategy 'mine' gives no quote table or compiled function"
PLUGIN = """\
from lobsim import Strategy, hookimpl
class Mine(Strategy):
    def on_quote(self, desk):
        return desk.quote(bid_depth=0.7, ask_depth=0.7)
@hookimpl
def lobsim_strategies():
    return {"mine": Mine}
"""


@pytest.fixture
def lobsim(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return called


@pytest.fixture
def mine(tmp_path):
    (tmp_path / "mine.py").write_text(PLUGIN)
    return str(tmp_path / "mine.py")


def chosen(wanted, markets, plugins=()):
    setup = prepare(open_scenario("quickstart", plugins=plugins))
    return choose(wanted, setup, setup.seats, markets)


def test_little_work_is_left_to_the_event_engine_and_much_is_not():
    assert chosen("auto", 1).name == "event"
    assert chosen("auto", 100_000).name == "compiled"
    assert chosen("event", 100_000).name == "event"
    assert chosen("compiled", 1).name == "compiled"
    assert chosen("auto", 100_000).told in ((), (FIRST,))  # where nothing is compiled yet


def test_what_cannot_be_compiled_is_played_by_the_event_engine_which_says_why(mine):
    engine = chosen("auto", 100_000, [mine])
    assert engine.name == "event"
    assert NONE in engine.told[0]
    assert chosen("auto", 1, [mine]).told == ()  # it would not have been worth it
    with pytest.raises(UsageError) as error:
        chosen("compiled", 1, [mine])
    assert error.value.problems == (f"--engine compiled cannot serve this: {NONE}",)


def test_without_numba_the_event_engine_plays(monkeypatch):
    imported = builtins.__import__

    def without(name, *rest, **more):
        if name.startswith(("numba", "lobsim.batch")):
            raise ImportError("no module named numba")
        return imported(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    engine = chosen("auto", 100_000)
    assert engine.name == "event"
    assert "numba cannot be imported" in engine.told[0]


@pytest.mark.parametrize("mode", ["isolated", "shared", "both"])
def test_a_comparison_is_the_same_with_either_engine_and_any_number_of_threads(mode):
    found = [
        compare("quickstart", mode=mode, reps=23, settings=SHORT, engine=engine, jobs=jobs)
        for engine, jobs in (("event", 1), ("compiled", 1), ("compiled", 3))
    ]
    assert [each.engine for each in found] == ["event", "compiled", "compiled"]
    assert found[0].as_dicts() == found[1].as_dicts() == found[2].as_dicts()
    assert found[0].summaries == found[1].summaries == found[2].summaries


def test_a_kept_run_is_the_same_with_either_engine_and_verified(tmp_path):
    runs = [
        run("drawdown", settings=["duration_s=20"], out=tmp_path / engine, engine=engine)
        for engine in ("event", "compiled")
    ]
    one, other = (each.manifest for each in runs)
    assert (one["engine"], other["engine"]) == ("event", "compiled")
    assert one["digest"] == other["digest"]
    assert one["rows"] == other["rows"]
    assert one["summary"] == other["summary"]
    assert not other["audited"]
    for engine in ("event", "compiled"):
        assert not verify(tmp_path / engine).problems
    for table in ("fills", "orders", "mids", "risk"):
        assert getattr(runs[0], table).equals(getattr(runs[1], table)), table


def test_kept_comparisons_have_the_tapes_of_either_engine(tmp_path):
    digests = {}
    for engine in ("event", "compiled"):
        place = tmp_path / engine
        place.mkdir()
        compare("quickstart", mode="both", reps=2, settings=SHORT, keep=place, engine=engine)
        digests[engine] = {
            str(path.parent.relative_to(place)): json.loads(path.read_text())["digest"]
            for path in place.rglob("run.json")
        }
    assert len(digests["event"]) == 8
    assert digests["event"] == digests["compiled"]


def test_an_error_in_a_replication_names_it_with_either_engine():
    settings = ["asset.mid=1", "asset.price.sigma=20", "asset.tick=0.5"]
    told = []
    for engine in ("event", "compiled"):
        with pytest.raises(LobsimError) as error:
            compare("quickstart", mode="isolated", reps=3, settings=settings, engine=engine, jobs=1)
        told.append((type(error.value), error.value.problems, error.value.__notes__))
    assert told[0] == told[1]


def test_the_command_line_says_which_engine_it_took(lobsim, mine):
    short = [part for each in SHORT for part in ("--set", each)]
    told, _ = lobsim("run", "quickstart", *short, "--engine", "compiled")
    assert "compiled engine" in told[1]
    assert "no audit" in told[1]
    told, _ = lobsim("compare", "quickstart", *short, "--reps", "3", "--engine", "compiled")
    assert told[0].endswith("compiled engine")
    _, errors = lobsim("run", "quickstart", *short, "--engine", "compiled", "--with", mine, code=2)
    assert errors == [f"error: --engine compiled cannot serve this: {NONE}"]


def test_the_doctor_compares_both_engines(lobsim, monkeypatch):
    told, _ = lobsim("doctor")
    text = "\n".join(told)
    for name in ("quickstart", "ladder", "jumps", "latency"):
        assert f"both engines, {name} " in text
    assert "NOT SOUND" not in text
    assert "0 of 1000 differ from numpy's" in text
    from lobsim import doctor

    def other(name, setup):
        return doctor.Finding(f"both engines, {name}", "differ", sound=False)

    monkeypatch.setattr(doctor, "compared", other)
    _, errors = lobsim("doctor", code=AuditError.exit_code)
    assert "not sound: both engines, quickstart" in errors[0]


def test_summaries_are_what_they_were_made_of():
    rows = compare("quickstart", mode="shared", reps=4, settings=SHORT, jobs=1).summaries["shared"]
    own = rows["a-s"]
    assert Summaries.of("a-s", list(own)) == own
    assert Summaries.joined([Summaries.of("a-s", own[:1]), Summaries.of("a-s", own[1:])]) == own
    assert own[-1] == own[3]
    assert own[1] != own[2]
    with pytest.raises(IndexError):
        own[4]
