"""`multipass journal`: what the data protection officer reads and checks."""

from datetime import datetime

import rich_click as click
from click.exceptions import Exit

from adapters.clock import utc_now
from cli.account import agent_of, agent_option
from cli.journalling import record_apart
from cli.members import A_DAY
from cli.screen import local_time, say, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain.acts import ACTS, Act
from domain.agents import Permission
from domain.journal import Broken, Kind, Link, Object, Wanted
from domain.journal_keeping import forget, verify
from domain.places import local_day, midnight
from store.journal import logins, references


@click.group("journal", epilog="Example: multipass journal verify")
def command() -> None:
    """Who did what with personal data: search it, check that nobody changed it."""


@command.command("search", epilog="Example: multipass journal search --holder R-1042 --agent claire")
@click.option("--by", metavar="LOGIN", help="Only what this agent did.")
@click.option("--holder", metavar="REFERENCE", help="Only what was done with this person's file.")
@click.option("--act", type=click.Choice([act.value for act in Act]), help="Only what was done so.")
@click.option("--from", "since", type=A_DAY, metavar="YYYY-MM-DD", help="First day.")
@click.option("--until", type=A_DAY, metavar="YYYY-MM-DD", help="Day after the last.")
@click.option("--before", type=click.IntRange(1), metavar="NUMBER", help="Only lines before this one.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=100, show_default=True, help="How many lines.")
@agent_option
@authority_option
@with_session
async def search(
    session: Session,
    *,
    by: str | None,
    holder: str | None,
    act: str | None,
    since: datetime | None,
    until: datetime | None,
    before: int | None,
    limit: int,
    login: str,
    authority_code: str | None,
) -> None:
    """List what agents did with personal data, newest first. The search itself is journalled."""
    officer = await agent_of(session, login, authority_code, Permission.JOURNAL_READ)
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        agent = await unit.agents.by_login(by) if by is not None else None
        if by is not None and (agent is None or agent.authority_id != authority.id):
            raise Stop(f"{authority.code} has no agent {by}: multipass agent list shows them.")
        person = await unit.people.holder(authority.id, holder) if holder is not None else None
        wanted = Wanted(
            agent_id=agent.id if agent is not None else None,
            holder_id=person.id if person is not None else None,
            act=Act(act) if act is not None else None,
            since=midnight(since.date(), authority.zone) if since is not None else None,
            until=midnight(until.date(), authority.zone) if until is not None else None,
            before=before,
        )
        lines = await unit.journal.search(authority.id, wanted, limit)
    await record_apart(
        session, authority.id, Act.JOURNAL_SEARCHED, Object(Kind.JOURNAL, holder_id=wanted.holder_id), by=officer
    )
    async with session.database.read() as connection:
        agents, holders = await logins(connection, lines), await references(connection, lines)
    rows = (
        (
            str(line.link.number),
            local_time(line.entry.at, authority.zone),
            agents.get(line.entry.agent_id, "?") if line.entry.agent_id is not None else str(line.entry.origin.door),
            ACTS[line.entry.act].en,
            holders.get(line.entry.object.holder_id, "?") if line.entry.object.holder_id is not None else "",
            line.entry.why or "",
            line.entry.origin.address or "",
        )
        for line in lines
    )
    table(("Line", "When", "Who", "What", "Whose file", "Why", "From"), rows, empty="Nothing of the kind is on record.")


@command.command("verify", epilog="Example: multipass journal verify --kept 1042:9f02c4…")
@click.option("--kept", metavar="NUMBER:HASH", help="What an earlier check printed, and was kept elsewhere.")
@authority_option
@with_session
async def check(session: Session, *, kept: str | None, authority_code: str | None) -> None:
    """Walk over the whole chain. Status 0 when it is whole, 1 when it is broken.

    Keep what it prints where nobody of the database can reach it, and give it to the next check: that alone shows that
    the end was cut off, or that all was written anew.
    """
    link = _link(kept) if kept is not None else None
    async with session.database.snapshot() as unit:
        authority = await authority_of(unit, authority_code)
        found = await verify(unit.journal, authority.id, kept=link)
    if isinstance(found, Broken):
        say(f"✘ The journal of {authority.code} is broken at line {found.number}: {found.fault}.")
        raise Exit(1)
    say(f"The journal of {authority.code} is whole, {found.number} lines. Keep this elsewhere:", str(found))


@command.command("forget", epilog="Example: multipass journal forget")
@authority_option
@with_session
async def erase(session: Session, authority_code: str | None) -> None:
    """Erase the lines that are twelve months old, as a running server does by itself. The chain still verifies."""
    now = utc_now()
    async with session.database.begin() as unit:
        authority = await authority_of(unit, authority_code)
        purged = await forget(unit.journal, authority.id, day=local_day(now, authority.zone), now=now)
    say(f"Lines up to {purged.stump.number} are erased." if purged is not None else "No line has come to its end.")


def _link(text: str) -> Link:
    number, _, digits = text.strip().partition(":")
    try:
        return Link(int(number), bytes.fromhex(digits))
    except ValueError:
        raise Stop("Give what a check printed: the number of a line, a colon, and 64 hex digits.") from None
