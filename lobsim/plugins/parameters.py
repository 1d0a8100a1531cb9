"""A strategy's parameters: its dataclass fields, and a scenario's values for them."""

import dataclasses
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lobsim.errors import ScenarioError, choices, cut, kind_of, shown
from lobsim.market.strategy import Strategy

KINDS = {
    "float": "a number", "int": "a number", "bool": "a boolean", "str": "a string",
}  # fmt: skip
LARGEST = 1e18  # as of all numbers of a scenario
Fault = tuple[tuple[str, ...], str]  # a path within the strategy's table, and what is wrong


class ParameterError(ScenarioError):
    """Everything that is wrong with what a scenario says of one strategy."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*(f"{'.'.join(path)}: {what}" for path, what in faults))
        self.faults = faults

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return type(self), self.faults


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
    """A scenario's values as the fields want them.  Raises ParameterError with all faults."""
    fields = {field.name: field for field in parameters(kind)}
    given: dict[str, Any] = {}
    faults: list[Fault] = []
    for key, value in params.items():
        if key not in fields:
            what = f"'{name}' has no parameter '{cut(key)}'{choices(key, fields, 'it has')}"
            faults.append((("params", key), what))
            continue
        given[key], fault = fitted(fields[key], value)
        if fault:
            faults.append((("params", key), fault))
    misspelt = any(key not in fields for key in params)
    for field in fields.values():
        if field.name not in params and required(field) and not misspelt:
            faults.append((("params",), f"'{name}' needs the parameter '{field.name}'"))
    if faults:
        raise ParameterError(*faults)
    return given


def fitted(field: dataclasses.Field[Any], value: Any) -> tuple[Any, str]:
    """A value as the field's type wants it, and what is wrong with it: "" for nothing.

    Types that a scenario cannot know (`Any`, a class) take what is given.
    """
    kinds = {part.strip() for part in type_of(field).split("|")} - {"None"}
    value = plain(value)
    if not kinds <= {"int", "float", "bool", "str"}:
        return value, ""
    kind = {str: "str", bool: "bool", int: "int", float: "float"}.get(type(value), "")
    if kind in kinds and kind in {"str", "bool"}:
        return value, ""
    if kind not in {"int", "float"} or not kinds & {"int", "float"}:
        wanted = " or ".join(dict.fromkeys(KINDS[each] for each in KINDS if each in kinds))
        return value, f"must be {wanted}, is {kind_of(value)}"
    if not math.isfinite(value):
        return value, "must be a finite number"
    if "float" not in kinds and value != int(value):
        return value, "must be a whole number"
    if abs(value) > LARGEST:
        whole = "" if "float" in kinds else "whole "
        return value, f"must be a {whole}number from -1e18 to 1e18"
    return (float(value) if "float" in kinds else int(value)), ""


def refused(plugin: str, given: Mapping[str, Any], error: Exception) -> ParameterError:
    """What a strategy says of its parameters, at the one that it names: `gamma = -1: must ...`."""
    said = str(error)
    name, equals, rest = said.partition(" = ")
    _, colon, what = rest.partition(": ")
    if equals and colon and name in given:
        return ParameterError((("params", name), what))
    told = ", ".join(f"{key} = {shown(each)}" for key, each in given.items())
    what = f"'{plugin}': {said}"
    return ParameterError((("params",), f"{what} (given {told})" if told else what))


def plain(value: Any) -> Any:
    """A copy with Decimals, anywhere, as floats: no two strategies share a list."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value
