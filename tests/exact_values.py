"""Golden values by name, as calls of the exact evaluations in lobsim/policy."""

from collections.abc import Callable, Sequence
from functools import cache, partial

from exact_tables import (
    HALF_SPREADS,
    PAPER,
    PAPER_MARKET,
    avellaneda_stoikov,
    constant,
    limit,
    optimal,
)
from lobsim import QuoteTable
from lobsim.policy.certainty import certainty_equivalent
from lobsim.policy.chain import Flow
from lobsim.policy.discrete import evaluate_discrete
from lobsim.policy.drawdown import drawdown_quantile
from lobsim.policy.evaluate import evaluate
from lobsim.policy.profit_law import profit_law
from lobsim.policy.queue import queue_rates, stale_quote


@cache
def continuous(gamma):
    def value(rows):
        table = avellaneda_stoikov(gamma, rows)
        e = evaluate(table, PAPER, **PAPER_MARKET)
        ce = certainty_equivalent(table, PAPER, gamma=gamma, **PAPER_MARKET)
        return [e.profit_mean, e.profit_sd, e.inventory_sd, e.fills_bid + e.fills_ask, ce]

    return limit(value, 500 if gamma == 1 else 250)


@cache
def symmetric(gamma):
    half = HALF_SPREADS[gamma]
    e = evaluate(constant(half, half), PAPER, **PAPER_MARKET)
    return e.profit_mean, e.profit_sd, e.inventory_sd


@cache
def in_steps(gamma, kind):
    half = HALF_SPREADS.get(gamma)
    table = constant(half, half) if kind == "sym" else avellaneda_stoikov(gamma, 200, at=0)
    return evaluate_discrete(table, PAPER, step_s=0.005, **PAPER_MARKET)


def discrete(gamma, kind):
    e = in_steps(gamma, kind)
    return e.profit_mean, e.profit_sd, e.inventory_sd


@cache
def constant_quotes():
    flow = Flow(A_bid=1.5, A_ask=1.5, k=1.5)
    e = evaluate(constant(0.5, 0.7), flow, sigma=0.3, horizon_s=10, max_inventory=5)
    at_0, at_5 = e.probabilities[e.inventories == 0], e.probabilities[e.inventories == 5]
    fills = e.fills_bid + e.fills_ask
    return at_0[0], at_5[0], e.inventory_mean, e.profit_mean, e.profit_sd**2, fills


@cache
def asymmetric():
    flow = Flow(A_bid=1.5, A_ask=1.2, k=1.5)

    def value(rows):
        table = optimal(rows, A_b=1.5, A_a=1.2, k=1.5, Q=5, T=10, phi=0.05)
        e = evaluate(table, flow, sigma=0.3, horizon_s=10, max_inventory=5)
        law = [float(e.probabilities[e.inventories == q].sum()) for q in (-5, 0, 5)]
        moments = e.profit_mean, e.profit_sd**2, e.profit_inventory_cov
        return [
            e.inventory_mean, e.inventory_sd**2, *law, *moments, e.fills_bid, e.fills_ask
        ]  # fmt: skip

    return limit(value, 100)


@cache
def optimal_value(q, risk_averse=False, **problem):
    """E[W - phi q_T^2 - phi_r int q^2], or its certainty equivalent, of the optimal quotes."""
    market = {"sigma": problem["sigma"], "horizon_s": problem["T"], "mu": problem.get("mu", 0.0)}
    market |= {"inventory": q, "max_inventory": problem["Q"]}
    flow = Flow(A_bid=problem["A_b"], A_ask=problem["A_a"], k=problem["k"])

    def value(rows):
        table = optimal(rows, **{**problem, "sigma": problem["sigma"] if risk_averse else 0.0})
        if risk_averse:
            return certainty_equivalent(table, flow, gamma=problem["gamma"], **market)
        phi, phi_run = problem["phi"], problem.get("phi_run", 0.0)
        return evaluate(
            table, flow, terminal_penalty=phi, running_penalty=phi_run, **market
        ).objective

    return (float(limit(lambda rows: [value(rows)], 100)[0]),)


@cache
def stationary(**problem):
    """Variance of the inventory, and fills per second of both sides, of quotes for ever."""
    table = optimal(1000, T=6000.0, **problem)
    first = QuoteTable([0], table.inventories, table.bid_depth[:1], table.ask_depth[:1])
    flow = Flow(A_bid=problem["A_b"], A_ask=problem["A_a"], k=problem["k"])
    early, late = (evaluate(first, flow, sigma=0.3, horizon_s=T) for T in (6000, 7000))
    fills = late.fills_bid + late.fills_ask - early.fills_bid - early.fills_ask
    return late.inventory_sd**2, fills / 1000


@cache
def law():
    """P(W <= 0.5), P(W <= 7), and VaR at 95 and 99 %."""
    flow = Flow(A_bid=1.5, A_ask=1.5, k=1.5)

    def value(rows):
        table = optimal(rows, A_b=1.5, A_a=1.5, k=1.5, Q=5, T=10, phi=0.05)
        of = profit_law(table, flow, sigma=0.3, horizon_s=10, max_inventory=5, tolerance=3e-7)
        return [of.cdf(0.5), of.cdf(7.0), of.var(0.95), of.var(0.99)]

    return limit(value, 50, levels=2)


