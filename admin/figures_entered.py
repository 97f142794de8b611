"""What a manager enters beside the counts: how many live in each commune, and what the pass costs."""

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from admin.figures import WORDS
from admin.forms import Form, read
from admin.shell import Page, draw, go
from admin.undoing import Undo
from admin.visits import Asked
from admin.words import language_of
from domain.agents import Permission
from domain.errors.figures import ImpossibleCost, ImpossiblePopulation
from domain.figures.bands import ALL, BANDS
from domain.figures.entered import HEADINGS, Cost, Heading, enter_cost, enter_population
from domain.places import local_day
from domain.ports import Clock
from store.database import Begin, Database

PATH = "/console/figures/entered"

_ENTER: dict[str, Any] = {"opt": {"rule": Permission.FIGURES_ENTER}, "include_in_schema": False}
_SHOWN = timedelta(days=400)
"""Costs of so many days are listed: older ones stay in their periods."""

_MOST_PEOPLE = 20_000_000
_FIELDS = {ALL: "all", **{band.code: f"band{place}" for place, band in enumerate(BANDS)}}


@get("/figures/entered", **_ENTER)
async def entered(request: Asked, database: NamedDependency[Database], clock: NamedDependency[Clock]) -> Page:
    """Show what was entered; `?commune=` opens the form of one commune with its numbers."""
    return await _page(request, database, clock, commune=request.query_params.get("commune", ""))


@post("/figures/entered/population/{commune:str}", **_ENTER)
async def save_population(
    request: Asked,
    commune: FromPath[str],
    begin: NamedDependency[Begin],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Take the population of a commune."""
    form = await read(request)
    since = form.day("since")
    counts = {
        band: form.whole(field, least=0, most=_MOST_PEOPLE)
        for band, field in _FIELDS.items()
        if band == ALL or form.kept(field).strip()
    }
    persons = {band: count for band, count in counts.items() if count is not None}
    if not form.is_wrong and since is not None:
        try:
            async with begin() as unit:
                await enter_population(unit, request.user.authority_id, commune, persons, since=since)
            return go(request, PATH, said=WORDS[language_of(request)]["population_saved"])
        except ImpossiblePopulation:
            form.refuse("all", "bands_too_many")
    return await _page(request, database, clock, commune=commune, population=form)


@post("/figures/entered/costs", **_ENTER)
async def save_cost(
    request: Asked,
    begin: NamedDependency[Begin],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Take a cost."""
    form = await read(request)
    heading, spent_on, cents = form.one_of("heading", Heading), form.day("spent_on"), _cents(form)
    if heading is not None and spent_on is not None and cents is not None:
        try:
            async with begin() as unit:
                await enter_cost(
                    unit,
                    request.user.authority_id,
                    heading=heading,
                    spent_on=spent_on,
                    amount_cents=cents,
                    agent_id=request.user.id,
                    now=clock(),
                )
            return go(request, PATH, said=WORDS[language_of(request)]["cost_saved"])
        except ImpossibleCost:
            form.refuse("amount", "impossible_cost")
    return await _page(request, database, clock, cost=form)


@post("/figures/entered/costs/{cost_id:uuid}/removal", **_ENTER)
async def remove_cost(request: Asked, cost_id: FromPath[UUID], begin: NamedDependency[Begin]) -> Response[None]:
    """Remove a cost that was entered by mistake."""
    authority_id = request.user.authority_id
    async with begin() as unit:
        known = await unit.entered.costs(authority_id, date.min, date(2100, 1, 1))
        await unit.entered.remove_cost(authority_id, cost_id)
    undo = next((_entered_again(one) for one in known if one.id == cost_id), None)
    return go(request, PATH, said=WORDS[language_of(request)]["removed"], undo=undo)


def _entered_again(one: Cost) -> Undo:
    amount = f"{Decimal(one.amount_cents) / 100:.2f}"
    said = {"heading": one.heading.value, "spent_on": one.spent_on.isoformat(), "amount": amount}
    return Undo(f"{PATH}/costs", said)


def _cents(form: Form) -> int | None:
    """Read an amount as people write it: 1 250,50 in French, 1,250.50 in English."""
    typed = "".join(form.text("amount", longest=20).split()).replace("−", "-").removesuffix("€")
    if "amount" in form.wrong:
        return None
    plain = typed.replace(",", "") if "." in typed else typed.replace(",", ".")
    try:
        cents = Decimal(plain) * 100
        whole = int(cents)
    except (InvalidOperation, ValueError, OverflowError):
        whole, cents = 0, Decimal("NaN")
    if cents != whole:
        form.refuse("amount", "no_amount")
        return None
    return whole


async def _page(
    request: Asked,
    database: Database,
    clock: Clock,
    *,
    commune: str = "",
    population: Form | None = None,
    cost: Form | None = None,
) -> Page:
    authority = request.auth.authority
    today = local_day(clock(), authority.zone)
    async with database.look() as unit:
        communes = await unit.entered.communes(authority.id)
        people = await unit.entered.people(authority.id, today)
        costs = await unit.entered.costs(authority.id, today - _SHOWN, date(2100, 1, 1))
    if population is None:
        known = {field: people.get((commune, band)) for band, field in _FIELDS.items()}
        typed = {field: str(count) for field, count in known.items() if count is not None}
        population = Form({**typed, "since": today.isoformat()})
    wrong = population.is_wrong or (cost is not None and cost.is_wrong)
    return draw(
        request,
        "figures/entered.html",
        words=WORDS,
        status_code=422 if wrong else 200,
        communes=communes,
        people=people,
        bands=BANDS,
        fields_of_bands=list(_FIELDS.values()),
        chosen=commune if commune in communes else "",
        population=population,
        cost=cost or Form({"spent_on": today.isoformat()}),
        costs=costs,
        headings=HEADINGS,
    )


ROUTES: tuple[ControllerRouterHandler, ...] = (entered, save_population, save_cost, remove_cost)
