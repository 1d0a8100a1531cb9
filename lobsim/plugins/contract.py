"""What can be seen of a strategy before it is asked anything."""

import difflib
import inspect
import re
from typing import Any

from lobsim.errors import PluginError
from lobsim.market.strategy import Strategy

INTERFACE = 1  # of the questions and of the desk
NAME = re.compile(r"[a-z][a-z0-9-]*")
QUOTES = ["quote_table", "compiled_quote", "quote_memory"]  # of those that are not asked
QUESTIONS = [name for name in vars(Strategy) if name.startswith("on_")] + QUOTES


def check_interface(origin: str, plugin: Any) -> None:
    """Refuse a plugin that says it was made for another version of the interface."""
    wanted = getattr(plugin, "LOBSIM_INTERFACE", INTERFACE)
    if wanted != INTERFACE:
        raise PluginError(
            f"plugin '{origin}': made for version {wanted!r} of the plugin interface "
            f"(LOBSIM_INTERFACE); this lobsim has version {INTERFACE}"
        )


def check_strategy_name(origin: str, name: Any) -> None:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise PluginError(
            f"plugin '{origin}': a strategy is named {name!r}: must be lower-case letters, digits "
            f"and dashes, a letter first"
        )


def is_async(function: Any) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def check_questions(origin: str, name: str, kind: Any) -> None:
    """Refuse misspelt questions and those with other arguments than they will be asked with."""
    if not (isinstance(kind, type) and issubclass(kind, Strategy)):
        raise PluginError(f"plugin '{origin}': '{name}' is not a subclass of Strategy")
    for attribute in dir(kind):
        function = getattr(kind, attribute)
        if not inspect.isfunction(function):
            continue
        if attribute.startswith("on_") and attribute not in QUESTIONS:
            near = difflib.get_close_matches(attribute, QUESTIONS, 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise PluginError(
                f"plugin '{origin}': '{name}' has an unknown question '{attribute}'{hint}"
            )
        if attribute in QUESTIONS and is_async(function):
            raise PluginError(f"plugin '{origin}': '{name}': {attribute} must not be async")
        if attribute in QUESTIONS:
            wanted = list(inspect.signature(getattr(Strategy, attribute)).parameters)
            try:
                inspect.signature(function).bind(*wanted)
            except TypeError:
                raise PluginError(
                    f"plugin '{origin}': '{name}': {attribute} is asked as "
                    f"{attribute}({', '.join(wanted)})"
                ) from None
