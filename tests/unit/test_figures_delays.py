"""Delays are told by their middle and their ninth in ten, never by an average that one bad week moves."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from domain.figures.delays import RECEIVED, Became, delays, fates, percentile, waits
from domain.figures.figure import Blank, Figure
from domain.figures.periods import Against, earlier, read

TODAY = date(2026, 11, 22)
BEFORE = earlier(read("2026-10", TODAY), Against.YEAR)


def cells(figure: Figure) -> dict[str, tuple[object, ...]]:
    return {line.code: line.cells for line in figure.lines}


@given(st.dictionaries(st.integers(0, 90), st.integers(1, 50), min_size=1, max_size=12), st.integers(1, 100))
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(counts: dict[int, int], of_hundred: int) -> None:
    found = percentile(counts, of_hundred)
    values = sorted(value for value, count in counts.items() for _ in range(count))
    assert found is not None
    assert sum(value <= found for value in values) * 100 >= of_hundred * len(values)
    assert sum(value < found for value in values) * 100 < of_hundred * len(values)


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile({}, 50) is None


def test_half_and_nine_in_ten_are_said_in_days() -> None:
    figure = delays(
        [Became("desk", "approved", 0, 10), Became("portal", "approved", 4, 8), Became("portal", "rejected", 12, 2)], 5
    )
    assert figure.headline.fr == "Une demande sur deux est décidée en 0 jour, neuf sur dix en 4 jours."
    assert figure.headline.en == "Half of the requests are decided in 0 days, nine in ten in 4 days."
    assert cells(figure) == {"portal": (4.0, 12.0, 10.0), "desk": (0.0, 0.0, 10.0)}


def test_a_channel_of_few_requests_is_hidden_with_another() -> None:
    figure = delays(
        [Became("desk", "approved", 0, 30), Became("portal", "approved", 4, 20), Became("paper", "approved", 9, 2)], 5
    )
    assert {code for code, line in cells(figure).items() if line[0] is Blank.HIDDEN} == {"paper", "portal"}


def test_what_was_withdrawn_has_no_delay() -> None:
    assert delays([Became("desk", "withdrawn", 3, 9)], 5).lines == ()


def test_what_came_is_compared_and_small_fates_are_hidden() -> None:
    now = [Became("desk", RECEIVED, 0, 60), Became("desk", "approved", 2, 50), Became("paper", "rejected", 2, 3)]
    figure = fates(now, [Became("desk", RECEIVED, 0, 50)], BEFORE, 5)
    assert figure.headline.fr == "60 demandes reçues, 20\u00a0% de plus qu’en octobre 2025."
    assert cells(figure)["rejected"][0] is Blank.HIDDEN
    assert fates(now, [], None, 5).headline.en == "60 requests received."


def test_what_was_refused_cannot_be_taken_from_what_was_decided() -> None:
    """Decided in all stands with the delays: a lone small count beside a large one would follow from it."""
    now = [Became("desk", RECEIVED, 0, 60), Became("desk", "approved", 2, 40), Became("desk", "rejected", 2, 3)]
    told = cells(fates(now, [], None, 5))
    assert (told["received"], told["approved"], told["rejected"]) == ((60.0,), (Blank.HIDDEN,), (Blank.HIDDEN,))
    assert cells(delays(now, 5))["desk"][2] == 43.0


def test_where_half_and_nine_in_ten_are_one_the_nine_are_said() -> None:
    assert delays([Became("desk", "approved", 1, 9)], 5).headline.fr == "Neuf demandes sur dix sont décidées en 1 jour."


def test_waits_stand_in_classes_of_days() -> None:
    figure = waits(
        [Became("desk", "approved", 1, 30), Became("desk", "rejected", 6, 45), Became("paper", "approved", 40, 25)], 5
    )
    assert figure.headline.fr == "75\u00a0% des demandes sont décidées en une semaine."
    assert [(line.name.fr, line.cells[0]) for line in figure.lines if line.cells[0]] == [
        ("1", 30.0),
        ("5–7", 45.0),
        ("31 et plus", 25.0),
    ]
