"""Whether a kept run's profit is split without rest: by every grouping, and as the summary says.

What is summed twice here are the rows of the tape, one by one, in Python's whole numbers.
"""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from lobsim.report.assets import assets_of, endowment, traded_by
from lobsim.report.attribution import GROUPS
from lobsim.report.moves import CAUSES


def faults(run, bins=7):
    """What does not add up, in words; nothing where all does."""
    found = []
    whole = run.attribution()
    frames = {by: run.attribution(by, bins=bins) for by in GROUPS}
    for by, frame in {"nothing": whole, **frames}.items():
        if frame["residual"].any():
            found.append(f"by {by}: residual {frame['residual'].abs().max()}")
    ticks = {name: asset["tick"] / 1000 for name, asset in assets_of(run.manifest).items()}
    for key, row in whole.set_index(["strategy", "asset"]).iterrows():
        milli = ticks[key[1]]
        expected = plain_count(run, *key)
        own = {name: row[name] / milli for name in row.index}
        own["others"] = own["diffusion"] + own["drift"] + own["jumps"]
        found += [
            f"{key} {name}: {own[name]} for {value}"
            for name, value in expected.items()
            if abs(own[name] - value) > 1e-3
        ]
        for by, frame in frames.items():
            mine = frame[(frame["strategy"] == key[0]) & (frame["asset"] == key[1])]
            found += [
                f"{key} by {by}, {name}: {mine[name].sum()} for {row[name]}"
                for name in row.index
                if abs(mine[name].sum() - row[name]) > 0.5 * milli
            ]
    for told in run.manifest["summary"]:
        own = whole[whole["strategy"] == told["strategy"]].drop(columns=["strategy", "asset"]).sum()
        luck = sum(own[name] for name in CAUSES)
        for name, value in (
            ("profit", own["profit"]),
            ("spread_earned", own["spread"] + own["closing"]),
            ("luck", luck),
            ("fees", -own["fees"]),
        ):
            if abs(value - told[name]) > 1e-7:
                found.append(f"{told['strategy']} {name}: {value}, the summary {told[name]}")
    return found


def plain_count(run, strategy, asset):
    """The parts of one account in 1/1000 (tick x lot), all moves but informed ones together."""
    tick = Fraction(str(assets_of(run.manifest)[asset]["tick"]))
    lots, _ = endowment(run.manifest, strategy, asset)
    assert asset in traded_by(run.manifest, strategy)
    parts = defaultdict(int)
    rows = [(row["seq"], row) for row in run.mids.to_dict("records") if row["asset"] == asset]
    fills = run.fills
    fills = fills[(fills["strategy"] == strategy) & (fills["asset"] == asset)]
    rows += [(row["seq"], row) for row in fills.to_dict("records")]
    mark = mark_of(assets_of(run.manifest)[asset]["mid"], tick)
    for _, row in sorted(rows, key=lambda pair: pair[0]):
        before, mark = mark, mark_of(row["mid"], tick)
        if "kind" in row:
            parts["informed" if row["kind"] == "informed" else "others"] += lots * (mark - before)
            continue
        assert mark == before
        bought = row["size"] if row["side"] == "buy" else -row["size"]
        lots += bought
        part = "closing" if row["liquidity"] == "close" else "spread"
        parts[part] += bought * (mark - 1000 * row["price_ticks"])
        parts["fees"] -= round(row["fee"] / float(tick) * 1000)
    for name in ("others", "informed", "spread", "closing", "fees"):
        parts[name] += 0
    return dict(parts)


def mark_of(mid, tick):
    return int((1000 * (mid / float(tick)) + 0.5) // 1)


def endowed(setup):
    """A market whose scenario says what its seats have at the start, as that of a file does."""
    tick = setup.scenario.asset.tick
    specs = tuple(
        seat.spec.model_copy(
            update={"inventory": seat.inventories[0], "cash": Decimal(seat.cash) * tick}
        )
        for seat in setup.seats
    )
    seats = tuple(replace(seat, spec=spec) for seat, spec in zip(setup.seats, specs, strict=True))
    scenario = setup.scenario.model_copy(update={"strategy": specs})
    return replace(setup, scenario=scenario, seats=seats)
