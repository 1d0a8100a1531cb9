"""Comparisons: paired differences, as many replications as were asked for, flat memory."""

import math
from pathlib import Path

import numpy as np
import pytest
import scipy.stats

from lobsim import compare
from lobsim.compare import KEPT
from lobsim.errors import UsageError
from lobsim.workers.batches import joined

SMALL = ("duration_s=0.05",)
NAMES = ["a-s", "wide", "tight"]


def compared(**how):
    return compare("quickstart", settings=SMALL, **{"reps": 30, **how})


@pytest.fixture(scope="module")
def both():
    return compared(reps=250)


def profits(found, mode, name):
    return np.array([each.profit for each in found.summaries[mode][name]])


def test_differences_are_of_the_same_replications(both):
    assert [(each.mode, each.strategy) for each in both.differences] == [
        ("isolated", "wide"), ("isolated", "tight"), ("shared", "wide"), ("shared", "tight"),
        *(("shared - isolated", name) for name in NAMES),
    ]  # fmt: skip
    for each in both.differences:
        if each.mode == "shared - isolated":
            alone = profits(both, "isolated", each.strategy)
            apart = profits(both, "shared", each.strategy) - alone
        else:
            apart = profits(both, each.mode, each.strategy) - profits(both, each.mode, "a-s")
        assert each.mean == pytest.approx(apart.mean(), rel=1e-12)
        half = (each.high - each.low) / 2
        points = scipy.stats.t.ppf(1 - 0.025 / each.comparisons, 249)
        assert half == pytest.approx(points * apart.std(ddof=1) / math.sqrt(250), rel=1e-9)


def test_the_baseline_is_whom_one_names(both):
    found = compared(reps=250, baseline="tight", mode="isolated")
    (a_s, wide) = found.differences
    assert (a_s.baseline, wide.baseline) == ("tight", "tight")
    other = next(each for each in both.differences if each.strategy == "tight")
    assert a_s.mean == -other.mean


def test_one_strategy_alone_has_no_differences():
    found = compared(mode="isolated", strategies=["wide"])
    assert found.differences == ()
    assert found.as_dicts()[0]["difference_mean"] is None


def test_in_json_a_row_has_its_differences(both):
    rows = {(row["mode"], row["strategy"]): row for row in both.as_dicts()}
    pairs = {(each.mode, each.strategy): each for each in both.differences}
    assert rows["shared", "wide"]["difference_mean"] == pairs["shared", "wide"].mean
    assert rows["shared", "wide"]["company_low"] == pairs["shared - isolated", "wide"].low
    assert rows["isolated", "a-s"]["difference_mean"] is None
    assert rows["isolated", "wide"]["company_mean"] is None


@pytest.mark.parametrize("jobs", [1, 2, 5])
@pytest.mark.parametrize("engine", ["event", "compiled"])
def test_nothing_depends_on_engine_or_jobs(jobs, engine):
    one = compared(reps=60, engine="event", jobs=1)
    other = compared(reps=60, engine=engine, jobs=jobs)
    assert (one.rows, one.differences, one.summaries) == (
        other.rows, other.differences, other.summaries,
    )  # fmt: skip


def test_until_a_half_width_exactly_so_many_are_run_as_the_pilot_says():
    told = []
    found = compared(until="0.4", mode="isolated", tell=told.append)
    assert told[-1] == f"{found.reps:,} replications are wanted, as the first 400 say"
    pilot = compared(reps=400, mode="isolated")
    points = 2.2506  # Student's, 399 degrees, Bonferroni of two
    wanted = max(
        points * (profits(pilot, "isolated", name) - profits(pilot, "isolated", "a-s")).std(ddof=1)
        for name in ("wide", "tight")
    )
    assert found.reps == pytest.approx(max(400, (wanted / 0.4) ** 2), rel=2e-4)
    assert {each.method for each in found.differences} == {"stein"}
    assert max(each.high - each.low for each in found.differences) <= 0.8 * (1 + 1e-12)


def test_a_pilot_that_suffices_is_all():
    assert compared(until="5", mode="isolated").reps == 400


def test_the_summaries_of_the_first_replications_are_at_hand_and_all_can_be_had():
    parts = []
    found = compared(reps=KEPT + 900, mode="isolated", strategies=["wide"], each=parts.append)
    assert len(found.summaries["isolated"]["wide"]) == KEPT
    every = joined(parts)["isolated"]["wide"]
    assert len(every) == found.reps == KEPT + 900
    assert found.rows[0].profit_mean == pytest.approx(every.column("profit").mean(), rel=1e-12)
    assert (
        found.summaries["isolated"]["wide"]
        == joined([{"isolated": {"wide": found.summaries["isolated"]["wide"]}}])["isolated"]["wide"]
    )


WRONG = {
    "baseline": ({"baseline": "tigth"}, "--baseline 'tigth': takes no part; did you mean 'tight'"),
    "until": ({"until": "0"}, "until '0': must be a number above 0"),
    "nan": ({"until": "nan"}, "until 'nan': must be a number above 0"),
    "too narrow": ({"until": "1e-6"}, "until 1e-06: would take .* replications, .* is the most"),
    "replications": ({"reps": 0}, "reps 0: must be 1 or more"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_meant_is_told(case):
    how, said = WRONG[case]
    with pytest.raises(UsageError, match=said):
        compared(**how)


def test_tapes_are_kept_where_the_caller_stands_whoever_writes_them(tmp_path, monkeypatch):
    """Workers live on from one comparison to the next, and stand where they were made."""
    for name in ("here", "there"):
        (tmp_path / name / "kept").mkdir(parents=True)
        monkeypatch.chdir(tmp_path / name)
        compare(
            "quickstart", settings=["duration_s=0.02"], mode="shared", reps=4, jobs=2,
            keep=Path("kept"), engine="event",
        )  # fmt: skip
        assert len(list((tmp_path / name / "kept" / "shared").glob("*/run.json"))) == 4
