"""The tables of Avellaneda and Stoikov 2008: 1,000 simulations each, against their exact values.

"High-frequency trading in a limit order book", Quantitative Finance 8(3), tables 1 to 3: mean and
deviation of profit and of the final inventory.  They hold in the paper's own scheme, steps of
0.005 with at most one fill a side; in continuous time the inventory strategy does otherwise.
"""

import math
from typing import NamedTuple

from lobsim.policy.evaluation import Evaluation
from lobsim.policy.quote_table import Floats
from lobsim.validate.golden_profits import continuous, in_steps
from lobsim.validate.line import LIMIT, Line

GROUP = "Avellaneda-Stoikov 2008"
SIMULATIONS = 1000
A, K, SIGMA, T, STEP = 140.0, 1.5, 2.0, 1.0, 0.005
INVENTORY, SYMMETRIC = "inventory", "symmetric"


class Row(NamedTuple):
    """A row of a table as printed."""

    table: int
    gamma: float
    strategy: str
    spread: float
    profit: float
    profit_sd: float
    q: float
    q_sd: float


PUBLISHED = (
    Row(1, 0.1, INVENTORY, 1.49, 65.0, 6.6, 0.08, 2.9),
    Row(1, 0.1, SYMMETRIC, 1.49, 68.4, 12.7, 0.26, 8.4),
    Row(2, 0.01, INVENTORY, 1.35, 68.6, 8.7, 0.12, 5.1),
    Row(2, 0.01, SYMMETRIC, 1.35, 68.8, 12.8, 0.09, 8.7),
    Row(3, 1.0, INVENTORY, 3.02, 31.4, 5.0, 0.02, 1.7),
    Row(3, 1.0, SYMMETRIC, 3.02, 44.0, 11.0, 0.00, 5.1),
)


class Errors(NamedTuple):
    """Standard errors over SIMULATIONS of the four numbers: sd / sqrt(n) of a mean, and of a
    deviation sd sqrt((kurtosis - 1) / n) / 2."""

    profit: float
    profit_sd: float
    q: float
    q_sd: float


def paper_lines() -> list[Line]:
    return [*(line for row in PUBLISHED for line in row_lines(row)), *continuous_lines()]


def row_lines(row: Row) -> list[Line]:
    found = exact(row)
    errors = errors_of(found)
    source = f"table {row.table}, gamma = {row.gamma:g}, 1,000 simulations"
    spread = 2 * half_spread(row.gamma)
    return [
        Line(GROUP, f"spread, {row.strategy}, gamma {row.gamma:g}", source, row.spread, spread,
             5e-3),
        *(
            Line(
                GROUP, f"{name}, {row.strategy}, gamma {row.gamma:g}", source, published, got,
                LIMIT * error, "sampled", (published - got) / error,
                chance=0.0,  # the sample is printed: nothing is drawn here
            )
            for name, published, got, error in (
                ("mean profit", row.profit, found.profit_mean, errors.profit),
                ("sd of profit", row.profit_sd, found.profit_sd, errors.profit_sd),
                ("mean of q_T", row.q, found.inventory_mean, errors.q),
                ("sd of q_T", row.q_sd, found.inventory_sd, errors.q_sd),
            )
        ),
    ]  # fmt: skip


def continuous_lines() -> list[Line]:
    """In continuous time the deviations of the inventory strategy are others: they must not fit."""
    row = PUBLISHED[0]
    errors = errors_of(exact(row))
    _, profit_sd, q_sd, *_ = continuous(row.gamma, A, K, SIGMA, T)
    return [
        Line(GROUP, f"{name}, {row.strategy}, gamma {row.gamma:g}, in continuous time: differs",
             f"table {row.table}, four standard errors", published, got, LIMIT * error, "control")
        for name, published, got, error in (
            ("sd of profit", row.profit_sd, profit_sd, errors.profit_sd),
            ("sd of q_T", row.q_sd, q_sd, errors.q_sd),
        )
    ]  # fmt: skip


def half_spread(gamma: float) -> float:
    """ln(1 + gamma/k) / gamma + gamma sigma^2 T / 4: half of the first quotes' distance, averaged
    over time."""
    return math.log1p(gamma / K) / gamma + gamma * SIGMA**2 * T / 4


def exact(row: Row) -> Evaluation:
    half = half_spread(row.gamma) if row.strategy == SYMMETRIC else None
    return in_steps(row.gamma, half, A, K, SIGMA, T, STEP)


def errors_of(found: Evaluation) -> Errors:
    assert found.profit_kurtosis is not None
    of_q = kurtosis(found.inventories.astype(float), found.probabilities)
    root = math.sqrt(SIMULATIONS)
    return Errors(
        profit=found.profit_sd / root,
        profit_sd=found.profit_sd * math.sqrt(found.profit_kurtosis - 1) / root / 2,
        q=found.inventory_sd / root,
        q_sd=found.inventory_sd * math.sqrt(of_q - 1) / root / 2,
    )


def kurtosis(x: Floats, chances: Floats) -> float:
    far = x - chances @ x
    return float(chances @ far**4 / (chances @ far**2) ** 2)
