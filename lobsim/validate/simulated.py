"""The simulator against the exact evaluation of the same quotes, each alone in its market.

Every sample is of whole replications as `lobsim compare --mode isolated` plays them; what is
expected is solved from the equations of the quotes' own Markov chain, and shares no code with it.
"""

import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lobsim.compare import compare
from lobsim.policy.evaluation import Evaluation
from lobsim.quotes import Quotes, quotes_of
from lobsim.setup import open_scenario
from lobsim.summaries import Summaries
from lobsim.validate.golden import golden_numbers
from lobsim.validate.invariants import EVEN
from lobsim.validate.line import LIMIT, Line
from lobsim.validate.slips import MOVED, SLIPS, more_orders, objective, wrong_table
from lobsim.workers.batches import Found, joined

Floats = NDArray[np.float64]

SOURCE = "exact evaluation of the same quotes"
FEWEST = 5.0  # expected in a cell of the chi-square test; those with less are put together


@dataclass(frozen=True, slots=True)
class Experiment:
    """A market whose strategies are simulated, each alone; `reps` in a quick check, and in full.

    `strategies` of none are all of the scenario.
    """

    name: str
    scenario: str
    reps: tuple[int, int]
    settings: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()


EXPERIMENTS = (
    Experiment("base case", "base-case", (20_000, 400_000)),
    Experiment(
        "a large penalty, depths far below 0",
        "base-case",
        (10_000, 100_000),
        ("hjb-table.terminal_penalty=0.2", "asset.flow.d0=1.2"),
        ("hjb-table",),
    ),
    Experiment(
        "fees, drift, orders of two lots",
        "base-case",
        (10_000, 100_000),
        (
            "asset.fees.maker=0.05",
            "asset.price.mu=0.02",
            "asset.flow.size={model='geometric', mean=2}",
            "asset.flow.d0=0.5",
            "risk.max_inventory=6",
            "hjb-table.size=2",
            "hjb-table.running_penalty=0.01",
        ),
        ("hjb-table", "tanh"),
    ),
    Experiment(
        "a rebate in bps, quotes and orders of two lots",
        "base-case",
        (10_000, 100_000),
        (
            "asset.fees={maker_bps=-10, taker_bps=10}",
            "asset.flow.size={model='constant', size=2}",
            "asset.flow.d0=0.5",
            "risk.max_inventory=10",
            "hjb-table.size=2",
            "cara-table.size=2",
        ),
        ("hjb-table", "cara-table"),
    ),
    Experiment("plans", "csp", (10_000, 300_000)),
    Experiment("seven policies", "policies", (2000, 50_000)),
    Experiment("2008 in its own steps", "avellaneda-stoikov-2008", (2000, 50_000)),
)


WRONG = "half of the markup, sign of the bid's step"  # as the quotes circulate
WRONG_REPS = 5000, 100_000


def simulated_lines(
    quick: bool, seed: int, progress: Callable[[int, str], None] | None = None
) -> list[Line]:
    """All lines; progress(replications just done, name of the experiment)."""
    lines = []
    for experiment in EXPERIMENTS:

        def done(count: int, name: str = experiment.name) -> None:
            if progress:
                progress(count, name)

        lines += experiment_lines(experiment, experiment.reps[0 if quick else 1], seed, done)
    return lines + wrong_lines(WRONG_REPS[0 if quick else 1], seed)


def replications(quick: bool) -> int:
    """Of which progress is told."""
    return sum(each.reps[0 if quick else 1] for each in EXPERIMENTS)


def experiment_lines(
    experiment: Experiment, reps: int, seed: int, progress: Callable[[int], None] | None = None
) -> list[Line]:
    scenario = open_scenario(experiment.scenario, experiment.settings)
    names = experiment.strategies or [spec.name for spec in scenario.strategy]
    parts: list[Found] = []
    compare(
        scenario, mode="isolated", reps=reps, seed=seed, strategies=names, each=parts.append,
        progress=lambda count, _: progress(count) if progress else None,
    )  # fmt: skip
    found = joined(parts)["isolated"]
    lines = []
    for name in names:
        group = f"simulated: {experiment.name}, {name}"
        lines += sample_lines(group, quotes_of(scenario, name), found[name])
    return lines


