"""Many markets with an agent outside, each of its own world: played from question to question.

Every market has its own rows, streams and a short chunk of its world, so that a thousand stay in
the second cache.  It waits at a question of its agent, and goes on with the answer.
"""

from typing import Any, NamedTuple

import numpy as np
from numba.extending import overload

from lobsim.batch import columns as c
from lobsim.batch import live
from lobsim.batch.columns import Rows
from lobsim.batch.day import ask_first, play_chunk, prepare_day, take_chunk
from lobsim.batch.distance import pauses
from lobsim.batch.jit import INLINED, SHARED, hot, jitted, uncounted
from lobsim.batch.live import LiveTables
from lobsim.batch.replications import copy_rows
from lobsim.batch.streams import REPLICATION, seed_stream
from lobsim.batch.world_chunks import next_chunk
from lobsim.market.compiled_quote import SEEN
from lobsim.models.world import HIGHEST

equity_of = SHARED["equity_of"]
NEXT_STEP, SAME_STEP, NEVER = range(3)  # when a market that has ended opens again
# Rules: bounds of an action, what inventory costs, the agent's first worth, and units.
LOW, HIGH, RUNNING, TERMINAL, WORTH, TICK, DURATION_S, RULES = 0, 2, 4, 5, 6, 7, 8, 9


class Envs(NamedTuple):
    """Of n markets; what they have in common has no such axis."""

    rows: Rows  # (n, R, COLUMNS)
    endowed: Rows  # (R, COLUMNS)
    sheets: c.Array  # (n, S)
    begins: c.Array
    starts: c.Array
    depths: c.Array
    when: c.Array  # (n, W)
    levels: c.Array  # (n, L)
    rngs: Any  # of each stream (n, 4)
    chunk: Any  # of each column (n, C)
    world_entropy: c.Array  # (streams, 7)
    streams: c.Array  # the rows that have one
    entropy: c.Array  # (streams, 7)
    seeds: c.Array  # uint64 (n,)
    replications: c.Array  # (n,)
    equity: c.Array  # (n,): at the last question
    since: c.Array  # (n,): when that was, s
    ended: c.Array  # bool (n,)
    ends: Rows  # (n, 2, COLUMNS): of a day that has ended, the market's row and the agent's
    rules: c.Array  # float64 (RULES,)


class OwnWorld(NamedTuple):
    """What one market's world is made with."""

    rngs: Any
    when: c.Array
    mid_now: c.Array
    chunk: Any


class Answers(NamedTuple):
    """What a step leaves."""

    seen: c.Array  # (n, SEEN)
    rewards: c.Array  # (n,)
    over: c.Array  # bool (n,)
    last: c.Array  # (n, SEEN): the last observation of those that are over


def views(arrays: Any, i: int) -> Any:
    """Row i of each array."""
    return tuple(each[i] for each in arrays)


def compiled_views(arrays: Any, i: Any) -> Any:
    parts = ", ".join(f"arrays[{j}][i]" for j in range(len(arrays)))
    return eval(f"lambda arrays, i: ({parts},)")


overload(views, strict=False, jit_options=INLINED)(compiled_views)


@jitted
def seed_env(envs: Envs, i: int) -> None:
    """Make the streams of a market's next day."""
    seed, replication = envs.seeds[i], envs.replications[i]
    words = views(envs.rngs, i)
    for j in range(len(words)):
        seed_with(envs.world_entropy[j], seed, replication, words[j])
    for j in range(len(envs.streams)):
        row = envs.rows[i].view(np.uint64)[envs.streams[j]]
        seed_with(envs.entropy[j], seed, replication, row[c.STREAM : c.STREAM + 4])


@jitted
def seed_with(entropy: Any, seed: Any, replication: int, words: Any) -> None:
    entropy[0], entropy[1] = seed & np.uint64(0xFFFFFFFF), seed >> np.uint64(32)
    entropy[REPLICATION] = replication
    seed_stream(entropy, words)


@hot
def tables_of(envs: Envs, i: int) -> LiveTables:
    return LiveTables(envs.starts, envs.depths, envs.sheets[i], envs.begins)


@jitted
def open_env(plan: Any, envs: Envs, i: int, answers: Answers) -> None:
    """A new day, up to the first question."""
    k = envs.rows[i]
    copy_rows(envs.endowed, k)
    for j in range(envs.sheets.shape[1]):
        envs.sheets[i, j] = envs.begins[j]
    for j in range(envs.when.shape[1]):
        envs.when[i, j] = 0
    for j in range(envs.levels.shape[1]):
        envs.levels[i, j] = 0.0
    envs.levels[i, 0] = plan.mid
    seed_env(envs, i)
    prepare_day(k)
    pauses(k, tables_of(envs, i), True)
    envs.ended[i] = False
    envs.equity[i], envs.since[i] = worth_of(envs, k), 0.0
    tell(envs, i, answers.seen)


