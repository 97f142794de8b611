"""What a SensorThings address asks for: paths, options, and a refusal of all that is not understood."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from store.shown import Window
from tests.tour_streams import NOON
from tour.api.odata import DEFAULT, MOST, Options, Path, next_query, options_of, path_of

NOON_SAID = "2026-11-18T12:00:00Z"
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("Things", Path("Things")),
        ("Things('a-1')", Path("Things", "a-1")),
        ("Things(7)/Datastreams", Path("Things", "7", "Datastreams")),
        ("Datastreams('x')/Observations", Path("Datastreams", "x", "Observations")),
        ("things", None),
        ("Things('a')/Datastreams/Things", None),
        ("Things(')", None),
        ("../health", None),
    ],
)
def test_a_path_names_a_set_an_entity_and_where_it_leads(text: str, path: Path | None) -> None:
    assert path_of(text) == path


@pytest.mark.parametrize(
    ("said", "window"),
    [
        (f"phenomenonTime ge {NOON_SAID}", Window(NOON, None)),
        (f"phenomenonTime gt {NOON_SAID}", Window(NOON + MOMENT, None)),
        (f"phenomenonTime le {NOON_SAID}", Window(None, NOON + MOMENT)),
        (f"phenomenonTime lt {NOON_SAID}", Window(None, NOON)),
        (f"phenomenonTime eq {NOON_SAID}", Window(NOON, NOON + MOMENT)),
        (
            f"phenomenonTime ge 2026-11-18T13:00:00+01:00 and phenomenonTime lt {NOON_SAID}",
            Window(NOON, NOON),
        ),
    ],
)
def test_a_filter_is_a_window_of_time(said: str, window: Window) -> None:
    assert options_of({"$filter": said}).within == window


@pytest.mark.parametrize(
    "query",
    [
        {"$top": "-1"},
        {"$top": str(MOST + 1)},
        {"$top": "\u0661"},
        {"$skip": "9999999"},
        {"$count": "maybe"},
        {"$select": "name"},
        {"$orderby": "result"},
        {"$filter": "result gt 5"},
        {"$filter": "phenomenonTime ge yesterday"},
        {"$filter": f"phenomenonTime ge {NOON_SAID} or phenomenonTime lt {NOON_SAID}"},
        {"$resultFormat": "CSV"},
    ],
)
def test_what_is_not_understood_is_refused_and_never_ignored(query: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        options_of(query)


def test_without_options_a_page_is_the_first() -> None:
    assert options_of({}) == Options(top=DEFAULT)


def test_the_page_that_follows_asks_for_the_same() -> None:
    query = {"$top": "2", "$filter": f"phenomenonTime ge {NOON_SAID}"}
    following = next_query(query, options_of(query))
    assert following == "$top=2&$filter=phenomenonTime+ge+2026-11-18T12%3A00%3A00Z&$skip=2"


@given(st.dictionaries(st.sampled_from(["$top", "$skip", "$filter", "$orderby", "$count", "$expand"]), st.text()))
def test_whatever_is_asked_is_understood_or_refused(query: dict[str, str]) -> None:
    try:
        options = options_of(query)
    except Invalid:
        return
    assert 0 <= options.top <= MOST


@given(st.text(max_size=300))
def test_whatever_the_path_it_is_one_or_none(text: str) -> None:
    found = path_of(text)
    assert found is None or text.startswith(found.of)
