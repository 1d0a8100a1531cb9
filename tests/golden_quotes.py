"""The golden numbers of optimal quoting, as data: name -> how lobsim.policy comes by it.

`COMPUTE[name](params)` is the number that `golden.json` holds under that name with these params.
"""

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
from scipy.optimize import brentq

import lobsim
from lobsim.policy import closed_forms, direct
from lobsim.policy.linear import law, solve, stationary
from lobsim.policy.problem import MakerProblem

GOLDEN = json.loads((Path(lobsim.__file__).parent / "golden.json").read_text())["values"]
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


def problem(params, **others):
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


def at(solution, what, q):
    values = {
        "v": solution.value,
        "bid offset": solution.bid_depth,
        "ask offset": solution.ask_depth,
    }
    return values[what][0, len(solution.inventories) // 2 + q]


# The number in a name: "v(q=3)", "ask offset(q=-2)", "P(q_T=5)"
WHAT = re.compile(r"(v|bid offset|ask offset|bid|ask|P)\s?\(?q(?:_T)?=(-?\d+)")


def what(name):
    found = WHAT.search(name)
    return found[1], int(found[2])


def solved(name):
    return lambda params: at(solve(problem(params), [0]), *what(name))


def sided(name):
    return lambda p: at(direct.solve(problem(p), [0], k_bid=p["k_b"], k_ask=p["k_a"]), *what(name))


def bounded(name):
    return lambda p: at(direct.solve(problem(p), [0], min_depth=p["dmin"]), *what(name))


def by_formula(name):
    """Avellaneda-Stoikov, or Gueant-Lehalle-Fernandez-Tapia."""
    side = what(name)[0].removesuffix(" offset")

    def compute(p):
        p = {new: p[old] for new, old in (("impact", "xi"), ("tau_s", "tau")) if old in p} | {
            key: value for key, value in p.items() if key not in ("xi", "tau")
        }
        formula = closed_forms.avellaneda_stoikov if "tau_s" in p else closed_forms.glft
        return float(getattr(formula(p.pop("q", 0), **p), side))

    return compute


def final(p):
    """The law of the inventory at the horizon, and the inventories."""
    return law(problem(p), [p["T"]], p["q0"])[0], np.arange(-p["Q"], p["Q"] + 1)


def variance(law, q):
    return law @ q**2 - (law @ q) ** 2


def fills(p, side):
    """E[number of fills], by Gauss-Legendre over time of the law and the rates."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    times, made = (nodes + 1) * p["T"] / 2, problem(p)
    depth = getattr(solve(made, times), f"{side}_depth")
    rates = getattr(made, f"A_{side}") * np.exp(-made.k * depth)
    return p["T"] / 2 * weights @ (law(made, times, p["q0"]) * rates).sum(axis=1)


def backward(made, steps, jump, slope, state):
    """x' = sum of rates (jump(x, side) - x) + slope(x), in time to go, by RK4; x is (n, ...)."""
    solution = solve(made, np.linspace(0, made.horizon_s, 2 * steps + 1))
    dt = made.horizon_s / steps
    sides = []
    for depth, A, away in (
        (solution.bid_depth, made.A_bid, 1),
        (solution.ask_depth, made.A_ask, -1),
    ):
        shaped = depth[::-1].reshape(len(depth), -1, *[1] * (state.ndim - 1))
        finite = np.where(np.isfinite(shaped), shaped, 0.0)
        sides.append((A * np.exp(-made.k * shaped), finite, away))

    def change(row, x):
        total = slope(x)
        for rate, depth, away in sides:
            total += rate[row] * (jump(np.roll(x, -away, axis=0), depth[row]) - x)
        return total

    for row in range(0, 2 * steps, 2):
        k1 = change(row, state)
        k2 = change(row + 1, state + dt / 2 * k1)
        k3 = change(row + 1, state + dt / 2 * k2)
        state = state + dt / 6 * (k1 + 2 * k2 + 2 * k3 + change(row + 2, state + dt * k3))
    return state


@cache
def moments(key):
    """Var[W] and Cov[W, q_T] of the optimum, from E[W], E[W^2], E[q_T] and E[W q_T]."""
    p = dict(key)
    made, q = problem(p), np.arange(-p["Q"], p["Q"] + 1.0)

    def jump(x, depth):
        m1, m2, h, c = x.T[..., np.newaxis]
        return np.hstack([m1 + depth, m2 + 2 * depth * m1 + depth**2, h, c + depth * h])

    def slope(x):
        return np.outer(p["sigma"] ** 2 * q**2, [0, 1, 0, 0])

    start = np.outer(q, [0, 0, 1, 0]) + 0.0
    coarse, fine = (backward(made, n, jump, slope, start)[p["Q"] + p["q0"]] for n in (800, 1600))
    m1, m2, h, c = fine + (fine - coarse) / 15
    return m2 - m1**2, c - m1 * h


@cache
def profit_law(key):
    """P(W <= x) of the optimum, from the characteristic function of W by Gil-Pelaez."""
    p = dict(key)
    made, q = problem(p), np.arange(-p["Q"], p["Q"] + 1.0)
    u = (np.arange(640) + 0.5) * 0.025
    spread = 0.5 * p["sigma"] ** 2 * np.outer(q**2, u**2)

    def jump(x, depth):
        return np.exp(1j * u * depth) * x

    start = np.ones((len(q), len(u)), dtype=complex)
    psi = backward(made, 1200, jump, lambda x: -spread * x, start)[p["Q"] + p["q0"]]
    return lambda x: 0.5 - 0.025 / np.pi * np.sum(np.imag(np.exp(-1j * u * x) * psi) / u)


def key(p):
    return tuple(item for item in p.items())


def value_at_risk(level):
    return lambda p: -brentq(lambda x: profit_law(key(p))(x) - (1 - level), -5, 10, xtol=1e-12)


def settled(p, **others):
    return stationary(problem(p, **others))


def spread_of_inventory(p, **others):
    found = settled(p, **others)
    return variance(found.law, found.inventories)


ONE = {"A_bid": 1, "A_ask": 1, "k": 1}
PLAIN = {
    "RN-asym E[q_T]": lambda p: np.dot(*final(p)),
    "RN-asym Var[q_T]": lambda p: variance(*final(p)),
    "RN-asym E[W_T-W_0]": lambda p: (
        solve(problem(p), [0]).value[0, p["Q"] + p["q0"]]
        + p["phi"] * final(p)[0] @ final(p)[1] ** 2
    ),
    "RN-asym Var[W_T-W_0]": lambda p: moments(key(p))[0],
    "RN-asym Cov(W_T,q_T)": lambda p: moments(key(p))[1],
    "RN-asym E[#bid fills]": lambda p: fills(p, "bid"),
    "RN-asym E[#ask fills]": lambda p: fills(p, "ask"),
    "RN tau->inf bid offset(q=0), Q=5": lambda p: settled(p, A_bid=1, A_ask=1).bid_depth[p["Q"]],
    "RN growth rate dv/dtau, Q=5": lambda p: settled(p).growth,
    "RN stationary Var q (Q=5, cos^2 law)": lambda p: spread_of_inventory({"Q": p["Q"]}, **ONE),
    "CARA GLFT params tau->inf bid(q=0)": lambda p: settled(p).bid_depth[p["Q"]],
    "CARA GLFT params stationary Var q": spread_of_inventory,
    "CARA GLFT params stationary fill rate (both sides)": lambda p: (
        settled(p).bid_rate + settled(p).ask_rate
    ),
    "closure slope CARA A-S g=.1 tau=.1 phi=0": lambda p: float(
        closed_forms.closure_slope(
            p["tau"],
            terminal_penalty=p["phi"],
            **{name: p[name] for name in ("A", "k", "gamma", "sigma")},
        )
    ),
    "RN-sym P(W_T<=0.5)": lambda p: profit_law(key(p))(0.5),
    "RN-sym P(W_T<=7)": lambda p: profit_law(key(p))(7.0),
    "RN-sym VaR95 of W_T loss": value_at_risk(0.95),
    "RN-sym VaR99 of W_T loss": value_at_risk(0.99),
}
FAMILIES = (  # how a name starts, and what computes it from the rest of the name
    ("RN-asym P(", lambda name: lambda p: final(p)[0][p["Q"] + what(name)[1]]),
    ("RN k_b!=k_a", sided),
    ("RN quotes>=0", bounded),
    ("A-S bid offset", by_formula),
    ("A-S ask offset", by_formula),
    ("GLFT closed form", by_formula),
    ("RN-", solved),
    ("CJP", solved),
    ("CARA", solved),
)


def compute(name):
    """A function of the params, or None for a number of another family."""
    if name in PLAIN:
        return PLAIN[name]
    return next((made(name) for start, made in FAMILIES if name.startswith(start)), None)


COMPUTE = {name: found for name in (g["name"] for g in GOLDEN) if (found := compute(name))}
