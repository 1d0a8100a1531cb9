"""What a scenario may say of latency, and what it is told where it may not."""

import json

import pytest

from far import TIMER
from lobsim import run
from lobsim.errors import ScenarioError
from lobsim.models import latency as models
from lobsim.setup import prepare
from market import scenario

BAD = """
-1                                               = -1: must be 0 or more
nan                                              = nan: must be a finite number, 0 or more
inf                                              = inf: must be a finite number, 0 or more
0.002                                            = 0.002: must be at most the duration, 0.001 ms
2e18                                             = 2e18: must be from 0 to 1e18
1e-7                                             = 1e-7: must be a whole number of nanoseconds
"5"                                              = "5": must be a number, is a string
true                                             = true: must be a number, is a boolean
[5]                                              : must be a number, is a list
{}                                               .model: is missing: one of constant, lognormal, \
empirical
{model="normal"}                                 .model = "normal": unknown model; did you mean \
'lognormal'? known: constant, lognormal, empirical
{model="constant"}                               .ms: is missing: Of every message; milliseconds
{model="constant",ms=-1}                         .ms = -1: must be 0 or more
{model="lognormal",median_ms=0,sigma=1}          .median_ms = 0: must be above 0
{model="lognormal",median_ms=1,sigma=1}          .median_ms = 1: must be at most the duration, \
0.001 ms
{model="lognormal",median_ms=1e-4,sigma=-1}      .sigma = -1: must be 0 or more
{model="lognormal",median_ms=1e-4}               .sigma: is missing: Deviation of the logarithm \
of the milliseconds
{model="empirical",values_ms=[]}                 .values_ms: must not be empty
{model="empirical",values_ms=1}                  .values_ms = 1: must be a list of numbers
{model="empirical",values_ms=[1e-4,nan]}         .values_ms.2 = nan: must be a finite number, \
0 or more
{model="empirical",values_ms=[1e-4,9]}           .values_ms: must be at most the duration, 0.001 ms
{model="empirical",values_ms=[1e-4],weights=[0]} .weights.1 = 0: must be above 0
{model="empirical",values_ms=[1e-4],weights=[1,2]} .weights: must be as many as values_ms, 1
"""


def with_latency(latency, *settings):
    who = f'plugin="fixed-spread", params={{half_spread=1}}, latency={latency}'
    return scenario(*TIMER, *settings, f"strategy=[{{{who}}}]")


@pytest.mark.parametrize("line", BAD.strip().splitlines())
def test_what_is_wrong_is_told_in_one_line(line):
    value, told = line.split(maxsplit=1)
    with pytest.raises(ScenarioError) as raised:
        with_latency(f"{{orders_ms={value}}}")
    (problem,) = raised.value.problems
    told = told if told.startswith((".", ":")) else f" {told}"
    assert problem.endswith(f": strategy.1.latency.orders_ms{told}")


def test_unknown_wires_and_what_is_no_table_are_told():
    for value, told in {
        "{order_ms=5}": "unknown key 'order_ms'; did you mean 'orders_ms'?",
        "5": "must be a table, as { orders_ms = 5 }",
    }.items():
        with pytest.raises(ScenarioError) as raised:
            with_latency(value)
        (problem,) = raised.value.problems
        assert told in problem


def test_continuous_requoting_goes_without_latency():
    with pytest.raises(ScenarioError, match=r'latency: goes with requote = "timer" only'):
        scenario("fixed-spread.latency.orders_ms=0.0001")
    assert prepare(scenario("fixed-spread.latency.orders_ms=0")).requote is None


def test_numbers_become_nanoseconds_and_models():
    empirical = '{model="empirical", values_ms=[1e-6, 3e-6], weights=[1, 3]}'
    lognormal = '{model="lognormal", median_ms=2e-5, sigma=0.5}'
    setup = prepare(with_latency(f"{{data_ms=0.0001, orders_ms={empirical}, acks_ms={lognormal}}}"))
    assert setup.latency(setup.seats[0]) == models.Latency(
        models.Constant(100), models.Empirical((1, 3), (0.25, 1.0)), models.Lognormal(20.0, 0.5)
    )


def test_a_scenario_written_down_and_read_again_has_the_same_latency():
    given = with_latency('{acks_ms={model="lognormal", median_ms=1e-5, sigma=1}, data_ms=1e-6}')
    again = type(given).model_validate(given.model_dump(mode="json"))
    assert again.strategy == given.strategy


def test_either_engine_plays_the_scenario_and_counts_the_orders_under_way(tmp_path):
    kept = []
    for engine in "event", "compiled":
        out, short = tmp_path / engine, ["duration_s=0.1", "summary_reps=0"]
        run("latency", settings=short, out=out, engine=engine)
        kept.append(json.loads((out / "run.json").read_text()))
    assert [each["engine"] for each in kept] == ["event", "compiled"]
    assert kept[0]["digest"] == kept[1]["digest"]
    assert kept[0]["orders_under_way"] == kept[1]["orders_under_way"] > 40
