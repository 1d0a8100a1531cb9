"""Random streams: a function of seed, replication and name, in the generator's own numbers."""

from itertools import islice, repeat

import numpy as np
import pytest

from lobsim.models.streams import BLOCK, Streams, generator
from market import by_the_book

MANY = 2 * BLOCK + 10
KINDS = ["random", "standard_exponential", "standard_normal"]
NAMES = ["asset.mid", "asset.gap", "turn/ann", "turn/bob", "", "Größe"]


def first(draw, count: int) -> list[float]:
    return list(islice((draw() for _ in repeat(None)), count))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("seed", "replication"), [(0, 0), (1, 0), (1, 7), (2**64 - 1, 10**6)])
def test_a_stream_is_the_generator_that_the_design_names(seed, replication, name):
    assert generator(seed, replication, name).bit_generator.state == (
        by_the_book(seed, replication, name).bit_generator.state
    )


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_drawn_in_blocks_are_those_drawn_one_by_one(kind):
    stream = Streams(3, 4).named("asset.mid")
    alone = by_the_book(3, 4, "asset.mid")
    assert first(getattr(stream, kind), MANY) == first(getattr(alone, kind), MANY)


def test_a_number_from_a_stream_is_a_plain_float():
    stream = Streams(1).named("asset.mid")
    assert {type(getattr(stream, kind)()) for kind in KINDS} == {float}


def test_a_stream_does_not_depend_on_other_streams_or_on_when_it_was_asked_for():
    alone = first(Streams(1).named("b").random, MANY)
    streams = Streams(1)
    others = [streams.named(name) for name in "acde"]
    for other in others:
        first(other.random, 99)
    late = streams.named("b")
    mixed = []
    for _ in range(MANY):
        mixed.append(late.random())
        others[0].random()
    assert mixed == alone


def test_a_name_gives_the_same_stream_again():
    streams = Streams(5, 6)
    assert first(streams.named("a").random, 5) == first(streams.named("a").random, 5)


def test_another_seed_replication_or_name_is_another_stream():
    keys = [(s, r, n) for s in range(5) for r in range(5) for n in NAMES]
    assert len({generator(*key).random() for key in keys}) == len(keys)


def test_the_streams_of_two_names_are_not_correlated():
    """The correlation of independent numbers has deviation 1/sqrt(n)."""
    n = 100_000
    drawn = [generator(1, 0, name).standard_normal(n) for name in NAMES]
    correlations = np.corrcoef(drawn)[np.triu_indices(len(NAMES), 1)]
    assert np.abs(correlations).max() < 4.5 / np.sqrt(n)
