"""Thirty requests of the demonstration, of every state, as desks and letters brought them in the past weeks."""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from adapters.document_file import Readable
from adapters.document_vault import DocumentVault
from adapters.portrait_file import Frame, portrait
from cli.demo import papers
from cli.demo.households import Home, homes
from cli.demo.ids import dice
from cli.demo.places import LOGINS
from cli.demo.products import BUS_YEAR, LIBRARY_YEAR, POOL_YEAR, WASTE_YEAR
from cli.demo.territory import COMMUNES
from domain import requests
from domain.agents import Role
from domain.applications import Address, Application, Asker, Person
from domain.approval import approve
from domain.documents import CheckResult, DocumentKind, add_document, check_document
from domain.duplicates import Likeness, duplicates
from domain.people import Holder
from domain.places import Authority, local_day
from domain.portraits import Sealed, keep_portrait
from domain.ports import Unit
from domain.reception import receive
from domain.request_terms import Office, ServiceTerms, Terms, set_terms, usual_terms
from domain.request_texts import standard_texts
from domain.requests import Channel, Hand, PassRequest
from domain.temporary_products import Temporary
from domain.text import Text
from store.database import Database

_PLAN: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("abandoned", (80,)),
    ("approved", (20, 14, 9, 6)),
    ("rejected", (15, 8)),
    ("asked", (16, 12, 8, 5, 3)),
    ("withdrawn", (10,)),
    ("review", (8, 6, 4, 2, 1)),
    ("waiting", (9, 7, 5, 4, 3, 2, 2, 1, 1, 0, 0, 0)),
)
"""What becomes of requests, and how many days ago each came."""

STREETS = ("rue des Tilleuls", "rue du Marché", "chemin des Vignes", "place de la Halle", "avenue de l'Ourle")
_SERVICES = (("pool", "library"), ("waste-centre",), ("library",), ("transport", "pool"), ("waste-centre", "library"))
_PRODUCTS = {"pool": POOL_YEAR, "library": LIBRARY_YEAR, "waste-centre": WASTE_YEAR, "transport": BUS_YEAR}


_TEMPORARY = {"pool": Temporary(14, 3), "waste-centre": Temporary(14, 1)}
"""What opens before a decision: a swim or two, and one load of cardboard from the move."""


class _Desk(Struct, frozen=True):
    """Who does all this, and with what."""

    unit: Unit
    authority: Authority
    vault: DocumentVault
    agent_id: UUID
    terms: Terms


async def open_requests(database: Database, authority: Authority, vault: DocumentVault, *, now: datetime) -> int:
    """Bring the requests in by the product's own verbs, the oldest first. Returns how many."""
    plan = sorted(((ago, what) for what, days in _PLAN for ago in days), reverse=True)
    households = homes(dice("requests"), 3 * len(plan), now.date())[: len(plan)]
    async with database.begin() as unit:
        desk = _Desk(unit, authority, vault, await desk_agent(unit), await _terms(unit, authority, now))
        renewing: Application | None = None
        before: Application | None = None
        for number, ((ago, what), home) in enumerate(zip(plan, households, strict=False)):
            said = _application(number, home)
            if (what, ago) == ("waiting", 3) and renewing is not None:
                said = replace(renewing, services=("pool", "transport"))  # somebody whom the register knows
            elif (what, ago) == ("waiting", 4) and before is not None:
                said = replace(said, address=before.address)  # a second household behind one door
            at = now - timedelta(days=ago, minutes=37 * number % 400)
            await _settle(desk, said, what, at)
            before = said
            renewing = said if what == "approved" else renewing
    return len(plan)


async def _settle(desk: _Desk, said: Application, what: str, at: datetime) -> PassRequest:
    """Let a request have come in, and become what the plan says."""
    channel = Channel.PAPER if len(said.persons) > 2 else Channel.PORTAL if said.asker.email else Channel.DESK
    by = None if channel is Channel.PORTAL else desk.agent_id
    request = await receive(desk.unit, desk.authority, said, channel=channel, received_on=None, by=by, now=at)
    day = local_day(at, desk.authority.zone)
    request = await _bring(desk, request, DocumentKind.IDENTITY, papers.identity(said.persons[0]), at)
    if "residence" not in said.declared and what not in {"asked", "abandoned"}:
        bill = papers.bill(said.asker.name, said.address, day - timedelta(days=24))
        request = await _bring(desk, request, DocumentKind.RESIDENCE, bill, at)
    later = at + timedelta(days=1) if what not in {"waiting", "review"} else at + timedelta(minutes=20)
    hand = Hand(request.version, desk.agent_id, later)
    match what:
        case "review":
            return await requests.take(desk.unit, request, hand)
        case "withdrawn":
            return await requests.withdraw(desk.unit, request, hand, today=day)
        case "rejected":
            words = await _words(desk, "reject-outside", later)
            return await requests.reject(desk.unit, request, hand, words=words, today=day)
        case "asked" | "abandoned":
            words = await _words(desk, "ask-residence", later)
            request = await requests.ask_for_more(desk.unit, request, hand, words=words, today=day)
            if what == "abandoned":
                over = at + timedelta(days=desk.terms.answer_days + 2)
                return await requests.abandon(desk.unit, request, now=over, today=over.date())
        case "approved":
            return await _approve(desk, request, later)
    return request


