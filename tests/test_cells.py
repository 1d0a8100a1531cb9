"""The grid of replications: complete, without overlap, and the same from wherever one begins."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lobsim.cells import cell_at, cells


def test_the_grid_has_cells_of_5_then_50_then_500_then_2000():
    sizes = [len(cell) for cell in cells(0, 26_000)]
    assert sizes == [5] * 40 + [50] * 36 + [500] * 36 + [2000] * 3


@given(st.integers(1, 50_000))
def test_cells_follow_one_another_to_the_end(last):
    found = list(cells(0, last))
    assert found[0].start == 0
    assert found[-1].stop == last
    assert all(one.stop == after.start for one, after in pairwise(found))


@given(st.integers(0, 2**32))
def test_a_replication_is_in_its_cell_which_begins_where_that_before_ends(replication):
    cell = cell_at(replication)
    assert replication in cell
    assert cell_at(cell.start) == cell
    if cell.start:
        assert cell_at(cell.start - 1).stop == cell.start


def test_cells_from_a_boundary_on_are_those_from_the_start():
    assert list(cells(0, 9_000)) == [*cells(0, 250), *cells(250, 2_500), *cells(2_500, 9_000)]
    assert list(cells(7, 7)) == []


@pytest.mark.parametrize("first", [3, 203, 2_050, 20_500])
def test_who_begins_inside_a_cell_is_told(first):
    with pytest.raises(ValueError, match=f"from {first} on begin inside the cell"):
        list(cells(first, first + 10))
