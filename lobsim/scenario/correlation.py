"""The correlation of the assets' mids: the matrix, its Cholesky factor, the nearest valid one."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal

Matrix = list[list[float]]
ROUNDING = 1e-12  # a pivot this far below 0 is one of 0: correlations of 1 are allowed
PLACES = 4  # digits of a matrix that is offered


def matrix_of(pairs: Mapping[str, Mapping[str, Decimal]], names: Sequence[str]) -> Matrix:
    """Of pairs given either way round; absent is 0."""
    matrix = [[float(a == b) for b in names] for a in names]
    for a, row in pairs.items():
        for b, rho in row.items():
            i, j = names.index(a), names.index(b)
            matrix[i][j] = matrix[j][i] = float(rho)
    return matrix


def cholesky(matrix: Matrix) -> Matrix | None:
    """The lower factor L with L L' the matrix; None where it is not positive semi-definite.

    Source: Golub and Van Loan, Matrix Computations, section 4.2.8.
    """
    n = len(matrix)
    factor = [[0.0] * n for _ in range(n)]
    for j in range(n):
        pivot = matrix[j][j] - math.fsum(x * x for x in factor[j][:j])
        if pivot < -ROUNDING:
            return None
        factor[j][j] = root = math.sqrt(pivot) if pivot > ROUNDING else 0.0
        for i in range(j + 1, n):
            rest = matrix[i][j] - math.fsum(
                x * y for x, y in zip(factor[i][:j], factor[j][:j], strict=True)
            )
            if root:
                factor[i][j] = rest / root
            elif abs(rest) > math.sqrt(ROUNDING):
                return None
    return factor


def nearest(matrix: Matrix) -> Matrix:
    """The correlation matrix nearest to a symmetric one in the Frobenius norm, to PLACES digits.

    Alternating projections on the positive semi-definite matrices and on those with unit
    diagonal.  Source: Higham, IMA Journal of Numerical Analysis 22, 2002, algorithm 3.3.
    """
    import numpy as np  # 0.1 s, which no good scenario waits for

    given = np.array(matrix)
    found, correction = given.copy(), np.zeros_like(given)
    for _ in range(1000):
        before = found
        shifted = found - correction
        values, vectors = np.linalg.eigh(shifted)
        projected = (vectors * np.maximum(values, 0.0)) @ vectors.T
        correction = projected - shifted
        found = projected.copy()
        np.fill_diagonal(found, 1.0)
        if np.abs(found - before).max() < 1e-10:
            break
    # Rounded matrices may be outside again: towards the identity they are inside.
    unit = np.eye(len(matrix))
    for shrink in range(100):
        weight = shrink * 10.0**-PLACES
        rounded: Matrix = np.round((1 - weight) * found + weight * unit, PLACES).tolist()
        if cholesky(rounded) is not None:
            break
    return rounded
