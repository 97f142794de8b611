"""A resident's telephone becomes the pass, goes on without network, and is untied: the reference phone at gates."""

from base64 import urlsafe_b64decode
from typing import Any
from uuid import uuid4

import pytest

from domain.guardians import GuardianKind, appoint_guardian
from domain.passes import medium_bytes
from nfc import keys, phone_binding
from nfc.phone import Phone
from tests.city import TestPass
from tests.house_app import House
from tests.http.phones import all_letters, follow, forget_letters, let_in, post, read
from tests.http.rights import assert_problem

SHARED = pytest.mark.asyncio(loop_scope="module")


async def owner(house: House, **more: Any) -> tuple[TestPass, dict[str, str]]:  # noqa: ANN401 - as `tests.city.resident`
    """Somebody with a pass, whose account follows it."""
    shown = await house.resident(f"R-{uuid4().hex[:8]}", **more)
    headers = await let_in(house, f"{uuid4()}@example.org")
    await follow(house, headers, shown.holder)
    return shown, headers


def proof(house: House, phone: Phone, number: str) -> str:
    """What a phone signs to be tied to a pass."""
    return phone_binding.prove(phone.private, number, int(house.clock().timestamp()))


async def tie(house: House, shown: TestPass, headers: dict[str, str], key: str = "t1") -> tuple[Phone, str]:
    """Tie a new phone to a pass; return it, ready to show codes, and which medium it is."""
    phone = Phone(keys.generate().private)
    said = {"key": key, "proof": proof(house, phone, shown.pass_.number)}
    answer = await post(house, f"/passes/{shown.pass_.number}/phones", said, headers)
    assert answer.status_code == 201, answer.text
    return _ready(phone, answer.json()["credential"]), answer.json()["medium"]["id"]


def _ready(phone: Phone, credential: str) -> Phone:
    return Phone(phone.private, urlsafe_b64decode(credential + "=" * (-len(credential) % 4)))


def code(house: House, phone: Phone) -> str:
    return phone.code(int(house.clock().timestamp()))


async def test_a_phone_is_the_pass_for_a_month_without_network_and_then_fetches_anew(house: House) -> None:
    zoe, headers = await owner(house, rights=("pool-year",), ends=house.clock().date().replace(year=2028))
    phone, medium = await tie(house, zoe, headers)
    assert (await house.tap(code(house, phone), "free-1")).json()["outcome"] == "granted"
    house.clock.turn(days=29)
    token = await house.terminal_token()
    assert (await house.tap(code(house, phone), "free-1", token=token)).json()["outcome"] == "granted"
    house.clock.turn(days=2)
    token = await house.terminal_token()
    assert (await house.tap(code(house, phone), "free-1", token=token)).json()["outcome"] == "denied"

    headers = {"Authorization": f"Bearer {await _signed_again(house, zoe)}"}
    renewed = await read(house, f"/passes/{zoe.pass_.number}/phones/{medium}/credential", headers)
    phone = _ready(phone, renewed.json()["credential"])
    assert (await house.tap(code(house, phone), "free-1", token=token)).json()["outcome"] == "granted"


async def _signed_again(house: House, zoe: TestPass) -> str:
    """An access token of the same device, a month later."""
    async with house.database.look() as unit:
        link = await unit.accounts.own_link(zoe.holder.id)
        assert link is not None
        (session,) = await unit.account_sessions.of(link.account_id)
    token: str = house.app.state.resident_tokens.sign(session.id)
    return token


@SHARED
async def test_a_phone_is_untied_and_the_printed_code_goes_on(shared_house: House) -> None:
    house = shared_house
    zoe, headers = await owner(house, rights=("pool-year",))
    phone, medium = await tie(house, zoe, headers)
    path = f"/passes/{zoe.pass_.number}/media"
    printed = medium_bytes(zoe.medium.id).hex()
    no_phone = await post(house, f"{path}/{printed}/block", {"key": "u0", "reason": "unlinked"}, headers)
    assert_problem(no_phone, 400, "invalid")
    untied = await post(house, f"{path}/{medium}/block", {"key": "u1", "reason": "unlinked"}, headers)
    assert untied.json()["status"] == "revoked"
    assert (await house.tap(code(house, phone), "free-1")).json()["outcome"] == "denied"
    assert (await house.tap(zoe.code, "free-1")).json()["outcome"] == "granted"
    renewal = await read(house, f"/passes/{zoe.pass_.number}/phones/{medium}/credential", headers)
    assert_problem(renewal, 409, "lifecycle-conflict")


