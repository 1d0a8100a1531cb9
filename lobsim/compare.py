"""Strategies side by side on common random numbers: each alone, all together, or both.

A replication's world is made once and met by every strategy.  What is found is summed up as it
comes, so that memory does not grow with the replications; no tape is kept unless asked for.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lobsim.engines import Wanted, choose
from lobsim.errors import UsageError, WorkerError, choices, cut
from lobsim.market.strategy import Strategy
from lobsim.report.paired import BOTH
from lobsim.report.stopping import PILOT, HalfWidth
from lobsim.run import seed_of
from lobsim.scenario.schema import Scenario
from lobsim.seats import with_live
from lobsim.setup import open_scenario, prepare
from lobsim.summaries import Summaries
from lobsim.tally import Difference, Problem, Row, Tally
from lobsim.workers.batches import (
    MODES,
    Found,
    Given,
    at_hand,
    batches,
    check_sendable,
    compile_first,
    count_of,
    given_of,
    in_cells,
    joined,
    play,
)
from lobsim.workers.executors import carried_out, in_order
from lobsim.workers.pools import Pool, pool_of

REST = 20  # times as many as a pilot are likely to follow it
KEPT = 10_000  # replications of which all summaries are at hand afterwards
Progress = Callable[[int, int], None]  # so many replications more, of so many in all


@dataclass(frozen=True, slots=True)
class Comparison:
    """`rows` by mode and strategy; `differences` are paired, from the baseline and, where both
    modes were played, between them; `summaries[mode][strategy]` by replication, the first 10,000;
    `problems` are of plugins that failed and were taken out.
    """

    scenario: str
    seed: int
    reps: int
    rows: tuple[Row, ...]
    differences: tuple[Difference, ...]
    baseline: str
    summaries: dict[str, dict[str, Summaries]]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    engine: str

    def as_dicts(self) -> list[dict[str, Any]]:
        """A row each, with its differences: from the baseline in its mode, and, shared, from its
        own profit alone (`company`).
        """
        pairs = {(each.mode, each.strategy): each for each in self.differences}
        told = []
        for row in self.rows:
            own = pairs.get((row.mode, row.strategy))
            company = pairs.get((BOTH, row.strategy)) if row.mode == "shared" else None
            told.append(
                asdict(row)
                | {"baseline": self.baseline}
                | told_of("difference", own)
                | told_of("company", company)
            )
        return told


def told_of(name: str, pair: Difference | None) -> dict[str, Any]:
    return {
        f"{name}{end}": None if pair is None else getattr(pair, field)
        for end, field in (
            ("_mean", "mean"), ("_low", "low"), ("_high", "high"), ("_confidence", "confidence"),
            ("_sd", "sd"), ("_sd_low", "sd_low"), ("_sd_high", "sd_high"),
            ("_narrowed", "narrowed"), ("_no_larger_than", "no_larger_than"),
        )
    }  # fmt: skip


def compare(
    scenario: Scenario | str | Path,
    *,
    mode: str = "both",
    reps: int = 200,
    seed: int | None = None,
    strategies: Sequence[str | Strategy] | None = None,
    settings: Sequence[str] = (),
    plugins: Sequence[str] = (),
    baseline: str | None = None,
    until: str | None = None,
    jobs: int | None = None,
    audited: bool = True,
    keep: Path | None = None,
    engine: Wanted = "auto",
    progress: Progress = lambda _, __: None,
    tell: Callable[[str], None] = lambda _: None,
    each: Callable[[Found], None] = lambda _: None,
) -> Comparison:
    """Run `reps` replications in each mode; `strategies` are who takes part, as of `run`.

    `baseline` is whom the others are set against, None the first.  `until` is a half-width,
    currency or "1%sd": a pilot of 400 replications then says how many are needed for the
    differences of mean profit to be known so well (`lobsim.report.stopping`), and `reps` is not
    looked at.  The result depends neither on `jobs`, the number of processes or threads (None:
    one a core), nor on the engine.  `tell` is told what there is to know beforehand, `each` is
    given the summaries by mode and strategy as they come, in order.  `keep` is an empty folder for
    the tapes, a run folder each: MODE/REP or MODE/STRATEGY/REP.  Raises a LobsimError, naming the
    replication that failed.
    """
    wanted = checked(mode, reps, until)
    scenario = open_scenario(scenario, settings, plugins)
    scenario, live, names = with_live(scenario, strategies)
    setup = prepare(scenario, live, names)
    chosen = tuple(seat.spec.name for seat in setup.seats)
    tally = Tally(MODES[mode], chosen, chosen_baseline(baseline, chosen))
    reps = reps if wanted is None else PILOT
    likely = reps if wanted is None else REST * PILOT
    using = choose(engine, setup, setup.seats, likely * markets_of(mode, chosen))
    for line in using.told:
        tell(line)
    given = given_of(
        scenario, live, setup.registry.files, seed_of(scenario, seed), chosen, mode,
        audited=audited, compiled=using.compiled, keep=keep,
    )  # fmt: skip
    at_hand(given.key, setup)
    kept: list[Found] = []
    settled = None
    while tally.count < reps:
        for cell in further(tally, given, reps, jobs, progress):
            kept += [cell] if tally.count <= KEPT else []
            each(cell)
        if wanted is not None and settled is None:
            settled = tally.settle(wanted)
            reps = settled.reps
            tell(f"{reps:,} replications are wanted, as the first {tally.count} say")
    return Comparison(
        scenario.name, given.seed, tally.count, tally.rows(settled), tally.differences(settled),
        tally.baseline, joined(kept), tally.problems, setup.warnings, using.name,
    )  # fmt: skip


def markets_of(mode: str, seats: Sequence[object]) -> int:
    """Of one replication."""
    return sum(len(seats) if each == "isolated" else 1 for each in MODES[mode])


def checked(mode: str, reps: int, until: str | None) -> HalfWidth | None:
    """Raises UsageError."""
    if mode not in MODES:
        raise UsageError(f"mode '{mode}': must be one of {', '.join(MODES)}")
    if reps < 1:
        raise UsageError(f"reps {reps}: must be 1 or more")
    return None if until is None else HalfWidth.parse(until)


def further(
    tally: Tally, given: Given, last: int, jobs: int | None, progress: Progress
) -> Iterator[Found]:
    """Play on to before replication `last`, and add to the tally, cell by cell."""

    def watched(parts: Iterable[Found]) -> Iterator[Found]:
        for found in parts:
            progress(count_of(found), last)
            yield found

    first = tally.count
    for cell in in_cells(watched(played(given, first, last, jobs)), first, last):
        tally.add(cell)
        yield cell


def chosen_baseline(baseline: str | None, chosen: Sequence[str]) -> str:
    if baseline is None:
        return chosen[0]
    if baseline not in chosen:
        near = choices(baseline, chosen, "there are")
        raise UsageError(f"--baseline '{cut(baseline)}': takes no part{near}")
    return baseline


def played(given: Given, first: int, last: int, jobs: int | None) -> Iterator[Found]:
    """The summaries of some replications in their order.

    Raises WorkerError where workers are killed.
    """
    from joblib import cpu_count  # 0.1 s

    tasks = list(batches(given, first, last))
    jobs = min(cpu_count() if jobs is None else jobs, len(tasks))
    if given.compiled and given.keep is None:
        compile_first(tasks[0])
        pool: Pool | None = pool_of("threads", jobs, None)
    else:
        if jobs > 1:
            check_sendable(given)
        pool = None if jobs == 1 else pool_of("loky", jobs, None)
    try:
        yield from in_order(carried_out(play, tasks, pool))
    except WorkerError as error:
        raise WorkerError(*(f"{line}: use fewer --jobs" for line in error.problems)) from None
