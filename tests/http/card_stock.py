"""Cards of a batch that lie at a desk, made by a maker in software."""

import io
from typing import Protocol

from msgspec import Struct

from adapters.card_order import Order, write_order
from adapters.keyring import KeyRing
from adapters.maker_files import read_report
from domain import made_cards, personalisation
from domain.agents import Role
from domain.card_batches import BatchCard
from domain.personalisation import Wanted
from domain.ports import Clock
from nfc import uid as uids
from store.database import Database
from tests.card_maker import MadeCard, chips, make, report
from tests.city import City, TestPass

CODE = "spring"


class Town(Protocol):
    """Where cards are handed out: a house in this process, or a city that another one serves."""

    @property
    def city(self) -> City: ...
    @property
    def keyring(self) -> KeyRing: ...
    @property
    def database(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...


class Delivered(Struct, frozen=True):
    """A batch that lies at a desk, its chips in software."""

    order: bytes
    cards: list[BatchCard]
    made: list[MadeCard]
    uids: list[bytes]


async def delivered(town: Town, owner: TestPass, count: int = 2) -> Delivered:
    """Order blank cards, play their maker, and bring them to the town hall."""
    agent, now, authority = town.city.agents[Role.MANAGER], town.clock(), town.city.authority
    listed, uid_key = chips(count), town.keyring.uid_key("ville")
    wanted = [Wanted(owner.medium.expires_at, owner.medium.keep_until)] * count
    out = io.BytesIO()
    async with town.database.begin() as unit:
        batch = await personalisation.order(
            unit, authority.id, code=CODE, wanted=wanted, key_version=1, agent_id=agent.id, now=now
        )
        cards = await personalisation.pair_chips(unit, batch, [uids.digest(uid_key, uid) for uid in listed])
        digest = write_order(
            out,
            town.keyring,
            Order(authority, batch, "https://pass.example.org/t", 1),
            zip(cards, listed, strict=True),
            faces={},
            photo_of=lambda _face: None,
            heard=lambda _done: None,
        )
        await personalisation.send(unit, batch, cards, file_digest=digest, agent_id=agent.id, now=now)
    order = out.getvalue()
    made = make(order, town.keyring.transport_key("ville", 1))
    async with town.database.begin() as unit:
        batch = await unit.batches.hold(authority.id, CODE)
        said = read_report(io.BytesIO(report(order)), uid_key)
        batch = await personalisation.settle(unit, batch, said, agent_id=agent.id, now=now)
        cards = await made_cards.deliver_to_desk(unit, batch, desk="town-hall", first=1, last=count, now=now)
    return Delivered(order, cards, made, listed)
