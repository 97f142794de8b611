"""Hiding small counts, and with them as many others as it takes: totals must not give the hidden ones back.

A count from 1 to the threshold less one is hidden. Then, in each row and column whose total is shown, what is hidden
must come to the threshold at least; and no hidden count may be the only one that its row and column leave open. The
second is the rule of the network of a table: rows and columns are places, counts are ways between them, totals too, and
a hidden way that lies on no round of hidden ways can be computed (Gusfield, "A graph theoretic approach to statistical
data security", 1988).
"""

import heapq
from collections.abc import Iterable, Sequence
from itertools import product

Place = tuple[int, int]
"""A row and a column of a table; those after the last are the totals."""


def hide_line(counts: Sequence[int], threshold: int) -> frozenset[int]:
    """Return which places of a line are hidden when its total is shown: all, if together they are below."""
    hidden = {place for place, count in enumerate(counts) if 0 < count < threshold}
    if not hidden:
        return frozenset()
    rest = sorted((count, place) for place, count in enumerate(counts) if count >= threshold)
    while (len(hidden) < 2 or sum(counts[place] for place in hidden) < threshold) and rest:
        hidden.add(rest.pop(0)[1])
    return frozenset(hidden)


def total_hides(counts: Sequence[int], threshold: int) -> bool:
    """Tell whether the total of a line must be hidden too: it is small itself, or would tell the only hidden count."""
    hidden = hide_line(counts, threshold)
    return bool(hidden) and (len(hidden) < 2 or sum(counts[place] for place in hidden) < threshold)


def hide_table(table: Sequence[Sequence[int]], threshold: int) -> frozenset[Place]:
    """Return which counts of a table are hidden, its totals among them where nothing else will do.

    Row `len(table)` holds the totals of columns, column `len(table[0])` those of rows.
    """
    whole = _with_totals(table)
    hidden = {place for place in _places(whole) if 0 < _at(whole, place) < threshold}
    while True:
        before = len(hidden)
        for line in _lines(whole):
            _fill(whole, line, hidden, threshold)
        for place in sorted(hidden):
            hidden |= _round(whole, place, hidden)
        if len(hidden) == before:
            return frozenset(hidden)


def _with_totals(table: Sequence[Sequence[int]]) -> list[list[int]]:
    rows = [[*row, sum(row)] for row in table]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]


def _at(whole: Sequence[Sequence[int]], place: Place) -> int:
    return whole[place[0]][place[1]]


def _places(whole: Sequence[Sequence[int]]) -> Iterable[Place]:
    return product(range(len(whole)), range(len(whole[0])))


def _lines(whole: Sequence[Sequence[int]]) -> list[list[Place]]:
    """Every row and column, its total last."""
    height, width = len(whole), len(whole[0])
    rows = [[(row, column) for column in range(width)] for row in range(height)]
    return rows + [[(row, column) for row in range(height)] for column in range(width)]


def _fill(whole: list[list[int]], line: list[Place], hidden: set[Place], threshold: int) -> None:
    """Hide more of a line, the smallest first, until what is hidden comes to the threshold; at last its total."""
    *counts, total = line
    if total in hidden or not any(place in hidden for place in counts):
        return
    rest = sorted((_at(whole, place), place) for place in counts if place not in hidden and _at(whole, place))
    rest.append((_at(whole, total), total))
    while sum(_at(whole, place) for place in counts if place in hidden) < threshold and total not in hidden:
        hidden.add(rest.pop(0)[1])


def _round(whole: list[list[int]], place: Place, hidden: set[Place]) -> set[Place]:
    """Find the round of ways through a hidden count that hides least of what is still shown.

    Only counts of somebody are ways: an empty place cannot hide anything.
    """
    height = len(whole)
    start, goal = place[0], height + place[1]
    best: dict[int, int] = {start: 0}
    came: dict[int, tuple[int, Place]] = {}
    queue = [(0, start)]
    while queue:
        cost, node = heapq.heappop(queue)
        if node == goal:
            break
        if cost > best[node]:
            continue
        for way, other in _ways(whole, node, height):
            if way == place:
                continue
            further = cost + (0 if way in hidden else _at(whole, way))
            if further < best.get(other, further + 1):
                best[other], came[other] = further, (node, way)
                heapq.heappush(queue, (further, other))
    found, node = set(), goal
    while node != start:
        node, way = came[node]
        found.add(way)
    return found


def _ways(whole: list[list[int]], node: int, height: int) -> Iterable[tuple[Place, int]]:
    """The counts that lead from a row to its columns, or from a column to its rows."""
    if node < height:
        return [((node, column), height + column) for column, count in enumerate(whole[node]) if count]
    column = node - height
    return [((row, column), row) for row in range(height) if whole[row][column]]
