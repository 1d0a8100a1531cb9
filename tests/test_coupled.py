"""Quotes in several assets whose mids move together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lobsim.policy import closed_forms
from lobsim.policy.coupled import coupled, square_root
from lobsim.policy.unsolvable import UnsolvableError
from lobsim.setup import prepare
from market import run_day, scenario
from pairs import two

rates, decays = st.floats(0.5, 200), st.floats(0.2, 3)
sigmas, gammas, lots = st.floats(0.1, 4), st.floats(0.001, 1), st.integers(1, 5)


@given(rates, decays, sigmas, gammas, st.floats(-0.1, 0.1), lots, st.integers(-9, 9))
def test_one_asset_has_the_quotes_of_gueant_lehalle_and_fernandez_tapia(
    A, k, sigma, gamma, mu, lot, q
):
    made = coupled([[sigma**2]], A=[A], k=[k], gamma=gamma, mu=[mu], lot=lot)
    bid, ask = made.depths([q])
    known = closed_forms.glft(q, A=A, k=k, gamma=gamma, sigma=sigma, mu=mu, lot=lot)
    scale = 1 + abs(float(known.bid)) + abs(float(known.ask))
    assert bid[0] == pytest.approx(float(known.bid), abs=1e-9 * scale)
    assert ask[0] == pytest.approx(float(known.ask), abs=1e-9 * scale)


@given(st.floats(-0.99, 0.99), sigmas, sigmas, gammas, rates, rates, decays, decays)
def test_the_slope_solves_the_stationary_equation(rho, s1, s2, gamma, A1, A2, k1, k2):
    """G D G = gamma Sigma, which G is defined by: with no square root of a matrix."""
    sigma = np.array([[s1**2, rho * s1 * s2], [rho * s1 * s2, s2**2]])
    slope = coupled(sigma, A=[A1, A2], k=[k1, k2], gamma=gamma).slope
    D = [2 * k * A * (1 + gamma / k) ** -(1 + k / gamma) for A, k in ((A1, k1), (A2, k2))]
    assert np.allclose(slope, slope.T)
    assert np.linalg.eigvalsh(slope).min() >= -1e-12
    assert np.allclose(slope @ np.diag(D) @ slope, gamma * sigma, rtol=1e-8, atol=1e-12)


def test_a_hedged_inventory_hardly_moves_the_quotes():
    """Perfectly correlated, equal assets: one long, one short is no risk at all."""
    made = coupled([[4, 4], [4, 4]], A=[10, 10], k=[1, 1], gamma=0.1)
    assert np.allclose(made.depths([3, -3])[0], made.level)
    long = made.depths([3, 3])
    assert (long[0] > made.level).all()  # a wary bid
    assert (long[1] < made.level).all()  # an eager ask


def test_a_matrix_that_is_no_covariance_is_refused():
    with pytest.raises(UnsolvableError, match="positive semi-definite"):
        coupled([[1, 2], [2, 1]], A=[1, 1], k=[1, 1], gamma=0.1)
    with pytest.raises(UnsolvableError, match="gamma = 0"):
        coupled([[1]], A=[1], k=[1], gamma=0)
    with pytest.raises(UnsolvableError, match="A and k"):
        coupled([[1]], A=[0], k=[1], gamma=1)


def test_a_root_times_itself_is_the_matrix():
    matrix = np.array([[2.0, 0.5], [0.5, 1.0]])
    assert np.allclose(square_root(matrix) @ square_root(matrix), matrix)


def test_in_one_asset_the_pair_maker_makes_the_tape_of_the_single_one():
    def day(plugin):
        maker = f"strategy=[{{name='maker',plugin='{plugin}',params={{gamma=0.1}}}}]"
        settings = ["duration_s=2", "asset.tick=0.001", "asset.flow.A=50", "risk.max_inventory=50"]
        return run_day(prepare(scenario(*settings, maker)))

    pair, single = day("glft-pair"), day("glft")
    assert pair.fills
    assert pair.digest == single.digest


def test_without_correlation_it_is_two_makers_of_one_asset_each(tmp_path):
    apart = """
        [[strategy]]
        name = "eth-maker"
        plugin = "glft"
        params = { gamma = 0.05 }
        assets = ["eth"]
        [[strategy]]
        name = "btc-maker"
        plugin = "glft"
        params = { gamma = 0.05 }
        assets = ["btc"]
    """
    settings = ["correlation.eth.btc=0", "duration_s=5", "risk.max_inventory=50"]
    pair = run_day(prepare(two(tmp_path, *settings)))
    single = run_day(prepare(two(tmp_path, *settings, strategies=apart)))
    profits = [single.summaries[f"{asset}-maker"].profit for asset in ("eth", "btc")]
    assert [profit for _, profit in pair.summaries["pair"].by_asset] == pytest.approx(profits)
    assert len(pair.fills) == len(single.fills)
