"""What the data protection officer shows whoever asks: what was erased when, by which rule, and when it goes on."""

import csv
from datetime import date, datetime
from io import StringIO

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from admin.shell import Page, draw
from admin.visits import Asked
from admin.words import language_of, read_words
from domain.agents import Permission
from domain.jobs import JOBS, Job, Standing, standings
from domain.places import local_day
from domain.ports import Clock
from domain.purges import PURGING, RULE_OF, RULES, Purge, by_rule
from domain.text import Text
from store import purges
from store.database import Database
from store.jobs import rounds_noted
from store.retention import walked_on
from web.moments import Language

WORDS = read_words("purges")

LINES = 20
_MOST_LINES = 5_000
"""Of a file: three years of four jobs."""


class Working(Struct, frozen=True):
    """How a job that erases is. No process has noted it where `standing` is None; `done`: it is through for today.

    `under_way`: it has erased today and is not through, which a process notes only at the end of its round.
    """

    name: Text
    standing: Standing | None
    done: bool
    under_way: bool = False

    @property
    def next_at(self) -> datetime | None:
        """When its next round begins; None where nobody knows."""
        rounds = self.standing.rounds if self.standing is not None else ()
        return min((one.next_at for one in rounds), default=None)


@get("/purges", opt={"rule": Permission.JOURNAL_READ}, include_in_schema=False)
async def listed(request: Asked, database: NamedDependency[Database], clock: NamedDependency[Clock]) -> Page:
    """List what was erased, the newest day first, how the jobs go that erase, and by which rules."""
    authority, now = request.auth.authority, clock()
    today = local_day(now, authority.zone)
    walked = await walked_on(database, authority.id)
    async with database.read() as connection:
        after = _place(request.query_params.get("after", ""))
        found = await purges.listed(connection, authority.id, limit=LINES + 1, after=after)
        begun = any(one.job == Job.RETENTION and one.day == today for one in found)
        working = await _working(connection, now, walked_today=walked == today, begun=begun)
    shown = found[:LINES]
    return draw(
        request,
        "purges/index.html",
        words=WORDS,
        purges=[(one, by_rule(one)) for one in shown],
        # A walk that was cut off says so itself only where it could: the next day's does what it left.
        unfinished=[one.day for one in shown if one.job == Job.RETENTION and (walked is None or one.day > walked)],
        more=f"{shown[-1].day}~{shown[-1].job}" if len(found) > LINES else "",
        is_first=after is None,
        names={job.value: name for job, name in JOBS.items()},
        working=working,
        rules=RULES,
    )


@get("/purges.csv", opt={"rule": Permission.JOURNAL_READ}, include_in_schema=False)
async def table(request: Asked, database: NamedDependency[Database]) -> Response[bytes]:
    """Give what was erased as a spreadsheet reads it: a line for each day, job and table."""
    async with database.read() as connection:
        found = await purges.listed(connection, request.user.authority_id, limit=_MOST_LINES)
    return Response(
        _csv(found, language_of(request)).encode(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="purges.csv"', "Cache-Control": "no-store"},
    )


async def _working(connection: AsyncConnection, now: datetime, *, walked_today: bool, begun: bool) -> list[Working]:
    known = {one.job: one for one in standings(await rounds_noted(connection), now)}
    return [
        Working(
            JOBS[job],
            known.get(job.value),
            done=job is Job.RETENTION and walked_today,
            under_way=job is Job.RETENTION and begun and not walked_today,
        )
        for job in PURGING
    ]


def _place(said: str) -> tuple[date, str] | None:
    """Read where a list goes on; what is no place begins it anew."""
    day, _, job = said.partition("~")
    try:
        return date.fromisoformat(day), job[:30]
    except ValueError:
        return None


def _csv(found: list[Purge], language: Language) -> str:
    words = WORDS[language]
    told = StringIO()
    told.write("\ufeff")  # spreadsheets take it for Latin-1 otherwise
    writer = csv.writer(told, delimiter=";")
    writer.writerow([words[f"csv_{name}"] for name in ("day", "job", "rule", "table", "rows", "failures", "problem")])
    for one in found:
        for kind, rows in sorted(one.rows.items()) or [("", 0)]:
            what = RULE_OF[kind].what if kind in RULE_OF else Text(fr="", en="")
            said = what.fr if language == "fr" else what.en
            writer.writerow([one.day, one.job, said, kind, rows, one.failures, one.problem])
    return told.getvalue()


ROUTES = (listed, table)