@SHARED
async def test_one_phone_shows_the_passes_of_a_family_each_by_a_key_of_its_own(shared_house: House) -> None:
    house = shared_house
    zoe, headers = await owner(house, rights=("pool-year",))
    child = await house.resident(
        f"R-{uuid4().hex[:8]}", born_on=zoe.holder.born_on.replace(year=2018), rights=("reader", "pool-year")
    )
    async with house.database.begin() as unit:
        since = child.holder.born_on
        await appoint_guardian(unit, ward=child.holder, guardian=zoe.holder, kind=GuardianKind.PARENT, since=since)
    own, _ = await tie(house, zoe, headers, "f1")
    of_child, _ = await tie(house, child, headers, "f2")
    for phone in (own, of_child):
        assert (await house.tap(code(house, phone), "free-1")).json()["outcome"] == "granted"
    again = {"key": "f3", "proof": proof(house, own, child.pass_.number)}
    with_one_key = await post(house, f"/passes/{child.pass_.number}/phones", again, headers)
    assert_problem(with_one_key, 409, "already-exists")


@SHARED
async def test_a_binding_is_done_once_and_only_with_a_fresh_proof_for_this_pass(shared_house: House) -> None:
    house = shared_house
    zoe, headers = await owner(house)
    phone, path = Phone(keys.generate().private), f"/passes/{zoe.pass_.number}/phones"
    elsewhere = {"key": "o1", "proof": proof(house, phone, "0000000000")}
    assert_problem(await post(house, path, elsewhere, headers), 400, "phone-proof-refused")
    said = {"key": "o2", "proof": proof(house, phone, zoe.pass_.number)}
    forget_letters(house)
    first, second = [await post(house, path, said, headers) for _ in range(2)]
    assert first.json() == second.json()
    (told,) = [one["Subject"] for one in all_letters(house)]
    assert told == "Un téléphone montre maintenant votre pass"
    async with house.database.look() as unit:
        assert len(await unit.passes.media(zoe.pass_.id)) == 2
    house.clock.turn(minutes=30)
    late = {"key": "o3", "proof": said["proof"]}
    headers = await let_in(house, f"{uuid4()}@example.org")
    assert_problem(await post(house, path, late, headers), 404, "pass-not-found")


@SHARED
async def test_a_strangers_phone_gets_no_credential(shared_house: House) -> None:
    house = shared_house
    zoe, headers = await owner(house)
    _, medium = await tie(house, zoe, headers)
    stranger = await let_in(house, f"{uuid4()}@example.org")
    path = f"/passes/{zoe.pass_.number}/phones"
    assert_problem(await read(house, f"{path}/{medium}/credential", stranger), 404, "pass-not-found")
    said = {"key": "s1", "proof": proof(house, Phone(keys.generate().private), zoe.pass_.number)}
    assert_problem(await post(house, path, said, stranger), 404, "pass-not-found")
    printed = medium_bytes(zoe.medium.id).hex()
    assert_problem(await read(house, f"{path}/{printed}/credential", headers), 404, "medium-not-found")


@SHARED
async def test_a_code_for_a_minute_opens_one_gate_of_its_service_once(shared_house: House) -> None:
    house = shared_house
    zoe, headers = await owner(house, rights=("pool-year",))
    path, body = f"/passes/{zoe.pass_.number}/code", {"service": "pool"}
    shown = (await post(house, path, body, headers)).json()["code"]
    assert (await house.tap(shown, "free-1")).json()["outcome"] == "granted"
    assert (await house.tap(shown, "free-1")).json()["reason"] == "code_stale"
    late = (await post(house, path, body, headers)).json()["code"]
    house.clock.turn(seconds=61)
    assert (await house.tap(late, "free-1")).json()["reason"] == "code_stale"
    assert_problem(await post(house, path, {"service": "zoo"}, headers), 400, "unknown-service")
    printed = medium_bytes(zoe.medium.id).hex()
    await post(house, f"/passes/{zoe.pass_.number}/media/{printed}/block", {"key": "k", "reason": "lost"}, headers)
    assert_problem(await post(house, path, body, headers), 409, "lifecycle-conflict")
