"""Markouts: what each fill is worth some time later, and whether the other side knew.

    markout(h) = side x (mid(t + h) - price), currency per lot

where mid(t + h) holds after all that came at that instant; NaN where t + h is past the end.
Averaged over lots it is the realised half-spread; that at the fill itself, against the mid then,
is the effective one (`quoted`), and what is lost between the two is adverse selection:

    adverse(h) = quoted - realised = side x (mid(t) - mid(t + h))

Sources: Huang and Stoll, "Dealer versus auction markets", Journal of Financial Economics 41, 1996
(effective and realised spreads); Newey and West, Econometrica 55, 1987, with weights by distance
in time as Conley, Journal of Econometrics 92, 1999 (the errors: fills closer than h share moves).
"""

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lobsim.errors import UsageError
from lobsim.report.accounts import known_rows, why_no_mids
from lobsim.report.assets import assets_of
from lobsim.report.frames import Run
from lobsim.report.moments import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

REACH = 4  # horizons, at which the weights of the errors have come down to 0
FEWEST = 3 * REACH  # horizons that the fills must span: below, nothing is known of the error
COLUMN = re.compile(r"\bmarkout_(\d+(?:\.\d+)?)(s|ms|us)\b", re.IGNORECASE)
UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}


def column_of(horizon_s: float) -> str:
    return f"markout_{horizon_s:.9g}s"


def asked_for(text: str) -> dict[str, int]:
    """Names of columns of markouts in a query, and their horizons in ns."""
    found = COLUMN.finditer(text)
    return {m.group(): nanos(float(m[1]) * UNITS[m[2].lower()]) for m in found}


def markouts_of(run: Run, horizons: Sequence[float]) -> "pd.DataFrame":
    """`Run.markouts`.  Raises UsageError."""
    if run.dataset("fills") is None:
        raise UsageError("no markouts: the run was killed before the first of its fills were kept")
    fills = run.fills
    fills = fills[fills["strategy"] != "outside"].reset_index(drop=True)
    columns = {column_of(each): nanos(each) for each in horizons}
    return fills.assign(**marked_out(run, fills, columns))


def nanos(horizon_s: float) -> int:
    if not 0 <= horizon_s <= 4e9:  # the longest run
        raise UsageError(f"horizon {horizon_s} s: must be from 0 to 4e9")
    return round(horizon_s * 1e9)


def marked_out(run: Run, fills: "pd.DataFrame", columns: dict[str, int]) -> dict[str, Floats]:
    """(fills,) for each of the columns, whose horizons are in ns, from the rows of a run's fills.

    Raises UsageError where the run kept no mids.
    """
    _, mids = known_rows(run)
    if mids is None:
        raise UsageError(f"no markouts: {why_no_mids(run)}")
    end = end_of(run, mids)
    side = np.where(fills["side"] == "buy", 1.0, -1.0)
    price, at = fills["price"].to_numpy(np.float64), fills["ts_event"].to_numpy(np.int64)
    found = {}
    for name, horizon in columns.items():
        then = mids_at(run, mids, fills["asset"].to_numpy(str), at + horizon)
        found[name] = np.where(at + horizon <= end, side * (then - price), np.nan)
    return found


def end_of(run: Run, mids: "pd.DataFrame") -> int:
    """Until when mids are known, ns."""
    if run.manifest["state"] == "complete":
        duration_s: float = run.manifest["scenario"]["duration_s"]
        return round(duration_s * 1e9)
    return int(mids["ts_event"].max()) if len(mids) else 0


def mids_at(run: Run, mids: "pd.DataFrame", assets: "np.ndarray", times: Ints) -> Floats:
    """(times,) the mids of these assets, after all that came at these times (ns)."""
    found = np.full(len(times), np.nan)
    for name, asset in assets_of(run.manifest).items():
        own, here = mids[mids["asset"] == name], assets == name
        path = np.concatenate([[asset["mid"]], own["mid"].to_numpy(np.float64)])
        place = np.searchsorted(own["ts_event"].to_numpy(np.int64), times[here], side="right")
        found[here] = path[place]
    return found


