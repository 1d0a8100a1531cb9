"""The runs whose pages tests open, what they read of a page, and how they wait for it."""

import pytest

RUNS = {
    "quickstart": ("quickstart", ["duration_s=0.2"]),
    "pairs": ("pairs", ["duration_s=1"]),
    "depth": ("depth", ["duration_s=1"]),
    "no fills": ("quickstart", ["duration_s=0.05", "asset.flow.A=0"]),
    "fills alone": ("quickstart", ["duration_s=0.2", "record=fills"]),
    "one step": ("quickstart", ["duration_s=0.001", "asset.flow.A=0"]),
    "equal prices": ("quickstart", ["duration_s=0.05", "asset.price.sigma=0"]),
    "outlier": ("quickstart", ["duration_s=0.01", "asset.mid=1e10"]),
}


def ladder(tab):
    return tab.locator("#ladder").inner_text()


def until(tab, condition):
    """The page's policy does not let wait_for_function in."""
    for _ in range(200):
        if tab.evaluate(condition):
            return
        tab.wait_for_timeout(20)
    pytest.fail(condition)


def seconds(tab):
    return float(tab.locator("#time").inner_text().removesuffix(" s"))


def place_of(tab, fill):
    """Where on the screen a fill is drawn."""
    return tab.evaluate(f"""(() => {{
        const {{ tape, charts }} = document.replay, u = charts.made[0].u;
        const box = u.over.getBoundingClientRect(), price = tape.tables[FILL].price[{fill}];
        const now = tape.time[tape.fillRows[{fill}]] / 1e9;
        return [box.left + u.valToPos(now, "x"), box.top + u.valToPos(price, "y")];
    }})()""")
