"""The leaves of JSON, by their paths."""

from typing import Any


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    """asset.tick, strategy.1.name, ...: items of a list are counted from 1."""
    inner = value.items() if isinstance(value, dict) else enumerate(value, 1)
    found: dict[str, Any] = {}
    for key, each in inner:
        here = f"{path}.{key}" if path else str(key)
        if isinstance(each, dict | list) and each:
            found |= leaves(each, here)
        else:
            found[here] = each
    return found
