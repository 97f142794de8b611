"""What is typed into the console's forms, and what of the visitor's browser is kept."""

from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest

from admin.forms import Form
from admin.words import typeset
from web.browsers import browser_of
from web.saying import Times, whole


class Colour(StrEnum):
    RED = "red"


def test_a_line_is_read_without_the_spaces_around_it_and_kept_as_it_was_typed() -> None:
    form = Form({"name": "  Zoé "})
    assert form.text("name", longest=3) == "Zoé"
    assert form.kept("name") == "  Zoé "
    assert not form.is_wrong


@pytest.mark.parametrize(
    ("typed", "word"),
    [("", "field_missing"), ("   ", "field_missing"), ("long", "field_too_long"), ("a\x00", "field_not_a_line")],
)
def test_a_line_that_does_not_fit_says_why(typed: str, word: str) -> None:
    form = Form({"name": typed})
    form.text("name", longest=3)
    assert form.wrong == {"name": word}


def test_what_need_not_be_there_may_be_missing() -> None:
    form = Form()
    assert form.text("name", longest=3, required=False) == ""
    assert form.day("until", required=False) is None
    assert form.lines("note", longest=10, required=False) == ""
    assert not form.is_wrong


def test_the_first_thing_that_is_wrong_with_a_field_stays() -> None:
    form = Form()
    form.refuse("name", "field_missing")
    form.refuse("name", "field_too_long")
    assert form.wrong == {"name": "field_missing"}


def test_several_lines_keep_their_breaks() -> None:
    form = Form({"note": "one\r\ntwo\n"})
    assert form.lines("note", longest=20) == "one\ntwo"
    assert not form.is_wrong


@pytest.mark.parametrize("typed", ["2026-11-24", "24/11/2026"])
def test_a_day_is_read_as_browsers_send_it_and_as_people_type_it(typed: str) -> None:
    assert Form({"day": typed}).day("day") == date(2026, 11, 24)


@pytest.mark.parametrize("typed", ["31/02/2026", "tomorrow", "24-11-26", "99/99/9999"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    form = Form({"day": typed})
    assert form.day("day") is None
    assert form.wrong == {"day": "field_no_day"}


@pytest.mark.parametrize(
    ("typed", "read"), [("1", 1), ("12", 12), ("0", None), ("13", None), ("1.5", None), ("²", None)]
)
def test_a_whole_number_lies_between_its_bounds(typed: str, read: int | None) -> None:
    form = Form({"count": typed})
    assert form.whole("count", least=1, most=12) == read
    assert form.is_wrong is (read is None)


def test_a_choice_is_one_of_the_list() -> None:
    assert Form({"colour": "red"}).one_of("colour", Colour) is Colour.RED
    form = Form({"colour": "blue"})
    assert form.one_of("colour", Colour) is None
    assert form.wrong == {"colour": "field_not_chosen"}


def test_a_box_is_ticked_or_not() -> None:
    assert Form({"box": "yes"}).ticked("box")
    assert not Form().ticked("box")


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox, Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/26.0 Safari/605", "Safari, macOS"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537 Chrome/142.0 Mobile Safari/537", "Chrome, Android"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/142 Safari/537 Edg/142.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) CriOS/142 Safari/604", "Chrome, iPhone"),
        ("curl/8.0", ""),
        ("<script>Firefox</script>", "Firefox"),
    ],
)
def test_of_a_browser_its_family_and_system_are_kept(user_agent: str, said: str) -> None:
    assert browser_of(user_agent) == said


def test_french_typography_is_set_where_plain_spaces_were_typed() -> None:
    assert typeset("Oubli ? « Oui » : 5 %") == "Oubli\u00a0? «\u00a0Oui\u00a0»\u00a0: 5\u00a0%"
    assert typeset("Pièce d'identité, l'an 2026, 5' à pied") == "Pièce d’identité, l’an 2026, 5' à pied"


def test_what_ends_at_midnight_holds_to_the_day_before() -> None:
    paris = ZoneInfo("Europe/Paris")
    times = Times("fr", datetime(2026, 11, 23, 8, 0, tzinfo=paris))
    assert times.last_local_day(datetime.fromisoformat("2030-09-27T22:00:00+00:00")) == "27/09/2030"
    assert times.last_local_day(datetime.fromisoformat("2030-09-27T22:00:01+00:00")) == "28/09/2030"


def test_no_line_cuts_a_reference_and_nothing_in_it_is_markup() -> None:
    assert whole("Demande {reference} < 1", reference="D-7<b>") == (
        'Demande <span class="whole">D-7&lt;b&gt;</span> &lt; 1'
    )
