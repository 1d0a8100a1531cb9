"""Files that can be checked: a part's name holds the hash of its bytes, run.json that of its own.

So whatever a kill or a damaged disk leaves behind, each file by itself is good or known not to be.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

BLANK = "0" * 64
SEAL = re.compile(r'"sha256": "([0-9a-f]{64})"\n\}\n\Z')
PART = re.compile(r"part-\d{5,}-([0-9a-f]{16})\.parquet")


def sealed(value: dict[str, Any]) -> str:
    """JSON whose last key is the hash of the text with that hash blank."""
    text = json.dumps({**value, "sha256": BLANK}, indent=1, allow_nan=False) + "\n"
    head, _, tail = text.rpartition(BLANK)
    return f"{head}{hashlib.sha256(text.encode()).hexdigest()}{tail}"


def opened(text: str) -> dict[str, Any]:
    """What was sealed.  Raises ValueError where a byte of it has changed."""
    seal = SEAL.search(text)
    if seal is None:
        raise ValueError("cut off, or not written by lobsim")
    blank = f"{text[: seal.start(1)]}{BLANK}{text[seal.end(1) :]}"
    if hashlib.sha256(blank.encode()).hexdigest() != seal.group(1):
        raise ValueError("changed since it was written")
    value: dict[str, Any] = json.loads(text)
    return value


def part_name(number: int, data: bytes | memoryview) -> str:
    return f"part-{number:05}-{hashlib.sha256(data).hexdigest()[:16]}.parquet"


def intact(part: Path) -> bool:
    """Whether a part's bytes are those that its name was given for."""
    named = PART.fullmatch(part.name)
    return named is not None and hash_of(part).startswith(named.group(1))


def hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
