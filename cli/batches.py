"""`multipass batch`: from an order of cards to cards in a drawer."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TextIO

import rich_click as click

from adapters.clock import utc_now
from adapters.keyring import KeyMissing
from cli import batch_files, played_maker
from cli.account import agent_of, agent_option
from cli.batch_files import code_argument, words
from cli.journalling import record
from cli.passes import plain_number
from cli.rehearsal import dry_run_option, tried
from cli.screen import local_time, long_date, say, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain import card_orders, made_cards, personalisation
from domain.acts import Act
from domain.agents import Permission
from domain.card_batches import CardBatch
from domain.journal import Kind, Object
from domain.passes import MediumStatus
from domain.personalisation import LARGEST
from domain.places import local_day
from domain.ports import Unit
from store import batches

_A_DAY = click.DateTime(["%Y-%m-%d"])
_first = click.option("--first", type=click.IntRange(1, LARGEST), default=1, help="From this card of the batch.")
_last = click.option("--last", type=click.IntRange(1, LARGEST), default=LARGEST, help="To this card of the batch.")


@click.group("batch", epilog="Example: multipass batch list")
def command() -> None:
    """Batches of cards: order, send to a maker, read the report, deliver.

    docs/personalisation.md has the whole way, and the files for the maker.
    """


command.add_command(batch_files.export)
command.add_command(batch_files.report)
command.add_command(played_maker.command)


@command.command("order", epilog="Example: multipass batch order 2026-spring --blank 500 --agent lucas")
@code_argument
@click.option("--blank", type=click.IntRange(1, LARGEST), help="So many blank cards, for desks.")
@click.option("--pass", "numbers", metavar="NUMBER", multiple=True, help="A card for this pass; several may be given.")
@click.option(
    "--passes", type=click.File(encoding="utf-8"), help="Cards for the passes in this file, one number a line."
)
@click.option("--ordered", is_flag=True, help="The cards that residents have ordered.")
@click.option("--until", type=_A_DAY, metavar="YYYY-MM-DD", help="Day after the last; in five years unless given.")
@agent_option
@authority_option
@dry_run_option
@with_session
async def order(
    session: Session,
    code: str,
    *,
    blank: int | None,
    numbers: tuple[str, ...],
    passes: TextIO | None,
    ordered: bool,
    until: datetime | None,
    login: str,
    authority_code: str | None,
    dry_run: bool,
) -> None:
    """Order cards under a CODE: blank ones, for passes by name, or those that residents have ordered.

    Their numbers are drawn now. Nothing leaves before `batch export`.
    """
    named = [*numbers, *(passes or ())]
    named = [plain_number(number) for number in named if number.strip()]
    if [blank is not None, bool(named), ordered].count(True) != 1:
        raise Stop("Say what to order: --blank with a count, passes with --pass or --passes, or --ordered.")
    agent = await agent_of(session, login, authority_code, Permission.CARD_BATCH)
    now = utc_now()
    async with tried(session, dry_run=dry_run) as unit:
        authority = await authority_of(unit, authority_code)
        version = max(session.keyring.card_versions(authority.code), default=None)
        if version is None:
            raise KeyMissing(f"{authority.code} has no masters for cards: multipass keys master make card-0, … card-4.")
        end = until.date() if until else card_orders.end_of_cards(local_day(now, authority.zone))
        if blank:
            wanted = card_orders.blank(authority, blank, end)
        elif ordered:
            wanted = await card_orders.for_residents(unit, authority, end, most=LARGEST)
            if not wanted:
                raise Stop("No card that a resident has ordered waits.")
        else:
            wanted = await card_orders.for_passes(unit, authority, named, end)
        batch = await personalisation.order(
            unit, authority.id, code=code, wanted=wanted, key_version=version, agent_id=agent.id, now=now
        )
        await record(session, unit, authority.id, Act.BATCH_ORDERED, Object(Kind.BATCH, batch.code), by=agent)
    what = "blank cards" if blank else "cards that residents ordered" if ordered else "cards for passes"
    say(f"Batch {batch.code}: {batch.size:,} {what}, keys of version {version}, valid until {long_date(end)}.")
    say(f"Next: ask the maker for the list of their chips, then multipass batch export {code} --chips FILE --out FILE")


@command.command("deliver", epilog="Example: multipass batch deliver 2026-spring --desk town-hall --last 200")
@code_argument
@click.option("--desk", help="At which desk they lie, under a code of your own.")
@click.option("--by-post", is_flag=True, help="Cards that bear a name are in the post.")
@_first
@_last
@agent_option
@authority_option
@dry_run_option
@with_session
async def deliver(
    session: Session,
    code: str,
    *,
    desk: str | None,
    by_post: bool,
    first: int,
    last: int,
    login: str,
    authority_code: str | None,
    dry_run: bool,
) -> None:
    """Say where the cards of a batch are: at a desk, also from another one, or in the post."""
    if (desk is None) != by_post:
        raise Stop("Say where they are: --desk with its code, or --by-post.")
    now = utc_now()
    agent = await agent_of(session, login, authority_code, Permission.CARD_BATCH)
    async with tried(session, dry_run=dry_run) as unit:
        batch = await unit.batches.hold((await authority_of(unit, authority_code)).id, code)
        if desk is None:
            cards = await made_cards.ship(unit, batch, first=first, last=last, now=now)
        else:
            cards = await made_cards.deliver_to_desk(unit, batch, desk=desk, first=first, last=last, now=now)
        await record(session, unit, batch.authority_id, Act.BATCH_DELIVERED, Object(Kind.BATCH, code), by=agent)
    say(f"{len(cards):,} cards of batch {code} are {f'at {desk}' if desk else 'in the post'}.")
    say("Next: multipass card bind CARD")


@command.command("refuse", epilog="Example: multipass batch refuse 2026-spring --agent lucas")
@code_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@agent_option
@authority_option
@dry_run_option
@with_session
async def refuse(
    session: Session, code: str, *, yes: bool, login: str, authority_code: str | None, dry_run: bool
) -> None:
    """Refuse a batch that was not reported on, for good: an order that got lost, a maker who failed."""
    agent = await agent_of(session, login, authority_code, Permission.CARD_BATCH)
    if not (yes or dry_run):
        click.confirm(f"No card of batch {code} will ever open anything. Refuse it?", abort=True)
    async with tried(session, dry_run=dry_run) as unit:
        batch = await unit.batches.hold((await authority_of(unit, authority_code)).id, code)
        await personalisation.refuse(unit, batch, agent_id=agent.id, now=utc_now())
        await record(session, unit, batch.authority_id, Act.BATCH_CANCELLED, Object(Kind.BATCH, code), by=agent)
    say(f"Batch {code} is refused, with its {batch.size:,} cards.")


@command.command("list", epilog="Example: multipass batch list")
@authority_option
@with_session
async def list_(session: Session, authority_code: str | None) -> None:
    """List the batches, newest first."""
    async with session.database.look() as unit:
        found = await unit.batches.all_of((await authority_of(unit, authority_code)).id)
    rows = ((one.code, f"{one.size:,}", words(one.state), long_date(one.ordered_at)) for one in found)
    table(("Batch", "Cards", "State", "Ordered"), rows, empty="There is no batch yet: multipass batch order")


@command.command("show", epilog="Example: multipass batch show 2026-spring")
@code_argument
@authority_option
@with_session
async def show(session: Session, code: str, authority_code: str | None) -> None:
    """Show a batch: who did what with it and when, and where its cards stand."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        batch = await unit.batches.by_code(authority.id, code)
        journal = [row async for row in _journal(unit, batch, authority.zone)]
    async with session.database.read() as connection:
        counts = await batches.tally(connection, batch.id)
    say(f"Batch {batch.code}: {batch.size:,} cards, {words(batch.state)}, keys of version {batch.key_version}.")
    if batch.file_digest is not None:
        say(f"SHA-256 of the order: {batch.file_digest.hex()}")
    table(("What", "When", "By"), journal, empty="")
    rows = ((words(status), f"{counts[status]:,}") for status in MediumStatus if status in counts)
    table(("Cards that are", "Count"), rows, empty="")


async def _journal(unit: Unit, batch: CardBatch, zone: str) -> AsyncIterator[tuple[str, str, str]]:
    for what, moment, agent_id in (
        ("ordered", batch.ordered_at, batch.ordered_by),
        ("sent", batch.sent_at, batch.sent_by),
        (words(batch.state), batch.settled_at, batch.settled_by),
    ):
        if moment is not None and agent_id is not None:
            agent = await unit.agents.by_id(agent_id)
            yield what, local_time(moment, zone), agent.login if agent else str(agent_id)
