"""What holds of optimal quotes whatever the numbers are: identities, symmetries, limits."""

import math
from dataclasses import replace

import numpy as np

from lobsim.policy import closed_forms
from lobsim.policy.linear import risk_neutral_twin, solve, stationary
from lobsim.policy.problem import MakerProblem
from lobsim.policy.quote_table import Floats
from lobsim.policy.solution import Solution
from lobsim.validate.line import Line, farthest

GROUP = "invariants"
CJP = "Cartea, Jaimungal and Penalva 2015, section 10.2"
GLFT = "Gueant, Lehalle and Fernandez-Tapia 2013, theorem 1"
EVEN = MakerProblem(
    A_bid=1.5, A_ask=1.5, k=1.5, horizon_s=10, max_inventory=5, terminal_penalty=0.05, sigma=0.3
)
UNEVEN = replace(
    EVEN, A_ask=1.2, fee_bid=-0.02, fee_ask=0.05, impact=0.07, mu=0.03, running_penalty=0.004
)
AVERSE = MakerProblem(
    A_bid=0.9, A_ask=0.9, k=0.3, horizon_s=600, max_inventory=30, gamma=0.01, sigma=0.3
)
UNEVEN_AVERSE = replace(AVERSE, A_ask=0.6, fee_bid=-0.1, fee_ask=0.2, impact=0.5, mu=0.004)
PROBLEMS = {
    "risk neutral": EVEN,
    "risk neutral, uneven": UNEVEN,
    "risk averse": AVERSE,
    "risk averse, uneven": UNEVEN_AVERSE,
}
ROUNDING = 1e-12


def invariant_lines() -> list[Line]:
    return [
        *(line for name, made in PROBLEMS.items() for line in spread_and_rates(name, made)),
        *(line for name, made in PROBLEMS.items() for line in order(name, made)),
        *symmetry(),
        sigma_does_not_matter(),
        *dictionary(),
        *little_risk_aversion(),
        *for_ever(),
        *short_horizon(),
    ]


def at_some_times(made: MakerProblem) -> Solution:
    return solve(made, np.linspace(0, made.horizon_s, 41))


def rates(made: MakerProblem, solution: Solution) -> tuple[Floats, Floats]:
    """Fills per second of bid and ask, (T, n)."""
    bid: Floats = made.A_bid * np.exp(-made.k * solution.bid_depth)
    ask: Floats = made.A_ask * np.exp(-made.k * solution.ask_depth)
    return bid, ask


def spread_and_rates(name: str, made: MakerProblem) -> list[Line]:
    """A bid and the ask one lot up, at every time and inventory: their sum and their rates."""
    source, solution = (GLFT if made.gamma > 0 else CJP), at_some_times(made)
    g = made.gamma
    sides = 2 / g * math.log1p(g / made.k) if g > 0 else 2 / made.k
    costs = made.fee_bid + made.fee_ask + made.impact
    both = solution.bid_depth[:, :-1] + solution.ask_depth[:, 1:]
    bid, ask = rates(made, solution)
    product = bid[:, :-1] * ask[:, 1:]
    power = 2 * made.k / g * math.log1p(g / made.k) if g > 0 else 2.0
    constant = made.A_bid * made.A_ask * math.exp(-power - made.k * costs)
    return [
        Line(
            GROUP, f"bid depth at q + ask depth at q+1, {name}", source,
            *farthest(both, sides + costs), tolerance=ROUNDING * sides,
        ),
        Line(
            GROUP, f"bid rate at q x ask rate at q+1, {name}", source,
            *farthest(product, constant), tolerance=10 * ROUNDING * constant,
        ),
    ]  # fmt: skip


def order(name: str, made: MakerProblem) -> list[Line]:
    """The longer, the lower the bid and the ask; at the horizon perhaps all alike."""
    solution = at_some_times(made)
    wrong = np.diff(solution.bid_depth[:-1, :-1], axis=1) <= 0
    nearer = np.diff(solution.ask_depth[:-1, 1:], axis=1) >= 0
    return [
        Line(GROUP, f"bids that do not fall with inventory, {name}", CJP, 0, float(wrong.sum())),
        Line(GROUP, f"asks that do not fall with inventory, {name}", CJP, 0, float(nearer.sum())),
    ]


def symmetry() -> list[Line]:
    """Where the sides are alike, long is short upside down."""
    lines = []
    for name in ("risk neutral", "risk averse"):
        made = PROBLEMS[name]
        solution, tolerance = at_some_times(made), 10 * ROUNDING / made.k
        value, bid, ask = solution.value, solution.bid_depth[:, :-1], solution.ask_depth[:, :0:-1]
        size = float(np.abs(value).max())
        lines += [
            Line(GROUP, f"v(q) and v(-q), {name}", "symmetry of the problem",
                 *farthest(value, value[:, ::-1]), tolerance=ROUNDING * size),
            Line(GROUP, f"bid depth at q and ask depth at -q, {name}", "symmetry of the problem",
                 *farthest(bid, ask), tolerance=tolerance),
        ]  # fmt: skip
    return lines


