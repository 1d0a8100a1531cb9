"""From a scenario to the parts of its market, ready to be run any number of times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from os import PathLike, fspath
from pathlib import Path

from lobsim.cautions import cautions
from lobsim.conversion import equity_limits
from lobsim.errors import PluginError, ScenarioError, UsageError, choices, cut
from lobsim.listings import Listing, Together, common_unit, exact, groups_of, listing_of
from lobsim.market.risk import Limits
from lobsim.market.strategy import Market, Strategy
from lobsim.market.units import Nanos
from lobsim.models.joint_world import JointPlan, Plan
from lobsim.models.latency import Latency
from lobsim.plans import latency_of, plan_of
from lobsim.plugins.parameters import ParameterError
from lobsim.plugins.registry import Registry
from lobsim.scenario.asset import Asset, AssetRisk
from lobsim.scenario.checks import whole_ns
from lobsim.scenario.explain import line_of
from lobsim.scenario.load import FaultyScenarioError, load_scenario
from lobsim.scenario.schema import Risk, Scenario
from lobsim.seats import NOBODY, Live, Seat, seat_of
from lobsim.watch import kept_apart


@dataclass(frozen=True, slots=True)
class Setup:
    """All that is the same in every replication; prices and costs in ticks, times in ns.

    `unit` is what the ticks of all assets are whole multiples of, `portfolio` the limits of an
    account over all of its assets (none where there is one asset), in that unit.
    """

    scenario: Scenario
    registry: Registry
    plan: Plan
    listings: tuple[Listing, ...]
    unit: Fraction
    portfolio: Limits
    requote: Nanos | None
    seats: tuple[Seat, ...]
    warnings: tuple[str, ...]

    @property
    def groups(self) -> tuple[Together, ...]:
        return groups_of(self.scenario, self.unit)

    @property
    def only(self) -> Listing:
        """The asset, where there is one."""
        (listing,) = self.listings
        return listing

    @property
    def ticks(self) -> dict[str, float]:
        """Currency, by asset."""
        return {listing.name: listing.market.tick for listing in self.listings}

    @property
    def markets(self) -> dict[str, Market]:
        return {listing.name: listing.market for listing in self.listings}

    @property
    def timeout_s(self) -> float:
        """How long a plugin may take for one answer, on the wall's clock."""
        return float(self.scenario.plugin_timeout_s)

    @property
    def names(self) -> list[str]:
        return [seat.spec.name for seat in self.seats]

    def choose(self, names: Sequence[str] | str | None) -> tuple[Seat, ...]:
        """The seats of these accounts, in the scenario's order; None is all that were prepared.

        Raises UsageError with all names that are not there.
        """
        wanted = chosen(self.names, names, self.scenario.name)
        return tuple(seat for seat in self.seats if seat.spec.name in wanted)

    def latency(self, seat: Seat) -> Latency | None:
        """Of a seat's wires; None where all are direct."""
        return None if seat.spec.latency.is_none else latency_of(seat.spec.latency)

    def new_strategy(self, seat: Seat) -> Strategy:
        return self.registry.make(seat.spec.plugin, seat.spec.params)


def accounts(scenario: Scenario, names: Sequence[str] | str | None) -> tuple[str, ...]:
    """Those of a scenario's accounts that are named, in its order; None is all.

    Raises UsageError with all names that are not there.
    """
    return chosen([spec.name for spec in scenario.strategy], names, scenario.name)


def chosen(known: Sequence[str], names: Sequence[str] | str | None, where: str) -> tuple[str, ...]:
    wanted = known if names is None else [names] if isinstance(names, str) else list(names)
    wrong = [
        f"no strategy '{cut(name)}' in {where}{choices(name, known, 'there are')}"
        for name in wanted
        if name not in known
    ]
    if wrong:
        raise UsageError(*wrong)
    return tuple(name for name in known if name in wanted)


def open_scenario(
    scenario: Scenario | str | PathLike[str],
    settings: Sequence[str] = (),
    plugins: Sequence[str | PathLike[str]] = (),
    joining: Sequence[str] = (),
) -> Scenario:
    """A scenario by name, by path, or loaded already; only the first two can be changed.

    `plugins` are files whose strategies join it, `joining` names of plugins that join where no
    account is called so.  Raises ScenarioError or PluginError.
    """
    if isinstance(scenario, Scenario):
        if settings or plugins:
            raise UsageError("settings and plugins change a scenario as it is loaded, not later")
        return scenario
    registry = Registry()
    plugins = [plugins] if isinstance(plugins, str) else plugins
    with kept_apart():
        files = {fspath(path): registry.add_file(Path(path)) for path in plugins}
    known = [name for name in joining if name in registry.strategies]
    try:
        return load_scenario(scenario, settings, files, known)
    except FaultyScenarioError as error:
        if error.rest is None:
            raise
        more = parameter_problems(error.rest, load_plugins(error.rest), error.faulty)
        raise ScenarioError(*dict.fromkeys((*error.problems, *more))) from None


