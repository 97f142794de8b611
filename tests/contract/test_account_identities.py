"""Who residents are at an identity provider, in the database of both engines: one account each, and tickets once."""

import base64
from datetime import timedelta
from hashlib import sha256

import pytest

from domain.account_identities import TICKET_LIFE, Ticket, attach, detach, issue_ticket, log_in, turn_in
from domain.accounts import ContactChannel, add_contact
from domain.errors.accounts import IdentityTaken, TicketRefused
from domain.errors.agents import LastWayIn
from store.account_sessions import accounts_end, forget_accounts
from store.unit import SqlUnit
from tests.city import NOW
from tests.contract.account_world import Residents
from tests.contract.register import Register

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


async def issued(register: Register, subject: str = "s", *, issuer: str = "https://fc.example") -> str:
    return await issue_ticket(
        register.unit,
        authority_id=register.city.authority.id,
        issuer=issuer,
        subject=subject,
        id_token="x.y.z",
        challenge=CHALLENGE,
        language="en",
        now=NOW,
    )


async def ticket(register: Register, subject: str = "s", *, issuer: str = "https://fc.example") -> Ticket:
    return await turn_in(register.unit, await issued(register, subject, issuer=issuer), VERIFIER, now=NOW)


async def test_a_ticket_is_turned_in_once_and_in_time_with_its_secret(register: Register) -> None:
    text = await issued(register)
    assert (await turn_in(register.unit, text, VERIFIER, now=NOW)).subject == "s"
    for again, verifier, now in (
        (text, VERIFIER, NOW),
        (await issued(register), "w" * 43, NOW),
        (await issued(register), VERIFIER, NOW + TICKET_LIFE),
    ):
        with pytest.raises(TicketRefused):
            await turn_in(register.unit, again, verifier, now=now)


async def test_the_same_number_of_the_same_provider_opens_the_same_account(register: Register) -> None:
    first = await log_in(register.unit, await ticket(register), now=NOW)
    assert (first.language, await register.unit.accounts.contacts(first.id)) == ("en", [])
    later = NOW + timedelta(days=3)
    again = await log_in(register.unit, await ticket(register), now=later)
    assert (again.id, again.seen_at) == (first.id, later)
    (kept,) = await register.unit.account_identities.of(first.id)
    assert kept.keep_until == again.keep_until
    others = [await ticket(register, "t"), await ticket(register, issuer="https://other.example")]
    assert len({(await log_in(register.unit, one, now=NOW)).id for one in others} | {first.id}) == 3


async def test_an_identity_opens_one_account_and_an_account_has_one_of_a_provider(register: Register) -> None:
    residents, unit = Residents(register), register.unit
    assert isinstance(unit, SqlUnit)
    zoe, max_ = await residents.account("zoe@example.org"), await residents.account("max@example.org")
    mine = await attach(register.unit, zoe, await ticket(register), now=NOW)
    assert await attach(register.unit, zoe, await ticket(register), now=NOW) == mine
    for account, shown in ((max_, await ticket(register)), (zoe, await ticket(register, "t"))):
        with pytest.raises(IdentityTaken):
            async with unit.connection.begin_nested():
                await attach(unit, account, shown, now=NOW)
    await detach(register.unit, max_, mine.id)
    assert await register.unit.account_identities.of(zoe.id) == [mine], "a stranger's word changes nothing"
    await detach(register.unit, zoe, mine.id)
    assert await register.unit.account_identities.of(zoe.id) == []


async def test_the_provider_stays_until_an_address_opens_the_account(register: Register) -> None:
    account = await log_in(register.unit, await ticket(register), now=NOW)
    (only,) = await register.unit.account_identities.of(account.id)
    with pytest.raises(LastWayIn):
        await detach(register.unit, account, only.id)
    await add_contact(register.unit, account, channel=ContactChannel.EMAIL, address="zoe@example.org", now=NOW)
    await detach(register.unit, account, only.id)
    await register.unit.accounts.remove(account.id)


async def test_a_ticket_that_nobody_turned_in_is_forgotten(register: Register) -> None:
    await issued(register)
    assert isinstance(register.unit, SqlUnit)
    connection, authority = register.unit.connection, register.city.authority.id
    assert not await accounts_end(connection, authority, NOW.date(), NOW)
    over = NOW + TICKET_LIFE
    assert await accounts_end(connection, authority, over.date(), over)
    await forget_accounts(connection, authority, over.date(), over)
    assert not await accounts_end(connection, authority, over.date(), over)
