"""The golden numbers of prices: laws of the models of the mid, and what an inventory could lose."""

from lobsim.models.exposure import arithmetic_tail, geometric_tail
from lobsim.models.price_laws import Geometric, Kou, Merton, OrnsteinUhlenbeck
from lobsim.models.variance_laws import CoxIngersollRoss, Heston
from lobsim.validate.golden_quotes import Compute, Params


def exposure(name: str, p: Params) -> float:
    numbers = p["mu"], p["sigma"], p["h"], p["q"], p["alpha"]
    tails = geometric_tail(p["S0"], *numbers) if "GBM" in name else arithmetic_tail(*numbers)
    return tails[name.startswith("C")]


def merton(name: str, p: Params) -> float:
    law = Merton(mu=p["mu"], sigma=p["sigma"], rate=p["lam"], jump_mean=p["mJ"], jump_sd=p["sJ"])
    if "cumulant" in name:
        return law.cumulants(p["T"])[int(name[-1]) - 1]
    return float(law.cdf(float(name.split()[-1]), p["T"]))


def kou(name: str, p: Params) -> float:
    law = Kou(
        mu=p["mu"], sigma=p["sigma"], rate=p["lam"], p=p["p"], eta_up=p["eta1"], eta_down=p["eta2"]
    )
    return law.cumulants(p["T"])[int(name[-1]) - 1]


def variance_of(p: Params) -> CoxIngersollRoss:
    return CoxIngersollRoss(start=p["v0"], kappa=p["kappa"], theta=p["theta"], xi=p["xi"])


def cox_ingersoll_ross(name: str, p: Params) -> float:
    law, t = variance_of(p), p["T"]
    if "<=" in name:
        return float(law.cdf(float(name.split("<=")[1].rstrip(")")), t))
    numbers = {
        "E[v_T]": law.mean,
        "Var[v_T]": law.variance,
        "E[int v]": law.integral_mean,
        "Var[int v]": law.integral_variance,
    }
    return numbers[name.removeprefix("CIR ")](t)


def arithmetic(name: str, p: Params) -> float:
    law = Heston(variance=variance_of(p), rho=p["rho"], arithmetic=True)
    return law.price_variance(p["T"]) if "Var" in name else law.third_moment(p["T"])


def logarithmic(name: str, p: Params) -> float:
    found = Heston(variance=variance_of(p), rho=p["rho"]).characteristic(2.0, p["T"])
    return float(found.real if "Re" in name else found.imag)


def reverting(name: str, p: Params) -> float:
    law = OrnsteinUhlenbeck(start=p["x0"], kappa=p["kappa"], theta=p["theta"], sigma=p["sigma"])
    return law.mean(p["T"]) if "mean" in name else law.variance(p["T"])


def geometric(name: str, p: Params) -> float:
    law = Geometric(mu=p["mu"], sigma=p["sigma"])
    found = law.price_mean if "mean" in name else law.price_variance
    return found(p["S0"], p["T"])


FAMILIES: dict[str, Compute] = {
    "VaR": exposure,
    "CVaR": exposure,
    "Merton log": merton,
    "Kou log": kou,
    "CIR": cox_ingersoll_ross,
    "Heston(arith)": arithmetic,
    "Heston(log)": logarithmic,
    "OU": reverting,
    "GBM": geometric,
}
