"""Saying what is wrong with a scenario: file, line, key, value, what is allowed."""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic import BaseModel

from lobsim.scenario.schema import Scenario, Source


def meant(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), 1)
    return f"; did you mean '{near[0]}'?" if near else ""


def place_of(error: Any) -> tuple[str | int, ...]:
    """The key that an error is about; a table of no known model is told at its `model`."""
    location = tuple(error["loc"])
    return (*location, "model") if error["type"].startswith("union_tag") else location


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
        case "less_than_equal":
            return f"must be at most {context['le']}"
        case "less_than":
            return f"must be below {context['lt']}"
        case "union_tag_invalid":
            known = re.findall(r"'(\w+)'", context["expected_tags"])
            return f"unknown model{meant(str(context['tag']), known)}; one of {', '.join(known)}"
        case "union_tag_not_found":
            return "is missing"
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


def steps_of(tree: dict[str, Any], location: Sequence[str | int]) -> tuple[list[str | int], Any]:
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
        return f"{'.'.join(map(str, location))}: {what}"
    steps, node = steps_of(source.tree, location)
    key = key_of(steps)
    value = "" if node is None or isinstance(node, dict | list) else f" = {_shown(node)}"
    was_set = any(each == key or each.startswith(f"{key}.") for each in source.set_keys)
    where = "--set" if was_set else f"{source.path}{_line(steps, source.text)}"
    return f"{where}: {key}{value}: {what}"


def key_of(steps: Sequence[str | int]) -> str:
    """asset.tick, or strategy.2.name."""
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in steps)


def _shown(value: Any) -> str:
    return (
        f'"{value}"'
        if isinstance(value, str)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )


def _line(steps: Sequence[str | int], text: str) -> str:
    """:LINE of a key, looked up in the text by table and key; nothing where it cannot be told."""
    wanted = [str(step) for step in steps]
    inline = ""
    for number, here in _keys(text):
        if here == wanted:
            return f":{number}"
        if here == wanted[: len(here)] and not _is_header(text, number):
            inline = f":{number}"
    return inline


def _keys(text: str) -> Iterator[tuple[int, list[str]]]:
    """Every line that opens a table or gives a key: its number and the whole path."""
    table: list[str] = []
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", line):
            name = header.group(1)
            table = [part.strip() for part in name.split(".")]
            if line.lstrip().startswith("[["):
                counts[name] = counts.get(name, -1) + 1
                table = [*table, str(counts[name])]
            yield number, table
        elif pair := re.match(r"\s*([\w.-]+)\s*=", line):
            yield number, [*table, *pair.group(1).split(".")]


def _is_header(text: str, number: int) -> bool:
    return text.splitlines()[number - 1].lstrip().startswith("[")


def with_line(message: str, text: str) -> str:
    """A syntax error with the line itself; of a key given twice, with the first line too."""
    at = re.search(r"at line (\d+)", message)
    lines = text.splitlines()
    if at is None or int(at.group(1)) > len(lines):
        return message
    number = int(at.group(1))
    paths = dict(_keys(text))
    first = [n for n, path in paths.items() if n < number and path == paths.get(number)]
    twice = f"; given first at line {first[0]}" if first else ""
    return f"{message}: {lines[number - 1].strip()[:80]}{twice}"
