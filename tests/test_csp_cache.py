"""Solved once and kept: the same answer, from a file that nothing has happened to."""

import os
from dataclasses import replace

import numpy as np
import pytest

from lobsim.policy import csp_cache
from lobsim.policy.csp_cache import cached_rolling, cached_schedule, default_folder, key
from lobsim.policy.csp_problem import ScheduleProblem

PROBLEM = ScheduleProblem(
    A_bid=1.5, A_ask=1.5, k=1.5, sigma=0.3, horizon_s=4.0, steps=2, levels=6, depth_step=0.25,
    terminal_penalty=0.05, max_inventory=8.0,
)  # fmt: skip


def schedule(folder):
    return cached_schedule(PROBLEM, folder=folder)


def rolling(folder):
    return cached_rolling(PROBLEM, max_inventory=1, folder=folder)


@pytest.fixture
def solves(monkeypatch):
    """How many schedules and rolling tables have been solved."""
    counts = []
    for name in ("solve_schedule", "solve_rolling"):
        real = getattr(csp_cache, name)
        monkeypatch.setattr(
            csp_cache, name, lambda *a, real=real, **k: counts.append(1) or real(*a, **k)
        )
    return counts


def same(one, other):
    assert one.table() == other.table()
    assert (one.gap, one.status, one.problem) == (other.gap, other.status, other.problem)


@pytest.mark.parametrize("solve", [schedule, rolling])
def test_what_was_solved_is_read_the_second_time(tmp_path, solves, solve):
    first, second = solve(tmp_path / "new" / "er"), solve(tmp_path / "new" / "er")
    same(first, second)
    assert len(solves) == 1
    (kept,) = (tmp_path / "new" / "er").iterdir()
    assert kept.suffix == ".npz"


def test_a_schedule_that_is_read_is_equal_to_the_one_that_was_written(tmp_path):
    assert schedule(tmp_path) == schedule(tmp_path)


@pytest.mark.parametrize("solve", [schedule, rolling])
@pytest.mark.parametrize("damage", ["empty", "half", "flipped", "text", "levels", "shape", "bound"])
def test_a_damaged_file_is_solved_again_and_rewritten(tmp_path, solves, solve, damage):
    first = solve(tmp_path)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    with np.load(path) as stored:
        levels, figures = stored["levels"], str(stored["figures"])
    middle = len(whole) // 3
    match damage:
        case "empty":
            path.write_bytes(b"")
        case "half":
            path.write_bytes(whole[: len(whole) // 2])
        case "flipped":
            path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :])
        case "text":
            path.write_text("not an archive")
        case "levels":
            np.savez(path, levels=levels - 7, figures=figures)
        case "shape":
            np.savez(path, levels=levels[:, :1], figures=figures)
        case "bound":
            np.savez(path, levels=levels, figures=figures.replace("bound", "round"))
    same(first, solve(tmp_path))
    assert len(solves) == 2
    same(first, solve(tmp_path))
    assert len(solves) == 2


@pytest.mark.parametrize("solve", [schedule, rolling])
def test_a_folder_that_cannot_be_written_is_no_error(tmp_path, solves, solve):
    occupied = tmp_path / "file"
    occupied.write_text("")
    same(solve(occupied), solve(occupied / "below"))
    assert len(solves) == 2


def test_a_failed_write_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    schedule(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_another_input_is_another_key():
    effort = {"time_limit_s": 60.0, "gap": 1e-3, "workers": 1, "seed": 1}
    keys = {key(PROBLEM, "schedule", **effort), key(PROBLEM, "rolling", **effort)}
    for name, value in effort.items():
        keys.add(key(PROBLEM, "schedule", **{**effort, name: value * 2}))
    for name in ("k", "sigma", "max_inventory", "horizon_s"):
        keys.add(key(replace(PROBLEM, **{name: 9.0}), "schedule", **effort))
    assert len(keys) == 10
    assert key(replace(PROBLEM), "schedule", **effort) in keys


def test_the_folder_is_lobsim_cache_then_xdg_then_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("LOBSIM_CACHE", raising=False)
    assert default_folder() == tmp_path / ".cache" / "lobsim"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert default_folder() == tmp_path / "x" / "lobsim"
    monkeypatch.setenv("LOBSIM_CACHE", str(tmp_path / "mine"))
    assert default_folder() == tmp_path / "mine"
    monkeypatch.setenv("LOBSIM_CACHE", "")
    assert default_folder() is None


def test_an_empty_lobsim_cache_keeps_nothing(monkeypatch, tmp_path, solves):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOBSIM_CACHE", "")
    same(schedule(None), schedule(None))
    assert len(solves) == 2
    assert list(tmp_path.iterdir()) == []


def test_what_no_search_can_be_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(ValueError, match="gap = 2: must be between 0 and 1"):
        cached_schedule(PROBLEM, folder=tmp_path, gap=2)
