"""The compiled book is the readable one: the same events, in order, and the same digest."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lobsim.batch import book, book_kernel, book_nodes
from lobsim.batch.book import decode, encode, replay
from lobsim.market.book import Book
from lobsim.market.messages import Cancel, LimitOrder, MarketOrder
from lobsim.market.units import LARGEST, SelfTrade, Side, TimeInForce
from script import read_command
from test_book import NONSENSE, OWN_ASK_IN_THE_WAY
from test_book_properties import HUGE, LEVELS, LOTS, ODD, new_command, rewritten, streams

KINDS = ["limit"] * 6 + ["replace"] * 3 + ["cancel"] * 2 + ["market", "IOC", "FOK", "post-only"]
STREAMS = streams(sizes=LOTS + HUGE)
ENCODABLE = [made for made in NONSENSE if made is None or made.order_id == 9]
examples = settings(deadline=None, max_examples=100)


def assert_alike(commands, self_trade=SelfTrade.ALLOW):
    readable = Book(self_trade)
    events = [event for command in commands for event in readable.apply(command)]
    found = replay(encode(commands), self_trade)
    assert decode(found.events) == events
    assert found.digest() == readable.digest()


def a_day(seed, count=3000, prices=(995, 1006)):
    """Commands without pattern; cancels and replaces name one of the last 60 ids."""
    rng = np.random.default_rng(seed)
    for order_id in range(count):
        kind = KINDS[rng.integers(len(KINDS))]
        old = kind in ("cancel", "replace") or rng.random() < 0.05
        yield new_command(
            kind,
            max(0, order_id - int(rng.integers(1, 60))) if old else order_id,
            Side.BUY if rng.random() < 0.5 else Side.SELL,
            int(rng.integers(*prices)),
            int(rng.integers(-1, 50)),
        )


@pytest.mark.parametrize("self_trade", SelfTrade)
@examples
@given(commands=STREAMS)
def test_both_books_answer_alike(commands, self_trade):
    assert_alike(commands, self_trade)


@examples
@given(
    commands=streams(),
    self_trade=st.sampled_from(SelfTrade),
    stretch=st.sampled_from([1, 300, 2**59]),
    apart=st.sampled_from([1, 300, 2**59]),
    shift=st.sampled_from([0, 40, LARGEST - 7 * 2**59]),
)
def test_both_books_answer_alike_wherever_prices_and_ids_lie(
    commands, self_trade, stretch, apart, shift
):
    far = {
        "price": lambda price: (price - 99) * stretch + shift,
        "order_id": lambda order_id: (order_id - 7) * apart,
    }
    assert_alike(list(rewritten(commands, **far)), self_trade)


@examples
@given(
    streams([*LEVELS, 0, -1, *ODD], LOTS + ODD), st.lists(st.sampled_from(ENCODABLE), max_size=9)
)
def test_both_books_refuse_alike_what_makes_no_sense(commands, nonsense):
    assert_alike([*commands, *nonsense, LimitOrder(9, 7, Side.BUY, 1, 1), *nonsense])


@pytest.mark.parametrize(
    "made", [Cancel("9", 1), MarketOrder(2**63, 1, Side.BUY, 1), Cancel(1, None)]
)
def test_an_id_or_account_that_no_answer_could_name_is_not_encoded(made):
    with pytest.raises(ValueError, match="must be a whole number from -"):
        encode([made])


@pytest.mark.parametrize("self_trade", SelfTrade)
@pytest.mark.parametrize("prices", [(995, 1006), (1, 5000), (1, LARGEST)], ids=str)
def test_both_books_answer_alike_for_a_day(self_trade, prices):
    assert_alike(list(a_day(7, prices=prices)), self_trade)


@pytest.mark.parametrize("self_trade", SelfTrade)
def test_both_books_count_alike_what_a_fok_may_take(self_trade):
    before = [
        read_command(line.partition("->")[0]) for line in OWN_ASK_IN_THE_WAY.split("\n")[1:-1]
    ]
    for size in range(1, 8):
        fok = LimitOrder(5, ord("a"), Side.BUY, 102, size, TimeInForce.FOK)
        assert_alike([*before, fok], self_trade)


def test_an_empty_array_leaves_an_empty_book():
    assert_alike([])


# The differential test itself


SLIPS = {
    "none": (book_kernel.match, "", ""),
    "newest for oldest": (book_kernel.match, '["next"]', '["prev"]'),
    ">= for >": (book_kernel.match, "> side * worst", ">= side * worst"),
    "no owner check": (book_kernel.cancel, ' or order["account"] != command["account"]', ""),
}


def slipped(function, old, new):
    """The kernel's functions for Python to run, one of them with a slip."""
    text = inspect.getsource(book_nodes) + inspect.getsource(book_kernel)
    right = inspect.getsource(function.py_func)
    assert text.count(right) == 1
    assert right.count(old) == 1 or not old
    text = text.replace(right, right.replace(old, new) if old else right)
    ours = r"@part\n|@entry\n|from lobsim\.batch\.book_nodes import (\([^)]*\)|.*)\n"
    plain = re.sub(ours, "", text)
    space = {}
    exec(plain, space)
    return space


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_of_the_compiled_book_is_found(slip, monkeypatch):
    space = slipped(*SLIPS[slip])
    for name in ("survey", "play", "list_resting"):
        monkeypatch.setattr(book, name, space[name])

    @settings(deadline=None, max_examples=60, phases=[Phase.generate], derandomize=True)
    @given(STREAMS)
    def alike(commands):
        assert_alike(commands)

    if slip == "none":
        alike()
    else:
        with pytest.raises(AssertionError):
            alike()


PLAIN = """
import sys
from lobsim.market.units import LARGEST, SelfTrade
from test_two_books import a_day, assert_alike
for seed, self_trade in enumerate(SelfTrade):
    for prices in (995, 1006), (1, 9000), (1, LARGEST):
        assert_alike(list(a_day(seed, int(sys.argv[1]), prices)), self_trade)
"""
BEYOND = """
import numpy as np
from lobsim.batch import book
from test_two_books import a_day
play = book.play
book.play = lambda nodes, *rest: play(nodes[: len(nodes) // 2].copy(), *rest)
try:
    book.replay(book.encode(a_day(1, 300)))
except IndexError:
    pass
else:
    raise AssertionError("bounds are not checked")
"""


@pytest.mark.parametrize(
    ("variable", "script"),
    [("NUMBA_BOUNDSCHECK", PLAIN + BEYOND), ("NUMBA_DISABLE_JIT", PLAIN)],
)
def test_both_books_answer_alike_however_the_kernel_is_built(variable, script, tmp_path):
    here = Path(__file__).parent
    paths = os.pathsep.join([str(here.parent), str(here)])
    count = "2000" if variable == "NUMBA_BOUNDSCHECK" else "300"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, count],
        env={**os.environ, variable: "1", "PYTHONPATH": paths, "LOBSIM_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
