"""Dashboards for managers and officials: a page for each topic, one page of them all, and the same as files."""

from datetime import timedelta
from functools import partial
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from admin.shell import Page, draw
from admin.visits import Asked
from admin.words import language_of, read_words
from api.figures import draw as drawn_dashboard
from api.figures import table_answer, workbook_answer
from api.settings import Settings
from domain.agents import Permission
from domain.errors import NotFound
from domain.figures.dashboards import TOPICS, Dashboard, Topic
from domain.figures.figure import Figure
from domain.figures.periods import Against, choices
from domain.figures.sentences import told
from domain.languages import Language
from domain.places import local_day
from domain.ports import Clock
from store.database import Database
from store.figures.reading import first_day
from web.plots import MARKS, MOST_BARS, plot

WORDS = read_words("figures")

_READ: dict[str, Any] = {"opt": {"rule": Permission.FIGURES_READ}, "include_in_schema": False}

_REPORT: tuple[tuple[Topic, tuple[str, ...]], ...] = (
    (Topic.ADOPTION, ("adoption-by-commune", "adoption-over-months")),
    (Topic.PASSAGES, ("passages-by-service", "passages-over-time")),
    (Topic.REQUESTS, ("requests-delays",)),
    (Topic.QUALITY, ("refusals-by-reason",)),
    (Topic.COSTS, ("costs-by-heading",)),
)
"""What fits on one sheet of paper, for whoever has five minutes."""

_BARS = 9
"""Bars of one figure of that sheet; the others stand in its table."""

_OF_GATES = {"", Topic.PASSAGES, Topic.QUALITY}
"""Pages that say so where an earlier period was not counted as a whole; others only leave its column out."""


@get("/figures", **_READ)
async def report(
    request: Asked,
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
) -> Page:
    """Show the few figures that an official wants to see, on one page."""
    drawn = [await _drawn(request, database, settings, clock, topic) for topic, _ in _REPORT]
    figures = [
        figure
        for dashboard, (_, codes) in zip(drawn, _REPORT, strict=True)
        for figure in dashboard.figures
        if figure.code in codes
    ]
    return await _page(request, database, clock, drawn[1], topic="", figures=figures)


@get("/figures/{topic:str}", **_READ)
async def show(
    *,
    request: Asked,
    topic: FromPath[str],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
) -> Page:
    """Show the dashboard of a topic."""
    drawn = await _drawn(request, database, settings, clock, _topic(topic))
    return await _page(request, database, clock, drawn, topic=drawn.topic, figures=drawn.figures)


@get("/figures/{topic:str}/workbook", **_READ)
async def workbook(
    *,
    request: Asked,
    topic: FromPath[str],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
) -> Response[bytes]:
    """Download a dashboard as a workbook."""
    drawn = await _drawn(request, database, settings, clock, _topic(topic))
    return workbook_answer(drawn, Language(language_of(request)))


@get("/figures/{topic:str}/{figure:str}/table", **_READ)
async def table(
    *,
    request: Asked,
    topic: FromPath[str],
    figure: FromPath[str],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
) -> Response[bytes]:
    """Download one table as CSV."""
    drawn = await _drawn(request, database, settings, clock, _topic(topic))
    return table_answer(drawn, figure, Language(language_of(request)))


def _topic(name: str) -> Topic:
    if name not in set(Topic):
        raise NotFound(f"There is no dashboard {name}.")
    return Topic(name)


async def _drawn(request: Asked, database: Database, settings: Settings, clock: Clock, topic: Topic) -> Dashboard:
    asked = request.query_params
    return await drawn_dashboard(
        request.user,
        database,
        settings,
        clock,
        topic=topic,
        period=asked.get("period") or None,
        against=asked.get("against"),
    )


async def _page(
    request: Asked,
    database: Database,
    clock: Clock,
    drawn: Dashboard,
    *,
    topic: str,
    figures: list[Figure] | tuple[Figure, ...],
) -> Page:
    """Draw the figures with what chooses among periods, which starts where counting did."""
    authority, language = request.auth.authority, language_of(request)
    today = local_day(clock(), authority.zone)
    async with database.read() as connection:
        since = await first_day(connection, authority.id)
    return draw(
        request,
        "figures/dashboard.html",
        words=WORDS,
        topic=topic,
        topics=TOPICS.items(),
        asked=drawn.asked,
        compared=drawn.compared,
        today=today,
        last_day=drawn.asked.period.known_until - timedelta(days=1),
        figures=figures,
        plot=partial(plot, language=language, most_bars=MOST_BARS if topic else _BARS),
        of_gates=topic in _OF_GATES,
        marks=MARKS,
        most_bars=MOST_BARS if topic else _BARS,
        periods=choices(today, since or today),
        comparisons=[one.value for one in Against],
        hides=any(figure.hides for figure in figures),
        told=told,
        kept=f"?period={drawn.asked.period.code}&against={drawn.asked.against}",
        may_enter=request.user.may(Permission.FIGURES_ENTER),
    )


ROUTES: tuple[ControllerRouterHandler, ...] = (report, show, workbook, table)
