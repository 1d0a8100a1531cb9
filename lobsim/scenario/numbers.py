"""What is read from a scenario before its range is checked: numbers of the right kind."""

from decimal import Decimal
from typing import Any

LARGEST_NUMBER = Decimal("1e18")


def number(value: Any, allowed: str = "", largest: Decimal = LARGEST_NUMBER) -> Decimal:
    """TOML's numbers and nothing else: no booleans, no text, no nan and no inf."""
    if isinstance(value, bool):
        raise ValueError("must be a number, is a boolean")
    if isinstance(value, str):
        raise ValueError("must be a number, is a string")
    if not isinstance(value, int | float | Decimal):
        raise ValueError(f"must be a number, is a {type(value).__name__}")
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        raise ValueError("must be a finite number" + (f", {allowed}" if allowed else ""))
    if abs(exact) > largest:
        raise ValueError(f"must be at most {largest} in size")
    return exact


def whole(value: Any, allowed: str = "", largest: Decimal = LARGEST_NUMBER) -> int:
    exact = number(value, allowed, largest)
    if exact != exact.to_integral_value():
        raise ValueError("must be a whole number" + (f" {allowed}" if allowed else ""))
    return int(exact)


def seed_number(value: Any) -> int:
    allowed = "from 0 to 2^64 - 1"
    chosen = whole(value, allowed, Decimal("inf"))
    if not 0 <= chosen < 2**64:
        raise ValueError("must be 0 or more, at most 2^64 - 1")
    return chosen


def this_version(value: Any) -> int:
    if whole(value) != 1:
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
