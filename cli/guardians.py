"""`multipass guardian`."""

from datetime import datetime

import rich_click as click

from api.journalled_objects import about_holder
from cli.journalling import on_account_option, record, record_apart
from cli.members import (
    A_DAY,
    day_of,
    end_of,
    full_name,
    local_today,
    since_option,
    spoken_period,
    until_option,
)
from cli.screen import long_date, say, table
from cli.session import Session, authority_of, authority_option, with_session
from domain.acts import Act
from domain.guardians import GuardianKind, appoint_guardian, end_guardianship


@click.group("guardian", epilog="Example: multipass guardian list R-1042")
def command() -> None:
    """Who acts for whom: parents and tutors."""


@command.command("add", epilog="Example: multipass guardian add R-1042 R-1001 --kind parent")
@click.argument("ward_reference", metavar="WARD")
@click.argument("guardian_reference", metavar="GUARDIAN")
@click.option("--kind", type=click.Choice([kind.value for kind in GuardianKind]), required=True, help="By what right.")
@since_option
@until_option
@authority_option
@on_account_option
@with_session
async def add(
    session: Session,
    ward_reference: str,
    guardian_reference: str,
    *,
    kind: str,
    since: datetime | None,
    until: datetime | None,
    authority_code: str | None,
) -> None:
    """Let a GUARDIAN, who is of age, act for a WARD. A parent does until the ward comes of age."""
    async with session.database.begin() as unit:
        authority = await authority_of(unit, authority_code)
        ward = await unit.people.holder(authority.id, ward_reference)
        guardian = await unit.people.holder(authority.id, guardian_reference)
        acts = await appoint_guardian(
            unit,
            ward=ward,
            guardian=guardian,
            kind=GuardianKind(kind),
            since=day_of(since, authority),
            until=end_of(until),
        )
        await record(session, unit, authority.id, Act.GUARDIAN_APPOINTED, about_holder(ward.id))
    say(f"{full_name(guardian)} acts for {full_name(ward)}, {spoken_period(acts.valid_from, acts.valid_until)}.")


@command.command("end", epilog="Example: multipass guardian end R-1042 R-1001 --on 2026-12-01")
@click.argument("ward_reference", metavar="WARD")
@click.argument("guardian_reference", metavar="GUARDIAN")
@click.option("--on", type=A_DAY, metavar="YYYY-MM-DD", help="First day without it; today unless given.")
@authority_option
@on_account_option
@with_session
async def end(
    session: Session, ward_reference: str, guardian_reference: str, *, on: datetime | None, authority_code: str | None
) -> None:
    """End what a GUARDIAN may do for a WARD."""
    async with session.database.begin() as unit:
        authority = await authority_of(unit, authority_code)
        ward = await unit.people.holder(authority.id, ward_reference)
        guardian = await unit.people.holder(authority.id, guardian_reference)
        day = day_of(on, authority)
        await end_guardianship(unit, ward=ward, guardian=guardian, on=day)
        await record(session, unit, authority.id, Act.GUARDIANSHIP_ENDED, about_holder(ward.id))
    say(f"From {long_date(day)} on, {full_name(guardian)} does not act for {full_name(ward)} any more.")


@command.command("list", epilog="Example: multipass guardian list R-1042")
@click.argument("reference", metavar="HOLDER")
@authority_option
@on_account_option
@with_session
async def list_(session: Session, reference: str, authority_code: str | None) -> None:
    """List who acts for a HOLDER today, and for whom they act."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        holder = await unit.people.holder(authority.id, reference)
        today = local_today(authority)
        rows = [
            (
                full_name(await unit.people.holder_by_id(authority.id, one.guardian_id)),
                full_name(await unit.people.holder_by_id(authority.id, one.ward_id)),
                one.kind,
                spoken_period(one.valid_from, one.valid_until),
            )
            for one in (
                *await unit.people.guardians_of(holder.id, today),
                *await unit.people.wards_of(holder.id, today),
            )
        ]
    await record_apart(session, authority.id, Act.GUARDIANS_LISTED, about_holder(holder.id))
    table(
        ("Guardian", "Acts for", "As", "When"),
        rows,
        empty=f"Nobody acts for {full_name(holder)}, nor they for anybody.",
    )
