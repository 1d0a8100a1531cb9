"""Plugins that do what they should not and are no error: refused, kept apart, or without effect."""

import json
import re

import pytest

from bad_plugins import (
    BENCH,
    KEPT,
    answering,
    asked,
    fills_of,
    fills_without,
    known,
    meeting,
    plugin,
    the_run,
)
from lobsim.report.verify import verify

SILENT = "warning: bad sent no quote; does on_quote return what desk.quote() gives?"
PLACED = "return [desk.bid(90, 3), desk.ask(110, 3)]"


@pytest.fixture
def meet(tmp_path, monkeypatch, capfd):
    return meeting(tmp_path, monkeypatch, capfd)


@pytest.fixture(scope="module")
def without(tmp_path_factory):
    return fills_without(tmp_path_factory.mktemp("without"))


@pytest.fixture
def play(meet):
    """The run of a plugin that is no error, and what is said of it."""

    def played(source, *more, settings=()):
        told = meet(source, *more, settings=settings)
        assert told.code == 0, told.err
        *said, saved = told.err
        run = the_run()
        assert (saved, len(json.loads(told.out))) == (f"saved {run.folder}", 3)
        assert verify(run.folder).problems == ()
        return run, said

    return played


def orders_of(run, *columns):
    own = run.orders[run.orders["strategy"] == "bad"]
    return list(own[[*columns]].astype(object).itertuples(index=False, name=None))


def refused(count):
    return [
        f"warning: bad: {count} commands were refused (inventory limit, halt or crossing); the "
        f"outcome column of the orders says why"
    ]


@pytest.mark.parametrize("nothing", ["None", "()", "[]", "iter(())", "{}"])
def test_p4_no_answer_leaves_every_order_as_it_is(play, nothing):
    source = plugin(asked("on_start", PLACED) + asked("on_quote", f"return {nothing}"))
    run, said = play(source)
    assert orders_of(run, "price", "open") == [(90, 3), (110, 3)]
    assert said == []


def test_p4_a_strategy_that_never_quotes_is_told(play, without):
    run, said = play(answering("desk.quote(bid_depth=1, ask_depth=1)"))
    assert said == [SILENT]
    assert fills_of(run) == without


def test_p6_a_price_between_ticks_is_rounded_away_from_the_other_side(play):
    prices = "return [desk.bid(99.019), desk.ask(101.011), desk.bid(99.02), desk.ask(101.01)]"
    run, _ = play(answering(prices, "on_start"))
    assert orders_of(run, "price_ticks") == [(9901,), (10102,), (9902,), (10101,)]


@pytest.mark.parametrize(
    ("crossing", "post_only", "price", "outcome"),
    [
        ("join", False, 10054, "rested"),
        ("trade", False, 10070, "filled"),
        ("refuse", False, 10070, "would_cross"),
        ("join", True, 10070, "would_cross"),
        ("trade", True, 10070, "would_cross"),
    ],
)
def test_p8_a_quote_through_the_market(play, crossing, post_only, price, outcome):
    """The others ask 100.55, and the mid stands still."""
    source = answering(f"return desk.bid(100.7, post_only={post_only})", "on_mid")
    still = ["asset.price.sigma=0", "asset.price.step_ms=0.1", "asset.flow.A=1"]
    run, _ = play(source, settings=[f'crossing="{crossing}"', *still])
    assert orders_of(run, "price_ticks", "outcome")[0] == (price, outcome)


def test_p9_whole_numbers_of_numpy_are_sizes(play):
    run, _ = play(answering("return [desk.bid(90, np.int64(2)), desk.ask(110, np.uint8(3))]"))
    assert orders_of(run, "size")[:2] == [(2,), (3,)]


# P13: strategies cannot schedule, but they can make work for themselves at one instant.

AGAIN = "return [desk.bid(50), desk.take(Side.SELL, 1, limit=50)]"
SPINNING = plugin(
    asked("on_start", AGAIN) + asked("on_fill", f"if fill.maker: {AGAIN}"),
    before="class Ear(Strategy):\n    def on_trade(self, desk, trade): pass",
    offers="{'bad': Bad, 'ear': Ear}",
)
ALONE = 'strategy=[{plugin="bad"}]'
STUCK = "no progress in simulated time: 1001 rounds of questions at 0 ns; still answering: "


def test_p13_a_strategy_that_goes_on_at_one_instant_is_stopped(meet):
    told = meet(SPINNING, settings=[ALONE])
    assert (told.code, told.out) == (4, "")
    assert told.err == [f"error: {STUCK}'bad'", KEPT]
    assert the_run().manifest["state"] == "failed"


def test_p13_it_can_be_benched(meet):
    told = meet(SPINNING, settings=[ALONE, BENCH])
    assert told.code == 0
    assert told.err[0] == f"warning: bad was taken out of the market: {STUCK}'bad'"


def test_p13_who_only_listens_stays(meet):
    settings = ['strategy=[{plugin="ear"}, {plugin="bad"}]', BENCH]
    meet(SPINNING, settings=settings)
    assert [row["problem"] is None for row in the_run().manifest["summary"]] == [True, False]


# P15: what is neither impossible nor seen at once; what is one of these is in faults.toml.

