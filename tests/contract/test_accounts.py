"""Whose passes a resident's account sees, and how it is tied to them, on both engines."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from domain import account_logins, accounts
from domain.account_links import MANDATE_LIFE, LinkKind, make_code, redeem, unlink
from domain.accounts import ContactChannel
from domain.errors.accounts import (
    AccountHasPerson,
    ActsThroughOthers,
    ContactTaken,
    LastContact,
    LinkCodeWrong,
    LoginCodeWrong,
    NoSuchPerson,
)
from domain.errors.passes import PassNotFound
from domain.guardians import GuardianKind, appoint_guardian
from tests.city import NOW, TODAY
from tests.contract.account_world import Residents
from tests.contract.register import A_DAY, Register


async def test_an_account_sees_nobody_before_a_code_has_tied_somebody_to_it(register: Register) -> None:
    world = Residents(register)
    zoe = await register.person("zoe")
    account, shown = await world.account("zoe@example.org"), await world.pass_of(zoe)
    assert await world.seen(account) == []
    assert await register.unit.accounts.passes(account.id, TODAY) == []
    with pytest.raises(PassNotFound):
        await register.unit.accounts.pass_of(account.id, shown.number, TODAY)
    await world.link(account, zoe)
    assert await world.seen(account) == [("zoe", "own")]
    assert await register.unit.accounts.passes(account.id, TODAY) == [shown]
    assert await register.unit.accounts.pass_of(account.id, shown.number, TODAY) == shown


async def test_a_code_is_good_once_and_as_long_as_it_says_and_a_new_one_ends_the_one_before(register: Register) -> None:
    world, unit = Residents(register), register.unit
    zoe, account = await register.person("zoe"), await world.account("zoe@example.org")
    old, _ = await make_code(unit, zoe, kind=LinkKind.OWN, by=None, now=NOW, today=TODAY)
    new, code = await make_code(unit, zoe, kind=LinkKind.OWN, by=None, now=NOW, today=TODAY)
    for wrong, at in ((old, NOW), ("", NOW), ("2222-2222-2222-2222", NOW)):
        with pytest.raises(LinkCodeWrong):
            await redeem(unit, account, wrong, now=at, today=TODAY)
    # Typed as people type: in small letters, with spaces for hyphens.
    await redeem(unit, account, new.lower().replace("-", " "), now=code.expires_at - timedelta(seconds=1), today=TODAY)
    with pytest.raises(LinkCodeWrong):
        await redeem(unit, account, new, now=NOW, today=TODAY)
    late, code = await make_code(unit, zoe, kind=LinkKind.OWN, by=None, now=NOW, today=TODAY)
    with pytest.raises(LinkCodeWrong):
        await redeem(unit, account, late, now=code.expires_at, today=TODAY)


async def test_a_code_opens_nothing_at_a_neighbours(register: Register) -> None:
    zoe = await register.person("zoe")
    text, _ = await make_code(register.unit, zoe, kind=LinkKind.OWN, by=None, now=NOW, today=TODAY)
    abroad = Residents(Register(register.unit, replace(register.city, authority=register.city.neighbour)))
    stranger = await abroad.account("zoe@example.org")
    with pytest.raises(LinkCodeWrong):
        await redeem(register.unit, stranger, text, now=NOW, today=TODAY)


async def test_whoever_lost_every_address_comes_back_with_a_new_account_and_a_new_code(register: Register) -> None:
    world = Residents(register)
    zoe = await register.person("zoe")
    lost = await world.account("lost@example.org", own=zoe)
    found = await world.account("new@example.org")
    text, _ = await make_code(register.unit, zoe, kind=LinkKind.OWN, by=None, now=NOW, today=TODAY)
    assert (await redeem(register.unit, found, text, now=NOW, today=TODAY)).taken_from == lost.id
    assert (await world.seen(lost), await world.seen(found)) == ([], [("zoe", "own")])


async def test_an_account_is_one_persons_own(register: Register) -> None:
    world = Residents(register)
    zoe, max_ = await register.person("zoe"), await register.person("max")
    account = await world.account("zoe@example.org", own=zoe)
    with pytest.raises(AccountHasPerson):
        await world.link(account, max_)
    await unlink(register.unit, account, "zoe")
    await world.link(account, max_)
    assert await world.seen(account) == [("max", "own")]
    with pytest.raises(NoSuchPerson):
        await unlink(register.unit, account, "zoe")


async def test_parents_and_tutors_see_those_in_their_care_for_as_long_as_they_are(register: Register) -> None:
    world, unit = Residents(register), register.unit
    zoe, child = await register.person("zoe"), await register.person("child", born_on=date(2010, 11, 19))
    father = await register.person("father")
    await appoint_guardian(unit, ward=child, guardian=zoe, kind=GuardianKind.PARENT, since=child.born_on)
    await appoint_guardian(unit, ward=father, guardian=zoe, kind=GuardianKind.TUTOR, since=TODAY)
    account, shown = await world.account("zoe@example.org", own=zoe), await world.pass_of(child)
    assert await world.seen(account, TODAY - A_DAY) == [("zoe", "own"), ("child", "parent")]
    assert await world.seen(account) == [("zoe", "own"), ("child", "parent"), ("father", "tutor")]
    assert await unit.accounts.pass_of(account.id, shown.number, TODAY) == shown
    of_age = date(2028, 11, 19)
    assert await world.seen(account, of_age) == [("zoe", "own"), ("father", "tutor")]
    with pytest.raises(PassNotFound):
        await unit.accounts.pass_of(account.id, shown.number, of_age)


async def test_a_mandate_shows_one_person_and_none_of_those_in_their_care_and_ends(register: Register) -> None:
    world = Residents(register)
    zoe, neighbour = await register.person("zoe"), await register.person("neighbour")
    child = await register.person("child", born_on=date(2018, 3, 1))
    await appoint_guardian(register.unit, ward=child, guardian=neighbour, kind=GuardianKind.PARENT, since=child.born_on)
    account = await world.account("zoe@example.org", own=zoe)
    await world.link(account, neighbour, LinkKind.MANDATE)
    assert await world.seen(account) == [("zoe", "own"), ("neighbour", "mandate")]
    assert await world.seen(account, TODAY + MANDATE_LIFE) == [("zoe", "own")]
    # The neighbour's own account is theirs as before.
    own = await world.account("neighbour@example.org", own=neighbour)
    assert await world.seen(own) == [("neighbour", "own"), ("child", "parent")]
    assert ("neighbour", "mandate") in await world.seen(account)


async def test_whoever_is_in_somebodys_care_neither_logs_in_nor_gives_a_mandate(register: Register) -> None:
    """From sixteen on a young person has an account beside their parents'; a tutor ends what there was."""
    world, unit = Residents(register), register.unit
    teenager = await register.person("teenager", born_on=date(2010, 11, 19))
    for kind in LinkKind:
        with pytest.raises(ActsThroughOthers):
            await make_code(unit, teenager, kind=kind, by=None, now=NOW, today=TODAY)
    text, _ = await make_code(unit, teenager, kind=LinkKind.OWN, by=None, now=NOW, today=TODAY + A_DAY)
    account = await world.account("teen@example.org")
    with pytest.raises(ActsThroughOthers):
        await redeem(unit, account, text, now=NOW, today=TODAY)

    text, _ = await make_code(unit, teenager, kind=LinkKind.OWN, by=None, now=NOW, today=TODAY + A_DAY)
    await redeem(unit, account, text, now=NOW, today=TODAY + A_DAY)
    assert await world.seen(account, TODAY + A_DAY) == [("teenager", "own")]
    assert await world.seen(account) == []

    zoe, tutor = await register.person("zoe"), await register.person("tutor")
    own = await world.account("zoe@example.org", own=zoe)
    child = await register.person("child", born_on=date(2018, 3, 1))
    await appoint_guardian(unit, ward=child, guardian=zoe, kind=GuardianKind.PARENT, since=child.born_on)
    assert await world.seen(own) == [("zoe", "own"), ("child", "parent")]
    await appoint_guardian(unit, ward=zoe, guardian=tutor, kind=GuardianKind.TUTOR, since=TODAY)
    assert await world.seen(own, TODAY - A_DAY) == [("zoe", "own"), ("child", "parent")]
    assert await world.seen(own) == []


