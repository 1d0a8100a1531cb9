"""What an account away from the exchange is to be told, noted down where it happens.

Whoever is told needs the market's own array alone; the wires send it when what is being done is
done (`lobsim.batch.wires`).
"""

from lobsim.batch import columns as c
from lobsim.batch.columns import Rows
from lobsim.batch.jit import jitted


@jitted
def note_reply(k: Rows, a: int, filled: int) -> None:
    """What others, or the monitor, did to an account: one reply each, as it stands now.

    All that becomes of its own command is one reply, sent when that has been carried out.
    """
    d = k[a, c.DESK]
    if not d:
        return
    replies = k[d + c.REPLIES]
    if replies[c.SERVED]:
        replies[c.TRADES] |= filled
        return
    write_reply(k, a, c.FIRST_REPLY + replies[c.WAITING] * c.REPLY, filled)
    replies[c.WAITING] += 1


@jitted
def write_reply(k: Rows, a: int, at: int, filled: int) -> None:
    row, replies = k[a], k[k[a, c.DESK] + c.REPLIES]
    replies[at + c.SAID_FILL] = filled
    replies[at + c.SAID_LOTS], replies[at + c.SAID_STATE] = row[c.LOTS], row[c.STATE]
    for i in range(3):
        replies[at + c.SAID_BID + i] = row[c.BID + i]
        replies[at + c.SAID_ASK + i] = row[c.ASK + i]
