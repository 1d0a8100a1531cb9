"""What a file says of a real market, whatever its format."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lobsim.data.messages import Messages

Ints = NDArray[np.int64]
DAY = 86_400 * 10**9  # ns


@dataclass(frozen=True, slots=True)
class Recording:
    """Orders as they came and went; or, where a file has none, trades among best quotes.

    book        (n, 1, 4) the best quotes after each message, as a recorded book has them: ask price
                and size, bid price and size, size 0 where there is none; None: of orders
    sized       whether the sizes in the book are known; where not, they are 1
    notes       what a reader of its figures should know
    """

    messages: Messages
    book: Ints | None = None
    sized: bool = True
    notes: tuple[str, ...] = ()


def since_midnight(time_ns: Ints) -> Ints:
    """Times from 1970 on, from the midnight before the first."""
    return time_ns - (time_ns[0] // DAY * DAY if len(time_ns) else 0)
