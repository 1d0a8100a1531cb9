"""Tables of sweeps with figures made up, for tests of their pictures."""

import itertools

import pandas as pd

from lobsim.report.sweep_table import Table


def frame(axes, figures, strategies=("a", "b"), modes=("shared",), statistics=("profit", "sd")):
    """`figures(values by axis, mode, strategy, statistic)` are value, low and high."""
    rows = []
    for point, values in enumerate(itertools.product(*axes.values())):
        at = dict(zip(axes, values, strict=True))
        for each in itertools.product(modes, strategies, statistics):
            value, low, high = figures(at, *each)
            rows.append((point, *values, *each, value, low, high))
    names = ["point", *axes, "mode", "strategy", "statistic", "value", "low", "high"]
    return pd.DataFrame(rows, columns=names)


def table(axes, figures=lambda at, *_: (1.0, 0.5, 1.5), **more):
    return Table(frame(axes, figures, **more), list(axes))
