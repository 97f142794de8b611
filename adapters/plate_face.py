"""The face of a plate in the street: where everything stands, in millimetres, whatever draws it.

    +--------------------------------------------------+
    | Authority                               colour   |  band
    |  Title of the point                              |
    |  +-----------+   (o) Pourquoi ? · Why?           |
    |  |           |   (o) Qui répond ? · Who answers? |
    |  |   code    |   (o) Mes données ? · My data?    |
    |  +-----------+   (o) Réagir · React              |
    |  N° 482 9176                                     |
    |  ville.example/c/4829176                         |
    +--------------------------------------------------+

The four things that tests of DTPR found a sign must say each have a picture and words; the colour of the third (yellow,
blue, white) never stands alone. Type sizes are points; a text stands on its baseline.
"""

from typing import Final, Literal, NamedTuple, TypeAlias

from msgspec import Struct

from adapters.card_face import Box, Code, Weight, Words, ink_on, printable, text_width
from domain.dtpr import ELEMENTS, Identity, identity_of
from domain.points import Point
from domain.sheets import HIDDEN_LEVEL, Sheet
from domain.text import Text
from nfc.picture import link_modules

WIDTH: Final = 99.0
HEIGHT: Final = 68.0
"""Two columns of four on A4."""

CODE_SIDE: Final = 30.0
"""More than the 20 mm that DTPR asks for: 29 to 37 modules of 0.8 mm or more."""

_MARGIN: Final = 5.0
_BAND: Final = 9.0
_INK: Final = "#1b1f24"
_QUIET_INK: Final = "#59616b"
_CODE_TOP: Final = 19.5
_COLUMN: Final = _MARGIN + CODE_SIDE + 6.0
_ICON: Final = 6.5
_ROOM: Final = WIDTH - _MARGIN - _COLUMN - _ICON - 2.0
_FIRST_ROW, _ROW = 19.5, 10.4

Picture = Literal["purpose", "answers", "nobody", "counts", "hidden", "somebody", "react"]

YELLOW, BLUE, WHITE = "#ffdd00", "#36b2e6", "#ffffff"
"""DTPR's: somebody may be recognised, nobody can any more, nobody ever could."""


class Icon(Struct, frozen=True):
    """A picture on a coloured disc: `x`, `y` is the corner of its square."""

    x: float
    y: float
    side: float
    picture: Picture
    colour: str


PlateMark: TypeAlias = Box | Words | Code | Icon


class Plate(Struct, frozen=True):
    """What a plate says of a point. `url` is what its code holds."""

    url: str
    number: str
    title: str
    purposes: tuple[Text, ...]
    service: Text
    identity: Identity
    level: int
    authority_name: str
    colour: str


class Told(Struct, frozen=True):
    """What a plate says of people, with its picture and DTPR's colour."""

    picture: Picture
    colour: str
    words: Text


_NOBODY: Final = Told("nobody", WHITE, Text(fr="Aucune donnée sur les gens", en="No data about people"))
_COUNTS: Final = Told("counts", WHITE, Text(fr="Il compte, sans reconnaître", en="It counts, recognises nobody"))
_HIDDEN: Final = Told("hidden", BLUE, Text(fr="Données rendues anonymes", en="De-identified data"))
_SOMEBODY: Final = Told("somebody", YELLOW, Text(fr="Données personnelles", en="Personal data"))


def plate_of(point: Point, sheet: Sheet, *, level: int, url: str, authority_name: str, colour: str) -> Plate:
    """Gather what the plate of a point says. `level` is the protection level of its devices."""
    return Plate(
        url=url,
        number=point.plate,
        title=sheet.title.fr,
        purposes=tuple(ELEMENTS[name].name for name in sheet.chain.purpose),
        service=Text(fr=sheet.service.fr, en=sheet.service.en),
        identity=identity_of(sheet.chain),
        level=level,
        authority_name=authority_name,
        colour=colour,
    )


