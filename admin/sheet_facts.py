"""What a sheet says beside its texts, as a form: place, devices, photo, who answers, and what becomes of the data."""

from collections.abc import Iterable, Mapping
from datetime import date

from msgspec.structs import replace

from admin.band_forms import number_in
from admin.forms import Form
from domain.devices import Device, Stream
from domain.dtpr import CATEGORIES, ELEMENTS, MOST_PURPOSES, Category, Chain
from domain.languages import Language, Words
from domain.points import Lack
from domain.sheets import (
    LONGEST_ADDRESS,
    MOST_STREAMS,
    Blur,
    Photo,
    Recording,
    Sheet,
    StreamName,
    is_address,
    stream_name,
)
from tour.catalogue import CATALOGUE
from web import moments
from web.moments import Language as Reading

TONGUES = ("fr", "easy", "en")
TEXTS = ("service", "legal_basis", "power")
"""What has a text in each language; `admin.points` writes the long ones."""

LINES = {"address": 200, "maker": 120, "radio": 120, "controller": 200, "contact": 200, "easy_reviewed_by": 200}
DAYS = ("starts_on", "ends_on", "easy_reviewed_on")
ADDRESSES = ("assessment_url", "open_data_url")
_LISTS = {"devices": 20, "subcontractors": 20}
_SPARE = 2
_MOST_DENIALS = 20
_LONGEST = 4_000
_EDGES = {"latitude": 90, "longitude": 180}


_FIELDS_OF_TEXTS = {
    "title": "title_fr",
    "place": "place_fr",
    "whatItIs": "what_it_is_fr",
    "whatItIs.easy": "what_it_is_easy",
    "benefit": "benefit_fr",
    "benefit.easy": "benefit_easy",
    "retention": "retention_fr",
}
_FIELDS_OF_FACTS = {
    "position": "latitude",
    "photo.alt": "photo",
    "devices": "devices",
    "streams": "streams",
    "doesNot": "not_0_fr",
    "service": "service_fr",
    "controller": "controller",
    "contact": "contact",
    "startsOn": "starts_on",
    "endsOn": "ends_on",
    **{f"chain.{category}": f"chain_{category}" for category in Category},
}
"""Where in which form each field that may be missing is written."""

_TRANSCRIPT = "recording.transcript"


def lacks_said(lacks: Iterable[Lack], words: dict[str, str]) -> list[tuple[str, str]]:
    """Say what a sheet lacks, each with the place below the point's address where it is written."""
    said = []
    for lack in lacks:
        name = "lacks_" + lack.field.replace(".", "_") + ("_more" if lack.more else "")
        text = words.get(name) or words["lacks_chain"].format(
            link=words.get(f"label_{_FIELDS_OF_FACTS.get(lack.field)}", lack.field)
        )
        where = _FIELDS_OF_TEXTS.get(lack.field)
        if lack.field.startswith(_TRANSCRIPT):
            tongue = lack.field.removeprefix(_TRANSCRIPT).removeprefix(".") or "fr"
            said.append((text, f"recordings/{tongue}#field-transcript_{tongue}"))
            continue
        page = f"write#field-{where}" if where else f"facts#field-{_FIELDS_OF_FACTS.get(lack.field, 'photo')}"
        said.append((text.format(more=lack.more), page))
    return said


def denials(sheet: Sheet) -> int:
    """How many lines of what it does not do the form has: those there are, and room for more."""
    return min(len(sheet.does_not) + _SPARE, _MOST_DENIALS)


def name_of_stream(stream: StreamName, language: Reading) -> str:
    """Say what a stream measures, and of which device it is."""
    quantity = CATALOGUE.quantities.get(stream.quantity)
    name = stream.quantity if quantity is None else quantity.name.fr if language == "fr" else quantity.name.en
    return f"{name} ({' '.join(part for part in (stream.device, stream.channel) if part)})"


def box_of(stream: StreamName) -> str:
    """Name the box of a stream in the form."""
    return f"stream_{stream.device}~{stream.quantity}~{stream.channel}"


def may_be_shown(registered: Iterable[tuple[Device, list[Stream]]]) -> list[StreamName]:
    """List the streams that a sheet with these devices may show."""
    return [
        stream_name(device, stream)
        for device, streams in registered
        for stream in streams
        if device.public and stream.public
    ]


