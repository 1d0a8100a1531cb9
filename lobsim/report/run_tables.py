"""What a page says in words and tables: what was run, how each fared, what the risk monitor did."""

from collections.abc import Mapping, Sequence
from typing import Any

from lobsim.errors import cut
from lobsim.report.frames import Run
from lobsim.report.leaves import leaves
from lobsim.report.page import Page, amount, signed
from lobsim.report.source import Source

TRANSITIONS, DIFFERENT = 100, 60  # rows that are shown
COLUMNS = (
    "fills", "spread earned", "+ luck", "- fees", "= profit", "closed", "worst drawdown",
    "inventory low..high", "halts",
)  # fmt: skip


def what_was_run(page: Page, sources: Sequence[Source]) -> None:
    for source in sources:
        if len(sources) > 1:
            page.section(f"Run {source.name}")
        page.facts(facts(source.run))
        page.folded("scenario, resolved", scenario_lines(source.run.manifest["scenario"]))
    if len(sources) > 1:
        differences_of_scenarios(page, sources)


def facts(run: Run) -> list[tuple[str, str]]:
    manifest = run.manifest
    found = facts_of(
        manifest, seed=f"{manifest['seed']}, replication {manifest['replication']}",
        engine=f"{manifest['engine']}{', audited' if manifest['audited'] else ''}",
        digest=run.digest or "none: the tape is not whole",
    )  # fmt: skip
    if manifest["state"] != "complete":
        found.insert(0, ("state", f"{manifest['state']}: what there is of the tape is shown"))
    return found + [("problem", problem) for problem in manifest.get("problems", [])]


def facts_of(manifest: Mapping[str, Any], **more: str) -> list[tuple[str, str]]:
    """What identifies a run, a comparison or a sweep; `more` is told of it, too."""
    found = [("scenario", manifest["name"]), *more.items()]
    found += [(key, manifest[key]) for key in ("started",) if key in manifest]
    told = ", ".join(f"{name} {version}" for name, version in manifest["versions"].items())
    found.append(("versions", told))
    files = [f"{name} {digest[:8]}" for name, digest in manifest["plugins"].items()]
    return [*found, *([("plugins", ", ".join(files))] if files else [])]


def scenario_lines(scenario: dict[str, Any]) -> list[str]:
    return [
        f"{key} = {value!r}" if isinstance(value, str) else f"{key} = {value}"
        for key, value in leaves(scenario).items()
        if value is not None and value not in ([], {})
    ]


def differences_of_scenarios(page: Page, sources: Sequence[Source]) -> None:
    """The keys in which the scenarios of several runs are unlike."""
    told = [
        leaves(source.run.manifest["scenario"]) | {"seed": source.run.manifest["seed"]}
        | {"replication": source.run.manifest["replication"]}
        for source in sources
    ]  # fmt: skip
    keys = [
        key
        for key in dict.fromkeys(key for own in told for key in own)
        if any(own.get(key) != told[0].get(key) for own in told)
    ]
    rows = [[key, *(cut(str(own.get(key, "-"))) for own in told)] for key in keys[:DIFFERENT]]
    page.section(
        "What differs",
        "" if rows else "Nothing: the same scenario, seed and replication.",
        f"Shown are {DIFFERENT} of {len(keys)} keys." if len(keys) > DIFFERENT else "",
    )
    if rows:
        page.table(["", *(source.name for source in sources)], rows)


def summary(page: Page, sources: Sequence[Source]) -> None:
    """The table that `lobsim run` prints, of all runs."""
    page.section("How each fared", "Money in currency; one path, which is luck.")
    several = len(sources) > 1
    rows = []
    for source in sources:
        own = source.run.manifest.get("summary", [])
        name = source.name
        rows += [[*([name] if several else []), *summary_cells(row)] for row in own]
        if not own:
            page.notes(f"{name if several else 'The run'} did not end, and has no summary.")
        page.notes(
            *(
                f"{row['strategy']} was taken out of the market: {row['problem']}"
                for row in own
                if row["problem"]
            )
        )
    if rows:
        page.table([*(["run"] if several else []), "", *COLUMNS], rows)
    if several and rows:
        differences(page, sources)


def summary_cells(row: dict[str, Any]) -> list[str]:
    return [
        row["strategy"], str(row["fills"]), amount(row["spread_earned"]), signed(row["luck"]),
        amount(row["fees"]), amount(row["profit"]), amount(row["profit_closed"]),
        amount(row["drawdown"]), f"{row['lowest']}..{row['highest']}", str(row["halts"]),
    ]  # fmt: skip


def differences(page: Page, sources: Sequence[Source]) -> None:
    """Of every later run from the first, of the strategies that both have."""
    first, *others = [
        {row["strategy"]: row for row in source.run.manifest.get("summary", [])}
        for source in sources
    ]
    names = ("profit", "spread_earned", "luck", "fees", "drawdown")
    rows = [
        [
            source.name, strategy,
            *(signed(row[name] - first[strategy][name]) for name in names),
            f"{row['fills'] - first[strategy]['fills']:+d}",
        ]
        for source, own in zip(sources[1:], others, strict=True)
        for strategy, row in own.items()
        if strategy in first
    ]  # fmt: skip
    if rows:
        page.section(
            f"Differences from {sources[0].name}",
            "One path each: lobsim compare says what is luck.",
        )
        headings = [name.replace("_", " ") for name in names]
        page.table(["run", "", *headings, "fills"], rows)


def transitions(page: Page, sources: Sequence[Source]) -> None:
    """Of the risk monitors."""
    count = sum(len(source.risk) for source in sources)
    page.section(
        "Risk transitions",
        "Figure, limit and overshoot in the limit's own unit: currency, or lots."
        if count else "None: no limit acted.",
        f"Shown are the first {TRANSITIONS} of {count:,}." if count > TRANSITIONS else "",
    )  # fmt: skip
    several = len(sources) > 1
    rows = []
    for source in sources:
        name = [source.name] if several else []
        for row in source.risk.head(TRANSITIONS).to_dict("records"):
            cells = [f"{row['ts_event'] / 1e9:.6g}", row["strategy"], row["asset"]]
            cells += [row["state"].replace("_", " "), row["cause"]]
            cells += [amount(row[name]) for name in ("figure", "limit", "overshoot")]
            rows.append([*name, *cells])
    headings = ["time (s)", "strategy", "asset", "state", "cause", "figure", "limit", "overshoot"]
    if rows:
        page.table([*(["run"] if several else []), *headings], rows[:TRANSITIONS])
