"""A page of tables and pictures read again in Python."""

import html.parser
import json
import re

import plotly.graph_objects as go


class Reader(html.parser.HTMLParser):
    """The tags of a page, what they refer to and would run, and its tables as texts."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.links, self.handlers, self.tables, self.texts = [], [], [], [], []
        self.in_cell = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self.in_cell = True

    def handle_data(self, data):
        if self.in_cell:
            self.tables[-1][-1][-1] += data
        self.texts.append(data)

    def handle_endtag(self, tag):
        self.in_cell = False


def pictures(page):
    """What the page's script draws: data and layout of each."""
    found = re.search(r'<script type="application/json" id="pictures">(.*?)</script>', page, re.S)
    return json.loads(found[1])


def figures_of(page):
    """Each as plotly's own check of its traces and layout accepts it."""
    return [go.Figure(each["data"], each["layout"]) for each in pictures(page)]


def own(page):
    """The page without plotly's script."""
    start = page.rindex("<script>")
    return page[:start] + page[page.rindex("</script>") :]


def traces(page, **wanted):
    """All with these values."""
    return [
        trace
        for picture in pictures(page)
        for trace in picture["data"]
        if all(trace.get(key) == value for key, value in wanted.items())
    ]


def titled(page, title):
    """The trace lists by axis title: those drawn against the y axis so called."""
    found = []
    for picture in pictures(page):
        for key, axis in picture["layout"].items():
            if key.startswith("yaxis") and axis["title"]["text"] == title:
                name = key.replace("axis", "")
                found += [each for each in picture["data"] if each.get("yaxis", "y") == name]
    return found
