"""The same numbers by methods that share nothing: the quotes, the law, the moments of profit."""

import math
from dataclasses import replace

import numpy as np

from lobsim.policy import direct
from lobsim.policy.chain import Flow
from lobsim.policy.evaluate import evaluate
from lobsim.policy.linear import law, solve
from lobsim.policy.problem import MakerProblem
from lobsim.policy.quote_table import Floats
from lobsim.validate.evaluated import flow
from lobsim.validate.invariants import AVERSE, EVEN, UNEVEN
from lobsim.validate.line import Line, farthest
from lobsim.validate.tables import constant, limit, optimal

GROUP = "two methods"
CLOSE = 1e-10


def method_lines() -> list[Line]:
    return [
        *values(),
        *explicit_scheme(),
        *law_of_inventory(),
        *envelope(),
        *even_pace(),
        *skellam(),
    ]


def generator(made: MakerProblem) -> Floats:
    """M with lots of 1, dense, written down again."""
    g, k = made.gamma, made.k
    q = np.arange(-made.max_inventory, made.max_inventory + 1.0)
    shrink = (1 + g / k) ** -(1 + k / g) if g > 0 else 1 / math.e
    bid = made.A_bid * shrink * math.exp(-k * (made.fee_bid + made.impact / 2))
    ask = made.A_ask * shrink * math.exp(-k * (made.fee_ask + made.impact / 2))
    held = made.running_penalty + g * made.sigma**2 / 2
    M = np.diag(k * (made.mu * q - held * q**2))
    return np.asarray(M + bid * np.eye(len(q), k=1) + ask * np.eye(len(q), k=-1))


def by_matrix_exponential(made: MakerProblem) -> Floats:
    """v at the start, (n,): ln w / k + xi q^2/2."""
    from scipy.linalg import expm

    q = np.arange(-made.max_inventory, made.max_inventory + 1.0)
    w = expm(generator(made) * made.horizon_s) @ np.exp(
        -made.k * (made.terminal_penalty + made.impact / 2) * q**2
    )
    return np.asarray(np.log(w) / made.k + made.impact / 2 * q**2)


def by_ode(made: MakerProblem) -> Floats:
    """v at the start, (n,), of the nonlinear equation of the risk neutral, by DOP853."""
    from scipy.integrate import solve_ivp

    q = np.arange(-made.max_inventory, made.max_inventory + 1.0)

    def slope(_: float, v: Floats) -> Floats:
        change = made.mu * q - made.running_penalty * q**2
        worth = np.diff(v)
        up = worth - made.fee_bid - made.impact * q[1:]
        down = -worth - made.fee_ask + made.impact * q[:-1]
        change[:-1] += made.A_bid / (math.e * made.k) * np.exp(made.k * up)
        change[1:] += made.A_ask / (math.e * made.k) * np.exp(made.k * down)
        return change

    found = solve_ivp(
        slope, (0, made.horizon_s), -made.terminal_penalty * q**2, method="DOP853", rtol=1e-12,
        atol=1e-12,
    )  # fmt: skip
    return np.asarray(found.y[:, -1])


def values() -> list[Line]:
    """v at the start: uniformisation and the nonlinear solver, against what is written here."""
    lines = []
    for name, made in (("even", EVEN), ("uneven", UNEVEN), ("risk averse", AVERSE)):
        linear, exponential = solve(made, [0]).value[0], by_matrix_exponential(made)
        pairs = [("uniformisation", linear, "matrix exponential", exponential)]
        if made.gamma == 0:
            nonlinear = direct.solve(made, [0]).value[0]
            pairs += [
                ("uniformisation", linear, "nonlinear equation", by_ode(made)),
                ("the nonlinear solver", nonlinear, "matrix exponential", exponential),
            ]
        size = max(1.0, float(np.abs(exponential).max()))
        for ours, found, theirs, other in pairs:
            known, got = farthest(found, other)
            label = f"value by {ours} and by {theirs}, {name}"
            lines.append(Line(GROUP, label, theirs, known, got, CLOSE * size))
    return lines


def explicit_scheme() -> list[Line]:
    """Backward differences: an error of the first order in the step."""
    exact = by_matrix_exponential(EVEN)
    coarse, fine = (
        float(np.abs(direct.backward_differences(EVEN, steps).value[0] - exact).max())
        for steps in (1000, 2000)
    )
    source = "an explicit Euler scheme"
    return [
        Line(GROUP, "error of backward differences at a step over half of it", source,
             2.0, coarse / fine, 0.02),
        Line(GROUP, "error of 1,000 backward differences", source, 0.0, coarse, 1e-4),
    ]  # fmt: skip


