"""The page of a sweep: its pictures, hostile names, odd figures, no network (H1, H6, H7)."""

import json
import math
import re

import pytest

from lobsim.errors import UsageError
from lobsim.report.sweep_page import check_plots, chosen, sweep_page
from lobsim.report.sweep_panels import Plot
from made_sweeps import frame, table
from reported import Reader, figures_of, own

NAN = float("nan")
SCRIPT, IMAGE = "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'
END = "</script>"


def page_of(axes, figures, plots=(), **more):
    return sweep_page("a title", frame(axes, figures, **more), list(axes), plots)


def test_pictures_are_chosen_by_the_axes():
    two = table({"j": [1.0, 2.0], "k": [1.0, 2.0, 3.0]})
    named = table({"j": ["u", "v"], "k": [1.0, 2.0, 3.0]})
    assert chosen(two) == [Plot("k", "profit"), Plot("k", "j", "profit"), Plot("sd", "profit")]
    assert chosen(named) == [Plot("k", "profit"), Plot("sd", "profit")]
    assert chosen(table({"k": [1.0]})) == [Plot("sd", "profit")]


def test_plots_are_checked_all_at_once():
    axes = ["asset.price.sigma", "a.gamma"]
    good = ["sd:profit", "a.gamma : fills", "a.gamma:asset.price.sigma:profit"]
    assert check_plots(good, axes) == [
        Plot("sd", "profit"), Plot("a.gamma", "fills"),
        Plot("a.gamma", "asset.price.sigma", "profit"),
    ]  # fmt: skip
    bad = ["profi:sd", "sd", "sd:a.gamma", "sd:a.gamma:profit", "a.gamma:a.gamma:sd", f"{SCRIPT}:x"]
    with pytest.raises(UsageError) as refused:
        check_plots(bad, axes)
    told = refused.value.problems
    assert told[0].startswith(
        "--plot profi:sd: unknown 'profi'; did you mean 'profit'? statistics:"
    )
    assert told[0].endswith("axes: asset.price.sigma, a.gamma")
    assert told[1] == "--plot sd: must be X:Y, or X:Y:STATISTIC for a heat map"
    assert told[2] == "--plot sd:a.gamma: a.gamma is an axis, the last must be a statistic"
    assert all("a heat map is over two axes" in line for line in told[3:5])
    assert len(told) == 7


@pytest.mark.parametrize(
    "figures",
    [
        lambda *_: (5.0, 5.0, 5.0), lambda *_: (0.0, NAN, NAN), lambda *_: (NAN, NAN, NAN),
        lambda *_: (None, None, None), lambda *_: (math.inf, -math.inf, math.inf),
        lambda at, *_: (1e15 if at["k"] == 2 else 1.0, 0.0, 1e16),
        lambda at, *_: (1.5e308 if at["k"] == 2 else -1.5e308, NAN, NAN),
    ],
    ids=["equal", "zero", "nan", "null", "infinite", "outlier", "overflow"],
)  # fmt: skip
@pytest.mark.parametrize(
    "axes", [{"k": [1.0, 2.0, 3.0]}, {"k": [1.0, 2.0, 4.0], "j": [1.0, 2.0]}, {"k": [2.0]},
             {"k": ["x", "y"], "j": [1.0, 2.0]}],
    ids=["line", "grid", "point", "texts"],
)  # fmt: skip
def test_odd_figures_are_drawn_on_axes_that_are_finite(axes, figures):
    more = ["k:j:profit"] if "j" in axes else []
    for figure in figures_of(page_of(axes, figures, ["k:profit", "sd:profit", *more])):
        drawn = json.loads(figure.to_json())
        for axis in ("xaxis", "yaxis"):
            low, high = drawn["layout"][axis].get("range", [0, 1])
            assert math.isfinite(low)
            assert low < high < math.inf
        colours = drawn["layout"].get("coloraxis", {"cmin": 0, "cmax": 1})
        assert colours["cmin"] < colours["cmax"]


def test_hostile_names_stay_text():
    axes = {f"{SCRIPT}.x": [1.0, 2.0, 3.0], IMAGE: [SCRIPT, IMAGE, END]}
    plots = [f"{SCRIPT}.x:profit", f"{IMAGE}:profit", f"{SCRIPT}.x:{IMAGE}:profit", "sd:profit"]
    rows = frame(axes, lambda *_: (1.0, 0.0, 2.0), (SCRIPT, IMAGE, END), (SCRIPT, "shared"))
    told = [(SCRIPT, IMAGE)]
    page = sweep_page(f"{SCRIPT}\n{IMAGE}", rows, list(axes), plots, told, [f"{SCRIPT}{END}"])
    assert len(own(page)) < len(page) / 2
    assert "alert" in own(page)
    assert not re.search(r"<script>alert|<img", own(page))
    drawn = "".join(figure.to_json() for figure in figures_of(page))
    assert not re.search(
        r"<(?!br>|b>|/b>)|\\u003c(?!br|b\\u003e|\\u002fb)", drawn.replace("&lt;", "")
    )
    reader = Reader(page)
    assert "img" not in reader.tags
    assert reader.tags.count("script") == 2


def test_long_names_that_begin_alike_are_told_apart():
    names = [f"{'x' * 100}{i}" for i in range(3)]
    labels = list(table({"k": names}).scales["k"].labels.values())
    assert len(set(labels)) == 3
    assert all(len(label) < 70 for label in labels)


def test_a_page_needs_no_network_and_is_always_the_same():
    axes = {"k": [1.0, 2.0], "j": [1.0, 2.0]}
    page, again = (page_of(axes, lambda *_: (1.0, 0.0, 2.0)) for _ in range(2))
    assert page == again
    assert not Reader(page).links
    assert 'modeBarButtons: [["toImage", "resetScale2d"]]' in page
    assert len(page) < 2e6
    assert len(figures_of(page)) == 2 + 2 + 1
