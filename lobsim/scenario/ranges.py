"""Numbers from one to another: from:to:count at equal distances, log:from:to:count at equal ratios.

Both ends are included, exactly as they were typed; all is decimal, so that 0.1:1:10 has no dust.
"""

import math
from collections.abc import Iterator
from decimal import Context, Decimal, InvalidOperation

from lobsim.errors import UsageError, cut

MOST = 10_000  # numbers
EXACT, SHORT = Context(prec=60), Context(prec=15)  # for sums, and for what is written
FORM = 'must be from:to:count or log:from:to:count (in "quotes" it is text)'


def numbers_of(text: str) -> list[str]:
    """from:to:count or log:from:to:count.  Raises UsageError with all that is wrong."""
    log = text.startswith("log:")
    parts = [part.strip() for part in text.removeprefix("log:").split(":")]
    if len(parts) != 3:
        raise UsageError(f"{cut(text)}: {FORM}")
    first, last, count = map(number_of, parts)
    wrong = []
    for what, part, end in (("from", parts[0], first), ("to", parts[1], last)):
        if end is None:
            wrong.append(f"{what} must be a finite number, is {cut(part) or 'empty'}")
        elif log and end <= 0:
            wrong.append(f"{what} must be above 0 in a log range, is {cut(part)}")
    if count is None or not 2 <= count <= MOST or count % 1:
        found = cut(parts[2]) or "empty"
        wrong.append(f"count must be a whole number from 2 to {MOST:,}, is {found}")
    if first is not None and first == last:
        wrong.append("from and to must differ")
    if wrong or first is None or last is None or count is None:
        raise UsageError(*(f"{cut(text)}: {each}" for each in wrong))
    between = (ratio if log else linear)(first, last, int(count) - 1)
    return [plain_text(each) for each in (first, *between, last)]


def linear(first: Decimal, last: Decimal, steps: int) -> Iterator[Decimal]:
    """What lies between, exactly, or else to 15 digits."""
    for i in range(1, steps):
        whole = EXACT.add(EXACT.multiply(first, steps - i), EXACT.multiply(last, i))
        yield SHORT.divide(whole, Decimal(steps))


def ratio(first: Decimal, last: Decimal, steps: int) -> Iterator[Decimal]:
    """What lies between, to 6 digits."""
    low, high = math.log(first), math.log(last)
    for i in range(1, steps):
        yield Decimal(f"{math.exp(low + (high - low) * i / steps):.6g}")


def number_of(text: str) -> Decimal | None:
    """A finite number that a float can hold."""
    try:
        number = Decimal(text)
        near = float(number)
    except (InvalidOperation, OverflowError, ValueError):
        return None
    return number if math.isfinite(near) and bool(near) == bool(number) else None


def plain_text(number: Decimal) -> str:
    """The shortest: 100, 0.1, 1e-9."""
    short = EXACT.add(number, 0).normalize(EXACT)
    extreme = short and not -7 <= short.adjusted() < 18
    return str(short).lower() if extreme else f"{short:f}"
