"""Variates drawn inside compiled code, as numpy's Generator draws them, bit for bit.

A stream is the four words of a PCG64DXSM's state: low and high half of the state, low and high
half of the increment.  To compiled code such an array has the methods that the world asks of a
generator; numba's own generators take 3 ns more a record, and 250 us with every call from Python.

Source: ziggurats of 256 layers (Marsaglia and Tsang, 2000), with numpy's tables.
"""

import math
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload_method
from numba.np.random._constants import (
    fe_double,
    fi_double,
    ke_double,
    ki_double,
    we_double,
    wi_double,
    ziggurat_exp_r,
    ziggurat_nor_inv_r,
    ziggurat_nor_r,
)

from lobsim.batch.jit import INLINED, hot, jitted
from lobsim.machine_code import CONFIG

U = np.uint64
overload: Any = overload_method
Words = Any  # uint64, of which four from some index on are a stream
LOW = U(0xFFFFFFFF)
HALF, ONE = U(32), U(1)
STEPPING = U(0xDA942042E4DD58B5)
MIX_SHIFT = U(48)
TO_DOUBLE = 1.0 / 9007199254740992.0
LAYER, LAYER_BITS, SKIPPED, MANTISSA = U(0xFF), U(8), U(3), U(0xFFFFFFFFFFFFF)


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
    return total, high + other_high + U(total < low)


@hot
def bits(words: Words, at: int) -> Any:
    """The next 64."""
    low, high = words[at], words[at + 1]
    odd = low | ONE
    out = high ^ (high >> HALF)
    out = out * STEPPING
    out = out ^ (out >> MIX_SHIFT)
    out = out * odd
    carried = high_half(low, STEPPING) + high * STEPPING
    words[at], words[at + 1] = added(low * STEPPING, carried, words[at + 2], words[at + 3])
    return out


@hot
def uniform(words: Words, at: int) -> Any:
    """`Generator.random()`, from the stream that stands from `at` on."""
    return float(bits(words, at) >> U(11)) * TO_DOUBLE


@hot
def first_uniform(words: Words) -> Any:
    return uniform(words, 0)


@hot
def exponential(words: Words) -> Any:
    drawn = bits(words, 0) >> SKIPPED
    layer, drawn = np.int64(drawn & LAYER), np.int64(drawn >> LAYER_BITS)
    x = drawn * we_double[layer]
    return x if drawn < ke_double[layer] else rare_exponential(words, layer, x)


@jitted
def rare_exponential(words: Words, layer: Any, x: float) -> Any:
    while True:
        if layer == 0:
            return ziggurat_exp_r - math.log1p(-uniform(words, 0))
        low, high = fe_double[layer], fe_double[layer - 1]
        if (high - low) * uniform(words, 0) + low < math.exp(-x):
            return x
        drawn = bits(words, 0) >> SKIPPED
        layer, rest = np.int64(drawn & LAYER), np.int64(drawn >> LAYER_BITS)
        x = rest * we_double[layer]
        if rest < ke_double[layer]:
            return x


@hot
def normal(words: Words) -> Any:
    drawn = bits(words, 0)
    layer, signed = np.int64(drawn & LAYER), drawn >> LAYER_BITS
    size = np.int64((signed >> ONE) & MANTISSA)
    x = size * wi_double[layer]
    x = -x if signed & ONE else x
    return x if size < ki_double[layer] else rare_normal(words, layer, size, x)


@jitted
def rare_normal(words: Words, layer: Any, size: Any, x: float) -> Any:
    while True:
        if layer == 0:
            while True:
                past = -ziggurat_nor_inv_r * math.log1p(-uniform(words, 0))
                y = -math.log1p(-uniform(words, 0))
                if y + y > past * past:
                    far = ziggurat_nor_r + past
                    return -far if (size >> 8) & 1 else far
        low, high = fi_double[layer], fi_double[layer - 1]
        if (high - low) * uniform(words, 0) + low < math.exp(-0.5 * x * x):
            return x
        drawn = bits(words, 0)
        layer, signed = np.int64(drawn & LAYER), drawn >> LAYER_BITS
        size = np.int64((signed >> ONE) & MANTISSA)
        x = size * wi_double[layer]
        x = -x if signed & ONE else x
        if size < ki_double[layer]:
            return x


def drawn_by(name: str, draw: Any) -> None:
    """Make `words.name()` what `draw(words)` is."""

    @overload(types.Array, name, jit_options=INLINED)
    def method(words):  # type: ignore[no-untyped-def]  # numba compares the names
        return lambda words: draw(words)


drawn_by("standard_normal", normal)
drawn_by("standard_exponential", exponential)
drawn_by("random", first_uniform)


class PlainStream(np.ndarray):
    """The same four words with the same methods, where numba is told not to compile."""

    def standard_normal(self) -> Any:
        return normal(self)

    def standard_exponential(self) -> Any:
        return exponential(self)

    def random(self) -> Any:
        return first_uniform(self)


def stream_block(assets: int, count: int) -> Any:
    """Words for so many streams of each asset."""
    words = np.zeros((assets, count, 4), np.uint64)
    return words.view(PlainStream) if CONFIG.DISABLE_JIT else words


def new_streams(count: int) -> tuple[Any, ...]:
    """Words for so many streams that are still to be made."""
    words = np.zeros((count, 4), np.uint64)
    return tuple(words.view(PlainStream) if CONFIG.DISABLE_JIT else words)
