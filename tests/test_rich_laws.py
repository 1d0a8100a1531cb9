"""The mids and variances of rich worlds against their exact laws, at the end of 100,000 runs.

Deviations are allowed up to 4 standard errors, p-values down to 1e-4.  Prices are in ticks of
0.001; what the laws are worth is tested in test_price_laws.py and test_variance_laws.py.
"""

import math

import numpy as np
import pytest
from scipy import stats

from lobsim.models.price_laws import (
    Arithmetic,
    Geometric,
    Kou,
    Merton,
    OrnsteinUhlenbeck,
    normal_cdf,
    poisson_weights,
)
from lobsim.models.variance_laws import CoxIngersollRoss, Heston
from lobsim.validate.golden import golden_numbers
from worlds import ends_of

REPS = 100_000
GOLDEN = golden_numbers()
MERTON, KOU, CIR = (
    GOLDEN[name].params for name in ("Merton log-return cumulant 1", "Kou log-return cumulant 1",
                                     "CIR E[v_T]")
)  # fmt: skip
CURVE = "curve={at_s=[0,0.125,0.3],factor=[2,0.5,1]}"
AS_IF = 4 * 0.125 + 0.25 * 0.175 + 0.2  # seconds of a variance without the curve
JUMPED = {
    "merton": "{{model='merton',rate={lam},mean={mJ},sd={sJ}}}".format(**MERTON),
    "kou": "{{model='kou',rate={lam},p={p},eta_up={eta1},eta_down={eta2}}}".format(**KOU),
}


def moved(price, duration_s=0.5, reps=REPS, **more):
    """The mid's moves from 100, currency, and the variances at the end."""
    ends = ends_of(f"duration_s={duration_s}", f"asset.price={{{price}}}", reps=reps, **more)
    return ends.mid * 0.001 - 100, ends.variance


def logs(price, duration_s=0.5, **more):
    moves, variances = moved(price, duration_s, **more)
    return np.log1p(moves / 100), variances


def near(sample, expected):
    """Whether a mean is within 4 standard errors, of a complex sample in both parts."""
    apart, error = np.mean(sample) - expected, 4 / math.sqrt(len(sample))
    parts = np.real(sample), np.imag(sample)
    return abs(apart.real) <= error * parts[0].std() and abs(apart.imag) <= error * parts[1].std()


def agrees(x, law, t):
    """KS against the distribution, and psi(u) at two points."""
    scale = 1 / x.std()
    assert stats.kstest(x, lambda at: law.cdf(at, t)).pvalue > 1e-4
    for u in (0.7 * scale, 2 * scale):
        assert near(np.exp(1j * u * x), complex(law.characteristic(u, t)))


def test_a_brownian_mid_by_the_time_of_day():
    x, _ = moved(f"model='brownian',sigma=2,mu=1.5,step_ms=100,{CURVE}")
    agrees(x - 0.75, Arithmetic(mu=0, sigma=2), AS_IF)


def test_a_geometric_mid_by_the_time_of_day():
    x, _ = logs(f"model='geometric',sigma=0.2,mu=0.1,step_ms=100,{CURVE}")
    agrees(x - 0.05, Geometric(mu=0, sigma=0.2), AS_IF)


@pytest.mark.parametrize("step_ms", [400, 50])
def test_a_mid_that_reverts_is_that_of_ornstein_and_uhlenbeck(step_ms):
    p = GOLDEN["OU mean"].params
    level = f"kappa={p['kappa']},theta={99 + p['theta']}"
    x, _ = moved(f"model='ou',{level},sigma={p['sigma']},step_ms={step_ms}", p["T"])
    x += p["x0"]
    agrees(x, OrnsteinUhlenbeck(start=1, kappa=3, theta=2, sigma=0.7), p["T"])
    assert near(x, GOLDEN["OU mean"].value)
    assert near((x - x.mean()) ** 2, GOLDEN["OU var"].value)


@pytest.mark.parametrize("jumps", JUMPED)
def test_jumps_of_the_logarithm_have_the_golden_cumulants(jumps):
    x, _ = logs(f"model='geometric',sigma=0.2,mu=0.05,step_ms=50,jumps={JUMPED[jumps]}")
    law = (
        Merton(mu=0.05, sigma=0.2, rate=3, jump_mean=-0.02, jump_sd=0.05)
        if jumps == "merton"
        else Kou(mu=0.05, sigma=0.2, rate=3, p=0.4, eta_up=25, eta_down=15)
    )
    agrees(x, law, 0.5)
    family = f"{jumps.capitalize()} log-return cumulant"
    far = x - GOLDEN[f"{family} 1"].value
    second = GOLDEN[f"{family} 2"].value
    assert near(far, 0)
    assert near(far**2, second)
    assert near(far**3, GOLDEN[f"{family} 3"].value)
    assert near(far**4 - 3 * second**2, GOLDEN[f"{family} 4"].value)
    assert near(np.exp(x), math.exp(0.05 * 0.5))
    if jumps == "merton":
        assert near(x <= -0.1, GOLDEN["Merton log CDF at -0.1"].value)


