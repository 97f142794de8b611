"""A long list goes on where its page ended, whatever came meanwhile."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from admin.paging import LINES, begun, paged, place

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_pages_follow_each_other_to_the_end_and_a_new_line_on_top_moves_none() -> None:
    every = [f"b{number:03}" for number in range(2 * LINES + 1)]
    first = paged(every, "", str)
    second = paged(["new", *every], first.more, str)
    last = paged(every, second.more, str)
    assert first.lines + second.lines + last.lines == every
    assert last.more == ""


def test_a_line_that_is_gone_begins_the_list_anew() -> None:
    assert paged(["a", "b"], "gone", str).lines == ["a", "b"]
    assert paged([], "gone", str).more == ""


def test_a_page_that_was_asked_for_with_one_line_more_says_where_the_next_begins() -> None:
    lines = [(NOON + timedelta(seconds=number), UUID(int=number)) for number in range(3)]
    page = begun(lines, lambda one: one, 2)
    assert page.lines == lines[:2]
    assert place(page.more) == lines[1]
    assert begun(lines[:2], lambda one: one, 2).more == ""


@pytest.mark.parametrize(
    "said",
    [
        *("", "x", "~", "2026-11-22T12:00:00~", f"2026-11-22T12:00:00~{UUID(int=1)}", "\x00~y"),
        *(f"{edge}~{UUID(int=1)}" for edge in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")),
    ],
)
def test_what_is_no_place_begins_the_list_anew(said: str) -> None:
    assert place(said) is None
