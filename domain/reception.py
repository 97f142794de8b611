"""How requests come in, and how somebody takes one into their hands: the same for desk, letter, portal and program."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from domain.addresses import lies_within
from domain.applications import Application, check_application
from domain.circumstances import CircumstanceKind, check_value
from domain.documents import Document
from domain.duplicates import Duplicate, before, changed_since, duplicates
from domain.errors.requests import RequestIncomplete
from domain.people import Holder
from domain.places import Authority, local_day
from domain.ports import Unit
from domain.request_terms import Proof, Terms, due_day, missing
from domain.requests import Channel, Entry, Hand, PassRequest, begin, submit
from domain.services import check_service
from domain.temporary_passes import TemporaryPass, give


class Held(Struct, frozen=True):
    """A request in somebody's hands, to the end of the unit."""

    request: PassRequest
    hand: Hand
    authority: Authority
    today: date


class Dossier(Struct, frozen=True):
    """All that whoever decides wants before them. `changed` names what the last time was otherwise.

    `holders` are those of the register that its persons have become, by their place in it; `in_territory` says
    whether its commune is one of the authority's, by the INSEE code.
    """

    request: PassRequest
    terms: Terms
    documents: list[Document]
    entries: list[Entry]
    missing: list[Proof]
    duplicates: list[Duplicate]
    earlier: list[PassRequest]
    changed: tuple[str, ...]
    agents: dict[UUID, str]
    holders: dict[int, Holder]
    in_territory: bool
    temporary: list[TemporaryPass]


async def receive(
    unit: Unit,
    authority: Authority,
    application: Application,
    *,
    channel: Channel,
    received_on: date | None,
    by: UUID | None,
    now: datetime,
) -> PassRequest:
    """Take in a request that is complete enough to be looked at; today, unless a letter came on another day.

    Raises:
        RequestIncomplete: it lacks what nobody could decide without, or names a day to come.
        UnknownService, BadCircumstance: it names a service or a commune that cannot be.
    """
    check_application(application)
    draft = await begin(unit, application, authority_id=authority.id, channel=channel, by=by, now=now)
    return await send(unit, authority, draft, Hand(draft.version, by, now), received_on=received_on)


async def send(
    unit: Unit, authority: Authority, draft: PassRequest, hand: Hand, *, received_on: date | None = None
) -> PassRequest:
    """Send a draft that is complete enough to be looked at, as `receive`; today unless another day is named.

    Where the authority allows it, its persons have a temporary pass from now on.

    Raises:
        RequestIncomplete, UnknownService, BadCircumstance: as `receive`.
        RequestChanged, RequestStepRefused: as `domain.requests.submit`.
    """
    application = draft.application
    check_application(application)
    today = local_day(hand.now, authority.zone)
    check_value(CircumstanceKind.COMMUNE, application.address.commune_code)
    for service in application.services:
        check_service(service, of="The request")
    came = received_on or today
    if came > today or any(one.born_on > today for one in application.persons):
        raise RequestIncomplete("The request names a day to come.")
    terms = await unit.requests.terms(authority.id)
    bank_days = await unit.places.bank_days(authority.id, application.services[0])
    sent = await submit(unit, draft, hand, received_on=came, due_on=due_day(terms, came, bank_days=bank_days))
    await give(unit, sent, terms=terms, authority=authority, now=hand.now)
    return sent


async def hold(unit: Unit, authority_id: UUID, reference: str, *, seen: int, by: UUID | None, now: datetime) -> Held:
    """Take a request into one's hands: whoever else would write to it waits, and is told then.

    Raises:
        RequestNotFound: the authority has none of this reference.
    """
    request = await unit.requests.hold(authority_id, reference)
    authority = await unit.places.authority_by_id(authority_id)
    return Held(request, Hand(seen, by, now), authority, local_day(now, authority.zone))


async def dossier(unit: Unit, authority_id: UUID, reference: str) -> Dossier:
    """Gather what there is to see of a request.

    Raises:
        RequestNotFound: the authority has none of this reference.
    """
    request = await unit.requests.by_reference(authority_id, reference)
    terms = await unit.requests.terms(authority_id)
    documents = await unit.documents.of_request(request.id)
    entries = await unit.requests.entries(request.id)
    earlier = await before(unit, request)
    return Dossier(
        request=request,
        terms=terms,
        documents=documents,
        entries=entries,
        missing=missing(terms, request.application, documents),
        duplicates=await duplicates(unit, request),
        earlier=earlier,
        changed=changed_since(earlier[0], request) if earlier else (),
        agents=await _names(unit, {*(one.by for one in entries), request.assigned_to}),
        holders=await unit.requests.holders_in(authority_id, request.id),
        in_territory=lies_within(await unit.places.communes(authority_id), request.application.address.commune_code),
        temporary=await unit.temporary_passes.of_request(request.id),
    )


async def _names(unit: Unit, agent_ids: set[UUID | None]) -> dict[UUID, str]:
    found = {one: await unit.agents.by_id(one) for one in agent_ids if one is not None}
    return {agent_id: agent.name for agent_id, agent in found.items() if agent is not None}
