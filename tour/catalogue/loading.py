"""Read the catalogue's files, and refuse whatever is incomplete before anybody reads a wrong sentence.

All faults are told at once, each with its file and its entry. Texts are set as French wants it on the way: a space
before : ; ! ? % and inside « » never breaks.
"""

import re
import tomllib
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from datetime import date
from functools import partial
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from tour.terms import Band, Basis, DeviceModel, Edge, Quantity, Scale, Span, Words
from tour.units import ALLOWED, SPELLINGS

NO_BREAK = "\u00a0"
PHRASES = {
    **dict.fromkeys(("hidden_silent", "hidden_missing", "hidden_doubtful", "hidden_private"), frozenset({"name"})),
    **dict.fromkeys(("direct", "recent"), frozenset({"ago"})),
    **dict.fromkeys(("old", "silent", "delayed"), frozenset({"past"})),
    **dict.fromkeys(
        ("over_quarter", "over_hour", "over_day", "sum_quarter", "sum_hour", "sum_day"), frozenset({"value"})
    ),
    **dict.fromkeys(("much_less", "less", "usual", "more", "much_more"), frozenset({"when"})),
    **dict.fromkeys(("rising", "steady", "falling"), frozenset({"hours"})),
    **dict.fromkeys(("if_it_lasted_hour", "if_it_lasted_day"), frozenset({"label"})),
    **dict.fromkeys(("flood_confirmed", "flood_silent"), frozenset({"past"})),
    **dict.fromkeys(("flood_never", "flood_unknown", "flood_elsewhere"), frozenset[str]()),
    "about": frozenset({"value"}),
    "fewer": frozenset({"n", "symbol"}),
}
"""Every phrase that an explanation or a flood needs, and what it may leave open."""

_NOTHING: frozenset[str] = frozenset()

_OF_BANDS = {"state": frozenset({"name", "when"}), "elsewhere": frozenset({"place"})}
"""What the texts of a band may leave open: the quantity's name, "un mardi à 14 h", another place."""

_EDGE = re.compile(r"(below|up to) (-?\d+(?:\.\d+)?)")
_OPEN = re.compile(r"\{(.*?)\}")

Read = TypeVar("Read")


