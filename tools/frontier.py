"""What risk aversion buys: mean profit against its deviation, in the market of the 2008 paper.

    python tools/frontier.py                 prints the figures and draws tools/frontier.svg
    python tools/frontier.py --reps 20000    with smaller intervals

Lines are exact, over risk aversions from 0.005 to 4: the quotes of cara-table, and those of
avellaneda-stoikov.  Dots are simulated, with intervals of 95 % for mean and deviation.  Then: what
each row of the paper would earn at its own deviation with the exact quotes.
"""

import argparse
from pathlib import Path

import numpy as np
from scipy.optimize import brentq

from lobsim import compare
from lobsim.quotes import quotes_of
from lobsim.setup import open_scenario

PICTURE = Path(__file__).with_name("frontier.svg")
SCENARIO, MARKET = "avellaneda-stoikov-continuous", ("risk.max_inventory=20",)
PLUGINS = {"cara-table": "#1f6fb4", "avellaneda-stoikov": "#c8511b"}
NAMES = {"cara-table": "exact CARA (cara-table)", "avellaneda-stoikov": "the formula of 2008"}
CURVE = np.geomspace(0.005, 4, 33)
DOTS = (0.01, 0.1, 0.5, 1)
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 470, 64, 44, 20, 54
SDS, MEANS = (4.0, 13.0), (25.0, 75.0)


def settings(plugin: str, gamma: float) -> list[str]:
    return [*MARKET, f"strategy=[{{plugin='{plugin}', params={{gamma={gamma!r}}}}}]"]


def exact(plugin: str, gamma: float) -> tuple[float, float]:
    """Deviation and mean of profit."""
    quotes = quotes_of(open_scenario(SCENARIO, settings(plugin, float(gamma))), plugin)
    found = quotes.moments()
    return found.profit_sd, found.profit_mean


def simulated(plugin: str, gamma: float, reps: int) -> tuple[float, float, float, float]:
    """Deviation and mean of profit, and half of the interval of each."""
    found = compare(SCENARIO, mode="isolated", reps=reps, settings=settings(plugin, gamma))
    (row,) = found.rows
    ends = row.profit_sd, row.profit_sd_low, row.profit_sd_high, row.profit_low, row.profit_high
    sd, sd_low, sd_high, low, high = (np.nan if each is None else each for each in ends)
    return sd, row.profit_mean, (sd_high - sd_low) / 2, (high - low) / 2


def x(sd: float) -> float:
    return LEFT + (sd - SDS[0]) / (SDS[1] - SDS[0]) * (WIDTH - LEFT - RIGHT)


def y(mean: float) -> float:
    return HEIGHT - BOTTOM - (mean - MEANS[0]) / (MEANS[1] - MEANS[0]) * (HEIGHT - TOP - BOTTOM)


def axes() -> list[str]:
    parts = []
    for sd in range(int(SDS[0]), int(SDS[1]) + 1):
        parts.append(f'<path d="M{x(sd):.1f} {y(MEANS[0]):.1f}V{y(MEANS[1]):.1f}" class="grid"/>')
        parts.append(f'<text x="{x(sd):.1f}" y="{HEIGHT - 34}" class="tick">{sd}</text>')
    for mean in range(int(MEANS[0]) + 5, int(MEANS[1]) + 1, 10):
        parts.append(f'<path d="M{x(SDS[0]):.1f} {y(mean):.1f}H{x(SDS[1]):.1f}" class="grid"/>')
        parts.append(f'<text x="{LEFT - 10}" y="{y(mean) + 4:.1f}" class="left">{mean}</text>')
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 10}" class="tick">deviation of profit</text>')
    middle = HEIGHT / 2
    parts.append(
        f'<text x="18" y="{middle}" class="tick" transform="rotate(-90 18 {middle})">mean profit'
        "</text>"
    )
    return parts


def curve(plugin: str, points: list[tuple[float, float]], label_at: tuple[float, float]) -> str:
    way = " ".join(f"{x(sd):.1f},{y(mean):.1f}" for sd, mean in points)
    sd, mean = label_at
    return (
        f'<polyline clip-path="url(#inside)" points="{way}" fill="none" '
        f'stroke="{PLUGINS[plugin]}" stroke-width="2"/>'
        f'<text x="{x(sd):.1f}" y="{y(mean):.1f}" fill="{PLUGINS[plugin]}">{NAMES[plugin]}</text>'
    )


def dot(plugin: str, gamma: float, found: tuple[float, float, float, float]) -> str:
    sd, mean, of_sd, of_mean = found
    colour, low = PLUGINS[plugin], plugin == "avellaneda-stoikov"
    across, down, anchor = (7, 17, "start") if low else (-5, -9, "end")
    return (
        f'<path d="M{x(sd - of_sd):.1f} {y(mean):.1f}H{x(sd + of_sd):.1f}M{x(sd):.1f} '
        f'{y(mean - of_mean):.1f}V{y(mean + of_mean):.1f}" stroke="{colour}" fill="none"/>'
        f'<circle cx="{x(sd):.1f}" cy="{y(mean):.1f}" r="3.5" fill="{colour}"/>'
        f'<text x="{x(sd) + across:.1f}" y="{y(mean) + down:.1f}" class="small" '
        f'text-anchor="{anchor}" fill="{colour}">γ = {gamma:g}</text>'
    )


def picture(curves: dict[str, list[tuple[float, float]]], dots: list[str]) -> str:
    labels = {"cara-table": (4.2, 68.0), "avellaneda-stoikov": (6.9, 52.0)}
    inside = f'x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" height="{HEIGHT - TOP - BOTTOM}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="system-ui, sans-serif" font-size="13">',
        "<style>.grid{stroke:#ddd}.tick{text-anchor:middle;fill:#444}"
        ".left{text-anchor:end;fill:#444}.small{font-size:11px}</style>",
        f'<clipPath id="inside"><rect {inside}/></clipPath>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="24" font-size="15" fill="#222">Mean profit against its deviation: '
        "lines exact, dots simulated (95 %)</text>",
        *axes(),
        *(curve(plugin, points, labels[plugin]) for plugin, points in curves.items()),
        *dots,
        "</svg>\n",
    ]
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--reps", type=int, default=2000)
    reps = parser.parse_args().reps
    curves = {plugin: [exact(plugin, gamma) for gamma in CURVE] for plugin in PLUGINS}
    dots = []
    for plugin in PLUGINS:
        for gamma in DOTS:
            found, (sd, mean) = simulated(plugin, gamma, reps), exact(plugin, gamma)
            dots.append(dot(plugin, gamma, found))
            print(
                f"{plugin:<20} gamma {gamma:<5} exact mean {mean:.3f} sd {sd:.3f}   simulated "
                f"{found[1]:.3f} +- {found[3]:.3f}, {found[0]:.3f} +- {found[2]:.3f}"
            )
    PICTURE.write_text(picture(curves, dots), encoding="utf-8")
    for gamma in DOTS:
        sd, mean = exact("avellaneda-stoikov", gamma)
        same = brentq(lambda g, sd=sd: exact("cara-table", g)[0] - sd, 1e-4, 6, xtol=1e-4)
        best = exact("cara-table", same)[1]
        print(
            f"deviation {sd:.2f}: the 2008 formula with gamma {gamma} earns {mean:.1f}, "
            f"cara-table with gamma {same:.3f} earns {best:.1f} ({best / mean - 1:+.1%})"
        )


if __name__ == "__main__":
    main()
