"""Files of solved policies: the quote table that a scenario can name, its picture beside it."""

import os
from pathlib import Path

from lobsim.errors import StorageError
from lobsim.folder import check_absent, write_bytes
from lobsim.policy.quote_table import QuoteTable

TABLES = Path("tables")


def save_policy(table: QuoteTable, page: str, name: str, out: Path | None) -> tuple[Path, Path]:
    """Write `out`, or tables/NAME.npz, NAME-2.npz ..., and the page beside it; their paths.

    Nothing is overwritten.  Raises StorageError.
    """
    target = free_name(name) if out is None else out
    beside = target.with_suffix(".html")
    if target.suffix != ".npz":
        raise StorageError(f"--out {target}: must end in .npz")
    if out is not None and not out.parent.is_dir():
        raise StorageError(f"--out {out}: there is no folder {out.parent}")
    for path in (target, beside):
        check_absent("--out", path)
    write_bytes(target, table.as_bytes())
    write_bytes(beside, page.encode())
    return target, beside


def free_name(name: str) -> Path:
    count = 1
    while True:
        path = TABLES / f"{name}{'' if count == 1 else f'-{count}'}.npz"
        if not (os.path.lexists(path) or os.path.lexists(path.with_suffix(".html"))):
            return path
        count += 1
