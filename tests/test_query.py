"""Looking into a run: its fills and SQL over its tables, against pandas; and what is refused."""

import math

import pytest

from lobsim.errors import UsageError
from lobsim.report import paths
from lobsim.report.query import VIEWS, count_fills, grouped_fills, own_fills, query
from lobsim.run import run

SETTINGS = {  # a market whose makers also trade with each other, its fills alone, none at all
    "market": (
        "duration_s=0.3", "asset.fees.maker=-0.003", "asset.fees.taker=0.01", "crossing=trade",
        "requote=timer", "requote_ms=5", "asset.price.sigma=20", "wide.half_spread=0.1",
        "tight.half_spread=0.1",
    ),
    "thin": ("duration_s=0.1", "record=fills"),
    "still": ("duration_s=0.1", "asset.flow.A=0"),
}  # fmt: skip


def kept(folder, name):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lobsim.models.world.CHUNK", 50)  # happenings
        patch.setattr("lobsim.tape.PART", 7)  # rows: so that a table has several parts
        return run("quickstart", settings=SETTINGS[name], out=folder / name)


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    return kept(tmp_path_factory.mktemp("runs"), "market")


@pytest.fixture(scope="module")
def own(market):
    """The strategies' fills, by pandas."""
    fills = market.fills
    return fills[fills["strategy"] != "outside"]


def refused(market, sql, *words):
    with pytest.raises(UsageError) as raised:
        query(market, sql)
    (problem,) = raised.value.problems
    assert "\n" not in problem
    assert all(word in problem for word in words), problem


# Fills


def test_fills_are_those_of_the_strategies_in_the_order_of_the_tape(market, own):
    names, rows = own_fills(market)
    assert names == ["time_s", *own.columns]
    assert len(rows) == len(own) > 60
    assert len(list((market.folder / "fills").iterdir())) > 5
    assert [row[1:] for row in rows] == list(own.itertuples(index=False, name=None))
    assert [row[0] for row in rows] == [ns / 1e9 for ns in own["ts_event"]]
    assert own_fills(market, limit=9)[1] == rows[:9]
    assert count_fills(market) == len(own)


def test_a_condition_keeps_what_it_says(market, own):
    _, rows = own_fills(market, "side = 'buy' and price < mid - 0.6 -- a remark")
    kept = own[(own["side"] == "buy") & (own["price"] < own["mid"] - 0.6)]
    assert 0 < len(rows) < len(own)
    assert [row[1] for row in rows] == kept["fill"].tolist()
    assert count_fills(market, "time_s < 0.1") == (own["ts_event"] < 100_000_000).sum()


def test_a_condition_cannot_bring_back_the_outside(market, own):
    assert count_fills(market, "true) or (true") == len(own)


def test_sums_by_group_are_those_of_pandas(market, own):
    names, rows = grouped_fills(market, ["strategy", "side"])
    maker = own[own["liquidity"] == "maker"].groupby(["strategy", "side"], observed=True)
    expected = []
    for key, fills in own.groupby(["strategy", "side"], observed=True):
        lots, spread = fills["size"].sum(), fills["spread_earned"].sum()
        made = maker.get_group(key)
        means = made["queue_ahead"].mean(), made["order_age_ns"].mean() / 1e6
        expected.append([*key, len(fills), lots, spread, spread / lots, fills["fee"].sum(), *means])
    sums = ["fills", "lots", "spread_earned", "spread_per_lot", "fees"]
    assert names == ["strategy", "side", *sums, "mean_queue_ahead", "mean_age_ms"]
    assert {"taker", "maker"} == set(own["liquidity"])
    for row, wanted in zip(rows, sorted(expected), strict=True):
        assert row[:2] == tuple(wanted[:2])
        assert row[2:] == pytest.approx(wanted[2:])


def test_takers_have_no_mean_of_a_queue(market):
    _, rows = grouped_fills(market, ["liquidity"], "liquidity = 'taker'")
    assert rows[0][0] == "taker"
    assert rows[0][-2:] == (None, None)


# SQL


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_the_frame_of_its_name(market, view):
    frame = getattr(market, view)
    frame = frame() if callable(frame) else frame
    names, rows = query(market, f"select * from {view}")
    assert (names, len(rows)) == (list(frame.columns), len(frame))
    for name, column in zip(names, zip(*rows, strict=True), strict=False):
        if frame[name].dtype.kind == "f":
            told = [math.nan if value is None else value for value in column]
            assert told == pytest.approx(frame[name].tolist(), nan_ok=True)
        else:
            assert [value or 0 for value in column] == [value or 0 for value in frame[name]]


