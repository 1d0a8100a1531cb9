"""What a tick is worth: profit against a rival at 0.67, by own half-spread and size of orders.

    python tools/one_tick.py                 prints the figures and draws tools/one-tick.svg
    python tools/one_tick.py --reps 20000    with smaller intervals

Dots are simulated, with intervals of 95 %.  Lines are exact: a quote d from the mid is reached by A
exp(-k d) orders per second and side and earns d; it gets all of them while it is the best, none of
the first lots while it is behind, and half of them at the rival's price.  What is left for it then
is the share of orders of two lots or more, 1 - 1/mean.
"""

import argparse
import math
from pathlib import Path

from lobsim import compare

PICTURE = Path(__file__).with_name("one-tick.svg")
SCENARIO = "one-tick"
A, K, TICK, RIVAL = 140.0, 1.5, 0.01, 0.67  # of the scenario, which lasts a second
SIZES = {1: "#c8511b", 2: "#0b8a63", 5: "#1f6fb4"}  # mean lots of an order, and its colour
NAMES = {1: "orders of one lot", 2: "of 2 lots on average", 5: "of 5 lots on average"}
SPREADS = [round(0.60 + TICK * i, 2) for i in range(15)]
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 470, 64, 44, 20, 54
ACROSS, UP = (0.595, 0.745), (0.0, 80.0)

Found = tuple[float, float, float]


def earned(near: float, far: float) -> float:
    """By quotes that lie anywhere between these two distances, both sides, times far - near."""
    return sum(
        sign * 2 * A * (d / K + 1 / K**2) * math.exp(-K * d) for d, sign in ((near, 1), (far, -1))
    )


def alone(half_spread: float) -> float:
    """Mean profit of a maker who is always the best; quotes are rounded outward to a tick."""
    return earned(half_spread, half_spread + TICK) / TICK


def exact(half_spread: float, mean: int) -> float:
    """Mean profit.

    The mid lies anywhere between two ticks, so the distance d of a quote lies anywhere from its
    half-spread to a tick more.  Where both round to one price, d is in the rival's range as well.
    """
    left = 1 - 1 / mean
    ahead = max(min(RIVAL - half_spread, TICK), 0.0)
    behind = max(min(half_spread - RIVAL, TICK), 0.0)
    first, last = half_spread + ahead, half_spread + TICK - behind
    return (
        earned(half_spread, first)
        + earned(first, last) * (1 + left) / 2
        + earned(last, half_spread + TICK) * left
    ) / TICK


def simulated(half_spread: float, mean: int, reps: int) -> Found:
    """Mean profit and its interval."""
    settings = [f"me.half_spread={half_spread}", f"asset.flow.size.mean={mean}"]
    found = compare(SCENARIO, mode="shared", reps=reps, settings=settings, engine="compiled")
    row = next(row for row in found.rows if row.strategy == "me")
    if row.profit_low is None or row.profit_high is None:
        raise SystemExit("--reps must be 2 or more")
    return row.profit_mean, row.profit_low, row.profit_high


def x(half_spread: float) -> float:
    return LEFT + (half_spread - ACROSS[0]) / (ACROSS[1] - ACROSS[0]) * (WIDTH - LEFT - RIGHT)


def y(profit: float) -> float:
    return HEIGHT - BOTTOM - (profit - UP[0]) / (UP[1] - UP[0]) * (HEIGHT - TOP - BOTTOM)


def axes() -> list[str]:
    parts = []
    for half_spread in SPREADS[::2]:
        at = f"{x(half_spread):.1f}"
        parts.append(f'<path d="M{at} {y(UP[0]):.1f}V{y(UP[1]):.1f}" class="grid"/>')
        parts.append(f'<text x="{at}" y="{HEIGHT - 34}" class="tick">{half_spread:.2f}</text>')
    for profit in range(int(UP[0]), int(UP[1]) + 1, 10):
        parts.append(f'<path d="M{LEFT} {y(profit):.1f}H{WIDTH - RIGHT}" class="grid"/>')
        parts.append(f'<text x="{LEFT - 10}" y="{y(profit) + 4:.1f}" class="left">{profit}</text>')
    middle = HEIGHT / 2
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 10}" class="tick">half-spread</text>')
    parts.append(
        f'<text x="18" y="{middle}" class="tick" transform="rotate(-90 18 {middle})">mean profit'
        "</text>"
    )
    rival = f"{x(RIVAL):.1f}"
    parts.append(f'<path d="M{rival} {y(UP[0]):.1f}V{y(UP[1]):.1f}" class="rival"/>')
    parts.append(f'<text x="{rival}" y="{y(UP[1]) + 16:.1f}" dx="6">the rival</text>')
    return parts


def curve(mean: int) -> str:
    steps = [SPREADS[0] + TICK * i / 20 for i in range(20 * len(SPREADS) - 19)]
    way = " ".join(f"{x(each):.1f},{y(exact(each, mean)):.1f}" for each in steps)
    label = y(exact(SPREADS[-1], mean)) - 9
    return (
        f'<polyline points="{way}" fill="none" stroke="{SIZES[mean]}" stroke-width="2"/>'
        f'<text x="{x(SPREADS[-1]):.1f}" y="{label:.1f}" text-anchor="end" fill="{SIZES[mean]}">'
        f"{NAMES[mean]}</text>"
    )


def dot(half_spread: float, mean: int, found: Found) -> str:
    profit, low, high = found
    across = f"{x(half_spread):.1f}"
    return (
        f'<path d="M{across} {y(low):.1f}V{y(high):.1f}" stroke="{SIZES[mean]}"/>'
        f'<circle cx="{across}" cy="{y(profit):.1f}" r="3.5" fill="{SIZES[mean]}"/>'
    )


def picture(dots: list[str]) -> str:
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="system-ui, sans-serif" font-size="13">',
        "<style>.grid{stroke:#ddd}.tick{text-anchor:middle;fill:#444}"
        ".left{text-anchor:end;fill:#444}.rival{stroke:#888;stroke-dasharray:4 3}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="24" font-size="15" fill="#222">Mean profit against a rival at '
        f"{RIVAL}: lines exact, dots simulated (95 %)</text>",
        *axes(),
        *(curve(mean) for mean in SIZES),
        *dots,
        "</svg>\n",
    ]
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--reps", type=int, default=2000)
    reps = parser.parse_args().reps
    dots, outside = [], 0
    print("half-spread  alone   ", *(f"{NAMES[mean]:<34}" for mean in SIZES))
    for half_spread in SPREADS:
        print(f"{half_spread:<12.2f} {alone(half_spread):<8.3f}", end="")
        for mean in SIZES:
            found, theory = simulated(half_spread, mean, reps), exact(half_spread, mean)
            profit, low, high = found
            dots.append(dot(half_spread, mean, found))
            outside += not low <= theory <= high
            print(f" {theory:6.3f}, got {profit:6.3f} in {low:5.2f}..{high:5.2f}", end="   ")
        print()
    PICTURE.write_text(picture(dots), encoding="utf-8")
    print(f"{outside} of {len(dots)} intervals miss the exact figure")


if __name__ == "__main__":
    main()
