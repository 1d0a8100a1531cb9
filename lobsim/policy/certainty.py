"""The certainty equivalent of a quote table for a maker with constant absolute risk aversion.

E exp(-gamma W) is carried forward as weights of the paths, with logarithms of their size, on as
many inventories as matter to it.
Source: Gueant, Lehalle and Fernandez-Tapia, "Dealing with the inventory risk", Mathematics and
Financial Economics 7, 2013, section 2.
"""

import math

import numpy as np

from lobsim.policy.chain import Flow, Rows, Setting
from lobsim.policy.march import march
from lobsim.policy.quote_table import QuoteTable
from lobsim.policy.systems import tilted_system

LOST = (1e-25, 1e-50, 1e-100, 1e-200)  # shares of the weight
SETTLED = 1e-11  # relative


def certainty_equivalent(
    table: QuoteTable,
    flow: Flow,
    *,
    gamma: float,
    sigma: float,
    horizon_s: float,
    mu: float = 0.0,
    inventory: int = 0,
    size: int = 1,
    max_inventory: int | None = None,
    maker_fee: float = 0.0,
    terminal_penalty: float = 0.0,
) -> float:
    """-(1/gamma) ln E exp(-gamma (profit - phi q_T^2)), currency; the rest as of `evaluate`.

    Inventories of no weight are left out, first 1e-25 of all, then far less, until that changes
    nothing.  Raises ValueError as `evaluate` does, and where it goes on changing: without a limit
    on inventory the expectation is infinite unless quotes lean against it.
    """
    if not 0 < gamma < math.inf:
        raise ValueError(f"gamma = {gamma}: must be above 0, and finite")
    setting = Setting(
        flow=flow, sigma=sigma, mu=mu, horizon_s=horizon_s, inventory=inventory, size=size,
        max_inventory=max_inventory, maker_fee=maker_fee,
    )  # fmt: skip

    rows, before = Rows(table, horizon_s), math.inf
    for lost in LOST:
        value = -log_mean(setting, rows, gamma, gamma * terminal_penalty, lost) / gamma
        if abs(value - before) <= SETTLED * max(abs(value), 1 / gamma):
            return value
        before = value
    raise ValueError(
        f"E exp(-gamma profit) does not settle as more inventories are counted, with gamma = "
        f"{gamma}: lower it, or set a max_inventory that the quotes come near"
    )


def log_mean(setting: Setting, rows: Rows, gamma: float, terminal: float, lost: float) -> float:
    """log E exp(terminal q_T^2 - gamma W), leaving out this share of the paths' weight."""
    theta = np.array([-gamma])
    scale = 0.0
    for block in march(
        setting,
        rows,
        lambda window: tilted_system(window, theta),
        np.ones(1),
        theta=-gamma,
        lost=lost,
    ):
        scale += block.log_scale
    with np.errstate(divide="ignore"):
        logs = np.log(block.end[0]) + terminal * block.window.states.astype(np.float64) ** 2
    most = float(logs.max())
    return scale + most + math.log(float(np.exp(logs - most).sum()))
