"""`multipass organisation`."""

from datetime import datetime

import rich_click as click

from adapters.clock import utc_now
from cli.journalling import on_account_option, record, record_apart
from cli.members import (
    A_DAY,
    commune_option,
    day_of,
    end_of,
    full_name,
    local_today,
    members_table,
    since_option,
    spoken_period,
    until_option,
)
from cli.passes import rights_table
from cli.screen import long_date, say
from cli.session import Session, authority_of, authority_option, with_session
from domain.acts import Act
from domain.circumstances import commune_of
from domain.journal import Kind, Object
from domain.organisations import OrganisationKind, register_organisation
from domain.people import KEPT, join, leave
from store.balances import rights_with_balances


@click.group("organisation", epilog="Example: multipass organisation show PRO-12")
def command() -> None:
    """Firms, associations and municipal services, with their members."""


@command.command(
    "register",
    epilog=(
        "Example: multipass organisation register PRO-12 --name 'Menuiserie Roux' --kind professional "
        "--registration '732 829 320 00074' --commune 59350"
    ),
)
@click.argument("reference")
@click.option("--name", required=True, help="What people call it.")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in OrganisationKind]),
    required=True,
    help="What it is to the city.",
)
@click.option("--registration", metavar="NUMBER", help="SIRET; for an association its RNA will do.")
@commune_option
@authority_option
@on_account_option
@with_session
async def register(
    session: Session,
    reference: str,
    *,
    name: str,
    kind: str,
    registration: str | None,
    commune: str,
    authority_code: str | None,
) -> None:
    """Write an organisation into the register, under this REFERENCE.

    A professional needs a SIRET, an association a SIRET or an RNA, a municipal service neither.
    """
    now = utc_now()
    async with session.database.begin() as unit:
        authority = await authority_of(unit, authority_code)
        organisation = await register_organisation(
            unit,
            authority_id=authority.id,
            reference=reference,
            name=name,
            kind=OrganisationKind(kind),
            registration=registration,
            commune_code=commune,
            now=now,
            keep_until=now.date() + KEPT,
        )
        await record(
            session, unit, authority.id, Act.ORGANISATION_REGISTERED, Object(Kind.ORGANISATION, str(organisation.id))
        )
    say(f"{organisation.name} ({organisation.reference}) is registered.")
    say(f"Next: multipass organisation add-member {organisation.reference} HOLDER")


@command.command("show", epilog="Example: multipass organisation show PRO-12")
@click.argument("reference")
@authority_option
@on_account_option
@with_session
async def show(session: Session, reference: str, authority_code: str | None) -> None:
    """Show an organisation: its registration, its members, its rights and what remains of them."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        organisation = await unit.people.organisation(authority.id, reference)
        today = local_today(authority)
        seat = await commune_of(unit, organisation.id, today)
        members = await unit.people.members(organisation.id, today)
        owned = await unit.products.entitlements([organisation.id], today)
    await record_apart(session, authority.id, Act.ORGANISATION_SHOWN, Object(Kind.ORGANISATION, str(organisation.id)))
    catalogue = await session.database.catalogue()
    async with session.database.read() as connection:
        rights = await rights_with_balances(connection, owned, catalogue, today)
    told = (organisation.kind, organisation.registration, seat)
    say(f"{organisation.name} ({organisation.reference})", ", ".join(part for part in told if part))
    members_table(members, empty=f"No member: multipass organisation add-member {organisation.reference} HOLDER")
    rights_table(rights, today, empty="No right: grant one with multipass right grant PASS PRODUCT")


@command.command("add-member", epilog="Example: multipass organisation add-member PRO-12 R-1042 --until 2027-09-01")
@click.argument("reference")
@click.argument("holder_reference", metavar="HOLDER")
@since_option
@until_option
@authority_option
@on_account_option
@with_session
async def add_member(
    session: Session,
    reference: str,
    holder_reference: str,
    *,
    since: datetime | None,
    until: datetime | None,
    authority_code: str | None,
) -> None:
    """Let HOLDER spend the organisation's rights, with a pass of their own."""
    async with session.database.begin() as unit:
        authority = await authority_of(unit, authority_code)
        organisation = await unit.people.organisation(authority.id, reference)
        holder = await unit.people.holder(authority.id, holder_reference)
        member = await join(unit, holder, organisation.id, since=day_of(since, authority), until=end_of(until))
        about = Object(Kind.ORGANISATION, str(organisation.id), holder.id)
        await record(session, unit, authority.id, Act.MEMBER_JOINED, about)
    say(f"{full_name(holder)} works with {organisation.name}, {spoken_period(member.valid_from, member.valid_until)}.")


@command.command("remove-member", epilog="Example: multipass organisation remove-member PRO-12 R-1042 --on 2026-12-01")
@click.argument("reference")
@click.argument("holder_reference", metavar="HOLDER")
@click.option("--on", type=A_DAY, metavar="YYYY-MM-DD", help="First day without it; today unless given.")
@authority_option
@on_account_option
@with_session
async def remove_member(
    session: Session, reference: str, holder_reference: str, *, on: datetime | None, authority_code: str | None
) -> None:
    """End what HOLDER may spend of the organisation's rights."""
    async with session.database.begin() as unit:
        authority = await authority_of(unit, authority_code)
        organisation = await unit.people.organisation(authority.id, reference)
        holder = await unit.people.holder(authority.id, holder_reference)
        day = day_of(on, authority)
        await leave(unit, holder, organisation.id, on=day)
        about = Object(Kind.ORGANISATION, str(organisation.id), holder.id)
        await record(session, unit, authority.id, Act.MEMBER_LEFT, about)
    say(f"From {long_date(day)} on, {full_name(holder)} spends nothing of {organisation.name}.")
