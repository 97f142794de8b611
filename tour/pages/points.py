"""`/tour`, `/tour/mine` and `/tour/points/{slug}`: the list of points, those that a browser keeps, the sheet of one."""

from datetime import date, datetime, timedelta

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from api.rules import Rule
from api.settings import Settings
from api.tallying import Tallier
from domain.dtpr import ATTRIBUTION, in_order
from domain.languages import Language as Written
from domain.languages import Words
from domain.places import Authority
from domain.rollups import Step
from domain.sheets import Sheet
from store.database import Database
from store.shown import Shown
from tour.api.points import chosen
from tour.api.wire import sheet_of
from tour.catalogue import CATALOGUE, model, quantity
from tour.live import Live
from tour.pages import keeping
from tour.pages.drawing import (
    BESIDE,
    WORDS,
    Asked,
    Language,
    Page,
    Reader,
    address,
    dated,
    draw,
    language_of,
    local,
    spoken,
)
from tour.pages.floods import floods_of
from tour.pages.ground import ground
from tour.pages.heat import heat_of, told_of
from tour.pages.histories import drawn
from tour.pages.map import map_of
from tour.pages.voices import voices_of
from tour.pages.walks import facts
from tour.scales import Scales
from tour.showcase import Scene, Showcase, Sight
from tour.terms import Words as Said
from web.moments import NARROW, past

PERIODS = {"1": Step.HOUR, "7": Step.HOUR, "30": Step.DAY}
"""Days that a sheet shows, and how finely."""

OTHERS: tuple[tuple[Language, str], ...] = (("es", "En español"), ("oc", "En occitan"))
"""Languages that a sheet may be written in, and what measures say is not."""

_DAY = timedelta(days=1)


class Entry(Struct, frozen=True):
    """A point in the list, with the first thing that it says."""

    slug: str
    title: Words
    place: Words
    away: bool
    first: Live | None


class Mark(Struct, frozen=True):
    """One step of a gauge."""

    tone: str
    label: Said
    here: bool


