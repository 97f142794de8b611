"""`multipass retention`: acting on the dates until which data about people is kept."""

import rich_click as click

from adapters.clock import utc_now
from cli.requests import vault_of
from cli.screen import say, table
from cli.session import Session, authority_of, authority_option, with_session
from domain.places import local_day
from store.retention import foresee, walk, walked_on


@click.command("retention", epilog="Example: multipass retention --dry-run")
@click.option("--dry-run", is_flag=True, help="Only count what is over; nothing changes.")
@authority_option
@with_session
async def command(session: Session, *, dry_run: bool, authority_code: str | None) -> None:
    """Forget what has come to its end.

    A running server does so by itself, once a day. This counts it by table. Of `validation` it counts passages that
    lose their person: they stay, about nobody.
    """
    now = utc_now()
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
    day = local_day(now, authority.zone)
    if dry_run:
        before = await walked_on(session.database, authority.id)
        say(f"Last done on {before}." if before is not None else "Never done yet.")
        walked = await foresee(session.database, authority.id, day=day, now=now)
    else:
        walked = await walk(session.database, authority.id, day=day, now=now)
        vault_of(session).remove(walked.photos)
    rows = sorted((name, f"{count:,}") for name, count in walked.rows.items())
    table(("Table", "Would go" if dry_run else "Gone"), rows, empty="Nothing has come to its end.")
