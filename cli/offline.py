"""`multipass offline`: what terminals granted without network that would have been refused."""

from datetime import datetime

import msgspec
import rich_click as click

from adapters.clock import utc_now
from api.offline import days_of, period_of
from cli.journalling import on_account_option, record_apart
from cli.screen import local_time, say, table
from cli.session import Session, authority_of, authority_option, with_session
from domain import places
from domain.access.reasons import REASONS
from domain.acts import Act
from domain.journal import Kind, Object
from store import offline_facts, passages, quarantine

_day = click.DateTime(["%Y-%m-%d"])
_SHOWN = 200


@click.group("offline", epilog="Example: multipass offline report --site piscine-est")
def command() -> None:
    """What gates granted without network, held against what they would have heard."""


@command.command("report", epilog="Example: multipass offline report --from 2026-11-01 --until 2026-12-01 --list")
@click.option("--from", "first", type=_day, help="First day of the passages, local time. [thirty days ago]")
@click.option("--until", type=_day, help="First day after them. [tomorrow]")
@click.option("--site", help="Code of a site; all, unless given.")
@click.option("--list", "listed", is_flag=True, help="List each passage, with the number that `passage cancel` wants.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
@authority_option
@on_account_option
@with_session
async def report(
    session: Session,
    first: datetime | None,
    until: datetime | None,
    *,
    site: str | None,
    listed: bool,
    as_json: bool,
    authority_code: str | None,
) -> None:
    """Count by site and reason whom gates without network let in and the server would not have.

    Days are those of the passages themselves, whenever they were told.
    """
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
    asked = (first.date() if first is not None else None, until.date() if until is not None else None)
    days = days_of(asked, places.local_day(utc_now(), authority.zone))
    period = period_of(authority.id, authority.zone, days, site)
    async with session.database.read() as connection:
        if site is not None:
            await passages.site_of(connection, authority.id, site)
        counts = await offline_facts.count(connection, period)
        found = await offline_facts.list_(connection, period, after=0, limit=_SHOWN) if listed else []
        waiting = await quarantine.count(connection, authority.id)
    await record_apart(session, authority.id, Act.OFFLINE_REVIEWED, Object(Kind.REGISTER))
    if as_json:
        say(msgspec.json.encode({"sites": counts, "passages": found, "quarantined": waiting}).decode())
        return
    table(
        ("Site", "Passages", "Surplus", "Would have heard", "Flags"),
        (
            (
                one.site,
                str(one.facts),
                str(one.surplus),
                ", ".join(f"{REASONS[reason].short.en} ({number})" for reason, number in one.reasons.items()),
                ", ".join(f"{flag} ({number})" for flag, number in one.flags.items()),
            )
            for one in counts
        ),
        empty="No gate has decided without network in these days.",
    )
    if listed:
        table(
            ("Passage", "When", "Pass", "Gate", "Would have heard", "Flags"),
            (
                (
                    one.passage,
                    local_time(one.happened_at, authority.zone),
                    one.pass_number or "",
                    one.gate,
                    REASONS[one.would_be_reason].short.en + (", cancelled since" if one.cancelled else ""),
                    ", ".join(one.flags),
                )
                for one in found
            ),
            empty="Nothing to look at.",
        )
        if len(found) == _SHOWN:
            say(f"The first {_SHOWN}: choose fewer days or a site to see others.")
    if waiting:
        say(f"{waiting} lines could not be taken in: multipass quarantine list")
