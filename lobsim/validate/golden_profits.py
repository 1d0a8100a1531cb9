"""The golden numbers of quote tables: what they earn, at what risk, how orders meet them."""

import re
from functools import cache
from typing import Any

from lobsim.policy.certainty import certainty_equivalent
from lobsim.policy.chain import Flow
from lobsim.policy.discrete import evaluate_discrete
from lobsim.policy.drawdown import drawdown_quantile
from lobsim.policy.evaluate import evaluate
from lobsim.policy.evaluation import Evaluation
from lobsim.policy.profit_law import profit_law
from lobsim.policy.queue import queue_rates, stale_quote
from lobsim.validate.golden_quotes import Compute, Params, problem
from lobsim.validate.tables import constant, limit, optimal, short_horizon

NUMBERS = ("mean profit", "sd profit", "sd q", "fills", "certainty equivalent")
LAW = ("P(W_T<=0.5)", "P(W_T<=7)", "VaR95", "VaR99")
GEOMETRIC = 0.4  # of the orders' sizes: P(V >= n) = 0.4^(n-1)


def flow(p: Params) -> Flow:
    return Flow(A_bid=p.get("Ab", p.get("A")), A_ask=p.get("Aa", p.get("A")), k=p["k"])


def place(names: tuple[str, ...], name: str) -> int:
    """Of the one of the names that is part of this one."""
    return next(i for i, each in enumerate(names) if f" {each}" in name)


@cache
def continuous(gamma: float, A: float, k: float, sigma: float, T: float) -> list[float]:
    """Of the quotes of Avellaneda and Stoikov, made anew all the time."""
    market: dict[str, Any] = {"sigma": sigma, "horizon_s": T}

    def value(rows: int) -> list[float]:
        table = short_horizon(gamma, rows, k=k, **market)
        orders = Flow(A_bid=A, A_ask=A, k=k)
        e = evaluate(table, orders, **market)
        equivalent = certainty_equivalent(table, orders, gamma=gamma, **market)
        return [e.profit_mean, e.profit_sd, e.inventory_sd, e.fills_bid + e.fills_ask, equivalent]

    return limit(value, 500 if gamma >= 1 else 125, levels=4)  # the more it leans, the finer


def continuous_number(name: str, p: Params) -> float:
    found = continuous(*(p[key] for key in ("gamma", "A", "k", "sigma", "T")))
    return found[place(NUMBERS, name)]


@cache
def symmetric(half: float, A: float, k: float, sigma: float, T: float) -> Evaluation:
    return evaluate(constant(half, half), Flow(A_bid=A, A_ask=A, k=k), sigma=sigma, horizon_s=T)


def symmetric_number(name: str, p: Params) -> float:
    found = symmetric(*(p[key] for key in ("half_spread", "A", "k", "sigma", "T")))
    return (found.profit_mean, found.profit_sd, found.inventory_sd)[place(NUMBERS, name)]


@cache
def in_steps(
    gamma: float, half: float | None, A: float, k: float, sigma: float, T: float, dt: float
) -> Evaluation:
    """In the 2008 paper's own scheme: constant quotes where `half` is given."""
    market: dict[str, Any] = {"sigma": sigma, "horizon_s": T}
    if half is None:
        table = short_horizon(gamma, round(T / dt), k=k, at=0, **market)
    else:
        table = constant(half, half)
    return evaluate_discrete(table, Flow(A_bid=A, A_ask=A, k=k), step_s=dt, **market)


def discrete_number(name: str, p: Params) -> float:
    keys = ("A", "k", "sigma", "T", "dt")
    found = in_steps(p["gamma"], p.get("half_spread"), *(p[key] for key in keys))
    return (found.profit_mean, found.profit_sd, found.inventory_sd)[place(NUMBERS, name)]


@cache
def between(
    bid: float, ask: float, A: float, k: float, Q: int, T: float, q0: int, sigma: float
) -> Evaluation:
    """Constant quotes within a limit on inventory."""
    orders = Flow(A_bid=A, A_ask=A, k=k)
    market: dict[str, Any] = {"sigma": sigma, "horizon_s": T}
    return evaluate(constant(bid, ask), orders, inventory=q0, max_inventory=Q, **market)


def constant_number(name: str, p: Params) -> float:
    keys = ("delta_b", "delta_a", "A", "k", "Q", "T", "q0", "sigma")
    e = between(*(p[key] for key in keys))
    if found := re.search(r"P\(q_T=(\d+)\)", name):
        return float(e.probabilities[e.inventories == int(found[1])][0])
    numbers = {
        "E[q_T]": e.inventory_mean,
        "E[W]": e.profit_mean,
        "Var[W]": e.profit_sd**2,
        "E[#fills]": e.fills_bid + e.fills_ask,
    }
    return numbers[name.removeprefix("const quotes ")]


@cache
def best(key: tuple[tuple[str, float], ...]) -> list[float]:
    """Variance of profit and its covariance with the final inventory, of the optimal quotes."""
    p: Params = dict(key)
    made = problem(p)

    def value(rows: int) -> list[float]:
        e = evaluate(
            optimal(made, rows), flow(p), sigma=p["sigma"], horizon_s=p["T"], inventory=p["q0"],
            max_inventory=p["Q"],
        )  # fmt: skip
        return [e.profit_sd**2, e.profit_inventory_cov]

    return limit(value, levels=4)


def best_number(name: str, p: Params) -> float:
    return best(tuple(p.items()))["Cov" in name]


@cache
def best_law(key: tuple[tuple[str, float], ...]) -> list[float]:
    """LAW of the optimal quotes."""
    p: Params = dict(key)
    made = problem(p)

    def value(rows: int) -> list[float]:
        found = profit_law(
            optimal(made, rows), flow(p), sigma=p["sigma"], horizon_s=p["T"], inventory=p["q0"],
            max_inventory=p["Q"], tolerance=3e-7,
        )  # fmt: skip
        return [float(found.cdf(0.5)), float(found.cdf(7.0)), found.var(0.95), found.var(0.99)]

    return limit(value, 25, levels=2)


def best_law_number(name: str, p: Params) -> float:
    return best_law(tuple(p.items()))[place(LAW, name)]


def queued(name: str, p: Params) -> float:
    orders = Flow(A_bid=p["A"], A_ask=p["A"], k=p["k"], mean_lots=1 / (1 - GEOMETRIC))
    rates = queue_rates(orders, p["offsets"], p["sizes"])
    order = int(name.split()[2]) - 1
    return float((rates.lots if "volume" in name else rates.fills)[order])


def stale(_: str, p: Params) -> float:
    return stale_quote(flow(p), p["delta"], age_s=p["age"], sigma=p["sigma"]).rate


def drawdown(name: str, _: Params) -> float:
    return drawdown_quantile(float(name.split()[-1]), sigma=1.0, horizon_s=1.0)


FAMILIES: dict[str, Compute] = {
    "A-S quotes cont.": continuous_number,
    "symmetric cont.": symmetric_number,
    "A-S table discrete": discrete_number,
    "const quotes": constant_number,
    "RN-asym Var[W_T": best_number,
    "RN-asym Cov(": best_number,
    "RN-sym P(W_T": best_law_number,
    "RN-sym VaR": best_law_number,
    "queue: order": queued,
    "stale quote": stale,
    "max drawdown quantile": drawdown,
}
