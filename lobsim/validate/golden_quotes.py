"""The golden numbers of optimal quoting: by how a name begins, how lobsim.policy comes by it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lobsim.policy import closed_forms, direct
from lobsim.policy.linear import law, solve, stationary
from lobsim.policy.problem import MakerProblem
from lobsim.policy.quote_table import Floats
from lobsim.policy.solution import Solution

Params = Mapping[str, Any]
Compute = Callable[[str, Params], float]
FIELDS = {
    "A_bid": ("Ab", "A"),
    "A_ask": ("Aa", "A"),
    "k": ("k", "k_b"),
    "horizon_s": ("tau", "T"),
    "terminal_penalty": ("phi",),
    "running_penalty": ("phi_run",),
    "fee_bid": ("fee_b",),
    "fee_ask": ("fee_a",),
    "mu": ("mu",),
    "impact": ("xi",),
    "gamma": ("gamma",),
    "sigma": ("sigma",),
}
# The number in a name: "v(q=3)", "ask offset(q=-2)", "P(q_T=5)"
WHAT = re.compile(r"(v|bid offset|ask offset|bid|ask|P)\s?\(?q(?:_T)?=(-?\d+)")


def problem(params: Params, **others: Any) -> MakerProblem:
    """The problem in the names of golden.json; Q and q there count fills, of `lot` lots each."""
    named = {
        field: params[name]
        for field, names in FIELDS.items()
        for name in reversed(names)
        if name in params
    }
    lot = int(params.get("lot", 1))
    others = {"horizon_s": 1, "max_inventory": int(params["Q"]) * lot, "lot": lot} | others
    return MakerProblem(**(others | named))


def what(name: str) -> tuple[str, int]:
    """Which number of which inventory."""
    found = WHAT.search(name)
    if not found:
        raise KeyError(name)
    return found[1], int(found[2])


def at(solution: Solution, name: str) -> float:
    """The number of a solution at its first time."""
    kind, q = what(name)
    values = {
        "v": solution.value,
        "bid offset": solution.bid_depth,
        "ask offset": solution.ask_depth,
    }
    return float(values[kind][0, len(solution.inventories) // 2 + q])


def solved(name: str, p: Params) -> float:
    return at(solve(problem(p), [0]), name)


def sided(name: str, p: Params) -> float:
    return at(direct.solve(problem(p), [0], k_bid=p["k_b"], k_ask=p["k_a"]), name)


def bounded(name: str, p: Params) -> float:
    return at(direct.solve(problem(p), [0], min_depth=p["dmin"]), name)


def short(name: str, p: Params) -> float:
    """Avellaneda and Stoikov 2008."""
    market = {key: p[key] for key in ("gamma", "sigma", "k")}
    found = closed_forms.avellaneda_stoikov(p["q"], p["tau"], **market)
    return float(found.bid if "bid" in name else found.ask)


def long(name: str, p: Params) -> float:
    """Gueant, Lehalle and Fernandez-Tapia 2013."""
    market = {key: p[key] for key in ("A", "k", "gamma", "sigma")}
    drift = {"mu": p.get("mu", 0.0), "impact": p.get("xi", 0.0)}
    found = closed_forms.glft(p.get("q", 0), **market, **drift)
    return float(found.bid if "bid" in name else found.ask)


def slope(_: str, p: Params) -> float:
    market = {key: p[key] for key in ("A", "k", "gamma", "sigma")}
    return float(closed_forms.closure_slope(p["tau"], terminal_penalty=p["phi"], **market))


def final(p: Params) -> tuple[Floats, NDArray[np.int64]]:
    """The law of the inventory at the horizon, and the inventories."""
    return law(problem(p), [p["T"]], p["q0"])[0], np.arange(-p["Q"], p["Q"] + 1)


def variance(chances: Floats, q: NDArray[np.int64]) -> float:
    return float(chances @ (q - chances @ q) ** 2)


def chance(name: str, p: Params) -> float:
    return float(final(p)[0][p["Q"] + what(name)[1]])


def profit(_: str, p: Params) -> float:
    """E[W]: the value, and what the terminal penalty takes."""
    chances, q = final(p)
    return float(solve(problem(p), [0]).value[0, p["Q"] + p["q0"]] + p["phi"] * chances @ q**2)


def fills(side: str) -> Compute:
    def compute(_: str, p: Params) -> float:
        """E[number of fills], by Gauss-Legendre over time of the law and the rates."""
        nodes, weights = np.polynomial.legendre.leggauss(60)
        times, made = (nodes + 1) * p["T"] / 2, problem(p)
        depth = getattr(solve(made, times), f"{side}_depth")
        rates = getattr(made, f"A_{side}") * np.exp(-made.k * depth)
        met = (law(made, times, p["q0"]) * rates).sum(axis=1)
        return float(p["T"] / 2 * weights @ met)

    return compute


def settled_bid(_: str, p: Params) -> float:
    return float(stationary(problem({"A": 1} | dict(p))).bid_depth[p["Q"]])


def growth(_: str, p: Params) -> float:
    return stationary(problem(p)).growth


def settled_variance(_: str, p: Params) -> float:
    found = stationary(problem({"A": 1, "k": 1} | dict(p)))
    return variance(found.law, found.inventories)


def settled_fills(_: str, p: Params) -> float:
    found = stationary(problem(p))
    return found.bid_rate + found.ask_rate


FAMILIES: dict[str, Compute] = {
    "RN-": solved,
    "CJP": solved,
    "CARA": solved,
    "RN k_b!=k_a": sided,
    "RN quotes>=0": bounded,
    "A-S bid offset": short,
    "A-S ask offset": short,
    "GLFT closed form": long,
    "closure slope": slope,
    "RN-asym E[q_T]": lambda _, p: float(np.dot(*final(p))),
    "RN-asym Var[q_T]": lambda _, p: variance(*final(p)),
    "RN-asym P(": chance,
    "RN-asym E[W_T-W_0]": profit,
    "RN-asym E[#bid fills]": fills("bid"),
    "RN-asym E[#ask fills]": fills("ask"),
    "RN tau->inf bid offset": settled_bid,
    "CARA GLFT params tau->inf bid": settled_bid,
    "RN growth rate": growth,
    "RN stationary Var q": settled_variance,
    "CARA GLFT params stationary Var q": settled_variance,
    "CARA GLFT params stationary fill rate": settled_fills,
}
