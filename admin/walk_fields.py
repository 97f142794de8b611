"""What an itinerary says, as a form: its texts in every language, its numbers, and its stops in their order."""

from admin.band_forms import number_in
from admin.forms import Form
from admin.point_languages import text_of
from domain.itineraries import FEWEST_STOPS, MOST_STOPS, Itinerary, Stop, Theme, Walk
from domain.languages import Language, Words
from domain.plates import is_plate
from web.moments import Language as Reading

TEXTS = ("title", "summary", "benches", "shade")
SPARE = 2
"""Empty rows below the stops that there are."""

_MOST = {"distance_m": 50_000, "minutes": 1_440, "steps": 100_000}
_LEAST = {"distance_m": 1, "minutes": 1, "steps": 0}


def labels(points: dict[str, str], words: dict[str, str]) -> dict[str, str]:
    """Name every field that there is once for each language or stop."""
    named = {
        f"label_{name}_{one.value}": f"{words[f'label_{name}']}, {points[f'language_{one.value}']}"
        for name in TEXTS
        for one in Language
    }
    for place in range(MOST_STOPS):
        named[f"label_stop_{place}"] = words["label_stop"].format(number=place + 1)
        named[f"label_rank_{place}"] = words["label_rank"].format(number=place + 1)
        for one in Language:
            way = words["label_way"].format(number=place + 1)
            named[f"label_way_{place}_{one.value}"] = f"{way}, {points[f'language_{one.value}']}"
    return named


def typed_of(itinerary: Itinerary, language: Reading) -> dict[str, str]:
    """Return what the fields hold that would say this itinerary."""
    slope = f"{itinerary.steepest_percent:g}"
    typed = {f"{name}_{one.value}": getattr(getattr(itinerary, name), one.value) for name in TEXTS for one in Language}
    for place, stop in enumerate(itinerary.stops):
        typed |= {f"stop_{place}": stop.plate, f"rank_{place}": str(place + 1)}
        typed |= {f"way_{place}_{one.value}": getattr(stop.way, one.value) for one in Language}
    return {
        **typed,
        "theme": itinerary.theme.value,
        "distance_m": str(itinerary.distance_m),
        "minutes": str(itinerary.minutes),
        "steps": str(itinerary.steps),
        "steepest_percent": slope.replace(".", ",") if language == "fr" else slope,
        "wheelchair": "yes" if itinerary.wheelchair else "",
        "public": "yes" if itinerary.public else "",
    }


def read_walk(form: Form) -> Walk | None:
    """Read an itinerary. None where something does not fit, which is said at its field."""
    texts = {name: _words(form, name) for name in TEXTS}
    if not texts["title"]:
        form.refuse("title_fr", "field_missing")
    theme = form.one_of("theme", Theme)
    numbers = {name: form.whole(name, least=_LEAST[name], most=most) for name, most in _MOST.items()}
    slope = number_in(form, "steepest_percent")
    if slope is not None and not 0 <= slope <= 100:
        form.refuse("steepest_percent", "field_no_number")
    if form.ticked("wheelchair") and numbers["steps"]:
        form.refuse("wheelchair", "no_wheelchair")
    stops = _stops(form)
    if form.is_wrong or theme is None or slope is None:
        return None
    return Walk(
        title=texts["title"],
        summary=texts["summary"],
        benches=texts["benches"],
        shade=texts["shade"],
        theme=theme,
        stops=stops,
        distance_m=numbers["distance_m"] or 0,
        minutes=numbers["minutes"] or 0,
        steps=numbers["steps"] or 0,
        steepest_percent=slope,
        wheelchair=form.ticked("wheelchair"),
    )


def _words(form: Form, name: str) -> Words:
    return Words(**{one.value: text_of(form, f"{name}_{one.value}") for one in Language})


def _stops(form: Form) -> tuple[Stop, ...]:
    """Read the stops in the order of their numbers; a row without a point is none."""
    found = []
    for place in range(MOST_STOPS):
        plate = form.text(f"stop_{place}", longest=7, required=False)
        if not plate:
            continue
        if not is_plate(plate):
            form.refuse("stop_0", "no_such_point")
        rank = number_in(form, f"rank_{place}") if form.kept(f"rank_{place}").strip() else place + 1
        found.append((rank or 0, place, Stop(plate, _words(form, f"way_{place}"))))
    stops = tuple(stop for _, _, stop in sorted(found, key=lambda one: one[:2]))
    if len(stops) < FEWEST_STOPS:
        form.refuse("stop_0", "too_few_stops")
    if len({one.plate for one in stops}) != len(stops):
        form.refuse("stop_0", "stop_twice")
    return stops
