"""Plugins and the process they run in: interrupts, workers, time, folders, what they print."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import lobsim
from bad_plugins import (
    BENCH,
    FAST,
    KEPT,
    MARKET,
    SEATS,
    answering,
    asked,
    known,
    meeting,
    plugin,
    the_run,
)
from lobsim.report.verify import verify

LOBSIM = Path(sys.executable).with_name("lobsim")
PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
BOOM = answering("raise ValueError('boom')  # <-")
HANGS = answering("time.sleep(60)")
LATE = "strategy 'bad': on_quote at 0 s: no answer after 0.4 s (plugin_timeout_s) (bad.py:7)"
TWO = ("--jobs", "2", "--reps", "2")
SILENT = "warning: bad sent no quote; does on_quote return what desk.quote() gives?"


@pytest.fixture
def meet(tmp_path, monkeypatch, capfd):
    return meeting(tmp_path, monkeypatch, capfd)


# P3, P11, P12: interrupts and time


@pytest.mark.parametrize("settings", [(), (BENCH,)], ids=["stop", "bench"])
def test_p3_ctrl_c_is_the_users_and_not_the_plugins(tmp_path, settings):
    loops = "open('looping', 'w').close()\nwhile True: time.sleep(0.01)"
    (tmp_path / "bad.py").write_text(answering(loops))
    sets = [word for each in (*MARKET, SEATS, *settings) for word in ("--set", each)]
    words = [LOBSIM, "run", "quickstart", "--with", "bad.py", *sets]
    with subprocess.Popen(words, cwd=tmp_path, **PIPES) as process:
        while not (tmp_path / "looping").exists():
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20) == ("", f"{KEPT}\n")
    assert process.returncode == 130
    assert lobsim.open_run(tmp_path / "runs" / "quickstart").manifest["state"] == "interrupted"


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize(
    ("source", "settings", "said"),
    [
        (BOOM, (), ["ValueError: boom (bad.py:7)", "raise ValueError('boom')  # <-"]),
        (HANGS, (FAST,), ["no answer after 0.4 s (plugin_timeout_s) (bad.py:7)", "time.sleep(60)"]),
        (answering("sys.exit(0)"), (), ["SystemExit: 0 (bad.py:7)", "sys.exit(0)"]),
    ],
    ids=["P1", "P11", "P3"],
)
def test_a_comparison_ends_at_a_fault_and_names_the_replication(meet, jobs, source, settings, said):
    told = meet(source, "--jobs", jobs, "--reps", "2", settings=settings, verb="compare")
    error = f"error: strategy 'bad': on_quote at 0 s: {said[0]}"
    *lines, where = told.err
    assert (told.code, told.out, lines) == (4, "", [error, f"  bad.py:7, in on_quote: {said[1]}"])
    assert re.fullmatch(r"in replication ([01]): --seed 1 --rep \1", where)
    assert os.listdir() == ["bad.py"]


def test_p3_a_keyboard_interrupt_of_a_plugin_in_a_worker_is_its_error(meet):
    told = meet(answering("raise KeyboardInterrupt('x')"), *TWO, verb="compare")
    assert told.code == 4


def test_p11_a_table_that_never_comes_ends_a_comparison_before_it_starts(meet):
    source = plugin("def quote_table(self, market): time.sleep(60)")
    told = meet(source, *TWO, settings=[FAST], verb="compare")
    said = "error: strategy 'bad': quote_table: no answer after 0.4 s (plugin_timeout_s)"
    assert told == (4, "", [said])


SOMETIMES = answering("if desk.random.random() < 0.3: raise ValueError('boom')", "on_start")


def test_p1_the_other_replications_go_on_where_a_plugin_is_benched(meet):
    runs = [
        meet(SOMETIMES, "--jobs", jobs, "--reps", "9", settings=[BENCH], verb="compare")
        for jobs in "12"
    ]
    assert runs[0] == runs[1]
    code, out, err = runs[0]
    rows = json.loads(out)
    count = rows[2]["benched"]
    assert (code, 0 < count < 9) == (0, True)
    assert [row["benched"] for row in rows] == [0, 0, count] * 2
    said = rf"failed in {count} of 9 replications; in --rep \d: strategy 'bad': on_start at 0 s: "
    for line, mode in zip(err, ["isolated", "shared"], strict=True):
        assert re.match(f"warning: {mode}: bad {said}", line)


def test_p11_a_benched_plugin_that_hangs_in_a_comparison(meet):
    mode = "--mode", "shared"
    told = meet(HANGS, *TWO, *mode, settings=[FAST, BENCH], verb="compare")
    assert told.code == 0
    assert told.err == [f"warning: shared: bad failed in 2 of 2 replications; in --rep 0: {LATE}"]


def test_p12_a_plugin_that_takes_most_of_the_time_is_told(meet, monkeypatch):
    monkeypatch.setattr("lobsim.watch.LEAST_LOOKS", 4)
    slow, silent, _ = meet(answering("time.sleep(0.7)", "on_end")).err
    share = re.fullmatch(r"warning: bad took (\d+)% of the run's \d s for its answers", slow)
    assert 50 < int(share[1]) <= 100
    assert silent == SILENT


def test_p25_a_plugin_that_counts_finds_nothing_of_other_runs(meet):
    counts = "assert self.calls == 0\ntype(self).made += 1"
    quotes = "self.calls += 1\nreturn desk.quote(bid_depth=self.calls / 99, ask_depth=0.5)"
    source = plugin(
        "made = 0\n" + asked("__init__", "self.calls = 0") + asked("on_start", counts)
        + asked("on_quote", quotes)
    )  # fmt: skip
    one, two = (meet(source, "--jobs", n, "--reps", "4", verb="compare") for n in "12")
    assert one == two
    assert (one.code, json.loads(one.out)[2]["fills_mean"] > 1) == (0, True)


# P24, P26: folders and prints

MOVES = "os.chdir(os.pardir)"
TABLE = "return QuoteTable([0], [0], [[1]], [[1]])"


@pytest.mark.parametrize("hook", ["on_start", "on_quote", "on_end"])
def test_p24_who_changes_the_folder_does_not_take_the_run_along(meet, hook, tmp_path):
    assert meet(answering(MOVES, hook)).code == 0
    assert verify(the_run().folder).problems == ()
    assert sorted(os.listdir()) == ["bad.py", "runs"]
    assert os.listdir(tmp_path) == ["here"]


def early(place, does):
    """A plugin that does so before the run."""
    return {
        "quote_table": plugin(f"def quote_table(self, market):\n    {does}\n    {TABLE}"),
        "__init__": plugin(asked("__init__", does)),
        "hook": plugin(offers=f"{{'bad': Bad}} if {does} else {{'bad': Bad}}"),
        "import": plugin(before=does),
    }[place]


@pytest.mark.parametrize("place", ["quote_table", "__init__", "hook", "import"])
def test_p24_nor_before_the_run(meet, place):
    assert meet(early(place, MOVES)).code == 0
    assert sorted(os.listdir()) == ["bad.py", "runs"]


@pytest.mark.parametrize("hook", ["on_start", "on_mid", "on_end"])
@pytest.mark.parametrize("form", ["json", "csv", "table"])
def test_p26_what_is_printed_goes_to_a_file_of_the_run(meet, hook, form):
    quiet = meet(answering("pass", hook), "--format", form)
    told = meet(answering("print('hello')", hook), "--format", form)
    assert (told.code, "hello" in told.out) == (0, False)
    assert len(told.out.splitlines()) == len(quiet.out.splitlines())
    run = the_run()
    assert set((run.folder / "prints.txt").read_text().splitlines()) == {"hello"}
    assert "prints.txt" in run.manifest["files"]
    assert verify(run.folder).problems == ()


@pytest.mark.parametrize(
    "place",
    ["quote_table", "__init__", "hook", "import"],
)
@pytest.mark.parametrize("verb", ["run", "compare"])
def test_p26_what_is_printed_before_the_run_breaks_no_json(meet, place, verb):
    told = meet(early(place, "print('hello')"), *TWO * (verb == "compare"), verb=verb)
    assert json.loads(told.out)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_p26_what_is_printed_breaks_no_comparison(meet, jobs):
    told = meet(answering("print('hello')"), "--jobs", jobs, "--reps", "2", verb="compare")
    assert json.loads(told.out)


@pytest.mark.parametrize(
    "does",
    [
        pytest.param("os.write(1, b'hello')", marks=known("sys.stdout alone is redirected")),
        pytest.param("os.system('echo hello')", marks=known("sys.stdout alone is redirected")),
        "sys.stdout.close()",
    ],
)
def test_p26_nor_by_other_ways(meet, does):
    told = meet(answering(does, "on_end"))
    assert json.loads(told.out)
