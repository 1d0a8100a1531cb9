"""The quote tables of a kept run, made again from the scenario in its run.json.

Only strategies that are installed are asked: a page about a run does not run code from files.
"""

import numpy as np
from numpy.typing import NDArray

from lobsim.errors import LobsimError
from lobsim.quotes import quotes_of
from lobsim.report.depth_charts import Policies, Policy
from lobsim.report.frames import Run
from lobsim.scenario.schema import Scenario
from lobsim.solved import at_lots, shown_depths
from lobsim.watch import kept_apart

ROWS, ROOM = 160, 50  # times of a table; lots beyond those that the run had


def policies_of(run: Run) -> Policies:
    """By strategy; in place of a table that cannot be had the reason."""
    recorded: dict[str, str] = run.manifest["quote_tables"]
    if not recorded:
        return {}
    if files := run.manifest["scenario"]["plugins"]:
        why = f"a report runs no plugin files, and the run has {', '.join(files)}"
        return dict.fromkeys(recorded, why)
    try:
        scenario = Scenario.model_validate(run.manifest["scenario"])
    except ValueError:
        return dict.fromkeys(recorded, "this version of lobsim does not know its scenario")
    fills = run.frame("fills", ["strategy", "inventory"])
    held = {name: fills["inventory"][fills["strategy"] == name].tolist() for name in recorded}
    return {name: policy_of(scenario, name, recorded[name], held[name]) for name in recorded}


def policy_of(scenario: Scenario, strategy: str, digest: str, held: list[int]) -> Policy | str:
    """`held` are the inventories that it had."""
    try:
        with kept_apart():
            quotes = quotes_of(scenario, strategy)
    except LobsimError as error:
        return error.problems[0]
    if quotes.table.digest() != digest:
        return "made again the table is another: the plugin, or lobsim, is of another version"
    times, *sides = shown_depths(quotes.table, ROWS)
    lots = lots_about([quotes.market.inventory, *held], quotes.market.max_inventory)
    bid, ask = (
        at_lots(quotes.table, quotes.market, depth, lots, side)
        for depth, side in zip(sides, (+1, -1), strict=True)
    )
    return Policy(np.append(times, quotes.market.duration_s), lots, bid, ask)


def lots_about(held: list[int], most: int | None) -> NDArray[np.int64]:
    """The inventories that a run had, and some to either side."""
    low, high = min(held), max(held)
    room = min(max(2, (high - low) // 2), ROOM)
    low, high = low - room, high + room
    if most is not None:
        low, high = max(low, -most), min(high, most)
    return np.arange(low, high + 1)
