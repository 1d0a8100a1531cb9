"""Replay pages in a real Chromium: they draw, move, tell, and ask nobody for anything."""

import shutil

import numpy as np
import pytest

from browsed import RUNS, ladder, place_of, seconds, until
from lobsim.report import replay_page as module
from lobsim.report.replay_page import OWN, replay_page
from lobsim.report.story import story
from lobsim.run import run
from replayed import Asset, books, unpacked

playwright = pytest.importorskip(
    "playwright.sync_api", reason="no playwright: pip install 'lobsim[browser]'"
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium")
HOSTILE = "<img src=x onerror=\"document.title='broken'\">'\u202e"


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    made, folder = {}, tmp_path_factory.mktemp("runs")

    def of(name):
        if name not in made:
            scenario, settings = RUNS[name]
            made[name] = run(scenario, settings=settings, out=folder / name)
        return made[name]

    return of


@pytest.fixture
def show(browser, tmp_path):
    """Opens a page from disk; nothing may go wrong in it, and nothing be asked for."""
    tabs, wrong = [], []

    def opened(page, hash="", **how):
        path = tmp_path / "page.html"
        path.write_text(page, encoding="utf-8")
        tab = browser.new_page(**{"viewport": {"width": 1400, "height": 900}, **how})
        tabs.append(tab)
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.on("console", lambda said: wrong.append(said.text))
        address = path.as_uri() + hash
        tab.on("request", lambda asked: asked.url == path.as_uri() or wrong.append(asked.url))
        tab.goto(address)
        tab.wait_for_selector("html[data-drawn]", timeout=20_000)
        return tab

    yield opened
    for tab in tabs:
        tab.close()
    assert not wrong


@pytest.mark.parametrize("name", RUNS)
def test_a_page_draws_on_a_desk_and_on_a_phone_in_light_dark_and_on_paper(kept, show, name):
    page = replay_page(kept(name))
    for width, colours in ((1400, "light"), (420, "dark")):
        tab = show(page, viewport={"width": width, "height": 900}, color_scheme=colours)
        assert tab.evaluate("document.documentElement.scrollWidth") == width
        for canvas in tab.locator("canvas").all():
            assert canvas.bounding_box()["height"] > 100
        for key in ("End", "Home", "ArrowRight", "Shift+ArrowRight", "ArrowLeft", "+", "-", "0"):
            tab.keyboard.press(key)
        tab.emulate_media(color_scheme="light" if colours == "dark" else "dark")
        assert tab.pdf().startswith(b"%PDF")


def test_slider_keys_and_play_move_the_ladder(kept, show):
    tab = show(replay_page(kept("quickstart")))
    assert seconds(tab) == pytest.approx(0.1, abs=1e-6)
    seen = [ladder(tab)]
    tab.locator("#slider").fill("7500")
    assert seconds(tab) == pytest.approx(0.15, abs=1e-6)
    seen.append(ladder(tab))
    tab.keyboard.press("Home")
    assert seconds(tab) == 0
    tab.keyboard.press(" ")
    until(tab, "document.replay.now > 2e6")
    assert tab.locator("#play").get_attribute("aria-label") == "pause"
    tab.keyboard.press(" ")
    stopped = seconds(tab)
    seen.append(ladder(tab))
    assert len(set(seen)) == 3
    tab.wait_for_timeout(100)
    assert seconds(tab) == stopped


def test_the_ladder_shows_the_book_in_queue_order(kept, show):
    opened = kept("depth")
    page = replay_page(opened)
    tab, shown = show(page), Asset(page)
    for share in (0.2, 0.5, 0.9):
        tab.evaluate(f"document.replay.go(document.replay.rowsAt({share * 1e9}), {share * 1e9})")
        for side, book in shown.book(round(share * 1e9)).items():
            levels = tab.evaluate(f"""document.replay.tape.levels({side}).map(level => [
                level.price, level.queue.map(order => [document.replay.tape.orders.id[order],
                document.replay.tape.open[order]])])""")
            assert [price for price, _ in levels] == sorted(book, reverse=side > 0)
            assert {price: [*map(tuple, queue)] for price, queue in levels} == book
            best, queue = levels[0]
            assert f"{best * 0.05:.2f}" in ladder(tab)
            row = tab.locator(f"#ladder .{'bid' if side > 0 else 'ask'}")
            row = row.first if side > 0 else row.last
            assert row.locator(".chip").count() == min(len(queue), 12)


@pytest.mark.parametrize("name", ["quickstart", "depth"])
def test_the_heat_map_has_every_lot_for_as_long_as_it_rested(kept, show, name):
    opened = kept(name)
    times = [0, *sorted(set(opened.orders["ts_event"]))]
    resting = sum(
        (later - time) * lots
        for time, later, book in zip(
            times, [*times[1:], opened.manifest["scenario"]["duration_s"] * 1e9],
            books(opened, "asset", times), strict=True,
        )
        for side in book.values()
        for queue in side.values()
        for _, lots in queue
    )  # fmt: skip
    found = show(replay_page(opened)).evaluate("""(() => {
        const { charts, tape } = document.replay, u = charts.made[0].u;
        charts.fit(tape.start, tape.end, [0, 20000]);
        const heat = heatOf(u, tape), sum = heat.lots.reduce((a, b) => a + b, 0);
        return sum * (tape.end - tape.start) / heat.columns;
    })()""")
    assert found == pytest.approx(resting, rel=1e-4)


def test_keys_go_from_event_to_event_and_from_fill_to_fill(kept, show):
    page = replay_page(kept("quickstart"))
    tab, shown = show(page), Asset(page)
    fills = [t for t, kind in zip(shown.times, shown.kinds, strict=True) if kind == 1]
    tab.keyboard.press("Home")
    visited = []
    for _ in fills:
        tab.keyboard.press("Shift+ArrowRight")
        visited.append(tab.evaluate("document.replay.now"))
    assert visited == fills
    tab.keyboard.press("Shift+ArrowLeft")
    assert tab.evaluate("document.replay.now") == fills[-2]
    rows = tab.evaluate("document.replay.rows")
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowLeft")
    assert tab.evaluate("document.replay.rows") == rows + 1
    assert tab.evaluate("document.replay.now") == shown.times[rows]


@pytest.mark.parametrize("stories", [3000, 0])
def test_clicking_a_fill_shows_its_story(kept, show, monkeypatch, stories):
    monkeypatch.setattr(module, "STORIES", stories)
    opened = kept("quickstart")
    tab = show(replay_page(opened))
    tab.mouse.click(*place_of(tab, 3))
    tab.wait_for_selector("#story ol")
    fills = opened.fills
    chosen = fills[(fills["fill"] == 7)].iloc[0]
    assert tab.locator("#story h3").all_inner_texts() == [f"Fill 7, of {chosen['strategy']}"]
    lines = tab.locator("#story li").all_inner_texts()
    if stories:
        told = [f"{line['time_s']:.6f} s {line['what']}" for line in story(opened, 7)]
        assert [" ".join(line.split()) for line in lines] == told
    else:
        assert lines[-1] == "the whole story: lobsim explain quickstart --fill 7"
        assert f"now holds {chosen['inventory']:+d}" in lines[-2].replace("−", "-")
    assert seconds(tab) == pytest.approx(chosen["ts_event"] / 1e9, abs=1e-6)


def test_assets_are_chosen_and_the_address_keeps_where_one_is(kept, show):
    page = replay_page(kept("pairs"))
    tab = show(page)
    names = [asset["name"] for asset in unpacked(page)[0]["assets"]]
    first = ladder(tab)
    tab.locator("#asset").select_option(label=names[1])
    assert ladder(tab) != first
    tab.locator("#slider").fill("2500")
    until(tab, "location.hash.startsWith('#t=0.25')")
    kept_there = tab.evaluate("location.hash")
    again = show(page, kept_there)
    assert ladder(again) == ladder(tab)
    assert again.locator("#asset").input_value() == "1"


def test_hidden_strategies_and_zoom_redraw(kept, show):
    tab = show(replay_page(kept("quickstart")))
    picture = "document.querySelector('#prices canvas').toDataURL()"
    seen = [tab.evaluate(picture)]
    tab.locator("#legend input").first.uncheck()
    tab.wait_for_timeout(100)
    seen.append(tab.evaluate(picture))
    box = tab.locator("#prices .u-over").bounding_box()
    tab.mouse.move(box["x"] + 100, box["y"] + 50)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 300, box["y"] + 52, steps=4)
    tab.mouse.up()
    tab.wait_for_timeout(100)
    seen.append(tab.evaluate(picture))
    view = tab.evaluate("[document.replay.charts.view.from, document.replay.charts.view.to]")
    ends = [0.2e9 * across / box["width"] for across in (100, 300)]
    assert view == pytest.approx(ends, rel=0.02)
    scales = tab.evaluate(
        "document.replay.charts.made.map(({u}) => [u.scales.x.min, u.scales.x.max])"
    )
    assert scales[0] == scales[1]
    assert len(set(seen)) == 3


