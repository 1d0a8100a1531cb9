"""Latency at random: what holds whatever the delays, and whose numbers they are."""

from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import lobsim.assembly
from far import TIMER, far
from lobsim.kernel.remote import Remote
from lobsim.kernel.wire import LateWire
from lobsim.market.messages import Trade
from lobsim.setup import prepare
from lobsim.simulate import simulate
from market import by_the_book, nothing, quoting, run_day, scenario, seated, trader

BUSY = (
    *TIMER, "asset.tick=1", 'asset.price={model="brownian", sigma=30000, step_ms=0.00001}',
    'asset.flow={model="poisson", A=5e7, k=0.2, size={model="geometric", mean=3}}',
)  # fmt: skip
TIMES = st.sampled_from([0, 0, 7, 30, 100, 350, 1000])
DELAYS = TIMES | st.one_of(
    st.builds(
        lambda median, sigma: {"model": "lognormal", "median_ms": median, "sigma": sigma},
        st.sampled_from([2e-6, 1e-5, 1e-4]), st.sampled_from([0, 0.5, 2, 30]),
    ),
    st.just({"model": "empirical", "values_ms": [0, 4e-5, 2e-4], "weights": [1, 5, 2]}),
)  # fmt: skip
WIRES = st.dictionaries(st.sampled_from(["data", "orders", "acks"]), DELAYS)
RULES = st.sampled_from(
    [
        (), ('crossing="trade"',), ('crossing="refuse"', 'self_trade="cancel_both"'),
        ("risk.max_loss=60", "risk.cooldown_s=1e-7", "risk.on_halt='flatten'"),
        ("risk.max_drawdown=90", "risk.reduce_at=0.2"), ("end.inventory='close'",),
    ]
)  # fmt: skip


class Recorded(Remote):
    """Notes what is sent and heard at each end, and when."""

    made: list["Recorded"] = []  # noqa: RUF012

    def __init__(self, *parts):
        self.heard = {}
        self.wires = []
        super().__init__(*parts)
        self.made.append(self)

    def _wire(self, latency, deliver):
        heard = self.heard.setdefault(deliver.__name__, [])

        def delivered(message):
            heard.append((self._exchange.clock.now, message))
            deliver(message)

        wire = super()._wire(latency, delivered)
        self.wires.append((deliver.__name__, wire))
        return wire


def makers(*names):
    return [
        trader([], name, on_quote=quoting(2 + i, 2 + i, size=3), on_fill=nothing, on_mid=nothing)
        for i, name in enumerate(names)
    ]


@settings(max_examples=60, deadline=None)
@given(ann=WIRES, bob=WIRES, rules=RULES, seed=st.integers(0, 99))
def test_whatever_the_latencies(ann, bob, rules, seed):
    """The audit holds books, ledger, profit and inventory limit to their rules throughout."""
    setup = seated(prepare(scenario(*BUSY, "risk.max_inventory=4", *rules)), makers("ann", "bob"))
    Recorded.made = []
    with patch.object(lobsim.assembly, "Remote", Recorded):
        day = run_day(far(setup, {"ann": ann, "bob": bob}), seed)
    assert all(max(abs(s.lowest), abs(s.highest)) <= 4 for s in day.summaries.values())
    for remote in Recorded.made:
        for name, wire in remote.wires:
            times = [time for time, _ in remote.heard[name]]
            assert times == sorted(times)
            if isinstance(wire, LateWire):
                assert not times or times[-1] < 1000
                assert wire.arrived == len(times)
                assert wire.sent - wire.arrived >= 0
                assert name != "_arrive" or remote.under_way() == wire.sent - wire.arrived
        # What it knows is what it was told, and in the end nothing more is under way than was sent.
        replies = [reply for _, reply in remote.heard["_hear"]]
        fills = sum(type(event) is Trade for reply in replies for event in reply.events)
        assert fills <= day.summaries[["ann", "bob"][remote.knowledge.risk.number - 1]].fills * 2
        if replies:
            assert remote.knowledge.risk.account.inventory == replies[-1].inventory


@settings(max_examples=20, deadline=None)
@given(data=DELAYS, seed=st.integers(0, 99))
def test_a_far_book_is_the_exchange_s_of_a_while_ago(data, seed):
    """Its state is always one that the exchange's book had, each later than the one before."""
    states, looks = [], []

    def look(desk):
        looks.append(desk._book.digest())
        return desk.quote(bid_depth=3, ask_depth=3)

    ann, bob = trader([], "ann", on_quote=look), trader([], "bob", on_quote=quoting(2, 4))
    before = lobsim.assembly.exchange_of

    def watched(*parts):
        exchange = before(*parts)
        states.append(exchange.book.digest())
        exchange.feeds.append(lambda data: states.append(exchange.book.digest()))
        return exchange

    setup = far(seated(prepare(scenario(*BUSY)), [ann, bob]), {"ann": {"data": data}})
    with patch.object(lobsim.assembly, "exchange_of", watched):
        simulate(setup, seed, 0)
    at = 0
    for state in looks:
        at = states.index(state, at)


LOGNORMAL = {"model": "lognormal", "median_ms": 1e-5, "sigma": 0.7}


def sent_by_cat(latency):
    """When the orders of a trader beyond everybody's reach arrive."""
    cat = trader([], "cat", on_quote=quoting(80, 80))
    setup = seated(prepare(scenario(*BUSY)), [*makers("ann", "bob"), cat])
    day = run_day(far(setup, {"cat": {"orders": LOGNORMAL}, "ann": latency}), 3)
    return [row.time for row in day.of("cat")], day.mids


def test_one_trader_s_latency_leaves_the_others_numbers_as_they_were():
    near = sent_by_cat({})
    assert len(near[0]) > 10
    for wire in ("orders", "acks", "data"):
        assert sent_by_cat({wire: LOGNORMAL}) == near


def test_latencies_are_drawn_once_a_message_from_the_wire_s_own_stream():
    times, _ = sent_by_cat({})
    draws = 10 * np.exp(0.7 * by_the_book(3, 0, "latency/cat/orders").standard_normal(100)) + 0.5
    arrival, asked = [], np.repeat(np.arange(0, 1000, 100), 2)
    for now, draw in zip(asked, draws.astype(int), strict=False):
        arrival.append(max(now + draw, arrival[-1] if arrival else 0))
    assert times == [int(time) for time in arrival if time < 1000]
