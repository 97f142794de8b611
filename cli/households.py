"""`multipass household`."""

from datetime import datetime, timedelta

import rich_click as click

from adapters.clock import utc_now
from cli.fiscal import reference
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
from domain.circumstances import CircumstanceKind
from domain.households import household_rights, move_household, shared_until, split_household
from domain.journal import Kind, Object
from domain.people import KEPT, Household, found_household, join, leave
from domain.places import Authority
from domain.ports import Unit
from store.balances import rights_with_balances

_on_option = click.option("--on", type=A_DAY, metavar="YYYY-MM-DD", help="First day of it; today unless given.")


@click.group("household", epilog="Example: multipass household show F-17")
def command() -> None:
    """Found, show, move and split households."""


command.add_command(reference)


@command.command("found", epilog="Example: multipass household found F-17 --commune 59350")
@click.argument("reference")
@commune_option
@authority_option
@on_account_option
@with_session
async def found(session: Session, reference: str, *, commune: str, authority_code: str | None) -> None:
    """Write a household into the register, under this REFERENCE."""
    now = utc_now()
    async with session.database.begin() as unit:
        authority = await authority_of(unit, authority_code)
        household = await found_household(
            unit,
            authority_id=authority.id,
            reference=reference,
            commune_code=commune,
            now=now,
            keep_until=now.date() + KEPT,
            since=local_today(authority),
        )
        await record(session, unit, authority.id, Act.HOUSEHOLD_FOUNDED, Object(Kind.HOUSEHOLD, str(household.id)))
    say(f"Household {household.reference} lives in {commune}.")
    say(f"Next: multipass household add-member {household.reference} HOLDER")


@command.command("show", epilog="Example: multipass household show F-17")
@click.argument("reference")
@authority_option
@on_account_option
@with_session
async def show(session: Session, reference: str, authority_code: str | None) -> None:
    """Show a household: where it lives, who belongs to it, what remains of its rights, shared ones included."""
    async with session.database.look() as unit:
        authority, household = await _find(unit, authority_code, reference)
        today = local_today(authority)
        homes = await unit.people.circumstances_after(household.id, CircumstanceKind.COMMUNE, today)
        members = await unit.people.members(household.id, today)
        owned = await household_rights(unit, household, today)
    await record_apart(session, authority.id, Act.HOUSEHOLD_SHOWN, Object(Kind.HOUSEHOLD, str(household.id)))
    catalogue = await session.database.catalogue()
    async with session.database.read() as connection:
        rights = await rights_with_balances(connection, owned, catalogue, today)
    say(f"Household {household.reference}")
    for home in homes:
        say(f"{home.value}, {spoken_period(home.valid_from, home.valid_until)}")
    members_table(members, empty=f"No member: multipass household add-member {household.reference} HOLDER")
    rights_table(rights, today, empty="No right: grant one with multipass right grant PASS PRODUCT")


@command.command("add-member", epilog="Example: multipass household add-member F-17 R-1042 --from 2026-09-01")
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
    """Let HOLDER spend the household's rights. A child may belong to two households."""
    async with session.database.begin() as unit:
        authority, household = await _find(unit, authority_code, reference)
        holder = await unit.people.holder(authority.id, holder_reference)
        member = await join(unit, holder, household.id, since=day_of(since, authority), until=end_of(until))
        await record(
            session, unit, authority.id, Act.MEMBER_JOINED, Object(Kind.HOUSEHOLD, str(household.id), holder.id)
        )
    say(
        f"{full_name(holder)} belongs to {household.reference}, {spoken_period(member.valid_from, member.valid_until)}."
    )


@command.command("remove-member", epilog="Example: multipass household remove-member F-17 R-1042 --on 2026-12-01")
@click.argument("reference")
@click.argument("holder_reference", metavar="HOLDER")
@_on_option
@authority_option
@on_account_option
@with_session
async def remove_member(
    session: Session, reference: str, holder_reference: str, *, on: datetime | None, authority_code: str | None
) -> None:
    """End what HOLDER may spend of the household's rights, those shared after a split included."""
    async with session.database.begin() as unit:
        authority, household = await _find(unit, authority_code, reference)
        holder = await unit.people.holder(authority.id, holder_reference)
        day = day_of(on, authority)
        await leave(unit, holder, household.id, on=day)
        await record(session, unit, authority.id, Act.MEMBER_LEFT, Object(Kind.HOUSEHOLD, str(household.id), holder.id))
    say(f"From {long_date(day)} on, {full_name(holder)} spends nothing of {household.reference}.")


@command.command("move", epilog="Example: multipass household move F-17 --commune 59512 --on 2026-12-01")
@click.argument("reference")
@commune_option
@_on_option
@authority_option
@on_account_option
@with_session
async def move(
    session: Session, reference: str, *, commune: str, on: datetime | None, authority_code: str | None
) -> None:
    """Record that a household moves, with its members who live there.

    What is left of its rights stays. Rights that ask for a residence stop by themselves when it leaves the territory.
    """
    async with session.database.begin() as unit:
        authority, household = await _find(unit, authority_code, reference)
        day = day_of(on, authority)
        moving = await move_household(unit, household, commune_code=commune, on=day)
        await record(session, unit, authority.id, Act.CIRCUMSTANCE_CHANGED, Object(Kind.HOUSEHOLD, str(household.id)))
    say(f"{household.reference} lives in {commune} from {long_date(day)} on.")
    say(f"With it: {', '.join(full_name(holder) for holder in moving) or 'nobody'}.")


@command.command("split", epilog="Example: multipass household split F-17 R-1043 R-1044 --as F-18 --commune 59512")
@click.argument("reference")
@click.argument("leavers", metavar="HOLDER...", nargs=-1, required=True)
@click.option("--as", "new_reference", metavar="REFERENCE", required=True, help="Reference of the new household.")
@commune_option
@_on_option
@authority_option
@on_account_option
@with_session
async def split(
    session: Session,
    reference: str,
    leavers: tuple[str, ...],
    *,
    new_reference: str,
    commune: str,
    on: datetime | None,
    authority_code: str | None,
) -> None:
    """Let each HOLDER leave a household and found a new one together.

    No quota is doubled: they share the rights that were running with those who stay, until these end. The new household
    gets rights of its own afterwards.
    """
    async with session.database.begin() as unit:
        authority, household = await _find(unit, authority_code, reference)
        day = day_of(on, authority)
        new = await split_household(
            unit,
            household,
            [await unit.people.holder(authority.id, leaver) for leaver in leavers],
            on=day,
            reference=new_reference,
            commune_code=commune,
            now=utc_now(),
            keep_until=household.keep_until,
        )
        await record(session, unit, authority.id, Act.HOUSEHOLD_SPLIT, Object(Kind.HOUSEHOLD, str(household.id)))
        sharing_ends = await shared_until(unit, household, day)
    say(f"{new.reference} lives in {commune} from {long_date(day)} on.")
    if sharing_ends is not None:
        last_day = sharing_ends - timedelta(days=1)
        say(f"It shares the running rights of {household.reference} until {long_date(last_day)}.")
    say(f"Next: multipass household show {new.reference}")


async def _find(unit: Unit, authority_code: str | None, reference: str) -> tuple[Authority, Household]:
    authority = await authority_of(unit, authority_code)
    return authority, await unit.people.household(authority.id, reference)
