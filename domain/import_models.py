"""Files to fill in: for each kind, lines about people and firms that do not exist, as they are to be written."""

from typing import Literal

from domain.import_kinds import Field, ImportKind

_F = Field
_Line = dict[Field, str]

_PERSONS: tuple[_Line, ...] = (
    {_F.REFERENCE: "A-1001", _F.LAST_NAME: "Lefèvre", _F.FIRST_NAME: "Zoé", _F.BORN_ON: "17/05/1984"},
    {_F.REFERENCE: "A-1002", _F.LAST_NAME: "Lefèvre", _F.FIRST_NAME: "Malo", _F.BORN_ON: "02/09/2016"},
    {_F.REFERENCE: "A-1003", _F.LAST_NAME: "Benali", _F.FIRST_NAME: "Karim", _F.BORN_ON: "30/01/1981"},
)
_ZOE, _MALO, _KARIM = _PERSONS

_LINES: dict[ImportKind, tuple[_Line, ...]] = {
    ImportKind.CARDS: (
        {**_ZOE, _F.CARD: "04:A1:B2:C3:D4:E5:F6"},
        _MALO,
        {**_KARIM, _F.CARD: "04:A1:B2:C3:D4:E5:F7"},
    ),
    ImportKind.HOUSEHOLDS: (
        {_F.HOUSEHOLD: "F-201", **_ZOE, _F.JOINS_ON: "01/09/2019"},
        {_F.HOUSEHOLD: "F-201", **_MALO, _F.GUARDIANS: "A-1001, A-1003", _F.JOINS_ON: "01/09/2019"},
        {_F.HOUSEHOLD: "F-202", **_KARIM},
        {_F.HOUSEHOLD: "F-202", **_MALO},
    ),
    ImportKind.ORGANISATIONS: (
        {
            _F.ORGANISATION: "PRO-12",
            _F.NAME: "Menuiserie Roux",
            _F.REGISTRATION: "732 829 320 00074",
            **_ZOE,
            _F.CARD: "04:A1:B2:C3:D4:E5:F6",
        },
        {_F.ORGANISATION: "PRO-12", **_KARIM},
        {_F.ORGANISATION: "ASS-7", _F.NAME: "Les Jardins du quai", _F.REGISTRATION: "W601000012"},
    ),
}
_KINDS = {
    "fr": {"PRO-12": "professionnel", "ASS-7": "association"},
    "en": {"PRO-12": "professional", "ASS-7": "association"},
}


def model_lines(kind: ImportKind, language: Literal["fr", "en"], commune: str) -> list[dict[Field, str]]:
    """Return the lines of a model; everybody lives in `commune`, and everything has its seat there."""
    return [{**line, **_places(kind, language, line, commune)} for line in _LINES[kind]]


def _places(kind: ImportKind, language: Literal["fr", "en"], line: _Line, commune: str) -> _Line:
    """Say where a line's people and firms are. A second line of a firm need not say it again."""
    if kind is not ImportKind.ORGANISATIONS:
        return {_F.COMMUNE: commune}
    home = {_F.COMMUNE: commune} if _F.LAST_NAME in line else {}
    if _F.NAME not in line:
        return home
    return {**home, _F.SEAT: commune, _F.KIND: _KINDS[language][line[_F.ORGANISATION]]}
