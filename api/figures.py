"""The dashboards as data: counts of a period, small ones hidden, and the same as files for a spreadsheet."""

from datetime import date
from typing import Any, Literal

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from adapters.figure_files import csv_of, workbook_of
from api.settings import Settings
from domain.agents import Agent, Permission
from domain.errors import NotFound
from domain.figures.dashboards import Dashboard, Topic, asked
from domain.figures.figure import Figure
from domain.figures.periods import Period
from domain.languages import Language
from domain.places import local_day
from domain.ports import Clock
from domain.text import Text
from store.database import Database
from store.figures.dashboards import dashboard

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Caller = Request[Agent, Any, Any]
Tongue = Literal["fr", "en"]
Comparison = Literal["year", "before"]


class PeriodView(Struct, frozen=True, rename="camel"):
    """Local days from `first` to the one before `until`. Those from `knownUntil` on are not over yet."""

    code: str
    name: Text
    first: date
    until: date
    known_until: date


class DashboardView(Struct, frozen=True, rename="camel"):
    """A dashboard. `compared` is null where not all days of the earlier period were counted.

    A cell is a number in the unit of its column, `hidden` where it is small or would tell one that is, or `unknown`.
    """

    topic: Topic
    period: PeriodView
    compared: PeriodView | None
    threshold: int
    figures: list[Figure]


@get("/figures/{topic:str}", opt={"rule": Permission.FIGURES_READ}, summary="Show a dashboard", tags=["Figures"])
async def show(
    *,
    request: Caller,
    topic: FromPath[Topic],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
    period: FromQuery[str | None] = None,
    against: FromQuery[Comparison] = "year",
) -> DashboardView:
    """Tell the figures of a dashboard for a period: `2026-11`, `2026-q4`, `2026-2027` (a school year) or `2026`.

    Only days that are over count. Without `period` it is the month of yesterday. `against` chooses what it is compared
    with: the same period a `year` earlier, or the one `before`. Of a period that still runs, as many days are compared.
    """
    drawn = await draw(request.user, database, settings, clock, topic=topic, period=period, against=against)
    return DashboardView(
        topic,
        _view(drawn.asked.period),
        _view(drawn.compared) if drawn.compared is not None else None,
        settings.figures_threshold,
        list(drawn.figures),
    )


@get(
    "/figures/{topic:str}/workbook",
    opt={"rule": Permission.FIGURES_READ},
    summary="Download a dashboard",
    tags=["Figures"],
    media_type=XLSX,
)
async def workbook(
    *,
    request: Caller,
    topic: FromPath[Topic],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
    period: FromQuery[str | None] = None,
    against: FromQuery[Comparison] = "year",
    lang: FromQuery[Tongue] = "fr",
) -> Response[bytes]:
    """Download a dashboard as a workbook (XLSX), a tab for each of its tables. No cell is a formula."""
    drawn = await draw(request.user, database, settings, clock, topic=topic, period=period, against=against)
    return workbook_answer(drawn, Language(lang))


@get(
    "/figures/{topic:str}/{figure:str}/table",
    opt={"rule": Permission.FIGURES_READ},
    summary="Download one table",
    tags=["Figures"],
    media_type="text/csv",
)
async def table(
    *,
    request: Caller,
    topic: FromPath[Topic],
    figure: FromPath[str],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
    period: FromQuery[str | None] = None,
    against: FromQuery[Comparison] = "year",
    lang: FromQuery[Tongue] = "fr",
) -> Response[bytes]:
    """Download one table of a dashboard as CSV: French with semicolons and decimal commas, English with commas."""
    drawn = await draw(request.user, database, settings, clock, topic=topic, period=period, against=against)
    return table_answer(drawn, figure, Language(lang))


async def draw(
    agent: Agent,
    database: Database,
    settings: Settings,
    clock: Clock,
    *,
    topic: Topic,
    period: str | None,
    against: str | None,
) -> Dashboard:
    """Draw a dashboard of the agent's authority, as of now.

    Raises:
        UnknownPeriod: the period is none, or no day of it is over.
    """
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(agent.authority_id)
    wanted = asked(period, against, local_day(clock(), authority.zone))
    async with database.read() as connection:
        return await dashboard(connection, authority.id, topic, wanted, threshold=settings.figures_threshold)


def workbook_answer(drawn: Dashboard, language: Language) -> Response[bytes]:
    """Answer with a dashboard as a workbook."""
    return _file(workbook_of(drawn, language), XLSX, f"{drawn.topic}-{drawn.asked.period.code}.xlsx")


def table_answer(drawn: Dashboard, code: str, language: Language) -> Response[bytes]:
    """Answer with one table of a dashboard.

    Raises:
        NotFound: the dashboard has no such table.
    """
    figure = next((one for one in drawn.figures if one.code == code), None)
    if figure is None:
        raise NotFound("This dashboard has no such table.")
    return _file(csv_of(figure, language), "text/csv", f"{figure.code}-{drawn.asked.period.code}.csv")


def _file(body: bytes, media_type: str, name: str) -> Response[bytes]:
    # A product's code may hold any letter: none of them leaves the quotes.
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-.") else "-" for letter in name)
    headers = {"Content-Disposition": f'attachment; filename="{plain}"', "Cache-Control": "private, no-store"}
    return Response(body, media_type=media_type, headers=headers)


def _view(period: Period) -> PeriodView:
    return PeriodView(period.code, period.name, period.first, period.until, period.known_until)


ROUTER = Router(path="/v1", route_handlers=[show, workbook, table])
