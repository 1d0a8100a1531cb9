"""`lobsim solve`: a strategy's quotes, exactly, as a table, a picture and figures."""

import json
import math

import numpy as np
import pytest

from kept_runs import lobsim as called
from lobsim import QuoteTable, compare
from lobsim.errors import ScenarioError, UsageError
from lobsim.solved import solve_for

SMALL = ("asset.flow.A=1.5", "duration_s=2", "risk.max_inventory=3")
OUT = ("--out", "mine.npz")


@pytest.fixture
def lobsim(tmp_path, monkeypatch):
    """Call the command in an empty folder: the lines that it prints, and its errors."""
    monkeypatch.chdir(tmp_path)
    return called


def test_the_value_of_the_best_quotes_is_what_these_quotes_reach():
    """v(0, 0) by the solver, E[W - phi q^2] by the chain: the table's rows are so many that
    nothing of the difference is left; the golden value is known from two other methods.
    """
    found = solve_for("hjb-table", "base-case")
    assert found.value == pytest.approx(7.014103811560176, rel=1e-12)
    assert found.objective == pytest.approx(found.value, rel=1e-8)


def test_the_certainty_equivalent_of_the_2008_quotes_is_below_the_best():
    best, theirs = (solve_for(name, "policies") for name in ("cara-table", "a-s"))
    assert best.value == pytest.approx(64.13348913855553, rel=1e-12)
    assert best.objective == pytest.approx(best.value, rel=1e-6)
    # 61.4035 without a floor of the flow and without a bound of the inventory
    assert theirs.value == pytest.approx(61.4035, abs=2e-3)


def test_json_has_the_figures_and_the_quotes(lobsim):
    told = json.loads(lobsim("solve", "hjb-table", "base-case", "--format", "json", *OUT)[0][0])
    assert told["value"] == pytest.approx(7.014103811560176)
    assert told["inventories"] == list(range(-5, 6))
    assert told["times_s"][0] == 0
    assert told["times_s"] == sorted(told["times_s"])
    for side, silent in (("bid_depth", 10), ("ask_depth", 0)):
        assert len(told[side]) == len(told["times_s"])
        for row in told[side]:
            assert [i for i, depth in enumerate(row) if depth is None] == [silent]
    assert told["bid_depth"][0][5] == pytest.approx(0.6913030197642466, rel=1e-12)
    law = {each["inventory"]: each["probability"] for each in told["inventory_law"]}
    assert sum(law.values()) == pytest.approx(1)
    mean = sum(q * p for q, p in law.items())
    square = sum(q * q * p for q, p in law.items())
    assert told["inventory_mean"] == pytest.approx(mean, abs=1e-9)
    assert told["inventory_sd"] == pytest.approx(math.sqrt(square - mean**2))
    assert told["profit_mean"] - 0.05 * square == pytest.approx(told["value"], rel=1e-8)
    assert told["fills_bid"] == pytest.approx(told["fills_ask"], rel=1e-9)


def test_the_table_that_is_saved_plays_as_the_strategy_itself(lobsim, tmp_path):
    settings = [part for each in SMALL for part in ("--set", each)]
    lobsim("solve", "hjb-table", "base-case", *settings, *OUT)
    page = (tmp_path / "mine.html").read_text()
    assert "bid depth" in page
    assert "<script src=" not in page  # one file, and no network
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".tmp"]
    table = QuoteTable.load(tmp_path / "mine.npz")
    assert table.horizon_s == 2
    saved = f"strategy=[{{plugin='saved-table', params={{table='{tmp_path / 'mine.npz'}'}}}}]"
    played = compare("base-case", settings=[*SMALL, saved], mode="isolated", reps=5, jobs=1)
    own = compare(
        "base-case", settings=SMALL, mode="isolated", reps=5, jobs=1, strategies=["hjb-table"]
    )
    for one, other in zip(
        played.summaries["isolated"]["saved-table"],
        own.summaries["isolated"]["hjb-table"],
        strict=True,
    ):
        assert one.profit == other.profit
        assert one.fills == other.fills