async def test_a_second_address_opens_the_same_account_and_the_last_one_stays(register: Register) -> None:
    world, unit = Residents(register), register.unit
    account = await world.account("zoe@example.org")
    (first,) = await unit.accounts.contacts(account.id)
    with pytest.raises(LastContact):
        await accounts.remove_contact(unit, account, first)
    second = await accounts.add_contact(unit, account, channel=ContactChannel.SMS, address="+33612345678", now=NOW)
    again = await accounts.add_contact(unit, account, channel=ContactChannel.SMS, address="+33612345678", now=NOW)
    assert again == second
    await accounts.remove_contact(unit, account, first)
    owner = register.city.authority.id
    assert await unit.accounts.by_address(owner, ContactChannel.SMS, "+33612345678") == account
    assert await unit.accounts.by_address(owner, ContactChannel.EMAIL, "zoe@example.org") is None
    assert await unit.accounts.by_address(register.city.neighbour.id, ContactChannel.SMS, "+33612345678") is None


async def test_an_address_opens_one_account(register: Register) -> None:
    world = Residents(register)
    await world.account("zoe@example.org")
    with pytest.raises(ContactTaken):
        await world.account("zoe@example.org")


async def test_a_code_of_six_digits_is_spent_once_and_tried_five_times(register: Register) -> None:
    unit = register.unit
    attempt = await account_logins.begin(
        unit,
        authority_id=register.owner,
        channel=ContactChannel.EMAIL,
        address="zoe@example.org",
        language="fr",
        now=NOW,
    )
    tries = [await unit.accounts.try_attempt(attempt.id, account_logins.MOST_TRIES) for _ in range(6)]
    assert [one.tries if one else None for one in tries] == [1, 2, 3, 4, 5, None]
    account = await account_logins.log_in(unit, attempt, now=NOW)
    assert await unit.accounts.by_address(register.owner, ContactChannel.EMAIL, "zoe@example.org") == account
    with pytest.raises(LoginCodeWrong):
        await account_logins.log_in(unit, attempt, now=NOW)
    with pytest.raises(LoginCodeWrong):
        await account_logins.confirm_contact(unit, account, attempt, now=NOW)
