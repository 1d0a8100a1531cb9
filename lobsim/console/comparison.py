"""What replications say: a comparison, and the lines that `run` adds to one path."""

from lobsim.compare import Comparison
from lobsim.console.write import counted, number, say, table
from lobsim.report.paired import BOTH
from lobsim.tally import Difference, Row


def print_comparison(comparison: Comparison, again: str) -> None:
    """`again` is what one types after `lobsim run` to see one path of it."""
    for mode in comparison.summaries:
        what = "each alone in the same world" if mode == "isolated" else "all in one book"
        reps = counted(comparison.reps, "replication")
        say(f"{mode}: {what}, seed {comparison.seed}, {reps}, {comparison.engine} engine")
        rows = [row for row in comparison.rows if row.mode == mode]
        fees = any(row.fees_mean for row in rows)
        crossed = any(row.maker_trades_mean for row in rows)
        headings = ["", "profit", "sd", "95 % interval", "closed", "spread earned", "+ luck"]
        headings += ["- fees"] if fees else []
        headings += ["inventory", "its sd", "fills", "quoted spread", "up", "at best"]
        headings += ["drawdown", "halts", *(["maker trades"] if crossed else []), "worst"]
        table(headings, [comparison_cells(row, fees, crossed) for row in rows])
        if not any(row.fills_mean for row in rows):
            say("no fills")
        print_differences(comparison, mode)
        only = " --strategies NAME" if mode == "isolated" else ""
        say(f"one path of it: lobsim run {again}{only} --rep N", "")
    print_differences(comparison, BOTH)


def print_differences(comparison: Comparison, mode: str) -> None:
    """Of one mode, or between the two; on the same worlds, so what they share cancels."""
    rows = [each for each in comparison.differences if each.mode == mode]
    if not rows:
        return
    whom = "alone" if mode == BOTH else comparison.baseline
    sure = "95 %" if len(rows) == 1 else f"95 % for all {len(rows)} at once"
    say(f"{'in company' if mode == BOTH else 'less ' + whom}, on the same worlds, {sure}:")
    headings = ["", "profit", "interval", "sd", "interval", "pairing narrowed it"]
    table(headings, [difference_cells(each) for each in rows])
    for each in rows:
        if each.no_larger_than is not None:
            say(f" {each.strategy}: no difference larger than {each.no_larger_than:.3g}")


def difference_cells(each: Difference) -> list[str]:
    narrowed = "-" if each.narrowed is None else f"{each.narrowed:.1f} times"
    return [
        f" {each.strategy}",
        f"{each.mean:+.2f}",
        span(each.low, each.high),
        "-" if each.sd is None else f"{each.sd:+.2f}",
        span(each.sd_low, each.sd_high),
        narrowed,
    ]


def span(low: float | None, high: float | None) -> str:
    return "-" if low is None or high is None else f"{low:+.2f}..{high:+.2f}"


def failures(comparison: Comparison) -> list[str]:
    """Strategies that were taken out of the market in some replications, and why."""
    return [
        f"{each.mode}: {each.strategy} failed in {each.count} of "
        f"{counted(comparison.reps, 'replication')}; in --rep {each.replication}: {each.text}"
        for each in comparison.problems
    ]


def comparison_cells(row: Row, fees: bool, crossed: bool) -> list[str]:
    interval = "-" if row.profit_low is None else f"{row.profit_low:.2f}..{row.profit_high:.2f}"
    return [
        f" {row.strategy}",
        number(row.profit_mean),
        number(row.profit_sd),
        interval,
        number(row.profit_closed_mean),
        number(row.spread_earned_mean),
        f"{row.luck_mean:+.2f}",
        *([number(row.fees_mean)] if fees else []),
        f"{row.inventory_mean:+.2f}",
        number(row.inventory_sd),
        number(row.fills_mean, 1),
        number(row.spread_mean, 3),
        f"{row.uptime:.0%}",
        f"{row.best_share:.0%}",
        number(row.drawdown_mean),
        str(row.halts),
        *([number(row.maker_trades_mean, 1)] if crossed else []),
        f"--rep {row.worst_rep}",
    ]


def print_replications(comparison: Comparison) -> None:
    reps = counted(comparison.reps, "replication")
    say("", f"One path is luck. {reps} (mean, standard deviation):")
    worst = min(comparison.rows, key=lambda row: row.profit_worst)
    width = max(len(row.strategy) for row in comparison.rows)
    for row in comparison.rows:
        say(
            f" {row.strategy:<{width}}  {row.profit_mean:7.1f}  {number(row.profit_sd, 1):>6}   "
            f"drawdown {row.drawdown_mean:.1f}"
            + (f"   worst: --rep {row.worst_rep}" if row is worst else "")
        )
