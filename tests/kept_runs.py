"""What tests of run folders share: the command line in this process, and ways to harm a run."""

import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from unittest.mock import patch

import pytest
from cut_off import TABLES

from lobsim import cli
from lobsim.report.frames import Run
from lobsim.report.parts import read_manifest
from lobsim.seal import sealed

LATER = ("files", "rows", "summary", "digest", "seconds", "slow", "orders_through_the_mid")


def lobsim(*arguments, code=0):
    """What the command prints and its errors, line by line; it must end with this exit code."""
    out, err = StringIO(), StringIO()
    with (
        patch.object(cli, "SIGNALS", ()),
        patch.object(sys, "argv", ["lobsim", *map(str, arguments)]),
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        cli.main()
    told, errors = out.getvalue().splitlines(), err.getvalue().splitlines()
    assert (ended.value.code or 0) == code, (told, errors)
    assert not any("Traceback" in line for line in told + errors)
    return told, errors


def parts(run, table="fills"):
    return sorted((run / table).glob("part-*.parquet"))


def what_there_is(run):
    """As verify says it of a run that is whole."""
    count = sum(len(parts(run, table)) for table in TABLES)
    return f"{count} good parts of {count}, {sum(Run(run).manifest['rows'].values()):,} rows"


def reseal(run, **changes):
    """run.json as lobsim would have written it with other contents; None leaves a key out."""
    manifest = read_manifest(run) | changes | {"sha256": None}
    kept = {key: value for key, value in manifest.items() if value is not None}
    (run / "run.json").write_text(sealed(kept))


def cut_off(run):
    """The run as if it had been killed after its last part."""
    reseal(run, state="interrupted", **dict.fromkeys(LATER))


def flip(path, at=100):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def seen(folder):
    """What would be other if anything had been written there."""
    stats = {path: path.stat() for path in (folder, *folder.rglob("*"))}
    return {path: (stat.st_size, stat.st_mtime_ns, stat.st_ino) for path, stat in stats.items()}
