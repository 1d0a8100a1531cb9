"""Limits over several accounts: the portfolio of one strategy, and groups of strategies."""

import math

import numpy as np
import pytest
from scipy import stats

import lobsim
from lobsim.models.exposure import pool_exposure
from lobsim.models.world import END, JUMP, MOVE, Happening
from lobsim.rows import CAUSES, STATES
from lobsim.scenario.schema import Group
from lobsim.setup import prepare
from market import T, nothing, quoting, run_day, scenario, seated, sells, trader
from pairs import PAIR, two

SECOND = 1_000_000_000
HOLDER = """
    [[strategy]]
    name = "holder"
    plugin = "fixed-spread"
    params = { half_spread = 1 }
    assets = ["eth"]
    inventory = 10
    [[strategy]]
    name = "pair"
    plugin = "glft-pair"
    params = { gamma = 0.05 }
    inventory = { eth = 4, btc = -2 }
"""


def instant(time, eth, btc, kind=MOVE):
    """Both mids at one time, in ticks."""
    return [
        Happening(time, kind, 0, 0, 0, 0, eth, 0),
        Happening(time, kind, 0, 0, 0, 0, btc, 1),
    ]


def day_of(setup, *instants):
    """A market of `two` in which the mids go this way, and nobody trades."""
    *_, last = instants
    end = instant(2 * SECOND, last[1], last[2], END)
    world = [[h for each in instants for h in instant(*each)] + end]
    return run_day(setup, world=world)


def transitions(day):
    """(time, account, state, cause, figure, limit) as the tape has them."""
    return [
        (int(row["ts_event"]), day.names[row["account"]], STATES[row["state"]],
         CAUSES[row["cause"]], int(row["figure"]), int(row["limit"]))
        for row in day.tables.get("risk", ())
    ]  # fmt: skip


def test_a_portfolio_is_judged_when_all_mids_have_moved(tmp_path):
    # 4 eth and -2 btc: +200 and +100 ticks are 8 and -10 currency.  Between the two moves of the
    # first instant the account seems 2 currency richer or 10 poorer than it ever was.
    strategies = HOLDER.replace("inventory = 10", "")
    setup = prepare(two(tmp_path, "risk.max_drawdown=9", strategies=strategies))
    day = day_of(setup, (1000, 10_200.0, 8100.0), (2000, 10_000.0, 8100.0))
    assert day.summaries["pair"].drawdown == pytest.approx(10)
    told = transitions(day)
    # In ticks of each asset, whole 1/1000 of them: 10 currency are 1000 ticks of eth, 200 of btc.
    assert told == [
        (2000, "pair", "halted", "portfolio drawdown", 1_000_000, 900_000),
        (2000, "pair", "halted", "portfolio drawdown", 200_000, 180_000),
    ]


def test_a_fall_in_one_asset_that_the_other_makes_good_halts_nobody(tmp_path):
    strategies = HOLDER.replace("inventory = 10", "")
    setup = prepare(two(tmp_path, "risk.max_drawdown=9", strategies=strategies))
    day = day_of(setup, (1000, 9_500.0, 7_800.0))  # -20 and +20
    assert transitions(day) == []
    assert day.summaries["pair"].profit == pytest.approx(0)
    assert dict(day.summaries["pair"].by_asset) == pytest.approx({"eth": -20, "btc": 20})


def test_a_halt_takes_the_orders_from_every_book_and_flattens_each_account(tmp_path):
    settings = ["risk.max_drawdown=9", "risk.on_halt=flatten", "risk.close_cost=0.1"]
    strategies = HOLDER.replace("inventory = 10", "")
    day = day_of(prepare(two(tmp_path, *settings, strategies=strategies)), (1000, 9_500.0, 8000.0))
    closed = [row for row in day.orders if row.kind == "close"]
    assert [(row.side, row.size, row.price) for row in closed] == [(-1, 4, 9490), (1, 2, 8002)]
    summary = day.summaries["pair"]
    assert (summary.inventory, summary.halts) == (0, 1)
    assert summary.profit == pytest.approx(-20 - 6 * 0.1)


