"""The figures of the literature, at their authors' parameters.

Figures print no numbers.  The expected values are those of their parameters by other methods: a
dense matrix exponential and eigenvectors for quotes, the closed formula as printed, and for
profits the forward equations of the chain, integrated by DOP853.
"""

import numpy as np

from lobsim.policy.closed_forms import glft
from lobsim.policy.evaluate import evaluate
from lobsim.policy.linear import solve, stationary
from lobsim.policy.problem import MakerProblem
from lobsim.validate.evaluated import flow
from lobsim.validate.line import Line
from lobsim.validate.tables import limit, optimal

GLFT, CJP = "Gueant-Lehalle-Fernandez-Tapia 2013", "Cartea-Jaimungal-Penalva 2015"
EXPONENTIAL, FORMULA = "matrix exponential", "the closed formula"
FORWARD = "forward equations, DOP853 at 1e-11"
# (sigma, A): figures; bid depths at inventories -10, -5 ... 10 exactly and by the formula; spreads.
LONG = {
    (0.3, 0.9): (
        "figures 1-3",
        (2.632802, 2.972522, 3.313045, 3.653479, 3.992933),
        (2.634257, 2.973586, 3.312915, 3.652244, 3.991574),
        (6.626091, 6.625830),
    ),
    (0.4, 0.9): (
        "figures 4-5, left",
        (2.417367, 2.869957, 3.324458, 3.778746, 4.230704),
        (2.419348, 2.871787, 3.324226, 3.776665, 4.229104),
        (6.648916, 6.648452),
    ),
    (1.0, 0.2): (
        "figures 4-5, right",
        (-1.072185, 1.100245, 3.525651, 5.918517, 8.022747),
        (-1.279915, 1.119505, 3.518924, 5.918344, 8.317763),
        (7.051302, 7.037848),
    ),
}
# phi_r: ask depths x 10^4 for inventories 3, 2 ... -2, 30 s from the end; at the end the last.
DEPTHS = {
    1e-5: (37.5887, 72.4443, 91.7776, 108.2224, 127.5557, 162.4113),
    2e-4: (19.4664, 58.2156, 86.5417, 113.4583, 141.7844, 180.5336),
}
LAST = (95.0, 97.0, 99.0, 101.0, 103.0, 105.0)
# phi_r: exp(-k depth) of the ask at inventories 0 to 3.
FILLS = {
    2e-3: (0.23887, 0.56657, 1.21734, 2.24069),
    1e-3: (0.27522, 0.49174, 0.85280, 1.38616),
    5e-4: (0.30167, 0.44862, 0.66109, 0.95143),
}
# (horizon, phi_r): mean and deviation of profit, deviation of the final inventory.
PROFITS = {
    (30, 1e-5): (0.21967401, 0.14765799, 3.3772222),
    (30, 5e-5): (0.21725013, 0.11841058, 2.6767769),
    (30, 1e-3): (0.19532486, 0.06906701, 1.3351519),
    (30, 1e-2): (0.12146276, 0.04847708, 0.7084548),
    (300, 1e-5): (2.17906659, 0.53658921, 3.5713746),
    (300, 5e-5): (2.14597336, 0.38442276, 2.6914837),
    (300, 1e-3): (1.92258803, 0.21783661, 1.3351519),
    (300, 1e-2): (1.17647414, 0.15150536, 0.7084548),
}


def figure_lines() -> list[Line]:
    return [*long_horizon(), *depths(), *fill_rates(), *profits()]


def line(group: str, name: str, source: str, expected: float, got: float, digit: float) -> Line:
    """digit: the last of the expected value; it is right to half of it, and a little more."""
    return Line(group, name, source, expected, got, 0.51 * digit)