def sigma_does_not_matter() -> Line:
    """To the risk neutral: the mid is a martingale."""
    calm, wild = (at_some_times(replace(UNEVEN, sigma=sigma)) for sigma in (0.0, 30.0))
    known, got = farthest(wild.bid_depth[:, :-1], calm.bid_depth[:, :-1])
    return Line(GROUP, "bid depth at sigma 30 and at 0, risk neutral", CJP, known, got, ROUNDING)


def dictionary() -> list[Line]:
    """Risk aversion is a running penalty gamma sigma^2/2 and a smaller A."""
    twin, apart = risk_neutral_twin(UNEVEN_AVERSE)
    g, k = UNEVEN_AVERSE.gamma, UNEVEN_AVERSE.k
    ours, theirs = at_some_times(UNEVEN_AVERSE), at_some_times(twin)
    source = "Cartea, Jaimungal and Penalva 2015, equation 10.20"
    shift = math.log1p(g / k) / g - 1 / k
    size = float(np.abs(theirs.value).max())
    return [
        Line(GROUP, "running penalty of the risk neutral twin", source,
             g * UNEVEN_AVERSE.sigma**2 / 2, twin.running_penalty, 1e-15),
        Line(GROUP, "bid depth less the twin's", source, shift, apart, ROUNDING),
        Line(GROUP, "value and the twin's", source,
             *farthest(ours.value, theirs.value), tolerance=ROUNDING * size),
        Line(GROUP, "bid depth and the twin's, moved", source,
             *farthest(ours.bid_depth[:, :-1], theirs.bid_depth[:, :-1] + shift),
             tolerance=10 * ROUNDING),
    ]  # fmt: skip


def little_risk_aversion() -> list[Line]:
    """gamma -> 0 leads to risk neutrality, at an error of the first order."""
    source = "limit of the equation in gamma"
    free = at_some_times(EVEN).value[0, 5]
    little, less, least = (
        at_some_times(replace(EVEN, gamma=gamma)).value[0, 5] for gamma in (2e-4, 1e-4, 1e-12)
    )
    ratio = (free - little) / (free - less)
    return [
        Line(GROUP, "certainty equivalent at gamma 1e-12", source, free, least, 1e-10),
        Line(GROUP, "loss at twice the gamma over the loss", source, 2.0, ratio, 1e-3),
    ]  # fmt: skip


def for_ever() -> list[Line]:
    """f_q = cos(pi q / (2Q+2)): without penalties for time the horizon leaves only this."""
    source = "lowest mode of a path with closed ends"
    long = replace(EVEN, horizon_s=600)
    cosine = closed_forms.cosine_law(5, A=1.5, k=1.5)
    found, settled = solve(long, [0, 1]), stationary(EVEN)
    growth = float(found.value[0, 5] - found.value[1, 5])
    return [
        Line(GROUP, "bid depth 600 s from the end", source,
             *farthest(found.bid_depth[0, :-1], cosine.bid[:-1]), tolerance=ROUNDING),
        Line(GROUP, "growth of the value 600 s from the end", source, cosine.growth, growth, 1e-10),
        Line(GROUP, "law of the inventory for ever", source,
             *farthest(settled.law, cosine.law), tolerance=ROUNDING),
        Line(GROUP, "law of the inventory for ever, risk averse: f^2", GLFT,
             *farthest(stationary(AVERSE).law, squared(AVERSE)), tolerance=ROUNDING),
    ]  # fmt: skip


def squared(made: MakerProblem) -> Floats:
    """f^2 of the principal eigenvector of M, sides alike, by a dense eigensolver."""
    g, k = made.gamma, made.k
    q = np.arange(-made.max_inventory, made.max_inventory + 1.0)
    eta = made.A_bid * (1 + g / k) ** -(1 + k / g)
    M = np.diag(-k * g * made.sigma**2 / 2 * q**2)
    M += eta * (np.eye(len(q), k=1) + np.eye(len(q), k=-1))
    f = np.linalg.eigh(M)[1][:, -1]
    return np.asarray(f**2)


def short_horizon() -> list[Line]:
    """Avellaneda-Stoikov: right to the second order, the skew (4/3) alpha eta tau^2 too large."""
    g, k, A, sigma = 0.1, 1.5, 140.0, 2.0
    made = MakerProblem(A_bid=A, A_ask=A, k=k, horizon_s=1, max_inventory=20, gamma=g, sigma=sigma)
    alpha, eta = k * g * sigma**2 / 2, A * (1 + g / k) ** -(1 + k / g)
    lines = []
    for tau, tolerance in ((0.001, 0.001), (0.004, 0.01)):
        exact = solve(replace(made, horizon_s=tau), [0])
        formula = closed_forms.avellaneda_stoikov([0, 3], tau, gamma=g, sigma=sigma, k=k)
        skew = float(formula.bid[1] - formula.bid[0])
        error = (skew - float(exact.bid_depth[0, 23] - exact.bid_depth[0, 20])) / skew
        theory = 4 / 3 * alpha * eta * tau**2
        lines.append(
            Line(GROUP, f"error of the Avellaneda-Stoikov skew {tau:g} s from the end",
                 "expansion of the exact solution", theory, error, tolerance * theory)
        )  # fmt: skip
    return lines