def summary_of(run: Run, horizons: Sequence[float]) -> "pd.DataFrame":
    """`Run.markout_summary`."""
    import pandas as pd

    fills, columns = markouts_of(run, horizons), [column_of(each) for each in horizons]
    fills = fills[fills["liquidity"] != "close"]
    there = adverse_selection(run)[0]
    rows = []
    names = ["strategy", "asset", "liquidity"]
    for keys, own in fills.groupby(names, observed=True):
        side = np.where(own["side"] == "buy", 1.0, -1.0)
        quoted = side * (own["mid"] - own["price"]).to_numpy(np.float64)
        for horizon, column in zip(horizons, columns, strict=True):
            known = own[column].notna().to_numpy()
            size = own["size"].to_numpy(np.float64)[known]
            realised = own[column].to_numpy(np.float64)[known]
            times = own["ts_event"].to_numpy(np.int64)[known] / 1e9
            means = [mean(each, size) for each in (quoted[known], realised)]
            lost, error = (math.nan, math.nan)
            if there:
                lost = means[0] - means[1]
                error = error_of(quoted[known] - realised, size, times, horizon)
            row = dict(zip(names, keys, strict=True))
            row |= {"horizon_s": horizon, "fills": len(size), "lots": int(size.sum())}
            row |= {"quoted": means[0], "realised": means[1], "adverse": lost, "adverse_se": error}
            rows.append(row)
    columns = [*names, "horizon_s", "fills", "lots", "quoted", "realised", "adverse", "adverse_se"]
    return pd.DataFrame(rows, columns=columns)


def mean(values: Floats, size: Floats) -> float:
    """Per lot; NaN of none."""
    return float(values @ size / size.sum()) if len(size) else math.nan


def error_of(values: Floats, size: Floats, times: Floats, horizon_s: float) -> float:
    """The standard error of a mean per lot over fills in order of time (s): Newey and West's.

        se^2 = sum_ij (1 - |t_i - t_j| / reach)+ u_i u_j / lots^2,  u_i = size_i (value_i - mean)

    with a reach of four horizons.  NaN where the fills span less than twelve.
    """
    if len(size) < 2 or times[-1] - times[0] <= FEWEST * horizon_s:
        return math.nan
    u = size * (values - mean(values, size))
    reach = REACH * horizon_s
    low = np.searchsorted(times, times - reach, side="right")
    sums, moments = (np.concatenate([[0.0], np.cumsum(each)]) for each in (u, u * times))
    here = np.searchsorted(times, times)  # those before, and those of the same instant apart
    before, weighted = sums[here] - sums[low], moments[here] - moments[low]
    total = float(u @ (before - (times * before - weighted) / reach)) if reach else 0.0
    return math.sqrt(max(0.0, 2 * total + same_instant(u, times))) / float(size.sum())


def same_instant(u: Floats, times: Floats) -> float:
    """The sum of u_i u_j over fills at the same time, each with itself included."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(times)) + 1])
    sums = np.add.reduceat(u, starts)
    return float(sums @ sums)


def adverse_selection(run: Run) -> tuple[bool, str]:
    """Whether orders foretell the mid in this market, and what there is in a line.

    From the scenario, not from figures that chance made: here only informed orders do.  Where
    quotes may be stale, or strategies took, the figures are shown all the same.
    """
    scenario = run.manifest["scenario"]
    informed = {
        name: asset["flow"]["informed"]
        for name, asset in assets_of(run.manifest).items()
        if asset["flow"].get("informed")
    }
    told = [
        f"{each['share']:.4g} of the orders{f' in {name}' if len(informed) > 1 else ''} know of a "
        f"move of {each['move']:.6g}"
        for name, each in informed.items()
        if each["share"] and each["move"]
    ]
    if told:
        return True, f"adverse selection: {'; '.join(told)}"
    stale = scenario["requote"] == "timer"
    fills = run.frame("fills", ["strategy", "liquidity"])
    taken = (fills["strategy"] != "outside") & (fills["liquidity"] == "taker")
    if not stale and not taken.any():
        return False, "adverse selection: none in this market (no order knows where the mid goes)"
    prices = [asset["price"] for asset in assets_of(run.manifest).values()]
    later = "come of its own drift" if any(map(is_predictable, prices)) else "have mean 0"
    return True, (
        "adverse selection: no order knows where the mid goes; what a stale quote loses it has "
        f"lost at the fill, so it is in `quoted`, and later moves of the mid {later}"
    )


def is_predictable(price: dict[str, Any]) -> bool:
    """Whether the mid is no martingale."""
    jumps = price.get("jumps")
    loose = jumps is not None and not jumps["compensated"]
    return price["model"] == "ou" or bool(price.get("mu")) or loose
