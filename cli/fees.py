"""`multipass pass fees`."""

from datetime import datetime

import rich_click as click

from cli.journalling import on_account_option, record_apart
from cli.members import A_DAY, end_of
from cli.screen import say, table
from cli.session import Session, authority_of, authority_option, with_session
from domain.acts import Act
from domain.journal import Kind, Object
from domain.places import local_day, midnight


@click.command("fees", epilog="Example: multipass pass fees --from 2026-11-01 --until 2026-12-01")
@click.option("--from", "since", type=A_DAY, metavar="YYYY-MM-DD", required=True, help="First day.")
@click.option("--until", type=A_DAY, metavar="YYYY-MM-DD", help="Day after the last; open unless given.")
@authority_option
@on_account_option
@with_session
async def fees(session: Session, *, since: datetime, until: datetime | None, authority_code: str | None) -> None:
    """List what is due for replaced media: whoever collects it works from this. Residents are named by their pass."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        found = await unit.replacements.due(
            authority.id, midnight(since.date(), authority.zone), midnight(end_of(until), authority.zone)
        )
    await record_apart(session, authority.id, Act.DUES_LISTED, Object(Kind.REGISTER))
    rows = (
        (
            local_day(one.replaced_at, authority.zone).isoformat(),
            number,
            one.reason.replace("_", " "),
            f"{one.fee_cents / 100:.2f} €",
        )
        for number, one in found
    )
    table(("Day", "Pass", "Replaced for", "Due"), rows, empty="Nothing is due for these days.")
    if found:
        say(f"In all: {sum(one.fee_cents for _, one in found) / 100:.2f} €.")
