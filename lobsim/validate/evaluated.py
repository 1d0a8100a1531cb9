"""Golden numbers of the optimal quotes a second way: the quotes as a table, evaluated exactly.

What the Bellman equation says the quotes are worth is what the forward equations of their own
inventory and cash say they earn.
"""

import re

from lobsim.policy.certainty import certainty_equivalent
from lobsim.policy.chain import Flow
from lobsim.policy.evaluate import evaluate
from lobsim.policy.linear import stationary
from lobsim.policy.problem import MakerProblem
from lobsim.policy.quote_table import QuoteTable
from lobsim.validate.golden import Golden, golden_numbers
from lobsim.validate.golden_quotes import problem
from lobsim.validate.line import Line
from lobsim.validate.tables import limit, optimal

GROUP = "optimal quotes evaluated"
DIGITS = 1e-10  # relative: the tables have rows, and the limit of ever finer ones is taken
VALUE = re.compile(r"(?:RN-a?sym|CJP|CARA).* v\(q=(-?\d+)\)")
LONG, LONGER = 6000.0, 7000.0  # seconds: when all has settled


def evaluated_lines() -> list[Line]:
    """E[objective] = v(0, q), the moments of the optimum, and what holds for ever."""
    lines = [
        line(number, value(number, int(found[1])))
        for number in golden_numbers().values()
        if (found := VALUE.fullmatch(number.name))
    ]
    return [*lines, *moments(), *settled()]


def line(number: Golden, got: float) -> Line:
    tolerance = max(DIGITS, 2 * number.disagreement) * abs(number.value)
    return Line(GROUP, number.name, number.source, number.value, got, tolerance)


def flow(made: MakerProblem) -> Flow:
    return Flow(A_bid=made.A_bid, A_ask=made.A_ask, k=made.k)


def value(number: Golden, q: int) -> float:
    """E[W - phi q_T^2 - phi_r int q^2], or with risk aversion its certainty equivalent."""
    made = problem(number.params)

    def earned(rows: int) -> list[float]:
        table = optimal(made, rows)
        if made.gamma > 0:
            return [
                certainty_equivalent(
                    table, flow(made), gamma=made.gamma, sigma=made.sigma, mu=made.mu,
                    horizon_s=made.horizon_s, inventory=q, max_inventory=made.max_inventory,
                    terminal_penalty=made.terminal_penalty,
                )
            ]  # fmt: skip
        found = evaluate(
            table, flow(made), sigma=made.sigma, horizon_s=made.horizon_s, inventory=q,
            max_inventory=made.max_inventory, terminal_penalty=made.terminal_penalty,
            running_penalty=made.running_penalty,
        )  # fmt: skip
        return [found.objective]

    return limit(earned)[0]


def moments() -> list[Line]:
    """Of the optimum with uneven sides: what `golden_quotes` has from the h-transform."""
    starts = "RN-asym E[", "RN-asym Var[q", "RN-asym P("
    numbers = [n for n in golden_numbers().values() if n.name.startswith(starts)]
    p = numbers[0].params
    made = problem(p)

    def found(rows: int) -> list[float]:
        e = evaluate(
            optimal(made, rows), flow(made), sigma=p["sigma"], horizon_s=p["T"],
            inventory=p["q0"], max_inventory=p["Q"],
        )  # fmt: skip
        named = {
            "RN-asym E[q_T]": e.inventory_mean,
            "RN-asym Var[q_T]": e.inventory_sd**2,
            "RN-asym E[W_T-W_0]": e.profit_mean,
            "RN-asym E[#bid fills]": e.fills_bid,
            "RN-asym E[#ask fills]": e.fills_ask,
        }
        for q, chance in zip(e.inventories.tolist(), e.probabilities.tolist(), strict=True):
            named[f"RN-asym P(q_T={q})"] = chance
        return [named[number.name] for number in numbers]

    return [line(n, got) for n, got in zip(numbers, limit(found), strict=True)]


def settled() -> list[Line]:
    """The variance of the inventory and the fills per second of the quotes for ever."""
    numbers = golden_numbers()
    risky = numbers["CARA GLFT params stationary Var q"]
    free = numbers["RN stationary Var q (Q=5, cos^2 law)"]
    both = numbers["CARA GLFT params stationary fill rate (both sides)"]
    variance, rate = for_ever(problem(risky.params))
    cosine, _ = for_ever(problem({"A": 1.5, "k": 1.5, "Q": free.params["Q"]}))
    return [line(risky, variance), line(both, rate), line(free, cosine)]


def for_ever(made: MakerProblem) -> tuple[float, float]:
    found = stationary(made)
    table = QuoteTable([0], found.inventories, [found.bid_depth], [found.ask_depth])
    early, late = (
        evaluate(table, flow(made), sigma=0.0, horizon_s=T, max_inventory=made.max_inventory)
        for T in (LONG, LONGER)
    )
    fills = late.fills_bid + late.fills_ask - early.fills_bid - early.fills_ask
    return late.inventory_sd**2, fills / (LONGER - LONG)