def told_of_people(identity: Identity, level: int) -> Told:
    """Say whether somebody can be recognised, by the worse of what the chain says and what the devices are."""
    if identity is Identity.IDENTIFIABLE or level >= HIDDEN_LEVEL:
        return _SOMEBODY
    if identity is Identity.DE_IDENTIFIED or level == HIDDEN_LEVEL - 1:
        return _HIDDEN
    return _COUNTS if level else _NOBODY


def plate_face(plate: Plate) -> tuple[PlateMark, ...]:
    """The marks of a plate, in the order they are laid down, on white."""
    people = told_of_people(plate.identity, plate.level)
    rows: tuple[tuple[Picture, str, str, tuple[str, ...]], ...] = (
        ("purpose", WHITE, "Pourquoi ? · Why?", _both(plate.purposes)),
        ("answers", WHITE, "Qui répond ? · Who answers?", _said(plate.service)),
        (people.picture, people.colour, "Mes données ? · My data?", _said(people.words)),
        ("react", WHITE, "Réagir · React", ("Avis, question, panne : scannez", "Opinion, question, fault: scan")),
    )
    code = Code(_MARGIN, _CODE_TOP, CODE_SIDE, link_modules(plate.url))
    below = _CODE_TOP + CODE_SIDE
    return (
        Box(0, 0, WIDTH, _BAND, plate.colour),
        _line(_MARGIN, 6.1, plate.authority_name, _Style("bold", 11, ink_on(plate.colour)), WIDTH - 2 * _MARGIN),
        _line(_MARGIN, 15.4, plate.title, _TITLE, WIDTH - 2 * _MARGIN),
        code,
        _line(_MARGIN, below + 7.4, f"N° {spaced(plate.number)}", _TITLE, CODE_SIDE + 4),
        _line(_MARGIN, HEIGHT - 3.6, typed(plate.url), _ADDRESS, WIDTH - 2 * _MARGIN),
        *(mark for place, row in enumerate(rows) for mark in _row(_FIRST_ROW + place * _ROW, *row)),
    )


def spaced(number: str) -> str:
    """The number in groups that people can keep in mind: "4829176" -> "482 9176"."""
    return f"{number[:3]} {number[3:]}"


def typed(url: str) -> str:
    """The address as people type it, without what every phone puts before it."""
    return url.removeprefix("https://").removeprefix("http://")


def _row(top: float, picture: Picture, colour: str, asks: str, says: tuple[str, ...]) -> tuple[PlateMark, ...]:
    left = _COLUMN + _ICON + 2.0
    return (
        Icon(_COLUMN, top, _ICON, picture, colour),
        _line(left, top + 2.2, asks, _ASKS, _ROOM),
        *(
            _line(left, top + 5.5 + 3.0 * place, words, _SAYS_TOO if place else _SAYS, _ROOM)
            for place, words in enumerate(says)
        ),
    )


def _both(texts: tuple[Text, ...]) -> tuple[str, ...]:
    return ", ".join(text.fr for text in texts), ", ".join(text.en for text in texts)


def _said(text: Text) -> tuple[str, ...]:
    return (text.fr, text.en) if text.en and text.en != text.fr else (text.fr,)


class _Style(NamedTuple):
    """How a line is set: never smaller than `least` points."""

    weight: Weight
    points: float
    colour: str = _INK
    least: float = 5.5


_TITLE, _ADDRESS = _Style("bold", 13, least=9), _Style("bold", 9, least=5)
_ASKS, _SAYS, _SAYS_TOO = _Style("regular", 6.5, _QUIET_INK), _Style("bold", 8), _Style("regular", 7)


def _line(x: float, y: float, text: str, style: _Style, room: float) -> Words:
    """A line no longer than `room`: smaller while that can be read, then with an ellipsis."""
    text, weight = printable(text), style.weight
    points = max(style.least, min(style.points, style.points * room / (text_width(text, weight, style.points) or 1)))
    if text_width(text, weight, points) > room + 0.01:
        while text and text_width(text + "…", weight, points) > room:
            text = text[:-1].rstrip(" -,’'")
        text += "…"
    return Words(x, y, text, points, weight, style.colour, text_width(text, weight, points))
