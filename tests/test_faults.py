"""A small dose of tools/faults.py: kills, errors of the disk, damage; none may go unnoticed."""

import errno
import os

import pytest
from bad_disk import ERRORS, writes
from cut_off import NOISY, QUIET
from damage import flips
from faults import kills

NO_SPACE = tuple(code for code in ERRORS if code != errno.EIO)
DEAD = (errno.EIO,)
ASKS = pytest.mark.xfail(
    strict=True,
    reason="write_bytes asks a dead disk what is free, printed reads it: OSError, exit 1",
)
PRINTS = pytest.mark.xfail(
    strict=True, reason="an error at prints.txt is an OSError, exit 1, or the plugin's, exit 4"
)
DISKS = {  # the plugin, the errors, how many, the file that is spared, and what does not hold yet
    "no space": (QUIET, NO_SPACE, 40, ".txt", ()),
    "dead": (QUIET, DEAD, 15, ".txt", ASKS),
    "no space for prints": (NOISY, NO_SPACE, 25, "none", PRINTS),
}


def wrong(outcomes, count):
    """What is wrong, of that many cases."""
    cases = list(outcomes)
    assert len(cases) == count
    return [problem for _, problems in cases for problem in problems]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no kills here")
def test_e6_a_run_killed_at_any_moment_loses_no_finished_part(tmp_path):
    assert wrong(kills(50, tmp_path), 50) == []


@pytest.mark.parametrize(
    ("plugin", "codes", "count", "spared"),
    [pytest.param(*disk[:-1], marks=disk[-1], id=name) for name, disk in DISKS.items()],
)
def test_c8_c10_an_error_of_the_disk_is_told_and_finished_parts_stay(
    tmp_path, plugin, codes, count, spared
):
    (tmp_path / "noisy.py").write_text(plugin)
    assert wrong(writes(count, tmp_path, codes=codes, spared=spared), count) == []


def test_e1_e2_damage_of_any_kind_is_found_by_verify_and_by_readers(tmp_path):
    assert wrong(flips(300, tmp_path), 300) == []
