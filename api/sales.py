"""`/v1/access/sales`: registered before payment, all or nothing, cancelled by id."""

from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import MediaType, Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET, Meta, Struct, UnsetType

from api.agents import PRINTABLE
from api.credentials import Credentials
from api.gate import MAX_CREDENTIAL
from domain import sales
from domain.acts import Act
from domain.agents import Agent, Permission
from domain.errors import AlreadyExists
from domain.errors.places import GateNotFound
from domain.errors.sales import SaleNotFound
from domain.orders import Order, Wanted
from domain.places import local_day
from domain.ports import Clock, Unit
from domain.reach import check_at_gate
from domain.sales import PAID_WITHIN, Means, Sale, SaleState
from domain.terminals import Ability
from store.database import Begin, Database
from store.terminal_tokens import TerminalSession
from store.tills import Tills

MOST_LISTED = 100
"""Sales that a till is shown at once, the oldest first."""

_encoder = msgspec.json.Encoder(order="sorted")

Till = Request[TerminalSession, Any, Any]


class ItemRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A product at the price that was offered, so many times; `buyer` as in the offer, where it has one."""

    product: Annotated[str, Meta(min_length=1, max_length=60, pattern=PRINTABLE, examples=["piscine-carnet-10"])]
    price_cents: Annotated[int, Meta(ge=0, le=10_000_000)]
    quantity: Annotated[int, Meta(ge=1, le=10)] = 1
    buyer: Annotated[int, Meta(ge=1, le=100)] | None = None


class SaleRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """One sale. `key` is made by the till for this sale and never used for another."""

    key: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,64}(?!\n)$", examples=["caisse2-000917"])]
    gate: Annotated[str, Meta(min_length=1, max_length=60, examples=["piscine-est-1"])]
    credential: Annotated[str, Meta(max_length=MAX_CREDENTIAL, examples=["MP2:PWGSLKT257R82S826GC6BHRKFF3X…"])]
    items: Annotated[tuple[ItemRequest, ...], Meta(min_length=1, max_length=10)]


class PaymentRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """How a sale was paid, with the till's own reference of the payment: never the number of a card."""

    means: Means
    reference: Annotated[str, Meta(min_length=1, max_length=64, pattern=PRINTABLE, examples=["TPE3-20261121-0042"])]


class SaleView(Struct, frozen=True, rename="camel", omit_defaults=True):
    """Where a sale stands.

    `overdue`: neither paid nor cancelled in time. `refundCents` is what a sale that was paid and is cancelled now owes
    the customer.
    """

    id: UUID
    key: str
    state: SaleState
    total_cents: int
    registered_at: datetime
    overdue: bool = False
    paid_at: datetime | UnsetType = UNSET
    means: Means | UnsetType = UNSET
    cancelled_at: datetime | UnsetType = UNSET
    refund_cents: int = 0


