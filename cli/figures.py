"""`multipass figures`: the dashboards on a screen or in a file, and the counts behind them."""

from datetime import datetime
from pathlib import Path

import rich_click as click

from adapters.clock import utc_now
from adapters.figure_files import csv_of, workbook_of
from cli.screen import say, spoken, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain.figures.dashboards import TOPICS, Dashboard, Topic, asked
from domain.figures.figure import Figure
from domain.figures.periods import Against
from domain.figures.sentences import told
from domain.languages import Language
from domain.places import local_day
from domain.text import Text
from store.figures.counting import count_again, count_all
from store.figures.dashboards import dashboard
from store.figures.upkeep import snapshot

_A_DAY = click.DateTime(["%Y-%m-%d"])


@click.group("figures", epilog="Example: multipass figures show passages --period 2026-q4")
def command() -> None:
    """What dashboards show: counts of whole periods, about nobody."""


@command.command("show", epilog="Example: multipass figures show adoption --period 2026 --xlsx adoption.xlsx")
@click.argument("topic", type=click.Choice([one.value for one in Topic]), metavar="TOPIC")
@click.option("--period", metavar="PERIOD", help="2026-11, 2026-q4, 2026-2027 or 2026. [the month of yesterday]")
@click.option(
    "--against",
    type=click.Choice([one.value for one in Against]),
    default=Against.YEAR.value,
    show_default=True,
    help="The same period a year earlier, or the one before.",
)
@click.option("--xlsx", type=click.Path(path_type=Path, dir_okay=False), help="Write a workbook instead.")
@click.option("--csv", type=click.Path(path_type=Path, file_okay=False), help="Write each table into this folder.")
@click.option("--lang", type=click.Choice(["fr", "en"]), default=spoken, help="Language. [that of the environment]")
@authority_option
@with_session
async def show(
    session: Session,
    topic: str,
    *,
    period: str | None,
    against: str,
    xlsx: Path | None,
    csv: Path | None,
    lang: str,
    authority_code: str | None,
) -> None:
    """Show a dashboard: a sentence and a table for each of its figures. Small counts are hidden.

    TOPIC is passages, adoption, requests, quality, quotas, tour or costs.
    """
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
    wanted = asked(period, against, local_day(utc_now(), authority.zone))
    threshold = session.settings.figures_threshold
    async with session.database.read() as connection:
        drawn = await dashboard(connection, authority.id, Topic(topic), wanted, threshold=threshold)
    if xlsx is not None or csv is not None:
        _write(drawn, Language(lang), xlsx, csv)
        return
    say(f"{_said(TOPICS[drawn.topic], lang)} – {_said(wanted.period.name, lang)}")
    for figure in drawn.figures:
        _tell(figure, lang)


@command.command("count", epilog="Example: multipass figures count")
@with_session
async def count(session: Session) -> None:
    """Count what has not been counted yet: a server does it by itself, every minute."""
    events = await count_all(session.database)
    await snapshot(session.database, utc_now())
    say(f"{events} passages counted.")


@command.command("recount", epilog="Example: multipass figures recount --since 2026-09-01")
@click.option("--since", type=_A_DAY, metavar="YYYY-MM-DD", required=True, help="First day to count anew.")
@authority_option
@with_session
async def recount(session: Session, *, since: datetime, authority_code: str | None) -> None:
    """Count days anew from their passages. Days whose passages may be forgotten keep the counts that they have."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
    now = utc_now()
    if since.date() > local_day(now, authority.zone):
        raise Stop(f"{since:%Y-%m-%d} is still to come.")
    first = await count_again(session.database, authority.id, since.date(), now)
    say(f"Counted anew from {first} on, or later where a service forgets earlier.")


def _write(drawn: Dashboard, language: Language, xlsx: Path | None, csv: Path | None) -> None:
    if xlsx is not None:
        xlsx.write_bytes(workbook_of(drawn, language))
    if csv is not None:
        csv.mkdir(parents=True, exist_ok=True)
        for figure in drawn.figures:
            (csv / f"{figure.code}.csv").write_bytes(csv_of(figure, language))


def _tell(figure: Figure, lang: str) -> None:
    say("", _said(figure.headline, lang))
    lines = [*figure.lines, *([figure.total] if figure.total is not None else [])]
    rows = (
        (
            _said(line.name, lang),
            *(_said(told(cell, one.unit), lang) for cell, one in zip(line.cells, figure.columns, strict=True)),
        )
        for line in lines
    )
    heads = (_said(figure.of, lang), *(_said(one.name, lang) for one in figure.columns))
    table(heads, rows, empty="")


def _said(text: Text, lang: str) -> str:
    return text.fr if lang == "fr" else text.en
