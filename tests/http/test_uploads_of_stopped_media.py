"""`revoked_at_the_time`: what a medium was when it was shown counts, whatever became of it before the upload."""

from datetime import timedelta

import pytest

from adapters.keyring import Purpose
from domain import passes
from domain.passes import BlockReason, MediumStatus, PassStatus
from domain.replacements import replace_medium
from tests.city import NOW, TestPass
from tests.house_app import House
from tests.http.rights import give
from tests.http.uploads import line, results, upload

MORNING = NOW - timedelta(hours=4)
A_MINUTE = timedelta(minutes=1)
STOPPED = ["revoked_at_the_time"]


async def flags(house: House, who: TestPass, *minutes: int) -> list[list[str]]:
    """The flags of passages so many minutes after the medium was stopped."""
    lines = [
        line(who.code, f"o-{n}", MORNING + n * A_MINUTE, sequence=place) for place, n in enumerate(minutes, start=1)
    ]
    return [one["flags"] for one in results(await upload(house, *lines))]


async def stopped(house: House, reason: BlockReason) -> TestPass:
    zoe = await house.resident("R1")
    await give(house, zoe, "swims", service="pool")
    async with house.database.begin() as unit:
        await passes.block(unit, zoe.pass_, zoe.medium.id, reason=reason, now=MORNING)
    return zoe


async def test_what_was_shown_before_the_loss_was_reported_is_not_marked_and_after_it_is(house: House) -> None:
    zoe = await stopped(house, BlockReason.LOST)
    assert await flags(house, zoe, -1, 0, 60) == [[], STOPPED, STOPPED]


async def test_a_medium_that_was_paused_and_goes_on_was_stopped_in_between_alone(house: House) -> None:
    zoe = await stopped(house, BlockReason.SUSPENDED)
    async with house.database.begin() as unit:
        (paused,) = await unit.passes.media(zoe.pass_.id)
        await passes.move(unit, paused, MediumStatus.ACTIVE, now=MORNING + 60 * A_MINUTE, by=None)
    assert await flags(house, zoe, -1, 30, 59, 61) == [[], STOPPED, STOPPED, []]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_lost_card_that_was_replaced_at_once_was_in_use_before_all_the_same(house: House) -> None:
    zoe = await stopped(house, BlockReason.LOST)
    async with house.database.begin() as unit:
        await replace_medium(unit, zoe.pass_, zoe.medium.id, expires_at=zoe.medium.expires_at, now=MORNING)
    assert await flags(house, zoe, -1, 1) == [[], STOPPED]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_pass_that_was_suspended_and_goes_on_was_stopped_in_between_alone(house: House) -> None:
    zoe = await house.resident("R1")
    await give(house, zoe, "swims", service="pool")
    async with house.database.begin() as unit:
        paused = await passes.change_status(unit, zoe.pass_, PassStatus.SUSPENDED, now=MORNING)
        await passes.change_status(unit, paused, PassStatus.ACTIVE, now=MORNING + 60 * A_MINUTE)
    assert await flags(house, zoe, -1, 30, 61) == [[], STOPPED, []]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_what_was_shown_before_its_key_was_withdrawn_is_not_marked_and_after_it_is(house: House) -> None:
    zoe = await house.resident("R1")
    await give(house, zoe, "swims", service="pool")
    kid = house.keyring.signing_key("ville", Purpose.PRINT).kid.hex()
    house.keyring.withdraw(kid, now=MORNING)

    async def followed() -> bool:
        return bool((await house.tap(zoe.code, "free-1")).json()["reason"] == "withdrawn_key")

    await house.until(followed)
    nobodys = [*STOPPED, "not_entitled"]  # a code that is not believed names nobody
    assert await flags(house, zoe, -1, 0, 60) == [[], nobodys, nobodys]
    assert await followed(), "what is believed of the past opens no gate today"
