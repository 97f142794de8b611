"""`multipass requests`: what households ask for, from the letter to the decision."""

from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec
import rich_click as click

from adapters.antivirus import Antivirus
from adapters.clock import utc_now
from adapters.document_vault import DocumentVault
from adapters.letter import letter_pdf
from api.requests import STAGES, ApplicationSaid, said_in
from cli import request_acts
from cli.account import agent_of, agent_option
from cli.journalling import on_account_option, record, record_apart
from cli.members import A_DAY
from cli.screen import local_time, long_date, say, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain import request_letters
from domain.acts import Act
from domain.agents import Permission
from domain.documents import DocumentKind, add_document
from domain.duplicates import Duplicate
from domain.journal import Kind, Object
from domain.places import local_day
from domain.reception import dossier, hold, receive
from domain.request_terms import Terms, missing, set_terms
from domain.requests import Channel, PassRequest
from store.request_queue import UNASSIGNED, Wanted, counts, queue

S = TypeVar("S", ApplicationSaid, Terms)


@click.group("requests", epilog="Example: multipass requests list --service pool")
def command() -> None:
    """Requests for passes: the queue, what each says, and decisions."""


for _act in request_acts.COMMANDS:
    command.add_command(_act)


@command.command("list", epilog="Example: multipass requests list --stage open --assignee nobody")
@click.option("--stage", type=click.Choice(list(STAGES)), default="to_do", show_default=True, help="Which ones.")
@click.option("--service", metavar="CODE", help="Only those that want this service.")
@click.option("--assignee", metavar="LOGIN", help="Only those of this agent, or of `nobody`.")
@click.option("--lines", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many.")
@on_account_option
@authority_option
@with_session
async def listed(
    session: Session,
    *,
    stage: str,
    service: str | None,
    assignee: str | None,
    lines: int,
    authority_code: str | None,
) -> None:
    """List requests: open ones by the day they are due, decided ones the newest first."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        agent = await unit.agents.by_login(assignee) if assignee not in {None, "nobody"} else None
    if assignee not in {None, "nobody"} and agent is None:
        raise Stop(f"No agent has the login {assignee}.")
    given = UNASSIGNED if assignee == "nobody" else agent.id if agent else None
    async with session.database.read() as connection:
        page = await queue(connection, authority.id, Wanted(STAGES[stage], service, given), most=lines)
        waiting = await counts(connection, authority.id)
    await record_apart(session, authority.id, Act.REQUESTS_LISTED, Object(Kind.REGISTER))
    rows = ((*_line(one.request), one.assignee or "") for one in page.lines)
    columns = ("Request", "State", "Asked by", "For", "Services", "Due", "Agent")
    table(columns, rows, empty="No such request. A letter comes in with: multipass requests submit FILE --agent LOGIN")
    say(", ".join(f"{count} {status.value.replace('_', ' ')}" for status, count in waiting.items()))


@command.command("show", epilog="Example: multipass requests show D-7KX2MQP")
@click.argument("reference")
@on_account_option
@authority_option
@with_session
async def show(session: Session, reference: str, authority_code: str | None) -> None:
    """Show a request with its documents, its history, what it lacks and what looks like it."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        shown = await dossier(unit, authority.id, reference)
    about = Object(Kind.REQUEST, str(shown.request.id))
    await record_apart(session, authority.id, Act.REQUEST_SHOWN, about)
    request, said = shown.request, shown.request.application
    say(f"{request.reference}: {request.status}, version {request.version}, by {request.channel}")
    say(f"{said.asker.name}, {said.address.line}, {said.address.postcode} {said.address.city}")
    for person in said.persons:
        say(f"For {person.first_name} {person.last_name}, born {long_date(person.born_on)}")
    say(f"Services: {', '.join(said.services)}")
    if request.due_on is not None:
        say(f"Due by {long_date(request.due_on)}")
    for one in shown.temporary:
        until = f"ended {local_time(one.ended_at, authority.zone)}" if one.ended_at else f"before {one.valid_until}"
        say(f"Temporary pass {one.number} for person {one.place}, {until}")
    if shown.missing:
        say(f"Missing: {', '.join(proof.name.en for proof in shown.missing)}")
    for alike in shown.duplicates:
        say(f"Looks like: {_alike(alike)}")
    if shown.changed:
        say(f"Otherwise than {shown.earlier[0].reference}: {', '.join(shown.changed)}")
    documents = (
        (str(one.id), one.kind, one.state, f"{one.size_bytes // 1024} kB", one.result or "") for one in shown.documents
    )
    table(("Document", "Is", "State", "Size", "Found"), documents, empty="No document.")
    history = (
        (
            str(one.version),
            local_time(one.at, authority.zone),
            " ".join((one.deed, *one.fields)),
            shown.agents.get(one.by, "") if one.by else "",
            one.words,
        )
        for one in shown.entries
    )
    table(("Version", "When", "What", "Who", "Told"), history, empty="")


@command.command("submit", epilog="Example: multipass requests submit berthelot.json --agent guichet@ville.example")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--channel", type=click.Choice(["desk", "paper"]), default="paper", show_default=True, help="How it came."
)
@click.option("--received-on", type=A_DAY, metavar="YYYY-MM-DD", help="The day the letter came; today unless given.")
@click.option(
    "--document", "documents", multiple=True, metavar="KIND=FILE", help="A photo or PDF, such as identity=card.jpg."
)
@agent_option
@authority_option
@with_session
async def submit(
    session: Session,
    file: Path,
    *,
    channel: str,
    received_on: datetime | None,
    documents: tuple[str, ...],
    login: str,
    authority_code: str | None,
) -> None:
    """Take in a request that came at a desk or by letter.

    FILE is JSON, as `application` of POST /v1/requests.
    """
    agent = await agent_of(session, login, authority_code, Permission.REQUEST_ENTER)
    application, papers = _read(file, ApplicationSaid), [_paper(one) for one in documents]
    vault = vault_of(session)
    now = utc_now()
    async with session.database.look() as unit:
        authority = await unit.places.authority_by_id(agent.authority_id)
    kept = [(kind, await vault.keep(authority.code, unit.ids.row(), data)) for kind, data in papers]
    try:
        async with session.database.begin() as unit:
            received = await receive(
                unit,
                authority,
                said_in(application),
                channel=Channel(channel),
                received_on=received_on.date() if received_on else None,
                by=agent.id,
                now=now,
            )
            for kind, safe in kept:
                seen = received.version
                held = await hold(unit, authority.id, received.reference, seen=seen, by=agent.id, now=now)
                received, _ = await add_document(unit, held.request, held.hand, safe, kind=kind)
            about = Object(Kind.REQUEST, str(received.id))
            await record(session, unit, authority.id, Act.REQUEST_ENTERED, about, by=agent)
    except BaseException:
        vault.remove(safe.id for _, safe in kept)
        raise
    due = f", due by {long_date(received.due_on)}" if received.due_on else ""
    say(f"Request {received.reference} stands in the queue{due}.")
    say(f"Next: multipass requests receipt {received.reference}")


