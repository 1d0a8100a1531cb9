"""The ladder in C of ladder.c, compiled on the spot: what the compiled book is measured by."""

import ctypes
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("ladder.c")


def c_ladder(rows: Any) -> Callable[[], int]:
    """A function that carries out the rows of `encode` and returns how many trades that made."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "ladder.so"
        subprocess.run(["cc", "-O3", "-shared", "-fPIC", "-o", library, SOURCE], check=True)
        ladder = ctypes.CDLL(str(library)).ladder  # stays loaded when the file has gone
    ladder.argtypes, ladder.restype = [ctypes.c_void_p, ctypes.c_int64], ctypes.c_int64
    return lambda: int(ladder(rows.ctypes.data, len(rows)))
