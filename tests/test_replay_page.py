"""The replay page: its books against the market's own, what is left out, odd runs."""

import math
import random
import re
from collections import Counter

import pytest

from kept_runs import cut_off
from lobsim.errors import UsageError
from lobsim.market.units import SelfTrade
from lobsim.report import replay_page as module
from lobsim.report.frames import Run
from lobsim.report.replay_page import replay_page
from lobsim.report.story import story
from lobsim.run import run
from replayed import BOOK, FILL, Asset, books, unpacked

SCENARIOS = {  # the market has partial fills, trades between makers, self-trades and queues
    "market": ("quickstart", (
        "duration_s=0.3", "crossing=trade", "requote=timer", "requote_ms=5",
        "asset.price.sigma=20", "wide.half_spread=0.1", "tight.half_spread=0.1",
        "asset.flow.size={model='geometric', mean=3}",
    )),
    "rests": ("quickstart", (
        "duration_s=0.3", "crossing=trade", "requote=timer", "requote_ms=5",
        "asset.price.sigma=20", "wide.half_spread=0.1", "wide.size=5", "tight.half_spread=0.1",
    )),
    "depth": ("depth", ("duration_s=1",)),
    "pairs": ("pairs", ("duration_s=1",)),
    "latency": ("latency", ("duration_s=0.1",)),
    "prevented": ("snipers", ("duration_s=0.3", "self_trade=cancel_maker")),
}  # fmt: skip


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Runs by name, each made once."""
    made, folder = {}, tmp_path_factory.mktemp("runs")

    def of(name):
        if name not in made:
            scenario, settings = SCENARIOS[name]
            made[name] = run(scenario, settings=settings, out=folder / name)
        return made[name]

    return of


def same_books(opened, page, asset, number, times):
    shown = Asset(page, number)
    rule = SelfTrade(opened.manifest["scenario"]["self_trade"])
    seen = 0
    for time, book in zip(times, books(opened, asset, times, rule), strict=True):
        assert shown.book(time) == book, time
        seen += sum(map(len, book.values()))
    assert seen


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_book_of_the_page_is_the_market_s_at_any_time(kept, name):
    opened = kept(name)
    scenario = opened.manifest["scenario"]
    end, chance = round(scenario["duration_s"] * 1e9), random.Random(5)
    spans = [(None, None), (0.3 * scenario["duration_s"], 0.7 * scenario["duration_s"])]
    assets = ["asset"] if "tick" in scenario["asset"] else [*scenario["asset"]]
    for start, stop in spans:
        page = replay_page(opened, start, stop)
        low, high = round((start or 0) * 1e9), end if stop is None else round(stop * 1e9)
        times = sorted([low, high, *(chance.randrange(low, high) for _ in range(25))])
        for number, asset in enumerate(assets):
            same_books(opened, page, asset, number, times)


@pytest.mark.parametrize("name", ["market", "depth", "latency"])
def test_a_thinned_page_is_right_at_the_instants_it_names(kept, name, monkeypatch):
    opened = kept(name)
    monkeypatch.setattr(module, "MOST", 600)
    page = replay_page(opened)
    shown = Asset(page)
    assert len(shown.times) <= 600 < sum(opened.manifest["rows"].values())
    instants = int(re.search(r"exact at ([\d,]+) instants", page)[1].replace(",", ""))
    wide = shown.head["end"] / instants
    same_books(opened, page, "asset", 0, [round(k * wide) - 1 for k in range(1, instants)])
    fills = opened.fills["fill"][::2]
    each = re.search(r"one of (\d+) fills", page)
    assert shown.columns["fill.number"] == fills[:: int(each[1]) if each else 1].tolist()


def test_nothing_is_left_out_of_a_run_that_fits(kept):
    opened = kept("market")
    rows = opened.manifest["rows"]
    shown = Asset(replay_page(opened))
    assert "Thinned" not in replay_page(opened)
    assert len(shown.times) == sum(rows.values()) - rows["fills"] // 2
    fills = opened.fills
    maker = fills[fills["fill"] % 2 == 1]
    assert shown.columns["fill.price"] == maker["price_ticks"].tolist()
    assert shown.columns["fill.held"] == maker["inventory"].tolist()
    bought = [1 if side == "buy" else -1 for side in maker["taker_side"]]
    assert shown.columns["fill.side"] == bought
    mids = opened.mids["mid"] / 0.01 * 1000
    assert shown.columns["mid.mid"] == pytest.approx(mids.tolist(), abs=0.5)


@pytest.mark.parametrize("name", ["rests", "prevented"])
def test_no_step_from_event_to_event_shows_a_crossed_book(kept, name):
    """An order that trades first and rests then is in the book after its trades."""
    shown, orders, at = Asset(replay_page(kept(name))), {}, Counter()
    c, rested = shown.columns, 0
    for kind in shown.kinds:
        i = at[kind]
        at[kind] += 1
        if kind == BOOK:
            order = c["book.order"][i]
            orders[order] = [c["book.price"][i], c["book.open"][i]]
        elif kind == FILL and (order := c["fill.order"][i]) in orders:
            orders[order][1] -= c["fill.size"][i]
            rested += 1
        best = {
            side: max((side * price for n, (price, left) in orders.items()
                       if left > 0 and c["order.side"][n] == side), default=-math.inf)
            for side in (1, -1)
        }  # fmt: skip
        assert best[1] + best[-1] < 0
    assert rested


def test_stories_are_those_of_explain(kept, monkeypatch):
    opened = kept("market")
    told = unpacked(replay_page(opened), "stories")[0]["stories"]
    fills = opened.fills
    own = fills.loc[fills["strategy"] != "outside", "fill"].tolist()
    assert sorted(map(int, told)) == own
    for number in own[::9]:
        expected = [[line["time_s"], line["what"]] for line in story(opened, number)]
        assert told[str(number)] == expected
    monkeypatch.setattr(module, "STORIES", 5)
    told = unpacked(replay_page(opened), "stories")[0]["stories"]
    assert sorted(map(int, told)) == own[:5]


def test_a_page_is_always_the_same_and_small(kept):
    opened = kept("market")
    page = replay_page(opened)
    assert page == replay_page(opened)
    assert len(page) < 300_000


# Odd runs

ODD = {
    "no fills": ("asset.flow.A=0",),
    "fills alone": ("record=fills",),
    "one step": ("asset.flow.A=0", "duration_s=0.001"),
    "equal prices": ("asset.price.sigma=0",),
    "outlier": ("asset.mid=1e10", "duration_s=0.01"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_runs_have_pages(tmp_path, name):
    settings = ("duration_s=0.05", *ODD[name])
    opened = run("quickstart", settings=settings, out=tmp_path / "run")
    page = replay_page(opened)
    assert len(Asset(page).times) == sum(opened.manifest["rows"].values()) - len(opened.fills) // 2
    assert ("no book to show" in page) == (name == "fills alone")


def test_of_a_killed_run_only_what_is_whole_is_shown(tmp_path, monkeypatch):
    monkeypatch.setattr("lobsim.tape.PART", 200)
    opened = run("quickstart", settings=["duration_s=0.1"], out=tmp_path / "run")
    cut_off(opened.folder)
    for part in sorted((opened.folder / "mids").glob("*"))[1:]:
        part.unlink()
    cut = Run(opened.folder)
    page = replay_page(cut)
    last = min(int(getattr(cut, table)["seq"].max()) for table in ("orders", "fills", "mids"))
    assert f"only the first {last:,} rows" in page
    shown = Asset(page)
    fills = cut.fills["seq"]
    assert len(shown.times) == last
    assert len(shown.columns["fill.number"]) == (fills <= last).sum() / 2
    for part in (opened.folder / "fills").glob("*"):
        part.unlink()
    assert "only the first 0 rows" in replay_page(Run(opened.folder))


def test_a_part_must_be_one(kept):
    for start, end in ((-1.0, None), (0.2, 0.1), (5.0, None), (float("nan"), None)):
        with pytest.raises(UsageError, match="the run lasts"):
            replay_page(kept("market"), start, end)
