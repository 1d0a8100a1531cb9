"""Strategies side by side on common random numbers: each alone, all together, or both.

A replication's world is made once and met by every strategy.  One summary row per replication
and strategy is kept, and no tape.
"""

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lobsim.errors import LobsimError, PluginError, UsageError, WorkerError
from lobsim.market.strategy import Strategy
from lobsim.run import record, seed_of
from lobsim.scenario.schema import Scenario
from lobsim.seats import Live, with_live
from lobsim.setup import Setup, open_scenario, prepare
from lobsim.simulate import simulate, world_of
from lobsim.summaries import Summaries
from lobsim.summary import Summary

MODES = {"isolated": ("isolated",), "shared": ("shared",), "both": ("isolated", "shared")}
BATCHES_PER_JOB = 20  # enough for a progress bar and for uneven workers
Progress = Callable[[int], None]
Batch = list[dict[str, list[Summary]]]  # the summaries of some replications, by mode
Given = tuple[int, Sequence[str], Sequence[str], bool, Path | None]  # as of `play`, from seed on


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
    progress: Progress | None = None,
) -> Comparison:
    """Run `reps` replications in each mode; `strategies` are who takes part, as of `run`.

    The result does not depend on `jobs`, the number of processes (None: one a core).  `keep` is
    an empty folder for the tapes, a run folder each: MODE/REP or MODE/STRATEGY/REP.  Raises a
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
    chosen = tuple(seat.spec.name for seat in setup.choose(names))
    seed = seed_of(scenario, seed)
    jobs = min(cpu_count() if jobs is None else jobs, reps)
    size = max(1, reps // (jobs * BATCHES_PER_JOB))
    batches = [range(start, min(start + size, reps)) for start in range(0, reps, size)]
    table: dict[str, dict[str, list[Summary]]] = {
        m: {name: [] for name in chosen} for m in MODES[mode]
    }
    given = (seed, chosen, MODES[mode], audited, keep)
    if jobs == 1:
        results: Iterable[Batch] = (play(setup, batch, *given) for batch in batches)
    else:
        results = played_by_workers(scenario, live, batches, given, jobs)
    for batch in results:
        for replication in batch:
            for m, summaries in replication.items():
                for summary in summaries:
                    table[m][summary.strategy].append(summary)
        if progress is not None:
            progress(len(batch))
    found = {
        m: {name: Summaries.of(name, some) for name, some in by_name.items()}
        for m, by_name in table.items()
    }
    rows = tuple(row_of(m, found[m][name]) for m in found for name in chosen)
    return Comparison(scenario.name, seed, reps, rows, found, setup.warnings)


def played_by_workers(
    scenario: Scenario, live: Live, batches: Sequence[range], given: Given, jobs: int
) -> Iterator[Batch]:
    """The batches' results, in their order.  Raises WorkerError where a worker is killed,
    PluginError where strategy objects cannot be sent to workers.
    """
    from cloudpickle import dumps
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    try:
        packed = dumps(dict(live))
    except Exception as error:
        raise PluginError(
            f"a strategy object cannot be sent to other processes: {type(error).__name__}: "
            f"{error}; use jobs=1, or a plugin file"
        ) from error
    pool = Parallel(n_jobs=jobs, return_as="generator")
    try:
        yield from pool(delayed(play_there)(scenario, packed, batch, *given) for batch in batches)
    except TerminatedWorkerError as error:
        raise WorkerError(
            "a worker process was killed, likely for want of memory: use fewer --jobs"
        ) from error


def play(
    setup: Setup,
    replications: range,
    seed: int,
    chosen: Sequence[str],
    modes: Sequence[str],
    audited: bool,
    keep: Path | None,
) -> Batch:
    """The summaries of some replications, by mode."""
    seats = setup.choose(chosen)
    done = []
    for replication in replications:
        try:
            world = list(world_of(setup, seed, replication).chunks())
            by_mode: dict[str, list[Summary]] = {mode: [] for mode in modes}
            for mode in modes:
                for group in [[seat] for seat in seats] if mode == "isolated" else [seats]:
                    if keep is None:
                        summaries = simulate(
                            setup, seed, replication, seats=group, world=world, audited=audited
                        )
                    else:
                        place = keep / mode / (group[0].spec.name if mode == "isolated" else "")
                        folder = place / f"{replication:06}"
                        folder.mkdir(parents=True)
                        summaries = record(
                            setup, seed, replication, folder, seats=group, world=world,
                            audited=audited,
                        )  # fmt: skip
                    by_mode[mode] += summaries
            done.append(by_mode)
        except LobsimError as error:
            error.add_note(f"in replication {replication}: --seed {seed} --rep {replication}")
            raise
    return done


def play_there(scenario: Scenario, live: bytes, replications: range, *given: Any) -> Batch:
    """`play` in a worker, which gets the scenario, the paths of plugins, and copies of objects."""
    key = scenario.model_dump_json(), live
    if key not in _prepared:
        _prepared.clear()
        _prepared[key] = prepare(scenario, pickle.loads(live))
    return play(_prepared[key], replications, *given)


_prepared: dict[tuple[str, bytes], Setup] = {}  # a worker's last


def row_of(mode: str, summaries: Summaries) -> Row:
    from lobsim.report.statistics import estimate  # scipy, 0.1 s

    def mean(field: str) -> float:
        return estimate(summaries.column(field)).mean

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
        spread_mean=estimate(spreads).mean if len(spreads) else None,
        uptime=mean("uptime"),
        best_share=mean("best_share"),
        drawdown_mean=mean("drawdown"),
        halts=int(summaries.column("halts").sum()),
        benched=len(summaries.problems),
        maker_trades_mean=mean("maker_trades"),
        saturated_share=int(summaries.column("saturated").sum()) / quotes if quotes else None,
        worst_rep=int(summaries.column("profit").argmin()),
    )
