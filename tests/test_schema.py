"""The JSON Schema of scenarios: it and the loader agree, and it says what every key means.

What a schema cannot know, and only the loader refuses, is left out: nan; whole nanoseconds and
ticks; steps that do not divide the duration; amounts that depend on another key's; two accounts
of one name; a plugin that no file brings; ranges that a strategy checks itself; no [[strategy]].
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from lobsim.errors import ScenarioError
from lobsim.scenario.load import load_scenario, shipped
from lobsim.setup import prepare

LOBSIM = Path(sys.executable).with_name("lobsim")
PLAIN = {  # keys as they may stand in a file; those of the one account in an inline table
    "version": "1", "duration_s": "1", "plugins": '["typed.py"]', "asset.tick": "0.1",
    "asset.mid": "100", "asset.price.model": '"brownian"', "asset.price.sigma": "2",
    "asset.price.step_ms": "10", "asset.flow.model": '"poisson"', "asset.flow.A": "10",
    "asset.flow.k": "1.5", "risk.max_loss": "7.5", "strategy.plugin": '"fixed-spread"',
    "strategy.params": "{half_spread=0.5}",
}  # fmt: skip
VALUES = """
version                     1 1.0 | 2 true "1" absent
title                       "Any" | 3 ["Any"]
titel                       | "Any"
duration_s                  1 0.02 | 0 -1 5e9 inf "1" true 1979-05-27 absent
requote                     "continuous" | "timer" "timers" 1
requote_ms                  | 5
crossing                    "join" "trade" "refuse" | "Join" 1
self_trade                  "allow" "cancel_maker" "cancel_taker" "cancel_both" | "cancel" true
record                      "all" "fills" | "none" ["all"]
seed                        0 7 18446744073709551615 | 18446744073709551616 -1 1.5 "random" true
summary_reps                0 200 | -1 1.5 true
max_events                  1e6 2000 | 0 1.5 2e18
on_plugin_error             "stop" "bench" | "go"
plugin_timeout_s            0.5 | 0 "1"
plugins                     [] ["typed.py"] | "typed.py" [1]
asset.tick                  0.1 0.01 | 0 -1 inf true absent
asset.mid                   100 99.95 | 0 true [100] absent
asset.price.model           "brownian" "geometric" "random_walk" | "brownien" 1 absent
asset.price.sigma           0 2.5 | -2 "2" absent
asset.price.simga           | 2
asset.price.mu              0 -3.5 | -2e18 "0"
asset.price.step_ms         10 2.5 | 0 -10 absent
asset.flow.model            "poisson" "bernoulli" | "poison" absent
asset.flow.A                0 10.5 | -1 absent
asset.flow.k                1.5 | 0 -1 absent
asset.flow.d0               0 0.5 | -0.5
asset.flow.size             {model="constant"} {model="constant",size=3} | 1 {size=1}
asset.flow.size             {model="geometric",mean=1} | {model="geometric"} {model="other"}
asset.flow.size             | {model="geometric",mean=0.5} {model="geometric",mean=2,size=1}
asset.fees                  {taker=0.01} | {taker="0"} {maker=true} {makr=0}
risk.max_inventory          1 20.0 | 0 2.5 -1 true
risk.max_order_size         5 | 0
risk.var_level              0.5 | 0 1
risk.reduce_at              0.5 1 | 0 1.5
risk.on_halt                "cancel" "flatten" | "sell"
risk.cooldown_s             0.5 | 0
risk.close_cost             0 0.01 | -0.01
end                         {} {inventory="close"} | "mark" {inventory="sold"} {inventry="mark"}
strategy.plugin             | 1 absent
strategy.latency            {} | 5 {acks_ms=-1} {order_ms=5} {acks_ms={model="flat"}} {acks_ms="1"}
strategy.name               "fine-2" | "Fine" "2" "fees" 1
strategy.inventory          3 -3 2.0 | 0.5 "1"
strategy.cash               0 -0.5 | "none"
strategy.parms.size         | 1
strategy.params             {half_spread=1} | 1 {} absent
strategy.params             {half_spread=0.5,size=2} | {half_spred=0.5} {half_spread=1,gamma=1}
strategy.params             | {half_spread=true} {half_spread="1"} {half_spread=1,size=1.5}
"""
TOGETHER = """
+ requote = "timer"; requote_ms = 2.5
- asset.flow.model = "bernoulli"; asset.flow.d0 = 0.5
+ asset.fees.taker = 0.01; asset.fees.maker = -0.01
+ strategy.plugin = "typed"; strategy.params = {count=1}
+ strategy.plugin = "typed"; strategy.params = {count=1,limit=0.5,on=true,how="so",levels=[1]}
- strategy.plugin = "typed"; strategy.params = {count=1.5}
- strategy.plugin = "typed"; strategy.params = {count=1,limit="none"}
- strategy.plugin = "typed"; strategy.params = {count=1,hidden=1}
- strategy.plugin = "typed"; strategy.params = {limit=1}
"""
TYPED_PLUGIN = """\
from dataclasses import dataclass, field
from lobsim import Strategy, hookimpl
@dataclass
class Typed(Strategy):
    count: int
    limit: float | None = None
    on: bool = False
    how: str = "plain"
    either: int | str = 1
    levels: list[float] = field(default_factory=list)
    hidden: int = field(default=0, init=False)
@hookimpl
def lobsim_strategies():
    return {"typed": Typed}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("schema")
    (made / "typed.py").write_text(TYPED_PLUGIN)
    return made


