"""Prices, distances and lots in words."""

from decimal import Decimal


def digits_of(tick: float) -> int:
    """How many digits after the point tell a price: 2 for a tick of 0.01 or 0.25."""
    exponent = Decimal(str(tick)).normalize().as_tuple().exponent
    return max(0, -int(exponent))


def price(value: float, tick: float) -> str:
    return f"{value:.{digits_of(tick)}f}"


def away(value: float, mid: float, tick: float) -> str:
    """0.67 below the mid 100.323 (67.3 ticks): one digit more than a price has."""
    digits = digits_of(tick) + 1
    distance = value - mid
    if abs(distance) < 0.05 * tick:
        return f"at the mid {mid:.{digits}f}"
    side = "above" if distance > 0 else "below"
    ticks = f"{abs(distance) / tick:.1f} ticks"
    return f"{abs(distance):.{digits}f} {side} the mid {mid:.{digits}f} ({ticks})"


def lots(count: int) -> str:
    return "1 lot" if count == 1 else f"{count} lots"


def held(inventory: int) -> str:
    return f"{inventory:+d}" if inventory else "0"


def prices(values: list[float], tick: float) -> str:
    """The range of prices, or the one that all are."""
    low, high = price(min(values), tick), price(max(values), tick)
    return f"at {low}" if low == high else f"from {low} to {high}"


def lasting(nanos: int) -> str:
    """A time in the unit that suits it: 1.2 ms."""
    for size, unit in ((1e9, "s"), (1e6, "ms"), (1e3, "us")):
        if nanos >= size:
            return f"{nanos / size:.3g} {unit}"
    return f"{nanos} ns"
