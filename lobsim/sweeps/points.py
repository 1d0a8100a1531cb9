"""The points of a sweep: each a scenario of its own, checked before anything runs."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from lobsim.errors import LobsimError, ScenarioError
from lobsim.plugins.registry import Registry
from lobsim.scenario.axes import Axis, count_of, points_of
from lobsim.scenario.schema import Scenario
from lobsim.scenario.workload import SECONDS_PER_EVENT, expected_events
from lobsim.setup import accounts, open_scenario, parameter_problems

WHO = "strategies"  # the axis of who takes part
SECONDS_COMPILED = 2e-7  # of an event of one market, its share of the world included


class Market(NamedTuple):
    """What a sweep varies, as it was typed; `strategies` take part, None: all."""

    scenario: str
    settings: tuple[str, ...]
    plugins: tuple[str, ...]
    strategies: tuple[str, ...] | None

    def open(self, more: Sequence[str] = ()) -> Scenario:
        return open_scenario(self.scenario, [*self.settings, *more], self.plugins)


class Point(NamedTuple):
    """`texts` are the values of the axes' keys."""

    number: int
    texts: tuple[tuple[str, str], ...]
    scenario: Scenario
    chosen: tuple[str, ...]


def points(
    market: Market,
    registry: Registry,
    axes: Sequence[Axis],
    progress: Callable[[int, int], None] = lambda _, __: None,
) -> list[Point]:
    """All points.  Raises a LobsimError with all that is wrong with the first faulty one."""
    found, total = [], count_of(axes)
    for number, texts in enumerate(points_of(axes)):
        named = dict(texts).get(WHO)
        try:
            scenario = market.open([f"{key}={text}" for key, text in texts if key != WHO])
            if problems := parameter_problems(scenario, registry):
                raise ScenarioError(*problems)
            chosen = accounts(scenario, named.split("+") if named else market.strategies)
        except LobsimError as error:
            told = [each.replace("--set ", "--over ") for each in error.problems]
            kind = ScenarioError if isinstance(error, ScenarioError) else type(error)
            raise kind(*told) from None
        found.append(Point(number, texts, scenario, chosen))
        progress(1, total)
    return found


def seconds_of(scenario: Scenario, markets: float, *, compiled: bool) -> float:
    """What so many markets may take on one core."""
    each = SECONDS_COMPILED if compiled else SECONDS_PER_EVENT
    return each * expected_events(scenario) * markets