class IncompleteCatalogue(Exception):
    """The files do not hold together. `faults` name the file, the entry and what is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("The catalogue of the tour is incomplete:\n" + "\n".join(faults))
        self.faults = faults


class Catalogue(Struct, frozen=True):
    """Everything the files say."""

    quantities: dict[str, Quantity]
    scales: dict[str, Scale]
    models: dict[str, DeviceModel]
    phrases: dict[str, Words]


class _ScaleEntry(Struct, kw_only=True, forbid_unknown_fields=True):
    """A scale as the files write it: its bands are those of a set of words."""

    words: str
    basis: Basis
    over: Span
    source: str
    source_date: date
    checked: date | None = None
    quantity: str = ""
    family: str = ""
    hours: tuple[int, int] | None = None
    edges: tuple[str, ...] = ()


def read(folder: Traversable) -> Catalogue:
    """Read the catalogue of a folder.

    Raises:
        IncompleteCatalogue: and tells every fault of every file.
    """
    faults: list[str] = []
    quantities = _coded(folder.joinpath("quantities.toml"), Quantity, faults)
    models = _coded(folder.joinpath("models.toml"), DeviceModel, faults)
    phrases = _entries(folder.joinpath("phrases.toml"), Words, faults)
    scales: dict[str, Scale] = {}
    for file in sorted(folder.joinpath("scales").iterdir(), key=lambda each: each.name):
        if file.name.endswith(".toml"):
            scales |= _scales(file, faults)
    catalogue = Catalogue(quantities, scales, models, phrases)
    faults += [*_of_quantities(catalogue), *_of_scales(catalogue), *_of_models(catalogue), *_of_phrases(catalogue)]
    if faults:
        raise IncompleteCatalogue(faults)
    return catalogue


def _toml(file: Traversable, faults: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        faults.append(f"{file.name}: {error}")
        return {}


def _coded(file: Traversable, kind: type[Read], faults: list[str]) -> dict[str, Read]:
    """Read entries that know their own name."""
    return _converted(file.name, _toml(file, faults), lambda code, said: _as({**said, "code": code}, kind), faults)


def _entries(file: Traversable, kind: type[Read], faults: list[str]) -> dict[str, Read]:
    return _converted(file.name, _toml(file, faults), lambda _, said: _as(said, kind), faults)


def _converted(
    name: str, table: dict[str, Any], make: Callable[[str, Any], Read], faults: list[str]
) -> dict[str, Read]:
    made = {}
    for code, said in table.items():
        try:
            made[code] = make(code, said)
        except (msgspec.ValidationError, ValueError, TypeError) as error:
            faults.append(f"{name}: [{code}] {error}")
    return made


def _scales(file: Traversable, faults: list[str]) -> dict[str, Scale]:
    table = _toml(file, faults)
    if not isinstance(version := table.get("version"), date):
        faults.append(f"{file.name}: no version, the day of its last change")
        return {}
    words = _converted(file.name, table.get("words", {}), lambda _, said: _as(said, tuple[Band, ...]), faults)
    return _converted(file.name, table.get("scales", {}), partial(_scale, version, words), faults)


def _scale(version: date, words: dict[str, tuple[Band, ...]], code: str, said: object) -> Scale:
    entry = _as(said, _ScaleEntry)
    if entry.words not in words:
        raise ValueError(f"no words called {entry.words}")
    return Scale(
        code=code,
        quantity=entry.quantity,
        basis=entry.basis,
        over=entry.over,
        family=entry.family,
        hours=entry.hours,
        source=entry.source,
        source_date=entry.source_date,
        checked=entry.checked,
        version=version,
        edges=tuple(_edge(text) for text in entry.edges),
        bands=words[entry.words],
    )


def _edge(text: str) -> Edge:
    found = _EDGE.fullmatch(text)
    if found is None:
        raise ValueError(f'an edge reads "below 400" or "up to 400", not "{text}"')
    return Edge(float(found[2]), included=found[1] == "up to")


def _as(said: object, kind: type[Read]) -> Read:
    return msgspec.convert(_set(said), kind)


def _set(said: object) -> object:
    """Set French as it is printed, wherever a table of words stands."""
    if isinstance(said, dict):
        return {key: _french(_set(each)) if key in {"fr", "easy"} else _set(each) for key, each in said.items()}
    return [_set(each) for each in said] if isinstance(said, list) else said


def _french(said: object) -> object:
    return typeset(said) if isinstance(said, str) else said


def typeset(text: str) -> str:
    """Set a French text as it is printed: no line breaks before : ; ! ? % nor inside « »."""
    return re.sub(r" (?=[:;!?%»])|(?<=«) ", NO_BREAK, text)


def _of_words(words: Words | None, where: str, *, opens: AbstractSet[str] = _NOTHING) -> Iterator[str]:
    """Refuse a language that is missing, an opening that nothing fills, and one that the other language has not."""
    if words is None:
        return
    for language in ("fr", "en", "easy"):
        text = getattr(words, language)
        if not text.strip():
            yield f"{where} says nothing in {language}"
        if unknown := set(_OPEN.findall(text)) - opens:
            yield f"{where} leaves {', '.join(sorted(unknown))} open in {language}, and nothing fills it"
    if set(_OPEN.findall(words.fr)) != set(_OPEN.findall(words.en)):
        yield f"{where} leaves other things open in French than in English"


def _of_phrases(catalogue: Catalogue) -> Iterator[str]:
    for code in sorted(PHRASES.keys() ^ catalogue.phrases.keys()):
        yield f"phrases.toml: [{code}] is {'missing' if code in PHRASES else 'used by nothing'}"
    for code, words in catalogue.phrases.items():
        yield from _of_words(words, f"phrases.toml: [{code}]", opens=PHRASES.get(code, _NOTHING))


def _of_quantities(catalogue: Catalogue) -> Iterator[str]:
    for code, quantity in catalogue.quantities.items():
        where = f"quantities.toml: [{code}]"
        for words in (quantity.name, quantity.one, quantity.meaning, quantity.advice):
            yield from _of_words(words, where)
        yield from _of_words(quantity.symbol, where, opens={"n"})
        if quantity.physical[0] >= quantity.physical[1]:
            yield f"{where} has a range without room"
        if quantity.likely and not (
            quantity.physical[0] <= quantity.likely[0] < quantity.likely[1] <= quantity.physical[1]
        ):
            yield f"{where} thinks likely what is impossible"
        if not quantity.unit.startswith("{") and not {quantity.unit} & (ALLOWED.keys() | set(SPELLINGS.values())):
            yield f"{where} has the unit {quantity.unit}, which tour/units.py does not know"
        if quantity.scale is not None and quantity.meaning is None:
            yield f"{where} has a scale and no meaning"
        yield from _of_choice(catalogue, code, quantity.scale, where)


def _of_scales(catalogue: Catalogue) -> Iterator[str]:
    for scale in catalogue.scales.values():
        yield from faults_of(scale, catalogue.quantities)


def faults_of(scale: Scale, quantities: dict[str, Quantity]) -> Iterator[str]:
    """Tell what does not hold together in a scale."""
    where = f"scale {scale.code}"
    for band in scale.bands:
        for part in ("label", "state", "action", "elsewhere"):
            opens = _OF_BANDS.get(part, _NOTHING)
            yield from _of_words(getattr(band, part), f"{where}: {band.code}: {part}", opens=opens)
    if len({band.code for band in scale.bands}) != len(scale.bands):
        yield f"{where} has one band twice"
    if scale.basis is Basis.USUAL and len(scale.bands) != 5:
        yield f"{where} compares with the usual and needs five bands"
    if scale.basis is Basis.FIXED and len(scale.bands) != len(scale.edges) + 1:
        yield f"{where} has {len(scale.bands)} bands and {len(scale.edges)} edges: one edge less than bands"
    if scale.basis is not Basis.FIXED and scale.edges:
        yield f"{where} has edges, and takes them from elsewhere"
    if any(low.value >= high.value for low, high in zip(scale.edges, scale.edges[1:], strict=False)):
        yield f"{where} has edges that do not rise"
    if scale.basis is not Basis.USUAL and scale.quantity not in quantities:
        yield f"{where} is for {scale.quantity or 'no quantity'}, which is none"


def _of_models(catalogue: Catalogue) -> Iterator[str]:
    for code, model in catalogue.models.items():
        where = f"models.toml: [{code}]"
        for name, field in model.fields.items():
            quantity = catalogue.quantities.get(field.quantity)
            if quantity is None:
                yield f"{where} {name} is {field.quantity}, which is no quantity"
                continue
            unit = SPELLINGS.get(field.unit, field.unit)
            if unit != quantity.unit and unit not in ALLOWED.get(quantity.unit, {}):
                yield f"{where} {name} comes in {field.unit}, which {field.quantity} does not"
        for quantity_code, scale in model.scales.items():
            yield from _of_choice(catalogue, quantity_code, scale, where)
        for compared in (*model.ordered, *((total,) for total in model.sums)):
            if strange := sorted(set(compared) - model.fields.keys()):
                yield f"{where} compares {', '.join(strange)}, which is no field of it"
            elif len({model.fields[name].unit for name in compared}) > 1:
                yield f"{where} compares {', '.join(compared)}, which have different units"


def _of_choice(catalogue: Catalogue, quantity: str, scale: str | None, where: str) -> Iterator[str]:
    if scale is None:
        return
    chosen = catalogue.scales.get(scale)
    if chosen is None:
        yield f"{where} has the scale {scale}, which is none"
    elif chosen.quantity not in {"", quantity}:
        yield f"{where} has the scale {scale}, which is for {chosen.quantity}"