def test_a_portfolio_comes_back_from_its_cool_down_with_all_its_accounts(tmp_path):
    settings = ["risk.max_drawdown=9", "risk.cooldown_s=0.5"]
    strategies = HOLDER.replace("inventory = 10", "")
    setup = prepare(two(tmp_path, *settings, strategies=strategies))
    late = SECOND  # long after the cool-down: 8 more are lost, then 2
    day = day_of(
        setup, (1000, 9_500.0, 8000.0), (late, 9_300.0, 8000.0), (late + 1000, 9_250.0, 8000.0)
    )
    states = [(time, state) for time, _, state, *_ in transitions(day)]
    back = 1000 + SECOND // 2
    assert states == [
        (1000, "halted"), (1000, "cooling"), (1000, "halted"), (1000, "cooling"), (back, "ok"),
        (back, "ok"), (late + 1000, "halted"), (late + 1000, "cooling"), (late + 1000, "halted"),
        (late + 1000, "cooling"), (late + back, "ok"), (late + back, "ok"),
    ]  # fmt: skip


def test_a_portfolio_may_only_reduce_until_it_has_recovered(tmp_path):
    settings = ["risk.max_drawdown=20", "risk.reduce_at=0.5"]
    strategies = HOLDER.replace("inventory = 10", "")
    setup = prepare(two(tmp_path, *settings, strategies=strategies))
    day = day_of(setup, (1000, 9_700.0, 8000.0), (2000, 9_900.0, 8000.0))
    assert [(time, state, cause) for time, _, state, cause, *_ in transitions(day)] == [
        (1000, "reduce_only", "portfolio drawdown"), (1000, "reduce_only", "portfolio drawdown"),
        (2000, "ok", "recovered"), (2000, "ok", "recovered"),
    ]  # fmt: skip


def test_a_group_halts_all_its_members_for_good(tmp_path):
    groups = '\n[group.desk]\nstrategies = ["holder", "pair"]\nmax_loss = 50\n'
    settings = ["risk.cooldown_s=0.1"]
    setup = prepare(two(tmp_path, *settings, strategies=HOLDER + groups))
    # 14 eth: -56 currency, of which the pair's btc make 10 good; then 4 more go.
    day = day_of(setup, (1000, 9_600.0, 7_900.0), (2000, 9_600.0, 7_945.0))
    assert {(time, name, state) for time, name, state, *_ in transitions(day)} == {
        (2000, "holder", "halted"), (2000, "pair", "halted"),
    }  # fmt: skip
    assert {cause for *_, cause, _, _ in transitions(day)} == {"group loss"}
    assert [day.summaries[name].halts for name in ("holder", "pair")] == [1, 1]


def test_a_group_of_one_asset_shares_an_inventory_limit(tmp_path):
    log = []
    pair = [
        trader(log, name, on_start=quoting(1, 1, 3), on_quote=nothing) for name in ("ann", "bob")
    ]
    happenings = [*(sells(time, 90, 6) for time in (100, 200)), Happening(T, END, 0, 0, 0, 0, 100)]

    def day(groups):
        given = scenario().model_copy(update={"group": groups})
        return run_day(seated(prepare(given), pair), world=[happenings])

    free = day({})
    assert [free.summaries[name].inventory for name in ("ann", "bob")] == [3, 3]
    held = day({"desk": Group(strategies=["ann", "bob"], max_inventory=4)})
    # Both decide on one snapshot: one got 3 lots into the book, and 3 more would be 6.
    assert sorted(held.summaries[name].inventory for name in ("ann", "bob")) == [0, 3]
    outcomes = [row.outcome for row in held.orders if row.kind == "limit"]
    assert outcomes.count("inventory_limit") == 2
    cut = [
        trader(log, name, on_start=nothing, on_quote=quoting(1, 1, 3)) for name in ("ann", "bob")
    ]
    group = {"desk": Group(strategies=["ann", "bob"], max_inventory=4)}
    given = scenario("requote=timer", "requote_ms=0.0001").model_copy(update={"group": group})
    later = run_day(seated(prepare(given), cut), world=[happenings])
    # Who comes second finds room for one lot more at the next question.
    assert sorted(later.summaries[name].inventory for name in ("ann", "bob")) == [1, 3]


