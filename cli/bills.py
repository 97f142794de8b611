"""`multipass bills`: what passages left to be paid later."""

import rich_click as click

from adapters.clock import utc_now
from api.journalled_objects import about_pass
from cli.journalling import agent_on_account, on_account_option, record, record_apart
from cli.passes import plain_number
from cli.screen import local_time, say, table
from cli.session import Session, authority_of, authority_option, with_session
from domain.acts import Act
from domain.bills import Bill, SettledAs, settle
from domain.journal import Kind, Object
from store import bills

LINES = 50


@click.group("bills", epilog="Example: multipass bills list --unsettled")
def command() -> None:
    """Sums that passages left to be paid later, and how each was settled."""


@command.command("list", epilog="Example: multipass bills list --pass 1234567897 --unsettled")
@click.option("--pass", "number", metavar="NUMBER", help="Only those of this pass.")
@click.option("--unsettled", is_flag=True, help="Only those that are still due.")
@click.option("--before", type=click.IntRange(1), metavar="NUMBER", help="Only those of passages before this one.")
@authority_option
@on_account_option
@with_session
async def list_(
    session: Session, *, number: str | None, unsettled: bool, before: int | None, authority_code: str | None
) -> None:
    """List what passages left to be paid later, newest first, 50 at a time: their numbers are what `settle` wants.

    A passage whose days are over names no pass any more.
    """
    about = Object(Kind.REGISTER)
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        pass_ = await unit.passes.by_number(authority.id, plain_number(number)) if number is not None else None
    if pass_ is not None:
        about = about_pass(pass_)
    async with session.database.read() as connection:
        found = await bills.listed(
            connection,
            authority.id,
            limit=LINES,
            pass_id=pass_.id if pass_ is not None else None,
            unsettled=unsettled,
            before=before,
        )
    await record_apart(session, authority.id, Act.BILLS_LISTED, about)
    rows = (
        (
            str(bill.number),
            local_time(bill.recorded_at, authority.zone),
            bill.site,
            bill.pass_number or "",
            f"{bill.billed_cents / 100:.2f} €",
            _state(bill),
        )
        for bill in found
    )
    table(("Passage", "When", "Site", "Pass", "Sum", "State"), rows, empty="No such sum.")
    if len(found) == LINES:
        say(f"Further back: --before {found[-1].number}")


@command.command("settle", epilog="Example: multipass bills settle 1042 --as paid --reference TR-2026-118")
@click.argument("passage", type=click.IntRange(1), metavar="NUMBER")
@click.option(
    "--as",
    "settled_as",
    type=click.Choice([one.value for one in SettledAs]),
    required=True,
    help="Paid, or remitted: the authority asks for it no more.",
)
@click.option("--reference", required=True, metavar="TEXT", help="That of the till or the invoice; name nobody in it.")
@authority_option
@on_account_option
@with_session
async def settle_(
    session: Session, passage: int, *, settled_as: str, reference: str, authority_code: str | None
) -> None:
    """Write how the sum of the passage of this NUMBER was settled. It is settled once."""
    async with session.database.begin() as unit:
        authority = await authority_of(unit, authority_code)
        agent = await agent_on_account(session, unit, authority.id)
        done = await settle(
            unit,
            authority.id,
            passage,
            settled_as=SettledAs(settled_as),
            reference=reference,
            now=utc_now(),
            by=agent.id if agent is not None else None,
        )
        about = Object(Kind.PASSAGE, str(passage), await unit.journal.holder_of(authority.id, Kind.PASSAGE, passage))
        await record(session, unit, authority.id, Act.BILL_SETTLED, about, by=agent, why=settled_as)
    say(f"The sum of passage {passage} is {done.settled_as}.")


def _state(bill: Bill) -> str:
    states = ["taken back"] if bill.cancelled else []
    if bill.settlement is not None:
        states.append(" ".join(filter(None, (bill.settlement.settled_as, bill.settlement.reference))))
    return ", ".join(states) or "due"
