"""What plugins print during a run: a file of its folder, made when there is something."""

import hashlib
import io
import os
from pathlib import Path
from typing import Any, BinaryIO

from lobsim.errors import StorageError

NAME = "prints.txt"


class Prints(io.TextIOBase):
    """Stands in for stdout; a disk that fails raises StorageError, which is no plugin's fault."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._file: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self._bytes = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        data = text.encode(errors="backslashreplace")
        try:
            if self._file is None:
                self._file = self._path.open("wb")
            self._file.write(data)
        except OSError as error:
            raise StorageError(f"{self._path}: {error.strerror}") from None
        self._hash.update(data)
        self._bytes += len(data)
        return len(text)

    def flush(self) -> None:
        """Nothing: the file is read when the run has ended."""

    def close(self) -> None:
        """Nothing: a plugin that closes stdout closes it for itself."""

    def finish(self) -> dict[str, dict[str, Any]]:
        """Write all of it; the file, as run.json lists it, if any.  Raises StorageError."""
        if self._file is None:
            return {}
        try:
            if not self._file.closed:
                with self._file as file:
                    file.flush()
                    os.fsync(file.fileno())
        except OSError as error:
            raise StorageError(f"{self._path}: {error.strerror}") from None
        return {NAME: {"bytes": self._bytes, "sha256": self._hash.hexdigest()}}
