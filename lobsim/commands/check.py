"""Commands that check: a plugin's contract, a run's files."""

from typing import Annotated

import typer


def verify(
    run: Annotated[
        str | None, typer.Argument(help="A run's folder or name.  [default: the latest]")
    ] = None,
) -> None:
    """Check every byte of a RUN: hashes, rows and counts against each other."""
    from lobsim.console.write import say
    from lobsim.errors import DamagedError
    from lobsim.report.frames import folder_of
    from lobsim.report.verify import verify as verify_folder

    folder = folder_of(run)
    verdict = verify_folder(folder)
    say(f"{folder}: {verdict.found}")
    if verdict.problems:
        raise DamagedError(*verdict.problems)
    say("every byte is as it was written")