@get("/tour", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def index(request: Asked, showcase: NamedDependency[Showcase], settings: NamedDependency[Settings]) -> Page:
    """Show every point, or those that measure one thing."""
    scene = await showcase.scene()
    quantities = {one.quantity for sight in scene.sights.values() for one in sight.live}
    wanted = request.query_params.get("quantity", "")
    wanted = wanted if wanted in quantities else ""
    authority, language = owner(scene), language_of(request)
    sights, said = chosen(scene, "", wanted), Reader(language)
    places = [(one.stand.point.slug, sheet_of(one.stand).position) for one in sights]
    heat = heat_of(told_of(sights, wanted, said)) if wanted else None
    return draw(
        request,
        "tour.html",
        authority=authority,
        at=local(scene.at, authority),
        tongues=scene.register.tongues,
        quantity=wanted,
        mine=keeping.WORDS[language],
        choices=[(code, measured.name) for code, measured in CATALOGUE.quantities.items() if code in quantities],
        entries=[_entry(sight, wanted) for sight in sights],
        map=map_of(places, ground(settings.map_ground), spoken(language)),
        heat=heat,
        names={one.stand.point.slug: said.plain(sheet_of(one.stand).title) for one in sights},
        walks=[(one, facts(one, language)) for one in scene.register.itineraries.values()],
    )


@get("/tour/mine", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def mine(request: Asked, showcase: NamedDependency[Showcase]) -> Page:
    """Show the points that a browser keeps: it is sent them all, and nobody is told which it shows."""
    scene = await showcase.scene()
    authority, words = owner(scene), keeping.WORDS[language_of(request)]
    entries = [_entry(sight, "") for sight in scene.sights.values()]
    return draw(
        request,
        "mine.html",
        authority=authority,
        at=local(scene.at, authority),
        tongues=scene.register.tongues,
        mine=words,
        entries=entries,
    )


@get("/tour/points/{slug:str}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def sheet(
    request: Asked,
    slug: FromPath[str],
    showcase: NamedDependency[Showcase],
    database: NamedDependency[Database],
    tallier: NamedDependency[Tallier],
) -> Page:
    """Show the sheet of a point: what it says now, what it is and is not, who answers for it."""
    sight, scene = await showcase.sight(slug), await showcase.scene()
    stand, language = sight.stand, language_of(request)
    text, now = sheet_of(stand), local(scene.at, stand.authority)
    tallier.visited(stand.authority.id, stand.point.id, now.date())
    days = request.query_params.get("days", "1")
    days = days if days in PERIODS else "1"
    length = timedelta(days=int(days))
    histories = [await showcase.past(one, length, PERIODS[days]) for one in stand.streams]
    away = stand.point.away_since
    return draw(
        request,
        "point.html",
        authority=stand.authority,
        at=now,
        tongues=scene.register.tongues,
        sheet=text,
        slug=stand.point.slug,
        mine=keeping.WORDS[language],
        level=stand.level,
        away_since=_since(away, now, language) if away is not None else "",
        floods=await floods_of(database, stand.streams, now),
        voices=await voices_of(request, database, stand.point),
        live=[(said, _gauge(shown, said, stand.scales)) for shown, said in zip(stand.streams, sight.live, strict=True)],
        histories=[drawn(one, stand.authority.zone, language) for one in histories],
        heading=_heading(days, language),
        periods=[(_period(each, language), address(request, "days", each), each == days) for each in PERIODS],
        voice=_voice(text, language),
        chain=in_order(text.chain),
        attribution=ATTRIBUTION,
        facts=_answers(text, stand.point.plate, language),
        links=_links(text, language),
        others=_others(text, language),
        easy_reviewed=_day(text.easy_reviewed_on, language) if text.easy_logo else "",
    )


def _others(sheet: Sheet, language: Language) -> list[tuple[str, str, list[str]]]:
    """What the sheet says in other languages than those that say everything: code, its own name, its texts."""
    texts = (sheet.title, sheet.what_it_is, *sheet.does_not, sheet.benefit)
    told = [
        (tongue, name, [text for one in texts if (text := getattr(one, tongue).strip())])
        for tongue, name in OTHERS
        if tongue != language
    ]
    return [(tongue, name, written) for tongue, name, written in told if written]


def _voice(sheet: Sheet, language: Language) -> tuple[str, str]:
    """Name the recording that is heard, and the language that it is spoken in as HTML names it."""
    if sheet.recording is None:
        return "", ""
    digest, heard = sheet.recording.heard(Written(language))
    return digest, "fr" if heard is Written.EASY else heard.value


def owner(scene: Scene) -> Authority | None:
    """The authority of the tour, where there is one only."""
    owners = {sight.stand.authority.id: sight.stand.authority for sight in scene.sights.values()}
    return next(iter(owners.values())) if len(owners) == 1 else None


def _entry(sight: Sight, wanted: str) -> Entry:
    text, point = sheet_of(sight.stand), sight.stand.point
    first = next((one for one in sight.live if wanted in {"", one.quantity}), None)
    return Entry(point.slug, text.title, text.place, point.away_since is not None, first)


def _gauge(shown: Shown, said: Live, scales: Scales) -> list[Mark]:
    """Show the steps of a scale where a value lies on one of them; what few words cannot say has no gauge."""
    scale = scales.of(quantity(said.quantity), model(shown.device.model))
    if scale is None or said.band is None:
        return []
    return [Mark(band.tone, band.label, band.code == said.band.code) for band in scale.bands]


def _heading(days: str, language: Language) -> str:
    words = WORDS[language]
    return words["day"] if days == "1" else words["days"].format(days=days)


def _period(days: str, language: Language) -> str:
    words = WORDS[language]
    return words["period_day"] if days == "1" else words["period_days"].format(days=days)


def _day(of: date | None, language: Language) -> str:
    return dated(of, language, year=True) if of is not None else ""


def _since(away: datetime, now: datetime, language: Language) -> str:
    if language in BESIDE:
        return dated(away.astimezone(now.tzinfo).date(), language)
    return past(away, now, spoken(language))


def _answers(text: Sheet, plate: str, language: Language) -> list[tuple[str, object]]:
    """What stands in the table of who answers; what is empty is left out by the page."""
    words, said = WORDS[language], Reader(language)
    return [
        (words["service"], said(text.service)),
        (words["controller"], text.controller),
        (words["contact"], text.contact),
        (words["legal_basis"], said(text.legal_basis)),
        (words["retention"], said(text.retention)),
        (words["in_place"], _day(text.starts_on, language)),
        (words["looked_at"], _day(text.ends_on, language)),
        (words["subcontractors"], ", ".join(text.subcontractors)),
        (words["maker"], text.maker),
        (words["radio"], text.radio),
        (words["power"], said(text.power)),
        (words["cost"], said(text.cost)),
        (words["plate"], f"{plate[:4]}{NARROW}{plate[4:]}"),
    ]


def _links(text: Sheet, language: Language) -> list[tuple[object, str]]:
    words, said = WORDS[language], Reader(language)
    own = [(words["assessment"], text.assessment_url), (words["open_data"], text.open_data_url)]
    return [*((label, url) for label, url in own if url), *((said(link.label), link.url) for link in text.links)]
