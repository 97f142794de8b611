"""A proof that is too weak, and an agent who sees who stands there: let in where the service's file allows it."""

import pytest
from msgspec.structs import replace

from domain.cards import CardTechnology
from domain.passes import BlockReason, PassStatus, block, change_status
from domain.services import BY_CODE
from tests.city import TestPass
from tests.house_app import House
from tests.http.cards import with_card
from tests.http.rights import assert_heard
from tests.http.test_overrides import let_in, overrides


async def zoe_of(house: House) -> TestPass:
    return await house.resident("R1", rights=("carnet-10", "bus-year"))


async def uid_of(house: House, owner: TestPass) -> str:
    card = await with_card(house, owner, technology=CardTechnology.UID_ONLY)
    return f"UID:{card.uid.hex()}"


async def test_an_agent_lets_in_whose_card_proves_too_little_and_signs_for_it(house: House) -> None:
    said = await uid_of(house, await zoe_of(house))
    assert assert_heard(await house.tap(said, "free-1"), "denied", "proof_too_weak")["overridable"] is True
    body = assert_heard(await let_in(house, credential=said), "granted_with_warning", "overridden")
    assert body["remaining"][0]["left"] == 9, "what their right pays for is counted"
    assert (await overrides(house)).json()["total"] == 1


async def test_where_the_service_does_not_allow_it_nobody_does(house: House) -> None:
    said = await uid_of(house, await zoe_of(house))
    assert "overridable" not in assert_heard(await house.tap(said, "bus-1"), "denied", "proof_too_weak")
    assert_heard(await let_in(house, "bus", credential=said), "denied", "proof_too_weak")


async def test_a_card_with_keys_that_shows_its_uid_alone_is_no_proof_at_all(house: House) -> None:
    card = await with_card(house, await zoe_of(house))
    said = f"UID:{card.uid.hex()}"
    assert "overridable" not in assert_heard(await house.tap(said, "free-1"), "denied", "proof_too_weak")
    assert_heard(await let_in(house, credential=said), "denied", "proof_too_weak")


async def test_a_weak_proof_hides_nothing_that_may_not_be_overridden(house: House) -> None:
    zoe = await zoe_of(house)
    card = await with_card(house, zoe, technology=CardTechnology.UID_ONLY)
    said = f"UID:{card.uid.hex()}"
    async with house.database.begin() as unit:
        await change_status(unit, zoe.pass_, PassStatus.SUSPENDED, now=house.clock())
    assert_heard(await let_in(house, credential=said), "denied", "pass_suspended")
    async with house.database.begin() as unit:
        await block(unit, zoe.pass_, card.medium.id, reason=BlockReason.STOLEN, now=house.clock())
    assert_heard(await let_in(house, credential=said, key="a-2"), "denied", "medium_lost")


async def test_a_weak_proof_and_no_right_are_lifted_together(house: House) -> None:
    said = await uid_of(house, await house.resident("R2"))
    body = assert_heard(await let_in(house, credential=said), "granted_with_warning", "overridden")
    assert "remaining" not in body


async def test_a_proof_for_another_service_is_none_for_agents_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.http.test_cards import handle  # noqa: PLC0415 - of this test alone

    monkeypatch.setitem(BY_CODE, "pool", replace(BY_CODE["pool"], assurance=3))
    zoe = await zoe_of(house)
    text = await handle(house, zoe, service="library")
    assert_heard(await let_in(house, credential=text), "denied", "other_service")


async def test_a_full_pool_is_full_whatever_the_proof(house: House) -> None:
    swimmers = [await house.resident(f"S{n}", rights=("pool-year",)) for n in range(10)]
    for swimmer in swimmers:
        await house.tap(swimmer.code)
    said = await uid_of(house, await zoe_of(house))
    assert_heard(await let_in(house, "pool", credential=said), "denied", "site_full")
