"""The simulated half of the scorecard, and the command: samples pass that are sound, no others."""

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

from kept_runs import lobsim as called
from lobsim.quotes import quotes_of
from lobsim.setup import open_scenario
from lobsim.summaries import Summaries
from lobsim.validate import scorecard, simulated
from lobsim.validate.line import Line
from lobsim.validate.simulated import (
    EXPERIMENTS,
    Experiment,
    deviation_line,
    experiment_lines,
    law_line,
    mean_line,
    pooled,
    sample_lines,
    wrong_lines,
)

RNG = np.random.default_rng(5)


def law(*probabilities):
    return SimpleNamespace(
        inventories=np.arange(len(probabilities)) - 1, probabilities=np.array(probabilities)
    )


def test_a_mean_is_as_many_standard_errors_off_as_it_is():
    line = mean_line("", "", np.array([1.0, 2.0, 3.0, 4.0]), 1.5, sd=2.0)
    assert line.got == 2.5
    assert line.z == pytest.approx(1.0)  # error 2 / sqrt(4)
    assert line.passed
    own = mean_line("", "", np.array([1.0, 2.0, 3.0, 4.0]), 1.5)
    assert own.z == pytest.approx(1 / (math.sqrt(5 / 3) / 2))
    assert mean_line("", "", np.ones(4), 1.0).passed
    assert not mean_line("", "", np.ones(4), 1.1).passed  # without any spread nothing is far


def test_the_error_of_a_deviation_is_what_samples_scatter():
    """Against 4,000 samples of 200 uniform numbers: kurtosis 1.8, sd sqrt(1/12)."""
    samples = RNG.random((4000, 200))
    scatter = samples.std(axis=1, ddof=1).std()
    line = deviation_line("", "", samples[0], math.sqrt(1 / 12), 1.8)
    assert line.tolerance / 4 == pytest.approx(scatter, rel=0.05)


def test_a_sample_of_another_law_is_found_out():
    exact = law(0.2, 0.5, 0.3)
    held = RNG.choice([-1.0, 0.0, 1.0], size=20_000, p=[0.2, 0.5, 0.3])
    assert law_line("", held, exact).passed
    other = RNG.choice([-1.0, 0.0, 1.0], size=20_000, p=[0.23, 0.5, 0.27])
    assert not law_line("", other, exact).passed
    assert not law_line("", np.append(held, 7.0), exact).passed  # where no path can be


def test_the_false_alarms_of_the_chi_square_line_are_as_rare_as_it_says():
    exact = law(0.2, 0.5, 0.3)
    samples = RNG.choice([-1.0, 0, 1], (2000, 500), p=[0.2, 0.5, 0.3])
    zs = [law_line("", sample, exact).z for sample in samples]
    assert np.mean(np.array(zs) > 1.2815515655) == pytest.approx(0.1, abs=0.03)


def test_cells_that_expect_little_are_put_together():
    assert pooled(np.array([1.0, 1, 4, 20, 3, 1, 1, 9, 0.5])) == [0, 3, 4, 7]
    assert pooled(np.array([1.0, 1])) == [0]


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda each: each.name)
def test_every_experiment_passes_in_a_small_dose(experiment):
    if experiment.scenario in ("policies", "avellaneda-stoikov-2008"):
        experiment = Experiment(
            experiment.name, experiment.scenario, (1, 1), (), ("inventory-g1",)
            if experiment.scenario.endswith("2008") else ("glft",),
        )  # fmt: skip
    lines = experiment_lines(experiment, 60, seed=3)
    assert len(lines) >= 3 * max(1, len(experiment.strategies))
    assert all(line.passed for line in lines), [line for line in lines if not line.passed]


def test_a_simulator_whose_fills_pay_a_hundredth_less_would_be_found_out():
    """At the replications of the full scorecard: the mean's line, were profits 1 % lower."""
    quotes = quotes_of(open_scenario("base-case"), "hjb-table")
    exact = quotes.moments()
    reps = next(each.reps[1] for each in EXPERIMENTS if each.name == "base case")
    error = exact.profit_sd / math.sqrt(reps)
    assert 0.01 * exact.profit_mean / error > 3.5
    columns = {"profit": 0.99 * exact.profit_mean, "inventory": 0, "fills": 11}
    summaries = Summaries("", {name: np.full(reps, value) for name, value in columns.items()})
    lines = {line.name: line for line in sample_lines("", quotes, summaries)}
    assert lines["profit, mean"].z < -3.5
    assert not lines["profit, sd"].passed
    assert not lines["law of the inventory, chi-square"].passed


def test_wrong_quotes_earn_what_they_earn_and_not_the_value():
    fair, control = wrong_lines(200, seed=2)
    assert fair.expected == pytest.approx(4.33811379, abs=1e-8)
    assert fair.passed
    assert control.kind == "control"
    assert control.passed
    assert control.expected == pytest.approx(7.014103811560176)


@pytest.fixture
def lobsim(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    good = Line("theory", "two", "by hand", 2.0, 2.0, 1e-12)
    monkeypatch.setattr(scorecard, "PARTS", {"theory": lambda: [good]})
    few = (Experiment("base case", "base-case", (8, 8), (), ("fixed-spread",)),)
    monkeypatch.setattr(simulated, "EXPERIMENTS", few)
    monkeypatch.setattr(simulated, "WRONG_REPS", (40, 40))
    return called


def test_the_scorecard_names_source_numbers_and_verdict_of_every_line(lobsim):
    told, _ = lobsim("validate", "--quick")
    text = "\n".join(told)
    assert "two 2 2 1.0e-12 pass by hand" in " ".join(text.split())
    assert "8 lines, 8 passed, 0 failed" in text
    assert "chance that any of the 6 sampled lines fails although all is right: 0.0%" in text


def test_the_scorecard_as_json(lobsim):
    told, _ = lobsim("validate", "--quick", "--format", "json")
    rows = json.loads("\n".join(told))
    assert len(rows) == 8
    assert rows[0] == {
        "group": "theory", "name": "two", "source": "by hand", "kind": "exact", "expected": 2.0,
        "got": 2.0, "tolerance": 1e-12, "z": None, "passed": True,
    }  # fmt: skip
    assert all(row["passed"] for row in rows)
    again, _ = lobsim("validate", "--quick", "--format", "json", "--seed", "2")
    assert json.loads("\n".join(again))[1]["got"] != rows[1]["got"]


@pytest.mark.parametrize("got", [2.1, math.nan])
def test_a_failed_line_ends_with_exit_code_1(lobsim, monkeypatch, got):
    bad = Line("theory", "two", "by hand", 2.0, got, 1e-12)
    monkeypatch.setattr(scorecard, "PARTS", {"theory": lambda: [bad]})
    told, errors = lobsim("validate", "--quick", code=1)
    assert errors == ["error: 1 of 8 lines failed"]
    assert any(line.startswith(" FAIL  theory: two: expected 2, got") for line in told)
