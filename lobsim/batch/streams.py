"""Streams of random numbers made inside compiled code: 90 ns each, where numpy takes 11.5 us.

The rules are those of numpy's SeedSequence and PCG64DXSM (O'Neill, "PCG: a family of simple
fast space-efficient statistically good algorithms for random number generation", 2014), on
plain integers.  What they make is put into a Generator's own state, which its four 64-bit words
are: low and high half of the state, low and high half of the increment.
"""

import ctypes
import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lobsim.batch.jit import CONFIG, allocating, entry, hot, jitted
from lobsim.models.streams import generator

U = np.uint64
Words = NDArray[np.uint64]
LOW = U(0xFFFFFFFF)
HALF, ONE = U(32), U(1)
SEEDING_HI, SEEDING_LO = U(2549297995355413924), U(4865540595714422341)
STEPPING = U(0xDA942042E4DD58B5)
REPLICATION = 4  # where it stands in the words that a seed is made of
WORDS = 7
KEYS = 64  # compared with numpy's before seeds are made here
START, GROW = U(0x43B0D7E5), U(0x931E8875)
SECOND_START, SECOND_GROW = U(0x8B51F9DD), U(0x58F38DED)
MIX_LEFT, MIX_RIGHT = U(0xCA01F9DD), U(0x4973F715)
CLOSE, MIX_SHIFT, TOP = U(16), U(48), U(63)
TO_DOUBLE = 1.0 / 9007199254740992.0


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


@hot
def high_half(a: Any, b: Any) -> Any:
    """Of the product of two 64-bit numbers."""
    a0, a1, b0, b1 = a & LOW, a >> HALF, b & LOW, b >> HALF
    p01, p10 = a0 * b1, a1 * b0
    middle = ((a0 * b0) >> HALF) + (p01 & LOW) + (p10 & LOW)
    return a1 * b1 + (p01 >> HALF) + (p10 >> HALF) + (middle >> HALF)


@hot
def added(low: Any, high: Any, other_low: Any, other_high: Any) -> Any:
    total = low + other_low
    return total, high + other_high + (ONE if total < low else U(0))


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


@hot
def uniform(row: Any, at: int) -> float:
    """`Generator.random()`, from the four words of a state that stand in a row from `at` on."""
    low, high = row[at], row[at + 1]
    odd = low | ONE
    out = high ^ (high >> HALF)
    out = out * STEPPING
    out = out ^ (out >> MIX_SHIFT)
    out = out * odd
    carried = high_half(low, STEPPING) + high * STEPPING
    row[at], row[at + 1] = added(low * STEPPING, carried, row[at + 2], row[at + 3])
    return (out >> U(11)) * TO_DOUBLE


@entry
def seed_one(entropy: Any, state: Any) -> None:
    seed_stream(entropy, state)


# Seen from Python


def window_on(bit_generator: Any) -> Words:
    """The four words of a PCG64DXSM's state, to be written through."""
    address = ctypes.c_uint64.from_address(bit_generator.ctypes.state_address).value
    return np.ctypeslib.as_array((ctypes.c_uint64 * 4).from_address(address))


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


def check_streams(count: int) -> int:
    """How many of `count` streams made here differ from numpy's."""
    rng = np.random.PCG64DXSM(0)
    window, wrong = window_on(rng), 0
    for i in range(count):
        seed = int(generator(i, 0, "check").integers(0, 2**64, dtype=np.uint64)) if i % 2 else i
        name = f"stream/{i}"
        seed_one(entropy_words(seed, i, name), window)
        wrong += rng.state["state"] != generator(seed, i, name).bit_generator.state["state"]
    return wrong


def compiled_streams() -> bool:
    """Whether streams can be made in compiled code on this machine."""
    global _checked
    if _checked is None:
        try:
            _checked = not CONFIG.DISABLE_JIT and check_streams(KEYS) == 0
        except (AttributeError, ValueError):  # no such window on this platform's generators
            _checked = False
    return _checked


_checked: bool | None = None
