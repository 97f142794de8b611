"""What leaves the house of a point: its sheet, its chain in words, and what its streams say."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from domain.dtpr import Identity, in_order
from domain.languages import BESIDE, Words
from domain.sheets import Recording, Sheet
from domain.text import Text
from tour.live import Live
from tour.showcase import Sight, Stand

MEDIA = "/tour/media/"
"""Where photos and recordings are, by their hashes."""


class Position(Struct, frozen=True):
    """Degrees north and east (WGS 84), as exact as is public."""

    latitude: float
    longitude: float


class PointBrief(Struct, frozen=True, rename="camel"):
    """A point in a list. `protection_level`: 0 environment, 1 counts, 2 de-identified in the device, 3 and 4 personal.

    `away` is true while its device is not there. `id` is for what people say there (`/remarks`).
    """

    id: UUID
    slug: str
    plate: str
    authority: str
    title: Words
    place: Words
    commune: str
    position: Position | None
    protection_level: int
    away: bool
    streams: tuple[Live, ...]


class PointPage(Struct, frozen=True, rename="camel"):
    """Points by slug. `next` is the `after` of the page that follows, None on the last."""

    as_of: datetime
    points: list[PointBrief]
    next: str | None


class Picture(Struct, frozen=True):
    """A photo: where it is, and what is seen in it."""

    url: str
    alt: Words


class Spoken(Struct, frozen=True):
    """A recording: where it is in French, where in other languages (by their codes), and the same words to read."""

    url: str
    transcript: Words
    also: dict[str, str]


class ChainElement(Struct, frozen=True):
    """One element of the data chain. Ids are those of DTPR; `city:` begins those of the city."""

    id: str
    name: Text
    identity: Identity


class ChainLink(Struct, frozen=True):
    """One category of the data chain, with what the point says of it."""

    category: Text
    elements: list[ChainElement]


class Reading(Struct, frozen=True):
    """Where to read on."""

    label: Words
    url: str


class PointView(PointBrief, frozen=True, kw_only=True, rename="camel"):
    """A whole sheet. Texts are empty where nobody has written them; French is the master."""

    as_of: datetime
    address: str
    away_since: datetime | None
    published_at: datetime | None
    photo: Picture | None
    recording: Spoken | None
    surroundings: Words
    what_it_is: Words
    how_it_works: Words
    maker: str
    radio: str
    power: Words
    does_not: tuple[Words, ...]
    benefit: Words
    decision: Words
    cost: Words
    service: Words
    chain: list[ChainLink]
    legal_basis: Words
    controller: str
    contact: str
    retention: Words
    starts_on: date | None
    ends_on: date | None
    subcontractors: tuple[str, ...]
    assessment_url: str
    open_data_url: str
    links: list[Reading]
    easy_reviewed_on: date | None


_SAME = (
    *("address", "surroundings", "what_it_is", "how_it_works", "maker", "radio", "power", "does_not", "benefit"),
    *("decision", "cost", "service", "legal_basis", "controller", "contact", "retention", "starts_on", "ends_on"),
    *("subcontractors", "assessment_url", "open_data_url", "easy_reviewed_on"),
)
"""Fields that leave as they were written. Who has reviewed an easy text stays here: they may be people."""


def sheet_of(stand: Stand) -> Sheet:
    """Return the sheet that residents read; a point is among those that are shown because it has one."""
    sheet = stand.point.public
    if sheet is None:
        raise ValueError(f"{stand.point.slug} is not public.")
    return sheet


def brief(sight: Sight) -> PointBrief:
    """Say a point in a list."""
    return PointBrief(**_brief(sight))


def whole(sight: Sight, as_of: datetime) -> PointView:
    """Say everything of a point."""
    sheet, point = sheet_of(sight.stand), sight.stand.point
    photo, recording = sheet.photo, sheet.recording
    return PointView(
        **_brief(sight),
        **{name: getattr(sheet, name) for name in _SAME},
        as_of=as_of,
        away_since=point.away_since,
        published_at=point.published_at,
        photo=Picture(MEDIA + photo.digest, photo.alt) if photo is not None else None,
        recording=_spoken(recording) if recording is not None else None,
        chain=[
            ChainLink(category, [ChainElement(one.id, one.name, one.identity) for one in elements])
            for category, elements in in_order(sheet.chain)
        ],
        links=[Reading(link.label, link.url) for link in sheet.links],
    )


def _spoken(recording: Recording) -> Spoken:
    also = {one.value: MEDIA + found for one in BESIDE if (found := recording.spoken(one))}
    return Spoken(MEDIA + recording.digest, recording.transcript, also)


def _brief(sight: Sight) -> dict[str, Any]:
    sheet, point = sheet_of(sight.stand), sight.stand.point
    here = sheet.position
    return {
        "id": point.id,
        "slug": point.slug,
        "plate": point.plate,
        "authority": sight.stand.authority.code,
        "title": sheet.title,
        "place": sheet.place,
        "commune": sheet.commune_code,
        "position": Position(here.latitude, here.longitude) if here is not None else None,
        "protection_level": sight.stand.level,
        "away": point.away_since is not None,
        "streams": sight.live,
    }