def sample_lines(group: str, quotes: Quotes, summaries: Summaries) -> list[Line]:
    """Mean and deviation of profit, fills of each side, inventory and objective of a sample."""
    exact = quotes.moments(kurtosis=True)
    profit, held = summaries.column("profit"), summaries.column("inventory").astype(np.float64)
    kurtosis = 3.0 if exact.profit_kurtosis is None else exact.profit_kurtosis
    lines = [
        mean_line(group, "profit, mean", profit, exact.profit_mean, exact.profit_sd),
        deviation_line(group, "profit, sd", profit, exact.profit_sd, kurtosis),
        law_line(group, held, exact),
    ]
    if quotes.sizes == (1,):  # then every fill is of one lot, and both sides are known
        fills = summaries.column("fills")
        change = held - quotes.market.inventory
        lines += [
            mean_line(group, "fills of the bid", (fills + change) / 2, exact.fills_bid),
            mean_line(group, "fills of the ask", (fills - change) / 2, exact.fills_ask),
        ]
    penalty = quotes.parameter("terminal_penalty")
    if penalty > 0 and quotes.parameter("running_penalty") == 0:
        value = quotes.table.figures.get("value")
        worth = value if isinstance(value, float) else exact.objective
        reached = profit - penalty * held**2
        lines.append(mean_line(group, "objective, mean: the value v(0, q)", reached, worth))
    if (certain := quotes.certainty_equivalent()) is not None:
        gamma = quotes.parameter("gamma")
        utility = np.exp(-gamma * (profit - certain))
        lines.append(
            mean_line(group, "E exp(-gamma (profit - certainty equivalent))", utility, 1.0)
        )
    return lines


def wrong_lines(reps: int, seed: int) -> list[Line]:
    """Wrong quotes, simulated: they earn what theirs is, and visibly not what the value is."""
    markup, bid, ask, *_ = SLIPS[WRONG]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "wrong.npz"
        wrong_table(markup, bid, ask, rows=1000).save(path)
        settings = [
            f"asset.flow.A={more_orders()}", f"asset.fees.maker={MOVED}",
            f"strategy=[{{plugin='saved-table', params={{table='{path}'}}}}]",
        ]  # fmt: skip
        parts: list[Found] = []
        compare(
            "base-case", mode="isolated", reps=reps, seed=seed, settings=settings,
            each=parts.append,
        )  # fmt: skip
    summaries = joined(parts)["isolated"]["saved-table"]
    left = summaries.column("inventory")
    reached = summaries.column("profit") - EVEN.terminal_penalty * left**2
    group = "simulated: wrong quotes, on purpose"
    fair = mean_line(group, f"{WRONG}: what they earn", reached, objective(markup, bid, ask, 0))
    best = golden_numbers()["RN-sym v(q=0)"]
    what = f"{WRONG}: not the value"
    control = Line(group, what, best.source, best.value, fair.got, fair.tolerance, "control")
    return [fair, control]


def mean_line(
    group: str, name: str, sample: Floats, expected: float, sd: float | None = None
) -> Line:
    """The mean of a sample; `sd` of one value, its own where nobody knows it."""
    error = (float(sample.std(ddof=1)) if sd is None else sd) / math.sqrt(len(sample))
    return sampled(group, name, expected, float(sample.mean()), error)


def deviation_line(group: str, name: str, sample: Floats, sd: float, kurtosis: float) -> Line:
    """The deviation of a sample: of sd sqrt((kurtosis - 1) / n) / 2 itself, by the delta method."""
    error = sd * math.sqrt(max(kurtosis - 1, 1e-12) / len(sample)) / 2
    return sampled(group, name, sd, float(sample.std(ddof=1)), error)


def sampled(group: str, name: str, expected: float, got: float, error: float) -> Line:
    apart = got - expected
    z = apart / error if error > 0 else (0.0 if apart == 0 else math.inf)
    return Line(group, name, SOURCE, expected, got, LIMIT * error, "sampled", z)


def law_line(group: str, held: Floats, exact: Evaluation) -> Line:
    """Chi-square of the inventory at the end against its law; z of the same chance, one-sided."""
    from scipy.stats import chi2, norm

    known = len(held) * exact.probabilities
    counts = np.array([np.sum(held == lots) for lots in exact.inventories], dtype=np.float64)
    cells = pooled(known)
    observed, expected = np.add.reduceat(counts, cells), np.add.reduceat(known, cells)
    beyond = len(held) - float(counts.sum())  # where no path can be
    freedom = max(1, len(cells) - 1)
    statistic = float(np.sum((observed - expected) ** 2 / expected)) + beyond * len(held)
    z = float(norm.isf(chi2.sf(statistic, freedom)))
    z = max(z, 0.0) if statistic < math.inf else math.inf
    most = float(chi2.isf(norm.sf(LIMIT), freedom))
    return Line(
        group, "law of the inventory, chi-square", SOURCE, float(freedom), statistic,
        most - freedom, "sampled", min(z, 1e3), LIMIT, float(norm.sf(LIMIT)),
    )  # fmt: skip


def pooled(known: Floats) -> list[int]:
    """Where cells begin that each expect FEWEST or more."""
    starts, total = [0], 0.0
    left = float(known.sum())
    for place, each in enumerate(known.tolist()):
        if total >= FEWEST and left >= FEWEST:
            starts.append(place)
            total = 0.0
        total += each
        left -= each
    return starts
