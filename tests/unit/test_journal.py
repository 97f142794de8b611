"""The chain of the journal, by itself: what ties a line to the one before, and what a walk over it finds."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.acts import ACTS, Act
from domain.journal import Broken, Door, Entry, Kind, Line, Object, Origin, beginning, chained, follow

CITY = UUID(int=1)
INES, OMAR = UUID(int=2), UUID(int=3)
AT = datetime(2026, 11, 18, 13, 5, tzinfo=UTC)
FIRST = Entry(CITY, INES, Act.PASS_SHOWN, Object(Kind.PASS, "p", UUID(int=9)), Origin(Door.API, "192.0.2.1"), AT)


def chain(*entries: Entry) -> list[Line]:
    lines: list[Line] = []
    place = beginning(CITY)
    for entry in entries:
        place = chained(place, entry)
        lines.append(Line(entry, place))
    return lines


WHOLE = chain(FIRST, replace(FIRST, agent_id=OMAR), replace(FIRST, act=Act.MEDIUM_BLOCKED, why="lost"))


def test_a_chain_leads_to_its_last_line() -> None:
    assert follow(beginning(CITY), WHOLE) == WHOLE[-1].link
    assert follow(WHOLE[0].link, WHOLE[1:]) == WHOLE[-1].link


@pytest.mark.parametrize(
    "change",
    [
        {"agent_id": None},
        {"agent_id": UUID(int=8)},
        {"on_behalf_of": UUID(int=8)},
        {"act": Act.FILE_SHOWN},
        {"object": Object(Kind.HOLDER, "p", UUID(int=9))},
        {"object": Object(Kind.PASS, "q", UUID(int=9))},
        {"object": Object(Kind.PASS, "p")},
        {"why": "lost"},
        {"origin": Origin(Door.CONSOLE, "192.0.2.1")},
        {"origin": Origin(Door.API, "192.0.2.2")},
        {"origin": Origin(Door.API, "192.0.2.1", UUID(int=8))},
        {"at": AT + timedelta(microseconds=1)},
        {"authority_id": UUID(int=8)},
    ],
    ids=str,
)
def test_no_word_of_a_line_changes_unseen(change: dict[str, Any]) -> None:
    changed = [WHOLE[0], Line(replace(WHOLE[1].entry, **change), WHOLE[1].link), WHOLE[2]]

    found = follow(beginning(CITY), changed)

    assert isinstance(found, Broken)
    assert found.number == 2


def test_a_line_that_was_removed_swapped_or_chained_anew_breaks_the_chain_there() -> None:
    first, second, third = WHOLE
    swapped = [Line(second.entry, first.link), Line(first.entry, second.link), third]
    anew = chained(first.link, FIRST)

    found = [follow(beginning(CITY), lines) for lines in ([first, third], swapped, [first, Line(FIRST, anew), third])]

    assert [one.number for one in found if isinstance(one, Broken)] == [2, 1, 3]


def test_an_instant_is_one_in_every_time_zone() -> None:
    here = replace(FIRST, at=AT.astimezone())
    assert chained(beginning(CITY), here) == chained(beginning(CITY), FIRST)


def test_two_authorities_begin_differently() -> None:
    assert beginning(CITY) != beginning(INES)


def test_a_line_may_be_kept_for_twelve_months() -> None:
    assert FIRST.keep_until == AT.date() + timedelta(days=365)


def test_every_act_has_its_words_and_no_two_the_same() -> None:
    assert ACTS.keys() == set(Act)
    assert len({words.fr for words in ACTS.values()}) == len(ACTS)
    assert max(len(act) for act in Act) <= 40