def test_against_another_the_difference_is_shown(lobsim):
    told, _ = lobsim("solve", "hjb-table", "base-case", "--against", "fixed-spread", *OUT)
    row = next(line for line in told if "profit, mean" in line).split()
    mine, theirs, difference = map(float, row[-3:])
    assert difference == pytest.approx(mine - theirs, abs=2e-4)
    assert mine > theirs  # which stands at its bound, one side short, until the other fills


def test_a_plugin_that_the_scenario_does_not_have_joins_it():
    found = solve_for("glft", "base-case", ["glft.gamma=0.5"])
    assert found.name == "glft"
    assert len(found.table.times_s) == 1
    with pytest.raises(ScenarioError, match="needs the parameter 'gamma'"):
        solve_for("glft", "base-case")


def test_the_scheme_of_the_2008_paper_is_evaluated_in_its_steps():
    """Table 1: 64.8925 and 6.5432 are what the scheme comes to; the paper found 65.0 and 6.6."""
    found = solve_for("inventory-g01", "avellaneda-stoikov-2008")
    assert found.exact.profit_mean == pytest.approx(64.8925430856, rel=1e-9)
    assert found.exact.profit_sd == pytest.approx(6.5431524420, rel=1e-9)


BAD = {
    "no such strategy": (("hjb-tabel", "base-case"), 2, "did you mean 'hjb-table'?"),
    "no such scenario": (("hjb-table", "base"), 3, "base-case"),
    "no limit": (("hjb-table", "quickstart", "--set", "hjb-table.terminal_penalty=0.1", "--set",
                  "risk={}"), 3, "strategy 'hjb-table': needs [risk] max_inventory"),
    "a negative penalty": (("hjb-table", "base-case", "--set", "hjb-table.terminal_penalty=-1"),
                           3, "hjb-table.terminal_penalty=-1: must be 0 or more"),
    "an overflowing penalty": (("hjb-table", "base-case", "--set",
                                "hjb-table.terminal_penalty=1e19"), 3, "must be"),
    "k of 0": (("hjb-table", "base-case", "--set", "asset.flow.k=0"), 3, "must be"),
    "a negative sigma": (("hjb-table", "base-case", "--set", "asset.price.sigma=-1"), 3, "must be"),
    "no inventory": (("hjb-table", "base-case", "--set", "risk.max_inventory=0"), 3, "must be"),
    "no time": (("hjb-table", "base-case", "--set", "duration_s=0"), 3, "must be"),
    "a negative gamma": (("cara-table", "base-case", "--set", "cara-table.gamma=-1"), 3,
                         "cara-table.gamma=-1: must be 0 or more"),
    "not an .npz": (("tanh", "base-case", "--out", "mine.csv"), 5, "must end in .npz"),
    "no such table": (("saved-table", "base-case", "--set", "saved-table.table=no.npz"), 3,
                      "no such file"),
    "a lot that does not fit": (("hjb-table", "base-case", "--set", "hjb-table.size=2"), 3,
                                "must be a whole multiple of lot = 2"),
    "an infeasible plan": (("csp-schedule", "csp", "--set", "csp-schedule.max_spread=0.1"), 3,
                           "no schedule keeps max_spread = 0.1, max_inventory = 6; the first that "
                           "cannot be kept, with those before it, is max_inventory"),
    "a plan of no steps": (("csp-schedule", "csp", "--set", "csp-schedule.steps=0"), 3,
                           "csp-schedule.steps=0: must be above 0"),
    "an unknown mode": (("csp-schedule", "csp", "--set", "csp-schedule.mode=x"), 3,
                        "csp-schedule.mode=x: must be 'schedule' or 'rolling'"),
    "against nobody": (("tanh", "base-case", "--against", "x"), 2, "no strategy 'x'"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told_in_one_line_and_nothing_is_written(lobsim, tmp_path, case):
    arguments, code, words = BAD[case]
    told, errors = lobsim("solve", *arguments, code=code)
    assert len(errors) == 1, errors
    assert errors[0].startswith("error: ")
    assert words in errors[0]
    assert not told
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten(lobsim, tmp_path):
    (tmp_path / "mine.html").write_text("keep")
    _, errors = lobsim("solve", "tanh", "base-case", *OUT, code=5)
    assert "mine.html: exists already" in errors[0]
    assert (tmp_path / "mine.html").read_text() == "keep"
    lobsim("solve", "tanh", "base-case")
    lobsim("solve", "tanh", "base-case")
    assert {path.name for path in (tmp_path / "tables").iterdir()} == {
        f"tanh-base-case{more}.{kind}" for more in ("", "-2") for kind in ("npz", "html")
    }


def test_a_table_for_another_horizon_is_refused(tmp_path):
    found = solve_for("tanh", "base-case")
    found.table.save(tmp_path / "ten.npz")
    settings = [f"saved-table.table={tmp_path / 'ten.npz'}", "duration_s=5"]
    with pytest.raises(ScenarioError, match="for a horizon of 10 s, the market lasts 5 s"):
        solve_for("saved-table", "base-case", settings)
    (tmp_path / "not.npz").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(ScenarioError, match="not a quote table"):
        solve_for("saved-table", "base-case", [f"saved-table.table={tmp_path / 'not.npz'}"])


def test_a_strategy_that_decides_as_it_goes_has_no_table(tmp_path):
    plugin = tmp_path / "mine.py"
    plugin.write_text(
        "from lobsim import Strategy, hookimpl\n\n\n"
        "class Mine(Strategy):\n    def on_quote(self, desk):\n        return None\n\n\n"
        "@hookimpl\ndef lobsim_strategies():\n    return {'mine': Mine}\n"
    )
    with pytest.raises(UsageError, match="'mine' gives no quote table"):
        solve_for("mine", "base-case", plugins=[str(plugin)])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["asset.price.model='geometric'", "asset.price.sigma=0.01"], "geometric with poisson"),
        (["requote='timer'", "requote_ms=100"], "continuous requoting"),
    ],
)
def test_without_exact_figures_the_quotes_are_still_there(settings, words):
    found = solve_for("hjb-table", "base-case", settings)
    assert found.exact is None
    assert words in found.why_not
    assert found.value == pytest.approx(7.014103811560176)