@post(
    "/access/sales",
    opt={"rule": Ability.SELL},
    summary="Register a sale",
    tags=["Sales"],
    media_type=MediaType.JSON,
)
async def register(
    *,
    request: Till,
    data: JSONBody[SaleRequest],
    tills: NamedDependency[Tills],
    credentials: NamedDependency[Credentials],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Response[bytes]:
    """Register a sale before it is paid: all of its items become rights from today on, or none does.

    The credential is whatever a gate takes; one that is good once is spent by the sale, and by nothing before. The same
    `key` with the same body gets the same bytes again, and nothing is sold twice. A price that is not the one
    of this moment is refused (`price-changed`): ask for the offers again.
    """
    till, now = request.user, clock()
    gate_id = till.gates.get(data.gate)
    if gate_id is None:
        raise GateNotFound("This terminal serves no gate of that code.")
    fingerprint = sha256(_encoder.encode(data)).digest()
    receipt = await _known(database, till, data.key, fingerprint)
    if receipt is None:
        evidence = await credentials.read(till, data.credential, now)
        asked = await tills.ask(gate_id=gate_id, evidence=evidence, at=now)
        order = Order(
            authority_id=till.authority_id,
            terminal_id=till.terminal_id,
            key=data.key,
            fingerprint=fingerprint,
            gate_id=gate_id,
            pass_id=asked.pass_id,
            wanted=tuple(Wanted(one.product, one.price_cents, one.quantity, one.buyer) for one in data.items),
        )
        try:
            async with begin() as unit:
                receipt = await sales.register(unit, order, asked.offers, now=now)
        except AlreadyExists:
            # The till sent its key twice at once: the other request has just registered the sale.
            receipt = await _known(database, till, data.key, fingerprint)
            if receipt is None:
                raise
    return Response(receipt, status_code=201, media_type=MediaType.JSON)


@get("/access/sales", opt={"rule": Ability.SELL}, summary="List the sales of this till", tags=["Sales"])
async def list_sales(
    request: Till,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    # `state` by itself is a word of the framework.
    wanted: Annotated[SaleState, QueryParameter(name="state")] = SaleState.REGISTERED,
) -> list[SaleView]:
    """List the terminal's own sales in one state, oldest first: those still `registered` wait to be settled."""
    async with database.look() as unit:
        found = await unit.sales.of_terminal(request.user.terminal_id, wanted, MOST_LISTED)
    return [_view(sale, clock()) for sale in found]


@post(
    "/access/sales/{sale_id:uuid}/payment",
    status_code=200,
    opt={"rule": Ability.SELL},
    summary="Say that a sale was paid",
    tags=["Sales"],
)
async def settle(
    request: Till,
    sale_id: FromPath[UUID],
    data: JSONBody[PaymentRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> SaleView:
    """Record how a sale was paid, for tills that want it; saying the same again changes nothing."""
    now = clock()
    async with begin() as unit:
        sale = await _own(unit, request.user, sale_id)
        return _view(await sales.settle(unit, sale, means=data.means, reference=data.reference, now=now), now)


@post(
    "/access/sales/{sale_id:uuid}/cancellation",
    status_code=200,
    opt={"rule": Ability.SELL},
    summary="Cancel a sale",
    tags=["Sales"],
)
async def cancel(
    request: Till, sale_id: FromPath[UUID], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> SaleView:
    """Cancel a whole sale of this terminal while nothing of it was used; cancelling it again changes nothing."""
    now = clock()
    async with begin() as unit:
        sale = await _own(unit, request.user, sale_id)
        return _view(await sales.cancel(unit, sale, today=await _today(unit, sale, now), now=now), now)


@post(
    "/sales/{sale_id:uuid}/cancellation",
    status_code=200,
    opt={"rule": Permission.SALE_CANCEL, "placed": True, "journal": Act.SALE_CANCELLED},
    summary="Cancel a sale of any till",
    tags=["Sales"],
)
async def cancel_for(
    request: Request[Agent, Any, Any],
    sale_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> SaleView:
    """Cancel a sale of the agent's authority, whichever till made it, while nothing of it was used."""
    agent, now = request.user, clock()
    async with begin() as unit:
        sale = await unit.sales.hold(agent.authority_id, sale_id)
        await check_at_gate(unit, agent, Permission.SALE_CANCEL, sale.gate_id)
        today = await _today(unit, sale, now)
        return _view(await sales.cancel(unit, sale, today=today, now=now, agent_id=agent.id), now)


async def _known(database: Database, till: TerminalSession, key: str, fingerprint: bytes) -> bytes | None:
    async with database.look() as unit:
        sale = await unit.sales.by_key(till.terminal_id, key)
    return sales.receipt_of(sale, fingerprint) if sale is not None else None


async def _own(unit: Unit, till: TerminalSession, sale_id: UUID) -> Sale:
    sale = await unit.sales.hold(till.authority_id, sale_id)
    if sale.terminal_id != till.terminal_id:
        raise SaleNotFound("This terminal has no such sale.")
    return sale


async def _today(unit: Unit, sale: Sale, now: datetime) -> date:
    return local_day(now, (await unit.places.authority_by_id(sale.authority_id)).zone)


def _view(sale: Sale, now: datetime) -> SaleView:
    return SaleView(
        id=sale.id,
        key=sale.key,
        state=sale.state,
        total_cents=sale.total_cents,
        registered_at=sale.registered_at,
        overdue=sale.state is SaleState.REGISTERED and now >= sale.registered_at + PAID_WITHIN,
        paid_at=sale.paid_at if sale.paid_at is not None else UNSET,
        means=sale.means if sale.means is not None else UNSET,
        cancelled_at=sale.cancelled_at if sale.cancelled_at is not None else UNSET,
        refund_cents=sale.refund_cents,
    )


ROUTER = Router(path="/v1", route_handlers=[register, list_sales, settle, cancel, cancel_for])
