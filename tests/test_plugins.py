"""Strategies: how they are found, how their faults are told, and the formulas of the shipped."""

import math
import sys
from decimal import Decimal

import pytest

import lobsim
from lobsim import Market, QuoteTable, load_scenario
from lobsim.errors import PluginError, ScenarioError
from lobsim.plugins.registry import Registry
from lobsim.scenario.load import shipped
from lobsim.setup import open_scenario, prepare
from lobsim.simulate import simulate
from lobsim.tape import Tape
from lobsim_strategies.avellaneda_stoikov import AvellanedaStoikov
from lobsim_strategies.fixed_spread import FixedSpread

PLUGIN = '''\
"""Quote closer the longer nothing has been asked of the market."""

from dataclasses import dataclass, field

from lobsim import Strategy, hookimpl


@dataclass
class Patient(Strategy):
    step: float = 0.001
    size: int = 1
    limit: float | None = None
    ladder: list[float] = field(default_factory=lambda: [0.5])

    def on_quote(self, desk):
        self.ladder.append(max(self.ladder[-1] - self.step, 0.1))
        desk.note(asked=len(self.ladder))
        return desk.quote(bid_depth=self.ladder[-1], ask_depth=self.ladder[-1], size=self.size)


@hookimpl
def lobsim_strategies():
    return {"patient": Patient}
'''
SHORT = ["duration_s=0.05", "summary_reps=0"]
# gamma 0.1 one second before the end: bid and ask depth by inventory, of two independent methods
GOLDEN = {
    0: (0.845385211375712, 0.845385211375712),
    2: (1.64538521137571, 0.0453852113757117),
    -3: (-0.354614788624288, 2.04538521137571),
}
PAPER = Market(sigma=2, A=140, k=1.5, d0=1, tick=0.01, mid=100, duration_s=1, rows=200)


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """Write the patient plugin, changed, or another; its path."""
    monkeypatch.chdir(tmp_path)

    def written(before="", after="", source=PLUGIN, name="mine.py"):
        (tmp_path / name).write_text(source.replace(before, after) if before else source)
        return tmp_path / name

    return written


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a module under the entry point, as pip would."""

    def installed(source):
        about = tmp_path / "stranger-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text("[lobsim]\nstranger = stranger_plugin\n")
        (tmp_path / "stranger_plugin.py").write_text(source)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "stranger_plugin", raising=False)

    return installed


def fault(kind, call, *arguments):
    with pytest.raises(kind) as caught:
        call(*arguments)
    (problem,) = caught.value.problems
    assert "\n" not in problem
    return problem


def two_patients(path, params="{}"):
    seats = ", ".join(f'{{name="{n}", plugin="patient", params={params}}}' for n in ("ann", "bob"))
    return prepare(open_scenario("quickstart", [*SHORT, f"strategy=[{seats}]"], [path]))


def test_a_plugin_of_25_lines_joins_the_market_and_trades(plugin, tmp_path):
    assert len(PLUGIN.splitlines()) <= 25
    run = lobsim.run("quickstart", plugins=[plugin()], settings=SHORT, out=tmp_path / "run")
    assert run.summary["strategy"].tolist() == ["a-s", "wide", "tight", "patient"]
    assert (run.fills["strategy"] == "patient").any()


def test_a_plugin_is_found_relative_to_the_scenario_that_names_it(plugin, tmp_path, monkeypatch):
    plugin()
    text = shipped()["quickstart"].read_text().replace('"fixed-spread"', '"patient"')
    text = text.replace("half_spread", "step")
    (tmp_path / "mine.toml").write_text(f'plugins = ["mine.py"]\n{text}')
    monkeypatch.chdir("/")
    assert prepare(load_scenario(tmp_path / "mine.toml")).names == ["a-s", "wide", "tight"]


def test_a_setting_reaches_the_parameter_of_a_strategy_that_joins(plugin, tmp_path):
    how = {"settings": [*SHORT, "patient.step=0.002"], "out": tmp_path / "run"}
    assert lobsim.run("quickstart", plugins=[plugin()], **how)


def test_a_plugin_is_found_by_the_entry_point_of_a_distribution(install):
    before = set(Registry().strategies)
    install(PLUGIN)
    assert set(Registry().strategies) == {*before, "patient"}


SOURCES = {  # what becomes of the patient plugin, and the words of the error
    "P2": (PLUGIN, "x = 1\nraise RuntimeError('boom')\n", ["mine.py:2: RuntimeError: boom"]),
    "P2 syntax": (PLUGIN, "x = 1\ndef f(:\n", ["could not be loaded", "mine.py:2: SyntaxError"]),
    "P2 lines": (PLUGIN, "raise ValueError('a\\nb')\n", ["mine.py:1: ValueError: a"]),
    "P19": ('"patient"', '"fixed-spread"', ["mine.py", "lobsim_strategies/__init__.py"]),
    "P20": ("_strategies()", "_strategis()", ["'lobsim_strategis'; did you mean"]),
    "P20 question": ("on_quote", "on_quot", ["'on_quot'; did you mean 'on_quote'?"]),
    "P21": ("_strategies()", "_strategies(market)", ["mine.py", "lobsim_strategies()"]),
    "P21 question": ("(self, desk)", "(self)", ["on_quote(self, desk)"]),
    "no hook": ("@hookimpl\n", "", ["offers no strategies", "@hookimpl"]),
    "a name": ('"patient"', '"My Own"', ["'My Own'", "lower-case letters"]),
    "raises": ('{"patient": Patient}', "1 / 0", ["lobsim_strategies", "ZeroDivisionError"]),
}


@pytest.mark.parametrize("case", SOURCES)
def test_a_plugin_that_cannot_be_used_is_told_in_one_line(plugin, case):
    before, after, words = SOURCES[case]
    problem = fault(PluginError, Registry().add_file, plugin(before, after))
    assert all(word in problem for word in ["mine.py", *words])


def test_p2_an_installed_plugin_that_cannot_be_loaded_is_told_by_its_name(install):
    install("raise RuntimeError('boom')\n")
    assert "stranger" in fault(PluginError, Registry)


@pytest.mark.parametrize(
    ("name", "words"), [("none.py", "No such file"), ("mine.txt", "must end in .py"), ("", "Is a")]
)
def test_a_path_that_is_no_plugin_is_told(plugin, tmp_path, name, words):
    plugin(name="mine.txt")
    assert words in fault(PluginError, Registry().add_file, tmp_path / name)


@pytest.mark.parametrize(
    ("name", "params", "words"),
    [
        ("fixed-spred", {}, "did you mean 'fixed-spread'? installed: avellaneda-stoikov"),
        ("fixed-spread", {}, "needs the parameter 'half_spread'"),
        ("fixed-spread", {"half_spred": 1}, "did you mean 'half_spread'? it has: half_spread"),
        ("fixed-spread", {"half_spread": "1"}, "half_spread: must be a number, is a string"),
        ("fixed-spread", {"half_spread": 0}, "params.half_spread: must be above 0"),
        ("fixed-spread", {"half_spread": 1, "size": Decimal("1.5")}, "size: must be a whole"),
        ("fixed-spread", {"half_spread": 1, "size": 0}, "params.size: must be 1 or more"),
        ("avellaneda-stoikov", {"gamma": -1}, "params.gamma: must be 0 or more"),
        ("avellaneda-stoikov", {"gamma": 1, "horizon_s": -1}, "horizon_s: must be 0 or more"),
        ("avellaneda-stoikov", {"gamma": 1, "sigma": -1}, "params.sigma: must be 0 or more"),
        ("avellaneda-stoikov", {"gamma": 1, "k": 0}, "params.k: must be above 0"),
        ("avellaneda-stoikov", {"gamma": 1e19}, "must be a number from -1e18 to 1e18"),
        ("avellaneda-stoikov", {"gamma": 1, "k": "2"}, "a number"),
        ("avellaneda-stoikov", {"gamma": 1, "k": True}, "a number"),
    ],
)
def test_a_parameter_that_does_not_fit_is_told(name, params, words):
    assert words in fault(ScenarioError, Registry().make, name, params)


def test_all_parameters_that_do_not_fit_are_told_at_once():
    scenario = load_scenario("quickstart", ["wide.half_spred=1", "wide.size=1.5"])
    with pytest.raises(ScenarioError, match=r"half_spred.*\n.*size=1\.5"):
        prepare(scenario)


@pytest.mark.parametrize(
    ("key", "given", "expected"),
    [
        ("step", Decimal("0.5"), 0.5),
        ("step", 0.5, 0.5),
        ("ladder", [Decimal("0.5")], [0.5]),
    ],
)
def test_numbers_reach_a_strategy_as_plain_numbers(plugin, key, given, expected):
    registry = Registry()
    registry.add_file(plugin())
    assert repr(getattr(registry.make("patient", {key: given}), key)) == repr(expected)


@pytest.mark.parametrize("params", ["{}", "{ladder=[1]}"])
def test_p25_every_run_has_strategies_of_its_own(plugin, params):
    setup = two_patients(plugin(), params)
    digests = set()
    for tape in (Tape(), Tape(), Tape()):
        simulate(setup, 1, 0, tape=tape)
        assert tape.tables["notes"].rows
        digests.add(tape.close())
    assert len(digests) == 1


def test_accounts_share_no_object(plugin):
    setup = two_patients(plugin())
    ann, bob = map(setup.new_strategy, setup.seats)
    assert ann is not bob
    assert ann.ladder is not bob.ladder


def depths(strategy, row, q, market=PAPER):
    table = strategy.quote_table(market)
    column = table.inventories.tolist().index(q)
    return table.bid_depth[row, column], table.ask_depth[row, column]


@pytest.mark.parametrize("q", GOLDEN)
def test_avellaneda_and_stoikov_quote_as_in_their_paper(q):
    golden = pytest.approx(GOLDEN[q], rel=1e-13)
    assert depths(AvellanedaStoikov(gamma=0.1), 0, q) == golden
    other = Market(sigma=9, A=140, k=9, d0=1, tick=0.01, mid=100, duration_s=5, rows=7)
    assert depths(AvellanedaStoikov(gamma=0.1, horizon_s=1, sigma=2, k=1.5), 0, q, other) == golden


def test_avellaneda_and_stoikov_lean_in_proportion_to_the_time_left():
    level = math.log(1 + 0.1 / 1.5) / 0.1
    for row, tau in ((50, 0.75), (100, 0.5), (199, 0.005)):
        for q in (-100, -1, 0, 4, 100):
            bid, ask = level + (0.5 + q) * 0.4 * tau, level + (0.5 - q) * 0.4 * tau
            expected = pytest.approx((bid, ask), rel=1e-12)
            assert depths(AvellanedaStoikov(gamma=0.1), row, q) == expected


@pytest.mark.parametrize("gamma", [0, 1e-12])
def test_a7_without_risk_aversion_the_depth_is_one_over_k(gamma):
    assert depths(AvellanedaStoikov(gamma=gamma), 0, 3) == pytest.approx((1 / 1.5, 1 / 1.5))


def test_a_fixed_spread_is_the_same_at_any_time():
    table = FixedSpread(half_spread=0.7).quote_table(PAPER)
    assert table == QuoteTable([0], [0], [[0.7]], [[0.7]])
