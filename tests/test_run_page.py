"""report.html of runs: its numbers are the frames', and odd runs have pages."""

import math

import numpy as np
import pytest

from lobsim import Strategy
from lobsim.policies import policies_of
from lobsim.report.frames import Run
from lobsim.report.run_page import run_page
from lobsim.report.thinning import kept as kept_places
from lobsim.run import run
from reported import Reader, figures_of, own, pictures, titled, traces

RUNS = {
    "quickstart": ("quickstart", ()),
    "pairs": ("pairs", ("duration_s=1",)),
    "jumps": ("jumps", ("asset.price.jumps.rate=4",)),
    "drawdown": ("drawdown", ()),
    "latency": ("latency", ("duration_s=0.2",)),
    "informed": ("informed", ("duration_s=1",)),
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Runs by name with their pages, each made once."""
    made, folder = {}, tmp_path_factory.mktemp("runs")

    def of(name):
        if name not in made:
            scenario, settings = RUNS[name]
            opened = run(scenario, settings=settings, out=folder / name)
            made[name] = opened, run_page([opened], policies_of(opened))
        return made[name]

    return of


@pytest.mark.parametrize("name", RUNS)
def test_a_page_is_small_valid_and_asks_for_nothing(kept, name):
    _, page = kept(name)
    assert len(page) < 6e6
    assert len(own(page)) < 2.5e6
    assert figures_of(page)
    reader = Reader(page)
    assert not reader.links
    assert not reader.handlers
    assert "http" not in own(page).replace("http-equiv", "")
    for picture in pictures(page):
        for key, axis in picture["layout"].items():
            if key.startswith("yaxis") and "ticktext" not in axis:
                assert axis["title"]["text"].endswith(")"), "a unit"


@pytest.mark.parametrize("name", ["quickstart", "drawdown", "jumps"])
def test_paths_end_begin_and_peak_where_the_frames_do(kept, name):
    opened, page = kept(name)
    equity = opened.equity
    for strategy, row in opened.summary.set_index("strategy").iterrows():
        path = equity[equity["strategy"] == strategy]
        (profit,) = [t for t in titled(page, "profit (currency)") if t.get("name") == strategy][:1]
        (fall,) = [t for t in titled(page, "drawdown (currency)") if t.get("name") == strategy][:1]
        (held,) = [t for t in titled(page, "inventory (lots)") if t.get("name") == strategy][:1]
        assert profit["y"][-1] == pytest.approx(row["profit"])
        assert profit["x"][0] == 0
        assert profit["x"][-1] == opened.manifest["scenario"]["duration_s"]
        assert max(profit["y"]) == path["equity"].max() - path["equity"].iloc[0]
        assert max(fall["y"]) == path["drawdown"].max() == pytest.approx(row["drawdown"])
        assert (min(held["y"]), max(held["y"])) == (row["lowest"], row["highest"])
        assert held["y"][-1] == row["inventory"]
    mid = titled(page, "mid (currency)")[0]
    assert mid["y"][0] == opened.manifest["scenario"]["asset"]["mid"]
    assert mid["y"][-1] == opened.mids["mid"].iloc[-1]
    assert max(mid["y"]) == max(opened.mids["mid"].max(), mid["y"][0])


def test_profit_over_several_assets_is_their_sum(kept):
    opened, page = kept("pairs")
    for _, row in opened.summary.iterrows():
        (path,) = [t for t in titled(page, "profit (currency)") if t.get("name") == row["strategy"]]
        assert path["y"][-1] == pytest.approx(row["profit"])
    rows = {tuple(own[:1]): own for own in Reader(page).tables[1][1:]}
    assert len(rows) == 4  # strategies and assets


@pytest.mark.parametrize("name", RUNS)
def test_the_bars_add_up_to_the_profit(kept, name):
    opened, page = kept(name)
    bars = traces(page, type="bar")
    (profit,) = traces(page, name="profit")
    frame = opened.attribution()
    assert sorted(profit["y"]) == pytest.approx(sorted(frame["profit"]))
    total = np.sum([bar["y"] for bar in bars], axis=0)
    assert total == pytest.approx(np.array(profit["y"]), abs=1e-9)
    assert {bar["name"] for bar in bars} >= {"spread", "diffusion"}
    residuals = [row[-1] for row in Reader(page).tables[1][1:]]
    assert set(residuals) == {"0.00"}


def test_depths_are_those_of_a_strategy_that_quotes_by_its_inventory(tmp_path):
    class Leans(Strategy):
        def on_quote(self, desk):
            shift = 0.03 * desk.inventory
            return desk.quote(bid_depth=0.7 + shift, ask_depth=0.7 - shift)

    settings = ["asset.tick=0.000001", "duration_s=0.5", "asset.flow.A=100"]
    opened = run("quickstart", strategies=[Leans()], settings=settings, out=tmp_path / "run")
    page = run_page([opened])
    lines = {
        line["name"]: line
        for line in titled(page, "depth (currency)")
        if line["mode"] == "lines+markers"
    }
    assert len(lines["bid"]["x"]) > 3
    for name, sign in (("bid", 1), ("ask", -1)):
        meant = [0.7 + sign * 0.03 * lots for lots in lines[name]["x"]]
        assert lines[name]["y"] == pytest.approx(meant, abs=2e-6)


def test_the_policy_s_map_is_the_table_and_the_path_the_inventory(kept):
    opened, page = kept("quickstart")
    bid, ask = traces(page, type="heatmap")
    gamma, sigma, k, end = 0.1, 2.0, 1.5, 1.0
    # Avellaneda and Stoikov: the reservation price leans by q gamma sigma^2 (T - t).
    start = bid["x"][0]
    half = gamma * sigma**2 * (end - start) / 2 + math.log(1 + gamma / k) / gamma
    lots = [(low + high) / 2 for low, high in zip(bid["y"], bid["y"][1:], strict=False)]
    for q, b, a in zip(lots, bid["z"], ask["z"], strict=True):
        lean = q * gamma * sigma**2 * (end - start)
        assert b[0] == pytest.approx(half + lean)
        assert a[0] == pytest.approx(half - lean)
    path = opened.equity[opened.equity["strategy"] == "a-s"]
    (drawn, *_) = [t for t in traces(page, hoverinfo="skip") if "y" in t and t["x"][0] == 0]
    assert max(drawn["y"]) == path["inventory"].max()
    assert "wide: no map: its depth is always 0.75." in page


def test_a_table_that_is_another_now_is_left_out(kept):
    opened, _ = kept("quickstart")
    other = Run(opened.folder)
    other.manifest["quote_tables"]["a-s"] = "0" * 64
    assert policies_of(other)["a-s"].startswith("made again the table is another")
    other.manifest["scenario"]["plugins"] = ["mine.py"]
    assert policies_of(other)["a-s"] == "a report runs no plugin files, and the run has mine.py"
    assert not traces(run_page([other], policies_of(other)), type="heatmap")


def test_markouts_are_those_of_the_fills(kept):
    opened, page = kept("informed")
    assert "0.3333 of the orders know of a move of 0.6" in page
    curves = titled(page, "markout (currency per lot)")
    fills = opened.fills
    mids = opened.mids
    for curve in curves:
        made = fills[(fills["strategy"] == curve["name"]) & (fills["liquidity"] == "maker")]
        side = np.where(made["side"] == "buy", 1, -1)
        assert curve["y"][0] == pytest.approx(
            np.average(side * (made["mid"] - made["price"]), weights=made["size"])
        )
        then = made["ts_event"] + 10**7  # a hundredth of the run
        known = (then <= 10**9).to_numpy()
        later = [mids["mid"][mids["ts_event"] <= at].iloc[-1] for at in then[known]]
        worth = side[known] * (later - made["price"][known])
        assert curve["y"][5] == pytest.approx(np.average(worth, weights=made["size"][known]))
    assert curves


def test_halts_are_shaded_and_told(kept):
    opened, page = kept("drawdown")
    shapes = pictures(page)[0]["layout"]["shapes"]
    stopped = opened.risk[opened.risk["state"].isin(["halted", "cooling", "reduce_only"])]
    ends = {t / 1e9 for t in opened.risk["ts_event"]}
    assert {shape["x0"] for shape in shapes} <= {t / 1e9 for t in stopped["ts_event"]}
    assert {shape["x1"] for shape in shapes} <= ends | {opened.manifest["scenario"]["duration_s"]}
    assert len(Reader(page).tables[-1]) == len(opened.risk) + 1


def test_the_mid_jumps_by_the_mean_size_of_the_jumps(kept):
    opened, page = kept("jumps")
    mids = opened.mids["mid"].to_numpy()
    at = np.flatnonzero(opened.mids["kind"] == "jump")
    (mid,) = [t for t in titled(page, "price (currency)") if t["name"] == "mid" and "mode" in t
              and t.get("fill") is None]  # fmt: skip
    middle = mid["x"].index(0.0)
    window = mid["x"][-1] * 1e9
    times = opened.mids["ts_event"].to_numpy()[at]
    inside = at[(times >= window) & (times + window <= 5e9)]
    assert f"{len(inside)} jumps" in page
    assert mid["y"][middle] == pytest.approx(np.abs(mids[inside] - mids[inside - 1]).mean())
    assert "Around jumps" not in kept("quickstart")[1]


def test_thinning_keeps_first_last_and_extremes_of_every_interval():
    rng = np.random.default_rng(3)
    times = np.sort(rng.integers(0, 10**9, 20_000))
    values = rng.normal(size=20_000).cumsum()
    places = kept_places(times, values, 50)
    assert len(places) <= 200
    assert np.all(np.diff(places) > 0)
    width = (times[-1] - times[0]) / 50
    group = np.minimum(((times - times[0]) / width).astype(int), 49)
    for each in range(50):
        here = np.flatnonzero(group == each)
        chosen = [place for place in places if group[place] == each]
        assert (chosen[0], chosen[-1]) == (here[0], here[-1])
        assert {values[here].min(), values[here].max()} <= {*values[chosen]}
    assert kept_places(times[:150], values[:150], 50).tolist() == list(range(150))
    assert kept_places(np.zeros(999), np.arange(999), 50).tolist() == [0, 998]
