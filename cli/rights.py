"""`multipass right`."""

from datetime import date, datetime, timedelta

import rich_click as click

from adapters.clock import utc_now
from cli.issuing import subject_of
from cli.members import A_DAY, day_of, end_of, full_name, since_option, spoken_period, until_option
from cli.passes import pass_of
from cli.screen import say
from cli.session import Session, authority_option, with_session
from cli.stop import Stop
from domain.circumstances import CircumstanceKind, record_circumstance, resume, suspend
from domain.people import Subject
from domain.products import Product, grant


@click.group("right", epilog="Example: multipass right grant 1234567897 waste-derogation --from 2026-12-05")
def command() -> None:
    """Grant rights on a pass, say what they depend on, keep somebody from a service."""


@command.command("grant", epilog="Example: multipass right grant 1234567897 pool-carnet")
@click.argument("number")
@click.argument("product")
@since_option
@until_option
@click.option("--household", metavar="REFERENCE", help="Which household gets it, where there are several.")
@click.option("--organisation", metavar="REFERENCE", help="Which organisation gets it, where there are several.")
@authority_option
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
        first = day_of(since, authority)
        period = (first, until.date()) if until else _lasting(offered, first)
        references = {Subject.HOUSEHOLD: household, Subject.ORGANISATION: organisation}
        given = await grant(
            unit,
            product=offered,
            subject_id=await subject_of(unit, holder, offered, references, day=first),
            valid_from=period[0],
            valid_until=period[1],
            now=utc_now(),
            keep_until=holder.keep_until,
        )
    say(f"{offered.name.en} for {full_name(holder)}, {spoken_period(given.valid_from, given.valid_until)}.")


def _lasting(product: Product, first: date) -> tuple[date, date]:
    if product.terms.term is not None:
        return product.terms.term.period(first)
    if product.terms.lifts:
        return first, first + timedelta(days=1)
    raise Stop(f"{product.code} does not say how long it lasts: give --until.")


@command.command("record", epilog="Example: multipass right record 1234567897 --status student --until 2027-10-01")
@click.argument("number")
@click.option("--band", help="Code of the family-quotient band, such as A; never the amount.")
@click.option("--status", help="A status, such as student or job_seeker.")
@since_option
@until_option
@authority_option
@with_session
async def record(
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
    say(f"{value} for {full_name(holder)}, {spoken_period(told.valid_from, told.valid_until)}.")


@command.command("suspend", epilog="Example: multipass right suspend 1234567897 library --until 2026-12-24")
@click.argument("number")
@click.argument("service")
@since_option
@until_option
@authority_option
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
    say(f"{full_name(holder)} is kept from {service}, {spoken_period(kept.valid_from, kept.valid_until)}.")


@command.command("resume", epilog="Example: multipass right resume 1234567897 library")
@click.argument("number")
@click.argument("service")
@click.option("--on", type=A_DAY, help="First day on which it is open again; today, unless given.")
@authority_option
@with_session
async def let_back(
    session: Session, number: str, service: str, *, on: datetime | None, authority_code: str | None
) -> None:
    """Open a SERVICE again to the holder of the pass of a NUMBER."""
    async with session.database.begin() as unit:
        authority, _, holder = await pass_of(unit, authority_code, number)
        first = day_of(on, authority)
        await resume(unit, holder, service_code=service, on=first)
    say(f"{service} is open again to {full_name(holder)} from {first} on.")
