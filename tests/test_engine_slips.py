"""Slips that a compiled engine may well have: each is found by comparing markets at random.

They are planted in a process of its own, where numba is told not to compile: there a function
of the engine is Python's, and can be given the code of another.
"""

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

from batch_markets import difference, market_of
from far_markets import far_market_of
from ladder_markets import ladder_market_of
from live_markets import live_market_of
from lobsim.batch import (
    accounts,
    calm,
    day,
    limits,
    live,
    orders,
    pools,
    questions,
    quotes,
    several,
    several_day,
    several_questions,
    tape_rows,
    venue,
    wires,
)
from lobsim.batch.jit import SHARED
from lobsim.errors import LobsimError
from several_markets import group_market_of, moving_market_of, several_market_of

MARKETS = range(60)  # tried for each
LADDER_MARKETS = (*range(10), 66, 199)  # in the last two a limit refuses a rung
SLIPS = {
    "newest for oldest": (orders.before, "mine < his", "mine > his"),
    "account for turn": (questions.sort_by_turn, "] > turns[a]", "] > 1.0"),
    "advances before retreats": (calm.list_orders, "(True, False)", "(False, True)"),
    "advances before retreats, no tape": (calm.set_all_down, "(1 if", "(-1 if"),
    "a smaller order goes to the end": (calm.set_down, "size <= row", "size >= row"),
    "calm where two meet": (questions.decide, "highest < lowest", "highest <= lowest"),
    "one draw too many from a turn": (
        questions.answer,
        "k.view(np.float64)[a, c.TURN] = uniform(",
        "uniform(k.view(np.uint64)[a], c.STREAM); k.view(np.float64)[a, c.TURN] = uniform(",
    ),
    ">= at the drawdown limit": (
        accounts.judged, "drawdown > m[c.MAX_DRAWDOWN]", "drawdown >= m[c.MAX_DRAWDOWN]"
    ),
    ">= at the inventory limit": (venue.admit, "worst > m[c.MAX_I", "worst >= m[c.MAX_I"),
    "a loss limit past its number": (accounts.judged, "loss > m[c.MAX", "loss > 1 + m[c.MAX"),
    "floor for ceil": (SHARED["ask_price"], "math.ceil", "math.floor"),
    "a fee rounded down": (SHARED["fee_of"], "-((-size *", "((size *"),
    "the mark of the mid before": (day.move, "m[c.MARK] = mark_of(mid)", "mark_of(mid)"),
    "a timer before what is due with it": (day.wait, "soon >= time", "soon > time"),
    "a halt that withdraws nothing": (limits.enter, "withdraw_all(k, a)", "pass"),
    "the later cool-down first": (limits.first_to_resume, "COOL_TURN] <", "COOL_TURN] >"),
    "the next row of a table": (quotes.cell_of, "> now:\n        i -=", ">= now:\n        i -="),
    "an own order met": (orders.match, "c.OWNER] == taker and", "c.OWNER] != taker and"),
    "a best quote that is not": (accounts.see, "asks and ask == best_ask", "asks"),
    "its own lots ahead of it": (orders.ahead_of, "other != a and", ""),
    "a row's number twice": (tape_rows.new_row, "m[c.SEQ] += 1", "m[c.SEQ] += m[table] != 3"),
}  # fmt: skip
LADDER_SLIPS = {
    "the best rung first": (
        calm.list_ladders, "range(k[a, c.OUTERS], -1, -1)", "range(1 + k[a, c.OUTERS])"
    ),
    "new orders numbered from the best": (
        quotes.decide_rungs, "range(k[a, c.OUTERS], -1, -1)", "range(1 + k[a, c.OUTERS])"
    ),
    "the whole limit for each rung": (quotes.quote_outer, "bid_room -= bid_size", "pass"),
    "calm where a limit may refuse": (quotes.fits, "max(bids, asks) <=", "min(bids, asks) <="),
    "the best rung for all that is open": (orders.open_lots, "range(k[a, c.OUTERS])", "range(0)"),
    "the best rung's price for the best": (
        accounts.renew_ladder, "range(1 + k[a, c.OUTERS])", "range(1)"
    ),
    "the newest withdrawn first": (limits.oldest, "<< 8 |", "* -256 + 2**50 +"),
}  # fmt: skip
LIVE_SLIPS = {
    "its own quote among the others'": (live.rival_price, "k[r, c.OWNER] != a", "True"),
    "the worst of the others": (live.rival_price, "(price > best) ==", "(price < best) =="),
    "an order that is gone": (live.rival_price, "k[r, block + c.OPEN]", "price"),
    "the time since the start": (SHARED["observe"], "duration_s - now / 1e9", "now / 1e9"),
    "depths in currency": (live.sheet_depths, "sheets[s + BID] / tick", "sheets[s + BID]"),
}  # fmt: skip

