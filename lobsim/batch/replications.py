"""The loop over replications, all of it compiled: each world is made once, for every market.

A pile is a number of markets that meet the same world: each strategy alone, all together, or
both.  Nothing is allocated per replication, so that memory is flat.
"""

from typing import Any, NamedTuple

import numpy as np

from lobsim.batch import columns as c
from lobsim.batch.columns import Rows
from lobsim.batch.day import take_chunk
from lobsim.batch.distance import begin, clear
from lobsim.batch.jit import allocating, entry
from lobsim.batch.live import LiveTables
from lobsim.batch.messages import FarTables
from lobsim.batch.several import FarSeveralTables, SeveralTables
from lobsim.batch.several_day import open_market, play_market
from lobsim.batch.streams import REPLICATION, seed_stream
from lobsim.batch.tape_rows import Tables
from lobsim.batch.world_chunks import begin_world, next_chunk, seed_world
from lobsim.models.world import HIGHEST


class Pile(NamedTuple):
    """Markets one after the other: market g has the rows from bounds[g] on."""

    rows: Rows
    endowed: Rows  # as every replication begins
    bounds: c.Array  # int64 (G + 1,)
    streams: c.Array  # int64: the rows that have a stream, of turns or of a wire
    entropy: c.Array  # uint64 (streams, 7): what these are made of
    tables: Tables | FarTables | LiveTables | SeveralTables | FarSeveralTables


class World(NamedTuple):
    """What a world is made with: its streams, and room for a chunk."""

    rngs: Any
    entropy: c.Array  # uint64 (streams, 7)
    when: c.Array
    mid_now: c.Array
    chunk: Any
    numbers: c.Array  # int64 (as long as a chunk): of whose asset each happening is


@allocating
def open_world(plan: Any, world: World, pile: Pile) -> None:
    begin_world(plan, world)
    clear(pile.rows, pile.tables)
    begin(pile.rows, pile.tables)
    for g in range(len(pile.bounds) - 1):
        open_market(pile.rows[pile.bounds[g] : pile.bounds[g + 1]], pile.tables)


@allocating
def play_world(plan: Any, world: World, pile: Pile) -> int:
    """One replication of every market, or what is left of it, until it ends or a tape is full;
    how many orders from outside reached through the mid.
    """
    chunk, through, markets = world.chunk, 0, len(pile.bounds) - 1
    while True:
        for g in range(markets):
            k = pile.rows[pile.bounds[g] : pile.bounds[g + 1]]
            if k[0, c.STATUS] == c.RUNNING:
                play_market(k, pile.tables, chunk, world.numbers)
            if k[0, c.STATUS] == c.FULL:
                return through
        n = next_chunk(plan, world)
        if not n:
            return through
        for i in range(n):
            through += chunk[5][i]
        sound = 1.0 <= chunk[6][n - 1] <= HIGHEST
        for g in range(markets):
            k = pile.rows[pile.bounds[g] : pile.bounds[g + 1]]
            if k[0, c.STATUS] == c.RUNNING:
                take_chunk(k, n, sound)


@allocating
def copy_rows(rows: Rows, to: Rows) -> None:
    # Not `to[:] = rows`: numba takes 3 s to compile what it says of shapes that differ.
    for i in range(rows.shape[0]):
        for j in range(rows.shape[1]):
            to[i, j] = rows[i, j]


@allocating
def seed_rows(pile: Pile, replication: int) -> None:
    for i in range(len(pile.streams)):
        pile.entropy[i, REPLICATION] = replication
        row = pile.rows.view(np.uint64)[pile.streams[i]]
        seed_stream(pile.entropy[i], row[c.STREAM : c.STREAM + 4])


@entry
def play_worlds(
    plan: Any, world: World, pile: Pile, first: int, goes_on: bool, ends: Rows, through: c.Array
) -> None:
    """Replications from `first` on, one for each of `ends`: the rows as each one leaves them.

    It `goes_on` with one where a tape was full.
    """
    for i in range(len(ends)):
        if not goes_on:
            copy_rows(pile.endowed, pile.rows)
            seed_world(plan, world, first + i)
            seed_rows(pile, first + i)
            open_world(plan, world, pile)
        through[i] += play_world(plan, world, pile)
        copy_rows(pile.rows, ends[i])
