"""Small counts are hidden, and nobody gets them back from what is shown."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from domain.figures.hiding import hide_line, hide_table, total_hides

COUNTS = st.integers(0, 14)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(COUNTS, min_size=width, max_size=width), min_size=1, max_size=4)
)


def test_a_line_without_small_counts_is_shown_whole() -> None:
    assert hide_line([0, 5, 12], 5) == frozenset()
    assert not total_hides([0, 5, 12], 5)


def test_a_single_small_count_takes_the_next_smallest_with_it() -> None:
    assert hide_line([3, 40, 12, 0], 5) == {0, 2}


def test_two_small_counts_that_are_small_together_take_a_third() -> None:
    assert hide_line([1, 2, 50, 9], 5) == {0, 1, 3}


def test_a_small_count_alone_hides_its_total() -> None:
    assert hide_line([0, 4, 0], 5) == {1}
    assert total_hides([0, 4, 0], 5)


@given(st.lists(COUNTS, min_size=1, max_size=8))
def test_what_is_hidden_of_a_line_comes_to_the_threshold_or_its_total_is_hidden(counts: list[int]) -> None:
    hidden = hide_line(counts, 5)
    assert {place for place, count in enumerate(counts) if 0 < count < 5} <= hidden
    assert not hidden or total_hides(counts, 5) or (len(hidden) > 1 and sum(counts[place] for place in hidden) >= 5)


def test_a_table_hides_a_rectangle_around_its_small_count() -> None:
    hidden = hide_table([[2, 30, 40], [50, 10, 60], [70, 80, 90]], 5)
    assert hidden == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_a_table_of_one_row_hides_in_the_row_and_the_totals_below() -> None:
    assert hide_table([[2, 30, 40]], 5) >= {(0, 0), (0, 1), (1, 0), (1, 1)}


@given(TABLES)
def test_no_hidden_count_of_a_table_can_be_computed(table: list[list[int]]) -> None:
    """The totals are equations; a hidden count that they leave no freedom would be known."""
    hidden = sorted(hide_table(table, 5))
    height, width = len(table), len(table[0])
    place = {where: number for number, where in enumerate(hidden)}
    rows = [{(row, column): 1 for column in range(width)} | {(row, width): -1} for row in range(height + 1)]
    columns = [{(row, column): 1 for row in range(height)} | {(height, column): -1} for column in range(width + 1)]
    matrix = [[Fraction(one.get(where, 0)) for where in hidden] for one in rows + columns]
    rank_of_all = rank(matrix)
    for where in hidden:
        alone = [Fraction(int(place[where] == number)) for number in range(len(hidden))]
        assert rank([*matrix, alone]) > rank_of_all, (where, hidden)
    small = {(r, c) for r in range(height) for c in range(width) if 0 < table[r][c] < 5}
    assert small <= set(hidden)


@given(TABLES)
def test_what_is_hidden_in_a_row_or_column_comes_to_the_threshold(table: list[list[int]]) -> None:
    hidden = hide_table(table, 5)
    for row, counts in enumerate(table):
        inside = [count for column, count in enumerate(counts) if (row, column) in hidden]
        assert not inside or sum(inside) >= 5 or (row, len(counts)) in hidden
    for column in range(len(table[0])):
        inside = [counts[column] for row, counts in enumerate(table) if (row, column) in hidden]
        assert not inside or sum(inside) >= 5 or (len(table), column) in hidden


def rank(matrix: list[list[Fraction]]) -> int:
    """Count the independent rows, by elimination."""
    rows, found = [row[:] for row in matrix], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((row for row in range(found, len(rows)) if rows[row][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for row in range(found + 1, len(rows)):
            factor = rows[row][column] / rows[found][column]
            rows[row] = [one - factor * other for one, other in zip(rows[row], rows[found], strict=True)]
        found += 1
    return found
