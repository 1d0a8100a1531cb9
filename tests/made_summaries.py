"""Summaries with profits of our choice and other figures at random."""

import numpy as np

from lobsim.summaries import NUMBERS, WHOLE, Summaries


def summaries(name, profit, seed=0, problems=None):
    """Profits (replications,); half of them never quoted both sides."""
    rng, n = np.random.default_rng(seed), len(profit)
    columns = {
        each: rng.integers(-40, 50, n) if each in WHOLE else rng.normal(60, 7, n)
        for each in NUMBERS
    }
    columns["quotes"], columns["saturated"] = rng.integers(5, 50, n), rng.integers(0, 5, n)
    columns["spread"] = np.where(rng.random(n) < 0.5, np.nan, columns["spread"])
    columns["profit"] = np.asarray(profit, dtype=np.float64)
    return Summaries(name, columns, problems)


def part(whole, first, last):
    """Some of the replications."""
    columns = {name: whole.column(name)[first:last] for name in NUMBERS}
    problems = {rep - first: text for rep, text in whole.problems.items() if first <= rep < last}
    return Summaries(whole.strategy, columns, problems)


def parts(found, first, last):
    return {
        mode: {name: part(each, first, last) for name, each in by_name.items()}
        for mode, by_name in found.items()
    }


def found_of(n, seed=1, modes=("isolated", "shared"), names=("a", "b", "c")):
    """Correlated profits that lean to the right."""
    rng = np.random.default_rng(seed)
    world = rng.normal(size=n)
    return {
        mode: {
            name: summaries(
                name,
                30 + (1 + i) * world + m + rng.gamma(1 + i, 2, n) + i * rng.normal(size=n),
                seed=10 * i + m,
            )
            for i, name in enumerate(names)
        }
        for m, mode in enumerate(modes)
    }