def typed_of(sheet: Sheet, language: Reading) -> dict[str, str]:
    """Return what the fields hold that would say these facts."""
    typed = {name: getattr(sheet, name) for name in (*LINES, *ADDRESSES)}
    typed |= {name: str(getattr(sheet, name) or "") for name in DAYS}
    typed |= {name: "\n".join(getattr(sheet, name)) for name in _LISTS}
    typed |= {f"{name}_{tongue}": getattr(getattr(sheet, name), tongue) for name in TEXTS for tongue in TONGUES}
    for place, words in enumerate(sheet.does_not):
        typed |= {f"not_{place}_{tongue}": getattr(words, tongue) for tongue in TONGUES}
    for name in _EDGES:
        degrees = getattr(sheet, name)
        number = "" if degrees is None else f"{degrees:.12g}"
        typed[name] = number.replace(".", ",") if language == "fr" else number
    typed |= {f"chain_{category}_{one}": "yes" for category in Category for one in sheet.chain.ids(category)}
    typed |= {box_of(one): "yes" for one in sheet.streams}
    typed |= {f"photo_{tongue}": getattr(sheet.photo.alt, tongue) if sheet.photo else "" for tongue in TONGUES}
    photo = sheet.photo.digest if sheet.photo else ""
    return {**typed, "commune": sheet.commune_code, "blur": sheet.blur.value, "digest": photo}


def labels(words: dict[str, str], language: Reading) -> dict[str, str]:
    """Name every field that there is once for each language, line or element."""
    several = [(name, words[f"label_{name}"]) for name in (*TEXTS, "photo")]
    several += [(f"not_{place}", words["label_not"].format(number=place + 1)) for place in range(_MOST_DENIALS)]
    named = {
        f"label_{name}_{tongue}": f"{label}, {words[f'language_{tongue}']}"
        for name, label in several
        for tongue in TONGUES
    }
    for one in ELEMENTS.values():
        named[f"label_chain_{one.category}_{one.id}"] = one.name.fr if language == "fr" else one.name.en
    for category, name in CATEGORIES.items():
        named[f"label_chain_{category}"] = name.fr if language == "fr" else name.en
    return named


def told(
    sheet: Sheet, words: dict[str, str], language: Reading, communes: Mapping[str, str]
) -> list[tuple[str, list[str]]]:
    """Say the facts of a sheet as a colleague reads them: each with its label, in as many lines as it has."""
    typed = typed_of(sheet, language)
    position = sheet.position
    said = [
        ("place_is", [typed["address"], communes.get(sheet.commune_code, sheet.commune_code)]),
        ("position", [f"{typed['latitude']} ; {typed['longitude']}", words[f"blur_{sheet.blur}"]] if position else []),
        ("devices", list(sheet.devices)),
        ("streams", [name_of_stream(one, language) for one in sheet.streams]),
        ("does_not", [line for one in sheet.does_not for line in _in_tongues(one, words)]),
        *((name, _in_tongues(getattr(sheet, name), words)) for name in TEXTS),
        *((name, [typed[name]]) for name in ("controller", "contact")),
        *((name, [_day(getattr(sheet, name), language)]) for name in DAYS[:2]),
        *((name, [typed[name]]) for name in ("maker", "radio")),
        ("subcontractors", list(sheet.subcontractors)),
        *((name, [typed[name]]) for name in ADDRESSES),
        ("easy_reviewed_by", [sheet.easy_reviewed_by, _day(sheet.easy_reviewed_on, language)]),
        *(
            (f"chain_{category}", [words[f"label_chain_{category}_{one}"] for one in sheet.chain.ids(category)])
            for category in Category
        ),
        ("photo", _in_tongues(sheet.photo.alt, words) if sheet.photo else []),
        ("recording", _heard(sheet.recording, words) if sheet.recording else []),
        ("links", [f"{one.url} · {line}" for one in sheet.links for line in _in_tongues(one.label, words)]),
    ]
    return [(words[f"label_{name}"], [line for line in lines if line]) for name, lines in said]


def _day(day: date | None, language: Reading) -> str:
    return f"{moments.day(day, language)} {day.year}" if day is not None else ""


def _in_tongues(text: Words, words: dict[str, str]) -> list[str]:
    return [f"{words[f'language_{one}']} · {said}" for one in Language if (said := getattr(text, one.value))]


def _heard(spoken: Recording, words: dict[str, str]) -> list[str]:
    """Say in which languages there is a recording, and which: its name tells one from another."""
    names = [f"{words[f'language_{one}']} · {found[:8]}" for one in Language if (found := spoken.spoken(one))]
    return names + _in_tongues(spoken.transcript, words)


