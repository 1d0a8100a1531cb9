"""An asset's mid over a run in whole 1/1000 ticks, each of its moves split into what caused it.

drift      what the model expects of the diffusion: of arithmetic prices mu dt, of those that
           move relative to the mid S (exp(mu dt) - 1), where mu is the scenario's less the
           compensation of its jumps; of "ou" the pull (theta - S) (1 - exp(-kappa dt))
diffusion  the rest of the moves at steps and orders: of mean 0, whatever is held
jumps      the moves at the times of jumps, drift apart; of a single asset with what its mid
           has diffused since its last move, at most a step ago, which the tape does not part
informed   the moves that informed orders bring
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lobsim.models.prices import LOG_HESTON, ORNSTEIN_UHLENBECK
from lobsim.models.rich_world import RichPlan
from lobsim.models.world import GEOMETRIC, RANDOM_WALK, SECONDS
from lobsim.plans import rich_plan
from lobsim.report.assets import assets_of
from lobsim.report.frames import Run
from lobsim.report.moments import Floats, Ints
from lobsim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

CAUSES = ("diffusion", "drift", "jumps", "informed")
DIFFUSED, DRIFTED, JUMPED, INFORMED = range(4)


@dataclass(frozen=True, eq=False)
class Moves:
    """`seq`, `ts_event` and `mark` (moves + 1,), the first of them the start of the run; `parts`
    (4, moves + 1) is how far each of CAUSES has brought the mark from its start until then.
    """

    seq: Ints
    ts_event: Ints
    mark: Ints
    parts: Ints

    def at(self, seq: Ints) -> Ints:
        """The places of the moves that rows of these numbers have met."""
        return np.searchsorted(self.seq, seq, side="right") - 1


def moves_of(run: Run, mids: "pd.DataFrame", asset: str) -> Moves:
    """Of one asset, from the rows of `mids` that are known."""
    plan = rich_plan(Scenario.model_validate(run.manifest["scenario"]).of(asset))
    told = assets_of(run.manifest)[asset]
    tick = told["tick"]
    own = mids[mids["asset"] == asset]
    seq = np.concatenate([[0], own["seq"].to_numpy(np.int64)])
    ts_event = np.concatenate([[0], own["ts_event"].to_numpy(np.int64)])
    mid = np.concatenate([[told["mid"]], own["mid"].to_numpy(np.float64)]) / tick
    mark, kind = marks_of(mid), own["kind"]
    stepping = kind.isin(("step", "end")).to_numpy()
    expected = expected_moves(plan, mid[:-1], np.diff(ts_event), stepping)
    drift = np.diff(np.rint(1000 * np.cumsum(expected)).astype(np.int64), prepend=0)
    rest = np.diff(mark) - drift
    parts = np.zeros((len(CAUSES), len(seq)), np.int64)
    jumped, informed = ((kind == cause).to_numpy() for cause in ("jump", "informed"))
    for cause, moves in (
        (DIFFUSED, np.where(jumped | informed, 0, rest)),
        (DRIFTED, drift),
        (JUMPED, np.where(jumped, rest, 0)),
        (INFORMED, np.where(informed, rest, 0)),
    ):
        parts[cause, 1:] = np.cumsum(moves)
    return Moves(seq, ts_event, mark, parts)


def marks_of(mid: Floats) -> Ints:
    """Mids in ticks as the ledger values inventory at them."""
    return np.floor(1000.0 * mid + 0.5).astype(np.int64)


def expected_moves(plan: RichPlan, mid: Floats, ns: Ints, stepping: "np.ndarray") -> Floats:
    """(moves,) ticks expected of the diffusion from these mids over so much time, jumps apart.

    A random walk moves when it steps alone.
    """
    seconds = np.asarray(ns * SECONDS, np.float64)
    if plan.price == ORNSTEIN_UHLENBECK:
        kappa, theta = plan.reverting
        expected = (mid - theta) * np.expm1(-kappa * seconds)
    elif plan.price in (GEOMETRIC, LOG_HESTON):
        expected = mid * np.expm1(plan.mu * seconds)
    elif plan.price == RANDOM_WALK:
        expected = np.where(stepping, plan.mu * plan.step * SECONDS, 0.0)
    else:
        expected = plan.mu * seconds
    return np.asarray(expected, np.float64)
