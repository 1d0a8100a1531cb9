"""report.html of one run, or of several side by side: what was run, and what came of it."""

from collections.abc import Sequence

from lobsim.report.depth_charts import Policies, depths, policies
from lobsim.report.frames import Run
from lobsim.report.jump_charts import around_all_jumps
from lobsim.report.page import Page
from lobsim.report.profit_charts import attribution, markouts
from lobsim.report.run_tables import summary, transitions, what_was_run
from lobsim.report.source import sources_of
from lobsim.report.time_charts import over_time


def run_page(runs: Sequence[Run], tables: Policies | None = None) -> str:
    """HTML of one run with the tables its strategies quoted from, or of several without them."""
    sources = sources_of(runs)
    first = runs[0].manifest
    one = first["scenario"]["title"] or first["name"]
    page = Page(one if len(runs) == 1 else f"{len(runs)} runs: {one}")
    what_was_run(page, sources)
    summary(page, sources)
    over_time(page, sources)
    attribution(page, sources)
    depths(page, sources)
    policies(page, sources[0], tables or {})
    markouts(page, sources)
    transitions(page, sources)
    around_all_jumps(page, sources)
    return page.html()
