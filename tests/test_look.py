"""The commands that look into a run, as a user meets them, and how what they find is printed."""

import csv
import io
import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lobsim.cli import app
from lobsim.console import look
from lobsim.errors import UsageError
from lobsim.report.frames import open_run
from lobsim.report.phrases import away, digits_of, lasting
from lobsim.report.query import query
from lobsim.report.story import story
from lobsim.run import run

LOBSIM = Path(sys.executable).with_name("lobsim")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Empty but for runs/, with a market and, later, one without a fill."""
    folder = tmp_path_factory.mktemp("look")
    for name, setting in {"market": "asset.fees.maker=0.002", "still": "asset.flow.A=0"}.items():
        run("quickstart", settings=("duration_s=0.4", setting), out=folder / "runs" / name)
    return folder


@pytest.fixture(scope="module")
def market(folder):
    return open_run(folder / "runs" / "market")


@pytest.fixture(scope="module")
def own(market):
    fills = market.fills
    return fills[fills["strategy"] != "outside"]


@pytest.fixture
def lobsim(folder, monkeypatch):
    """Run a command there, in this process."""
    monkeypatch.chdir(folder)

    def call(*arguments):
        done = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert done.exit_code == 0
        return done

    return call


# The commands


def test_a_table_of_fills_has_its_run_above_and_says_what_it_leaves_out(lobsim, own):
    first, heading, *rows, last = lobsim("fills", "market").stdout.splitlines()
    assert re.fullmatch(r"market, seed 1, replication 0, \d\d:\d\d", first)
    columns = "time_s strategy side liquidity price size mid spread_earned fee queue_ahead age_ms"
    assert heading.split() == ["fill", *columns.split(), "inventory", "counterparty"]
    assert [int(row.split()[0]) for row in rows] == own["fill"].tolist()[:40]
    assert last == f"... {len(own) - 40} more fills: --limit {len(own)} shows them all"
    assert (
        len(lobsim("fills", "market", "--limit", str(len(own))).stdout.splitlines()) == len(own) + 2
    )


def test_csv_and_json_of_fills_stand_alone_and_have_all_columns(lobsim, own):
    done = lobsim("fills", "runs/market", "--format", "csv")
    assert re.fullmatch(r"market, seed 1, replication 0, \d\d:\d\d\n", done.stderr)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    objects = json.loads(lobsim("fills", "market", "--format", "json").stdout)
    assert len(rows) == len(objects) == len(own)
    assert [{k: str(v) for k, v in each.items()} for each in objects] == rows
    assert [each["fill"] for each in objects] == own["fill"].tolist()
    assert list(objects[0]) == ["time_s", *own.columns]


def test_a_run_without_fills_says_so(lobsim):
    assert lobsim("fills", "still").stdout.splitlines()[1:] == ["no fills"]
    assert lobsim("fills", "still", "--group-by", "side").stdout.splitlines()[1:] == ["no fills"]
    assert json.loads(lobsim("fills", "still", "--format", "json").stdout) == []
    header = lobsim("fills", "still", "--format", "csv").stdout
    assert header.startswith("time_s,fill,seq,")
    assert header.count("\n") == 1


def test_sql_takes_a_run_and_a_query_or_a_query_alone(lobsim):
    count = "select count(*) as n from fills"
    alone = lobsim("sql", count)
    assert alone.stdout.startswith("still, ")  # the latest
    named = lobsim("sql", "market", count, "--format", "json")
    assert json.loads(named.stdout)[0]["n"] > 0
    with pytest.raises(UsageError, match="give the query as one word"):
        lobsim("sql", "select", "*", "from fills")


def test_attribution_adds_up_as_it_is_printed(lobsim, market):
    _, heading, *rows = lobsim("attribution", "market").stdout.splitlines()
    assert heading.split() == ["strategy", "spread", "diffusion", "fees", "profit", "residual"]
    for row in rows:
        _, spread, diffusion, fees, profit, residual = row.split()
        assert Decimal(spread) + Decimal(diffusion) + Decimal(fees) == Decimal(profit)
        assert residual == "0"
    sides = json.loads(lobsim("attribution", "market", "--by", "side", "--format", "json").stdout)
    frame = market.attribution("side")
    assert [list(row.values()) for row in sides] == frame.to_numpy().tolist()
    assert list(sides[0]) == list(frame.columns)


def test_markouts_say_whether_there_is_adverse_selection(lobsim):
    _, heading, *rows, last = lobsim("markouts", "market", "--at", "0.01, 0.1").stdout.splitlines()
    assert heading.split()[:3] == ["strategy", "liquidity", "horizon_s"]
    assert len(rows) == 6
    assert last.startswith("adverse selection: none in this market")
    for wrong in ("1,x", "-1", "nan", "1,,2", "1e99"):
        with pytest.raises(UsageError, match=r"^--at "):
            lobsim("markouts", "market", "--at", wrong)
    assert lobsim("markouts", "still").stdout.splitlines()[1] == "no fills"


def test_measures_have_a_line_each_with_unit_and_error(lobsim, market):
    told = lobsim("measures", "market").stdout.splitlines()[1:]
    lines = {line.split()[0]: line.split(None, 1)[1] for line in told[1:]}
    frame = market.measures()
    assert set(lines) == {name for name in frame.columns[2:] if not name.endswith("_se")}
    assert told[0].split() == frame["strategy"].tolist()
    assert re.fullmatch(r"([\d.]+ \(se [\d.]+\) +){3}currency, of changes .*", lines["cvar"])
    rows = json.loads(lobsim("measures", "market", "--format", "json").stdout)
    assert [row["lots"] for row in rows] == frame["lots"].tolist()
    asked = lobsim("sql", "market", "select strategy, lots from measures", "--format", "json")
    assert [row["lots"] for row in json.loads(asked.stdout)] == frame["lots"].tolist()


def test_an_error_is_one_line_and_exit_code_2(folder):
    command = [LOBSIM, "sql", "market", "select sze from fills"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("error: unknown column 'sze'; did you mean 'size'?; fills: fill")


# What is printed


def test_a_run_is_named_with_its_local_time_and_the_date_if_not_today(market, monkeypatch):
    now = datetime.now(UTC)
    monkeypatch.setitem(market.manifest, "started", now.isoformat())
    assert look.which(market) == f"market, seed 1, replication 0, {now.astimezone():%H:%M}"
    before = now - timedelta(days=3)
    monkeypatch.setitem(market.manifest, "started", before.isoformat())
    monkeypatch.setitem(market.manifest, "state", "interrupted")
    told = f"market, seed 1, replication 0, {before.astimezone():%Y-%m-%d %H:%M}, interrupted"
    assert look.which(market) == told


def test_values_of_any_kind_become_json_without_nan(market, capsys):
    sql = """
        select 1, null as b, 'nan'::double as c, 'inf'::float as d, 1.50::decimal(4,2) as e,
        [1, 0.5] as f, {'x': 1} as g, true as h, date '2026-01-02' as i, 12345678901234567890 as j
    """
    look.show(*query(market, sql), "json")
    (row,) = json.loads(capsys.readouterr().out)
    assert list(row.values()) == [
        1, None, None, None, 1.5, [1, 0.5], {"x": 1}, True, "2026-01-02", 12345678901234567890,
    ]  # fmt: skip
    look.show(*query(market, sql), "csv")
    assert capsys.readouterr().out.splitlines()[1].startswith("1,,,,1.5,")


def test_words_that_look_like_markup_or_pictures_stay_as_they_are(market, capsys):
    for form in ("table", "csv", "json"):
        look.show(["word"], [("[red] :smile:",)], form)
        assert "[red] :smile:" in capsys.readouterr().out


def test_a_column_has_the_digits_that_its_numbers_need():
    assert look.cells("x", [0.5, 12.25, None, 3.0]) == [" 0.50", "12.25", "    -", " 3.00"]
    assert look.cells("x", [1.0, 100.0]) == ["  1", "100"]
    assert look.cells("x", [0.1 + 0.2, 1e-9, 2e15]) == ["  0.3", "1e-09", "2e+15"]
    assert look.cells("long", [1, 23]) == ["   1", "  23"]
    assert look.cells("x", ["a", "bcd"]) == ["a", "bcd"]


def test_a_long_table_is_cut_and_says_so(capsys):
    look.show(["n"], [(i,) for i in range(1003)], "table")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1002
    assert lines[-1] == "... 3 more rows: --format csv or json gives them all"


def test_words_for_numbers():
    assert [digits_of(tick) for tick in (1, 0.5, 0.25, 0.01, 1e-06, 10)] == [0, 1, 2, 2, 6, 0]
    assert away(99.65, 100.3228, 0.01) == "0.673 below the mid 100.323 (67.3 ticks)"
    assert away(100.0, 100.0004, 0.01) == "at the mid 100.000"
    assert [lasting(n) for n in (7, 1_500, 2_000_000, 3 * 10**9)] == [
        "7 ns",
        "1.5 us",
        "2 ms",
        "3 s",
    ]


# Stories


def test_every_fill_of_a_market_has_its_story(market):
    for row in market.fills.head(60).to_dict("records"):
        lines = story(market, row["fill"])
        times = [line["time_s"] for line in lines if line["time_s"] is not None]
        assert times == sorted(times)
        (this,) = (line for line in lines if line["what"].startswith(f"fill {row['fill']}: "))
        assert this["time_s"] == row["ts_event"] / 1e9
        assert f"at {row['price']:.2f}" in this["what"]


def test_a_story_is_printed_with_its_times_or_as_json(lobsim, market):
    told = story(market, 5)
    assert json.loads(lobsim("explain", "market", "--fill", "5", "--format", "json").stdout) == told
    first, *lines = lobsim("explain", "market", "--fill", "5").stdout.splitlines()
    assert first.startswith("market, seed 1, replication 0, ")
    assert lines[:-1] == [f"{line['time_s']:.6f} s  {line['what']}" for line in told[:-1]]


def test_a_fill_that_is_not_there_is_told_with_those_that_are(folder, market):
    count = len(market.fills)
    for number in (0, -1, count + 1):
        with pytest.raises(UsageError, match=f"^--fill {number}: the run has fills 1 to {count}$"):
            story(market, number)
    with pytest.raises(UsageError, match=r"^--fill 1: the run has no fills$"):
        story(open_run(folder / "runs" / "still"), 1)
