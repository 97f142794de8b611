"""Bands and sentences of the tour: which are in force, where they come from, and what a page would say of a value.

The files of the program are the ground (docs/tour-words.md); `admin.band_editions` puts other words over them.
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

from litestar import get
from litestar.di import NamedDependency
from msgspec import Struct

from admin.band_forms import number_in
from admin.forms import Form
from admin.shell import Page, draw
from admin.visits import Asked
from admin.words import language_of, read_words
from domain.agents import Permission
from domain.band_editions import EditionState
from domain.ports import Clock
from domain.readings import Quality
from store.database import Database
from tour.catalogue import CATALOGUE
from tour.explain import Explanation, Known, explain
from tour.freshness import State
from tour.scales import Scales, scales_from
from tour.terms import Band, Edge, Quantity, Scale, Span
from web.moments import Language

WORDS = read_words("bands")

SPANS = (Span.INSTANT, Span.HOUR, Span.DAY)
_FIELDS = ("quantity", "value", "scale", "span")
_AGO = timedelta(minutes=4)


class Step(Struct, frozen=True):
    """A band with the edges that it lies between; None where it has no end, or each place sets its own."""

    band: Band
    low: Edge | None
    high: Edge | None


@get("/bands", opt={"rule": Permission.POINT_EDIT}, include_in_schema=False)
async def bands(request: Asked, clock: NamedDependency[Clock], database: NamedDependency[Database]) -> Page:
    """Show the bands in force, and what residents would read of a value."""
    form = Form({name: request.query_params.get(name, "") for name in _FIELDS})
    form.typed["span"] = form.kept("span") or Span.INSTANT
    language, authority = language_of(request), request.auth.authority
    async with database.look() as unit:
        editions = await unit.bands.current(authority.id)
    scales = scales_from(editions, authority)
    told = _told(form, scales, clock, authority.zone) if form.kept("quantity") or form.kept("value") else None
    chosen = CATALOGUE.quantities.get(form.kept("quantity"))
    return draw(
        request,
        "bands/index.html",
        words=WORDS,
        form=form,
        told=told,
        chosen=form.kept("scale") or (chosen.scale if chosen is not None else None),
        scales=[(one, names_of(one, language), is_used(one), _steps(one)) for one in scales.all()],
        own=frozenset(scales.own),
        waiting=[
            (one.scale, names_of(CATALOGUE.scales[one.scale], language))
            for one in editions
            if one.state is EditionState.PROPOSED and one.scale in CATALOGUE.scales
        ],
        quantities=sorted(
            ((one.code, _name(one, language)) for one in CATALOGUE.quantities.values() if one.meaning is not None),
            key=lambda pair: pair[1],
        ),
        scale_choices=sorted(
            ((code, f"{names_of(one, language)} ({code})") for code, one in CATALOGUE.scales.items()),
            key=lambda pair: pair[1],
        ),
        spans=[(one.value, WORDS[language][f"span_{one.value}"]) for one in SPANS],
    )


def _told(form: Form, scales: Scales, clock: Clock, zone: str) -> Explanation | None:
    """What a page would say of a fresh, believed value; what does not fit is said at its field."""
    quantity = CATALOGUE.quantities.get(form.kept("quantity"))
    if quantity is None or quantity.meaning is None:
        form.refuse("quantity", "field_not_chosen")
    span, value = form.one_of("span", Span), number_in(form, "value")
    code = form.kept("scale") or (quantity.scale if quantity is not None else None)
    scale = scales.called(code) if code else None
    if quantity is not None and form.kept("scale") and (scale is None or scale.quantity not in {"", quantity.code}):
        form.refuse("scale", "other_scale")
    if form.is_wrong or quantity is None or span is None:
        return None
    now = clock().astimezone(ZoneInfo(zone))
    return explain(
        Known(
            quantity=quantity,
            scale=scale,
            value=value,
            observed_at=now - _AGO,
            now=now,
            freshness=State.DIRECT,
            quality=Quality.CORRECT,
            protection_level=0,
            span=span,
        )
    )


def names_of(scale: Scale, language: Language) -> str:
    """Say what a scale judges, or would judge where somebody chose it; empty for one that is of no quantity."""
    judged = [one for one in CATALOGUE.quantities.values() if fits(scale, one)]
    own = CATALOGUE.quantities.get(scale.quantity)
    return ", ".join(_name(one, language) for one in judged or ([own] if own is not None else []))


def fits(scale: Scale, quantity: Quantity) -> bool:
    """Tell whether a quantity is judged by a scale: its own, or where some model of device stands."""
    return quantity.scale == scale.code or any(
        model.scales.get(quantity.code) == scale.code for model in CATALOGUE.models.values()
    )


def is_used(scale: Scale) -> bool:
    """Tell whether anything is judged by a scale, in the program's catalogue."""
    return any(fits(scale, one) for one in CATALOGUE.quantities.values())


def _steps(scale: Scale) -> list[Step]:
    known = len(scale.bands) == len(scale.edges) + 1
    edges = (None, *(scale.edges if known else [None] * (len(scale.bands) - 1)), None)
    return [Step(band, edges[place], edges[place + 1]) for place, band in enumerate(scale.bands)]


def _name(quantity: Quantity, language: Language) -> str:
    return quantity.name.fr if language == "fr" else quantity.name.en


ROUTES = (bands,)
