"""A strategy's parameters as a JSON Schema, for the editors of scenario files."""

import inspect
import math
import sys
from dataclasses import Field
from typing import Any

from lobsim.market.strategy import Strategy
from lobsim.plugins.parameters import parameters, required, type_of

TYPES = {"int": "integer", "float": "number", "bool": "boolean", "str": "string"}


def parameter_schema(name: str, kind: type[Strategy]) -> dict[str, Any]:
    """What the `params` of a strategy may be.

    Each is described by the docstrings of its module and class, which is where it is explained.
    """
    about = about_of(kind)
    fields = parameters(kind)
    return {
        "title": f"Parameters of {name}",
        "description": about,
        "type": "object",
        "additionalProperties": False,
        "properties": {
            field.name: {"title": field.name, "description": about, **value_schema(field)}
            for field in fields
        },
        "required": [field.name for field in fields if required(field)],
    }


def about_of(kind: type[Strategy]) -> str:
    """The first line of the module's docstring, and all that the class says of itself."""
    of_module = (sys.modules[kind.__module__].__doc__ or "").strip().partition("\n")[0]
    of_class = inspect.cleandoc(kind.__doc__ or "")
    if of_class.startswith(f"{kind.__name__}("):  # dataclass's own, for want of one
        of_class = ""
    return " ".join(f"{of_module} {of_class}".split()) or "A strategy without a docstring."


def value_schema(field: Field[Any]) -> dict[str, Any]:
    """The type of a parameter, where JSON has it, and the default, where a file can give it."""
    parts = [part.strip() for part in type_of(field).split("|")]
    names = [TYPES.get(part) for part in parts if part != "None"]
    schema: dict[str, Any] = {}
    if names and None not in names:
        schema["type"] = names[0] if len(names) == 1 else names
    default = field.default
    if isinstance(default, str | bool | int) or (
        isinstance(default, float) and math.isfinite(default)
    ):
        schema["default"] = default
    return schema
