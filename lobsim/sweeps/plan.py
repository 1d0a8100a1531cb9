"""What a sweep is of, and what it may take: all that is known before anything runs."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from lobsim.compare import chosen_baseline, markets_of
from lobsim.engines import Engine, Wanted, choose
from lobsim.errors import UsageError
from lobsim.run import seed_of, versions
from lobsim.scenario.axes import Axis, axes_of, count_of
from lobsim.scenario.schema import Scenario
from lobsim.seats import NOBODY
from lobsim.setup import Setup, prepare
from lobsim.sweeps.points import WHO, Market, Point, points, seconds_of
from lobsim.workers.batches import MODES, Batch, Given, given_of

TASK_S = 4.0  # of work in a task: little is lost with one, and a bar moves
TASKS = 1, 5, 25, 50, 100, 250, 500, 1000, 2000, 10_000  # replications: parts of cells, or cells
CONFIRM_S, CONFIRM_POINTS = 3600, 10_000  # above which a sweep is asked about first
FIXED = (
    "scenario", "over", "strategies", "mode", "reps", "seed", "baseline", "plugins", "versions",
)  # fmt: skip
Progress = Callable[[int, int], None]  # so many replications more, of so many in all


class Plan(NamedTuple):
    """`task_reps` are the replications of a task; `files` the plugins', with their hashes."""

    market: Market
    base: Scenario
    over: tuple[str, ...]
    axes: tuple[str, ...]
    points: list[Point]
    mode: str
    reps: int
    seed: int
    baseline: str | None
    files: dict[str, str]
    engine: Engine
    task_reps: int

    @property
    def modes(self) -> tuple[str, ...]:
        return MODES[self.mode]

    @property
    def tasks(self) -> int:
        """Of each point."""
        return -(-self.reps // self.task_reps)

    def task(self, number: int) -> tuple[Point, range]:
        """A task's point and replications."""
        point, own = divmod(number, self.tasks)
        first = own * self.task_reps
        return self.points[point], range(first, min(first + self.task_reps, self.reps))

    def batch(self, number: int) -> Batch:
        point, own = self.task(number)
        return Batch(self.given(point), own.start, own.stop)

    def given(self, point: Point) -> Given:
        return given_of(
            point.scenario, NOBODY, self.files, self.seed, point.chosen, self.mode, audited=True,
            compiled=self.engine.compiled,
        )  # fmt: skip

    def baseline_at(self, point: Point) -> str:
        return chosen_baseline(self.baseline, point.chosen)

    def as_dict(self) -> dict[str, Any]:
        """What a sweep's folder says of it; what is FIXED fixes what is found."""
        return {
            "scenario": self.base.model_dump(mode="json"),
            "name": self.base.name,
            "file": self.market.scenario,
            "settings": list(self.market.settings),
            "with": list(self.market.plugins),
            "strategies": self.market.strategies and list(self.market.strategies),
            "over": list(self.over),
            "mode": self.mode,
            "reps": self.reps,
            "seed": self.seed,
            "baseline": self.baseline,
            "plugins": {path.rpartition("/")[2]: digest for path, digest in self.files.items()},
            "versions": versions(),
            "engine": self.engine.name,
            "task_reps": self.task_reps,
        }


def planned(
    market: Market,
    over: Sequence[str],
    mode: str,
    reps: int,
    seed: int | None,
    baseline: str | None,
    engine: Wanted,
    jobs: int,
    confirm: Callable[[str, bool], bool],
    progress: Progress,
) -> Plan:
    """Check everything.  Raises a LobsimError; `confirm` is told first what it will take."""
    if mode not in MODES:
        raise UsageError(f"mode '{mode}': must be one of {', '.join(MODES)}")
    if reps < 1:
        raise UsageError(f"reps {reps}: must be 1 or more")
    axes = axes_of(over)
    base = market.open()
    who = next((axis for axis in axes if WHO in axis.keys), None)
    setup = prepare(base, names=None if who else market.strategies)
    count = count_of(axes)
    using, seconds = cost_of(setup, axes, mode, reps, engine)
    takes = time_told(seconds / jobs)
    size = f"{count:,} points, {reps:,} replications each, {mode}: about {takes}"
    long = seconds / jobs > CONFIRM_S or count > CONFIRM_POINTS
    if not confirm(f"{size} in the {using.name} engine", long):
        raise UsageError(f"{size}: not begun; --yes if it may, or fewer points or --reps")
    found = points(market, setup.registry, axes, progress)
    for point in found if baseline is not None else ():
        chosen_baseline(baseline, point.chosen)
    return Plan(
        market, base, tuple(over), tuple(key for axis in axes for key in axis.keys), found, mode,
        reps, seed_of(base, seed), baseline, setup.registry.files, using,
        max(n for n in TASKS if n == 1 or n * seconds <= TASK_S * count * reps),
    )  # fmt: skip


def cost_of(
    setup: Setup, axes: Sequence[Axis], mode: str, reps: int, engine: Wanted
) -> tuple[Engine, float]:
    """The engine, and the seconds that one core may take."""
    count = count_of(axes)
    seats = setup.seats
    markets = markets_of(mode, seats)
    using = choose(engine, setup, seats, count * reps * markets)
    load = sum(len(seats) for _ in MODES[mode]) if using.compiled else markets
    return using, seconds_of(setup.scenario, count * reps * load, compiled=using.compiled)


def time_told(seconds: float) -> str:
    """1 second, 40 seconds, 3 minutes, 14 hours, 900 days."""
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 1.5 * size:
            return f"{seconds / size:,.0f} {unit}s"
    return "a second" if seconds < 1.5 else f"{seconds:.0f} seconds"
