"""Settings on the command line: KEY=VALUE changes a key of a scenario or a strategy's parameter."""

import tomllib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from lobsim.errors import ScenarioError, UsageError, choices, cut
from lobsim.scenario.schema import Scenario

DEEPEST = 10  # names in a key


class Change(NamedTuple):
    """A setting as it was typed, its key, and the text of its value."""

    setting: str
    key: str
    text: str


def checked_settings(settings: Sequence[str]) -> list[Change]:
    """Raises UsageError with every setting that is not KEY=VALUE in one line."""
    changes, wrong = [], []
    for setting in settings:
        key, equals, text = map(str.strip, setting.partition("="))
        if not equals or not all(map(str.strip, key.split("."))):
            wrong.append(f"--set {cut(setting)}: must be KEY=VALUE, as asset.price.sigma=3")
        elif "\n" in setting or "\r" in setting:
            wrong.append(f"--set {cut(setting)}: must be one line")
        elif setting.encode(errors="replace").decode() != setting:
            wrong.append(f"--set {cut(setting)}: not UTF-8")
        else:
            changes.append(Change(setting, key, text))
    if wrong:
        raise UsageError(*wrong)
    return changes


def apply_settings(
    tree: dict[str, Any], changes: Sequence[Change]
) -> tuple[dict[str, str], list[str]]:
    """Change the tree; the settings by the keys that they set, and what is wrong with others."""
    settings: dict[str, str] = {}
    told: list[str] = []
    for change in changes:
        try:
            settings[apply(tree, change)] = change.setting
        except ScenarioError as error:
            told += error.problems
    return settings, told


def apply(tree: dict[str, Any], change: Change) -> str:
    """The path of the key that is changed.  NAME.PARAM is a strategy's parameter."""
    *tables, last = (name.strip() for name in change.key.split("."))
    try:
        value = value_of(change.text)
    except RecursionError:
        value = None
    if value is None or len(tables) > DEEPEST:
        raise ScenarioError(f"--set {cut(change.setting)}: nested too deeply")
    node, path = tree, ""
    if tables and tables[0] not in Scenario.model_fields:
        node, path = strategy_named(tables[0], tree, change)
        tables = tables[1:] or ["params"]
    for table in tables:
        node = node.setdefault(table, {})
        path += f"{table}."
        if not isinstance(node, dict):
            raise ScenarioError(f"--set {cut(change.setting)}: {table} is not a table")
    node[last] = value
    return path + last


def value_of(text: str) -> Any:
    """A value in TOML, or else text without its quotes."""
    try:
        return tomllib.loads(f"v = {text}", parse_float=Decimal)["v"]
    except (ValueError, ArithmeticError):  # no TOML, or a number beyond Python's limits
        return text


def strategy_named(name: str, tree: dict[str, Any], change: Change) -> tuple[dict[str, Any], str]:
    """The table of a strategy, and its path.  Raises ScenarioError where there is none."""
    listed = tree.get("strategy", [])
    names: dict[str, tuple[dict[str, Any], str]] = {}
    for i, spec in enumerate(listed if isinstance(listed, list) else [], 1):
        if isinstance(spec, dict):
            names.setdefault(str(spec.get("name", spec.get("plugin"))), (spec, f"strategy.{i}."))
    if name in names:
        return names[name]
    near = choices(name, [*names, *Scenario.model_fields], "known")
    raise ScenarioError(f"--set {cut(change.setting)}: no table or strategy '{cut(name)}'{near}")