def law_of_inventory() -> list[Line]:
    """exp(Mt) w(T-t)/w(T) against the forward equation of the chain under the quotes."""
    lines = []
    for name, made in (("even", EVEN), ("uneven", replace(EVEN, A_ask=1.2))):

        def chances(rows: int, made: MakerProblem = made) -> list[float]:
            table = optimal(made, rows)
            e = evaluate(table, flow(made), sigma=0.3, horizon_s=10, max_inventory=5)
            found: list[float] = e.probabilities[np.abs(e.inventories) <= 5].tolist()
            return found

        known, got = farthest(limit(chances), law(made, [10])[0])
        lines.append(
            Line(GROUP, f"P(q_T) by the forward equation, {name}", "h-transform of the solution",
                 known, got, CLOSE)
        )  # fmt: skip
    return lines


def envelope() -> list[Line]:
    """What the value gains by a parameter is what that parameter is put on."""
    base = replace(EVEN, A_ask=1.2, running_penalty=0.004)

    def earned(rows: int) -> list[float]:
        e = evaluate(optimal(base, rows), flow(base), sigma=0.3, horizon_s=10, max_inventory=5)
        left = e.inventory_mean**2 + e.inventory_sd**2
        return [e.fills_bid, e.fills_ask, left, e.inventory_square_time, e.inventory_time]

    def slope(field: str, h: float) -> float:
        """d v / d field, by differences of the fourth order."""
        start = getattr(base, field)
        v = [
            float(solve(replace(base, **{field: start + n * h}), [0]).value[0, 5])
            for n in (-2, -1, 1, 2)
        ]
        return (v[0] - 8 * v[1] + 8 * v[2] - v[3]) / (12 * h)

    found = limit(earned)
    return [
        Line(GROUP, name, f"{sign:+g} dv/d({field}), by differences",
             sign * slope(field, h), got, 1e-8)
        for (name, field, sign, h), got in zip(
            (
                ("fills of the bid", "A_bid", base.A_bid * base.k, 1e-2),
                ("fills of the ask", "A_ask", base.A_ask * base.k, 1e-2),
                ("E[q_T^2]", "terminal_penalty", -1.0, 3e-4),
                ("E int q^2 dt", "running_penalty", -1.0, 3e-5),
                ("E int q dt", "mu", 1.0, 1e-4),
            ),
            found,
            strict=True,
        )
    ]  # fmt: skip


def even_pace() -> list[Line]:
    """Without a running penalty and drift the rates of both sides together are a martingale."""
    made = replace(EVEN, A_ask=1.2)
    first = solve(made, [0])
    bid = made.A_bid * math.exp(-made.k * float(first.bid_depth[0, 5]))
    ask = made.A_ask * math.exp(-made.k * float(first.ask_depth[0, 5]))

    def fills(rows: int) -> list[float]:
        e = evaluate(optimal(made, rows), flow(made), sigma=0.3, horizon_s=10, max_inventory=5)
        return [e.fills_bid + e.fills_ask]

    known, got = (bid + ask) * made.horizon_s, limit(fills)[0]
    return [Line(GROUP, "fills of both sides", "horizon x the first rates", known, got, CLOSE)]


def skellam() -> list[Line]:
    """Constant quotes h on both sides without a limit, each filled at the rate l, for a time T."""
    from scipy.stats import skellam as law_of_difference

    h, T, sigma = 0.6, 1.0, 2.0
    rate = 140 * math.exp(-1.5 * h)
    e = evaluate(constant(h, h), Flow(A_bid=140, A_ask=140, k=1.5), sigma=sigma, horizon_s=T)
    known, got = farthest(e.probabilities, law_of_difference.pmf(e.inventories, rate, rate))
    return [
        Line(GROUP, "P(q_T), constant quotes", "Skellam", known, got, 1e-13),
        *(
            Line(GROUP, f"{name}, constant quotes", f"Skellam: {formula}", known, got,
                 1e-12 * known)
            for name, formula, known, got in (
                ("E[W]", "2 l h T", 2 * rate * h * T, e.profit_mean),
                ("Var[W]", "2 l h^2 T + sigma^2 l T^2",
                 2 * rate * h**2 * T + sigma**2 * rate * T**2, e.profit_sd**2),
                ("Var[q_T]", "2 l T", 2 * rate * T, e.inventory_sd**2),
                ("E int q^2 dt", "l T^2", rate * T**2, e.inventory_square_time),
            )
        ),
    ]  # fmt: skip
