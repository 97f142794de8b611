"""Batches of cards: ordered, listed, delivered to desks and refused. The files of a maker: `api.batch_files`."""

from datetime import date, datetime
from typing import Annotated, Any

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from adapters.keyring import KeyMissing, KeyRing
from api.agents import number_of
from api.days import check_day, named
from domain import card_orders, made_cards, personalisation
from domain.acts import Act
from domain.agents import Agent, Permission
from domain.card_batches import BatchState, CardBatch
from domain.errors.cards import BadBatch
from domain.passes import MediumStatus
from domain.personalisation import LARGEST
from domain.places import local_day
from domain.ports import Clock, Unit
from store import batches
from store.database import Begin, Database

Caller = Request[Agent, Any, Any]

MOST_NAMED = 500
"""Passes of one request; more at once by `multipass batch order --passes`."""

_Sequence = Annotated[int, Meta(ge=1, le=LARGEST)]


class BatchRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Cards to order under a code: so many `blank` ones, or one for each of these `passes`, by number, or those that
    residents have `ordered`, the oldest 500 that wait; one of the three.

    They are good until the day before `until`: five years, unless given.
    """

    code: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}(?!\n)$", examples=["2026-spring"])]
    blank: _Sequence | None = None
    passes: Annotated[tuple[str, ...], Meta(max_length=MOST_NAMED)] = ()
    ordered: bool = False
    until: date | None = None


class DeliveryRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the cards from `first` to `last` are: at this `desk`, or else those with names are in the post."""

    desk: Annotated[str, Meta(min_length=1, max_length=40, examples=["town-hall"])] | None = None
    first: _Sequence = 1
    last: _Sequence = LARGEST


class BatchView(Struct, frozen=True, rename="camel"):
    """A batch of cards. `orderSha256` is that of the order file, once it was made."""

    code: str
    state: BatchState
    size: int
    key_version: int
    ordered_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    order_sha256: str | None


class BatchStep(Struct, frozen=True):
    """Who did what with a batch, and when. `agent` is a login."""

    what: str
    at: datetime
    agent: str | None


class BatchDetail(Struct, frozen=True, rename="camel"):
    """A batch with its journal, and where its cards stand: how many in each state."""

    batch: BatchView
    journal: list[BatchStep]
    cards: dict[MediumStatus, int]


class DeliveredView(Struct, frozen=True):
    """How many cards are there now."""

    delivered: int


@post(
    "/card-batches",
    opt={"rule": Permission.CARD_BATCH, "journal": Act.BATCH_ORDERED},
    summary="Order cards",
    tags=["Cards"],
)
async def order(
    *,
    request: Caller,
    data: JSONBody[BatchRequest],
    begin: NamedDependency[Begin],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
) -> BatchView:
    """Order blank cards for desks, or cards for passes by name. Numbers are drawn now; nothing leaves yet."""
    check_day(data.until)
    if [data.blank is not None, bool(data.passes), data.ordered].count(True) != 1:
        raise BadBatch("Say what to order: `blank` with a count, `passes`, or what residents have `ordered`.")
    now = clock()
    async with begin() as unit:
        authority = await unit.places.authority_by_id(request.user.authority_id)
        version = max(keyring.card_versions(authority.code), default=None)
        if version is None:
            raise KeyMissing(f"{authority.code} has no masters for cards.")
        end = data.until or card_orders.end_of_cards(local_day(now, authority.zone))
        if data.blank is not None:
            wanted = card_orders.blank(authority, data.blank, end)
        elif data.ordered:
            wanted = await card_orders.for_residents(unit, authority, end, most=MOST_NAMED)
        else:
            wanted = await card_orders.for_passes(unit, authority, [number_of(one) for one in data.passes], end)
        batch = await personalisation.order(
            unit,
            authority.id,
            code=data.code,
            wanted=wanted,
            key_version=version,
            agent_id=request.user.id,
            now=now,
        )
    return view(batch)


@get("/card-batches", opt={"rule": Permission.CARD_BATCH}, summary="List batches of cards", tags=["Cards"])
async def list_batches(request: Caller, database: NamedDependency[Database]) -> list[BatchView]:
    """List the batches of the agent's authority, newest first."""
    async with database.look() as unit:
        return [view(one) for one in await unit.batches.all_of(request.user.authority_id)]


@get(
    "/card-batches/{batch:str}",
    opt={"rule": Permission.CARD_BATCH, "journal": Act.BATCH_SHOWN},
    summary="Show a batch of cards",
    tags=["Cards"],
)
async def show(request: Caller, batch: FromPath[str], database: NamedDependency[Database]) -> BatchDetail:
    """Show a batch: who did what with it and when, and where its cards stand."""
    async with database.look() as unit:
        found = await unit.batches.by_code(request.user.authority_id, named(batch))
        journal = await steps_of(unit, found)
    async with database.read() as connection:
        return BatchDetail(view(found), journal, await batches.tally(connection, found.id))


@post(
    "/card-batches/{batch:str}/deliveries",
    status_code=200,
    opt={"rule": Permission.CARD_BATCH, "journal": Act.BATCH_DELIVERED},
    summary="Say where cards are",
    tags=["Cards"],
)
async def deliver(
    request: Caller,
    batch: FromPath[str],
    data: JSONBody[DeliveryRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> DeliveredView:
    """Say that cards of a batch lie at a desk, also from another one, or that those with names are in the post."""
    now = clock()
    async with begin() as unit:
        held = await unit.batches.hold(request.user.authority_id, named(batch))
        if data.desk is None:
            cards = await made_cards.ship(unit, held, first=data.first, last=data.last, now=now)
        else:
            cards = await made_cards.deliver_to_desk(
                unit, held, desk=data.desk, first=data.first, last=data.last, now=now
            )
    return DeliveredView(len(cards))


@post(
    "/card-batches/{batch:str}/cancellation",
    status_code=200,
    opt={"rule": Permission.CARD_BATCH, "journal": Act.BATCH_CANCELLED},
    summary="Cancel a batch of cards",
    tags=["Cards"],
)
async def cancel(
    request: Caller, batch: FromPath[str], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> BatchView:
    """Cancel a batch that was not reported on, for good: none of its cards will ever open anything."""
    async with begin() as unit:
        held = await unit.batches.hold(request.user.authority_id, named(batch))
        return view(await personalisation.refuse(unit, held, agent_id=request.user.id, now=clock()))


def view(batch: CardBatch) -> BatchView:
    """Show a batch to whoever orders cards."""
    return BatchView(
        code=batch.code,
        state=batch.state,
        size=batch.size,
        key_version=batch.key_version,
        ordered_at=batch.ordered_at,
        sent_at=batch.sent_at,
        settled_at=batch.settled_at,
        order_sha256=batch.file_digest.hex() if batch.file_digest is not None else None,
    )


async def steps_of(unit: Unit, batch: CardBatch) -> list[BatchStep]:
    """Say who did what with a batch, and when."""
    steps = (
        (BatchState.ORDERED, batch.ordered_at, batch.ordered_by),
        (BatchState.SENT, batch.sent_at, batch.sent_by),
        (batch.state, batch.settled_at, batch.settled_by),
    )
    journal = []
    for what, moment, agent_id in steps:
        if moment is not None and agent_id is not None:
            agent = await unit.agents.by_id(agent_id)
            journal.append(BatchStep(what, moment, agent.login if agent is not None else None))
    return journal


ROUTER = Router(path="/v1", route_handlers=[order, list_batches, show, deliver, cancel])