def queued():
    geometric = Flow(A_bid=140, A_ask=140, k=1.5, mean_lots=1 / 0.6)
    rates = queue_rates(geometric, [0.2, 0.2, 0.5], [1, 2, 1])
    return rates.fills[0], rates.fills[1], rates.lots[1], rates.fills[2]


def stale():
    return (stale_quote(PAPER, 0.6, age_s=0.01, sigma=2).rate,)


def drawdown(probability):
    return (drawdown_quantile(probability, sigma=1.0, horizon_s=1.0),)


RN = {"A_b": 1.5, "k": 1.5, "sigma": 0.3, "Q": 5, "T": 10.0, "phi": 0.05}
CJP = {"A_b": 1.0, "A_a": 1.0, "k": 100.0, "sigma": 0.01, "Q": 3, "T": 30.0, "phi": 1e-4}
CARA = {"A_b": 140.0, "A_a": 140.0, "k": 1.5, "sigma": 2.0, "Q": 20, "T": 1.0}
GLFT = {"A_b": 0.9, "A_a": 0.9, "k": 0.3, "sigma": 0.3, "gamma": 0.01, "Q": 30}

Values = Callable[[], Sequence[float]]
FAMILIES: list[tuple[Values, Sequence[str]]] = [
    (constant_quotes, [
        f"const quotes {what}" for what in
        ("P(q_T=0)", "P(q_T=5)", "E[q_T]", "E[W]", "Var[W]", "E[#fills]")
    ]),
    (asymmetric, [
        f"RN-asym {what}" for what in
        ("E[q_T]", "Var[q_T]", "P(q_T=-5)", "P(q_T=0)", "P(q_T=5)", "E[W_T-W_0]", "Var[W_T-W_0]",
         "Cov(W_T,q_T)", "E[#bid fills]", "E[#ask fills]")
    ]),
    (law, [
        "RN-sym P(W_T<=0.5)", "RN-sym P(W_T<=7)", "RN-sym VaR95 of W_T loss",
        "RN-sym VaR99 of W_T loss",
    ]),
    (queued, [
        f"queue: order {what} rate" for what in ("1 fill", "2 any-fill", "2 volume", "3 fill")
    ]),
    (stale, ["stale quote mean rate age .01"]),
    (partial(stationary, **GLFT), [
        "CARA GLFT params stationary Var q", "CARA GLFT params stationary fill rate (both sides)",
    ]),
    (partial(stationary, A_b=1.5, A_a=1.5, k=1.5, Q=5), ["RN stationary Var q (Q=5, cos^2 law)"]),
    *[(partial(drawdown, p), [f"max drawdown quantile {p}"]) for p in (0.5, 0.95, 0.99)],
    *[
        (partial(continuous, g), [
            f"A-S quotes cont. {what} g={g}" for what in
            ("mean profit", "sd profit", "sd q", "fills", "certainty equivalent")
        ]) for g in (0.1, 1)
    ],
    *[
        (partial(symmetric, g), [
            f"symmetric cont. {what} g={g}" for what in ("mean profit", "sd profit", "sd q")
        ]) for g in HALF_SPREADS
    ],
    *[
        (partial(discrete, g, kind), [
            f"A-S table discrete {what} g={g} {kind}" for what in
            ("mean profit", "sd profit", "sd q")
        ]) for g in HALF_SPREADS for kind in ("inv", "sym")
    ],
    *[
        (partial(optimal_value, q, risk_averse, **problem), [f"{name} v(q={q})"])
        for name, risk_averse, problem, inventories in [
            ("RN-sym", False, RN | {"A_a": 1.5}, (0, 3, 5)),
            ("RN-asym", False, RN | {"A_a": 1.2}, (0, -2)),
            ("CJP fig10.1 phi=1e-05", False, CJP | {"phi_run": 1e-5}, (0, 2, 3)),
            ("CJP fig10.1 phi=0.0002", False, CJP | {"phi_run": 2e-4}, (0, 2, 3)),
            ("CARA A-S params gamma=0.1", True, CARA | {"gamma": 0.1}, (0, 3)),
            ("CARA A-S params gamma=1", True, CARA | {"gamma": 1.0}, (0, 3)),
            ("CARA A-S params gamma=0.1 tau=0.05", True, CARA | {"gamma": 0.1, "T": 0.05}, (0, 3)),
            ("CARA GLFT params", True, GLFT | {"T": 600.0}, (0, 3, -10)),
            ("CARA GLFT params (s=1,A=.2)", True,
             GLFT | {"T": 600.0, "sigma": 1.0, "A_b": 0.2, "A_a": 0.2}, (0, 3)),
            ("CARA with drift mu=0.01", True, GLFT | {"T": 600.0, "mu": 0.01}, (0,)),
        ]
        for q in inventories
    ],
]  # fmt: skip


def value_of(values: Values, place: int) -> float:
    return float(values()[place])


EXACT: dict[str, Callable[[], float]] = {
    name: partial(value_of, values, place)
    for values, names in FAMILIES
    for place, name in enumerate(names)
}
