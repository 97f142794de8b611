"""A card's whole way: ordered blank, produced, reported on, delivered, bound at a desk, and it opens the gate."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.cards import CardKeys, city_of, enrol
from adapters.keyring import KeyRing, Purpose
from domain import made_cards
from domain.cards import CardTechnology
from domain.errors import AlreadyExists
from domain.errors.passes import LifecycleConflict
from domain.passes import BlockReason, Medium, block
from nfc import card_object, status_list
from nfc.diversify import Slot, card_key
from nfc.status_list import Status
from tests.card_maker import MadeCard
from tests.city import TestPass
from tests.house_app import House, TestClock
from tests.http.card_stock import delivered
from tests.http.card_town import open_town


@pytest.fixture
async def town(database_url: str, keyring: KeyRing, clock: TestClock, tmp_path: Path) -> AsyncIterator[House]:
    async with open_town(database_url, keyring, clock, tmp_path / "keys") as opened:
        yield opened


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
