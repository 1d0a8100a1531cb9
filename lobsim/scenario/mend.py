"""A scenario with its faulty keys replaced, so that the rest of it can be checked as well."""

import copy
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from lobsim.scenario.explain import key_of, place_of, steps_of
from lobsim.scenario.schema import Scenario, Source

# For keys that a scenario must have; all others are left out.
STAND_INS: dict[str, Any] = {
    "version": 1, "duration_s": 1, "tick": 1, "mid": 100, "sigma": 1, "step_ms": 1000, "A": 1,
    "k": 1, "mean": 1, "name": "stand-in", "kappa": 1, "theta": 1, "xi": 1, "rate": 0, "sd": 0,
    "p": 0.5, "eta_up": 3, "eta_down": 3, "own": 0, "decay": 1, "median": 1, "sizes": [1],
    "share": 0, "move": 0, "at_s": [0], "factor": [1],
}  # fmt: skip


def mended(source: Source, errors: Sequence[Any]) -> tuple[Scenario | None, list[str]]:
    """The scenario without its faults, None if it cannot be had; and the faulty keys."""
    tree = copy.deepcopy(source.tree)
    faulty = []
    for error in errors:
        steps, _ = steps_of(source.tree, place_of(error))
        faulty.append(key_of(steps))
        *path, last = steps
        try:
            table: Any = tree
            for step in path:
                table = table[step]
            if last in STAND_INS:
                table[last] = STAND_INS[last]
            else:
                table.pop(last, None)
        except (KeyError, IndexError, TypeError, AttributeError):
            return None, faulty
    try:
        rest = Scenario.model_validate(tree)
    except ValidationError:
        return None, faulty
    rest._source = source
    return rest, faulty
