"""Report pages in a real Chromium: they draw in any light and width, and ask nobody anything."""

import shutil

import numpy as np
import pytest

from browsed import RUNS, until
from lobsim.compare import compare
from lobsim.console.facts import page_of as page_of_facts
from lobsim.data.facts import facts
from lobsim.pages import page_of_figures
from lobsim.policies import policies_of
from lobsim.report.run_page import run_page
from lobsim.run import run
from lobsim.setup import open_scenario
from made_facts import random_market
from made_sweeps import frame
from reported import pictures

playwright = pytest.importorskip(
    "playwright.sync_api", reason="no playwright: pip install 'lobsim[browser]'"
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium")
RUNS = RUNS | {"jumps": ("jumps", ["asset.price.jumps.rate=4"]), "drawdown": ("drawdown", [])}
LOOKS = [
    {"viewport": {"width": 1400, "height": 900}},
    {"viewport": {"width": 420, "height": 900}, "color_scheme": "dark"},
]


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def show(browser, tmp_path):
    """Opens a page from disk; nothing may go wrong in it, and nothing be asked for."""
    tabs, wrong = [], []

    def opened(page, **how):
        path = tmp_path / "page.html"
        path.write_text(page, encoding="utf-8")
        tab = browser.new_page(**how)
        tabs.append(tab)
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.on("console", lambda said: wrong.append(said.text))
        tab.on("request", lambda asked: asked.url == path.as_uri() or wrong.append(asked.url))
        tab.goto(path.as_uri())
        tab.wait_for_selector("html[data-drawn]", timeout=20_000)
        return tab

    yield opened
    for tab in tabs:
        tab.close()
    assert not wrong


def draws(tab, page):
    """Every picture is there, and nothing is wider than the screen."""
    drawn = tab.evaluate("document.querySelectorAll('.picture .main-svg').length")
    assert drawn >= len(pictures(page)) > 0
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert not tab.evaluate(
        "[...document.querySelectorAll('.picture path')].some("
        "(path) => /NaN|Infinity/.test(path.getAttribute('d')))"
    )


@pytest.mark.parametrize("name", RUNS)
def test_pages_of_runs_draw(show, tmp_path, name):
    scenario, settings = RUNS[name]
    opened = run(scenario, settings=settings, out=tmp_path / "run")
    page = run_page([opened], policies_of(opened))
    for look in LOOKS:
        draws(show(page, **look), page)
    both = run_page([opened, opened])
    draws(show(both, **LOOKS[0]), both)


def test_pages_of_comparisons_and_sweeps_draw(show):
    from lobsim.report.sweep_page import sweep_page

    scenario = open_scenario("quickstart", ["duration_s=0.1"])
    for reps in (1, 30):
        page = page_of_figures(scenario, compare(scenario, reps=reps, jobs=1))
        for look in LOOKS:
            draws(show(page, **look), page)
    axes = {"k": [1.0, 2.0, 4.0], "j": [1.0, 2.0]}
    page = sweep_page("t", frame(axes, lambda *_: (1.0, 0.0, 2.0)), list(axes))
    for look in LOOKS:
        draws(show(page, **look), page)


def test_pages_of_stylised_facts_draw(show):
    records = [random_market(seed, span_s=1000, clusters=seed) for seed in (1, 2)]
    seen = [facts(each, records) for each in records]
    for some in (seen, seen[:1]):
        page = page_of_facts(some, ["<b>a run</b>"])
        for look in LOOKS:
            draws(show(page, **look), page)


def test_paper_is_light_and_the_screen_dark_again_afterwards(show, tmp_path):
    page = run_page([run("quickstart", settings=["duration_s=0.1"], out=tmp_path / "run")])
    tab = show(page, **LOOKS[1])
    ground = "getComputedStyle(document.querySelector('.main-svg')).background"
    assert "rgb(21, 24, 28)" in tab.evaluate(ground)
    tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert "rgb(255, 255, 255)" in tab.evaluate(ground)
    assert tab.evaluate("document.querySelector('.main-svg').getAttribute('width')") == "690"
    tab.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert "rgb(21, 24, 28)" in tab.evaluate(ground)
    tab.emulate_media(color_scheme="light")
    until(tab, f"{ground}.includes('rgb(255, 255, 255)')")


def test_zoom_in_one_row_is_zoom_in_all(show, tmp_path):
    page = run_page([run("quickstart", settings=["duration_s=0.1"], out=tmp_path / "run")])
    tab = show(page, **LOOKS[0])
    tab.evaluate("Plotly.relayout('picture-0', {'xaxis.range': [0.02, 0.04]})")
    rows = tab.evaluate("document.getElementById('picture-0')._fullLayout._subplots.cartesian")
    assert rows == ["xy", "xy2", "xy3", "xy4"]
    shown = tab.evaluate("document.getElementById('picture-0')._fullLayout.xaxis.range")
    assert np.allclose(shown, [0.02, 0.04])
