"""Saying what is wrong with a scenario: file, line, key, value, what is allowed."""

import difflib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from lobsim.scenario.schema import Scenario


def meant(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), 1)
    return f"; did you mean '{near[0]}'?" if near else ""


def say(path: tuple[str | int, ...], error: Any) -> str:
    kind, context = error["type"], error.get("ctx", {})
    match kind:
        case "extra_forbidden":
            known = _keys_at(path[:-1])
            return f"unknown key '{path[-1]}'{meant(str(path[-1]), known)}" + (
                f"; known: {', '.join(known)}" if known else ""
            )
        case "missing":
            return "is missing"
        case "greater_than":
            return f"must be above {context['gt']}"
        case "greater_than_equal":
            return f"must be {context['ge']} or more"
        case "less_than":
            return f"must be below {context['lt']}"
        case "union_tag_invalid":
            return f"unknown model; one of {context['expected_tags']}"
        case "union_tag_not_found":
            return "'model' is missing"
        case "literal_error" | "enum":
            return f"must be {context['expected']}"
        case "string_pattern_mismatch":
            return "must be lower-case letters, digits and dashes, a letter first"
        case "value_error":
            return str(context["error"])
    return str(error["msg"]).lower()


def _keys_at(path: tuple[str | int, ...]) -> list[str]:
    """The keys that a table may have, by walking the schema along a path of an error."""
    model: Any = Scenario
    for step in path:
        if isinstance(step, int):
            continue
        if isinstance(model, type) and issubclass(model, BaseModel):
            field = model.model_fields.get(step)
            model = None if field is None else field.annotation
        elif model is not None:  # a union, and its tag
            tagged = [m for m in _members(model) if step in _tags(m)]
            model = tagged[0] if tagged else None
        members = _members(model)
        if len(members) == 1:
            model = members[0]
    if isinstance(model, type) and issubclass(model, BaseModel):
        return list(model.model_fields)
    return []


def _members(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [m for a in getattr(annotation, "__args__", ()) for m in _members(a)]


def _tags(model: type[BaseModel]) -> tuple[str, ...]:
    field = model.model_fields.get("model")
    return () if field is None else tuple(getattr(field.annotation, "__args__", ()))


def lines(
    found: Iterable[tuple[tuple[str | int, ...], str]],
    path: Path,
    text: str,
    tree: dict[str, Any],
    set_keys: set[str],
) -> list[str]:
    told = []
    for location, what in found:
        node: Any = tree
        steps: list[str | int] = []
        for step in location:
            if isinstance(node, dict) and step not in node and step != location[-1]:
                continue  # the tag of a union is in the location but not in the file
            steps.append(step)
            try:
                node = node[step]
            except (KeyError, IndexError, TypeError):
                node = None
        key = ".".join(str(step + 1) if isinstance(step, int) else step for step in steps)
        value = "" if node is None or isinstance(node, dict | list) else f" = {_shown(node)}"
        where = "--set" if key in set_keys else f"{path}{_line_of(steps, text)}"
        told.append(f"{where}: {key}{value}: {what}")
    return told


def _shown(value: Any) -> str:
    return (
        f'"{value}"'
        if isinstance(value, str)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )


def _line_of(steps: Sequence[str | int], text: str) -> str:
    """:LINE of a key, looked up in the text by table and key; nothing where it cannot be told."""
    table: list[str] = []
    counts: dict[str, int] = {}
    inline = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", line):
            name = header.group(1)
            table = [part.strip() for part in name.split(".")]
            if line.lstrip().startswith("[["):
                counts[name] = counts.get(name, -1) + 1
                table = [*table, str(counts[name])]
        elif pair := re.match(r"\s*([\w.-]+)\s*=", line):
            here = [*table, *pair.group(1).split(".")]
            wanted = [str(step) for step in steps]
            if here == wanted:
                return f":{number}"
            if here == wanted[: len(here)]:
                inline = f":{number}"
    return inline


def with_line(message: str, text: str) -> str:
    if at := re.search(r"at line (\d+)", message):
        lines = text.splitlines()
        index = int(at.group(1)) - 1
        if index < len(lines):
            return f"{message}: {lines[index].strip()[:80]}"
    return message
