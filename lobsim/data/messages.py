"""Real order messages, in the units of the market, and the commands that they are to the book."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lobsim.market.units import LARGEST

Ints = NDArray[np.int64]

# What a message says: an order came; a part of it was withdrawn, or all that was left; it traded
# as the maker; an order that nobody sees traded; an auction; trading was halted or goes on.
ADD, REDUCE, DELETE, TRADE, HIDDEN, AUCTION, HALT = range(1, 8)
KINDS = {
    ADD: "adds", REDUCE: "partial cancels", DELETE: "deletes", TRADE: "executions",
    HIDDEN: "hidden executions", AUCTION: "auction trades", HALT: "trading halts",
}  # fmt: skip
QUOTE = 0  # of a recording without orders: the best quotes are others than before
CHANGES = (ADD, REDUCE, DELETE, TRADE)  # those that change the book that is seen


@dataclass(frozen=True, slots=True)
class Messages:
    """One array an element of each message, in the order of the file.

    time_ns   since midnight
    side      1 for an order to buy, -1 to sell: of the resting order, where one trades
    size      lots that came, went or traded
    price     ticks of `tick` (currency)
    """

    time_ns: Ints
    kind: NDArray[np.int8]
    order_id: Ints
    size: Ints
    price: Ints
    side: NDArray[np.int8]
    tick: float

    def __len__(self) -> int:
        return len(self.time_ns)

    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        return {name: int((self.kind == kind).sum()) for kind, name in KINDS.items()}

    def left(self) -> Ints:
        """(n,) lots that each message leaves of its order, -1 where it has none or too few.

        Messages of one order follow each other: what it has is what came less what went.
        """
        change = np.where(self.kind == ADD, self.size, -self.size)
        change[~np.isin(self.kind, CHANGES)] = 0
        order = np.lexsort((np.arange(len(self)), self.order_id))
        total = np.cumsum(change[order])
        first = np.diff(self.order_id[order], prepend=-LARGEST) != 0
        # What earlier orders have summed up to, since each begins anew.
        base = np.maximum.accumulate(np.where(first, np.arange(len(self)), 0))
        left = np.empty(len(self), np.int64)
        left[order] = total - (total[base] - change[order][base])
        left[self.kind == DELETE] = np.where(left[self.kind == DELETE] == 0, 0, -1)
        left[left < 0] = -1
        return left


def commands(messages: Messages) -> Any:
    """(n,) rows of `lobsim.batch.book_rows.COMMAND`: what each message does to the book.

    An execution takes its size from its order, by the order's id: real queues are not always
    strictly first come, first served.  What does not touch the book that is seen is no command.
    """
    from lobsim.batch.book_rows import CANCEL, COMMAND, LIMIT, NO_COMMAND, REPLACE

    left = messages.left()
    rows = np.zeros(len(messages), COMMAND)
    kind = np.full(len(messages), NO_COMMAND)
    kind[messages.kind == ADD] = LIMIT
    going = np.isin(messages.kind, (REDUCE, DELETE, TRADE))
    kind[going] = np.where(left[going] > 0, REPLACE, CANCEL)
    rows["kind"], rows["order_id"], rows["side"] = kind, messages.order_id, messages.side
    rows["account"], rows["price"] = 1, messages.price
    rows["size"] = np.where(kind == REPLACE, left, messages.size)
    return rows
