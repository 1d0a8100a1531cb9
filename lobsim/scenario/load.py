"""From a name, a file and settings on the command line to a checked scenario."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lobsim.errors import ScenarioError, cut, meant, nearest
from lobsim.scenario.checks import problems
from lobsim.scenario.explain import faults, line_of
from lobsim.scenario.lines import syntax_fault
from lobsim.scenario.mend import mended
from lobsim.scenario.schema import Scenario, Source
from lobsim.scenario.settings import apply_settings, checked_settings

NOBODY: Mapping[str, Sequence[str]] = {}
LIMIT = 1_000_000  # bytes of a scenario file
DEEPEST = 30  # tables and lists within each other


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
    if not name:
        raise ScenarioError("scenario '': no name given")
    path = Path(name)
    if os.path.exists(path) or path.suffix == ".toml" or os.sep in name:
        return path
    known = shipped()
    if name in known:
        return known[name]
    near = meant(name, known)
    raise ScenarioError(
        f"no scenario '{cut(name)}' is shipped, and there is no such file in {Path.cwd()}"
        f"{near or ';'} shipped: {', '.join(known)}"
    )


def load_scenario(
    name: str | os.PathLike[str],
    settings: Sequence[str] = (),
    joining: Mapping[str, Sequence[str]] = NOBODY,
    installed: Sequence[str] = (),
) -> Scenario:
    """Read and check a scenario; `settings` are KEY=VALUE, as of `--set`.

    `joining` are plugin files and the strategies in them, `installed` strategies that need no
    file: those that the scenario does not name join it, each under its own name.  Raises
    ScenarioError with every problem found, one line each, and UsageError for settings that are
    none.
    """
    changes = checked_settings(settings)
    path = find_scenario(os.fspath(name))
    text = read_text(path)
    tree = parsed(path, text)
    for file, strategies in joining.items():
        join(tree, file, strategies)
    join(tree, None, installed)
    typed, told = apply_settings(tree, changes)
    tree["plugins"] = in_folder(tree.get("plugins", []), path.resolve().parent)
    if "asset" not in tree and nearest("asset", tree) is None:
        raise ScenarioError(f"{path}: no [asset] section: a scenario needs one", *told)
    if too_deep(tree):
        raise ScenarioError(f"{path}: nested too deeply", *told)
    source = Source(path, text, tree, typed)
    found: list[tuple[tuple[str | int, ...], str]] = []
    faulty: list[str] = []
    try:
        scenario: Scenario | None = Scenario.model_validate(tree)
    except ValidationError as error:
        found = faults(error.errors())
        scenario, faulty = mended(source, error.errors())
    if scenario is not None:
        scenario._name = path.stem
        scenario._source = source
        found += problems(scenario, faulty)
    told += [line_of(source, *each) for each in found]
    if told or scenario is None:
        raise FaultyScenarioError(scenario, faulty, *told)
    return scenario


def parsed(path: Path, text: str) -> dict[str, Any]:
    """The tree of a text.  Raises ScenarioError where it is no TOML."""
    try:
        return tomllib.loads(f"{text}\n", parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{path}:{syntax_fault(str(error), text)}") from None
    except RecursionError:
        raise ScenarioError(f"{path}: nested too deeply") from None
    except (ValueError, ArithmeticError):  # Python's own limits
        raise ScenarioError(f"{path}: a number has too many digits") from None


def too_deep(tree: Any) -> bool:
    """Whether something is nested beyond what a scenario can mean; no recursion, it may be deep."""
    level = [tree]
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
    return bool(level)


class FaultyScenarioError(ScenarioError):
    """`rest` is the scenario without its `faulty` keys, for other checks; None if there is none."""

    def __init__(self, rest: Scenario | None, faulty: Sequence[str], *problems: str) -> None:
        super().__init__(*problems)
        self.rest = rest
        self.faulty = faulty

    def __reduce__(self) -> tuple[type, tuple[str, ...]]:
        return ScenarioError, self.problems


def join(tree: dict[str, Any], file: str | None, strategies: Sequence[str]) -> None:
    """Let a plugin's strategies join the market, but for those that it has already."""
    if file is None and not strategies:
        return
    plugins, specs = tree.setdefault("plugins", []), tree.setdefault("strategy", [])
    if not isinstance(plugins, list) or not isinstance(specs, list):
        return  # told as problems of the scenario
    if file is not None:
        plugins.append(os.path.abspath(file))
    keys = ("plugin",) if file is not None else ("plugin", "name")
    named = [spec.get(key) for spec in specs if isinstance(spec, dict) for key in keys]
    specs.extend({"plugin": name} for name in strategies if name not in named)


def in_folder(plugins: Any, folder: Path) -> Any:
    if isinstance(plugins, list) and all(isinstance(plugin, str) for plugin in plugins):
        return [str(folder / plugin) for plugin in plugins]
    return plugins


def read_text(path: Path) -> str:
    """The text of a file that may be a scenario; refused before reading where it cannot be."""
    try:
        if not os.path.exists(path):
            raise ScenarioError(f"{path}: no such file (looked in {Path.cwd()}){like(path)}")
        if not path.is_file():
            raise ScenarioError(f"{path}: not a file")
        path.stem.encode()  # runs are named after it
        if path.stat().st_size > LIMIT:
            raise ScenarioError(f"{path}: larger than {LIMIT} bytes: not a scenario")
        data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        text = data.decode()
        wrong = text.encode().find(b"\0")  # UTF-16 without a mark
    except UnicodeEncodeError:
        raise ScenarioError(f"{path}: its name is not UTF-8") from None
    except UnicodeDecodeError as error:
        wrong = error.start
    except OSError as error:
        raise ScenarioError(f"{path}: {error.strerror}") from None
    if wrong >= 0:
        line = data.count(b"\n", 0, wrong) + 1
        raise ScenarioError(f"{path}: not UTF-8 (byte 0x{data[wrong]:02X} at line {line})")
    return text


def like(path: Path) -> str:
    """A file of a like name, in the nearest folder that there is."""
    folder = next(each for each in path.parents if os.path.isdir(each))
    near = nearest(path.name, os.listdir(folder))
    return "" if near is None else f"; did you mean '{folder / near}'?"
