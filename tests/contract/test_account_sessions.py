"""Devices of residents: tokens that are renewed once, thefts that end them, and what is forgotten when."""

from datetime import timedelta

import pytest

from domain.account_answers import KEPT, answered, keep
from domain.account_sessions import (
    LIFE,
    LONGEST,
    REMEMBERED,
    RETRY,
    Client,
    LoginWay,
    open_session,
    renew,
    revoke,
    revoke_all,
)
from domain.accounts import INACTIVE, LEFT_AFTER_WARNING, WARNED, ContactChannel, add_contact, warn, was_used
from domain.errors import AlreadyExists
from domain.errors.accounts import AccountSessionNotFound, RefreshRefused
from domain.errors.passes import KeyReused
from store.account_sessions import accounts_end, forget_accounts, sleeping
from store.unit import SqlUnit
from tests.city import NOW
from tests.contract.account_world import Residents
from tests.contract.register import Register

A_MINUTE = timedelta(minutes=1)


async def test_a_token_is_good_once_and_whoever_shows_it_again_ends_the_session(register: Register) -> None:
    account = await Residents(register).account("zoe@example.org")
    first = await open_session(register.unit, account, client=Client.APP, name="Fairphone", way=LoginWay.EMAIL, now=NOW)
    second = await renew(register.unit, first, 1, now=NOW + A_MINUTE)
    assert (second.generation, second.is_open(NOW + A_MINUTE)) == (2, True)
    assert await renew(register.unit, second, 1, now=NOW + A_MINUTE + RETRY) == second, "its answer was lost"
    third = await renew(register.unit, second, 2, now=NOW + 2 * A_MINUTE)
    stolen = await renew(register.unit, third, 1, now=NOW + 2 * A_MINUTE)
    assert stolen.revoked_at == NOW + 2 * A_MINUTE
    with pytest.raises(RefreshRefused):
        await renew(register.unit, stolen, 3, now=NOW + 3 * A_MINUTE)
    found = await register.unit.account_sessions.one(account.id, first.id)
    assert (found.generation, found.revoked_at) == (3, stolen.revoked_at)


async def test_the_token_before_ends_the_session_once_its_retry_is_over(register: Register) -> None:
    account = await Residents(register).account("zoe@example.org")
    first = await open_session(register.unit, account, client=Client.APP, name="Fairphone", way=LoginWay.EMAIL, now=NOW)
    second = await renew(register.unit, first, 1, now=NOW)
    assert (await renew(register.unit, second, 1, now=NOW + RETRY + A_MINUTE)).revoked_at is not None


async def test_of_two_renewals_at_once_both_get_the_same_token(register: Register) -> None:
    account = await Residents(register).account("zoe@example.org")
    first = await open_session(register.unit, account, client=Client.APP, name="Fairphone", way=LoginWay.EMAIL, now=NOW)
    one, other = [await renew(register.unit, first, 1, now=NOW) for _ in range(2)]
    assert one == other


async def test_a_phone_may_be_without_network_for_a_month_and_nobody_stays_logged_in_for_ever(
    register: Register,
) -> None:
    account = await Residents(register).account("zoe@example.org")
    session = await open_session(
        register.unit, account, client=Client.APP, name="Fairphone", way=LoginWay.EMAIL, now=NOW
    )
    assert session.is_open(NOW + timedelta(days=30))
    assert not session.is_open(NOW + LIFE)
    now = NOW
    while now < NOW + LONGEST:
        session = await renew(register.unit, session, session.generation, now=now)
        now += timedelta(days=60)
    assert not session.is_open(NOW + LONGEST)


async def test_every_session_but_one_ends_and_a_strangers_is_not_found(register: Register) -> None:
    world = Residents(register)
    zoe, max_ = await world.account("zoe@example.org"), await world.account("max@example.org")
    kept, gone = [
        await open_session(register.unit, zoe, client=Client.APP, name=name, way=LoginWay.EMAIL, now=NOW)
        for name in ("kept", "gone")
    ]
    of_max = await open_session(register.unit, max_, client=Client.APP, name="max", way=LoginWay.EMAIL, now=NOW)
    await revoke_all(register.unit, zoe, now=NOW, but=kept.id)
    listed = await register.unit.account_sessions.of(zoe.id)
    assert {one.id: one.is_open(NOW) for one in listed} == {kept.id: True, gone.id: False}
    assert (await register.unit.account_sessions.one(max_.id, of_max.id)).is_open(NOW)
    with pytest.raises(AccountSessionNotFound):
        await register.unit.account_sessions.one(zoe.id, of_max.id)


