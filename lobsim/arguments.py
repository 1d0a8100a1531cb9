"""What the words of a command line mean, and how to type them again."""

import secrets
import shlex
import sys

from lobsim.errors import UsageError


def chosen_seed(given: str | None, of_scenario: int | None) -> int:
    """The seed to use; printed where it was drawn or where it overrides the scenario's."""
    if given is None:
        return 1 if of_scenario is None else of_scenario
    if given == "random":
        seed = secrets.randbits(63)
        sys.stderr.write(f"seed {seed}\n")
        return seed
    if not (given.isascii() and given.isdigit() and int(given) < 2**64):
        raise UsageError(f"--seed {given}: must be a whole number from 0 to 2^64 - 1, or 'random'")
    if of_scenario is not None:
        sys.stderr.write(f"--seed {given} wins over the scenario's seed {of_scenario}\n")
    return int(given)


def listed(names: str | None) -> list[str] | None:
    return None if names is None else [name.strip() for name in names.split(",")]


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
