"""Scenarios of several assets that cannot be: each problem in one line that says what to do."""

import itertools
from textwrap import dedent

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lobsim.errors import ScenarioError
from lobsim.scenario.correlation import cholesky, matrix_of, nearest
from lobsim.scenario.load import load_scenario
from lobsim.scenario.several_checks import trader_problems
from lobsim.setup import prepare
from pairs import PAIR, TWO, two

GROUP = '[group.desk]\nstrategies = ["pair", "pear"]\nmax_loss = 1\n'


def told_of(path, *settings, text=TWO, strategies=PAIR):
    file = path / "two.toml"
    file.write_text(dedent(text) + dedent(strategies))
    with pytest.raises(ScenarioError) as error:
        prepare(load_scenario(file, settings))
    return [line.removeprefix(f"{path}/") for line in error.value.problems]


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("correlation.eth.btc=1.2", "must be at most 1"),
        ("correlation.eth.doge=0.2", "no asset 'doge'; there are: eth, btc"),
        ("correlation.eth.eth=0.9", "must be 1: of an asset with itself"),
        ("correlation.btc.eth=0.7", "must be the 0.8 of eth.btc: give one of them only"),
        ("asset.eth.price.sigma=-1", "must be 0 or more"),
        ("asset.eth.tik=0.1", "unknown key 'tik'; did you mean 'tick'?"),
        ("asset.btc.flow.model=hawks", "unknown model; did you mean 'hawkes'?"),
        ("asset.btc.price.step_ms=7", "must divide the duration, 2000 ms"),
        ("asset.btc.price.model=random_walk", '"random_walk" goes with a single asset only'),
        ("asset.btc.risk.max_inventory=0", "must be a whole number, 1 or more"),
        ("max_events=10", "about"),
        ("pair.inventory=3", "it trades"),
        ('correlation="0.8"', "must be a table"),
    ],
)
def test_each_problem_is_told_in_a_line_with_its_place(tmp_path, setting, problem):
    if setting.startswith("pair.inventory"):
        setting, problem = "strategy=[{plugin='glft-pair',params={gamma=1},inventory=3}]", (
            "must say of which asset: { eth = 3, btc = 3 }"
        )  # fmt: skip
    (line,) = told_of(tmp_path, setting)
    assert problem in line
    assert line.startswith("--set ")


def test_a_problem_of_an_asset_is_found_in_the_file(tmp_path):
    text = TWO.replace("tick = 0.05", "tick = 0").replace("sigma = 2", "sigma = 2, mu = nan")
    lines = told_of(tmp_path, text=text)
    assert lines == [
        "two.toml:7: asset.eth.price.mu = nan: must be a finite number",
        "two.toml:10: asset.btc.tick = 0: must be above 0",
    ]


def test_a_missing_key_of_an_asset_is_told_with_what_it_means(tmp_path):
    (line,) = told_of(tmp_path, text=TWO.replace("mid = 400", ""))
    assert line.endswith("asset.btc.mid: is missing: The reference mid at the start; currency")


def test_a_correlation_that_cannot_be_is_told_with_the_nearest_that_can(tmp_path):
    ltc = (
        "asset.ltc={tick=0.1,mid=50,price={model='brownian',sigma=1,step_ms=10},"
        "flow={model='poisson',A=1,k=1}}"
    )
    (line,) = told_of(tmp_path, ltc, "correlation.eth.ltc=0.8", "correlation.btc.ltc=-0.8")
    assert "no mids can move like that (not positive semi-definite)" in line
    offered = dict(each.split(" = ") for each in line.partition("can: ")[2].split(", "))
    assert set(offered) == {"eth.btc", "eth.ltc", "btc.ltc"}
    given_again = [f"correlation.{key}={value}" for key, value in offered.items()]
    assert two(tmp_path, ltc, *given_again).correlation


