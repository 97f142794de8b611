"""`multipass pass issue`: a person, their rights and their first medium, in one transaction."""

import secrets
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import rich_click as click
from msgspec import Struct

from adapters.card_face import Card
from adapters.clock import utc_now
from adapters.pairing_codes import UNAMBIGUOUS
from adapters.printed import card
from api.journalled_objects import about_pass
from cli.cards import write_card
from cli.journalling import on_account_option, record
from cli.screen import long_date, say
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain import passes, products
from domain.acts import Act
from domain.errors import AlreadyExists, ContradictoryPeriod
from domain.errors.people import HolderNotFound
from domain.passes import Issued, MediumKind
from domain.people import Holder, register_holder
from domain.places import Authority
from domain.ports import Unit
from domain.products import Product
from domain.rights import Wish, recipient

_AFTER_THE_END = timedelta(days=2 * 365)
"""Customer data stay two years after the contract (CNIL AU-015, guide value)."""

_A_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("issue", epilog="Example: multipass pass issue R-1042 --product pool-10 --out var/cards")
@click.argument("reference", required=False)
@click.option("--first-name", help="Registers a new holder, with the three options that follow.")
@click.option("--last-name", help="Last name of the new holder.")
@click.option("--born", type=_A_DAY, metavar="YYYY-MM-DD", help="Day of birth of the new holder.")
@click.option("--commune", metavar="CODE", help="INSEE code of the new holder's commune.")
@click.option("--product", "product_codes", metavar="CODE", multiple=True, help="Right to grant; several may be given.")
@click.option("--household", "household_reference", metavar="REFERENCE", help="Which household gets its rights.")
@click.option("--organisation", "organisation_reference", metavar="REFERENCE", help="Which organisation does.")
@click.option("--from", "since", type=_A_DAY, metavar="YYYY-MM-DD", help="First day; today unless given.")
@click.option("--until", type=_A_DAY, metavar="YYYY-MM-DD", help="Day after the last; a year later unless given.")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in MediumKind]),
    default=MediumKind.PRINT.value,
    show_default=True,
    help="What shows the pass.",
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for card.png, .svg and .pdf.")
@authority_option
@on_account_option
@with_session
async def issue(
    session: Session,
    *,
    reference: str | None,
    first_name: str | None,
    last_name: str | None,
    born: datetime | None,
    commune: str | None,
    product_codes: tuple[str, ...],
    household_reference: str | None,
    organisation_reference: str | None,
    since: datetime | None,
    until: datetime | None,
    kind: str,
    out: Path | None,
    authority_code: str | None,
) -> None:
    """Issue a pass to the holder with this REFERENCE.

    With a name, a day of birth and a commune, a new holder is registered first, under this reference or a drawn one.
    Rights of a household product go to the holder's household, or to the holder where there is none; those of an
    organisation product to the organisation that the holder belongs to.
    """
    medium_kind = MediumKind(kind)
    if out is not None and medium_kind is MediumKind.PHONE:
        raise Stop("A phone shows its own code, there is no card to write: leave --out away.")
    newcomer = _newcomer(first_name, last_name, born, commune)
    if reference is None and newcomer is None:
        raise Stop("Say who the pass is for: a REFERENCE, or --first-name, --last-name, --born and --commune.")
    now = utc_now()
    async with session.database.begin() as unit:
        authority = await authority_of(unit, authority_code)
        zone = ZoneInfo(authority.zone)
        first_day = since.date() if since else now.astimezone(zone).date()
        end = until.date() if until else _a_year_after(first_day)
        if end <= first_day:
            raise ContradictoryPeriod(f"The pass would end on {end}, before it begins on {first_day}.")
        keep_until = end + _AFTER_THE_END
        if newcomer is not None:
            holder = await _register(unit, authority, reference or _drawn(), newcomer, now=now, keep_until=keep_until)
        else:
            holder = await unit.people.holder(authority.id, reference or "")
        granted = [await unit.products.by_code(authority.id, code) for code in product_codes]
        for product in granted:
            wish = Wish(product, household=household_reference, organisation=organisation_reference)
            subject_id = await recipient(unit, holder, wish, day=first_day)
            await products.grant(
                unit,
                product=product,
                subject_id=subject_id,
                valid_from=first_day,
                valid_until=end,
                now=now,
                keep_until=keep_until,
            )
        issued = await passes.issue(
            unit,
            holder,
            kind=medium_kind,
            valid_from=first_day,
            valid_until=end,
            expires_at=datetime.combine(end, time(), zone).astimezone(UTC),
            now=now,
        )
        await record(session, unit, authority.id, Act.PASS_ISSUED, about_pass(issued.pass_))
        # Signed before the commit: without a key, or beyond the dates that a code can hold, nothing is issued.
        face = _face(session, authority, holder, issued) if medium_kind is not MediumKind.PHONE else None
    _tell(holder, issued, granted)
    if out is not None and face is not None:
        write_card(face, out)
        say(f"Next: hand it over, or try it: multipass terminal scan {out / 'card.png'}")
    elif face is not None:
        say(f"Next: multipass pass print {issued.pass_.number} --out FOLDER")
    else:
        say(f"Next: multipass pass show {issued.pass_.number}")


class Newcomer(Struct, frozen=True):
    """A person who is not in the register yet."""

    first_name: str
    last_name: str
    born_on: date
    commune_code: str


def _newcomer(
    first_name: str | None, last_name: str | None, born: datetime | None, commune: str | None
) -> Newcomer | None:
    """Return the new person that the options describe, None where they speak of nobody."""
    if first_name and last_name and born and commune:
        return Newcomer(first_name, last_name, born.date(), commune)
    if first_name or last_name or born or commune:
        raise Stop("A new holder needs all four: --first-name, --last-name, --born and --commune.")
    return None


async def _register(
    unit: Unit, authority: Authority, reference: str, newcomer: Newcomer, *, now: datetime, keep_until: date
) -> Holder:
    try:
        await unit.people.holder(authority.id, reference)
    except HolderNotFound:
        return await register_holder(
            unit,
            authority_id=authority.id,
            reference=reference,
            first_name=newcomer.first_name,
            last_name=newcomer.last_name,
            born_on=newcomer.born_on,
            commune_code=newcomer.commune_code,
            now=now,
            keep_until=keep_until,
        )
    raise AlreadyExists(f"There is a holder {reference} already: leave the name away to issue them a pass.")


def _face(session: Session, authority: Authority, holder: Holder, issued: Issued) -> Card:
    try:
        return card(session.keyring, authority, holder, issued.pass_, issued.medium)
    except ValueError as problem:
        raise Stop(f"No code can be signed until {issued.pass_.valid_until}: choose an earlier end.") from problem


def _drawn() -> str:
    return "R-" + "".join(secrets.choice(UNAMBIGUOUS) for _ in range(8))


def _a_year_after(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return date(day.year + 1, 3, 1)


def _tell(holder: Holder, issued: Issued, granted: list[Product]) -> None:
    last_day = issued.pass_.valid_until - timedelta(days=1)
    say(f"Pass {issued.pass_.number} for {holder.first_name} {holder.last_name} ({holder.reference}),")
    say(f"from {long_date(issued.pass_.valid_from)} to {long_date(last_day)}, {issued.medium.kind}.")
    if granted:
        say(f"Rights: {', '.join(product.name.en for product in granted)}.")
