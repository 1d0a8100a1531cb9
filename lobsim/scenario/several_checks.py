"""What the tables of several assets, of groups and of who trades what must satisfy."""

from collections.abc import Callable, Iterator
from itertools import combinations

from lobsim.errors import choices, figure
from lobsim.scenario.correlation import cholesky, matrix_of, nearest
from lobsim.scenario.prices import curve_of
from lobsim.scenario.schema import RESERVED, Group, Risk, Scenario
from lobsim.scenario.world_checks import Problem

MOST_ASSETS = 100
MOST_ACCOUNTS = 2**15  # whose numbers the tape writes in 16 bits
DISCRETE = ("random_walk", "bernoulli")


def asset_problems(scenario: Scenario) -> Iterator[Problem]:
    """Assets of a discrete market have steps of their own: no instant is common to all."""
    if scenario.assets.keys() == {"asset"}:
        return
    if len(scenario.assets) > MOST_ASSETS:
        yield ("asset",), f"must have at most {MOST_ASSETS} assets, has {len(scenario.assets)}"
    for name, asset in scenario.assets.items():
        if name in RESERVED:
            yield ("asset", name), "is a reserved name: give the asset another"
        for table in ("price", "flow"):
            model = getattr(asset, table).model
            if model in DISCRETE:
                yield (
                    ("asset", name, table, "model"),
                    f'"{model}" goes with a single asset only: several move at any instant',
                )


def correlation_problems(scenario: Scenario) -> Iterator[Problem]:
    """A correlation matrix is symmetric, has a unit diagonal, and is positive semi-definite."""
    names, pairs = list(scenario.assets), scenario.correlation
    found = False
    for a, row in pairs.items():
        for b, rho in row.items():
            path = ("correlation", a, b)
            unknown = [each for each in (a, b) if each not in names]
            if unknown:
                yield path, f"no asset '{unknown[0]}'{choices(unknown[0], names, 'there are')}"
            elif a == b and rho != 1:
                yield path, "must be 1: of an asset with itself"
            elif names.index(a) > names.index(b) and pairs.get(b, {}).get(a, rho) != rho:
                yield path, f"must be the {figure(pairs[b][a])} of {b}.{a}: give one of them only"
            else:
                continue
            found = True
    if found:
        return
    matrix = matrix_of(pairs, names)
    if cholesky(matrix) is None:
        near = nearest(matrix)
        offered = ", ".join(
            f"{names[i]}.{names[j]} = {near[i][j]:g}"
            for i, j in combinations(range(len(names)), 2)
            if matrix[i][j] or near[i][j]
        )
        yield (
            ("correlation",),
            f"no mids can move like that (not positive semi-definite); the nearest that can: "
            f"{offered}",
        )
    for i, name in enumerate(names):
        others = [names[j] for j in range(len(names)) if j != i and matrix[i][j]]
        price = scenario.assets[name].price
        what = "a volatility curve" if curve_of(price) else f"{price.model} prices"
        known = ("brownian", "geometric", *DISCRETE)  # these are told already
        if others and (curve_of(price) or price.model not in known):
            yield (
                ("correlation",),
                f"'{name}' has {what}: only brownian and geometric ones without a curve can be "
                f"correlated (jumps come on top)",
            )


def trader_problems(scenario: Scenario) -> Iterator[Problem]:
    """Who trades what, and with how much of it in the beginning."""
    names = list(scenario.assets)
    most, found = MOST_ACCOUNTS // len(names) - 1, len(scenario.strategy)
    if found > most:  # the outside has an account in each asset, too
        among = f" in {len(names)} assets" if len(names) > 1 else ""
        yield ("strategy",), f"must have at most {most} strategies{among}, has {found}"
    for i, spec in enumerate(scenario.strategy):
        for j, asset in enumerate(spec.assets):
            if asset not in names:
                yield (
                    ("strategy", i, "assets", j),
                    f"no asset '{asset}'{choices(asset, names, 'there are')}",
                )
        traded = scenario.assets_of(spec)
        if isinstance(spec.inventory, int):
            if spec.inventory and len(traded) > 1:
                each = ", ".join(f"{name} = {spec.inventory}" for name in traded)
                yield ("strategy", i, "inventory"), f"must say of which asset: {{ {each} }}"
            continue
        for asset in spec.inventory:
            if asset not in traded:
                yield (
                    ("strategy", i, "inventory", asset),
                    f"it trades no asset '{asset}'{choices(asset, traded, 'it trades')}",
                )


def group_problems(scenario: Scenario) -> Iterator[Problem]:
    names = [spec.name for spec in scenario.strategy]
    member_of: dict[str, str] = {}
    for group, table in scenario.group.items():
        if not table.strategies:
            yield ("group", group, "strategies"), "must name a strategy at least"
        for j, name in enumerate(table.strategies):
            path = ("group", group, "strategies", j)
            if name not in names:
                yield path, f"no strategy '{name}'{choices(name, names, 'there are')}"
            elif name in member_of:
                yield path, f"'{name}' is in group '{member_of[name]}' already"
            member_of.setdefault(name, group)


def pool_problems(scenario: Scenario) -> Iterator[Problem]:
    """VaR and CVaR of several accounts need the joint law of the mids."""
    prices = [asset.price for asset in scenario.assets.values()]
    known = ("brownian",) if len(prices) > 1 else ("brownian", "geometric", "random_walk")
    unknown = sorted({price.model for price in prices} - set(known))
    what = [f"{model} prices" for model in unknown]
    what += ["jumps"] if any(price.jumps for price in prices) else []
    what += ["a volatility curve"] if any(map(curve_of, prices)) else []
    what += ["informed orders"] if any(a.flow.informed for a in scenario.assets.values()) else []
    tables: list[tuple[tuple[str, ...], Risk | Group]] = [
        (("group", name), group) for name, group in scenario.group.items()
    ]
    if len(prices) > 1:
        tables.append((("risk",), scenario.risk))
    for path, table in tables:
        for key in ("max_var", "max_cvar"):
            if what and getattr(table, key) is not None:
                yield (*path, key), f"is not known with {', '.join(what)}: of Brownian mids it is"


SEVERAL_CHECKS: dict[Callable[[Scenario], Iterator[Problem]], tuple[str, ...]] = {
    asset_problems: ("asset",),
    correlation_problems: ("asset", "correlation"),
    trader_problems: ("asset", "strategy"),
    group_problems: ("group", "strategy"),
    pool_problems: ("asset", "risk", "group"),
}
