"""Scenario files: what is accepted, how each fault is told, and what the numbers become."""

import math
import re

import pytest

from lobsim.compiled import fee_of
from lobsim.errors import ScenarioError
from lobsim.setup import open_scenario, prepare

PLAIN = """\
version = 1
duration_s = 1
[asset]
tick = 0.1
mid = 100
[asset.price]
model = "brownian"
sigma = 2
step_ms = 10
[asset.flow]
model = "poisson"
A = 10
k = 1.5
[asset.flow.size]
model = "constant"
[asset.fees]
[risk]
[[strategy]]
plugin = "fixed-spread"
params = { half_spread = 0.5 }
[[strategy]]
name = "two"
plugin = "fixed-spread"
params = { half_spread = 0.7 }
"""
KEYS = {  # every key that is a number: how low it may be
    "must be above 0": "duration_s requote_ms asset.tick asset.mid asset.price.step_ms "
    "asset.flow.k risk.max_drawdown risk.max_loss",
    "must be 0 or more": "asset.price.sigma asset.flow.A asset.flow.d0 risk.close_cost",
    "must be a whole number, 0 or more": "summary_reps",
    "must be a whole number from 0 to 2^64 - 1": "seed",
    "must be a whole number, 1 or more": "max_events asset.flow.size.size risk.max_inventory",
    "": "asset.price.mu asset.fees.maker asset.fees.taker strategy.2.inventory strategy.2.cash",
}
WHOLE = "seed summary_reps max_events asset.flow.size.size risk.max_inventory strategy.2.inventory"
TOO_LOW = {"must be above 0": ["0", "-1"], "must be a whole number, 1 or more": ["0"], "": []}
WRONG = {"nan": "finite", "inf": "finite", '"0.2"': "is a string", "true": "is a boolean"}
FAULTS = """
A9   asset.price.step_ms = 2000          at most the duration, 1000 ms
A9   asset.price.step_ms = 3             333.333 steps
A14  asset.mid = 0.05                    at least one tick, 0.1
A20  asset.fees.maker = 200              between -100 and 100 (the mid)
A20  asset.fees.maker = -0.1             rebate
A25  asset.tick = 5e-13                  cash could exceed 2^63 - 1
A26  max_events = 100                    about 120 events
B1   asset.price.simga = 3               unknown key 'simga'; did you mean 'sigma'?
B2   aset = 3                            did you mean 'asset'? known: version, title
B18  version = 2                         must be 1
B19  duration_s = 1979-05-27             must be a number, is a date
B20  strategy.2.name = "fixed-spread"    two strategies have this name
     record = "some"                     must be 'all' or 'fills'
     strategy.2.name = "Two"             lower-case letters
     strategy.2.name = "risk"            is reserved
     strategy.2.cash = 0.05              whole number of ticks of 0.1
A1   asset.price.sigma = nan             0 or more
A15  seed = 1.5                          from 0 to 2^64 - 1
B4   strategy.2.plugin = "fixed-spred"   did you mean 'fixed-spread'?
B18  version = true                      is a boolean
     asset.flow.size.model = "geometrc"  did you mean 'geometric'?
     plugins = "mine.py"                 must be a list
"""
DEFAULTS = """requote=continuous crossing=join self_trade=allow record=all max_events=1000000000
    asset.price.mu=0 asset.flow.d0=0 asset.flow.size.size=1 asset.fees.maker=0 asset.fees.taker=0
    risk.on_halt=cancel risk.close_cost=0 end.inventory=mark"""
GEOMETRIC = "asset.flow.size={model='geometric', mean=4}"


def faulty():
    """(key, value, words of the error), marked where these words are yet to come."""
    for words, keys in KEYS.items():
        for key in keys.split():
            yield from ((key, value, said) for value, said in WRONG.items())
            yield from ((key, value, words) for value in TOO_LOW.get(words, ["-2"]))
    yield from ((key, "1.5", "must be a whole number") for key in WHOLE.split())
    for line in FAULTS.strip("\n").splitlines():
        key, value, words = re.split(r"\s{2,}| = ", line[5:], maxsplit=2)
        yield key, value, words


