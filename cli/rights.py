"""`multipass right`."""

from datetime import datetime

import rich_click as click

from adapters.clock import utc_now
from api.journalled_objects import about_holder
from cli.journalling import on_account_option, record
from cli.members import A_DAY, day_of, end_of, full_name, local_today, since_option, spoken_period, until_option
from cli.passes import pass_of
from cli.screen import say
from cli.session import Session, authority_option, with_session
from cli.stop import Stop
from domain.acts import Act
from domain.circumstances import CircumstanceKind, record_circumstance, resume, suspend
from domain.errors.products import RightNotFound
from domain.households import rights_of
from domain.rights import Wish, end_right, grant_to


@click.group("right", epilog="Example: multipass right grant 1234567897 waste-derogation --from 2026-12-05")
def command() -> None:
    """Grant and end rights on a pass, say what they depend on, keep somebody from a service."""


@command.command("grant", epilog="Example: multipass right grant 1234567897 pool-carnet")
@click.argument("number")
@click.argument("product")
@since_option
@until_option
@click.option("--household", metavar="REFERENCE", help="Which household gets it, where there are several.")
@click.option("--organisation", metavar="REFERENCE", help="Which organisation gets it, where there are several.")
@authority_option
@on_account_option
@with_session
async def give(
    session: Session,
    number: str,
    product: str,
    *,
    since: datetime | None,
    until: datetime | None,
    household: str | None,
    organisation: str | None,
    authority_code: str | None,
) -> None:
    """Grant a PRODUCT on the pass of a NUMBER, to the person, household or organisation that it is for.

    Without an end it lasts as long as the product does once it is bought; a derogation lasts a day.
    """
    async with session.database.begin() as unit:
        authority, _, holder = await pass_of(unit, authority_code, number)
        offered = await unit.products.by_code(authority.id, product)
        wish = Wish(offered, since and since.date(), until and until.date(), household, organisation)
        given = await grant_to(unit, holder, wish, today=local_today(authority), now=utc_now())
        await record(session, unit, authority.id, Act.RIGHT_GRANTED, about_holder(holder.id))
    say(f"{offered.name.en} for {full_name(holder)}, {spoken_period(given.valid_from, given.valid_until)}.")


@command.command("end", epilog="Example: multipass right end 1234567897 pool-carnet")
@click.argument("number")
@click.argument("product")
@click.option(
    "--from", "since", type=A_DAY, metavar="YYYY-MM-DD", help="Which one, where there are several: its start."
)
@authority_option
@on_account_option
@with_session
async def take(
    session: Session, number: str, product: str, *, since: datetime | None, authority_code: str | None
) -> None:
    """End the right to a PRODUCT that the pass of a NUMBER spends: from today on it opens nothing more.

    One that has not begun is taken back, as if it had never been given.
    """
    async with session.database.begin() as unit:
        authority, _, holder = await pass_of(unit, authority_code, number)
        today = local_today(authority)
        offered = await unit.products.by_code(authority.id, product)
        owned = [
            right
            for right in await rights_of(unit, holder, today)
            if right.product_id == offered.id and (since is None or right.valid_from == since.date())
        ]
        if len(owned) > 1:
            raise Stop(
                f"Several rights to {product}, say which: --from {' | '.join(str(one.valid_from) for one in owned)}"
            )
        if not owned:
            raise RightNotFound(f"{full_name(holder)} has no such right to {product}.")
        ended = await end_right(unit, owned[0], today=today)
        await record(session, unit, authority.id, Act.RIGHT_ENDED, about_holder(holder.id))
    say(f"{offered.name.en} of {full_name(holder)} {'ends today' if ended else 'is taken back'}.")


@command.command("record", epilog="Example: multipass right record 1234567897 --status student --until 2027-10-01")
@click.argument("number")
@click.option("--band", help="Code of the family-quotient band, such as A; never the amount.")
@click.option("--status", help="A status, such as student or job_seeker.")
@since_option
@until_option
@authority_option
@on_account_option
@with_session
async def tell(
    session: Session,
    number: str,
    *,
    band: str | None,
    status: str | None,
    since: datetime | None,
    until: datetime | None,
    authority_code: str | None,
) -> None:
    """Write down what tariffs depend on, for the holder of the pass of a NUMBER: a band or a status, with its days."""
    if (band is None) is (status is None):
        raise click.UsageError("Give --band or --status, one of the two.")
    kind, value = (CircumstanceKind.QUOTIENT, band) if band is not None else (CircumstanceKind.STATUS, status)
    async with session.database.begin() as unit:
        authority, _, holder = await pass_of(unit, authority_code, number)
        told = await record_circumstance(
            unit, holder, kind=kind, value=str(value), since=day_of(since, authority), until=end_of(until)
        )
        await record(session, unit, authority.id, Act.CIRCUMSTANCE_CHANGED, about_holder(holder.id))
    say(f"{value} for {full_name(holder)}, {spoken_period(told.valid_from, told.valid_until)}.")


@command.command("suspend", epilog="Example: multipass right suspend 1234567897 library --until 2026-12-24")
@click.argument("number")
@click.argument("service")
@since_option
@until_option
@authority_option
@on_account_option
@with_session
async def keep_out(
    session: Session,
    number: str,
    service: str,
    *,
    since: datetime | None,
    until: datetime | None,
    authority_code: str | None,
) -> None:
    """Keep the holder of the pass of a NUMBER from one SERVICE. Every other service goes on."""
    async with session.database.begin() as unit:
        authority, _, holder = await pass_of(unit, authority_code, number)
        kept = await suspend(unit, holder, service_code=service, since=day_of(since, authority), until=end_of(until))
        await record(session, unit, authority.id, Act.SERVICE_SUSPENDED, about_holder(holder.id))
    say(f"{full_name(holder)} is kept from {service}, {spoken_period(kept.valid_from, kept.valid_until)}.")


@command.command("resume", epilog="Example: multipass right resume 1234567897 library")
@click.argument("number")
@click.argument("service")
@click.option("--on", type=A_DAY, help="First day on which it is open again; today, unless given.")
@authority_option
@on_account_option
@with_session
async def let_back(
    session: Session, number: str, service: str, *, on: datetime | None, authority_code: str | None
) -> None:
    """Open a SERVICE again to the holder of the pass of a NUMBER."""
    async with session.database.begin() as unit:
        authority, _, holder = await pass_of(unit, authority_code, number)
        first = day_of(on, authority)
        await resume(unit, holder, service_code=service, on=first)
        await record(session, unit, authority.id, Act.SERVICE_RESUMED, about_holder(holder.id))
    say(f"{service} is open again to {full_name(holder)} from {first} on.")
