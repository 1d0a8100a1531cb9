"""Report pages and text that would be more than text; what the page lets run."""

import base64
import hashlib
import re

import pytest

from lobsim.report.frames import Run
from lobsim.report.page import Page, Picture, amount
from lobsim.report.run_page import run_page
from lobsim.run import run
from reported import Reader, own, pictures

HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'=cmd|' /C'!A0\x1b[31m\u202e"
)
TEMPLATE = "%{y}<b>{{data}}</b>${7*7}"


NAMES = {"a-s": HOSTILE, "wide": TEMPLATE, "tight": "tight"}


class Renamed(Run):
    """A run whose strategies have names that no scenario allows."""

    def __init__(self, folder):
        super().__init__(folder)
        told = self.manifest
        told["strategies"] = [*NAMES.values()]
        for row in (*told["summary"], *told["scenario"]["strategy"]):
            for key in ("strategy", "name"):
                if key in row:
                    row[key] = NAMES[row[key]]
        told["summary"][0]["problem"] = HOSTILE
        told["scenario"]["title"] = told["name"] = told["engine"] = HOSTILE
        told["scenario"]["plugins"], told["plugins"] = [HOSTILE], {HOSTILE: HOSTILE}
        told["scenario"]["strategy"][0]["params"] = {HOSTILE: TEMPLATE}
        told["versions"] = {HOSTILE: TEMPLATE}
        told["problems"] = [HOSTILE]

    def frame(self, table, columns=None):
        found = super().frame(table, columns)
        if "strategy" in found:
            found["strategy"] = found["strategy"].astype(str).replace(NAMES)
        return found

    def attribution(self, by=None, *, bins=20):
        frame = Run(self.folder).attribution(by, bins=bins)
        return frame.assign(strategy=frame["strategy"].replace(NAMES))


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    return run(
        "quickstart", settings=["duration_s=0.3"], out=tmp_path_factory.mktemp("runs") / "run"
    )


def texts_in(value):
    """All strings of JSON, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for each in pair for text in texts_in(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in texts_in(each))


def test_hostile_names_stay_text(opened):
    hostile = Renamed(opened.folder)
    page = run_page([hostile], {HOSTILE: "no <b>table"})
    plain = Reader(run_page([opened], {"a-s": "no table"}))
    reader = Reader(page)
    assert {*reader.tags} == {*plain.tags}
    assert reader.tags.count("script") == 2
    assert "img" not in reader.tags
    assert not reader.links
    assert not reader.handlers
    assert not re.search(r"\x1b|\u202e", page)
    rows = [row for table in reader.tables for row in table]
    assert sum(row[0].startswith("</script><script>alert(1)") for row in rows) >= 2
    assert sum(row[0] == TEMPLATE for row in rows) >= 2
    texts = [*texts_in(pictures(page))]
    assert any("alert(1)" in text for text in texts)
    assert not [text for text in texts if re.search(r"<(?!/?(b|br|extra)>)", text)]
    for text in texts:
        if "%{" in text and "alert" not in text and "7*7" not in text:
            assert re.fullmatch(r"[^{}]*(%\{[xyz]:?[^}]*\}[^{}]*)+", text)
    for picture in pictures(page):
        for trace in picture["data"]:
            assert "7*7" not in trace.get("hovertemplate", "")
            assert "alert" not in trace.get("hovertemplate", "")


def test_several_runs_of_hostile_names_stay_text(opened):
    page = run_page([Renamed(opened.folder), opened])
    assert {*Reader(page).tags} == {*Reader(run_page([opened, opened])).tags}


def test_the_page_lets_its_own_script_run_and_nothing_be_loaded(opened):
    page = run_page([opened])
    policy = re.search(r'Security-Policy" content="([^"]*)"', page)[1]
    script = page[page.rindex("<script>") + 8 : page.rindex("</script>")]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data: blob:"
    )
    assert "</script" not in script
    assert not re.search(r"<link|<iframe|@import|url\(", own(page))
    assert page == run_page([opened])


def test_a_page_keeps_the_order_of_its_parts_and_sets_numbers_to_the_right():
    page = Page("a <title>")
    page.section("first & last", "a note", "")
    page.table(["name", "value"], [["<b>", "1.5"], ["x", "-2"]])
    page.pictures([Picture("it's &lt;here&gt;", [{"type": "scatter", "x": [1], "y": [2]}], {})])
    text = page.html()
    assert '<td>&lt;b&gt;</td><td class="number">1.5</td>' in text
    assert "<h3>it&#x27;s &lt;here&gt;</h3>" in text
    assert text.index("first &amp; last") < text.index("a note") < text.index("<table>")
    assert text.count("<p>") == 2  # the note, and that of noscript


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.0, "0.00"), (1.005, "1.00"), (-3.456, "-3.46"), (0.00123, "0.00123"), (1e12, "1e+12"),
        (None, "-"), (float("nan"), "-"), (float("inf"), "-"),
    ],
)  # fmt: skip
def test_amounts_have_as_many_digits_as_tell_them(value, told):
    assert amount(value) == told
