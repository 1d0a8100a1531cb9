"""What is read from a scenario before its range is checked: numbers of the right kind."""

from decimal import Decimal
from typing import Any

from lobsim.errors import kind_of

LARGEST_NUMBER = Decimal("1e18")
SPANS = {  # what is allowed, with the largest number named
    "": "from -1e18 to 1e18",
    "above 0": "above 0, at most 1e18",
    "0 or more": "from 0 to 1e18",
    "1 or more": "from 1 to 1e18",
}


def number(value: Any, allowed: str = "") -> Decimal:
    """TOML's numbers and nothing else: no booleans, no text, no nan and no inf."""
    exact = finite(value, allowed)
    if abs(exact) > LARGEST_NUMBER:
        raise ValueError(f"must be {SPANS.get(allowed, allowed)}")
    return exact


def finite(value: Any, allowed: str = "") -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"must be a number, is {kind_of(value)}")
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        raise ValueError("must be a finite number" + (f", {allowed}" if allowed else ""))
    return exact


def whole(value: Any, low: int | None = None) -> int:
    """A whole number, `low` or more."""
    allowed = "" if low is None else f"{low} or more"
    exact = finite(value, allowed)
    if abs(exact) > LARGEST_NUMBER:
        raise ValueError(f"must be a whole number {SPANS[allowed]}")
    if exact % 1 or (low is not None and exact < low):
        raise ValueError("must be a whole number" + (f", {allowed}" if allowed else ""))
    return int(exact)


def seed_number(value: Any) -> int:
    exact = finite(value)
    if not 0 <= exact < 2**64 or exact % 1:
        raise ValueError("must be a whole number from 0 to 2^64 - 1")
    return int(exact)


def this_version(value: Any) -> int:
    if finite(value) != 1:
        raise ValueError("must be 1: this lobsim reads version 1")
    return 1


def listed(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        raise ValueError('must be a list, as ["mine.py"]')
    return value


def plain_numbers(value: Any) -> Any:
    """Decimals anywhere in a parameter as the numbers of JSON."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: plain_numbers(each) for key, each in value.items()}
    return [plain_numbers(each) for each in value] if isinstance(value, list) else value


def texts(value: Any) -> Any:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise ValueError('must be a list of names, as ["eth", "btc"]')
    return value


def lots_by_asset(value: Any) -> int | dict[str, int]:
    """A whole number, or one for each of some assets."""
    if not isinstance(value, dict):
        return whole(value)
    return {str(name): whole(lots) for name, lots in value.items()}
