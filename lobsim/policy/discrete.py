"""What a quote table earns in the 2008 paper's own discrete scheme, exactly.

In each step the maker quotes both sides; each quote is met by at most one order, with probability
A exp(-k d) dt or 1, independently; then the mid moves by mu dt +- sigma sqrt(dt).
Source: Avellaneda and Stoikov, "High-frequency trading in a limit order book", Quantitative
Finance 8(3), 2008, section 3.3.
"""

import math

import numpy as np

from lobsim.policy.chain import Flow, Rows, Setting, Window
from lobsim.policy.evaluation import Evaluation, Tally
from lobsim.policy.quote_table import Floats, QuoteTable
from lobsim.policy.systems import shifted

MOMENTS = 5  # of profit: the powers 0 to 4
DUST = 1e-18  # share of the paths that is left behind at either end, in each step


def evaluate_discrete(
    table: QuoteTable,
    flow: Flow,
    *,
    step_s: float,
    sigma: float,
    horizon_s: float,
    mu: float = 0.0,
    inventory: int = 0,
    size: int = 1,
    max_inventory: int | None = None,
    maker_fee: float = 0.0,
    terminal_penalty: float = 0.0,
    running_penalty: float = 0.0,
) -> Evaluation:
    """As `evaluate`, in steps: the first orders come at 0, the last a step before the horizon.

    The quotes of a step are those of the row that holds at its start, and stay while its orders
    come; inventory is held from one step to the next.  Raises ValueError also where the horizon
    is not a whole number of steps.
    """
    setting = Setting(
        flow=flow, sigma=sigma, mu=mu, horizon_s=horizon_s, inventory=inventory, size=size,
        max_inventory=max_inventory, maker_fee=maker_fee,
    )  # fmt: skip
    rows = Rows(table, horizon_s)
    chain = Steps(setting, rows, step_s)
    for row in rows_of_steps(rows, horizon_s, step_s):
        chain.advance(row)
    return chain.evaluation(terminal_penalty, running_penalty)


def rows_of_steps(rows: Rows, horizon_s: float, step_s: float) -> list[int]:
    """The row that holds at each step's start; times to the nearest ns, as in a market."""
    steps = round(horizon_s / step_s) if step_s > 0 else 0
    if not steps or not math.isclose(steps * step_s, horizon_s, rel_tol=1e-9):
        raise ValueError(f"step_s = {step_s}: the horizon, {horizon_s} s, must be whole steps")
    starts = np.round(rows.starts_s * 1e9)
    now = np.round(np.arange(steps) * step_s * 1e9)
    row: list[int] = (np.searchsorted(starts, now, side="right") - 1).tolist()
    return row


class Steps:
    """Moments of profit about its mean at each inventory, E[W^j; q], from step to step."""

    def __init__(self, setting: Setting, rows: Rows, step_s: float) -> None:
        self._setting, self._rows, self._step = setting, rows, step_s
        self._low = setting.inventory
        self._moments: Floats = np.zeros((MOMENTS, 1))
        self._moments[0] = 1.0
        self._tally = Tally(setting)

    def advance(self, row: int) -> None:
        """One step with the quotes of this row."""
        size, setting = self._setting.size, self._setting
        low, high = self._low - size, self._low + self._moments.shape[1] - 1 + size
        window = Window(setting, self._rows, slice(row, row + 1), low, high)
        q = window.states.astype(np.float64)
        moments = self._after_orders(window, np.pad(self._moments, ((0, 0), (size, size))))
        self._tally.held += self._step * np.array([moments[0] @ q, moments[0] @ q**2])
        drift, move = setting.mu * self._step, setting.sigma * math.sqrt(self._step)
        up, down = (shifted(moments, q * (drift + z * move)) for z in (1, -1))
        moments = (np.stack(up) + np.stack(down)) / 2
        mean = float(moments[1].sum())
        self._tally.centre += mean
        moments = np.stack(shifted(moments, -mean))
        first = int(np.searchsorted(moments[0].cumsum(), DUST))
        last = len(q) - int(np.searchsorted(moments[0, ::-1].cumsum(), DUST))
        self._moments, self._low = moments[:, first:last], low + first

    def _after_orders(self, window: Window, moments: Floats) -> Floats:
        """Both quotes meet their orders; the window is wide enough for any fill."""
        met = np.minimum(window.rates[:, 0] * self._step, 1.0)
        filled = met[:, :, np.newaxis] * self._setting.jumps(window.states)
        outcomes = np.concatenate([1 - filled.sum(axis=2, keepdims=True), filled], axis=2)
        lots = filled @ np.arange(1.0, self._setting.size + 1) * moments[0]
        self._tally.fills += (filled.sum(axis=2) * moments[0]).sum(axis=1)
        self._tally.lots += lots.sum(axis=1)
        self._tally.spread += float(np.sum(lots * window.depth[:, 0]))
        bid_gain, ask_gain = window.gains[:, 0]
        total = np.zeros_like(moments)
        for bought in range(outcomes.shape[2]):
            for sold in range(outcomes.shape[2]):
                both = outcomes[0, :, bought] * outcomes[1, :, sold]
                if both.any():
                    gain = bought * bid_gain + sold * ask_gain
                    # What comes round the end is 0.
                    total += np.roll(both * shifted(moments, gain), bought - sold, axis=1)
        return total

    def evaluation(self, terminal_penalty: float, running_penalty: float) -> Evaluation:
        mass, _, variance, _, fourth = self._moments.sum(axis=1).tolist()
        self._tally.left_out = abs(1 - mass)
        q = self._low + np.arange(self._moments.shape[1])
        return self._tally.evaluation(
            q, self._moments, variance, fourth, terminal_penalty, running_penalty
        )
