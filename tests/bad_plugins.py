"""Plugins that break their contract, made of a few lines each, and a command that meets them.

The cases are in tests/data/bad_plugins.
"""

import os
import re
import signal
import sys
import tempfile
import textwrap
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import lobsim
from lobsim import cli
from lobsim.report.frames import Run

DATA = Path(__file__).parent / "data" / "bad_plugins"
IMPORTS = """\
import math, os, random, signal, socket, sys, threading, time
import numpy as np
from lobsim import QuoteTable, Side, Strategy, hookimpl
from lobsim.market.messages import Cancel, LimitOrder, MarketOrder, Replace
"""
MAKERS = ", ".join(
    f'{{name="{name}", plugin="fixed-spread", params={{half_spread={half_spread}}}}}'
    for name, half_spread in {"near": 0.55, "far": 0.65}.items()
)
SEATS = f'strategy=[{MAKERS}, {{plugin="bad"}}]'
MARKET = ("duration_s=0.05", "summary_reps=0")
FAST = "plugin_timeout_s=0.4"
BENCH = 'on_plugin_error="bench"'
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
KEPT = "what was recorded until then is in runs/quickstart"
HEARD = {"on_fill": "self, desk, fill", "on_trade": "self, desk, trade", "__init__": "self"}
FILLED = ["ts_event", "strategy", "counterparty", "side", "liquidity", "price_ticks", "size"]


def plugin(questions: str = "pass", before: str = "", offers: str = "{'bad': Bad}") -> str:
    """The text of a plugin with these questions, and lines before its class."""
    head = IMPORTS + f"{before.strip()}\nclass Bad(Strategy):\n".lstrip()
    tail = f"\n@hookimpl\ndef lobsim_strategies():\n    return {offers}\n"
    return head + textwrap.indent(questions.strip(), "    ") + tail


def asked(hook: str, does: str) -> str:
    """A question that is answered so."""
    body = textwrap.indent(does.strip(), "    ")
    return f"def {hook}({HEARD.get(hook, 'self, desk')}):\n{body}\n"


def answering(does: str, hook: str = "on_quote", before: str = "") -> str:
    return plugin(asked(hook, does), before)


def marked(source: str) -> list[str]:
    """The lines that an error is to name, as its notes give them: a helper's below its caller's."""
    lines, function = [], "<module>"
    for number, line in enumerate(source.splitlines(), 1):
        if found := re.match(r"\s*def (\w+)", line):
            function = found[1]
        if line.endswith("# <-"):
            lines.append(f"  bad.py:{number}, in {function}: {line.strip()}")
    return lines[::-1]


def known(reason: str) -> Any:
    """A defect that is known."""
    return pytest.mark.xfail(strict=True, reason=reason)


def cases_of(file: str) -> list[Any]:
    """A file's cases; those with a reason for it are known defects."""
    cases = tomllib.loads((DATA / file).read_text())
    return [
        pytest.param(case, id=name, marks=known(case["xfail"]) if "xfail" in case else ())
        for name, case in cases.items()
    ]


class Told(NamedTuple):
    code: Any
    out: str
    err: list[str]


def meeting(tmp_path: Path, monkeypatch: Any, capfd: Any) -> Any:
    """Lets the command meet a plugin in an empty folder, where it is bad.py."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def command() -> None:
        handlers = {number: signal.getsignal(number) for number in SIGNALS}
        try:
            cli.main()
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def met(source: str, *more: str, settings: Any = (), verb: str = "run") -> Told:
        (here / "bad.py").write_text(source)
        sets = [word for each in (*MARKET, SEATS, *settings) for word in ("--set", each)]
        words = [verb, "quickstart", "--with", "bad.py", *sets, "--format", "json", *more]
        monkeypatch.setattr(sys, "argv", ["lobsim", *words])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            command()
        out, err = capfd.readouterr()
        assert os.getcwd() == str(here)
        return Told(ended.value.code or 0, out, err.splitlines())

    return met


def the_run() -> Run:
    """The latest."""
    return lobsim.open_run()


def fills_of(run: Run) -> list[tuple[Any, ...]]:
    """Who traded what with whom, and when."""
    return list(run.fills[FILLED].astype(str).itertuples(index=False, name=None))


def fills_without(folder: Path) -> list[tuple[Any, ...]]:
    """The fills of the market without the plugin."""
    settings = [*MARKET, f"strategy=[{MAKERS}]"]
    return fills_of(lobsim.run("quickstart", settings=settings, out=folder / "without"))
