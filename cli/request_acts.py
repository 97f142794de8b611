"""What a reviewer does with one request, as commands: each acts on the request as it is at this moment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import rich_click as click
from msgspec import Struct

from adapters.clock import utc_now
from cli.account import agent_of, agent_option
from cli.journalling import record
from cli.screen import say
from cli.session import Session, authority_option, with_session
from cli.stop import Stop
from domain import requests
from domain.acts import Act
from domain.agents import Permission
from domain.approval import approve
from domain.journal import Kind, Object
from domain.ports import Unit
from domain.reception import Held, hold

_words_option = click.option("--words", required=True, help="What the household is told.")


_NEEDED = {Act.REQUEST_ANSWERED: Permission.REQUEST_ENTER, Act.REQUEST_WITHDRAWN: Permission.REQUEST_ENTER}
"""What an act needs, where it is no decision."""


class _Case(Struct, frozen=True):
    unit: Unit
    held: Held


@asynccontextmanager
async def _case(
    session: Session, login: str, authority_code: str | None, reference: str, act: Act
) -> AsyncIterator[_Case]:
    """Take a request into an agent's hands for one act. Every act of this module passes here."""
    agent = await agent_of(session, login, authority_code, _NEEDED.get(act, Permission.REQUEST_REVIEW))
    async with session.database.begin() as unit:
        now = utc_now()
        found = await unit.requests.by_reference(agent.authority_id, reference)
        held = await hold(unit, agent.authority_id, reference, seen=found.version, by=agent.id, now=now)
        yield _Case(unit, held)
        await record(session, unit, agent.authority_id, act, Object(Kind.REQUEST, str(found.id)), by=agent)


@click.command("review", epilog="Example: multipass requests review D-7KX2MQP --agent guichet@ville.example")
@click.argument("reference")
@agent_option
@authority_option
@with_session
async def review(session: Session, reference: str, *, login: str, authority_code: str | None) -> None:
    """Take a request: it is the agent's own from now on."""
    async with _case(session, login, authority_code, reference, Act.REQUEST_TAKEN) as case:
        await requests.take(case.unit, case.held.request, case.held.hand)
    say(f"{reference} is under review.")


@click.command("ask", epilog="Example: multipass requests ask D-7KX2MQP --words '…' --agent guichet@ville.example")
@click.argument("reference")
@_words_option
@agent_option
@authority_option
@with_session
async def ask(session: Session, reference: str, *, words: str, login: str, authority_code: str | None) -> None:
    """Ask the household for what is missing. The delay stands still until it answers."""
    async with _case(session, login, authority_code, reference, Act.REQUEST_ASKED) as case:
        held = case.held
        await requests.ask_for_more(case.unit, held.request, held.hand, words=words, today=held.today)
    say(f"{reference} waits for the household. When it has answered: multipass requests answer {reference}")


@click.command("answer", epilog="Example: multipass requests answer D-7KX2MQP --agent guichet@ville.example")
@click.argument("reference")
@agent_option
@authority_option
@with_session
async def answer(session: Session, reference: str, *, login: str, authority_code: str | None) -> None:
    """Say that the household has brought what it was asked for: the delay goes on."""
    async with _case(session, login, authority_code, reference, Act.REQUEST_ANSWERED) as case:
        await requests.answer(case.unit, case.held.request, case.held.hand, today=case.held.today)
    say(f"{reference} stands in the queue again.")


@click.command("approve", epilog="Example: multipass requests approve D-7KX2MQP --agent guichet@ville.example")
@click.argument("reference")
@click.option(
    "--known",
    "known",
    multiple=True,
    metavar="PLACE=HOLDER",
    help="Who stands in the register already: 0=R-123 is the first person.",
)
@click.option("--household", metavar="REFERENCE", help="The home that is theirs already.")
@click.option("--words", default="", help="What the household is told beside the decision.")
@agent_option
@authority_option
@with_session
async def approve_(
    session: Session,
    reference: str,
    *,
    known: tuple[str, ...],
    household: str | None,
    words: str,
    login: str,
    authority_code: str | None,
) -> None:
    """Approve a request: people, household, passes and rights come into being together, or nothing does."""
    async with _case(session, login, authority_code, reference, Act.REQUEST_APPROVED) as case:
        made = await approve(
            case.unit,
            case.held.request,
            case.held.hand,
            terms=await case.unit.requests.terms(case.held.authority.id),
            known=_places(known),
            household=household,
            words=words,
        )
    numbers = ", ".join(one.pass_.number for one in made.issued) or "none, all had one"
    say(f"{reference} is approved. New passes: {numbers}. New rights: {len(made.rights)}.")
    say(f"Next: multipass household show {made.household.reference}")


@click.command(
    "reject", epilog="Example: multipass requests reject D-7KX2MQP --words '…' --agent guichet@ville.example"
)
@click.argument("reference")
@_words_option
@agent_option
@authority_option
@with_session
async def reject(session: Session, reference: str, *, words: str, login: str, authority_code: str | None) -> None:
    """Refuse a request, with a reason that the household can read."""
    async with _case(session, login, authority_code, reference, Act.REQUEST_REJECTED) as case:
        await requests.reject(case.unit, case.held.request, case.held.hand, words=words, today=case.held.today)
    say(f"{reference} is refused.")


@click.command("withdraw", epilog="Example: multipass requests withdraw D-7KX2MQP --agent guichet@ville.example")
@click.argument("reference")
@agent_option
@authority_option
@with_session
async def withdraw(session: Session, reference: str, *, login: str, authority_code: str | None) -> None:
    """Close a request that the household wants no more."""
    async with _case(session, login, authority_code, reference, Act.REQUEST_WITHDRAWN) as case:
        await requests.withdraw(case.unit, case.held.request, case.held.hand, today=case.held.today)
    say(f"{reference} is withdrawn.")


def _places(known: tuple[str, ...]) -> dict[int, str]:
    places: dict[int, str] = {}
    for one in known:
        place, _, holder = one.partition("=")
        if not place.isdecimal() or not holder:
            raise Stop(f"{one!r}: say PLACE=HOLDER, such as 0=R-123.")
        places[int(place)] = holder
    return places


COMMANDS = (review, ask, answer, approve_, reject, withdraw)
