"""A page of tables and plotly's pictures in one HTML file that needs no network.

Pictures are JSON that the page's own script draws, in light or dark colours; texts are escaped
here, those in pictures by `safe`.  The page's policy (CSP) lets no other script run, and nothing be
loaded.  plotly-cartesian.min.js is plotly.js's own bundle of that name (npm
plotly.js-cartesian-dist-min), a third of the whole.
"""

import base64
import hashlib
import html
import json
import math
from collections.abc import Iterable, Sequence
from importlib import resources
from typing import Any, NamedTuple

from lobsim.errors import escaped

OWN = '<meta name="generator" content="lobsim report">'  # what tells the page from others' files
HEIGHT = 420  # pixels of a picture
SCRIPTS = "plotly-cartesian.min.js", "report.js"
POLICY = (
    "default-src 'none'; script-src 'sha256-{}'; style-src 'unsafe-inline'; img-src data: blob:"
)


class Picture(NamedTuple):
    """Plotly's traces and layout; what the script sets is left out of that."""

    heading: str
    traces: list[dict[str, Any]]
    layout: dict[str, Any]
    height: int = HEIGHT


class Page:
    """What stands on a page, in order."""

    def __init__(self, title: str) -> None:
        self.title = html.escape(escaped(title))
        self._parts = [f"<header><h1>{self.title}</h1></header>"]
        self._drawn: list[str] = []

    def section(self, heading: str, *notes: str) -> None:
        self._parts.append(f"<h2>{html.escape(escaped(heading))}</h2>")
        self.notes(*notes)

    def notes(self, *notes: str) -> None:
        self._parts += [f"<p>{html.escape(escaped(note))}</p>" for note in notes if note]

    def facts(self, facts: Iterable[tuple[str, str]]) -> None:
        told = "".join(
            f"<dt>{html.escape(escaped(name))}</dt><dd>{html.escape(escaped(what))}</dd>"
            for name, what in facts
        )
        self._parts.append(f"<dl>{told}</dl>")

    def folded(self, heading: str, lines: Iterable[str]) -> None:
        """Text that is seen when it is asked for, and on paper."""
        text = "\n".join(html.escape(escaped(line)) for line in lines)
        self._parts.append(
            f"<details><summary>{html.escape(escaped(heading))}</summary><pre>{text}</pre></details>"
        )

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Texts; a column of numbers is set to the right."""
        numbers = [
            bool(rows) and all(is_figure(row[i]) for row in rows) for i in range(len(headings))
        ]
        lines = [cells("th", headings, numbers), *(cells("td", row, numbers) for row in rows)]
        self._parts.append(f'<div class="wide"><table>{"".join(lines)}</table></div>')

    def pictures(self, pictures: Sequence[Picture]) -> None:
        """Side by side where there is room."""
        self._parts.append(f'<div class="panels{" one" if len(pictures) == 1 else ""}">')
        for heading, traces, layout, height in pictures:
            title = html.escape(escaped(html.unescape(heading)))
            shown = f"<h3>{title}</h3>" if title else ""
            self._parts.append(
                f'<div>{shown}<div class="picture" id="picture-{len(self._drawn)}" role="img" '
                f'aria-label="{title or "picture"}" style="height:{height}px"></div></div>'
            )
            self._drawn.append(
                json.dumps({"data": traces, "layout": layout}, allow_nan=False).replace(
                    "<", "\\u003c"
                )
            )
        self._parts.append("</div>")

    def html(self) -> str:
        web = resources.files("lobsim.report") / "web"
        script = "\n".join((web / name).read_text(encoding="utf-8") for name in SCRIPTS)
        style = "".join(
            (web / name).read_text(encoding="utf-8") for name in ("page.css", "report.css")
        )
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        return "\n".join([
            f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n{OWN}',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY.format(digest)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{self.title}</title><style>{style}</style></head><body>",
            "<noscript><p>The pictures are drawn with JavaScript, which is switched off.</p>"
            "</noscript>",
            *self._parts,
            '<script type="application/json" id="pictures">[' + ",\n".join(self._drawn),
            f"]</script>\n<script>{script}</script></body></html>\n",
        ])  # fmt: skip


def cells(tag: str, texts: Sequence[str], numbers: Sequence[bool]) -> str:
    def kind(i: int) -> str:
        return ' class="number"' if numbers[i] else ' class="text"' if len(texts[i]) > 40 else ""

    told = "".join(
        f"<{tag}{kind(i)}>{html.escape(escaped(text))}</{tag}>" for i, text in enumerate(texts)
    )
    return f"<tr>{told}</tr>"


def is_figure(text: str) -> bool:
    return text[:1] in "+-−" or text[:1].isdigit()


def plain(values: Any) -> list[Any]:
    """An array as JSON has it: what is not finite is None."""
    return [
        None if isinstance(value, float) and not math.isfinite(value) else value
        for value in values.tolist()
    ]


def amount(value: float | None, digits: int = 2) -> str:
    """1.50, 1e+12, 0.0012: as many digits as tell it."""
    if value is None or not math.isfinite(value):
        return "-"
    ordinary = value == 0 or 10**-digits <= abs(value) < 1e9
    return f"{value:.{digits}f}" if ordinary else f"{value:.4g}"


def signed(value: float | None) -> str:
    return f"{'+' if value is not None and value > 0 else ''}{amount(value)}"


def span(low: float | None, high: float | None) -> str:
    return "-" if low is None or high is None else f"{amount(low)}..{amount(high)}"