FAR_SLIPS = {
    "data sent and not delayed": (wires.see, "] <= k[0, c.NOW]", "] < NEVER"),
    "market data of nobody's commands": (wires.send_data, "range(m[c.FED])", "range(0)"),
    "a reply that forgets what is under way": (wires.hear, "while i:", "while False:"),
    "an order that has gone comes back": (wires.expect, "or desk[block + c.OPEN]", "or True"),
    "the later command first": (wires.hear_all, "NUMBER] <", "NUMBER] >"),
    "a command that is asked for nothing": (wires.serve, "k[0, c.CALM] = 0", "k[0, c.CALM] = 1"),
}
SEVERAL_SLIPS = {
    "orders numbered in each asset": (
        several.lend, "w[0, column]", "w[0, column] if column != c.IDS else k[0, column]"
    ),
    "an order to another asset": (several_day.take_one, "rows_of(w, asset)", "rows_of(w, 0)"),
    "asked before every order": (
        several_day.take_one, "head[c.MET_AT] != head[c.NOW]", "head[c.MET_AT] != -2"
    ),
    "asset by asset, not by turn": (several_questions.ask_all, "sort_by_turn(w, answers)", "pass"),
    "a portfolio valued too early": (
        several_day.move_one, "asset == w[0, c.ASSETS] - 1 or", "True or"
    ),
    "ticks of one asset for those of another": (pools.worth, "member[c.WEIGHT] *", ""),
}  # fmt: skip
GROUP_SLIPS = {
    "calm where a group's limit may refuse": (
        several_questions.decide_one, " or k[a, c.GROUP]", ""
    ),
    "a group's halt that ends": (limits.enter, "not for_good", "True"),
}  # fmt: skip
MOVING_SLIPS = {"volatility not heard": (several_day.move_one, "hear_mid(w, k, asset)", "pass")}


def found_at(function, old, new, make=market_of, numbers=MARKETS):
    """The first market at random that a slip shows in; None if there is none."""
    source = inspect.getsource(function)
    assert source.count(old) == 1
    space = dict(function.__globals__)
    exec(source.replace(old, new), space)
    right, function.__code__ = function.__code__, space[function.__name__].__code__
    try:
        return next((number for number in numbers if shows(number, make)), None)
    finally:
        function.__code__ = right


def shows(number, make=market_of):
    try:
        return difference(make(number)[0], number) is not None
    except (LobsimError, IndexError):
        return True


def test_each_slip_of_the_compiled_engine_is_found():
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, __file__],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": f"{here}:{here.parent}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [slip for slip, market in found.items() if market is None] == []


if __name__ == "__main__":
    assert not any(map(shows, range(5)))
    told = {slip: found_at(*how) for slip, how in SLIPS.items()}
    told |= {
        slip: found_at(*how, ladder_market_of, LADDER_MARKETS) for slip, how in LADDER_SLIPS.items()
    }
    more = {
        live_market_of: LIVE_SLIPS,
        far_market_of: FAR_SLIPS,
        several_market_of: SEVERAL_SLIPS,
        group_market_of: GROUP_SLIPS,
        moving_market_of: MOVING_SLIPS,
    }
    for make, slips in more.items():
        told |= {slip: found_at(*how, make) for slip, how in slips.items()}
    sys.stdout.write(json.dumps(told))
