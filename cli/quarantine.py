"""`multipass quarantine`: lines of uploads that could not be taken in."""

import sys

import rich_click as click
from click.exceptions import Exit
from rich.progress import track

from adapters.cards import CardKeys
from adapters.clock import utc_now
from adapters.keyring import SHOWN_AT_GATES
from api import replays
from api.credentials import Credentials
from cli.account import agent_of, agent_option, open_lane
from cli.journalling import on_account_option, record_apart
from cli.screen import console, say, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain.acts import Act
from domain.agents import Permission
from domain.errors import DomainError, LedgerUnavailable, Overloaded
from domain.journal import Kind, Object
from nfc.qr import CodeReader
from store import quarantine

_MOST = 1_000
_numbers = click.argument("numbers", nargs=-1, type=click.IntRange(1), metavar="NUMBER...")


@click.group("quarantine", epilog="Example: multipass quarantine list")
def command() -> None:
    """Lines of uploads that could not be taken in: look at them, take them in, drop them."""


@command.command("list", epilog="Example: multipass quarantine list")
@authority_option
@with_session
async def list_(session: Session, authority_code: str | None) -> None:
    """List the lines that wait for somebody, oldest first."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
    async with session.database.read() as connection:
        found = await quarantine.waiting(connection, authority.id, after=0, limit=_MOST)
    table(
        ("Line", "Received", "Terminal", "What is wrong"),
        ((str(one.number), f"{one.received_at:%Y-%m-%d %H:%M} UTC", one.terminal, one.code) for one in found),
        empty="Nothing waits.",
    )


@command.command("show", epilog="Example: multipass quarantine show 7")
@click.argument("number", type=click.IntRange(1), metavar="NUMBER")
@authority_option
@on_account_option
@with_session
async def show(session: Session, number: int, authority_code: str | None) -> None:
    """Show one line; what opens a gate is left out of it."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
    async with session.database.read() as connection:
        one = await quarantine.by_number(connection, authority.id, number)
    await record_apart(session, authority.id, Act.LINE_SHOWN, Object(Kind.LINE, str(number)))
    said = f"{one.settled_as} on {one.settled_at:%Y-%m-%d %H:%M} UTC" if one.settled_at is not None else "waits"
    rows = (
        ("Terminal", one.terminal),
        ("Received", f"{one.received_at:%Y-%m-%d %H:%M} UTC"),
        ("Clock", f"{one.drift_seconds:+d} s behind the server's"),
        ("What is wrong", one.code),
        ("Now", said),
    )
    table(("", ""), rows, empty="")
    say(replays.shown(one))


@command.command("replay", epilog="Example: multipass quarantine replay 7 8 --agent ines")
@_numbers
@click.option("--all", "everything", is_flag=True, help="All that wait.")
@agent_option
@authority_option
@with_session
async def replay(
    session: Session, numbers: tuple[int, ...], *, everything: bool, login: str, authority_code: str | None
) -> None:
    """Take lines in as they stand, on an agent's account, once what was in their way is gone.

    Status 0 when all were taken in, 1 when some still wait.
    """
    agent = await agent_of(session, login, authority_code, Permission.OVERRIDE_REVIEW)
    if everything is bool(numbers):
        raise Stop("Give the numbers of the lines, or --all.")
    if everything:
        async with session.database.read() as connection:
            waiting = await quarantine.waiting(connection, agent.authority_id, after=0, limit=_MOST)
        numbers = tuple(one.number for one in waiting)
    refused = []
    async with open_lane(session) as lane:
        for number in track(numbers, "Taking in", console=console(), disable=not sys.stdout.isatty()):
            try:
                status = await replays.replay(
                    session.database,
                    lane,
                    _credentials(session),
                    authority_id=agent.authority_id,
                    number=number,
                    by=agent.id,
                    now=utc_now(),
                )
            except (LedgerUnavailable, Overloaded):
                raise
            except DomainError as problem:
                refused.append((str(number), problem.code, problem.detail))
            else:
                about = Object(Kind.LINE, str(number))
                await record_apart(session, agent.authority_id, Act.LINE_TAKEN_IN, about, by=agent)
                say(f"{number}: {status}")
    if refused:
        table(("Line", "What is wrong", ""), refused, empty="")
        raise Exit(1)


@command.command("drop", epilog="Example: multipass quarantine drop 7 --agent ines")
@_numbers
@agent_option
@authority_option
@with_session
async def drop(session: Session, numbers: tuple[int, ...], *, login: str, authority_code: str | None) -> None:
    """Settle lines without taking them in: they tell nothing that happened."""
    agent = await agent_of(session, login, authority_code, Permission.OVERRIDE_REVIEW)
    if not numbers:
        raise Stop("Give the numbers of the lines.")
    for number in numbers:
        await replays.drop(session.database, authority_id=agent.authority_id, number=number, by=agent.id, now=utc_now())
        about = Object(Kind.LINE, str(number))
        await record_apart(session, agent.authority_id, Act.LINE_DROPPED, about, by=agent)
        say(f"{number}: {replays.DROPPED}")


def _credentials(session: Session) -> Credentials:
    reader = CodeReader(session.keyring.verify_keys(*SHOWN_AT_GATES))
    ring = session.keyring
    return Credentials(reader=reader, keys=CardKeys(ring), database=session.database, keys_then=ring.gate_keys_at)
