"""The bands of a scale as a form: every edge and every sentence a field, read back as what it means."""

from contextlib import suppress
from datetime import date
from math import isfinite

from admin.forms import Form
from admin.words import typeset
from domain.band_editions import LONGEST_SOURCE, Bands, BandText, Limit, Sentence
from tour.scales import HIGHEST, LONGEST
from tour.terms import Scale
from web.moments import Language

TONGUES = ("fr", "easy", "en")

_LONGEST_NUMBER = 60


def number_in(form: Form, name: str) -> float | None:
    """Read a number as French or English people type it."""
    text = form.text(name, longest=_LONGEST_NUMBER)
    for space in ("\u202f", "\u00a0", " "):
        text = text.replace(space, "")
    if name in form.wrong:
        return None
    with suppress(ValueError):
        value = float(text.replace(",", "."))
        if isfinite(value) and abs(value) < HIGHEST:
            return value
    form.refuse(name, "field_no_number")
    return None


def typed_of(bands: Bands, language: Language) -> dict[str, str]:
    """Return what the fields hold that would say these bands, in the order of the form."""
    typed = {"source": bands.source, "source_date": f"{bands.source_date}", "checked": f"{bands.checked}"}
    for place, edge in enumerate(bands.edges):
        number = f"{edge.value:.12g}"
        typed[f"edge_{place}"] = number.replace(".", ",") if language == "fr" else number
        typed[f"edge_{place}_in"] = "yes" if edge.included else ""
    for place, text in enumerate(bands.texts):
        for part in LONGEST:
            if (said := getattr(text, part)) is not None:
                typed |= {f"b{place}_{part}_{tongue}": getattr(said, tongue) for tongue in TONGUES}
    return typed


def labels(scale: Scale, words: dict[str, str], language: Language) -> dict[str, str]:
    """Name every field of a scale."""
    names = [band.label.fr if language == "fr" else band.label.en for band in scale.bands]
    named = {}
    for place in range(len(scale.edges)):
        said = words["edge_between"].format(below=names[place], above=names[place + 1])
        named[f"label_edge_{place}"] = said
        named[f"label_edge_{place}_in"] = words["edge_included"].format(below=names[place])
    for place, name in enumerate(names):
        for part in LONGEST:
            for tongue in TONGUES:
                said = f"{name} : {words[f'part_{part}']}, {words[f'tongue_{tongue}']}"
                named[f"label_b{place}_{part}_{tongue}"] = (
                    typeset(said) if language == "fr" else said.replace(" :", ":")
                )
    return named


def read_bands(form: Form, scale: Scale, today: date) -> Bands | None:
    """Read an edition of a scale; what does not fit is said at its field."""
    edges = [number_in(form, f"edge_{place}") for place in range(len(scale.edges))]
    for place in range(1, len(edges)):
        low, high = edges[place - 1], edges[place]
        if low is not None and high is not None and low >= high:
            form.refuse(f"edge_{place}", "edges_rise")
    texts = tuple(_text(form, place, scale) for place in range(len(scale.bands)))
    source = form.text("source", longest=LONGEST_SOURCE)
    source_date, checked = _past(form, "source_date", today), _past(form, "checked", today)
    known = [value for value in edges if value is not None]
    if form.is_wrong or source_date is None or checked is None:
        return None
    limits = tuple(Limit(value, included=form.ticked(f"edge_{place}_in")) for place, value in enumerate(known))
    return Bands(edges=limits, texts=texts, source=source, source_date=source_date, checked=checked)


def _text(form: Form, place: int, scale: Scale) -> BandText:
    band = scale.bands[place]
    said = {
        part: Sentence(
            **{tongue: form.text(f"b{place}_{part}_{tongue}", longest=longest) for tongue in ("fr", "en", "easy")}
        )
        for part, longest in LONGEST.items()
        if getattr(band, part) is not None
    }
    return BandText(band.code, said["label"], said["state"], said["action"], said.get("elsewhere"))


def _past(form: Form, name: str, today: date) -> date | None:
    day = form.day(name)
    if day is not None and day > today:
        form.refuse(name, "day_to_come")
        return None
    return day