def read_facts(form: Form, sheet: Sheet) -> Sheet | None:
    """Read a sheet with the facts of a form; what is not written here stays. None where something does not fit."""
    lines = {name: form.text(name, longest=longest, required=False) for name, longest in LINES.items()}
    days = {name: form.day(name, required=False) for name in DAYS}
    _check_days(form, days)
    devices, subcontractors = (_several(form, name) for name in _LISTS)
    latitude, longitude = _position(form)
    blur = form.one_of("blur", Blur)
    texts = {name: _words(form, name, getattr(sheet, name)) for name in TEXTS}
    more = {name: _address(form, name) for name in ADDRESSES}
    does_not, chain, streams = _denials(form, sheet), _chain(form, sheet.chain), _streams(form, devices)
    photo = _photo(form, sheet)
    if bool(lines["easy_reviewed_by"]) != (days["easy_reviewed_on"] is not None):
        form.refuse("easy_reviewed_by", "both_or_neither")
    if form.is_wrong or blur is None:
        return None
    return replace(
        sheet,
        **lines,
        **days,
        **texts,
        **more,
        commune_code=form.text("commune", longest=5, required=False),
        latitude=latitude,
        longitude=longitude,
        blur=blur,
        devices=devices,
        subcontractors=subcontractors,
        streams=streams,
        does_not=does_not,
        chain=chain,
        photo=photo,
    )


def _check_days(form: Form, days: dict[str, date | None]) -> None:
    starts, ends = days["starts_on"], days["ends_on"]
    if starts is not None and ends is not None and ends < starts:
        form.refuse("ends_on", "ends_first")


def _several(form: Form, name: str) -> tuple[str, ...]:
    """Read a list, one entry a line; an entry that stands twice counts once."""
    said = form.lines(name, longest=_LONGEST, required=False).split("\n")
    found = tuple(dict.fromkeys(line.strip() for line in said if line.strip()))
    if len(found) > _LISTS[name]:
        form.refuse(name, "too_many")
    return found


def _position(form: Form) -> tuple[float | None, float | None]:
    """Read where it stands: nowhere yet, or both degrees."""
    if not any(form.kept(name).strip() for name in _EDGES):
        return None, None
    found = {name: number_in(form, name) for name in _EDGES}
    for name, degrees in found.items():
        if degrees is not None and abs(degrees) > _EDGES[name]:
            form.refuse(name, "field_no_number")
    return found["latitude"], found["longitude"]


def _words(form: Form, name: str, before: Words) -> Words:
    return replace(
        before, **{tongue: form.text(f"{name}_{tongue}", longest=_LONGEST, required=False) for tongue in TONGUES}
    )


def _address(form: Form, name: str) -> str:
    said = form.text(name, longest=LONGEST_ADDRESS, required=False)
    if said and not is_address(said):
        form.refuse(name, "no_address")
    return said


def _denials(form: Form, sheet: Sheet) -> tuple[Words, ...]:
    """Read what it does not do. A French sentence keeps its other languages where it moved or was reworded."""
    known = {words.fr: words for words in sheet.does_not}
    typed = {form.kept(f"not_{place}_fr").strip() for place in range(_MOST_DENIALS)}
    reworded = {place: words for place, words in enumerate(sheet.does_not) if words.fr not in typed}
    found = []
    for place in range(_MOST_DENIALS):
        said = {tongue: form.text(f"not_{place}_{tongue}", longest=_LONGEST, required=False) for tongue in TONGUES}
        if said["fr"]:
            before = known.get(said["fr"]) or reworded.get(place) or Words()
            found.append(replace(before, **said))
        elif any(said.values()):
            form.refuse(f"not_{place}_fr", "french_first")
    return tuple(found)


def _chain(form: Form, before: Chain) -> Chain:
    """Read the chain; what it said before keeps its order, for the first of those who answer counts most."""
    found = {}
    for category in Category:
        ticked = [
            one.id
            for one in ELEMENTS.values()
            if one.category is category and form.ticked(f"chain_{category}_{one.id}")
        ]
        old = [one for one in before.ids(category) if one in ticked]
        found[category.value] = tuple(old + [one for one in ticked if one not in old])
    if len(found[Category.PURPOSE.value]) > MOST_PURPOSES:
        form.refuse("chain_purpose", "too_many_purposes")
    return Chain(**found)


def _streams(form: Form, devices: tuple[str, ...]) -> tuple[StreamName, ...]:
    """Read which values it shows; those of a device that is taken off go with it."""
    ticked = [name.removeprefix("stream_").split("~") for name in form.typed if name.startswith("stream_")]
    found = tuple(StreamName(*parts) for parts in ticked if len(parts) == 3 and parts[0] in devices)
    if len(found) > MOST_STREAMS:
        form.refuse("streams", "too_many_streams")
    return found


def _photo(form: Form, sheet: Sheet) -> Photo | None:
    """Read the photo: the one that was kept with this form, or the one before, with what is seen in it."""
    digest = form.kept("digest")
    alt = _words(form, "photo", sheet.photo.alt if sheet.photo else Words())
    if not digest:
        if alt:
            form.refuse("photo", "photo_first")
        return None
    return Photo(digest, alt)