def test_jumps_are_judged_at_once(tmp_path):
    strategies = HOLDER.replace("inventory = 10", "")
    setup = prepare(two(tmp_path, "risk.max_loss=9", strategies=strategies))
    jump = Happening(1000, JUMP, 0, 0, 0, 0, 9_000.0, 0)
    world = [[*instant(1000, 10_000.0, 8000.0), jump, *instant(2 * SECOND, 9_000.0, 8000.0, END)]]
    assert transitions(run_day(setup, world=world))[0][:4] == (
        1000, "pair", "halted", "portfolio loss",
    )  # fmt: skip


def test_var_of_several_assets_is_that_of_their_joint_law(tmp_path):
    """Against the quadratic form in numpy, and against 400,000 drawn losses."""
    mu = ["asset.eth.price.mu=0.5", "asset.btc.price.mu=-1"]
    setup = prepare(two(tmp_path, *mu))
    held, level, weights = (7, -3), 0.95, [listing.weight for listing in setup.listings]
    assert weights == [1, 5]  # a tick of 0.05 is five of 0.01
    look = pool_exposure(
        setup.plan, level, weights, [lambda: 10_000.0, lambda: 8000.0],
        [lambda i=i: held[i] for i in range(2)],
    )  # fmt: skip
    var, cvar = (value / 1000 * 0.01 for value in look(SECOND // 2))
    h, q = 1.5, np.array(held)
    sigma = np.array([[4, 0.8 * 8], [0.8 * 8, 16]])
    drift, deviation = -q @ [0.5, -1] * h, math.sqrt(q @ sigma @ q * h)
    z = stats.norm.ppf(level)
    assert var == pytest.approx(drift + z * deviation, rel=1e-6)
    assert cvar == pytest.approx(drift + deviation * stats.norm.pdf(z) / 0.05, rel=1e-6)
    rng = np.random.default_rng(1)
    moves = rng.multivariate_normal([0.5 * h, -1 * h], sigma * h, 400_000)
    losses = -moves @ q
    assert np.mean(losses > var) == pytest.approx(0.05, abs=4 * math.sqrt(0.05 * 0.95 / 400_000))


def test_a_var_limit_looks_at_the_portfolio(tmp_path):
    strategies = HOLDER.replace("inventory = 10", "")
    sigma = np.array([[4, 6.4], [6.4, 16]])
    q = np.array([4, -2])
    var = stats.norm.ppf(0.99) * math.sqrt(q @ sigma @ q * 2)
    for limit, halted in ((var * 0.99, True), (var * 1.01, False)):
        setup = prepare(two(tmp_path, f"risk.max_var={limit:.6f}", strategies=strategies))
        causes = {row[3] for row in transitions(day_of(setup, (1000, 10_000.0, 8000.0)))}
        assert causes == ({"portfolio var"} if halted else set())


def test_a_run_says_which_limit_it_was(tmp_path, capsys):
    group = '\n[group.desk]\nstrategies = ["holder", "pair"]\nmax_drawdown = 5\n'
    run = lobsim.run(two(tmp_path, strategies=HOLDER + group), out=tmp_path / "run")
    risk = run.risk
    assert set(risk.cause) == {"group drawdown"}
    assert set(zip(risk.strategy, risk.asset, strict=True)) == {
        ("holder", "eth"), ("pair", "eth"), ("pair", "btc"),
    }  # fmt: skip
    assert np.allclose(risk.limit, 5)
    assert (risk.figure > 5).all()


def test_groups_are_halted_alike_by_both_engines(tmp_path):
    text = 'group.desk={strategies=["a-s","tight"],max_drawdown=1}'
    runs = [
        lobsim.run("quickstart", settings=[text], engine=engine, out=tmp_path / engine)
        for engine in ("event", "compiled")
    ]
    together = runs[1].risk.query("cause == 'group drawdown'")
    assert together.strategy.tolist() == ["a-s", "tight"]
    assert runs[0].manifest["digest"] == runs[1].manifest["digest"]


def test_a_strategy_of_several_assets_needs_the_event_engine(tmp_path):
    with pytest.raises(lobsim.errors.UsageError, match="'pair' gives no quote table"):
        lobsim.run(two(tmp_path, strategies=PAIR), engine="compiled", out=tmp_path / "run")
