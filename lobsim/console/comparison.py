"""What replications say: a comparison, and the lines that `run` adds to one path."""

from lobsim.compare import Comparison, Row
from lobsim.console.write import counted, number, say, table


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
        only = " --strategies NAME" if mode == "isolated" else ""
        say(f"one path of it: lobsim run {again}{only} --rep N", "")


def failures(comparison: Comparison) -> list[str]:
    """Strategies that were taken out of the market in some replications, and why."""
    said = []
    for row in comparison.rows:
        if row.benched:
            problems = comparison.summaries[row.mode][row.strategy].problems
            rep = min(problems)
            said.append(
                f"{row.mode}: {row.strategy} failed in {row.benched} of "
                f"{counted(row.reps, 'replication')}; "
                f"in --rep {rep}: {problems[rep]}"
            )
    return said


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
    worst = min(
        comparison.rows,
        key=lambda row: comparison.summaries[row.mode][row.strategy][row.worst_rep].profit,
    )
    width = max(len(row.strategy) for row in comparison.rows)
    for row in comparison.rows:
        say(
            f" {row.strategy:<{width}}  {row.profit_mean:7.1f}  {number(row.profit_sd, 1):>6}   "
            f"drawdown {row.drawdown_mean:.1f}"
            + (f"   worst: --rep {row.worst_rep}" if row is worst else "")
        )
