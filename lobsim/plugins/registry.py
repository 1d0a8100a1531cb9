"""Finds strategies: those installed under the entry point `lobsim`, and those in files."""

import dataclasses
import difflib
import hashlib
import importlib.util
import sys
import traceback
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pluggy

from lobsim.errors import PluginError, ScenarioError
from lobsim.market.strategy import Strategy
from lobsim.plugins import hookspecs


class Registry:
    """All strategies by name, and where each came from."""

    def __init__(self) -> None:
        self.strategies: dict[str, type[Strategy]] = {}
        self.origins: dict[str, str] = {}
        self.files: dict[str, str] = {}  # plugin files, and the SHA-256 of each
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._manager.load_setuptools_entrypoints(hookspecs.PROJECT)
        for name, plugin in self._manager.list_name_plugin():
            self._take(plugin, getattr(plugin, "__file__", None) or name)

    def add_file(self, path: Path) -> list[str]:
        """Load a plugin from a file; the names of its strategies."""
        resolved = path.resolve()
        if str(resolved) in self.files:
            return [name for name, origin in self.origins.items() if origin == str(resolved)]
        try:
            source = resolved.read_bytes()
        except OSError as error:
            raise PluginError(f"plugin '{path}': {error.strerror}") from None
        # The module is named after its content, so two files of one name do not collide.
        digest = hashlib.sha256(source).hexdigest()
        module_name = f"lobsim_plugin_{path.stem}_{digest[:12]}"
        spec = importlib.util.spec_from_file_location(module_name, resolved)
        if spec is None or spec.loader is None:
            raise PluginError(f"plugin '{path}': not a Python file (its name must end in .py)")
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module  # dataclasses look their module up there
        try:
            spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:
            del sys.modules[module_name]
            raise PluginError(_load_failure(path, resolved, error)) from error
        self.files[str(resolved)] = digest
        self._manager.register(module, name=str(resolved))
        return self._take(module, str(resolved))

    def _take(self, plugin: Any, origin: str) -> list[str]:
        try:
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise PluginError(f"plugin '{origin}': {_one_line(error)}") from None
        hooks = [
            hook
            for hook in self._manager.hook.lobsim_strategies.get_hookimpls()
            if hook.plugin is plugin
        ]
        if not hooks:
            raise PluginError(
                f"plugin '{origin}': offers no strategies: it needs a function "
                f"lobsim_strategies() marked with @hookimpl"
            )
        offered = hooks[0].function()
        if not isinstance(offered, Mapping):
            raise PluginError(
                f"plugin '{origin}': lobsim_strategies() must return a mapping of names to "
                f"classes, returned {type(offered).__name__}"
            )
        for name, kind in offered.items():
            if not (isinstance(kind, type) and issubclass(kind, Strategy)):
                raise PluginError(f"plugin '{origin}': '{name}' is not a subclass of Strategy")
            if name in self.strategies:
                raise PluginError(
                    f"strategy '{name}' is offered twice: by {self.origins[name]} and by {origin}"
                )
            self.strategies[name] = kind
            self.origins[name] = origin
        return list(offered)

    def make(self, name: str, params: Mapping[str, Any]) -> Strategy:
        """A fresh strategy.  Raises ScenarioError for a name or parameters it does not have."""
        kind = self.strategies.get(name)
        if kind is None:
            near = difflib.get_close_matches(name, self.strategies, 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise ScenarioError(
                f"unknown plugin '{name}'{hint}; installed: {', '.join(sorted(self.strategies))}"
            )
        fields: dict[str, Any] = {f.name: f for f in parameters(kind)}
        for key in params:
            if key not in fields:
                near = difflib.get_close_matches(key, fields, 1)
                hint = f"; did you mean '{near[0]}'?" if near else ""
                raise ScenarioError(
                    f"'{name}' has no parameter '{key}'{hint}; it has: "
                    f"{', '.join(fields) or 'none'}"
                )
        missing = [n for n, f in fields.items() if n not in params and required(f)]
        if missing:
            raise ScenarioError(f"'{name}' needs the parameter '{missing[0]}'")
        given = {key: plain(name, fields[key], value) for key, value in params.items()}
        try:
            return kind(**given)
        except (ValueError, TypeError) as error:
            raise ScenarioError(f"'{name}': {error}") from None
        except Exception as error:
            raise PluginError(f"'{name}': {type(error).__name__}: {error}") from error


def parameters(kind: type[Strategy]) -> tuple[dataclasses.Field[Any], ...]:
    if not dataclasses.is_dataclass(kind):
        return ()
    return tuple(field for field in dataclasses.fields(kind) if field.init)


def required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def plain(plugin: str, field: dataclasses.Field[Any], value: Any) -> Any:
    """A scenario's value as the field's type wants it: numbers only for numbers."""
    wanted = field.type if isinstance(field.type, str) else getattr(field.type, "__name__", "")
    kinds = {part.strip() for part in wanted.split("|")}
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        if "int" in kinds and value == int(value):
            return int(value)
        if "int" in kinds and "float" not in kinds:
            raise ScenarioError(f"'{plugin}': {field.name} = {value}: must be a whole number")
        return float(value) if "float" in kinds or isinstance(value, Decimal) else value
    if kinds & {"int", "float"} and not kinds & {"str", "bool", "Any"}:
        raise ScenarioError(
            f"'{plugin}': {field.name} = {value!r}: must be a number, is a {type(value).__name__}"
        )
    return value


def _load_failure(path: Path, resolved: Path, error: BaseException) -> str:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(resolved)]
    line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None
    if line is None and frames:
        line = frames[-1].lineno
    where = f"{path}:{line}" if line else str(path)
    return f"plugin '{path}' could not be loaded: {where}: {type(error).__name__}: {error}"


def _one_line(error: Exception) -> str:
    text = str(error).splitlines()[0]
    if text.startswith("unknown hook"):
        return f"{text.split(' in plugin')[0]}; did you mean 'lobsim_strategies'?"
    return " ".join(str(error).split())


def described(registry: Registry, name: str) -> dict[str, str]:
    """A strategy in a few words: what it does, and its parameters with their defaults."""
    kind = registry.strategies[name]
    module = sys.modules[kind.__module__]
    about = (module.__doc__ or kind.__doc__ or "").strip().splitlines()
    shown = []
    for field in parameters(kind):
        wanted = field.type if isinstance(field.type, str) else field.type.__name__
        default = "" if required(field) else f" = {field.default}"
        shown.append(f"{field.name}: {wanted}{default}")
    return {
        "strategy": name,
        "about": about[0] if about else "",
        "parameters": ", ".join(shown),
        "origin": registry.origins[name],
    }