def test_gamma_of_zero_is_the_limit_of_small_gamma():
    zero, small = (
        solve_for("cara-table", "base-case", [f"cara-table.gamma={gamma}"]) for gamma in (0, 1e-12)
    )
    for side in ("bid_depth", "ask_depth"):
        one, other = getattr(zero.table, side), getattr(small.table, side)
        known = np.isfinite(one)
        assert np.array_equal(known, np.isfinite(other))
        assert one[known] == pytest.approx(other[known], abs=1e-9)


def test_a_plan_says_how_good_it_is_proven_to_be():
    plan = solve_for("csp-schedule", "csp")
    assert plan.table.figures["status"] == "optimal"
    assert plan.value <= plan.table.figures["bound"] <= plan.value * (1 + 1e-3)
    best = solve_for("hjb-table", "csp")
    assert 0.9 * best.value < plan.value < best.value  # no plan that looks at nothing beats it


def test_a_plan_made_anew_at_every_step_is_within_a_hundredth_of_the_best():
    rolling, best = (solve_for(name, "csp") for name in ("csp-rolling", "hjb-table"))
    assert best.value * 0.99 < rolling.objective < best.value


def test_a_plan_that_never_trades_has_figures_too():
    found = solve_for("csp-schedule", "csp", ["csp-schedule.max_drawdown=0.1"])
    assert found.why_not == ""
    assert found.exact.profit_sd == found.var == found.cvar == 0