def test_only_what_a_query_names_is_made(market, monkeypatch):
    monkeypatch.setattr(paths, "own_quotes", None)
    monkeypatch.setattr(paths, "marked_equity", None)
    assert query(market, "select count(*) from fills")[1][0][0] == len(market.fills)
    with pytest.raises(TypeError):
        query(market, "select * from QUOTES")


def test_names_that_come_twice_are_told_apart(market):
    names, _ = query(market, "select f.size, f.size, o.size from fills f join orders o using (seq)")
    assert names == ["size", "size_2", "size_3"]


@pytest.mark.parametrize("sql", ["describe fills", "explain select 1", "show tables", "from risk"])
def test_simple_questions_other_than_select_are_answered(market, sql):
    names, _ = query(market, sql)
    assert names


def test_one_thread_so_that_sums_of_floats_are_the_same_each_time(market):
    assert query(market, "select current_setting('threads')")[1] == [(1,)]


UNKNOWN = {
    "select strateg from fills": ("unknown column 'strateg'; did you mean 'strategy'?", "fills: f"),
    "select f.sise from fills f": ("unknown column 'sise'; did you mean 'size'?",),
    "select outcom from orders, mids": ("did you mean 'outcome'?", "orders: seq", "mids: seq"),
    "select * from fils": ("unknown table 'fils'; did you mean 'fills'?", "known: fills, orders"),
    "select * fro fills": ('at or near "fills"', "(column 14)"),
    "select *\nfrom fills were size > 1": ('at or near "size"', "(line 2, column 17)"),
    "select 'é', * fro fills": ('at or near "fills"', "(column 19)"),
    "select nosuch(size) from fills": ("nosuch", "(column 8)"),
    "select size + strategy from fills": ("(BIGINT, VARCHAR)", "(column 13)"),
    "": ("one SELECT is wanted, not 0 statements",),
    "select 1; select 2": ("one SELECT is wanted, not 2 statements",),
}


@pytest.mark.parametrize("sql", UNKNOWN)
def test_what_is_wrong_with_a_query_is_told_in_one_line(market, sql):
    refused(market, sql, *UNKNOWN[sql])


HOSTILE = {
    "select * from read_csv('/etc/passwd')": "file system operations are disabled",
    "select * from read_text('run.json')": "file system operations are disabled",
    "select * from '/etc/passwd'": "unknown table",
    "select * from glob('/*')": "file system operations are disabled",
    "select * from market": "unknown table",  # our own variable of that name
    "copy fills to 'out.csv'": "only a SELECT is allowed",
    "explain analyze copy (select 1) to 'out.csv'": "file system operations are disabled",
    "create table out as select 1": "only a SELECT is allowed",
    "drop view fills": "only a SELECT is allowed",
    "insert into fills select * from fills": "only a SELECT is allowed",
    "set enable_external_access = true": "only a SELECT is allowed",
    "attach 'out.db'": "only a SELECT is allowed",
    "install httpfs": "only a SELECT is allowed",
    "pragma threads = 2": "only a SELECT is allowed",
}


@pytest.mark.parametrize("sql", HOSTILE)
def test_nothing_outside_a_run_can_be_read_or_written(market, tmp_path, monkeypatch, sql):
    monkeypatch.chdir(tmp_path)
    refused(market, sql, HOSTILE[sql])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("sze > 1", "unknown column 'sze'; did you mean 'size'?"),
        ("size >", "syntax error at or near"),
        ("true; drop table fills", '";" (column 5)'),
        ("t x", '"x" (column 3)'),
        ("true); drop table fills; select (1", "one SELECT is wanted, not 3 statements"),
        ("fill in (select 1 from read_csv('/etc/passwd'))", "operations are disabled"),
    ],
)
def test_a_condition_that_is_none_is_told_in_one_line(market, where, words):
    for ask in (own_fills, count_fills):
        with pytest.raises(UsageError, match=r"^--where: ") as raised:
            ask(market, where)
        assert words in str(raised.value)
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("column", ["strategi", "lots", 'side", 1 as "x', "1", "count(*)"])
def test_only_columns_make_groups(market, column):
    with pytest.raises(UsageError, match=r"^unknown column"):
        grouped_fills(market, [column])
    with pytest.raises(UsageError, match="--group-by"):
        grouped_fills(market, ["strategy", ""])


def test_a_table_that_a_run_did_not_keep_is_told(tmp_path):
    thin = kept(tmp_path, "thin")
    for view in ("orders", "mids", "quotes"):
        told = f'the run has no {view} (record = "fills", complete)'
        refused(thin, f"select * from {view}", told)
    assert len(query(thin, "select * from equity")[1]) == len(thin.equity)