async def test_a_sleeping_account_is_warned_and_deleted_a_month_later_at_the_earliest(register: Register) -> None:
    unit, owner = register.unit, register.owner
    assert isinstance(unit, SqlUnit)
    account = await Residents(register).account("zoe@example.org", own=await register.person("zoe"))
    await open_session(unit, account, client=Client.APP, name="Fairphone", way=LoginWay.EMAIL, now=NOW)
    late = NOW + INACTIVE
    assert await sleeping(unit.connection, owner, (late - WARNED).date() - timedelta(days=1), 10) == []
    assert await sleeping(unit.connection, owner, late.date(), 10) == [account]
    await forget_accounts(unit.connection, owner, late.date(), late)
    assert await unit.accounts.by_id(owner, account.id) == account, "nobody was warned"

    warned = await warn(unit, account, now=late)
    with pytest.raises(AlreadyExists):
        await warn(unit, account, now=late)
    assert await sleeping(unit.connection, owner, late.date(), 10) == []
    await forget_accounts(unit.connection, owner, late.date() + LEFT_AFTER_WARNING - timedelta(days=1), late)
    assert await unit.accounts.by_id(owner, account.id) == warned
    gone_on = late.date() + LEFT_AFTER_WARNING
    assert await accounts_end(unit.connection, owner, gone_on, late)
    await forget_accounts(unit.connection, owner, gone_on, late)
    assert await unit.accounts.by_id(owner, account.id) is None
    assert await unit.accounts.by_address(owner, ContactChannel.EMAIL, "zoe@example.org") is None
    assert await unit.account_sessions.of(account.id) == []
    assert (await unit.people.holder(owner, "zoe")).reference == "zoe", "the register stays as it is"


async def test_whoever_comes_back_in_time_keeps_the_account_and_all_its_addresses(register: Register) -> None:
    unit, owner = register.unit, register.owner
    account = await Residents(register).account("zoe@example.org")
    await add_contact(unit, account, channel=ContactChannel.SMS, address="+33612345678", now=NOW)
    later = NOW + INACTIVE - timedelta(days=3)
    back = await was_used(unit, await warn(unit, account, now=later), now=later)
    assert back == await unit.accounts.by_id(owner, account.id)
    assert (back.warned_at, back.keep_until) == (None, later.date() + INACTIVE)
    assert {one.keep_until for one in await unit.accounts.contacts(account.id)} == {back.keep_until}


async def test_an_account_is_written_once_a_day_while_it_is_used(register: Register) -> None:
    account = await Residents(register).account("zoe@example.org")
    assert await was_used(register.unit, account, now=NOW + timedelta(hours=23)) is account
    assert (await was_used(register.unit, account, now=NOW + timedelta(days=1))).seen_at == NOW + timedelta(days=1)


async def test_sessions_codes_and_answers_are_forgotten_at_the_end_of_their_days(register: Register) -> None:
    unit, owner = register.unit, register.owner
    assert isinstance(unit, SqlUnit)
    account = await Residents(register).account("zoe@example.org")
    session = await open_session(unit, account, client=Client.APP, name="Fairphone", way=LoginWay.EMAIL, now=NOW)
    await keep(unit, account, "a1", fingerprint=b"f" * 32, body=b"{}", now=NOW)
    assert await answered(unit, account, "a1", b"f" * 32) == b"{}"
    with pytest.raises(KeyReused):
        await answered(unit, account, "a1", b"g" * 32)
    assert not await accounts_end(unit.connection, owner, NOW.date(), NOW)
    await forget_accounts(unit.connection, owner, (NOW + KEPT).date(), NOW)
    assert await answered(unit, account, "a1", b"f" * 32) is None
    assert await unit.account_sessions.of(account.id) == [session]
    await forget_accounts(unit.connection, owner, (NOW + LIFE + REMEMBERED).date(), NOW)
    assert await unit.account_sessions.of(account.id) == []


async def test_the_last_logins_come_first_and_no_more_than_are_asked_for(register: Register) -> None:
    world = Residents(register)
    zoe, max_ = await world.account("zoe@example.org"), await world.account("max@example.org")
    ways = (LoginWay.EMAIL, LoginWay.SMS, LoginWay.PASSKEY, LoginWay.PROVIDER)
    for day, way in enumerate(ways):
        at = NOW + timedelta(days=day)
        await open_session(register.unit, zoe, client=Client.APP, name=f"day {day}", way=way, now=at)
    await open_session(register.unit, max_, client=Client.PORTAL, name="max", way=LoginWay.EMAIL, now=NOW)
    listed = await register.unit.account_sessions.logins(zoe.id, 3)
    assert [(one.name, one.way) for one in listed] == [
        ("day 3", LoginWay.PROVIDER),
        ("day 2", LoginWay.PASSKEY),
        ("day 1", LoginWay.SMS),
    ]
    first = listed[-1]
    assert first.ended_at(first.created_at) is None
    assert first.ended_at(first.created_at + LIFE) == first.expires_at
    ended = await revoke(register.unit, first, now=NOW + timedelta(days=9))
    assert ended.ended_at(NOW + 2 * LONGEST) == NOW + timedelta(days=9)
