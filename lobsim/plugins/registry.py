"""Finds strategies: those installed under the entry point `lobsim`, and those in files."""

import copy
import hashlib
import importlib.util
import sys
import traceback
from collections.abc import Mapping
from contextlib import redirect_stdout
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from lobsim.errors import PluginError, choices, cut, meant, one_line, reraise_interrupt
from lobsim.market.strategy import Strategy
from lobsim.plugins import hookspecs
from lobsim.plugins.contract import check_interface, check_questions, check_strategy_name
from lobsim.plugins.parameters import ParameterError, given_parameters, refused


class Registry:
    """All strategies by name, and where each came from."""

    def __init__(self) -> None:
        self.strategies: dict[str, type[Strategy]] = {}
        self.origins: dict[str, str] = {}
        self.files: dict[str, str] = {}  # plugin files, and the SHA-256 of each
        self._live: dict[str, Strategy] = {}
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        for entry in entry_points(group=hookspecs.PROJECT):
            try:
                plugin = entry.load()
            except BaseException as error:
                reraise_interrupt(error)
                raise PluginError(
                    f"plugin '{entry.name}' ({entry.value}) could not be loaded: {one_line(error)}"
                ) from error
            self._take(plugin, getattr(plugin, "__file__", None) or entry.name)

    def add_file(self, path: Path) -> list[str]:
        """Load a plugin from a file; the names of its strategies."""
        try:
            resolved = path.resolve()
            if str(resolved) in self.files:
                return [name for name, origin in self.origins.items() if origin == str(resolved)]
            source = resolved.read_bytes()
        except FileNotFoundError as error:
            there = [each.name for each in path.absolute().parent.glob("*.py")]
            hint = meant(path.name, there)
            raise PluginError(f"plugin '{path}': {error.strerror}{hint}") from None
        except (OSError, ValueError, RuntimeError) as error:  # a NUL; links in a circle
            what = getattr(error, "strerror", None) or error
            raise PluginError(f"plugin '{path}': {what}") from None
        digest = hashlib.sha256(source).hexdigest()
        module = load_file(path, resolved, digest)
        names = self._take(module, str(resolved))
        self.files[str(resolved)] = digest
        return names

    def _take(self, plugin: Any, origin: str) -> list[str]:
        """Register a plugin and the strategies it offers, after a look at each."""
        check_interface(origin, plugin)
        try:
            self._manager.register(plugin, name=origin)
            self._manager.check_pending()
            hooks = self._manager.hook.lobsim_strategies.get_hookimpls()
        except pluggy.PluginValidationError as error:
            raise PluginError(f"plugin '{origin}': {hook_fault(error)}") from None
        hook = next((hook for hook in hooks if hook.plugin is plugin), None)
        if hook is None:
            raise PluginError(
                f"plugin '{origin}': offers no strategies: it needs a function "
                f"lobsim_strategies() marked with @hookimpl"
            )
        try:
            offered = hook.function()
        except BaseException as error:
            reraise_interrupt(error)
            raise PluginError(f"plugin '{origin}': lobsim_strategies: {one_line(error)}") from error
        if not isinstance(offered, Mapping):
            raise PluginError(
                f"plugin '{origin}': lobsim_strategies() must return a mapping of names to "
                f"classes, returned {type(offered).__name__}"
            )
        for name, kind in offered.items():
            check_strategy_name(origin, name)
            check_questions(origin, name, kind)
            if name in self.strategies:
                raise PluginError(
                    f"strategy '{name}' is offered twice: by {self.origins[name]} and by {origin}"
                )
            self.strategies[name] = kind
            self.origins[name] = origin
        return list(offered)

    def add_live(self, name: str, strategy: Strategy) -> None:
        """Offer a strategy object itself: every account and run gets a copy of it."""
        check_questions(name, type(strategy).__name__, type(strategy))
        self.strategies[name] = type(strategy)
        self.origins[name] = name
        self._live[name] = strategy

    def make(self, name: str, params: Mapping[str, Any]) -> Strategy:
        """A fresh strategy.  Raises ParameterError for a name or parameters it does not have."""
        kind = self.strategies.get(name)
        if kind is None:
            near = choices(name, sorted(self.strategies), "installed")
            what = f"unknown plugin '{cut(name)}'{near}"
            raise ParameterError((("plugin",), what))
        if name in self._live:
            try:
                copied = copy.deepcopy(self._live[name])
                if type(copied) is not kind:
                    raise TypeError(f"its copy is a {type(copied).__name__}")
                return copied
            except Exception as error:
                raise PluginError(f"'{name}': cannot be copied: {one_line(error)}") from error
        given = given_parameters(name, kind, params)
        try:
            return kind(**given)
        except (ValueError, TypeError) as error:
            raise refused(name, given, error) from None
        except BaseException as error:
            reraise_interrupt(error)
            raise PluginError(f"'{name}': {one_line(error)}") from error


def load_file(path: Path, resolved: Path, digest: str) -> ModuleType:
    """Import a file under a name of its content, so that two files of one name do not collide."""
    module_name = f"lobsim_plugin_{path.stem}_{digest[:12]}"
    spec = importlib.util.spec_from_file_location(module_name, resolved)
    if spec is None or spec.loader is None:
        raise PluginError(f"plugin '{path}': not a Python file (its name must end in .py)")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module  # dataclasses look their module up there
    try:
        with redirect_stdout(sys.stderr):  # what it prints is no part of a table or of JSON
            spec.loader.exec_module(module)
    except BaseException as error:
        reraise_interrupt(error)
        del sys.modules[module_name]
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(resolved)]
        line = error.lineno if isinstance(error, SyntaxError) else (lines or [None])[-1]
        where = f"{path}:{line}" if line else str(path)
        raise PluginError(
            f"plugin '{path}' could not be loaded: {where}: {one_line(error)}"
        ) from error
    return module


def hook_fault(error: Exception) -> str:
    """pluggy's own text prints objects; ours names the hook and what is wanted."""
    text = str(error)
    if text.startswith("unknown hook"):
        return f"{text.split(' in plugin')[0]}; did you mean 'lobsim_strategies'?"
    return "lobsim_strategies() takes no arguments"