@pytest.fixture(scope="module")
def printed(folder):
    command = [LOBSIM, "schema", "--with", "typed.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def schema(printed):
    return json.loads(printed)


@pytest.fixture(scope="module")
def validator(schema):
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def cases():
    """(whether it is accepted, changes of the plain scenario)"""
    for line in VALUES.strip().splitlines():
        key, values = line.split(maxsplit=1)
        for accepted, some in zip((True, False), values.split("|"), strict=True):
            yield from ((accepted, f"{key} = {value}") for value in some.split())
    yield from ((line[0] == "+", line[2:]) for line in TOGETHER.strip().splitlines())


def written(changes):
    """The plain scenario as TOML, with some keys changed, new, or absent."""
    keys = dict(PLAIN)
    for change in changes.split("; "):
        key, _, value = change.partition(" = ")
        keys = {old: v for old, v in keys.items() if not old.startswith(f"{key}.")}
        keys[key] = value
    lines, account = [], []
    for key, value in keys.items():
        if value != "absent":
            of_account = key.startswith("strategy.")
            (account if of_account else lines).append(f"{key.removeprefix('strategy.')} = {value}")
    return "\n".join([*lines, f"strategy = [{{ {', '.join(account)} }}]"])


def is_loaded(path):
    try:
        prepare(load_scenario(path))
    except ScenarioError:
        return False
    return True


@pytest.mark.parametrize(("accepted", "changes"), list(cases()))
def test_schema_and_loader_agree(validator, folder, accepted, changes):
    text = written(changes)
    (folder / "case.toml").write_text(text)
    verdicts = validator.is_valid(tomllib.loads(text)), is_loaded(folder / "case.toml")
    assert verdicts == (accepted, accepted), text


@pytest.mark.parametrize("path", shipped().values(), ids=shipped())
def test_every_shipped_scenario_is_accepted(validator, path):
    assert not list(validator.iter_errors(tomllib.loads(path.read_text())))


def test_it_says_what_it_is_in_any_folder_with_the_same_bytes(schema, printed, tmp_path):
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == "urn:lobsim:scenario:1"
    assert printed.endswith("}\n")
    (tmp_path / "typed.py").write_text(f"{TYPED_PLUGIN}print('loaded')\n")
    command = [LOBSIM, "schema", "--with", tmp_path / "typed.py"]
    other = {"cwd": "/", "env": {"PYTHONHASHSEED": "5"}, "capture_output": True, "text": True}
    assert subprocess.run(command, **other).stdout == printed


def test_a_strategy_that_a_file_may_bring_has_any_parameters(validator):
    brought = written('strategy.plugin = "theirs"; strategy.params = {anything=[true]}')
    assert validator.is_valid(tomllib.loads(brought))


@pytest.mark.parametrize(("name", "given"), [("on", "1"), ("how", "1"), ("either", "1.5")])
def test_a_parameter_is_of_the_type_that_its_field_says(validator, name, given):
    params = f"strategy.params = {{count=1,{name}={given}}}"
    tree = tomllib.loads(written(f'strategy.plugin = "typed"; {params}'))
    (error,) = validator.iter_errors(tree)
    assert list(error.path) == ["strategy", 0, "params", name]


def tables(schema):
    """Every table of the schema: its name, and what is known of it."""
    yield "scenario", schema
    yield from ((name, table) for name, table in schema["$defs"].items() if "properties" in table)
    for case in schema["$defs"]["StrategySpec"]["allOf"]:
        params = case["then"]["properties"]["params"]
        yield params["title"], params


def keys(schema):
    for name, table in tables(schema):
        yield from ((f"{name}: {key}", known) for key, known in table["properties"].items())


def test_every_table_and_key_is_described_and_there_are_no_others(schema):
    for place, known in [*tables(schema), *keys(schema)]:
        said = {**schema["$defs"].get(known.get("$ref", "").rpartition("/")[2], {}), **known}
        assert said["title"], place
        assert len(said["description"]) >= 10, place
    assert len(dict(keys(schema))) > 60
    assert all(table["additionalProperties"] is False for _, table in tables(schema))


def test_every_number_of_a_scenario_has_its_range_and_its_unit(schema):
    pure = {"version", "seed", "max_events", "summary_reps", "var_level", "reduce_at"}
    pure |= {"p", "rho", "share", "own", "cross"}
    for place, known in keys(schema):
        if known.get("type") in ("number", "integer") and not place.startswith("Parameters"):
            assert known.keys() & {"minimum", "exclusiveMinimum"}, place
            assert known.keys() & {"maximum", "exclusiveMaximum"}, place
            told = re.search(r"[Cc]urrency|[Ll]ots|per s|econds", known["description"])
            assert told or place.rpartition(" ")[2] in pure, place


def test_the_defaults_are_those_of_the_loader(schema, folder):
    named = {"scenario": "", "Asset": "asset.", "BrownianPrice": "asset.price.", "End": "end.",
             "PoissonFlow": "asset.flow.", "Fees": "asset.fees.", "Risk": "risk.",
             "StrategySpec": "strategy.", "ConstantSize": "asset.flow.size."}  # fmt: skip
    given = []
    for name, table in tables(schema):
        for key, known in table["properties"].items():
            value = known.get("default")
            if name in named and value is not None and not isinstance(value, dict | list):
                given.append(f"{named[name]}{key} = {json.dumps(value)}")
    given.append('asset.flow.size.model = "constant"')
    loaded = []
    for changes in ('title = ""', "; ".join(given)):
        (folder / "defaults.toml").write_text(written(changes))
        loaded.append(load_scenario(folder / "defaults.toml"))
    assert len(given) > 20
    assert loaded[0] == loaded[1]
