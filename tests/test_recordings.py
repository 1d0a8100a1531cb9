"""The commands on recordings in other formats than LOBSTER's."""

import json
import re

import pytest

import lobsim
import made_days
import made_formats
from lobsim.cli import main
from lobsim.data.export import export
from lobsim.data.messages import TRADE
from lobsim.setup import open_scenario
from pairs import PAIR, two
from test_databento import SAMPLES, SEVERAL
from test_reader_errors import databento


@pytest.fixture
def run(capsys, monkeypatch):
    """Run a command line: its exit code, stdout and stderr."""

    def call(*words):
        monkeypatch.setattr("sys.argv", ["lobsim", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return ended.value.code, told.out, told.err

    return call


def test_a_replay_says_what_the_file_was_taken_for(run):
    wanted = json.loads(run("replay", SAMPLES / "message.csv", "--format", "json")[1])
    for name, taken, form in (
        ("databento.csv", "Databento's market by order, in CSV", "databento"),
        ("databento_fixed.csv.gz", "Databento's market by order, in CSV", "databento"),
        ("by_order.npz", "hftbacktest's events", "hftbacktest"),
    ):
        code, told, aside = run("replay", SAMPLES / name, "--format", "json")
        assert code == 0
        assert aside.splitlines()[0] == f"{name} is taken for {taken} (--from {form})"
        found = json.loads(told)
        assert found[0] | {"seconds": 0} == wanted[0] | {"seconds": 0}
        _, told, aside = run("replay", SAMPLES / name, "--from", form)
        assert " is taken for " not in aside
        assert told.startswith("60 messages of 3.")


def test_the_compiled_book_takes_them_too(run):
    _, told, _ = run("replay", SAMPLES / "databento.csv", "--engine", "compiled")
    digest = re.search(r"digest (\w+)", told).group(1)
    assert digest in run("replay", SAMPLES / "message.csv")[1]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("replay", "by_price.npz"), 2, "has no orders, only prices: `lobsim calibrate` reads it"),
        (("calibrate", "trades.csv", "--from", "csv"), 2, "--from csv: give --columns, a map of"),
        (("replay", "databento.csv", "--book", "x"), 2, "--book: not for Databento's market by"),
        (("replay", "databento.csv", "--tick", "0.03"), 5, "csv:2: price = 99.86: no whole number"),
        (("replay", "databento.csv", "--size-step", "2"), 2, "--size-step: not for Databento's"),
        (("replay", "trades.csv"), 5, ":1: 4 columns, must be time, type, order_id, size, price"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(run, words, code, told):
    found, out, aside = run(words[0], SAMPLES / words[1], *words[2:])
    lines = [line for line in aside.splitlines() if " is taken for " not in line]
    assert (found, out, len(lines)) == (code, "", 1)
    assert told in lines[0]


def test_one_instrument_of_several_is_replayed(run, tmp_path):
    path = databento(tmp_path, *SEVERAL).path
    code, _, aside = run("replay", path)
    assert code == 2
    assert aside.endswith("8:2 (BORN), 8:39 (BORN): choose with --instrument\n")
    code, told, _ = run("replay", path, "--instrument", "BORN:39")
    assert code == 0
    assert told.startswith("1 messages of 0.0 s")


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """A day whose sigma, A and k are known, as LOBSTER's files and as plain CSV."""
    folder = tmp_path_factory.mktemp("day")
    made_days.write_day(folder, 3, span_s=600)
    messages, book = made_days.made_day(3, span_s=600)
    times, sizes, prices = (
        column.tolist() for column in (messages.time_ns, messages.size, messages.price)
    )
    trades, quotes = ["when,price,size,taker"], ["when,bid,ask"]
    for i, (ask, _, bid, _) in enumerate(book[:, 0].tolist()):
        if messages.kind[i] == TRADE:
            taker = "S" if messages.side[i] == 1 else "B"
            trades.append(f"{times[i]},{prices[i] / 100},{sizes[i]},{taker}")
        else:
            quotes.append(f"{times[i]},{bid / 100},{ask / 100}")
    (folder / "trades.csv").write_text("\n".join(trades) + "\n")
    (folder / "quotes.csv").write_text("\n".join(quotes) + "\n")
    (folder / "columns.toml").write_text(made_formats.MAP)
    return folder


def figures(text):
    return {(row["figure"], row["unit"]): row["value"] for row in json.loads(text)}


def test_trades_and_quotes_give_a_scenario(run, day, tmp_path):
    """The figures of LOBSTER's files, which hold the truth (test_calibrate.py)."""
    out = tmp_path / "made.toml"
    code, told, aside = run(
        "calibrate", day / "trades.csv", "--quotes", day / "quotes.csv",
        "--columns", day / "columns.toml", "--out", out, "--format", "json",
    )  # fmt: skip
    assert code == 0
    assert aside.splitlines()[0] == (
        "trades.csv is taken for trades and quotes, in CSV (--from csv)"
    )
    wanted = run(
        "calibrate", day / "message_1.csv", "--book", day / "orderbook_1.csv", "--format", "json"
    )
    assert figures(told) == pytest.approx(figures(wanted[1]), rel=1e-6)
    assert float(open_scenario(str(out)).asset.tick) == 0.01
    assert "in the market of trades.csv and quotes.csv?" in comments(out)
    assert "One lot is 100 shares and prices are per share: money here is 1/100 of" in comments(out)


def comments(path):
    return " ".join(line[2:] for line in path.read_text().splitlines() if line[:1] == "#")


def test_sizes_in_steps_are_told_in_the_files_own_unit(run, day, tmp_path):
    """The same trades in tenths: sizes are a tenth, and so is a lot."""
    lines = (day / "trades.csv").read_text().splitlines()
    cells = [line.split(",") for line in lines[1:]]
    tenths = [f"{time},{price},{int(size) / 10},{side}" for time, price, size, side in cells]
    (tmp_path / "trades.csv").write_text("\n".join([lines[0], *tenths]) + "\n")
    how = ("--quotes", day / "quotes.csv", "--columns", day / "columns.toml", "--format", "json")
    out = tmp_path / "made.toml"
    ours = figures(
        run("calibrate", tmp_path / "trades.csv", *how, "--size-step", 0.1, "--out", out)[1]
    )
    theirs = figures(run("calibrate", day / "trades.csv", *how)[1])
    assert ours.pop(("size", "shares")) == pytest.approx(theirs.pop(("size", "shares")) / 10)
    assert ours == theirs
    assert "One lot is 10 shares and prices are per share: money here is 1/10 of" in comments(out)


def test_facts_are_those_of_lobsters_files_whatever_the_format(run, day, tmp_path):
    """By price no level is seen but the best, and plain CSV without sizes says nothing of it."""

    def facts(*words):
        code, told, aside = run("facts", "--data", *words, "--lot", 1, "--format", "json")
        assert code == 0, aside
        rows = json.loads(told)
        return {row["fact"]: row["value"] for row in rows if row["value"] is not None}

    settings = ["duration_s=20", "risk.max_drawdown=1e9"]
    kept = lobsim.run("quickstart", settings=settings, out=tmp_path / "run")
    lobsters = export(kept, "lobster", tmp_path / "lobster", 5)
    by_price, by_order = export(kept, "hftbacktest", tmp_path / "hftbacktest", 5)
    wanted = facts(lobsters[0], "--book", lobsters[1])
    assert facts(by_order) == wanted
    told = facts(by_price)
    assert {name for name in wanted if name not in told} == {
        "depth, levels 2-5", "depth behind the touch",
    }  # fmt: skip
    assert told == pytest.approx({name: wanted[name] for name in told}, rel=1e-6)
    plain = ("--quotes", day / "quotes.csv", "--columns", day / "columns.toml")
    wanted = facts(day / "message_1.csv", "--book", day / "orderbook_1.csv")
    depth = wanted.pop("depth at the touch")
    assert depth == 100
    assert facts(day / "trades.csv", *plain) == pytest.approx(wanted, rel=1e-6)


def test_a_run_of_several_assets_goes_out_as_hftbacktests(run, tmp_path):
    kept = lobsim.run(two(tmp_path, strategies=PAIR), out=tmp_path / "run")
    code, told, _ = run(
        "export", kept.folder, "--to", "hftbacktest", "--out", tmp_path / "out"
    )  # fmt: skip
    assert code == 0
    files = told.splitlines()
    names = ["eth/by_price.npz", "eth/by_order.npz", "btc/by_price.npz", "btc/by_order.npz"]
    assert [line.partition("out/")[2] for line in files] == names
    for path, tick in zip(files, (0.01, 0.01, 0.05, 0.05), strict=True):
        if "by_order" in path:
            _, told, _ = run("replay", path, "--tick", tick)
            assert "0 of unknown orders, 0 refused, 0 times crossed" in told
