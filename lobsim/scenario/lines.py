"""Where in a scenario's text a key stands, and what is wrong with a text that is no TOML."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
DOTTED = rf"{KEY}(?:\s*\.\s*{KEY})*"
HEADER = re.compile(rf"\s*(\[\[?)\s*({DOTTED})\s*\]")
PAIR = re.compile(rf"\s*({DOTTED})\s*=")
LONG_STRING = re.compile(r'"""[\s\S]*?"""|' + r"'''[\s\S]*?'''")
Steps = tuple[str, ...]


class Place(NamedTuple):
    """A line that opens a table or gives a key: the whole path, items of lists by number."""

    line: int
    path: Steps
    opens: bool


def line_at(text: str, steps: Sequence[str | int]) -> int | None:
    """The line of a key; of the nearest table around it where it has no line of its own."""
    wanted = tuple(map(str, steps))
    around = [place for place in places(text) if place.path == wanted[: len(place.path)]]
    return max(around, key=lambda place: len(place.path)).line if around else None


def places(text: str) -> Iterator[Place]:
    table: Steps = ()
    counts: dict[Steps, int] = {}
    for number, line in enumerate(without_long_strings(text).split("\n"), 1):
        if header := HEADER.match(line):
            *around, last = parts(header[2])
            table = ()
            for name in around:
                table = (*table, name)
                if table in counts:
                    table = (*table, str(counts[table]))
            table = (*table, last)
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, str(counts[table]))
            yield Place(number, table, True)
        elif pair := PAIR.match(line):
            yield Place(number, (*table, *parts(pair[1])), False)


def parts(dotted: str) -> list[str]:
    """The names in a dotted key, without quotes."""
    found = re.findall(KEY, dotted)
    return [next(iter(tomllib.loads(f"{name} = 0"))) for name in found]


def without_long_strings(text: str) -> str:
    """The text with nothing but line ends in strings of several lines: no keys stand there."""
    return LONG_STRING.sub(lambda string: '""' + "\n" * string[0].count("\n"), text)


def syntax_fault(message: str, text: str) -> str:
    """Line, column, what the parser says, and the line itself: `8: column 9: invalid value: x`."""
    lines = text.split("\n")
    if at := re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", message, re.DOTALL):
        what, number = at[1], int(at[2])
        if twice := given_twice(text, number):
            return f"{number}: {twice}"
        if what == r"Illegal character '\n'":
            what = "text without an end"
        told = f"{number}: column {at[3]}: {what[:1].lower()}{what[1:]}"
    else:  # at the end of the document
        number, what = opened(message, text)
        told = f"{number}: {what}"
    return f"{told}: {lines[number - 1].strip()[:80]}"


def given_twice(text: str, number: int) -> str:
    """What a line gives again, and where it was given first; "" where it gives nothing again."""
    known = list(places(text))
    here = next((place for place in known if place.line == number), None)
    first = next((place for place in known if here and place.path == here.path), None)
    if here is None or first is None or first.line == number:
        return ""
    name = ".".join(here.path)
    told = f"table [{name}]" if here.opens else name
    return f"{told} is given twice, first at line {first.line}"


def opened(message: str, text: str) -> tuple[int, str]:
    """The line where that begins which has no end, and what it is."""
    quotes = max(without_long_strings(text).rfind(quote) for quote in ('"""', "'''"))
    if quotes >= 0:
        return without_long_strings(text).count("\n", 0, quotes) + 1, "text without an end"
    last = max((place.line for place in places(text)), default=len(text.rstrip("\n").split("\n")))
    kinds = {"array": "a list", "inline table": "a table", "Unterminated string": "text"}
    kind = next((kind for word, kind in kinds.items() if word in message), None)
    said = message.removesuffix(" (at end of document)")
    return last, f"{kind} without an end" if kind else f"{said[:1].lower()}{said[1:]}"
