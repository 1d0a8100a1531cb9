"""From a name, a file and settings on the command line to a checked scenario."""

import difflib
import os
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lobsim.errors import ScenarioError
from lobsim.scenario.checks import problems
from lobsim.scenario.explain import line_of, meant, place_of, say, with_line
from lobsim.scenario.mend import mended
from lobsim.scenario.schema import Scenario, Source

NOBODY: Mapping[str, Sequence[str]] = {}
LIMIT = 1_000_000  # bytes of a scenario file


def shipped_folder() -> Path:
    """Where the shipped scenarios are: inside the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "scenarios"
    return inside if inside.is_dir() else package.parent / "scenarios"


def shipped() -> dict[str, Path]:
    """The shipped scenarios by name."""
    return {path.stem: path for path in sorted(shipped_folder().glob("*.toml"))}


def find_scenario(name: str) -> Path:
    """A path, or the name of a shipped scenario."""
    path = Path(name)
    if path.exists() or path.suffix == ".toml" or os.sep in name:
        return path
    known = shipped()
    if name in known:
        return known[name]
    raise ScenarioError(
        f"no scenario '{name}' is shipped, and there is no such file in {Path.cwd()}"
        f"{meant(name, known)}; shipped: {', '.join(known)}"
    )


def load_scenario(
    name: str | os.PathLike[str],
    settings: Sequence[str] = (),
    joining: Mapping[str, Sequence[str]] = NOBODY,
) -> Scenario:
    """Read and check a scenario; `settings` are KEY=VALUE, as of `--set`.

    `joining` are plugin files and the strategies in them: those that the scenario does not
    name join it, each under its own name.  Raises ScenarioError with every problem found, one
    line each.
    """
    path = find_scenario(os.fspath(name))
    text = read_text(path)
    try:
        tree = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{path}: {with_line(str(error), text)}") from None
    except RecursionError:
        raise ScenarioError(f"{path}: nested too deeply") from None
    for file, strategies in joining.items():
        join(tree, file, strategies)
    set_keys = frozenset(apply_setting(tree, setting) for setting in settings)
    tree["plugins"] = _absolute(tree.get("plugins", []), path.resolve().parent)
    if "asset" not in tree:
        raise ScenarioError(f"{path}: no [asset] section: a scenario needs one")
    source = Source(path, text, tree, set_keys)
    found: list[tuple[tuple[str | int, ...], str]] = []
    faulty: list[str] = []
    try:
        scenario: Scenario | None = Scenario.model_validate(tree)
    except ValidationError as error:
        found = [(place_of(e), say(tuple(e["loc"]), e)) for e in error.errors()]
        scenario, faulty = mended(source, error.errors())
    if scenario is not None:
        scenario._name = path.stem
        scenario._source = source
        found += problems(scenario, faulty)
    if found or scenario is None:
        raise FaultyScenarioError(scenario, *(line_of(source, *each) for each in found))
    return scenario


class FaultyScenarioError(ScenarioError):
    """`rest` is the scenario without its faults, for other checks; None if it cannot be had."""

    def __init__(self, rest: Scenario | None, *problems: str) -> None:
        super().__init__(*problems)
        self.rest = rest

    def __reduce__(self) -> tuple[type, tuple[str, ...]]:
        return ScenarioError, self.problems


def join(tree: dict[str, Any], file: str, strategies: Sequence[str]) -> None:
    """Let a plugin's strategies join the market, but for those that it has already."""
    plugins, specs = tree.setdefault("plugins", []), tree.setdefault("strategy", [])
    if not isinstance(plugins, list) or not isinstance(specs, list):
        return  # told as problems of the scenario
    plugins.append(os.path.abspath(file))
    named = [spec.get("plugin") for spec in specs if isinstance(spec, dict)]
    specs.extend({"plugin": name} for name in strategies if name not in named)


def read_text(path: Path) -> str:
    """The text of a file that may be a scenario; refused before reading where it cannot be."""
    try:
        if not path.exists():
            near = difflib.get_close_matches(path.name, os.listdir(path.parent or "."), 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise ScenarioError(f"{path}: no such file (looked in {Path.cwd()}){hint}")
        if not path.is_file():
            raise ScenarioError(f"{path}: not a file")
        if path.stat().st_size > LIMIT:
            raise ScenarioError(f"{path}: larger than {LIMIT} bytes: not a scenario")
        data = path.read_bytes()
        return data.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ScenarioError(
            f"{path}: not UTF-8 (byte 0x{data[error.start]:02X} at line {line})"
        ) from None
    except OSError as error:
        raise ScenarioError(f"{path}: {error.strerror}") from None


def apply_setting(tree: dict[str, Any], setting: str) -> str:
    """Change one key of the tree; its path there.  NAME.PARAM is a strategy's parameter."""
    key, equals, value_text = setting.partition("=")
    key = key.strip()
    if not equals or not key:
        raise ScenarioError(f"--set {setting}: must be KEY=VALUE, as asset.price.sigma=3")
    try:
        value = tomllib.loads(f"v = {value_text}", parse_float=Decimal)["v"]
    except tomllib.TOMLDecodeError:
        value = value_text.strip()
    except RecursionError:
        raise ScenarioError(f"--set {key}: nested too deeply") from None
    *tables, last = key.split(".")
    node, path = tree, ""
    if tables and tables[0] not in Scenario.model_fields:
        node, path = _strategy(tree, tables[0], key)
        tables = tables[1:] or ["params"]
    for table in tables:
        node = node.setdefault(table, {})
        path += f"{table}."
        if not isinstance(node, dict):
            raise ScenarioError(f"--set {key}: {table} is not a table")
    node[last] = value
    return path + last


def _strategy(tree: dict[str, Any], name: str, key: str) -> tuple[dict[str, Any], str]:
    """The table of a strategy, and its path.  Raises ScenarioError where there is none."""
    names = []
    listed = tree.get("strategy", [])
    for i, spec in enumerate(listed if isinstance(listed, list) else [], 1):
        if isinstance(spec, dict):
            names.append(str(spec.get("name", spec.get("plugin"))))
            if names[-1] == name:
                return spec, f"strategy.{i}."
    known = [*names, *Scenario.model_fields]
    raise ScenarioError(
        f"--set {key}: no table or strategy '{name}'{meant(name, known)}; "
        f"strategies: {', '.join(names)}"
    )


def _absolute(plugins: Any, folder: Path) -> Any:
    if isinstance(plugins, list) and all(isinstance(plugin, str) for plugin in plugins):
        return [str((folder / plugin).resolve()) for plugin in plugins]
    return plugins
