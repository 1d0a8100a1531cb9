"""The tally of rows: against numpy on whole columns, and the same however it is fed."""

import math
from dataclasses import asdict
from itertools import pairwise

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from lobsim.summaries import Summaries
from lobsim.tally import Problem, Tally
from made_summaries import found_of, part, parts, summaries

FOUND = found_of(2_600)


def tally_of(found, cuts=(), baseline="a"):
    names = tuple(next(iter(found.values())))
    tally = Tally(tuple(found), names, baseline)
    n = len(next(iter(found.values()))[baseline])
    bounds = [0, *sorted(set(cuts)), n]
    for first, last in pairwise(bounds):
        tally.add(parts(found, first, last))
    return tally


BOUNDARIES = [*range(5, 200, 5), *range(200, 2_000, 50), 2_000, 2_500]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(BOUNDARIES), max_size=30))
def test_it_does_not_matter_how_replications_were_cut(cuts):
    whole, cut = tally_of(FOUND), tally_of(FOUND, cuts)
    assert repr(cut.rows()) == repr(whole.rows())
    assert repr(cut.differences()) == repr(whole.differences())


def test_a_batch_inside_a_cell_is_a_defect():
    tally = Tally(("isolated",), ("a",), "a")
    tally.add({"isolated": {"a": summaries("a", np.arange(7.0))}})
    assert tally.count == 7
    with pytest.raises(ValueError, match="inside the cell 5 to 9"):
        tally.add({"isolated": {"a": summaries("a", np.arange(3.0))}})


def test_what_does_not_fit_together_is_a_defect():
    with pytest.raises(ValueError, match="baseline 'x' is not among a, b"):
        Tally(("isolated",), ("a", "b"), "x")
    tally = Tally(("isolated",), ("a", "b"), "a")
    with pytest.raises(ValueError, match="no replications"):
        tally.rows()
    uneven = {name: summaries(name, np.zeros(n)) for name, n in (("a", 5), ("b", 4))}
    with pytest.raises(ValueError, match=r"unlike numbers of replications: \[4, 5\]"):
        tally.add({"isolated": uneven})


@pytest.mark.parametrize("n", [2, 9, 200, 2_600])
def test_rows_are_the_figures_of_whole_columns(n):
    found = parts(FOUND, 0, n)
    rows = tally_of(found).rows()
    assert [(row.mode, row.strategy) for row in rows] == [
        (mode, name) for mode in ("isolated", "shared") for name in "abc"
    ]
    for row in rows:
        whole = found[row.mode][row.strategy]
        profit = whole.column("profit")
        mean, sd = profit.mean(), profit.std(ddof=1)
        low, high = scipy.stats.t.interval(0.95, n - 1, mean, sd / math.sqrt(n))
        close = {
            "profit_mean": mean, "profit_sd": sd, "profit_low": low, "profit_high": high,
            "inventory_mean": whole.column("inventory").mean(),
            "inventory_sd": whole.column("inventory").std(ddof=1),
            "fills_mean": whole.column("fills").mean(),
            "maker_trades_mean": whole.column("maker_trades").mean(),
            "saturated_share": whole.column("saturated").sum() / whole.column("quotes").sum(),
            "uptime": whole.column("uptime").mean(),
            "best_share": whole.column("best_share").mean(),
        }  # fmt: skip
        for name in ("profit_closed", "spread_earned", "luck", "fees", "drawdown"):
            close[f"{name}_mean"] = whole.column(name).mean()
        for name, value in close.items():
            assert getattr(row, name) == pytest.approx(float(value), rel=1e-12), name
        spreads = whole.known("spread")
        assert row.spread_mean == (pytest.approx(spreads.mean()) if len(spreads) else None)
        assert row.halts == whole.column("halts").sum()
        assert row.worst_rep == whole.column("profit").argmin()
        assert row.best_rep == whole.column("profit").argmax()
        assert (row.reps, row.benched) == (n, 0)


@pytest.mark.parametrize("n", [1, 2, 3, 10, 40, 200])
@pytest.mark.parametrize("profit", ["constant", "normal"])
def test_every_figure_is_finite_or_none(n, profit):
    values = np.zeros(n) if profit == "constant" else np.random.default_rng(n).normal(size=n)
    found = {
        mode: {"a": summaries("a", values), "b": summaries("b", values[::-1])}
        for mode in ("isolated", "shared")
    }
    tally = tally_of(found)
    figures = [asdict(each) for each in (*tally.rows(), *tally.differences())]
    assert all(
        math.isfinite(value)
        for each in figures
        for value in each.values()
        if isinstance(value, float)
    )
    row = tally.rows()[0]
    known = [row.profit_sd, row.profit_low, row.inventory_sd, row.profit_sd_low]
    assert all((value is None) == (n == 1) for value in known)
    assert (row.profit_q05 is None) == (row.profit_q95_high is None) == (n < 40)


def test_the_first_of_equals_is_the_worst_and_the_best():
    profit = np.zeros(700)
    profit[[333, 550]], profit[[222, 650]] = -1, 1
    row = tally_of({"shared": {"a": summaries("a", profit)}}, [200, 400]).rows()[0]
    assert (row.worst_rep, row.best_rep) == (333, 222)


def test_a_strategy_that_never_quotes_has_no_spread():
    whole = summaries("a", np.zeros(6))
    columns = {name: whole.column(name).copy() for name in whole._columns}
    columns["spread"][:], columns["quotes"][:], columns["saturated"][:] = np.nan, 0, 0
    row = tally_of({"shared": {"a": Summaries("a", columns)}}).rows()[0]
    assert row.spread_mean is row.saturated_share is None


def test_plugins_that_failed_are_told_with_the_first_replication():
    found = {"isolated": {"a": summaries("a", np.zeros(300)), "b": summaries("b", np.zeros(300))}}
    found["isolated"]["b"].problems.update({260: "late", 222: "early", 299: "last"})
    tally = tally_of(found, [50, 250])
    assert tally.problems == (Problem("isolated", "b", 222, "early", 3),)
    assert [row.benched for row in tally.rows()] == [0, 3]


def test_memory_is_flat():
    """A tally of many replications holds no more arrays than one block of profits."""
    whole = {"shared": {"a": summaries("a", np.random.default_rng(1).normal(size=22_000))}}
    tally = tally_of(whole)
    for _ in range(20):
        tally.add({"shared": {"a": part(whole["shared"]["a"], 0, 2_000)}})
    held = [len(each.quantiles.recent) for each in tally._figures.values()]
    assert max(held) < 20_000
