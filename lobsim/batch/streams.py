"""Streams of random numbers made inside compiled code: 90 ns each, where numpy takes 11.5 us.

The rules are those of numpy's SeedSequence and PCG64DXSM (O'Neill, "PCG: a family of simple
fast space-efficient statistically good algorithms for random number generation", 2014), on
plain integers.  What they make is put into a Generator's own state, which its four 64-bit words
are: low and high half of the state, low and high half of the increment.
"""

import hashlib
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lobsim.batch.draws import LOW, ONE, U, added, exponential, high_half, normal, uniform
from lobsim.batch.jit import allocating, entry, jitted
from lobsim.models.streams import generator

Words = NDArray[np.uint64]
SEEDING_HI, SEEDING_LO = U(2549297995355413924), U(4865540595714422341)
REPLICATION = 4  # where it stands in the words that a seed is made of
WORDS = 7
KEYS, DRAWS = 16, 64  # streams and draws of each that are compared with numpy's first
START, GROW = U(0x43B0D7E5), U(0x931E8875)
SECOND_START, SECOND_GROW = U(0x8B51F9DD), U(0x58F38DED)
MIX_LEFT, MIX_RIGHT = U(0xCA01F9DD), U(0x4973F715)
CLOSE, TOP = U(16), U(63)


@jitted
def hashed(value: Any, constant: Any) -> Any:
    value = (value ^ constant) & LOW
    constant = (constant * GROW) & LOW
    value = (value * constant) & LOW
    return value ^ (value >> CLOSE), constant


@jitted
def mixed(x: Any, y: Any) -> Any:
    found = (((MIX_LEFT * x) & LOW) - ((MIX_RIGHT * y) & LOW)) & LOW
    return found ^ (found >> CLOSE)


@allocating
def seed_words(entropy: Any, words: Any) -> None:
    """`SeedSequence.generate_state(4, uint64)` for seven 32-bit words of entropy."""
    pool = np.zeros(4, np.uint64)
    constant = START
    for i in range(4):
        pool[i], constant = hashed(entropy[i], constant)
    for source in range(4):
        for i in range(4):
            if i != source:
                value, constant = hashed(pool[source], constant)
                pool[i] = mixed(pool[i], value)
    for source in range(4, WORDS):
        for i in range(4):
            value, constant = hashed(entropy[source], constant)
            pool[i] = mixed(pool[i], value)
    constant = SECOND_START
    for i in range(4):
        words[i] = U(0)
        for j in range(2):
            value = (pool[(2 * i + j) % 4] ^ constant) & LOW
            constant = (constant * SECOND_GROW) & LOW
            value = (value * constant) & LOW
            value ^= value >> CLOSE
            words[i] |= value << U(32 * j)


@jitted
def seeding_step(low: Any, high: Any, inc_low: Any, inc_high: Any) -> Any:
    carried = high_half(low, SEEDING_LO) + high * SEEDING_LO + low * SEEDING_HI
    return added(low * SEEDING_LO, carried, inc_low, inc_high)


@allocating
def seed_stream(entropy: Any, state: Any) -> None:
    """Put the stream of these words of entropy into a generator's four words."""
    words = np.empty(4, np.uint64)
    seed_words(entropy, words)
    inc_high = (words[2] << ONE) | (words[3] >> TOP)
    inc_low = (words[3] << ONE) | ONE
    low, high = seeding_step(U(0), U(0), inc_low, inc_high)
    low, high = added(low, high, words[1], words[0])
    low, high = seeding_step(low, high, inc_low, inc_high)
    state[0], state[1], state[2], state[3] = low, high, inc_low, inc_high


@entry
def seed_and_draw(entropy: Any, words: Any, drawn: Any) -> None:
    """Make a stream, and draw of it: normals, exponentials and uniforms, a column each."""
    seed_stream(entropy, words)
    for i in range(len(drawn)):
        drawn[i, 0], drawn[i, 1] = normal(words), exponential(words)
        drawn[i, 2] = uniform(words, 0)


# Seen from Python


def state_words(generator: np.random.Generator) -> Words:
    """A copy of a generator's four words."""
    state: Any = generator.bit_generator.state["state"]
    halves = [
        part >> shift & 2**64 - 1 for part in (state["state"], state["inc"]) for shift in (0, 64)
    ]
    return np.array(halves, np.uint64)


def entropy_words(seed: int, replication: int, name: str) -> Words:
    """The 32-bit words that the stream of a name is made of."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    key = [int.from_bytes(digest[i : i + 4], "little") for i in (0, 4)]
    return np.array([seed & 0xFFFFFFFF, seed >> 32, 0, 0, replication, *key], np.uint64)


def check_streams(count: int, draws: int = 1) -> int:
    """How many of `count` streams made here differ from numpy's, or in as many draws of each."""
    words, drawn, wrong = np.zeros(4, np.uint64), np.zeros((draws, 3)), 0
    for i in range(count):
        seed = int(generator(i, 0, "check").integers(0, 2**64, dtype=np.uint64)) if i % 2 else i
        name = f"stream/{i}"
        rng = generator(seed, i, name)
        with np.errstate(over="ignore"):  # where numba is told not to compile
            seed_and_draw(entropy_words(seed, i, name), words, drawn)
        theirs = [
            (rng.standard_normal(), rng.standard_exponential(), rng.random()) for _ in range(draws)
        ]
        wrong += drawn.tolist() != list(map(list, theirs))
        wrong += words.tolist() != state_words(rng).tolist()
    return wrong


@cache
def sound_streams() -> bool:
    """Whether streams made in compiled code are numpy's on this machine."""
    return check_streams(KEYS, DRAWS) == 0
