"""The command that makes pages, and what other commands use of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lobsim.errors import UsageError

if TYPE_CHECKING:
    from lobsim.compare import Comparison
    from lobsim.scenario.schema import Scenario


def report(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN]...", help="Runs' folders, or their names.  [default: the latest]"
        ),
    ] = None,
    start: Annotated[
        float | None, typer.Option("--from", metavar="S", help="replay.html from this second on.")
    ] = None,
    end: Annotated[
        float | None, typer.Option("--to", metavar="S", help="replay.html until this second.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The folder for the pages.  [default: the run's; of several runs this folder]"
        ),
    ] = None,
) -> None:
    """Make the pages of RUN: what came of it, and its book, quotes and fills to scrub through.

    Both, report.html and replay.html, are one file each that needs no network.  Of several runs
    there is one report.html, side by side; a comparison kept by --keep and a sweep have one, too.
    """
    from lobsim.console.write import say
    from lobsim.folder import write_page
    from lobsim.pages import kind_of, page_of, place_of
    from lobsim.report.page import OWN

    if out is not None and not out.is_dir():
        raise UsageError(f"--out {out}: there is no such folder")
    folders = [place_of(name) for name in runs or (None,)]
    if len(folders) == 1 and kind_of(folders[0]) == "run":
        say(*(f"saved {page}" for page in save_pages(folders[0], start, end, out)))
        return
    if start is not None or end is not None:
        raise UsageError("--from and --to: are for replay.html, which is of a single run")
    path = (out or (folders[0] if len(folders) == 1 else Path())) / "report.html"
    write_page(path, page_of(folders), OWN)
    say(f"saved {path}")


def save_pages(
    folder: Path, start: float | None = None, end: float | None = None, out: Path | None = None
) -> tuple[Path, Path]:
    """The pages of a run, in its folder or another."""
    from lobsim.folder import write_page
    from lobsim.pages import page_of
    from lobsim.report import page, replay_page
    from lobsim.report.frames import Run

    paths = (out or folder) / "report.html", (out or folder) / "replay.html"
    replay = replay_page.replay_page(Run(folder), start, end)
    write_page(paths[0], page_of([folder]), page.OWN)
    write_page(paths[1], replay, replay_page.OWN)
    return paths


def checked_page(path: Path | None) -> Path | None:
    """Where a page may go.  Raises UsageError before anything has been played for it."""
    if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise UsageError(f"--report {path}: must be a file in a folder that exists")
    return path


def save_comparison(path: Path, scenario: "Scenario", comparison: "Comparison") -> Path:
    from lobsim.folder import write_page
    from lobsim.pages import page_of_figures
    from lobsim.report.page import OWN

    write_page(path, page_of_figures(scenario, comparison), OWN)
    return path
