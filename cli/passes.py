"""`multipass pass`."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import rich_click as click

from adapters.clock import utc_now
from adapters.printed import card
from api.journalled_objects import about_medium_of, about_pass
from cli.cards import write_card
from cli.fees import fees
from cli.issuing import issue
from cli.journalling import agent_on_account, on_account_option, record, record_apart
from cli.screen import long_date, say, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from cli.verdict import UNITS
from domain import passes
from domain.access.facts import Balance, Right
from domain.acts import Act
from domain.errors.passes import MediumNotFound
from domain.households import rights_of
from domain.limits import ONE, Window
from domain.passes import BlockReason, Medium, MediumKind, MediumStatus, Pass, is_number, medium_bytes
from domain.people import Holder
from domain.places import Authority, midnight
from domain.ports import Unit
from domain.replacements import ReplacementReason, replace_medium
from domain.waste import counted_in
from store.balances import rights_with_balances

_out_option = click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for card.png, card.svg and card.pdf.",
)


@click.group("pass", epilog="Example: multipass pass show 1234567897")
def command() -> None:
    """Issue, show, print, block and replace passes."""


for act in (issue, fees):
    command.add_command(act)


@command.command("show", epilog="Example: multipass pass show 1234567897")
@click.argument("number")
@authority_option
@on_account_option
@with_session
async def show(session: Session, number: str, authority_code: str | None) -> None:
    """Show a pass: its holder, its media, its rights and what remains of them."""
    async with session.database.look() as unit:
        authority, pass_, holder = await pass_of(unit, authority_code, number)
        media = await unit.passes.media(pass_.id)
        today = utc_now().astimezone(ZoneInfo(authority.zone)).date()
        owned = await rights_of(unit, holder, today)
    await record_apart(session, authority.id, Act.PASS_SHOWN, about_pass(pass_))
    catalogue = await session.database.catalogue()
    async with session.database.read() as connection:
        rights = await rights_with_balances(connection, owned, catalogue, today)
    last_day = pass_.valid_until - timedelta(days=1)
    say(f"Pass {pass_.number} of {holder.first_name} {holder.last_name} ({holder.reference})")
    say(f"{pass_.status}, from {long_date(pass_.valid_from)} to {long_date(last_day)}")
    rows = ((hexadecimal(one), one.kind, one.status, long_date(one.created_at)) for one in media)
    table(("Medium", "Kind", "State", "Made"), rows, empty="No medium shows this pass.")
    rights_table(rights, today, empty="No right: grant one with multipass right grant NUMBER PRODUCT")


@command.command("block", epilog="Example: multipass pass block 1234567897 --reason lost")
@click.argument("number")
@click.argument("medium", required=False)
@click.option("--reason", type=click.Choice([reason.value for reason in BlockReason]), required=True, help="Why.")
@authority_option
@on_account_option
@with_session
async def block(session: Session, number: str, medium: str | None, reason: str, *, authority_code: str | None) -> None:
    """Stop one medium of a pass. The pass and its other media go on.

    MEDIUM is its identifier, or the beginning of it; it may be left away where there is only one in use.
    """
    async with session.database.look() as unit:
        _, pass_, _ = await pass_of(unit, authority_code, number)
        media = await unit.passes.media(pass_.id)
    medium_id = _chosen(media, medium, among={MediumStatus.ACTIVE, MediumStatus.SUSPENDED})
    async with session.database.begin() as unit:
        agent = await agent_on_account(session, unit, pass_.authority_id)
        blocked = await passes.block(
            unit, pass_, medium_id, reason=BlockReason(reason), now=utc_now(), by=agent.id if agent else None
        )
        about = about_medium_of(pass_, medium_id)
        await record(session, unit, pass_.authority_id, Act.MEDIUM_BLOCKED, about, by=agent, why=reason)
    say(f"Medium {hexadecimal(blocked)} of pass {pass_.number} is {blocked.status}. Gates refuse it from now on.")
    if blocked.status is not MediumStatus.SUSPENDED:
        say(f"Next: multipass pass replace {pass_.number} {hexadecimal(blocked)} --out FOLDER")


@command.command("print", epilog="Example: multipass pass print 1234567897 --out var/cards")
@click.argument("number")
@click.option("--medium", help="Its identifier, or the beginning of it, where there are several.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for card.png, card.svg and card.pdf.",
)
@authority_option
@on_account_option
@with_session
async def print_(session: Session, number: str, *, medium: str | None, out: Path, authority_code: str | None) -> None:
    """Write the card of a pass again. It carries the same code as before."""
    async with session.database.look() as unit:
        authority, pass_, holder = await pass_of(unit, authority_code, number)
        media = [one for one in await unit.passes.media(pass_.id) if one.kind is not MediumKind.PHONE]
    medium_id = _chosen(media, medium, among={MediumStatus.ACTIVE})
    found = next(one for one in media if one.id == medium_id)
    if found.status is not MediumStatus.ACTIVE:
        raise Stop(f"Medium {hexadecimal(found)} is {found.status}: a card would be refused. Replace it first.")
    await record_apart(session, authority.id, Act.PASS_PRINTED, about_medium_of(pass_, medium_id))
    write_card(card(session.keyring, authority, holder, pass_, found), out)


@command.command("replace", epilog="Example: multipass pass replace 1234567897 9f02c41ab7d3e865 --out var/cards")
@click.argument("number")
@click.argument("medium")
@click.option(
    "--reason",
    type=click.Choice([reason.value for reason in ReplacementReason]),
    help="Why, where it is not plain from what the medium was stopped for: a theft that was reported, a defect.",
)
@_out_option
@authority_option
@on_account_option
@with_session
async def replace(
    session: Session, number: str, medium: str, *, reason: str | None, out: Path | None, authority_code: str | None
) -> None:
    """Put a new medium in the place of one that was stopped, and say what is due for it.

    Rights and what remains of them stay. The price is that of the catalogue's list, by kind and reason.
    """
    now = utc_now()
    async with session.database.begin() as unit:
        authority, pass_, holder = await pass_of(unit, authority_code, number)
        old_id = _chosen(await unit.passes.media(pass_.id), medium, among=set(MediumStatus))
        agent = await agent_on_account(session, unit, authority.id)
        replaced = await replace_medium(
            unit,
            pass_,
            old_id,
            expires_at=last_moment(pass_, authority),
            now=now,
            reason=ReplacementReason(reason) if reason is not None else None,
            by=agent.id if agent else None,
        )
        new, replacement = replaced.medium, replaced.replacement
        about = about_medium_of(pass_, old_id)
        await record(session, unit, authority.id, Act.MEDIUM_REPLACED, about, by=agent, why=replacement.reason)
        face = card(session.keyring, authority, holder, pass_, new) if new.kind is not MediumKind.PHONE else None
    say(f"Medium {hexadecimal(new)} takes its place on pass {pass_.number}.")
    why = replacement.reason.replace("_", " ")
    say(f"Due: {replacement.fee_cents / 100:.2f} € ({why})." if replacement.fee_cents else f"Nothing is due ({why}).")
    if out is not None and face is not None:
        write_card(face, out)
    elif face is not None:
        say(f"Next: multipass pass print {pass_.number} --medium {hexadecimal(new)} --out FOLDER")


def last_moment(pass_: Pass, authority: Authority) -> datetime:
    """The first midnight after the pass, where the authority is: no medium outlives it."""
    return midnight(pass_.valid_until, authority.zone)


def hexadecimal(medium: Medium) -> str:
    """The name of a medium on screens: the eight bytes of its credential."""
    return medium_bytes(medium.id).hex()


def plain_number(number: str) -> str:
    """Return a pass number without the spaces that people read and type."""
    plain = "".join(number.split())
    if not is_number(plain):
        raise Stop(f"{number} is no pass number: ten digits that check. One may be wrong, or two swapped.")
    return plain


def named(media: list[Medium], name: str) -> int:
    """Return the id of the medium whose name begins so."""
    found = [one for one in media if hexadecimal(one).startswith(name.lower())]
    if len(found) != 1:
        raise MediumNotFound(f"{'Several media begin' if found else 'No medium begins'} with {name}.")
    return found[0].id


async def pass_of(unit: Unit, authority_code: str | None, number: str) -> tuple[Authority, Pass, Holder]:
    """Return a pass by its number, with its authority and its holder."""
    authority = await authority_of(unit, authority_code)
    pass_ = await unit.passes.by_number(authority.id, plain_number(number))
    return authority, pass_, await unit.people.holder_by_id(authority.id, pass_.holder_id)


def _chosen(media: list[Medium], name: str | None, *, among: set[MediumStatus]) -> int:
    """Return the id of the medium named; without a name, of the only one in these states, or of the one picked."""
    if name is not None:
        return named(media, name)
    open_ = [one for one in media if one.status in among]
    if not open_:
        states = ", ".join(f"{hexadecimal(one)} is {one.status}" for one in media) or "it has none"
        raise MediumNotFound(f"No medium of this pass is in use: {states}.")
    if len(open_) == 1:
        return open_[0].id
    for place, one in enumerate(open_, 1):
        say(f"{place}  {hexadecimal(one)}  {one.kind}, {one.status}, made {long_date(one.created_at)}")
    picked: int = click.prompt("Which one", type=click.IntRange(1, len(open_)))
    return open_[picked - 1].id


_WINDOWS = {
    Window.DAY: "today",
    Window.WEEK: "this week",
    Window.MONTH: "this month",
    Window.YEAR: "this year",
    Window.WHOLE: "in all",
    Window.SCHOOL_YEAR: "this school year",
    Window.SHIFTED_YEAR: "this year of the right",
    Window.SEASON: "this season",
    Window.ROLLING_DAYS: "these days",
}


def rights_table(rights: list[Right], today: date, *, empty: str) -> None:
    """Show rights with what remains of each."""
    table(("Right", "Service", "From", "To", "Remains"), (_right_row(right, today) for right in rights), empty=empty)


def _right_row(right: Right, today: date) -> tuple[str, ...]:
    remains = "; ".join(map(_balance, right.balances))
    if today < right.valid_from:
        remains = "not begun"
    last_day = right.valid_until - timedelta(days=1)
    return (
        right.product.code,
        right.product.service_code,
        long_date(right.valid_from),
        long_date(last_day),
        remains or "no limit",
    )


def _balance(balance: Balance) -> str:
    limit = balance.limit
    unit = counted_in(UNITS[limit.unit], limit.kind).en
    return f"{balance.left / ONE:g} of {limit.amount / ONE:g} {unit} {_WINDOWS[limit.window]}"
