"""`GET /v1/access/offers`: what a pass can use and buy at a gate, now. Tariffs are a question; no till computes one."""

from datetime import date, datetime
from typing import Annotated, Any

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, HeaderParameter
from msgspec import UNSET, Struct, UnsetType

from api.agents import number_of
from api.credentials import Credentials
from api.gate import MAX_CREDENTIAL
from domain.access.answer import Notice, Price, Remaining, left_of
from domain.access.facts import Prospect
from domain.access.reasons import REASONS, Reason
from domain.acts import Act
from domain.agents import Agent, Permission
from domain.errors.places import GateNotFound
from domain.offers import Offer
from domain.people import Subject
from domain.ports import Clock
from domain.products import Product
from domain.tariff_names import tariff_name
from domain.terminals import Ability
from domain.text import Text
from store.terminal_tokens import TerminalSession
from store.tills import Asked, Tills


class Refusal(Struct, frozen=True, rename="camel"):
    """Why the pass itself is not valid here, and what the person can do about it."""

    reason: Reason
    text: Text
    next_step: Text


class UsableView(Struct, frozen=True, rename="camel"):
    """A right that serves now; the first one listed is the one that the gate would spend.

    `remaining` is what is left of each limit before the passage, `price` what the passage would cost.
    """

    product: str
    name: Text
    valid_until: date
    remaining: tuple[Remaining, ...]
    price: Price


class UnusableView(Struct, frozen=True, rename="camel"):
    """A right that does not serve now, or a product that cannot be bought, and why: the reason that matters most."""

    product: str
    name: Text
    reason: Reason
    text: Text
    next_step: Text


class OfferView(Struct, frozen=True, rename="camel", omit_defaults=True):
    """A product at the lowest price for this pass: send `product` and `priceCents` back to buy it.

    `tariff` names the price; it holds to the day before `priceUntil`, as far as one knows today. `subject` says whose
    the right will be, `buyer` says which one where there are several. `supplementCents` is what this gate costs on
    top at each entry.
    """

    product: str
    name: Text
    price_cents: int
    tariff: Text
    price_until: date
    valid_from: date
    valid_until: date
    subject: Subject
    supplement_cents: int = 0
    buyer: int | UnsetType = UNSET


class OffersView(Struct, frozen=True, rename="camel", omit_defaults=True):
    """What a pass can use and buy at a gate, now. `messages` must be shown; where it is `refused`, nothing is sold."""

    gate: str
    service: str
    decided_at: datetime
    usable: tuple[UsableView, ...]
    offers: tuple[OfferView, ...]
    unusable: tuple[UnusableView, ...]
    unavailable: tuple[UnusableView, ...]
    messages: tuple[Notice, ...]
    refused: Refusal | UnsetType = UNSET


@get("/access/offers", opt={"rule": Ability.SELL}, summary="Ask what a pass can use and buy", tags=["Sales"])
async def ask(
    *,
    request: Request[TerminalSession, Any, Any],
    gate: FromQuery[str],
    credential: Annotated[str, HeaderParameter(name="Pass-Credential", max_length=MAX_CREDENTIAL)],
    tills: NamedDependency[Tills],
    credentials: NamedDependency[Credentials],
    clock: NamedDependency[Clock],
) -> OffersView:
    """Say which rights a pass can use at a gate of this terminal, and what can be bought at which price, now.

    The credential is whatever a gate takes: a code, a card, a phone. It comes in a header, not in the address: proxies
    write addresses down. Nothing is recorded, spent or moved. A pass that is not valid is a `200` with `refused`.
    """
    gate_id = request.user.gates.get(gate)
    if gate_id is None:
        raise GateNotFound("This terminal serves no gate of that code.")
    now = clock()
    evidence = await credentials.look(request.user, credential, now)
    return view(await tills.ask(gate_id=gate_id, evidence=evidence, at=now))


@get(
    "/passes/{number:str}/offers",
    opt={"rule": Permission.OFFER_READ, "journal": Act.OFFERS_SHOWN},
    summary="Show what a pass can use and buy",
    tags=["Sales"],
)
async def ask_for(
    *,
    request: Request[Agent, Any, Any],
    number: FromPath[str],
    gate: FromQuery[str],
    tills: NamedDependency[Tills],
    clock: NamedDependency[Clock],
) -> OffersView:
    """Answer an agent at a desk as a terminal at that gate would be answered, from the number printed on the pass."""
    return view(
        await tills.ask_for(authority_id=request.user.authority_id, number=number_of(number), gate=gate, at=clock())
    )


def view(asked: Asked) -> OffersView:
    """Put the answer into words."""
    found, facts = asked.offers, asked.facts
    return OffersView(
        gate=facts.doorway.gate.code,
        service=facts.doorway.site.service_code,
        decided_at=facts.at,
        usable=tuple(_usable(one) for one in found.usable),
        offers=tuple(_offer(one, found.on_sale) for one in found.on_sale),
        unusable=tuple(_unusable(one.right.product, one.reason) for one in found.unusable),
        unavailable=tuple(_unusable(one.product, one.reason) for one in found.unavailable),
        messages=tuple(Notice(reason, REASONS[reason].short) for reason in found.messages),
        refused=_refusal(found.refused) if found.refused is not None else UNSET,
    )


def _usable(prospect: Prospect) -> UsableView:
    right, product = prospect.right, prospect.right.product
    return UsableView(
        product=product.code,
        name=product.name,
        valid_until=right.valid_until,
        remaining=tuple(left_of(product.code, balance) for balance in right.balances),
        price=Price(prospect.due_cents, prospect.billed_cents),
    )


def _offer(offer: Offer, on_sale: tuple[Offer, ...]) -> OfferView:
    several = sum(one.product.id == offer.product.id for one in on_sale) > 1
    return OfferView(
        product=offer.product.code,
        name=offer.product.name,
        price_cents=offer.price.amount_cents,
        tariff=tariff_name(offer.price.conditions),
        price_until=offer.price_until,
        valid_from=offer.valid_from,
        valid_until=offer.valid_until,
        subject=offer.buyer.subject,
        supplement_cents=offer.supplement_cents,
        buyer=offer.buyer.place if several else UNSET,
    )


def _unusable(product: Product, reason: Reason) -> UnusableView:
    meaning = REASONS[reason]
    return UnusableView(product.code, product.name, reason, meaning.short, meaning.next_step)


def _refusal(reason: Reason) -> Refusal:
    meaning = REASONS[reason]
    return Refusal(reason, meaning.short, meaning.next_step)


ROUTER = Router(path="/v1", route_handlers=[ask, ask_for])