def test_hostile_names_stay_text(kept, show, monkeypatch):
    opened = kept("quickstart")
    head, columns = unpacked(replay_page(opened))
    head["accounts"] = ["outside", *([HOSTILE] * 3)]
    head["assets"] = [{**asset, "name": HOSTILE, "texts": [HOSTILE] * len(asset["texts"])}
                      for asset in head["assets"]]  # fmt: skip
    columns = {name: np.array(values, np.int64) for name, values in columns.items()}
    told = {str(number): [[0.5, HOSTILE]] for number in range(1, 40)}
    page = module.assembled(HOSTILE, HOSTILE, [HOSTILE], head, columns, told)
    tab = show(page)
    tab.evaluate("document.replay.tell(2)")
    tab.wait_for_selector("#story ol")
    assert tab.title() == HOSTILE
    assert tab.locator("img").count() == 0
    for place in ("#legend", "#ladder", "#story", "#events", "h1"):
        assert "<img src=x" in tab.locator(place).inner_text()
    assert OWN in page[:1000]


def test_a_hundred_thousand_events_open_in_a_second(tmp_path, show):
    opened = run("quickstart", settings=["duration_s=23"], out=tmp_path / "run")
    page = replay_page(opened)
    assert 90_000 < len(Asset(page).times) <= 100_000
    assert "Thinned" not in page
    assert len(page) < 5_000_000
    drawn = "Number(document.documentElement.dataset.drawn)"
    assert min(show(page).evaluate(drawn) for _ in range(3)) < 1000
