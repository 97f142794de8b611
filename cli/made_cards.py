"""`multipass card`: cards at the desk, those of a batch and all others."""

import rich_click as click

from adapters.cards import CardKeys, made_card
from adapters.clock import utc_now
from api.journalled_objects import about_card
from cli.account import agent_of, agent_option
from cli.batch_files import words
from cli.chips import enrol, external, list_
from cli.journalling import on_account_option, record, record_apart
from cli.passes import hexadecimal, plain_number
from cli.rehearsal import dry_run_option, tried
from cli.screen import long_date, say, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain import made_cards
from domain.acts import Act
from domain.agents import Permission
from domain.made_cards import UnbindReason
from domain.ordered_cards import hand_over
from domain.passes import BlockReason
from store import batches

_DISCARDED = [reason.value for reason in BlockReason if reason is not BlockReason.SUSPENDED]

_card = click.argument("card")


@click.group("card", epilog="Example: multipass card stock")
def command() -> None:
    """Enrol cards as media of a pass, bind those of a batch, count the blank ones.

    A CARD of a batch is the number printed on it, or what a reader at the desk sends: the URL of a tap, or UID: and hex
    digits.
    """


for act in (enrol, external, list_):
    command.add_command(act)


@command.command("bind", epilog="Example: multipass card bind '8080 1234 5674' 1234567897 --agent ines")
@_card
@click.argument("number", metavar="PASS", required=False)
@agent_option
@authority_option
@dry_run_option
@with_session
async def bind(
    session: Session, card: str, number: str | None, *, login: str, authority_code: str | None, dry_run: bool
) -> None:
    """Make a CARD the active card of a PASS, once. A card that bears a name knows its pass."""
    agent = await agent_of(session, login, authority_code, Permission.PASS_ISSUE)
    async with tried(session, dry_run=dry_run) as unit:
        authority = await authority_of(unit, authority_code)
        found = await made_card(unit, CardKeys(session.keyring), authority, card)
        if number is not None:
            pass_ = await unit.passes.by_number(authority.id, plain_number(number))
        elif found.pass_id is not None:
            pass_ = await unit.passes.by_id(authority.id, found.pass_id)
        else:
            raise Stop("The card is blank, say for which pass: multipass card bind CARD PASS")
        handed = await hand_over(unit, found, pass_, now=utc_now(), by=agent.id)
        await record(session, unit, authority.id, Act.CARD_BOUND, about_card(found, pass_), by=agent)
    say(
        f"Card {found.number} is medium {hexadecimal(handed.medium)} of pass {pass_.number}. Gates know it from now on."
    )
    if handed.fee_cents:
        say(f"To be collected, as it was ordered: {handed.fee_cents / 100:.2f} €.")


@command.command("show", epilog="Example: multipass card show '8080 1234 5674'")
@_card
@authority_option
@on_account_option
@with_session
async def show(session: Session, card: str, authority_code: str | None) -> None:
    """Show where a CARD stands, and the pass that it belongs to."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        found = await made_card(unit, CardKeys(session.keyring), authority, card)
        pass_ = await unit.passes.by_id(authority.id, found.pass_id) if found.pass_id else None
    await record_apart(session, authority.id, Act.CARD_SHOWN, about_card(found, pass_))
    say(f"Card {found.number} is {words(found.status)}{f' at {found.desk}' if found.desk else ''}.")
    say(f"Good until {long_date(found.expires_at)}, for {f'pass {pass_.number}' if pass_ else 'no pass yet'}.")


@command.command("unbind", epilog="Example: multipass card unbind '8080 1234 5674' --reason wrong_person --agent ines")
@_card
@click.option(
    "--reason", type=click.Choice([each.value for each in UnbindReason]), metavar="REASON", required=True, help="Why."
)
@agent_option
@authority_option
@dry_run_option
@with_session
async def unbind(
    session: Session, card: str, *, reason: str, login: str, authority_code: str | None, dry_run: bool
) -> None:
    """Put a CARD that was bound by mistake back to where it lay: within half an hour, before any gate has seen it.

    REASON is wrong_person, wrong_card or declined.
    """
    agent = await agent_of(session, login, authority_code, Permission.PASS_ISSUE)
    async with tried(session, dry_run=dry_run) as unit:
        authority = await authority_of(unit, authority_code)
        found = await made_card(unit, CardKeys(session.keyring), authority, card)
        pass_ = await unit.passes.by_id(authority.id, found.pass_id) if found.pass_id else None
        returned = await made_cards.unbind(unit, found, now=utc_now())
        await record(session, unit, authority.id, Act.CARD_UNBOUND, about_card(found, pass_), by=agent, why=reason)
    say(f"Card {returned.number} is {words(returned.status)} again. Gates do not know it any more.")


@command.command("discard", epilog="Example: multipass card discard '8080 1234 5674' --reason damaged --agent ines")
@_card
@click.option("--reason", type=click.Choice(_DISCARDED), required=True, help="Why.")
@agent_option
@authority_option
@dry_run_option
@with_session
async def discard(
    session: Session, card: str, *, reason: str, login: str, authority_code: str | None, dry_run: bool
) -> None:
    """Take a CARD that nobody holds yet out of use, for good."""
    agent = await agent_of(session, login, authority_code, Permission.MEDIUM_BLOCK)
    async with tried(session, dry_run=dry_run) as unit:
        authority = await authority_of(unit, authority_code)
        found = await made_card(unit, CardKeys(session.keyring), authority, card)
        discarded = await made_cards.discard(unit, found, reason=BlockReason(reason))
        await record(session, unit, authority.id, Act.CARD_DISCARDED, about_card(found), by=agent, why=reason)
    say(f"Card {discarded.number} is {discarded.status}: it will never open anything.")


@command.command("stock", epilog="Example: multipass card stock")
@authority_option
@with_session
async def stock(session: Session, authority_code: str | None) -> None:
    """Count the blank cards that each desk has left."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
    async with session.database.read() as connection:
        left = await batches.drawers(connection, authority.id)
    rows = ((one.desk, f"{one.blank:,}") for one in left)
    table(("Desk", "Blank cards"), rows, empty="No desk has a blank card: multipass batch deliver")
