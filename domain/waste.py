"""Kinds of waste: one closed vocabulary, so that a quota, a price and a site's list mean the same heap.

The kinds are those by which French waste centres sort and count. `unit` is how an agent measures a kind at the quay.
"""

from msgspec import Struct

from domain.errors.places import UnknownKind
from domain.limits import Measure
from domain.text import Text


class WasteKind(Struct, frozen=True):
    """One kind of waste. A site says which ones it takes; asbestos, where it is taken, by appointment."""

    code: str
    name: Text
    unit: Measure


KINDS: tuple[WasteKind, ...] = (
    WasteKind("bulky", Text(fr="Encombrants", en="Bulky waste"), Measure.M3),
    WasteKind("green", Text(fr="Déchets verts", en="Garden waste"), Measure.M3),
    WasteKind("rubble", Text(fr="Gravats", en="Rubble"), Measure.M3),
    WasteKind("plaster", Text(fr="Plâtre", en="Plaster"), Measure.M3),
    WasteKind("wood", Text(fr="Bois", en="Wood"), Measure.M3),
    WasteKind("metal", Text(fr="Métaux", en="Metal"), Measure.M3),
    WasteKind("cardboard", Text(fr="Cartons", en="Cardboard"), Measure.M3),
    WasteKind("paint", Text(fr="Peintures", en="Paint"), Measure.LITRE),
    WasteKind("solvent", Text(fr="Solvants et produits chimiques", en="Solvents and chemicals"), Measure.LITRE),
    WasteKind("oil", Text(fr="Huiles usagées", en="Used oil"), Measure.LITRE),
    WasteKind("tyre", Text(fr="Pneus", en="Tyres"), Measure.PIECE),
    WasteKind("weee", Text(fr="Appareils électriques", en="Electrical appliances"), Measure.PIECE),
    WasteKind("asbestos", Text(fr="Amiante", en="Asbestos"), Measure.M3),
)
BY_CODE = {kind.code: kind for kind in KINDS}


def counted_in(unit: Text, kind: str | None) -> Text:
    """Say what a limit counts: its unit, and its kind of waste where it counts one alone ("m³ (rubble)")."""
    if kind is None:
        return unit
    name = BY_CODE[kind].name
    return Text(fr=f"{unit.fr} ({name.fr.lower()})", en=f"{unit.en} ({name.en.lower()})")


def check_kind(code: str, *, of: str) -> None:
    """Refuse the code of a kind that the program does not have: nobody could be told its name."""
    if code not in BY_CODE:
        raise UnknownKind(f"{of} names the waste kind {code!r}; there are {', '.join(sorted(BY_CODE))}.")


def together(kinds: dict[str, dict[Measure, int]]) -> dict[Measure, int]:
    """Add what is handed over up by unit, for limits that count all kinds. No visit: that was the entry."""
    asked: dict[Measure, int] = {}
    for measured in kinds.values():
        for unit, amount in measured.items():
            asked[unit] = asked.get(unit, 0) + amount
    return asked
