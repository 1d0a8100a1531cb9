"""What is drawn of a sweep, and where: lines and bands, frontiers, heat maps, and their axes."""

import math

import pytest

from lobsim.report.sweep_page import chosen
from lobsim.report.sweep_panels import Plot, frontier, heat_map, left_out, lines
from lobsim.report.sweep_table import Table
from made_sweeps import frame, table

NAN = float("nan")


def test_lines_have_the_figures_and_a_band_from_low_to_high():
    def figures(at, mode, strategy, statistic):
        value = at["k"] * (10 if strategy == "b" else 1)
        return value, value - 1, value + 2

    (panel,) = lines(table({"k": [3.0, 1.0, 2.0]}, figures), Plot("k", "profit"))
    band, line, _, other = panel.traces
    assert (line["name"], line["x"], line["y"]) == ("a", [1, 2, 3], [1, 2, 3])
    assert (other["name"], other["y"]) == ("b", [10, 20, 30])
    assert (band["x"], band["y"]) == ([1, 2, 3, 3, 2, 1, None], [0, 1, 2, 5, 4, 3, None])
    low, high = panel.layout["yaxis"]["range"]
    assert low < 0 < 32 < high


def test_a_band_has_gaps_where_there_is_no_interval():
    def figures(at, *_):
        return (1.0, NAN, NAN) if at["k"] == 2 else (1.0, 0.0, 2.0)

    (panel,) = lines(table({"k": [1.0, 2.0, 3.0, 4.0]}, figures), Plot("k", "profit"))
    assert panel.traces[0]["x"] == [1, 1, None, 3, 4, 4, 3, None]
    assert panel.traces[1]["y"] == [1, 1, 1, 1]


def test_with_a_second_axis_there_is_a_panel_per_strategy_and_a_line_per_value():
    axes = {"k": [1.0, 2.0], "j": [0.1, 0.2, 0.3]}
    found = table(axes, lambda at, m, s, _: (at["j"], NAN, NAN), modes=("shared", "isolated"))
    panels = lines(found, Plot("k", "profit"))
    assert [panel.heading for panel in panels] == [
        "a, all in one book", "b, all in one book", "a, each alone", "b, each alone",
    ]  # fmt: skip
    for panel in panels:
        assert [trace["name"] for trace in panel.traces[1::2]] == ["0.1", "0.2", "0.3"]
        assert [trace["y"] for trace in panel.traces[1::2]] == [[0.1] * 2, [0.2] * 2, [0.3] * 2]
        assert panel.layout["yaxis"] == panels[0].layout["yaxis"]
        assert "updatemenus" not in panel.layout


def test_beyond_eight_lines_a_dropdown_has_the_others():
    found = table({"k": [1.0, 2.0], "j": [float(j) for j in range(1, 21)]}, strategies=("a",))
    (panel,) = lines(found, Plot("k", "profit"))
    (menu,) = panel.layout["updatemenus"]
    assert [button["label"] for button in menu["buttons"]] == ["1 to 8", "9 to 16", "17 to 20"]
    drawn = [(trace["name"], trace["visible"]) for trace in panel.traces]
    assert [name for name, seen in drawn if seen] == [f"{j}" for j in range(1, 9) for _ in "12"]
    seen = menu["buttons"][2]["args"][0]["visible"]
    names = {trace["name"] for trace, shown in zip(panel.traces, seen, strict=True) if shown}
    assert names == {"17", "18", "19", "20"}


def test_texts_are_places_beside_each_other_with_bars():
    (panel,) = lines(table({"model": ["x", "y", "x,y"]}), Plot("model", "profit"))
    first, second = panel.traces
    assert (panel.layout["xaxis"]["tickvals"], panel.layout["xaxis"]["ticktext"]) == (
        [0, 1, 2], ["x", "y", "x,y"],
    )  # fmt: skip
    assert first["x"] == pytest.approx([-0.15, 0.85, 1.85])
    assert second["x"] == pytest.approx([0.15, 1.15, 2.15])
    assert first["mode"] == "markers"
    assert (first["error_y"]["array"], first["error_y"]["arrayminus"]) == ([0.5] * 3, [0.5] * 3)


def test_a_frontier_joins_the_points_along_the_longest_axis_with_bars_both_ways():
    def figures(at, mode, strategy, statistic):
        value = at["k"] + 100 * at["j"] + (0.5 if statistic == "profit" else 0)
        return value, value - 0.1, value + 0.2

    (panel,) = frontier(
        table({"j": [1.0, 2.0], "k": [1.0, 2.0, 3.0]}, figures), Plot("sd", "profit")
    )
    first, _ = panel.traces
    assert first["x"] == [101, 102, 103, None, 201, 202, 203]
    assert first["y"] == [101.5, 102.5, 103.5, None, 201.5, 202.5, 203.5]
    assert first["mode"] == "lines+markers"
    known = [0, 1, 2, 4, 5, 6]
    for bars in (first["error_x"], first["error_y"]):
        assert [bars["array"][i] for i in known] == pytest.approx([0.2] * 6)
        assert [bars["arrayminus"][i] for i in known] == pytest.approx([0.1] * 6)
    assert "j = 1<br>k = 2" in first["hovertext"][1]


