"""Hub'Eau hydrometry v2, answers of `observations_tr` (instants) and `obs_elab` (days and months).

https://hubeau.eaufrance.fr/page/api-hydrometrie. Heights are millimetres, flows litres a second, times UTC. Every
value comes twice, once for the station and once for its site without a station: only the station's counts. Where a
station gives two values for one instant, the further one in the chain of validation is taken.
"""

from datetime import datetime

from msgspec import Struct

from tour.ingest.documents import device_key, read
from tour.ingest.gathering import Gathering
from tour.ingest.sources import Message, Source
from tour.ingest.times import instant, month_or_day
from tour.measures import EventKind, Judgement, Malformed, Parsed, TimeUnreadable

UNITS = {"H": "mm", "Q": "L/s"}
"""By the first letter of the quantity: H and HIXnJ are heights; Q, QmnJ, QmM and their kin are flows."""

JUDGED = {12: Judgement.DOUBTFUL, 20: Judgement.GOOD}
"""Sandre's nomenclature 515: 12 doubtful, 16 not qualified, 20 good."""


class Row(Struct):
    """One value, in the words of either answer."""

    code_station: str | None = None
    grandeur_hydro: str | None = None
    grandeur_hydro_elab: str | None = None
    date_obs: str | None = None
    date_obs_elab: str | None = None
    resultat_obs: float | None = None
    resultat_obs_elab: float | None = None
    statut_serie: int | None = None
    code_statut: int | None = None
    code_qualification_obs: int | None = None
    code_qualification: int | None = None


class Page(Struct):
    data: list[Row]
    next: str | None = None


Found = tuple[int, Row, datetime, datetime | None]


def parse(message: Message, source: Source) -> Parsed:
    """Read one page.

    Raises:
        Malformed: what came is no page of Hub'Eau.
    """
    into = Gathering(message, source, allowed=_Quantities())
    best: dict[tuple[str, str, datetime], Found] = {}
    for row in read(message.body, Page).data:
        if row.code_station is None:
            continue
        key = device_key(row.code_station)
        name = row.grandeur_hydro or row.grandeur_hydro_elab or ""
        try:
            begin, end = _when(row, source)
        except TimeUnreadable:
            into.happened(EventKind.FALSE_TIME, key)
            continue
        status = row.statut_serie or row.code_statut or 0
        known = best.get((key, name, begin))
        if known is None or status > known[0]:
            best[key, name, begin] = status, row, begin, end
    for (key, name, begin), (_, row, _, end) in best.items():
        value = row.resultat_obs if row.resultat_obs is not None else row.resultat_obs_elab
        judged = JUDGED.get(row.code_qualification_obs or row.code_qualification or 0, Judgement.NONE)
        into.add(key, name, value, begin, until=end, unit=UNITS.get(name[:1]), judged=judged)
    return into.parsed()


def next_page(body: bytes) -> str | None:
    """The address of the page after this one; None on the last."""
    return read(body, Page).next


def _when(row: Row, source: Source) -> tuple[datetime, datetime | None]:
    if row.date_obs is not None:
        return instant(row.date_obs, source), None
    if row.date_obs_elab is None:
        raise Malformed("a value without a time")
    return month_or_day(row.date_obs_elab, source, whole_month=(row.grandeur_hydro_elab or "").endswith("M"))


class _Quantities:
    """All heights and flows: the names are Sandre's, so no allow-list of the source is needed."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name[:1] in UNITS
