"""A strategy's parameters: its dataclass fields, and a scenario's values for them."""

import dataclasses
import difflib
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lobsim.errors import ScenarioError
from lobsim.market.strategy import Strategy


class ParameterError(ScenarioError):
    """`what` is wrong at `path` within the strategy's table of a scenario."""

    def __init__(self, path: tuple[str, ...], what: str) -> None:
        super().__init__(what)
        self.path = path
        self.what = what

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return type(self), (self.path, self.what)


def parameters(kind: type[Strategy]) -> tuple[dataclasses.Field[Any], ...]:
    if not dataclasses.is_dataclass(kind):
        return ()
    return tuple(field for field in dataclasses.fields(kind) if field.init)


def required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def type_of(field: dataclasses.Field[Any]) -> str:
    """The type as it is written: float, or float | None."""
    if isinstance(field.type, str):
        return field.type
    return field.type.__name__ if type(field.type) is type else str(field.type)


def described(kind: type[Strategy]) -> str:
    """The parameters with their types and defaults."""
    shown = []
    for field in parameters(kind):
        default = "" if required(field) else f" = {field.default}"
        shown.append(f"{field.name}: {type_of(field)}{default}")
    return ", ".join(shown)


def given_parameters(name: str, kind: type[Strategy], params: Mapping[str, Any]) -> dict[str, Any]:
    """A scenario's values as the fields want them.  Raises ParameterError."""
    fields = {field.name: field for field in parameters(kind)}
    for key in params:
        if key not in fields:
            near = difflib.get_close_matches(key, fields, 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise ParameterError(
                ("params", key),
                f"'{name}' has no parameter '{key}'{hint}; it has: {', '.join(fields) or 'none'}",
            )
    for field in fields.values():
        if field.name not in params and required(field):
            raise ParameterError(("params",), f"'{name}' needs the parameter '{field.name}'")
    return {key: fitted(name, fields[key], value) for key, value in params.items()}


def fitted(plugin: str, field: dataclasses.Field[Any], value: Any) -> Any:
    """A value as the field's type wants it: numbers only for numbers, whole ones for whole."""
    kinds = {part.strip() for part in type_of(field).split("|")}
    value = plain(value)
    wants_number = bool(kinds & {"int", "float"}) and not kinds & {"str", "bool", "Any"}
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and "int" in kinds and "float" not in kinds:
        if not math.isfinite(value) or value != int(value):
            raise _fault(plugin, field, value, "must be a whole number")
        return int(value)
    if is_number and "float" in kinds:
        return float(value)
    if wants_number and not is_number:
        raise _fault(plugin, field, value, f"must be a number, is a {type(value).__name__}")
    return value


def plain(value: Any) -> Any:
    """A copy with Decimals, anywhere, as floats: no two strategies share a list."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def _fault(plugin: str, field: dataclasses.Field[Any], value: Any, what: str) -> ParameterError:
    return ParameterError(("params", field.name), f"'{plugin}': {field.name} = {value!r}: {what}")
