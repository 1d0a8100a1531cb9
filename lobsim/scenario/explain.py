"""Saying what is wrong with a scenario: file, line, key, value, what is allowed."""

import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from lobsim.errors import choices, cut, kind_of, nearest, shown
from lobsim.scenario.asset import Asset
from lobsim.scenario.lines import line_at
from lobsim.scenario.schema import Scenario, Source

Steps = Sequence[str | int]


def place_of(error: Any) -> tuple[str | int, ...]:
    """The key that an error is about; a table of no known model is told at its `model`."""
    location = path_of(error)
    return (*location, "model") if error["type"].startswith("union_tag") else location


def path_of(error: Any) -> tuple[str | int, ...]:
    """Where pydantic found it, without the words that no file has."""
    location = tuple(error["loc"])
    if location[:1] == ("asset",) and location[1:2] in (("one",), ("several",)):
        location = ("asset", *location[2:])
    return location[:-1] if location[-1:] == ("[key]",) else location


def faults(errors: Sequence[Any]) -> list[tuple[tuple[str | int, ...], str]]:
    """What is wrong at each key; no key is missing where another is but a slip for it."""
    slips = set()
    for error in errors:
        *table, key = path_of(error)
        if error["type"] == "extra_forbidden":
            slips.add((*table, nearest(str(key), fields_at(table))))
    return [
        (place_of(error), say(path_of(error), error))
        for error in errors
        if not (
            error["type"] in ("missing", "union_tag_not_found")
            and any(place_of(error)[: len(slip)] == slip for slip in slips)
        )
    ]


def say(path: tuple[str | int, ...], error: Any) -> str:
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    match kind:
        case "extra_forbidden":
            return f"unknown key '{cut(str(path[-1]))}'" + choices(
                str(path[-1]), fields_at(path[:-1]), "known"
            )
        case "missing":
            field = fields_at(path[:-1]).get(str(path[-1]))
            means = ((field and field.description) or "").partition("\n")[0].rstrip(".")
            return f"is missing: {means}" if means else "is missing"
        case "greater_than":
            return f"must be above {context['gt']}"
        case "greater_than_equal":
            return f"must be {context['ge']} or more"
        case "less_than_equal":
            return f"must be at most {context['le']}"
        case "less_than":
            return f"must be below {context['lt']}"
        case "union_tag_invalid":
            known = re.findall(r"'(\w+)'", context["expected_tags"])
            return "unknown model" + choices(str(context["tag"]), known, "known")
        case "union_tag_not_found":
            known = [tag for member in members_at(path) for tag in tags(member)]
            return f"is missing: one of {', '.join(known)}"
        case "literal_error" | "enum":
            return f"must be {context['expected']}"
        case "string_pattern_mismatch":
            return "must be lower-case letters, digits and dashes, a letter first"
        case "value_error":
            return str(context["error"])
        case "string_type":
            return f"must be text, is {kind_of(value)}"
        case "string_unicode":
            return "must be text in UTF-8"
        case "tuple_type":
            of_tables = len(path) == 1
            return f"must be a list of {f'tables: write [[{path[0]}]]' if of_tables else 'numbers'}"
        case "too_short":
            return "must not be empty"
        case "dict_type":
            return "must be a table, as { half_spread = 0.5 }"
        case "model_type" | "model_attributes_type":
            if path[-1] == "latency":
                return "must be a table, as { orders_ms = 5 }"
            of_list = isinstance(path[-1], int)
            return f"must be a table: {f'[[{path[0]}]]' if of_list else f'[{key_of(path)}]'}"
    return str(error["msg"]).lower()


def members_at(path: Steps) -> list[type[BaseModel]]:
    """The tables that may stand at a path, which may go through the tags of unions."""
    members: list[type[BaseModel]] = [Scenario]
    for step in path:
        if isinstance(step, int):
            continue
        tagged = [member for member in members if step in tags(member)]
        if len(members) > 1 or tagged:
            members = tagged
        elif members == [Asset] and step not in Asset.model_fields:
            continue  # the name of one of several
        else:
            fields = members[0].model_fields if members else {}
            members = members_of(fields[step].annotation) if step in fields else []
            members = list(dict.fromkeys(members))
    return members


def fields_at(path: Steps) -> dict[str, FieldInfo]:
    """The keys that the table at a path may have."""
    members = members_at(path)
    return members[0].model_fields if len(members) == 1 else {}


def members_of(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [m for a in getattr(annotation, "__args__", ()) for m in members_of(a)]


def tags(model: type[BaseModel]) -> tuple[str, ...]:
    field = model.model_fields.get("model")
    return () if field is None else tuple(getattr(field.annotation, "__args__", ()))


def steps_of(tree: dict[str, Any], location: Steps) -> tuple[list[str | int], Any]:
    """The path of an error in the file, where no union's tags stand in it, and what is there."""
    node: Any = tree
    steps: list[str | int] = []
    for step in location:
        if isinstance(node, dict) and step not in node and step != location[-1]:
            continue
        steps.append(step)
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            node = None
    return steps, node


def line_of(source: Source | None, location: tuple[str | int, ...], what: str) -> str:
    """A problem with its place: file and line or --set, key, value, what is wrong."""
    if source is None:
        return f"{key_of(location)}: {what}"
    steps, node = steps_of(source.tree, location)
    key = key_of(steps)
    told = f"{cut(key)}{value_of(location, node)}: {what}"
    for set_key, setting in reversed(source.settings.items()):
        if key == set_key:
            return f"--set {cut(setting)}: {what}"
        if key.startswith(f"{set_key}."):
            return f"--set {cut(setting)}: {told}"
    line = line_at(source.text, steps)
    return f"{source.path}{'' if line is None else f':{line}'}: {told}"


def value_of(location: tuple[str | int, ...], node: Any) -> str:
    """What a key has; where it is not given, what it has by default."""
    if node is not None:
        return "" if isinstance(node, dict | list) else f" = {shown(node)}"
    field = fields_at(location[:-1]).get(str(location[-1]))
    default = None if field is None or field.is_required() else field.default
    return f" ({shown(default)} by default)" if isinstance(default, int) else ""


def key_of(steps: Steps) -> str:
    """asset.tick, or strategy.2.name."""
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in steps)
