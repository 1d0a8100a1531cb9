"""The absolute grid of replications: cells, in which figures are summed up one after another.

A sum of floats depends on where it is cut.  Cells are the same however replications are cut into
batches, by how many workers they are played and when they are asked about; so sums are too.
"""

from collections.abc import Iterator

GRID = (200, 5), (2_000, 50), (20_000, 500)  # up to which replication, cells of how many
LARGEST = 2_000  # replications of a cell, from there on


def cell_at(replication: int) -> range:
    """The cell of a replication, by number from 0 on."""
    start, size = 0, LARGEST
    for end, small in GRID:
        if replication < end:
            size = small
            break
        start = end
    first = start + (replication - start) // size * size
    return range(first, first + size)


def cells(first: int, last: int) -> Iterator[range]:
    """The cells of replications from `first` to before `last`, which may cut off the last cell.

    Raises ValueError, a defect, if `first` is not where a cell begins.
    """
    while first < last:
        cell = cell_at(first)
        if cell.start != first:
            raise ValueError(
                f"replications from {first} on begin inside the cell {cell.start} to {cell[-1]}"
            )
        yield range(first, min(cell.stop, last))
        first = cell.stop
