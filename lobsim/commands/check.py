"""Commands that check: a plugin's contract, a run's files."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from lobsim.commands.options import FormOption, Settings
from lobsim.errors import AuditError, DamagedError, PluginError


def verify(
    run: Annotated[
        str | None,
        typer.Argument(help="A run's or a sweep's folder or name.  [default: the latest run]"),
    ] = None,
) -> None:
    """Check every byte of a RUN: hashes, rows and counts against each other.

    The results of a sweep are worked out anew, and some of its replications run again.
    """
    from lobsim.console.write import say
    from lobsim.report.frames import folder_of
    from lobsim.report.verify import verify as verify_folder
    from lobsim.sweeps.verify import sweep_named
    from lobsim.sweeps.verify import verify as verify_sweep

    swept = sweep_named(run)
    folder = swept or folder_of(run)
    verdict = verify_folder(folder) if swept is None else verify_sweep(folder)
    say(f"{folder}: {verdict.found}")
    if verdict.problems:
        raise DamagedError(*verdict.problems)
    say("every byte is as it was written")


def check(
    plugin: Annotated[Path, typer.Argument(help="A plugin file.")],
    settings: Settings = [],  # noqa: B006
    form: FormOption = "table",
) -> None:
    """Try every strategy of a PLUGIN file: does it keep its contract?"""
    from lobsim.conformance.checks import Finding, check_plugin
    from lobsim.console.write import emit, say

    findings: list[Finding] = []
    for finding in check_plugin(plugin, settings):
        findings.append(finding)
        if form == "table":
            first, *more = finding.what.splitlines()
            verdict = "ok" if finding.kept else "FAILED"
            say(f"{finding.strategy:<16} {finding.check:<26} {verdict:<7} {first}", *more)
    if form != "table":
        emit([asdict(finding) for finding in findings], form)
    failed = [finding for finding in findings if not finding.kept]
    if failed:
        count = f"{len(failed)} of {len(findings)} checks failed"
        raise PluginError(f"plugin '{plugin}': {count}")
    if form == "table":
        say(f"{len(findings)} checks, all kept")


def doctor() -> None:
    """What is installed, whether both engines agree on this machine, and how fast it is."""
    from lobsim.console.write import say
    from lobsim.doctor import examine

    unsound = []
    for finding in examine():
        verdict = {True: "ok", False: "NOT SOUND", None: ""}[finding.sound]
        say(f"{finding.what:<38} {verdict:<10} {finding.found}".rstrip())
        if finding.sound is False:
            unsound.append(finding.what)
    if unsound:
        raise AuditError(f"not sound: {', '.join(unsound)}")