def test_merton_jumps_in_currency_are_a_mixture_of_normal_laws():
    x, _ = moved(
        "model='brownian',sigma=0.5,step_ms=50,jumps={model='merton',rate=4,mean=0.3,sd=0.8}"
    )

    def cdf(at):
        weights = enumerate(poisson_weights(4 * 0.5))
        parts = (w * normal_cdf(at, 0.3 * (n - 2), 0.125 + 0.64 * n) for n, w in weights)
        return sum(parts)

    assert stats.kstest(x, cdf).pvalue > 1e-4
    assert near(x, 0)
    assert near(x**2, 0.125 + 2 * (0.09 + 0.64))


@pytest.mark.parametrize("compensated", ["true", "false"])
def test_kou_jumps_in_currency_have_their_characteristic_function(compensated):
    kou = f"model='kou',rate=4,p=0.3,eta_up=2,eta_down=5,compensated={compensated}"
    x, _ = moved(f"model='brownian',sigma=0.5,step_ms=50,jumps={{{kou}}}")
    mean = 0.3 / 2 - 0.7 / 5
    for u in (0.5, 1, 3):
        jump = 0.3 * 2 / (2 - 1j * u) + 0.7 * 5 / (5 + 1j * u) - 1
        drift = mean if compensated == "true" else 0
        psi = np.exp(2 * (jump - 1j * u * drift) - 0.125 * u * u / 2)
        assert near(np.exp(1j * u * x), psi)
    assert near(x, 0 if compensated == "true" else 2 * mean)


@pytest.mark.parametrize("price", ["ou", "random_walk", "heston"])
def test_compensated_jumps_leave_the_mean_as_it_was(price):
    model = {
        "ou": "model='ou',kappa=3,theta=101,sigma=0.7",
        "random_walk": "model='random_walk',sigma=2,mu=1",
        "heston": "model='heston',theta=2,kappa=3,xi=3,rho=-0.6",
    }[price]
    x, _ = moved(f"{model},step_ms=50,jumps={{model='kou',rate=8,p=0.9,eta_up=2,eta_down=5}}")
    assert near(x, {"ou": -math.expm1(-1.5), "random_walk": 0.5, "heston": 0}[price])


def heston(form, step_ms, xi, reps=REPS):
    p = CIR
    return (moved if form == "arithmetic" else logs)(
        f"model='heston',form='{form}',v0={p['v0']},kappa={p['kappa']},theta={p['theta']},"
        f"xi={xi},rho={p['rho']},step_ms={step_ms}",
        p["T"],
        reps=reps,
    )


@pytest.mark.parametrize("step_ms", [10, 1500])
@pytest.mark.parametrize("xi", [0.5, 1.2])  # 0.06 times Feller's bound, and a fourth of it
def test_a_variance_is_noncentral_chi_square_whatever_the_step(xi, step_ms):
    _, v = heston("log", step_ms, xi)
    law = CoxIngersollRoss(start=CIR["v0"], kappa=CIR["kappa"], theta=CIR["theta"], xi=xi)
    assert stats.kstest(v, lambda at: law.cdf(at, CIR["T"])).pvalue > 1e-4
    if xi == CIR["xi"]:
        assert near(v, GOLDEN["CIR E[v_T]"].value)
        assert near((v - v.mean()) ** 2, GOLDEN["CIR Var[v_T]"].value)
        assert near(v <= 0.05, GOLDEN["CIR P(v_T<=0.05)"].value)


def test_an_arithmetic_heston_mid_has_its_golden_moments_and_its_law():
    x, _ = heston("arithmetic", 10, 0.5)
    law = Heston(
        variance=CoxIngersollRoss(start=0.04, kappa=2, theta=0.09, xi=0.5),
        rho=-0.6,
        arithmetic=True,
    )
    agrees(x, law, CIR["T"])
    assert near(x, 0)
    assert near(x**2, GOLDEN["Heston(arith) Var[S_T]"].value)
    assert near(x**3, GOLDEN["Heston(arith) 3rd central moment"].value)


def test_a_logarithmic_heston_mid_is_a_martingale_with_the_golden_law():
    x, _ = heston("log", 10, 0.5)
    agrees(x, Heston(variance=CoxIngersollRoss(start=0.04, kappa=2, theta=0.09, xi=0.5), rho=-0.6),
           CIR["T"])  # fmt: skip
    re, im = (GOLDEN[f"Heston(log) {part} cf(u=2)"].value for part in ("Re", "Im"))
    assert near(np.exp(2j * x), complex(re, im))
    assert near(np.exp(x), 1)


def test_an_arithmetic_heston_mid_is_a_martingale_with_its_variance_at_any_step():
    x, _ = heston("arithmetic", 750, 1.2)
    assert near(x, 0)
    assert near(x**2, GOLDEN["Heston(arith) Var[S_T]"].value)  # it does not depend on xi