async def _approve(desk: _Desk, request: PassRequest, at: datetime) -> PassRequest:
    for document in await desk.unit.documents.of_request(request.id):
        hand = Hand(request.version, desk.agent_id, at)
        request, _ = await check_document(desk.unit, request, document, hand, result=CheckResult.ACCEPTED)
    alike = await duplicates(desk.unit, request)
    known = {
        one.place: one.reference for one in alike if one.likeness is Likeness.PERSON_KNOWN and one.place is not None
    }
    hand = Hand(request.version, desk.agent_id, at)
    words = await _words(desk, "approve-ready", at)
    approved = await approve(desk.unit, request, hand, terms=desk.terms, known=known, words=words)
    await _photograph(desk, approved.holders[0], at)
    return approved.request


async def _photograph(desk: _Desk, holder: Holder, at: datetime) -> None:
    """Keep a photo of whoever came to the desk, as they wished."""
    face = Readable("image/jpeg", portrait(papers.face(holder.reference), Frame()), 1)
    safe = desk.vault.lock(desk.authority.code, desk.unit.ids.row(), face, b"")
    await keep_portrait(
        desk.unit,
        holder,
        Sealed(safe.id, safe.wrapped_key),
        agreed_by=holder.id,
        by=desk.agent_id,
        now=at,
        today=local_day(at, desk.authority.zone),
    )


async def _bring(desk: _Desk, request: PassRequest, kind: DocumentKind, paper: Readable, at: datetime) -> PassRequest:
    """Add a paper that we have drawn ourselves: it need not be read apart."""
    digest = sha256(paper.content).digest()
    safe = desk.vault.lock(desk.authority.code, desk.unit.ids.row(), paper, digest)
    hand = Hand(request.version, None, at)
    request, _ = await add_document(desk.unit, request, hand, safe, kind=kind)
    return request


async def _words(desk: _Desk, code: str, at: datetime) -> str:
    texts = await standard_texts(desk.unit, desk.authority.id, since=at)
    return next(one.words.fr for one in texts if one.code == code)


def _application(number: int, home: Home) -> Application:
    chance = dice(f"request {number}")
    commune = next(one for one in COMMUNES if one.code == home.commune_code)
    first = home.members[0]
    line = f"{chance.randint(1, 90)} {chance.choice(STREETS)}"
    writes = chance.random() < 0.4
    return Application(
        asker=Asker(
            f"{first.first_name} {first.last_name}",
            email="exemple@val-clair.example" if writes else None,
            phone=None if writes else f"01 99 00 {chance.randint(10, 99)} {chance.randint(10, 99)}",
        ),
        address=Address(line, f"{commune.code[:2]}{chance.choice(('100', '200', '300'))}", commune.name, commune.code),
        persons=tuple(Person(one.first_name, one.last_name, one.born_on) for one in home.members),
        services=_SERVICES[number % len(_SERVICES)],
        declared=("residence",) if chance.random() < 0.3 else (),
    )


async def desk_agent(unit: Unit) -> UUID:
    """Return who receives people at the desk."""
    agent = await unit.agents.by_login(next(one.login for one in LOGINS if one.role is Role.DESK))
    if agent is None:
        raise LookupError("The city has no desk yet.")
    return agent.id


async def _terms(unit: Unit, authority: Authority, now: datetime) -> Terms:
    """Say what each service asks for, and what it grants."""
    usual = usual_terms()
    terms = replace(
        usual,
        office=Office(
            Text(fr="Guichet du pass", en="Pass desk"), "1 place de la Halle, 00100 Val-Clair", "01 99 00 12 34", ""
        ),
        services=tuple(
            ServiceTerms(one.service, one.proofs, _PRODUCTS.get(one.service), _TEMPORARY.get(one.service))
            for one in usual.services
        ),
    )
    return await set_terms(unit, terms, authority_id=authority.id, by=None, now=now - timedelta(days=200))
