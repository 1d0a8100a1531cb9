"""The scorecard as it is printed: every line with its source and verdict, and what they say."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from lobsim.console.write import say, table
from lobsim.validate.line import Line, chance_of_false_alarm, worst

NEAREST = 5  # lines nearest to their limit that are named at the end


def as_dicts(lines: Sequence[Line]) -> list[dict[str, Any]]:
    return [
        {
            "group": line.group,
            "name": line.name,
            "source": line.source,
            "kind": line.kind,
            "expected": line.expected,
            "got": finite(line.got),
            "tolerance": line.tolerance,
            "z": None if line.z is None else finite(line.z),
            "passed": line.passed,
        }
        for line in lines
    ]


def finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None


def print_lines(lines: Sequence[Line]) -> None:
    for group, some in groupby(lines, key=lambda line: line.group):
        say(group)
        rows = [cells(line) for line in some]
        width = max(len(source) for *_, source in rows)
        table(
            ["", "expected", "got", "allowed", "", "source".ljust(width)],
            [[f" {name}", *rest, source.ljust(width)] for name, *rest, source in rows],
        )
        say("")


def cells(line: Line) -> list[str]:
    allowed = f"z {line.z:+.2f}" if line.z is not None else f"{line.tolerance:.1e}"
    if line.kind == "control":
        allowed = f"> {line.tolerance:.1e} apart"
    verdict = "pass" if line.passed else "FAIL"
    return [line.name, f"{line.expected:.10g}", f"{line.got:.10g}", allowed, verdict, line.source]


def print_verdict(lines: Sequence[Line]) -> None:
    failed = [line for line in lines if not line.passed]
    sampled = sum(line.kind == "sampled" for line in lines)
    say(f"{len(lines)} lines, {len(lines) - len(failed)} passed, {len(failed)} failed")
    say(
        f"chance that any of the {sampled} sampled lines fails although all is right: "
        f"{chance_of_false_alarm(lines):.1%}"
    )
    if not failed:
        say("nearest to what they are allowed:")
    for line in failed or worst(lines, NEAREST):
        name, expected, got, allowed, verdict, _ = cells(line)
        say(f" {verdict}  {line.group}: {name}: expected {expected}, got {got} ({allowed})")
