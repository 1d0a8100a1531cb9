"""The replay page and text that would be more than text; what the commands write over."""

import html.parser
import re

import pytest

from kept_runs import lobsim
from lobsim import Strategy
from lobsim.report.frames import Run
from lobsim.report.replay_page import replay_page
from lobsim.run import run
from replayed import block, unpacked

SCRIPT, IMAGE = "</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>'
TITLE = f"{SCRIPT}{IMAGE}{{{{data}}}}\x1b[31m\u202e"


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    return run(
        "quickstart", settings=["duration_s=0.05"], out=tmp_path_factory.mktemp("runs") / "run"
    )


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.links, self.handlers = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def test_hostile_text_is_text(opened):
    plain, hostile = Reader(), Reader()
    plain.feed(replay_page(opened))
    opened = Run(opened.folder)
    opened.manifest["scenario"]["title"] = TITLE
    opened.manifest["engine"] = IMAGE
    page = replay_page(opened)
    hostile.feed(page)
    assert hostile.tags == plain.tags
    assert not hostile.links
    assert not hostile.handlers
    assert page.count("{{data}}") == 2  # in the title, twice, as it was given
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_hostile_notes_are_packed_as_text(tmp_path):
    class Noter(Strategy):
        def on_quote(self, desk):
            desk.note(**{SCRIPT: f"{IMAGE}\x1b[31m"})
            return desk.quote(bid_depth=0.5, ask_depth=0.5)

    opened = run("quickstart", strategies=[Noter()], settings=["duration_s=0.05"],
                 out=tmp_path / "run")  # fmt: skip
    page = replay_page(opened)
    assert "alert(1)" not in page
    (note,) = {text for text in unpacked(page)[0]["assets"][0]["texts"] if "notes" in text}
    assert note == f"noter notes: {SCRIPT} {IMAGE}\\x1b[31m"
    assert b"onerror=alert" in block(page, "data")


def test_the_page_loads_nothing_and_runs_its_own_script_only(opened):
    page = replay_page(opened)
    policy = re.search(r'Security-Policy"\s+content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "MIT License" in page
    assert not re.search(r"<link|<iframe|@import|url\(", page)


# The commands


def test_report_writes_its_page_over_its_own_alone(tmp_path):
    folder = tmp_path / "run"
    told, _ = lobsim("run", "quickstart", "--set", "duration_s=0.05", "--set", "summary_reps=0",
                     "--out", folder, "--report")  # fmt: skip
    page = folder / "replay.html"
    report = folder / "report.html"
    assert told[-2:] == [f"page {report}", f"page {page}"]
    whole = page.read_text()
    told, _ = lobsim("report", folder, "--from", "0.01", "--to", "0.02")
    assert told == [f"saved {report}", f"saved {page}"]
    assert len(page.read_text()) < len(whole)
    lobsim("verify", folder)
    page.write_text("<html>mine</html>")
    _, errors = lobsim("report", folder, code=5)
    assert errors == [f"error: {page}: exists already, and is no page of lobsim's; move it away"]
    told, _ = lobsim("report", folder, "--out", tmp_path)
    assert (tmp_path / "replay.html").read_text() == whole
    lobsim("report", folder, "--out", tmp_path / "none", code=2)
    lobsim("report", folder, "--from", "9", code=2)
