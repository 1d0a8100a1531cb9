"""The command that makes pages of runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lobsim.errors import UsageError

if TYPE_CHECKING:
    from lobsim.report.frames import Run


def report(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN]...", help="Runs' folders, or their names.  [default: the latest]"
        ),
    ] = None,
    start: Annotated[
        float | None, typer.Option("--from", metavar="S", help="Only from this second on.")
    ] = None,
    end: Annotated[
        float | None, typer.Option("--to", metavar="S", help="Only until this second.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The page goes to this folder, not to the run's.")
    ] = None,
) -> None:
    """Make a page of each RUN, to scrub through it: book, quotes, fills and their stories.

    It is replay.html in the run's folder, one file that needs no network.
    """
    from lobsim.console.write import say
    from lobsim.report.frames import open_run

    names: list[str | None] = [*runs] if runs else [None]
    if out is not None and len(names) > 1:
        raise UsageError("--out: for one run; pages of several go to their own folders")
    if out is not None and not out.is_dir():
        raise UsageError(f"--out {out}: there is no such folder")
    for name in names:
        say(f"saved {save_replay(open_run(name), start, end, out)}")


def save_replay(
    run: "Run", start: float | None = None, end: float | None = None, out: Path | None = None
) -> Path:
    """The page of a run, in its folder or another."""
    from lobsim.folder import write_page
    from lobsim.report.replay_page import OWN, replay_page

    path = (run.folder if out is None else out) / "replay.html"
    write_page(path, replay_page(run, start, end), OWN)
    return path
