"""Profit and inventory together, as linear systems on a window of inventories.

With rates l(q), gains g(q) per lot, fills of n lots and the mid dS = mu dt + sigma dW, the weights
y_q = E[exp(theta W); q] move as

    y_q' = sum over jumps to q of l P(n) exp(theta n g) y
           - (sum over jumps from q of l P(n) - theta mu q - theta^2 sigma^2 q^2 / 2) y_q

and E[W^j; q] are their derivatives by theta at 0.
Source: Cartea, Jaimungal and Penalva, "Algorithmic and High-Frequency Trading", 2015, chapter 10.
"""

from math import comb
from typing import Any

import numpy as np

from lobsim.policy.chain import AT_ONCE, Window
from lobsim.policy.propagate import Numbers, System
from lobsim.policy.quote_table import Floats


def moment_system(window: Window, blocks: int) -> System:
    """Of p, E[W; q], ..., E[W^(blocks - 1); q], one vector after the other."""
    n, inside = len(window.states), window.inside
    source, target = window.source[inside], window.target[inside]
    rates, gains = window.jump_rates[inside].T, window.jump_gains[inside].T
    exits = window.exits
    every = np.arange(n)
    rows, columns, values = [], [], []
    for to in range(blocks):
        for of in range(to + 1):
            power, ways = to - of, comb(to, of)
            rows += [to * n + target, to * n + every]
            columns += [of * n + source, of * n + every]
            values += [ways * rates * gains**power]
            values += [ways * held(window, power) + np.zeros_like(exits) if power else -exits]
    rate = exits.max(axis=1)
    return System(
        order=blocks * n,
        rows=np.concatenate(rows),
        columns=np.concatenate(columns),
        values=np.concatenate(values, axis=1),
        rate=rate,
        growth=rate,
        durations_s=window.durations_s,
    )


def shifted(moments: Any, by: Any) -> list[Any]:
    """E[(W + by)^j] from E[W^j] for j = 0, 1, ...; each a number or an array."""
    return [
        sum(comb(j, i) * by ** (j - i) * moment for i, moment in enumerate(moments[: j + 1]))
        for j in range(len(moments))
    ]


def held(window: Window, power: int) -> Floats:
    """(n,) d/dt E[(q (S_t - S_0))^power] at 0: what the inventory held adds to a moment."""
    setting, q = window.setting, window.states.astype(np.float64)
    if power == 1:
        return setting.mu * q
    return setting.sigma**2 * q**2 if power == 2 else 0 * q


def tilted_system(window: Window, theta: Numbers) -> System:
    """Of E[exp(theta W); q] for each theta (u,), real or complex, one vector after the other."""
    n, m, inside, setting = (
        len(window.states), len(window.durations_s), window.inside, window.setting,
    )  # fmt: skip
    source, target = window.source[inside], window.target[inside]
    rates, gains = window.jump_rates[inside].T, window.jump_gains[inside].T
    q = window.states.astype(np.float64)
    each = theta[:, np.newaxis]
    drift = each * setting.mu * q + each**2 * setting.sigma**2 * q**2 / 2
    jumps = rates[:, np.newaxis] * np.exp(np.minimum(each * gains[:, np.newaxis], AT_ONCE))
    stays = drift - window.exits[:, np.newaxis]
    of = n * np.arange(len(theta))[:, np.newaxis]
    every = np.arange(n)
    out = np.zeros((m, len(theta), n))
    np.add.at(out.transpose(2, 1, 0), source, np.abs(jumps).transpose(2, 1, 0))
    rate = np.maximum(np.abs(stays), np.abs(drift) + out).max(axis=(1, 2))
    growth = (out + np.abs(rate[:, np.newaxis, np.newaxis] + stays)).max(axis=(1, 2))
    return System(
        order=n * len(theta),
        rows=np.concatenate([(of + target).ravel(), (of + every).ravel()]),
        columns=np.concatenate([(of + source).ravel(), (of + every).ravel()]),
        values=np.concatenate([jumps.reshape(m, -1), stays.reshape(m, -1)], axis=1),
        rate=rate,
        growth=growth,
        durations_s=window.durations_s,
    )
