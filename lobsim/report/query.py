"""Questions to a run in SQL: DuckDB in memory, which sees the tables of that run and nothing else.

One thread, because with more the sums of floats differ in their last digits from one time to the
next; over two million fills it is no slower (0.45 s against 0.41).
"""

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lobsim.errors import UsageError
from lobsim.report.frames import Run

if TYPE_CHECKING:
    import duckdb

DERIVED_FROM = {"quotes": "orders", "equity": "fills", "attribution": "fills", "measures": "fills"}
VIEWS = ("fills", "orders", "mids", "risk", "notes", "summary", *DERIVED_FROM)
SEALED: dict[str, Any] = {
    "threads": 1,
    "enable_external_access": False,  # no files, no network, no extensions
    "python_enable_replacements": False,  # the names of our variables are no tables
    "temp_directory": "",  # nothing is spilled to disk
    "errors_as_json": True,
    "lock_configuration": True,
}
OWN_FILLS = "(select ts_event / 1e9 as time_s, * from fills where strategy <> 'outside') as fills"
# Only a maker waits in a queue: the means are over the fills as maker, null where there are none.
SUMS = """
    count(*) as fills, sum(size) as lots, sum(spread_earned) as spread_earned,
    sum(spread_earned) / sum(size) as spread_per_lot, sum(fee) as fees,
    avg(queue_ahead) filter (liquidity = 'maker') as mean_queue_ahead,
    avg(order_age_ns) filter (liquidity = 'maker') / 1e6 as mean_age_ms
"""
OPENING = "where (\n"  # lines of its own: a remark at the end of a condition ends there
Rows = tuple[list[str], list[tuple[Any, ...]]]  # the names of the columns, and the rows


def query(run: Run, sql: str, where: str | None = None) -> Rows:
    """The answer to one SELECT over the views of a run; those that it names are made.

    `where` is the part of `sql` that the user gave as a condition; None: all is the user's.
    Raises UsageError.
    """
    import duckdb

    option = "--where: " if where else ""
    with duckdb.connect(":memory:", config=SEALED) as connection:
        known: dict[str, list[str]] = {}
        try:
            check(connection.extract_statements(sql), option)
            for view in VIEWS:
                named = re.search(rf"\b({view}|tables)\b", sql, re.IGNORECASE)
                if named and (source := source_of(run, view, sql)) is not None:
                    connection.register(view, source)
                    known[view] = source.schema.names
            cursor = connection.execute(sql)
            return unlike([column[0] for column in cursor.description]), cursor.fetchall()
        except duckdb.Error as error:
            what, position = explained(str(error), known, run)
            if where is None:
                raise UsageError(what + place(sql, position)) from None
            start = sql.find(OPENING) + len(OPENING)
            if position is None:
                what = option + what
            elif where and position >= start:
                what = option + what + place(where, position - start)
            raise UsageError(what) from None
        except RuntimeError as error:
            if "interrupted" in str(error):
                raise KeyboardInterrupt from error
            raise


def own_fills(run: Run, where: str | None = None, limit: int | None = None) -> Rows:
    """The fills of the strategies; `where` is a condition in SQL.

    They come in the order of the tape, which DuckDB preserves: to sort them too took 0.5 s.
    """
    ending = "" if limit is None else f"limit {limit}"
    return asked(run, f"select * from {OWN_FILLS}", where, ending)


def count_fills(run: Run, where: str | None = None) -> int:
    _, [(count,)] = asked(run, f"select count(*) from {OWN_FILLS}", where)
    return int(count)


def grouped_fills(
    run: Run, columns: list[str], where: str | None = None, limit: int | None = None
) -> Rows:
    """Sums over the strategies' fills, a row for each combination of values of `columns`."""
    if "" in columns:
        raise UsageError("--group-by: names of columns are wanted, with commas between them")
    groups = ", ".join(map(quoted, columns))
    ending = "" if limit is None else f"limit {limit}"
    return asked(
        run, f"select {groups}, {SUMS} from {OWN_FILLS}", where,
        f"group by {groups} order by {groups} {ending}",
    )  # fmt: skip


def quoted(name: str) -> str:
    return 'fills."{}"'.format(name.replace('"', '""'))


def asked(run: Run, select: str, where: str | None, ending: str = "") -> Rows:
    if not where:
        return query(run, f"{select} {ending}", "")
    return query(run, f"{select} {OPENING}{where}\n) {ending}", where)


def source_of(run: Run, view: str, sql: str) -> Any:
    """What a view reads: a dataset of the run or a table made now; None where there is none.

    Fills have the markouts that the query names.
    """
    import pyarrow as pa

    from lobsim.report.markouts import asked_for, marked_out

    if view == "summary":
        summary = run.manifest.get("summary")
        return pa.Table.from_pylist(summary) if summary else None
    markouts = asked_for(sql) if view == "fills" else {}
    if markouts and (fills := run.dataset("fills")) is not None:
        table = fills.to_table()
        for name, values in marked_out(run, table.to_pandas(), markouts).items():
            table = table.append_column(name, pa.array(values, from_pandas=True))
        return table
    if view not in DERIVED_FROM:
        return run.dataset(view)
    if not (run.folder / DERIVED_FROM[view]).is_dir():
        return None
    made = getattr(run, view)
    return pa.Table.from_pandas(made() if callable(made) else made, preserve_index=False)


def check(statements: "list[duckdb.Statement]", option: str) -> None:
    if len(statements) != 1:
        raise UsageError(f"{option}one SELECT is wanted, not {len(statements)} statements")
    kind = statements[0].type.name
    if kind not in ("SELECT", "EXPLAIN"):
        raise UsageError(f"{option}only a SELECT is allowed: a run is not changed (this is {kind})")


def unlike(names: list[str]) -> list[str]:
    """Names of columns, those that come again with a number: size, size_2."""
    made: list[str] = []
    for name in names:
        count, each = 1, name
        while each in made:
            count += 1
            each = f"{name}_{count}"
        made.append(each)
    return made


# Errors


def explained(message: str, known: Mapping[str, list[str]], run: Run) -> tuple[str, int | None]:
    """DuckDB's complaint in one line, and the byte of the query that it is about, if it says so.

    `known` are the columns of the views that the query names.
    """
    try:
        told = json.loads(message[message.index("{") :])
    except ValueError:
        return message.partition("\n")[0], None
    what = str(told["exception_message"]).partition("\n")[0]
    column = re.search(r'column (?:named )?"(.+)"(?: not found|$)', what)
    if column:
        word, columns = column.group(1), [each for names in known.values() for each in names]
        listed = "; ".join(f"{view}: {', '.join(names)}" for view, names in known.items())
        return f"unknown column '{word}'{meant(word, columns)}; {listed}", None
    if told.get("type") != "Table":
        return what, int(told["position"]) if "position" in told else None
    table = told["name"]
    if table.lower() in VIEWS:
        record, state = run.manifest["scenario"]["record"], run.manifest["state"]
        return f'the run has no {table} (record = "{record}", {state})', None
    return f"unknown table '{table}'{meant(table, VIEWS)}; known: {', '.join(VIEWS)}", None


def place(given: str, position: int | None) -> str:
    """Where in what the user wrote a byte of it is."""
    if position is None:
        return ""
    before = given.encode()[:position].decode(errors="ignore")
    if before == given:
        return " (at its end)"
    lines = before.split("\n")
    line = f"line {len(lines)}, " if "\n" in given.strip() else ""
    return f" ({line}column {len(lines[-1]) + 1})"


def meant(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), 1)
    return f"; did you mean '{near[0]}'?" if near else ""