def without_limits(scenario: Scenario) -> Scenario:
    """The same market where no account has a limit."""
    risk = Risk(close_cost=scenario.risk.close_cost)
    free_of = {
        name: asset.model_copy(update={"risk": AssetRisk(close_cost=asset.risk.close_cost)})
        for name, asset in scenario.assets.items()
    }
    assets = free_of["asset"] if isinstance(scenario.asset, Asset) else free_of
    free = scenario.model_copy(update={"risk": risk, "group": {}, "asset": assets})
    free._name, free._source = scenario._name, scenario._source
    return free


def load_plugins(scenario: Scenario) -> Registry:
    registry = Registry()
    for plugin in scenario.plugins:
        try:
            registry.add_file(Path(plugin))
        except PluginError as error:
            told = [line_of(scenario.source, ("plugins",), each) for each in error.problems]
            raise PluginError(*told) from error
    return registry


def parameter_problems(
    scenario: Scenario, registry: Registry, faulty: Sequence[str] = ()
) -> list[str]:
    """What is wrong with the plugins and parameters that a scenario names, a line each.

    Parameters that are `faulty` as a table are told already.
    """
    found = []
    for i, spec in enumerate(scenario.strategy):
        if f"strategy.{i + 1}.params" not in faulty:
            try:
                registry.make(spec.plugin, spec.params)
            except ParameterError as error:
                found += told_of(scenario, i, error)
    return found


def told_of(scenario: Scenario, number: int, error: ParameterError) -> list[str]:
    """The faults of one strategy with their places in the scenario."""
    return [
        line_of(scenario.source, ("strategy", number, *path), what) for path, what in error.faults
    ]


def seats_of(
    scenario: Scenario, registry: Registry, markets: Mapping[str, Market], names: Sequence[str]
) -> tuple[Seat, ...]:
    """Of these accounts.  Raises ScenarioError with every quote that no tape could hold."""
    seats, found = [], []
    for i, spec in enumerate(scenario.strategy):
        if spec.name not in names:
            continue
        try:
            seats.append(seat_of(spec, registry, markets, scenario))
        except ParameterError as error:
            found += told_of(scenario, i, error)
    if found:
        raise ScenarioError(*found)
    return tuple(seats)


def prepare(
    scenario: Scenario, live: Live = NOBODY, names: Sequence[str] | str | None = None
) -> Setup:
    """Load the plugins, check the strategies, convert every number to its unit.

    `live` are strategies that no plugin offers; only accounts that are named get seats, with
    their quote tables; None: all.  Raises ScenarioError, PluginError or UsageError.
    """
    with kept_apart():
        return prepared(scenario, live, names)


def prepared(scenario: Scenario, live: Live, names: Sequence[str] | str | None) -> Setup:
    registry = load_plugins(scenario)
    for name, strategy in live.items():
        registry.add_live(name, strategy)
    if not scenario.strategy:
        raise ScenarioError(f"{scenario.name}: no [[strategy]]: a market needs at least one")
    if faults := parameter_problems(scenario, registry):
        raise ScenarioError(*faults)
    unit = common_unit([asset.tick for asset in scenario.assets.values()])
    plan = plan_of(scenario)
    plans = plan.assets if isinstance(plan, JointPlan) else (plan,)
    listings = tuple(
        listing_of(scenario.of(name), own, unit, scenario)
        for name, own in zip(scenario.assets, plans, strict=True)
    )
    markets = {listing.name: listing.market for listing in listings}
    alone = len(listings) == 1
    return Setup(
        scenario=scenario,
        registry=registry,
        plan=plan,
        listings=listings,
        unit=unit,
        portfolio=Limits() if alone else equity_limits(scenario.risk, exact(unit)),
        requote=None if scenario.requote_ms is None else whole_ns(scenario.requote_ms / 1000),
        seats=seats_of(scenario, registry, markets, accounts(scenario, names)),
        warnings=tuple(cautions(scenario, markets)),
    )
