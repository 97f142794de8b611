"""Passkeys of residents in the database, on both engines: theirs alone, and gone with the account."""

from datetime import timedelta

import pytest

from domain import passkeys
from domain.accounts import Account, was_used
from domain.errors import AlreadyExists
from domain.errors.agents import PasskeyNotFound, TooManyPasskeys
from domain.passkeys import MOST_PASSKEYS, Passkey
from tests.city import NOW
from tests.contract.account_world import Residents
from tests.contract.register import Register


async def registered(register: Register, account: Account, credential: bytes = b"c", *, count: int = 0) -> Passkey:
    keys = register.unit.account_passkeys
    return await passkeys.register(
        register.unit,
        keys,
        account,
        credential_id=credential,
        public_key=b"k",
        sign_count=count,
        name="n",
        now=NOW,
    )


async def test_a_passkey_opens_one_account_and_counts_on(register: Register) -> None:
    keys, residents = register.unit.account_passkeys, Residents(register)
    zoe, max_ = await residents.account("zoe@example.org"), await residents.account("max@example.org")
    counting = await registered(register, zoe, count=3)
    with pytest.raises(AlreadyExists):
        await registered(register, max_)
    assert [await passkeys.use(keys, counting, count, now=NOW) for count in (4, 4)] == [True, False]
    (kept,) = await keys.of(zoe.id)
    assert (kept.owner_id, kept.sign_count, kept.suspect_at) == (zoe.id, 4, NOW)
    assert await register.unit.passkeys.by_credential(b"c") is None, "it opens nothing of an agent's"
    with pytest.raises(PasskeyNotFound):
        await passkeys.rename(keys, max_, kept.id, "mine")
    await keys.remove(max_.id, kept.id)
    assert await keys.by_credential(b"c") == kept


async def test_ten_are_enough_and_they_live_as_long_as_the_account(register: Register) -> None:
    keys, account = register.unit.account_passkeys, await Residents(register).account("zoe@example.org")
    for number in range(MOST_PASSKEYS):
        await registered(register, account, bytes([number]))
    with pytest.raises(TooManyPasskeys):
        await registered(register, account, b"one more")
    used = await was_used(register.unit, account, now=NOW + timedelta(days=10))
    assert {one.keep_until for one in await keys.of(account.id)} == {used.keep_until}
    await register.unit.accounts.remove(account.id)
    assert await keys.of(account.id) == []
