"""Strategies side by side on common random numbers: each alone, all together, or both.

A replication's world is made once and met by every strategy.  One summary row per replication
and strategy is kept, and no tape.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lobsim.batches import MODES, Given, played
from lobsim.engines import Wanted, choose
from lobsim.errors import UsageError
from lobsim.market.strategy import Strategy
from lobsim.run import seed_of
from lobsim.scenario.schema import Scenario
from lobsim.seats import with_live
from lobsim.setup import open_scenario, prepare
from lobsim.summaries import Summaries

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Row:
    """One strategy in one mode: what `compare` prints, money in currency.

    Means and deviations (n - 1) are over replications; `profit_low` to `profit_high` is the
    95 % Student interval of the mean.  `halts` counts them over all replications, `benched` those
    in which its plugin failed and was taken out; `worst_rep` is that of the lowest profit.
    """

    mode: str
    strategy: str
    reps: int
    profit_mean: float
    profit_sd: float | None
    profit_low: float | None
    profit_high: float | None
    profit_closed_mean: float
    spread_earned_mean: float
    luck_mean: float
    fees_mean: float
    inventory_mean: float
    inventory_sd: float | None
    fills_mean: float
    spread_mean: float | None
    uptime: float
    best_share: float
    drawdown_mean: float
    halts: int
    benched: int
    maker_trades_mean: float
    saturated_share: float | None
    worst_rep: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`rows` by mode and strategy; `summaries[mode][strategy]` by replication."""

    scenario: str
    seed: int
    reps: int
    rows: tuple[Row, ...]
    summaries: dict[str, dict[str, Summaries]]
    warnings: tuple[str, ...]
    engine: str

    def as_dicts(self) -> list[dict[str, Any]]:
        return [asdict(row) for row in self.rows]


def compare(
    scenario: Scenario | str | Path,
    *,
    mode: str = "both",
    reps: int = 200,
    seed: int | None = None,
    strategies: Sequence[str | Strategy] | None = None,
    settings: Sequence[str] = (),
    plugins: Sequence[str] = (),
    jobs: int | None = None,
    audited: bool = True,
    keep: Path | None = None,
    engine: Wanted = "auto",
    progress: Progress | None = None,
    tell: Callable[[str], None] | None = None,
) -> Comparison:
    """Run `reps` replications in each mode; `strategies` are who takes part, as of `run`.

    The result depends neither on `jobs`, the number of processes or threads (None: one a core),
    nor on the engine; `tell` is told what there is to know of the one it takes.  `keep` is an
    empty folder for the tapes, a run folder each: MODE/REP or MODE/STRATEGY/REP.  Raises a
    LobsimError, naming the replication that failed.
    """
    from joblib import cpu_count  # 0.1 s

    if mode not in MODES:
        raise UsageError(f"mode '{mode}': must be one of {', '.join(MODES)}")
    if reps < 1:
        raise UsageError(f"reps {reps}: must be 1 or more")
    scenario = open_scenario(scenario, settings, plugins)
    scenario, live, names = with_live(scenario, strategies)
    setup = prepare(scenario, live)
    seats = setup.choose(names)
    chosen = tuple(seat.spec.name for seat in seats)
    seed = seed_of(scenario, seed)
    jobs = min(cpu_count() if jobs is None else jobs, reps)
    markets = reps * sum(len(seats) if each == "isolated" else 1 for each in MODES[mode])
    using = choose(engine, setup, seats, markets)
    if tell is not None:
        for line in using.told:
            tell(line)
    given = Given(seed, chosen, MODES[mode], audited, keep, using.compiled)
    parts = []
    for batch in played(setup, live, reps, given, jobs):
        parts.append(batch)
        if progress is not None:
            progress(batch.count)
    found = {
        m: {name: Summaries.joined([part.found[m][name] for part in parts]) for name in chosen}
        for m in MODES[mode]
    }
    rows = tuple(row_of(m, found[m][name]) for m in found for name in chosen)
    return Comparison(scenario.name, seed, reps, rows, found, setup.warnings, using.name)


def row_of(mode: str, summaries: Summaries) -> Row:
    from lobsim.report.statistics import estimate, mean_of  # scipy, 0.1 s

    def mean(field: str) -> float:
        return mean_of(summaries.column(field))

    profit = estimate(summaries.column("profit"))
    inventory = estimate(summaries.column("inventory"))
    spreads = summaries.known("spread")
    quotes = int(summaries.column("quotes").sum())
    return Row(
        mode=mode,
        strategy=summaries.strategy,
        reps=len(summaries),
        profit_mean=profit.mean,
        profit_sd=profit.sd,
        profit_low=profit.low,
        profit_high=profit.high,
        profit_closed_mean=mean("profit_closed"),
        spread_earned_mean=mean("spread_earned"),
        luck_mean=mean("luck"),
        fees_mean=mean("fees"),
        inventory_mean=inventory.mean,
        inventory_sd=inventory.sd,
        fills_mean=mean("fills"),
        spread_mean=mean_of(spreads) if len(spreads) else None,
        uptime=mean("uptime"),
        best_share=mean("best_share"),
        drawdown_mean=mean("drawdown"),
        halts=int(summaries.column("halts").sum()),
        benched=len(summaries.problems),
        maker_trades_mean=mean("maker_trades"),
        saturated_share=int(summaries.column("saturated").sum()) / quotes if quotes else None,
        worst_rep=int(summaries.column("profit").argmin()),
    )