def changed(path, value):
    """The plain scenario with one key changed, or new in its table; and the number of its line."""
    table, _, key = path.rpartition(".")
    lines = ["", *PLAIN.splitlines()]
    line = max((i for i, old in enumerate(lines) if old.startswith(f"{key} = ")), default=0)
    if not line:
        header = "[[strategy]]" if table == "strategy.2" else f"[{table}]"
        line = len(lines) - lines[::-1].index(header) if table else 1
        lines.insert(line, "")
    lines[line] = f"{key} = {value}"
    return "\n".join(lines[1:]), line


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Load a scenario from its text, or bytes, and `--set`."""
    monkeypatch.chdir(tmp_path)

    def loaded(text=PLAIN, *settings):
        (tmp_path / "my.toml").write_bytes(text.encode() if isinstance(text, str) else text)
        return open_scenario("my.toml", settings)

    return loaded


def faults(call, *arguments):
    with pytest.raises(ScenarioError) as caught:
        prepare(call(*arguments))
    assert not any("\n" in problem for problem in caught.value.problems)
    return list(caught.value.problems)


@pytest.mark.parametrize(("key", "value", "words"), list(faulty()))
def test_a_fault_is_told_with_its_place_key_value_and_what_is_allowed(load, key, value, words):
    text, line = changed(key, value)
    (problem,) = faults(load, text)
    where, told, what = problem.split(": ", 2)
    assert where == f"my.toml:{line}"
    assert told.casefold().startswith(f"{key} = {value}".casefold())
    assert words in what
    if not key.startswith("strategy"):
        assert faults(load, PLAIN, f"{key}={value}") == [f"--set {key}={value}: {what}"]


def test_all_problems_of_a_file_are_told_at_once(load):
    text = PLAIN.replace("sigma", "simga").replace("k = 1.5", "k = 0").replace("= 0.1", "= nan")
    places = [problem.partition(" ")[0] for problem in faults(load, text)]
    assert places == ["my.toml:4:", "my.toml:8:", "my.toml:13:"]  # sigma is not told as missing


def test_problems_of_keys_of_tables_and_of_strategies_are_told_at_once(load):
    text = PLAIN.replace("sigma = 2", "sigma = -1").replace("step_ms = 10", "step_ms = 3")
    assert len(faults(load, text.replace("half_spread = 0.7", "half_spred = 0.7"))) == 3


@pytest.mark.parametrize(
    ("key", "line", "meaning"),
    [
        ("duration_s", "", "Length of the run, a whole number of steps of the price; ..."),
        ("asset.price.sigma", ":6", "Volatility; currency per sqrt(s)"),
        ("asset.flow.A", ":10", "Market orders per second and side that reach the mid"),
    ],
)
def test_b3_a_missing_key_is_told_with_its_section_and_meaning(load, key, line, meaning):
    (problem,) = faults(load, re.sub(rf"(?m)^{key.split('.')[-1]} = .*\n", "", PLAIN, count=1))
    assert problem.startswith(f"my.toml{line}: {key}: is missing: {meaning.removesuffix('...')}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("seed = = 1", ["my.toml:1: column 8: invalid value: seed = = 1"], id="B6"),
        pytest.param("a = 1\na = 2\n", ["my.toml:2: a is given twice, first at line 1"], id="B7"),
        pytest.param(PLAIN + "[rsk]\n", ["my.toml:25: rsk"], id="B2"),
        pytest.param("", ["no [asset] section"], id="B8 empty"),
        pytest.param("# a\n# caf\xe9".encode("latin-1"), ["UTF-8", "0xE9", "line 2"], id="B11"),
        pytest.param(PLAIN.encode("utf-16"), ["not UTF-8", "line 1"], id="B11 UTF-16"),
        pytest.param("# nothing\n", ["no [asset] section"], id="B8"),
        pytest.param(b"#" * 1_000_001, ["1000000 bytes"], id="B12"),
        pytest.param("x = " + "[" * 2000, ["nested too deeply"], id="B15"),
        pytest.param(PLAIN.partition("[[")[0], ["no [[strategy]]"], id="no strategy"),
    ],
)
def test_a_file_that_is_no_scenario_is_told_in_one_line(load, text, words):
    (problem,) = faults(load, text)
    assert all(word in problem for word in words)


def test_b9_b10_a_byte_order_mark_and_windows_line_ends_are_accepted(load):
    assert load(b"\xef\xbb\xbf" + PLAIN.encode()) == load(PLAIN.replace("\n", "\r\n")) == load()


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("tow.half_spread=1", "did you mean 'two'?"),
        ("two.size=nan", "must be a"),
        ("two.half_spread=inf", "must be a"),
        pytest.param("seed=" + "[" * 2000, "seed", id="B15"),
    ],
)
def test_a_setting_that_fits_nowhere_is_told_as_such(load, setting, words):
    (problem,) = faults(load, PLAIN, setting)
    assert problem.startswith("--set")
    assert words in problem


def test_a_setting_changes_any_key_and_a_strategys_parameter_by_its_name(load):
    settings = ["asset.tick=0.2", "risk.on_halt=flatten", "title=What a title", 'crossing="trade"']
    after = load(PLAIN, *settings, GEOMETRIC, "two.size=3")
    assert (float(after.asset.tick), after.risk.on_halt) == (0.2, "flatten")
    assert (after.title, after.crossing, after.asset.flow.size.mean) == ("What a title", "trade", 4)
    assert after.strategy[0] == load().strategy[0]
    assert after.strategy[1].params["size"] == 3


def test_a15_a_seed_may_have_64_bits(load):
    assert load(PLAIN, f"seed={2**64 - 1}").seed == 2**64 - 1


def test_keys_left_out_have_the_defaults_of_the_design(load):
    plain = load()
    assert plain == load(PLAIN, *DEFAULTS.split())
    assert plain.seed is plain.requote_ms is plain.risk.max_loss is plain.risk.max_drawdown is None
    first = plain.strategy[0]
    assert (first.name, first.inventory, first.cash) == ("fixed-spread", 0, 0)


def test_numbers_become_nanoseconds_and_ticks(load):
    settings = ["duration_s=0.1", "asset.price.step_ms=2.5", "asset.tick=0.5", "asset.price.mu=3"]
    setup = prepare(load(PLAIN, *settings, "asset.flow.d0=2", "risk.max_loss=7", GEOMETRIC))
    plan = setup.plan
    assert (plan.duration, plan.step) == (100_000_000, 2_500_000)
    assert (plan.mid, plan.mu, plan.sigma, plan.floor) == (200, 6, 4, 4)
    assert plan.mean_gap == pytest.approx(1e9 / (10 * math.exp(1.5 * 2)))
    assert plan.mean_reach == pytest.approx(1 / (1.5 * 0.5))
    assert 1 / (1 - math.exp(-plan.log_ratio)) == pytest.approx(4)  # the mean size
    assert setup.only.limits.max_loss == 14_000


def test_a12_a16_decimals_are_whole_ticks_and_no_rate_is_no_orders(load):
    assert prepare(load(PLAIN, "asset.mid=100.1")).plan.mid == 1001
    assert prepare(load(PLAIN, "asset.flow.A=0")).plan.mean_gap == math.inf


def test_bernoulli_orders_reach_so_far_that_there_is_one_each_step(load):
    settings = ["asset.flow.model=bernoulli", "asset.flow.A=140", "asset.price.step_ms=5"]
    market = prepare(load(PLAIN, *settings)).only.market
    assert market.d0 == pytest.approx(-math.log(140 * 0.005) / 1.5)
    assert market.rows == 200


@pytest.mark.parametrize(
    ("fee", "size", "expected"),
    [("0.02", 7, 1400), ("0.0000123", 3, 1), ("0.0000523", 7, 4), ("-0.0000523", 7, -3)],
)
def test_a_fee_is_rounded_against_the_trader_in_thousandths_of_a_tick(load, fee, size, expected):
    setup = prepare(load(PLAIN, "asset.fees.maker=1", f"asset.fees.taker={fee}"))
    assert fee_of(size, 10_000, *setup.only.fees.taker) == expected
