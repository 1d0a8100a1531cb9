"""What a replay of real messages has met, in words."""

from lobsim.console.write import say
from lobsim.data.messages import Messages
from lobsim.data.view import Found


def print_replay(messages: Messages, found: Found) -> None:
    span = (messages.time_ns[-1] - messages.time_ns[0]) / 1e9 if len(messages) else 0.0
    say(f"{len(messages):,} messages of {span:,.1f} s")
    for name, count in messages.counts().items():
        if count:
            say(f" {count:>9,}  {name}")
    say(
        f"book: {found.resting:,} orders left, digest {found.digest[:8]}; "
        f"{found.changes / found.seconds:,.0f} messages a second"
    )
    say(
        f"{found.unknown:,} of unknown orders, {found.refused:,} refused, "
        f"{found.crossed:,} times crossed"
    )
    if found.not_first:
        say(f"{found.not_first:,} executions of orders that were not first in the queue")
    if found.rows:
        say(f"{found.equal:,} of {found.rows:,} rows of the recorded book agree")
    if found.taken_over:
        say(f"{found.taken_over:,} levels that nobody had told of were taken over from the record")
