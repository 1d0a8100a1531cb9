"""The scorecard of the theory: all that is known of it, against what the package computes."""

from collections.abc import Callable

from lobsim.validate.evaluated import evaluated_lines
from lobsim.validate.figures import figure_lines
from lobsim.validate.golden import GROUPS, golden_lines
from lobsim.validate.invariants import invariant_lines
from lobsim.validate.line import Line
from lobsim.validate.methods import method_lines
from lobsim.validate.papers import paper_lines
from lobsim.validate.slips import slip_lines

Progress = Callable[[int, int, str], None]


def golden_part(group: str) -> Callable[[], list[Line]]:
    return lambda: golden_lines(group)


# name: what makes the lines; in the order of the scorecard.
PARTS: dict[str, Callable[[], list[Line]]] = {
    **{group: golden_part(group) for group in GROUPS},
    "optimal quotes evaluated": evaluated_lines,
    "invariants": invariant_lines,
    "two methods": method_lines,
    "tables of 2008": paper_lines,
    "figures of 2013 and 2015": figure_lines,
    "wrong quotes": slip_lines,
}


def theory_lines(progress: Progress | None = None) -> list[Line]:
    """All lines, in about a quarter of a minute; no path is simulated.

    progress(parts done, parts in all, name of the part to come) is called before every part, and
    once after the last.
    """
    lines: list[Line] = []
    for done, (name, made) in enumerate(PARTS.items()):
        if progress:
            progress(done, len(PARTS), name)
        lines += made()
    if progress:
        progress(len(PARTS), len(PARTS), "done")
    return lines