def long_horizon() -> list[Line]:
    """Bid depths and the spread, 600 s from the end; the formula is for ever from it."""
    lines = []
    for (sigma, A), (figure, exact, formula, spreads) in LONG.items():
        made = MakerProblem(
            A_bid=A, A_ask=A, k=0.3, gamma=0.01, sigma=sigma, max_inventory=30, horizon_s=600
        )
        found = solve(made, [0])
        near = glft(np.arange(-10, 11, 5), A=A, k=0.3, gamma=0.01, sigma=sigma)
        bids = found.bid_depth[0, 20:41:5].tolist()
        for q, ours, ours_near, known, known_near in zip(
            range(-10, 11, 5), bids, near.bid.tolist(), exact, formula, strict=True
        ):
            name = f"bid depth at {q}, sigma {sigma:g}, A {A:g}, {figure}"
            lines += [
                line(GLFT, name, EXPONENTIAL, known, ours, 1e-6),
                line(GLFT, f"{name}, by the formula", FORMULA, known_near, ours_near, 1e-6),
            ]
        name = f"spread at 0, sigma {sigma:g}, A {A:g}, {figure}"
        both = float(found.bid_depth[0, 30] + found.ask_depth[0, 30])
        both_near = float(near.bid[2] + near.ask[2])
        lines += [
            line(GLFT, name, EXPONENTIAL, spreads[0], both, 1e-6),
            line(GLFT, f"{name}, by the formula", FORMULA, spreads[1], both_near, 1e-6),
        ]
    return lines


def chapter_10(phi: float, Q: int, horizon_s: float = 30.0) -> MakerProblem:
    return MakerProblem(
        A_bid=1, A_ask=1, k=100, max_inventory=Q, terminal_penalty=1e-4, running_penalty=phi,
        horizon_s=horizon_s, sigma=0.01,
    )  # fmt: skip


def depths() -> list[Line]:
    """Figure 10.1: ask depths 30 s from the end and at it; bid depths are theirs upside down."""
    lines = []
    for phi, first in DEPTHS.items():
        solution = solve(chapter_10(phi, 3), [0, 30])
        asks, bids = 1e4 * solution.ask_depth[:, :0:-1], 1e4 * solution.bid_depth[:, :-1]
        for when, row, known, source in (
            ("30 s from", 0, first, EXPONENTIAL),
            ("at", 1, LAST, "1/k - alpha (2q - 1)"),
        ):
            for q, ask, bid, expected in zip(
                range(3, -3, -1), asks[row].tolist(), bids[row].tolist(), known, strict=True
            ):
                end = f"phi {phi:g}, {when} the end, figure 10.1"
                lines += [
                    line(CJP, f"ask depth x 10^4 at {q}, {end}", source, expected, ask, 1e-4),
                    line(CJP, f"bid depth x 10^4 at {-q}, {end}", source, expected, bid, 1e-4),
                ]
    return lines


def fill_rates() -> list[Line]:
    """Figure 10.2: fills per order that comes, above 1 where the ask is below the mid."""
    lines = []
    for phi, rates in FILLS.items():
        found = np.exp(-100 * stationary(chapter_10(phi, 10)).ask_depth[10:14])
        lines += [
            line(
                CJP,
                f"fill rate at {q}, phi {phi:g}, figure 10.2",
                "principal eigenvector of M",
                known,
                got,
                1e-5,
            )
            for q, (known, got) in enumerate(zip(rates, found.tolist(), strict=True))
        ]
    return lines


def profits() -> list[Line]:
    """Figure 10.4, whose text does not state the horizon."""
    lines = []
    for (horizon_s, phi), known in PROFITS.items():
        made = chapter_10(phi, 10, horizon_s)
        names = "mean profit", "sd of profit", "sd of q_T"
        for name, digit, number, got in zip(
            names, (1e-8, 1e-8, 1e-7), known, earned(made), strict=True
        ):
            label = f"{name}, phi {phi:g}, {horizon_s} s, figure 10.4"
            lines.append(line(CJP, label, FORWARD, number, got, digit))
    return lines


def earned(made: MakerProblem) -> list[float]:
    def found(rows: int) -> list[float]:
        e = evaluate(
            optimal(made, rows), flow(made), sigma=made.sigma, horizon_s=made.horizon_s,
            max_inventory=made.max_inventory,
        )  # fmt: skip
        return [e.profit_mean, e.profit_sd, e.inventory_sd]

    return limit(found)