MEDDLING = {
    "P15 profit": ("desk._account.spread += 1000", 6, "I17 profit is not the sum of its parts"),
    "P15 luck": ("desk._account.luck -= 1000", 6, "I17 profit is not the sum of its parts"),
    "P15 peak": ("desk._risk.peak = -10**9", 6, "I19 equity above its peak"),
    "P15 range": ("desk._account.high = 99", 6, "I21 past max_inventory"),
    "P15 own order": ("for o in desk._orders.by_id.values(): o.size = 9", 6, "I4"),
    "P15 book": ("for o in desk._book._resting.values(): o.open = 9", 6, "I[24] "),
    "P15 others": (
        "for o in list(desk._book._resting.values()):\n    if o.account != 3: "
        "desk._book.apply(Cancel(o.order_id, o.account))", 6, "I[24] ",
    ),
    "P15 owner": ("for o in desk._book._resting.values(): o.account = 3", 6, "I4"),
    "P15 number of fills": ("desk._account.fills += 1", 6, ""),
    "P15 forgets its orders": ("desk._orders.by_id.clear()", 6, ""),
    "P15 book's index": ("desk._book._resting.clear()", 6, ""),
}  # fmt: skip
UNSEEN = {
    "P15 number of fills": "nothing holds Account.fills against the tape: exit 0, a wrong summary",
    "P15 forgets its orders": "nothing holds by_id against the book's orders: exit 0 or 1",
    "P15 book's index": "a KeyError in the book: exit 1",
}


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=known(UNSEEN[case]) if case in UNSEEN else ()) for case in MEDDLING],
)
def test_p15_what_a_plugin_changes_that_is_not_its_own_is_found_by_the_audit(meet, case):
    does, code, words = MEDDLING[case]
    told = meet(plugin(asked("on_start", PLACED) + asked("on_mid", does)))
    assert (told.code, told.out) == (code, "")
    error, kept = told.err
    assert re.match(f"error: (at the end of the run: )?{words}", error)
    assert kept == KEPT


def test_p15_what_is_shown_of_orders_are_copies(play):
    quotes = asked("on_start", PLACED)
    meddles = asked("on_mid", "for o in desk.orders: o.size = o.price = 9")
    digests = [play(plugin(source))[0].digest for source in (quotes, quotes + meddles)]
    assert digests[0] == digests[1]


DRAWS = "random.random(); np.random.random()"


@pytest.mark.parametrize("does", [DRAWS, f"random.seed(1); np.random.seed(1); {DRAWS}"])
def test_p16_who_draws_from_random_changes_nothing_for_others(play, without, does):
    run, _ = play(answering(does, "on_mid"))
    quiet, _ = play(answering("pass", "on_mid"))
    assert fills_of(run) == fills_of(quiet) == without
    assert run.digest == quiet.digest


FOREIGN = "next(i for i, o in desk._book._resting.items() if o.account == 1)"


@pytest.mark.parametrize(
    "answer",
    ["desk.cancel(10**9)", f"desk.cancel({FOREIGN})", f"Replace({FOREIGN}, 3, 9000, 1)"],
)
def test_p18_an_unknown_or_foreign_order_cannot_be_touched(play, without, answer):
    run, said = play(answering(f"return {answer}", "on_mid"))
    count = len(orders_of(run, "seq"))
    assert orders_of(run, "outcome") == [("unknown_id",)] * count
    assert (said, fills_of(run)) == (refused(count), without)
    assert run.summary["refused"].tolist() == [0, 0, count]


def test_p27_what_follows_a_halt_in_the_same_answer_is_refused_and_counted(play):
    answer = "return [desk.take(Side.BUY, 2), desk.bid(50), desk.ask(150), desk.bid(51)]"
    run, said = play(answering(answer, "on_mid"), settings=["risk.max_loss=0.01"])
    outcomes = orders_of(run, "kind", "outcome", "filled")
    assert outcomes == [("market", "filled", 2), *[("limit", "halted", 0)] * 3]
    assert run.risk["strategy"].tolist() == ["bad"]
    assert said == refused(3)
    assert run.summary["refused"].tolist() == [0, 0, 3]


def test_p27_a_fill_that_halts_is_heard_but_not_asked_about(play):
    """It is not asked after a halt, so it cannot answer either."""
    answers = asked("on_mid", "return desk.take(Side.BUY, 2)")
    notes = asked("on_fill", "desk.note(heard=1)") + asked("on_end", "desk.note(end=desk.halted)")
    run, _ = play(plugin(answers + notes), settings=["risk.max_loss=0.01"])
    assert run.notes["note"].tolist() == ['{"end": true}']


def test_p28_an_id_that_rests_is_refused(play, without):
    own = "LimitOrder(desk.orders[0].order_id, 3, Side.BUY, 9000, 1)"
    source = plugin(asked("on_start", "return desk.bid(90)") + asked("on_mid", f"return {own}"))
    run, said = play(source)
    first, *more = orders_of(run, "outcome")
    assert (first, {*more}) == (("rested",), {("duplicate_id",)})
    assert (said, fills_of(run)) == (refused(len(more)), without)


@pytest.mark.parametrize("ahead", [range(1, 3), range(30, 50)], ids=["makers", "outside"])
def test_p28_an_id_of_the_future_harms_nobody(meet, without, ahead):
    """Whether it is refused or the plugin's error."""
    order = "LimitOrder(desk._new_id() + i, 3, Side.BUY, 5000, 1)"
    meet(answering(f"return [{order} for i in {ahead}]", "on_start"))
    run = the_run()
    refusals = run.orders[run.orders["outcome"] == "duplicate_id"]
    assert set(refusals["strategy"]) <= {"bad"}
    assert run.manifest["state"] == "failed" or fills_of(run) == without