def test_only_brownian_prices_are_correlated(tmp_path):
    heston = "asset.eth.price={model='heston',theta=4,kappa=1,xi=1,step_ms=10}"
    (line,) = told_of(tmp_path, heston)
    assert "'eth' has heston prices: only brownian and geometric ones" in line
    assert two(tmp_path, heston, "correlation.eth.btc=0")


def test_who_trades_what_is_checked(tmp_path):
    strategies = PAIR + '    assets = ["eht", "btc"]\n    inventory = { eth = 3 }\n'
    lines = told_of(tmp_path, strategies=strategies)
    assert any("no asset 'eht'; did you mean 'eth'?" in line for line in lines)
    assert any("it trades no asset 'eth'; it trades: btc" in line for line in lines)


def test_a_group_is_checked(tmp_path):
    (line,) = told_of(tmp_path, strategies=PAIR + "\n" + GROUP)
    assert "no strategy 'pear'; did you mean 'pair'?" in line
    (line,) = told_of(tmp_path, "group.desk.max_loss=-1", strategies=PAIR + "\n" + GROUP)
    assert line.endswith("must be above 0")
    twice = PAIR + '\n[group.a]\nstrategies = ["pair"]\n[group.b]\nstrategies = ["pair"]\n'
    (line,) = told_of(tmp_path, strategies=twice)
    assert "'pair' is in group 'a' already" in line


def test_var_of_several_assets_is_known_for_brownian_ones_alone(tmp_path):
    settings = ["asset.eth.price.model=geometric", "risk.max_var=5"]
    (line,) = told_of(tmp_path, *settings)
    assert "is not known with geometric prices" in line


@st.composite
def symmetric(draw):
    n = draw(st.integers(2, 5))
    matrix = np.eye(n)
    for i, j in itertools.combinations(range(n), 2):
        matrix[i, j] = matrix[j, i] = draw(st.floats(-1, 1))
    return matrix.tolist()


@given(symmetric())
def test_a_factor_is_found_for_valid_matrices_and_for_no_others(matrix):
    factor, lowest = cholesky(matrix), np.linalg.eigvalsh(matrix).min()
    if factor is None:
        assert lowest < 1e-5  # of matrices at the very edge rounding decides
    else:
        assert lowest > -1e-5
        assert np.allclose(np.array(factor) @ np.array(factor).T, matrix, atol=1e-5)


@given(symmetric())
def test_the_nearest_matrix_is_valid_and_as_near_as_any_found_otherwise(matrix):
    near = np.array(nearest(matrix))
    assert cholesky(near.tolist()) is not None
    assert np.allclose(np.diag(near), 1)
    if cholesky(matrix) is not None:
        assert np.abs(near - matrix).max() < 1e-3
    # Mixed with the identity as little as makes it valid: a valid one, so no nearer.
    lowest = min(0.0, np.linalg.eigvalsh(matrix).min())
    weight = -lowest / (1 - lowest)
    mixed = (1 - weight) * np.array(matrix) + weight * np.eye(len(matrix))
    assert np.linalg.norm(near - matrix) <= np.linalg.norm(mixed - matrix) + 2e-3


def test_pairs_may_be_given_either_way_round():
    from decimal import Decimal

    one = matrix_of({"a": {"b": Decimal("0.5")}}, ["a", "b"])
    assert one == matrix_of({"b": {"a": Decimal("0.5")}}, ["a", "b"]) == [[1, 0.5], [0.5, 1]]


def test_no_more_strategies_than_the_tape_can_number():
    """Two assets have half the numbers each; the outside has one of each half."""
    one, two_assets = load_scenario("quickstart"), load_scenario("pairs")
    spec = one.strategy[0].model_copy(update={"params": {}})
    many = tuple(spec.model_copy(update={"name": f"s{i}"}) for i in range(2**14))
    assert not list(trader_problems(one.model_copy(update={"strategy": many})))
    assert not list(trader_problems(two_assets.model_copy(update={"strategy": many[:-1]})))
    (problem,) = trader_problems(two_assets.model_copy(update={"strategy": many}))
    assert problem == (("strategy",), "must have at most 16383 strategies in 2 assets, has 16384")
