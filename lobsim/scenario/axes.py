"""The axes of a sweep, from texts as `--over` takes them, and the grid that they span.

    KEY=1,2,4              a value each, as `--set KEY=VALUE` takes them
    KEY=0.1:1:10           ten numbers at equal distances, both ends included
    KEY=log:0.01:100:5     five numbers at equal ratios
    a.gamma+b.gamma=1,2    two keys that have one value
    strategies=a,b,a+b     who takes part

A grid is never held in memory.  Whether there is such a key, or such a strategy, is for the
scenario of each point to say.
"""

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lobsim.errors import UsageError, cut
from lobsim.scenario.ranges import MOST, numbers_of
from lobsim.scenario.schema import Scenario
from lobsim.scenario.settings import DEEPEST, value_of

WHO = "strategies"
TOLD = 5  # values of an axis of which a message says that they are there twice
BRACKETS = {"[": "]", "{": "}"}
FORM = "must be KEY=VALUES, as asset.price.sigma=1,2,4 or a.gamma=0.1:1:10"


@dataclass(frozen=True, slots=True)
class Axis:
    """Keys that change together, and the texts of their values: `values[step]` by key."""

    keys: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]


def axes_of(texts: Sequence[str]) -> tuple[Axis, ...]:
    """Raises UsageError with all that is wrong, a line each."""
    axes: list[Axis] = []
    wrong: list[str] = []
    for text in texts:
        name, equals, values = map(str.strip, text.partition("="))
        where = f"--over {cut(name)}"
        if not equals:
            wrong.append(f"{where}: {FORM}")
        elif "\n" in text or "\r" in text:
            wrong.append(f"{where}: must be one line")
        elif text.encode(errors="replace").decode() != text:
            wrong.append(f"{where}: not UTF-8")
        else:
            keys = tuple(".".join(map(str.strip, key.split("."))) for key in name.split("+"))
            found = key_faults(keys)
            try:
                listed = values_of(values, names=keys == (WHO,))
                found += who_faults(listed) if keys == (WHO,) else twice(listed, identity)
                axes.append(Axis(keys, tuple((value,) * len(keys) for value in listed)))
            except UsageError as error:
                found += error.problems
            wrong += [f"{where}: {each}" for each in found]
    wrong += overlaps([key for axis in axes for key in axis.keys])
    if wrong:
        raise UsageError(*wrong)
    return tuple(axes)


def points_of(axes: Sequence[Axis]) -> Iterator[tuple[tuple[str, str], ...]]:
    """The keys and the texts of each point; the last axis changes fastest."""
    for steps in itertools.product(*(axis.values for axis in axes)):
        yield tuple(
            pair
            for axis, texts in zip(axes, steps, strict=True)
            for pair in zip(axis.keys, texts, strict=True)
        )


def count_of(axes: Sequence[Axis]) -> int:
    """Of the points."""
    return math.prod(len(axis.values) for axis in axes)


def key_faults(keys: Sequence[str]) -> list[str]:
    found = [f"{cut(key)} is nested too deeply" for key in keys if key.count(".") > DEEPEST]
    if not all(part for key in keys for part in key.split(".")):
        found.append(FORM)
    if WHO in keys and len(keys) > 1:
        found.append(f"{WHO} must be an axis of its own")
    if "strategy" in keys:
        found.append(f"must be NAME.PARAM for a parameter, or {WHO} for who takes part")
    return found


def overlaps(keys: Sequence[str]) -> list[str]:
    """Keys that would undo each other: the same one twice, or one inside another."""
    found = []
    for key, later in itertools.combinations(keys, 2):
        one, other = place_of(key), place_of(later)
        both = min(len(one), len(other))
        if one == other:
            found.append(f"--over {cut(later)}: is there twice; it can change with one axis only")
        elif one[:both] == other[:both]:
            inside, around = (key, later) if len(one) > both else (later, key)
            found.append(f"--over {cut(inside)}: is inside {cut(around)}, which is an axis too")
    return found


def place_of(key: str) -> tuple[str, ...]:
    """Its tables; NAME.PARAM is NAME.params.PARAM."""
    parts = tuple(key.split("."))
    if len(parts) == 2 and parts[0] not in Scenario.model_fields:
        return parts[0], "params", parts[1]
    return parts


def values_of(text: str, *, names: bool = False) -> list[str]:
    """The values of an axis, or else names joined by +.  Raises UsageError."""
    if not text:
        raise UsageError(f"no values: {FORM}")
    found: list[str] = []
    wrong: list[str] = []
    for i, part in enumerate(parts_of(text), 1):
        try:
            if not part:
                raise UsageError(f'value {i} is empty: must be a value, or "" for an empty text')
            if names:
                found.append("+".join(map(str.strip, part.split("+"))))
            elif ":" in part and not set(part) & {'"', "'", *BRACKETS}:
                found += numbers_of(part)
            else:
                found.append(part)
        except UsageError as error:
            wrong += error.problems
    if len(found) > MOST:
        wrong.append(f"{len(found):,} values: must be {MOST:,} at most")
    if wrong:
        raise UsageError(*wrong)
    return found


def parts_of(text: str) -> list[str]:
    """What stands between commas outside of brackets and quotes.  Raises UsageError."""
    parts, start, quote, escaped = [], 0, "", False
    closing: list[str] = []
    for i, c in enumerate(text):
        if quote:
            quote = "" if c == quote and not escaped else quote
            escaped = c == "\\" and quote == '"' and not escaped
        elif c in "\"'":
            quote = c
        elif c in BRACKETS:
            closing.append(BRACKETS[c])
        elif c in BRACKETS.values():
            if not closing or closing.pop() != c:
                raise UsageError(f"'{c}' closes nothing in {cut(text[start:])}")
        elif c == "," and not closing:
            parts.append(text[start:i].strip())
            start = i + 1
    if quote or closing:
        raise UsageError(f"{quote or closing[-1]} is missing at the end of {cut(text[start:])}")
    return [*parts, text[start:].strip()]


def twice(texts: Sequence[str], same: Callable[[str], Any]) -> list[str]:
    """Which values are there more than once."""
    names: dict[Any, str] = {}
    try:
        counts = Counter(same(text) for text in texts)
        for text in texts:
            names.setdefault(same(text), text)
    except RecursionError:
        return ["a value is nested too deeply"]
    often = [f"{cut(names[each])} is there {times(n)}" for each, n in counts.items() if n > 1]
    more = [f"{len(often) - TOLD} more values are there twice"] if len(often) > TOLD else []
    return often[:TOLD] + more


def times(n: int) -> str:
    return "twice" if n == 2 else f"{n} times"


def who_faults(texts: Sequence[str]) -> list[str]:
    found = []
    for text in texts:
        names = text.split("+")
        if not all(names):
            found.append(f"{cut(text)}: must be names joined by +, as a+b")
        found += [f"{each} in {cut(text)}" for each in twice([n for n in names if n], str)]
    return found + twice(texts, lambda text: frozenset(text.split("+")))


def identity(text: str) -> Any:
    """What makes two texts one value: 0.1 and 0.10, a and "a", but not true and 1."""
    return frozen(value_of(text))


def frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return frozenset((key, frozen(inner)) for key, inner in value.items())
    if isinstance(value, list):
        return tuple(map(frozen, value))
    if isinstance(value, Decimal) and not value.is_finite():
        return str(value)
    return (bool, value) if isinstance(value, bool) else value