@hot
def worth_of(envs: Envs, k: Rows) -> float:
    row = k[k[0, c.ACCOUNTS] - 1]
    mid = k.view(np.float64)[0, c.MID]
    return float(equity_of(row[c.CASH], row[c.FEES], envs.rules[TICK], row[c.LOTS], mid))


@hot
def tell(envs: Envs, i: int, seen: c.Array) -> None:
    s = agent_of(envs.rows[i]) + live.SEES
    for j in range(SEEN):
        seen[i, j] = envs.sheets[i, s + j]


@hot
def held(envs: Envs, i: int, lots: int, now: float) -> float:
    """What the inventory has cost since the last question."""
    since = envs.since[i]
    envs.since[i] = now
    return float(envs.rules[RUNNING] * lots**2 * (now - since))


@hot
def agent_of(k: Rows) -> Any:
    """Where the agent's sheet begins."""
    return k[k[0, c.ACCOUNTS] - 1, c.SHEET]


@hot
def answer(envs: Envs, i: int, actions: c.Array) -> None:
    s = agent_of(envs.rows[i])
    for j in range(2):
        depth = max(actions[i, j], envs.rules[LOW + j])
        envs.sheets[i, s + live.BID + j] = min(depth, envs.rules[HIGH + j])
    envs.sheets.view(np.int64)[i, s + live.ANSWERED] = 1


@hot
def ask_next(envs: Envs, i: int, answers: Answers) -> None:
    """A market waits again: what its agent sees, and has gained."""
    k = envs.rows[i]
    worth = worth_of(envs, k)
    cost = held(envs, i, k[k[0, c.ACCOUNTS] - 1, c.LOTS], k[0, c.NOW] / 1e9)
    answers.rewards[i] = worth - envs.equity[i] - cost
    envs.equity[i] = worth
    tell(envs, i, answers.seen)


@jitted
def close_env(envs: Envs, i: int, answers: Answers) -> None:
    """A day is over: the figures of summaries, as `lobsim.batch.figures` has them."""
    k, rules = envs.rows[i], envs.rules
    m, a = k[0], k[0, c.ACCOUNTS] - 1
    row, lots = k[a], k[a, c.LOTS]
    gain = 1000 * row[c.CASH] - row[c.FEES] + lots * m[c.MARK] - row[c.START]
    reward = rules[WORTH] + gain * (rules[TICK] / 1000) - envs.equity[i]
    reward -= held(envs, i, lots, rules[DURATION_S])
    answers.rewards[i] = reward - rules[TERMINAL] * lots**2
    s = row[c.SHEET]
    last = answers.last[i]
    last[0], last[1], last[2] = 0.0, lots, envs.sheets[i, s + live.SEES + 2]
    last[3], last[4] = envs.sheets[i, s + live.NO_BID], envs.sheets[i, s + live.NO_ASK]
    for j in range(SEEN):
        answers.seen[i, j] = last[j]
    for j in range(c.COLUMNS):
        envs.ends[i, 0, j], envs.ends[i, 1, j] = m[j], row[j]
    envs.ended[i] = answers.over[i] = True


@uncounted
def open_envs(plan: Any, envs: Envs, chosen: c.Array, answers: Answers) -> None:
    for i in range(len(chosen)):
        if chosen[i]:
            answers.over[i] = False
            open_env(plan, envs, i, answers)


@uncounted
def step_envs(plan: Any, envs: Envs, actions: c.Array, mode: int, answers: Answers) -> int:
    """Answer every question, and play to the next; the first market that cannot go on, or -1."""
    for i in range(len(actions)):
        answers.over[i] = False
        if envs.ended[i]:
            answers.rewards[i] = 0.0
            envs.replications[i] += 1
            open_env(plan, envs, i, answers)
            continue
        k, tables, chunk = envs.rows[i], tables_of(envs, i), views(envs.chunk, i)
        answer(envs, i, actions)
        k[0, c.STATUS] = c.RUNNING
        if not k[0, c.OPENED]:
            envs.sheets.view(np.int64)[i, agent_of(k) + live.ANSWERED] = 0
            ask_first(k, tables)
        play_chunk(k, tables, chunk)
        world = OwnWorld(views(envs.rngs, i), envs.when[i], envs.levels[i], chunk)
        while k[0, c.STATUS] == c.RUNNING:
            n = next_chunk(plan, world)
            take_chunk(k, n, 1.0 <= chunk[6][n - 1] <= HIGHEST)
            play_chunk(k, tables, chunk)
        if k[0, c.STATUS] == c.ASKED:
            ask_next(envs, i, answers)
        elif k[0, c.STATUS] == c.DONE:
            close_env(envs, i, answers)
            if mode == SAME_STEP:
                envs.replications[i] += 1
                open_env(plan, envs, i, answers)
        else:
            return i
    return -1
