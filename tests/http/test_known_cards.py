"""Whose a card is may be remembered between taps, what became of it never is. A chip that comes again counts on."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from adapters.cards import CardKeys, enrol
from api.known_cards import KnownCards
from domain.cards import CardTechnology
from domain.errors import AlreadyExists
from domain.passes import BlockReason, Medium, block
from tests.city import TestPass
from tests.house_app import House
from tests.http.cards import TestCard, chip, with_card
from tests.http.ledger_rows import events, last_event


@contextmanager
def look_ups(house: House) -> Iterator[list[str]]:
    """The questions that the server asks the register of cards meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if "FROM card" in statement and "card.uid_digest =" in statement:
            asked.append(statement)

    engine = house.app.state.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


async def reader(house: House, reference: str = "R1") -> TestPass:
    return await house.resident(reference, rights=("pool-year", "reader"))


async def stop(house: House, owner: TestPass, card: TestCard, reason: BlockReason = BlockReason.LOST) -> None:
    """As another worker would: this one is told nothing."""
    async with house.database.begin() as unit:
        await block(unit, owner.pass_, card.medium.id, reason=reason, now=house.clock())


async def again(
    house: House, owner: TestPass, card: TestCard, technology: CardTechnology = CardTechnology.NTAG424
) -> Medium:
    """Enrol a chip that was a medium before."""
    async with house.database.begin() as unit:
        return await enrol(
            unit,
            CardKeys(house.masters),
            house.city.authority,
            owner.pass_,
            uid=card.uid,
            technology=technology,
            expires_at=owner.medium.expires_at,
            now=house.clock(),
        )


async def heard(house: House, credential: str, gate: str = "free-1", **more: str) -> str:
    house.clock.turn(seconds=10)
    return str((await house.tap(credential, gate, **more)).json()["reason"])


async def test_the_register_is_asked_once(house: House) -> None:
    card = await with_card(house, await reader(house))
    with look_ups(house) as asked:
        for _ in range(3):
            assert await heard(house, card.tap()) == "welcome"
    assert len(asked) == 1


async def test_a_card_that_was_just_stopped_is_refused_at_its_next_tap_and_recorded_once(house: House) -> None:
    zoe = await reader(house)
    card = await with_card(house, zoe)
    assert await heard(house, card.tap()) == "welcome"
    await stop(house, zoe, card)
    assert await heard(house, card.tap()) == "medium_lost"
    assert len(await events(house)) == 2
    assert (await last_event(house)).medium_id == card.medium.id


async def test_a_chip_that_was_enrolled_anew_is_its_new_medium_at_once(house: House) -> None:
    zoe, yann = await reader(house), await reader(house, "R2")
    card = await with_card(house, zoe)
    assert await heard(house, card.tap()) == "welcome"
    await stop(house, zoe, card)
    medium = await again(house, yann, card)
    assert await heard(house, card.tap()) == "welcome"
    event_ = await last_event(house)
    assert (event_.pass_id, event_.medium_id) == (yann.pass_.id, medium.id)


async def test_a_chip_that_gets_other_keys_is_known_by_them_alone_at_once(house: House) -> None:
    zoe = await reader(house)
    card = await with_card(house, zoe)
    assert await heard(house, card.tap()) == "welcome"
    house.masters.make_version()
    house.app.state.card_keys.forget()
    await stop(house, zoe, card)
    await again(house, zoe, card)
    assert await heard(house, card.tap()) == "withdrawn_key"
    renewed = chip(house, card.uid, version=2)
    for _ in range(2):
        renewed.read_url()
    assert await heard(house, str(renewed.read_url())) == "welcome"
    assert await heard(house, card.tap()) == "withdrawn_key"


async def test_a_card_of_uid_only_that_gets_keys_is_known_by_its_uid_no_more(house: House) -> None:
    zoe = await reader(house)
    card = await with_card(house, zoe, technology=CardTechnology.UID_ONLY)
    said = f"UID:{card.uid.hex()}"
    assert await heard(house, said, "library-1") == "welcome"
    await stop(house, zoe, card)
    await again(house, zoe, card)
    assert await heard(house, said, "library-1") == "proof_too_weak"
    assert await heard(house, card.tap(), "library-1") == "welcome"


async def test_a_card_with_keys_that_becomes_one_of_uid_only_is_known_by_its_uid_at_once(house: House) -> None:
    zoe = await reader(house)
    card = await with_card(house, zoe)
    assert await heard(house, card.tap(), "library-1") == "welcome"
    await stop(house, zoe, card, BlockReason.DAMAGED)
    await again(house, zoe, card, CardTechnology.UID_ONLY)
    assert await heard(house, f"UID:{card.uid.hex()}", "library-1") == "welcome"


async def test_a_card_that_nobody_knew_is_known_once_it_is_enrolled(house: House) -> None:
    zoe = await reader(house)
    card = await with_card(house, zoe, technology=CardTechnology.UID_ONLY)
    await stop(house, zoe, card)
    unknown = f"UID:{bytes([4, *card.uid[1:][::-1]]).hex()}"
    assert await heard(house, unknown, "library-1") == "unknown_medium"
    await again(house, zoe, TestCard(card.chip, bytes.fromhex(unknown[4:]), card.medium), CardTechnology.UID_ONLY)
    assert await heard(house, unknown, "library-1") == "welcome"


async def test_the_count_of_a_chip_goes_on_where_it_was(house: House) -> None:
    """Rollback: a message of before would be new again to a medium that has shown nothing yet."""
    zoe = await reader(house)
    card = await with_card(house, zoe)
    kept, shown = card.tap(), card.tap()
    assert await heard(house, shown) == "welcome"
    await stop(house, zoe, card)
    await again(house, zoe, card)
    assert await heard(house, kept) == "replayed"
    assert await heard(house, shown) == "replayed"
    assert await heard(house, card.tap()) == "welcome"


@pytest.mark.parametrize("reason", [BlockReason.STOLEN, BlockReason.SUSPENDED, None])
async def test_a_chip_that_was_stolen_or_is_in_use_becomes_nothing_else(
    house: House, reason: BlockReason | None
) -> None:
    zoe, yann = await reader(house), await reader(house, "R2")
    card = await with_card(house, zoe)
    if reason is not None:
        await stop(house, zoe, card, reason)
    with pytest.raises(AlreadyExists):
        await again(house, yann, card)


async def test_the_same_key_brings_the_same_answer_though_the_card_was_stopped_meanwhile(house: House) -> None:
    zoe = await reader(house)
    card = await with_card(house, zoe)
    assert await heard(house, card.tap()) == "welcome"
    url = card.tap()
    first = await house.tap(url, "free-1", key="t-1")
    await stop(house, zoe, card)
    assert (await house.tap(url, "free-1", key="t-1")).content == first.content


async def test_what_is_remembered_has_an_end(house: House) -> None:
    zoe = await reader(house)
    made = [await with_card(house, zoe) for _ in range(3)]
    keys, known = CardKeys(house.masters), KnownCards(house.database, most=2)
    digests = [keys.digest("ville", card.uid) for card in made]
    for digest in digests:
        await known.find(house.city.authority.id, digest)
    left = [known.remembered(house.city.authority.id, digest) is not None for digest in digests]
    assert left == [False, True, True]
    known.forget(made[1].medium.id)
    assert known.remembered(house.city.authority.id, digests[1]) is None
    assert known.remembered(house.city.neighbour.id, digests[2]) is None, "another authority's register is another"
