"""What the words of a command line mean, and how to type them again."""

import math
import os
import secrets
import shlex
import sys
from collections.abc import Callable

from lobsim.errors import UsageError, cut

BITS_32 = 2**32 - 1
LONGEST = 4e9  # seconds, as of a run
CORES = f"; this machine has {os.cpu_count()} core{'' if os.cpu_count() == 1 else 's'}"


def whole_number(option: str, low: int, high: int, more: str = "") -> Callable[[str | int], int]:
    """What reads an option that is a whole number in this range."""
    most = "2^32 - 1" if high == BITS_32 else str(high)

    def read(given: str | int) -> int:
        given = str(given)  # a default comes as a number
        if is_digits(given) and low <= int(given) <= high:
            return int(given)
        allowed = f"must be a whole number from {low} to {most}{more}"
        raise UsageError(f"{option} {cut(given)}: {allowed}")

    return read


def is_digits(given: str) -> bool:
    return given.isascii() and given.isdigit() and len(given) < 30  # int() has a limit


def chosen_seed(given: str | None, of_scenario: int | None) -> int:
    """The seed to use; printed where it was drawn or where it overrides the scenario's."""
    if given is None:
        return 1 if of_scenario is None else of_scenario
    if given == "random":
        seed = secrets.randbits(63)
        sys.stderr.write(f"seed {seed}\n")
        return seed
    if not (is_digits(given) and int(given) < 2**64):
        raise UsageError(
            f"--seed {cut(given)}: must be a whole number from 0 to 2^64 - 1, or 'random'"
        )
    if of_scenario is not None:
        sys.stderr.write(f"--seed {given} wins over the scenario's seed {of_scenario}\n")
    return int(given)


def listed(option: str, names: str | None) -> list[str] | None:
    """The names between commas.  Raises UsageError where one is empty."""
    if names is None:
        return None
    each = [name.strip() for name in names.split(",")]
    if not all(each):
        raise UsageError(f"{option} '{cut(names)}': no name given")
    return each


def seconds(option: str, given: str) -> list[float]:
    """The times between commas.  Raises UsageError."""
    times = []
    for each in listed(option, given) or []:
        try:
            times.append(float(each))
        except ValueError:
            times.append(math.nan)
        if not 0 <= times[-1] <= LONGEST:
            raise UsageError(f"{option} {cut(each)}: must be seconds, from 0 to {LONGEST:g}")
    return times


def typed(
    scenario: str,
    seed: str | None,
    strategies: str | None,
    settings: list[str],
    plugins: list[str],
) -> str:
    """The market's options as the user gave them, to be typed again."""
    words = [scenario]
    words += ["--seed", seed] if seed not in (None, "random") else []
    words += ["--strategies", strategies] if strategies is not None else []
    words += [word for plugin in plugins for word in ("--with", plugin)]
    words += [word for setting in settings for word in ("--set", setting)]
    return shlex.join(str(word) for word in words)
