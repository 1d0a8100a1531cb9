"""Tasks carried out anywhere give the same; a killed worker is survived, and nothing hangs."""

import os
import signal
import threading
import time

import pytest

from lobsim.errors import PluginError, WorkerError
from lobsim.workers.executors import SPREAD, Outcome, carried_out, in_order
from lobsim.workers.pools import Processes, pool_of
from started import Started


def squared_late(number):
    time.sleep(0.02 * (number % 3))
    return number * number


def refuse_odd(number):
    if number % 2:
        error = PluginError(f"number {number} is odd")
        error.add_note("and so is this note")
        raise error
    return number


class UnsendableError(Exception):
    def __init__(self, one, two):
        super().__init__("one argument alone")


def fail_oddly(number):
    raise UnsendableError(number, threading.Lock())


def die(number):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.05)
    return number


def die_once(path):
    if path.name == "3" and not path.exists():
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.05)
    return path.name


POOLS = {
    "none": lambda: None,
    "threads": lambda: pool_of("threads", 3, None),
    "loky": lambda: pool_of("loky", 2, None),
    "fork": lambda: Started("fork", 2),
    "forkserver": lambda: Started("forkserver", 2),
    "spawn": lambda: Started("spawn", 2),
}


@pytest.mark.parametrize("pool", POOLS)
def test_values_come_back_by_number_wherever_tasks_are_carried_out(pool):
    found = in_order(carried_out(squared_late, range(20), POOLS[pool]()))
    assert list(found) == [number * number for number in range(20)]


@pytest.mark.parametrize("pool", ["none", "threads", "loky"])
def test_an_error_of_the_user_takes_the_place_of_a_value(pool):
    found = {each.number: each for each in carried_out(refuse_odd, range(4), POOLS[pool]())}
    assert [found[number].value for number in range(4)] == [0, None, 2, None]
    assert found[3].error.problems == ("number 3 is odd",)
    assert found[3].error.__notes__ == ["and so is this note"]


def test_in_order_the_first_error_is_raised_when_its_turn_comes():
    late = [Outcome(1, error=PluginError("second")), Outcome(2, "third"), Outcome(0, "first")]
    found = in_order(late)
    assert next(found) == "first"
    with pytest.raises(PluginError, match="second"):
        next(found)


def test_the_text_of_an_error_that_cannot_travel_arrives():
    with pytest.raises(RuntimeError, match="one argument alone"):
        list(carried_out(fail_oddly, range(1), pool_of("loky", 2, None)))


@pytest.mark.parametrize("pool", [lambda: Processes(2), lambda: Started("spawn", 2)])
def test_what_kills_its_worker_twice_is_told_and_the_rest_is_done(pool):
    found = sorted(carried_out(die, range(8), pool()), key=lambda each: each.number)
    assert [each.value for each in found] == [0, 1, 2, None, 4, 5, 6, 7]
    assert isinstance(found[3].error, WorkerError)
    assert found[3].error.problems[0].startswith("worker killed")


def test_the_signal_that_killed_a_worker_is_named():
    (only,) = carried_out(die, [3], Processes(2))
    assert only.error.problems == ("worker killed (signal 9; likely out of memory)",)


def test_what_was_under_way_with_a_killed_worker_is_done_again(tmp_path):
    tasks = [tmp_path / str(number) for number in range(8)]
    found = in_order(carried_out(die_once, tasks, Processes(2)))
    assert list(found) == [str(number) for number in range(8)]


@pytest.mark.parametrize("pool", ["none", "threads", "loky"])
def test_once_stopping_only_what_is_under_way_is_finished(pool):
    done = []
    found = carried_out(squared_late, range(1000), POOLS[pool](), lambda: len(done) >= 5)
    done.extend(found)  # grows as they come
    assert 5 <= len(done) < 20


def test_none_runs_far_ahead_of_the_oldest():
    started = []

    def first_is_slow(number):
        started.append(number)
        if number == 0:
            while len(started) < 2 * SPREAD + 1 and time.monotonic() < end:
                time.sleep(0.001)
            time.sleep(0.1)  # time enough for others to go on, if they may
            return max(started)
        return number

    end = time.monotonic() + 20
    seen = next(
        each.value
        for each in carried_out(first_is_slow, range(10_000), pool_of("threads", 2, None))
        if each.number == 0
    )
    assert seen < 2 * SPREAD + 5