@command.command("receipt", epilog="Example: multipass requests receipt D-7KX2MQP --out recepisse.pdf")
@click.argument("reference")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where; REFERENCE.pdf unless given.")
@on_account_option
@authority_option
@with_session
async def receipt(session: Session, reference: str, *, out: Path | None, authority_code: str | None) -> None:
    """Write the acknowledgement of a request, with the days and texts that the law asks for."""
    now = utc_now()
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        found = await unit.requests.by_reference(authority.id, reference)
        terms = await unit.requests.terms(authority.id)
        lacking = missing(terms, found.application, await unit.documents.of_request(found.id))
    if found.received_on is None:
        raise Stop("A draft has not been received yet.")
    letter = request_letters.receipt(authority, terms, found, lacking, today=local_day(now, authority.zone))
    await record_apart(session, authority.id, Act.REQUEST_PRINTED, Object(Kind.REQUEST, str(found.id)))
    path = out or Path(f"{found.reference}.pdf")
    path.write_bytes(letter_pdf(letter, made_at=now))
    say(f"Written: {path}")


@command.command("terms", epilog="Example: multipass requests terms terms.json")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@authority_option
@with_session
async def terms_(session: Session, file: Path | None, *, authority_code: str | None) -> None:
    """Show what is asked for and promised, or change it: FILE is JSON, as what this command shows."""
    async with session.database.begin() as unit:
        authority = await authority_of(unit, authority_code)
        if file is None:
            terms = msgspec.json.encode(await unit.requests.terms(authority.id))
            say(msgspec.json.format(terms, indent=2).decode())
            return
        await set_terms(unit, _read(file, Terms), authority_id=authority.id, by=None, now=utc_now())
    say(f"From the next request on, {authority.name.en} asks for this.")


def vault_of(session: Session) -> DocumentVault:
    """Open the vault of this installation."""
    settings = session.settings
    return DocumentVault(Path(settings.documents_folder), session.keyring, Antivirus(settings.clamd))


def _read(file: Path, kind: type[S]) -> S:
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except msgspec.DecodeError as problem:
        raise Stop(f"{file} says it wrongly: {problem}") from problem


def _paper(said: str) -> tuple[DocumentKind, bytes]:
    name, _, path = said.partition("=")
    if name not in set(DocumentKind) or not Path(path).is_file():
        raise Stop(f"{said!r}: say KIND=FILE, with one of {', '.join(DocumentKind)}, and a file that is there.")
    return DocumentKind(name), Path(path).read_bytes()


def _line(request: PassRequest) -> tuple[str, ...]:
    said = request.application
    due = request.due_on.isoformat() if request.due_on else ""
    services = ", ".join(said.services)
    return (request.reference, request.status, said.asker.name, str(len(said.persons)), services, due)


def _alike(one: Duplicate) -> str:
    place = f", as person {one.place}" if one.place is not None else ""
    status = f", {one.status}" if one.status else ""
    return f"{one.likeness.replace('_', ' ')} {one.reference} ({one.name}{status}){place}"
