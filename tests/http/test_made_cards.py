"""A card's whole way: ordered blank, produced, reported on, delivered, bound at a desk, and it opens the gate."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import Struct

from adapters.card_order import Order, write_order
from adapters.cards import CardKeys, city_of, enrol
from adapters.keyring import KeyRing, Purpose
from adapters.maker_files import read_report
from domain import made_cards, personalisation
from domain.agents import Role
from domain.card_batches import BatchCard
from domain.cards import CardTechnology
from domain.errors import AlreadyExists, LifecycleConflict
from domain.passes import BlockReason, Medium, block
from domain.personalisation import Wanted
from nfc import card_object, status_list
from nfc import uid as uids
from nfc.diversify import Slot, card_key
from nfc.status_list import Status
from tests.card_maker import MadeCard, chips, make, report
from tests.city import TestPass
from tests.house_app import House, TestClock
from tests.http.card_town import open_town

CODE = "spring"


class Delivered(Struct, frozen=True):
    """A batch that lies at a desk, its chips in software."""

    order: bytes
    cards: list[BatchCard]
    made: list[MadeCard]
    uids: list[bytes]


@pytest.fixture
async def town(database_url: str, keyring: KeyRing, clock: TestClock, tmp_path: Path) -> AsyncIterator[House]:
    async with open_town(database_url, keyring, clock, tmp_path / "keys") as opened:
        yield opened


async def delivered(town: House, owner: TestPass, count: int = 2) -> Delivered:
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
        cards = await made_cards.deliver_to_desk(unit, batch, desk="town-hall", first=1, last=count)
    return Delivered(order, cards, made, listed)


async def bound(town: House, card: MadeCard, owner: TestPass) -> Medium:
    async with town.database.begin() as unit:
        found = await unit.batches.card_by_number(town.city.authority.id, card.number)
        return await made_cards.bind(unit, found, owner.pass_, now=town.clock())


async def test_a_blank_card_is_bound_at_the_desk_and_its_next_tap_opens_the_gate(town: House) -> None:
    zoe = await town.resident("R1", rights=("pool-year",))
    card = (await delivered(town, zoe)).made[0]
    assert (await town.tap(card.tap(), "free-1")).json()["reason"] == "unknown_medium"
    medium = await bound(town, card, zoe)
    assert (await town.tap(card.tap(), "free-1")).json()["reason"] == "welcome"
    town.clock.turn(minutes=1)
    async with town.database.begin() as unit:
        await block(unit, zoe.pass_, medium.id, reason=BlockReason.LOST, now=town.clock())
    assert (await town.tap(card.tap(), "free-1")).json()["reason"] == "medium_lost"
    assert (await town.tap(zoe.code, "free-1")).json()["reason"] == "welcome"


async def test_a_card_is_bound_once(town: House) -> None:
    zoe, max_ = await town.resident("R1"), await town.resident("R2")
    card = (await delivered(town, zoe)).made[0]
    await bound(town, card, zoe)
    for owner in (zoe, max_):
        with pytest.raises(LifecycleConflict):
            await bound(town, card, owner)


async def test_the_object_in_a_chip_names_the_medium_that_the_card_becomes(town: House) -> None:
    zoe = await town.resident("R1")
    batch = await delivered(town, zoe)
    card, uid = batch.made[0], batch.uids[0]
    trusted = town.keyring.verify_keys(Purpose.CARD)
    content = card_object.file_content(card.chip.transmit(card_object.READ_FILE))
    said = card_object.read(card_object.from_file(content), trusted, int(town.clock().timestamp()), uid=uid)
    medium = await bound(town, card, zoe)
    assert int.from_bytes(said.medium_id, "big", signed=True) == medium.id
    assert (said.status_list, said.status_index) == (medium.status_list, medium.status_index)


async def test_a_made_card_proves_its_key_to_the_server_too(town: House) -> None:
    """Slot 2, under which a terminal authenticates it: the master is the server's own."""
    batch = await delivered(town, await town.resident("R1"))
    expected = card_key(
        town.keyring.card_master("ville", Slot.SERVER, 1),
        uid=batch.uids[0],
        slot=Slot.SERVER,
        version=1,
        city=city_of("ville"),
    )
    assert batch.made[0].chip._keys[Slot.SERVER] == expected


async def test_a_chip_of_a_batch_is_not_enrolled_past_its_number(town: House) -> None:
    zoe = await town.resident("R1")
    batch = await delivered(town, zoe)
    with pytest.raises(AlreadyExists, match="bind it by its number"):
        async with town.database.begin() as unit:
            await enrol(
                unit,
                CardKeys(town.keyring),
                town.city.authority,
                zoe.pass_,
                uid=batch.uids[1],
                technology=CardTechnology.NTAG424,
                expires_at=zoe.medium.expires_at,
                now=town.clock(),
            )


async def test_the_status_list_stops_a_blank_card_until_it_is_somebodys(town: House) -> None:
    """Its object is signed already: a verifier without a network must not take a stolen box for valid cards."""
    zoe = await town.resident("R1")
    batch = await delivered(town, zoe)
    place = batch.cards[0].status_index
    assert await status(town, place) is Status.SUSPENDED
    await bound(town, batch.made[0], zoe)
    assert await status(town, place) is Status.VALID
    assert await status(town, batch.cards[1].status_index) is Status.SUSPENDED


async def status(town: House, place: int) -> Status:
    path = "/v1/public/ville/status-lists/1"
    answer = await town.client.get(path)
    assert answer.status_code == 200, answer.text
    uri, now = f"https://pass.example.org{path}", int(town.clock().timestamp())
    return status_list.read(answer.content, town.keyring.verify_keys(Purpose.BUNDLE), now, uri=uri).status(place)
