"""Quote tables whose evaluation is known, made without the code under test."""

import math

import numpy as np

from lobsim import QuoteTable
from lobsim.policy.chain import Flow

PAPER = Flow(A_bid=140, A_ask=140, k=1.5)
PAPER_MARKET = {"sigma": 2.0, "horizon_s": 1.0}
HALF_SPREADS = {0.1: 0.7453852113757117, 0.01: 0.6744542718668579, 1: 1.5108256237659907}


def constant(bid, ask):
    return QuoteTable([0], [0], [[bid]], [[ask]])


def avellaneda_stoikov(gamma, rows, at=0.5):
    """The 2008 quotes with the paper's numbers; `at` is where in a row they are right."""
    times, q = np.arange(rows) / rows, np.arange(-100, 101)
    level = math.log1p(gamma / 1.5) / gamma
    lean = gamma * 4 * (1 - times - at / rows)[:, np.newaxis]
    return QuoteTable(times, q, level + (0.5 + q) * lean, level + (0.5 - q) * lean)


def optimal(rows, *, A_b, A_a, k, Q, T, gamma=0.0, sigma=0.0, mu=0.0, phi=0.0, phi_run=0.0):
    """Optimal quotes of model.md 2.1 and 2.2: w' = M w, by a series of positive terms."""
    q, h = np.arange(-Q, Q + 1.0), T / rows
    shrink = (1 + gamma / k) ** -(1 + k / gamma) if gamma else 1 / math.e
    markup = math.log1p(gamma / k) / gamma if gamma else 1 / k
    M = np.diag(k * (mu * q - (phi_run + gamma * sigma**2 / 2) * q**2))
    M += shrink * (A_b * np.eye(2 * Q + 1, k=1) + A_a * np.eye(2 * Q + 1, k=-1))
    step = positive_exponential(M, h / 2)
    w, columns = np.exp(-k * phi * q**2), []
    for _ in range(rows):
        w = step @ w
        columns.append(np.log(w))
        w = step @ w
        w /= w.max()
    gaps = np.diff(np.array(columns[::-1]), axis=1) / k
    none = np.full((rows, 1), np.inf)
    bid, ask = np.hstack([markup - gaps, none]), np.hstack([none, markup + gaps])
    return QuoteTable(np.arange(rows) * h, q, bid, ask)


def positive_exponential(M, h):
    shift = -M.diagonal().min()
    term = total = np.eye(len(M))
    positive = (M + shift * total) * h
    for n in range(1, 40 + int(4 * positive.sum(axis=0).max())):
        term = positive @ term / n
        total = total + term
    return math.exp(-shift * h) * total


def limit(value, rows, levels=4):
    """value(rows), a list, for ever more rows.

    Where each row quotes what is right in its middle, the error has only even powers of the
    row's length; from rows, 2 rows, 4 rows, ... they are taken out (Romberg).
    """
    column = np.array([value(rows * 2**i) for i in range(levels)])
    for level in range(1, levels):
        column = (4**level * column[1:] - column[:-1]) / (4**level - 1)
    return column[0]