def test_a_heat_map_has_a_cell_per_point_and_cells_of_a_log_axis_meet_at_geometric_means():
    axes = {"x": [1.0, 10.0, 100.0], "y": [1.0, 2.0]}
    found = table(axes, lambda at, *_: (at["x"] + at["y"], NAN, NAN))
    first, second = heat_map(found, Plot("x", "y", "profit"))
    assert first.traces[0]["z"] == [[2, 11, 101], [3, 12, 102]]
    ends = [10**-0.5, 10**0.5, 10**1.5, 10**2.5]
    assert first.traces[0]["x"] == pytest.approx(ends)
    assert first.traces[0]["y"] == pytest.approx([0.5, 1.5, 2.5])
    assert (first.layout["xaxis"]["type"], first.layout["yaxis"]["type"]) == ("log", "linear")
    assert first.layout["xaxis"]["range"] == pytest.approx([-0.5, 2.5])
    assert first.layout["coloraxis"] == second.layout["coloraxis"]
    assert (first.layout["coloraxis"]["cmin"], first.layout["coloraxis"]["cmax"]) == (2, 102)


def test_a_heat_map_of_gains_and_losses_has_0_in_the_middle_and_a_hole_where_a_point_is_missing():
    def figures(at, *_):
        return (-1.0, NAN, NAN) if at["x"] == 1 else (5.0, NAN, NAN)

    whole = frame({"x": [1.0, 2.0], "y": [1.0, 2.0]}, figures, strategies=("a",))
    (panel,) = heat_map(Table(whole[whole["point"] != 3], ["x", "y"]), Plot("x", "y", "profit"))
    assert panel.traces[0]["z"] == [[-1, 5], [-1, None]]
    assert (panel.layout["coloraxis"]["cmin"], panel.layout["coloraxis"]["cmax"]) == (-5, 5)


def test_a_third_axis_is_a_dropdown_of_heat_maps():
    axes = {"x": [1.0, 2.0], "y": [1.0, 2.0], "z": ["u", "v"]}
    first, _ = heat_map(table(axes), Plot("x", "y", "profit"))
    assert [trace["visible"] for trace in first.traces] == [True, False]
    (menu,) = first.layout["updatemenus"]
    assert [button["label"] for button in menu["buttons"]] == ["u", "v"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2, 4, 8], "log"), ([0.01, 0.1, 1], "log"), ([1, 2, 5, 10, 20, 50], "log"),
        ([1, 2, 3, 4], "linear"), ([1, 2], "linear"), ([0, 1, 10, 100], "linear"),
        ([-1, 0, 1], "linear"), ([0.6, 0.61, 0.62], "linear"), ([math.inf, 1, 2], "text"),
        (["1", "x"], "text"), ([True, False], "text"),
    ],
)  # fmt: skip
def test_an_axis_is_spaced_by_ratio_where_its_values_are(values, kind):
    assert table({"k": values}).scales["k"].kind == kind


def test_axes_that_always_have_one_value_together_are_one():
    whole = frame({"k": [1.0, 2.0]}, lambda at, *_: (1.0, NAN, NAN))
    zipped = Table(whole.assign(j=whole["k"]), ["k", "j"])
    assert zipped.varied == ("k",)
    assert chosen(zipped) == [Plot("k", "profit"), Plot("k", "sd"), Plot("sd", "profit")]
    assert [panel.heading for panel in lines(zipped, Plot("j", "profit"))] == ["all in one book"]


def test_a_large_sweep_is_thinned_and_says_so():
    found = table({"k": [float(k) for k in range(600)], "j": [1.0, 2.0, 3.0, 4.0]}, strategies="a")
    assert left_out(found, Plot("k", "profit")) == " Shown are 500 of 600 values of k."
    assert left_out(found, Plot("sd", "profit")) == " Shown are 2,000 of 2,400 points."
    assert left_out(found, Plot("k", "j", "profit")) == " Shown are 100 of 600 values of k."
    (panel,) = lines(found, Plot("k", "profit"))
    assert [len(trace["x"]) for trace in panel.traces[1::2]] == [500] * 4
    (panel,) = frontier(found, Plot("sd", "profit"))
    assert sum(x is not None for x in panel.traces[0]["x"]) == 2000
    (panel,) = heat_map(found, Plot("k", "j", "profit"))
    assert (len(panel.traces[0]["z"]), len(panel.traces[0]["z"][0])) == (4, 100)
