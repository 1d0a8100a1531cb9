"""A page to scrub through a run: book, quotes, fills and their stories, in one HTML file.

Everything that comes from the run is packed in base64 and reaches the page as text only; the
page's policy (CSP) lets no script run but its own, and nothing be loaded.
"""

import base64
import hashlib
import html
import re
from importlib import resources
from typing import Any

import numpy as np

from lobsim.errors import UsageError, cut, escaped
from lobsim.report.assets import assets_of
from lobsim.report.frames import Run
from lobsim.report.phrases import digits_of
from lobsim.report.replay_pack import Columns, Whole, packed
from lobsim.report.replay_rows import Shown, shown
from lobsim.report.replay_tape import Tape
from lobsim.report.story import stories

MOST = 100_000  # rows of a page; of a run with more it is thinned
STORIES, WORK = 3000, 2_000_000  # stories of fills; commands that are read for them
OWN = '<meta name="generator" content="lobsim replay">'  # what tells the page from others' files
PARTS = (
    "uPlot.iife.min.js", "unpack.js", "tape.js", "words.js", "paint.js", "charts.js", "ladder.js",
    "replay.js",
)  # fmt: skip


def replay_page(run: Run, start_s: float | None = None, end_s: float | None = None) -> str:
    """HTML of the whole run, or of a part of it.  Raises UsageError where there is no such part."""
    manifest = run.manifest
    duration = manifest["scenario"]["duration_s"]
    start, end = span_of(duration, start_s, end_s)
    run_name = cut(run.folder.resolve().name)
    tape = Tape(run, end)
    columns: dict[str, Whole] = {}
    assets, told = [], []
    most = MOST // len(assets_of(manifest))
    for i, (name, asset) in enumerate(assets_of(manifest).items()):
        found = shown(tape.of(name), start, end, most)
        columns |= {f"{i}.{column}": values for column, values in found.columns.items()}
        told += thinned(found, name, run_name, len(assets_of(manifest)), (end - start) / 1e9)
        assets.append({
            "name": cut(name), "tick": asset["tick"], "digits": digits_of(asset["tick"]),
            "mid": asset["mid"] / asset["tick"], "milli": found.milli, "opening": found.opening,
            "held": tape.held(name, start), "texts": found.texts,
        })  # fmt: skip
    head = {
        "accounts": [cut(name) for name in tape.accounts], "assets": assets,
        "run": run_name, "start": start, "end": end,
    }  # fmt: skip
    title = escaped(manifest["scenario"]["title"] or manifest["name"])
    return assembled(title, facts(run, start_s, end_s), [*tape.told, *told], head, columns, {
        str(number): [[line["time_s"], escaped(line["what"])] for line in story]
        for number, story in told_fills(run, tape, columns, len(assets)).items()
    })  # fmt: skip


def span_of(duration: float, start_s: float | None, end_s: float | None) -> tuple[int, int]:
    """From and to in ns."""
    start, end = start_s or 0.0, duration if end_s is None else min(end_s, duration)
    if not 0 <= start < end:
        raise UsageError(
            f"--from {start:g} --to {end:g}: the run lasts {duration:g} s; the end must be after "
            "the start"
        )
    return round(start * 1e9), round(end * 1e9)


def told_fills(
    run: Run, tape: Tape, columns: Columns, assets: int
) -> dict[int, list[dict[str, Any]]]:
    """The stories of the strategies' fills, as many of the first as are told in good time."""
    numbers = np.sort(np.concatenate([
        columns[f"{i}.fill.number"][columns[f"{i}.fill.{side}"] > 0] + (side == "taker")
        for i in range(assets)
        for side in ("maker", "taker")
    ]))  # fmt: skip
    work = tape.commands_behind(numbers).cumsum()
    chosen = [int(number) for number in numbers[: min(STORIES, int((work <= WORK).sum()))]]
    return dict(zip(chosen, stories(run, chosen), strict=True))


def facts(run: Run, start_s: float | None, end_s: float | None) -> str:
    manifest = run.manifest
    part = "" if start_s is None and end_s is None else " · a part of the run"
    state = "" if manifest["state"] == "complete" else f" · {manifest['state']}"
    digest = f" · digest {run.digest[:8]}" if run.digest else ""
    name = cut(run.folder.resolve().name)
    return (
        f"{name} · seed {manifest['seed']} · replication {manifest['replication']} · "
        f"{manifest['engine']} engine{digest}{state}{part}"
    )


def thinned(found: Shown, name: str, run_name: str, assets: int, seconds: float) -> list[str]:
    """What was left out, in words."""
    if not found.instants:
        return []
    of = f" of {cut(name)}" if assets > 1 else ""
    fills = f"; one of {found.each} fills is drawn" if found.each > 1 else ""
    return [
        f"Thinned: {found.events:,} events{of} are more than a page holds. Book and mid are exact "
        f"at {found.instants:,} instants, one every {seconds / found.instants:.3g} s; changes in "
        f"between that did not last, orders that met nothing and refusals are left out{fills}. "
        f"lobsim report {run_name} --from S --to S makes a page of a part, with all that is in it."
    ]


def assembled(
    title: str,
    line: str,
    notes: list[str],
    head: dict[str, Any],
    columns: Columns,
    told: dict[str, Any],
) -> str:
    """The page of these parts.  What is put in is not looked at for places to put more in."""
    web = resources.files("lobsim.report") / "web"

    def text(name: str) -> str:
        return (web / name).read_text(encoding="utf-8")

    licence = f"/* uPlot:\n{text('uPlot-LICENSE.txt')}*/\n"
    script = "\n" + licence + "\n".join(text(name) for name in PARTS)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    parts = {
        "own": OWN,
        "title": html.escape(title),
        "facts": html.escape(line),
        "notes": "".join(f"<p>{html.escape(note)}</p>" for note in notes),
        "style": "".join(map(text, ("uPlot.min.css", "page.css", "replay.css"))),
        "script": script,
        "digest": digest,
        "data": packed(head, columns),
        "stories": packed({"stories": told}, {}),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found.group(1)], text("replay.html"))
