"""How residents log in, stay so and are thrown out: by codes, tokens, devices, addresses."""

import re
from datetime import timedelta
from uuid import UUID

import jwt
import pytest
import pytest_asyncio

from domain.account_sessions import RETRY
from domain.agents import Role
from tests.city import TODAY
from tests.house_app import House
from tests.http.phones import (
    ask_code,
    bearer,
    follow,
    forget_letters,
    let_in,
    letters,
    log_in,
    post,
    read,
    read_codes,
    texts,
    tokens_of,
)
from tests.http.rights import assert_problem
from tests.unit.test_request_letters import on_paper

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def house(shared_house: House) -> House:
    """The shared house a quarter of an hour later: nobody's attempts are counted any more."""
    shared_house.clock.turn(minutes=16)
    forget_letters(shared_house)
    return shared_house


async def test_a_code_by_e_mail_or_text_message_opens_an_account_that_sees_nobody_yet(house: House) -> None:
    headers = await log_in(house, "zoe10@example.org")
    account = (await read(house, "/account", headers)).json()
    assert (account["language"], account["persons"]) == ("fr", [])
    assert [(one["channel"], one["address"]) for one in account["contacts"]] == [("email", "z•••@example.org")]
    assert (await read(house, "/passes", headers)).json() == {"passes": []}
    phone = await log_in(house, "+33612345610")
    assert (await read(house, "/account", phone)).json()["contacts"][0]["address"] == "+33 •••• 10"
    (text,) = texts(house, "+33612345610")
    assert text.startswith("ville : votre code est") or "votre code est" in text
    assert len(text) <= 160


async def test_the_same_address_opens_the_same_account_in_whatever_way_it_is_typed(house: House) -> None:
    first = (await read(house, "/account", await log_in(house, "zoe11@example.org"))).json()
    attempt, code = await ask_code(house, "zoe11@example.org", email=" ZOE11@Example.org ")
    answer = await post(house, "/tokens", {"attempt": attempt, "code": f"{code[:3]} {code[3:]}", "device": "Web"})
    assert (await read(house, "/account", bearer(answer.json()))).json() == first


async def test_nothing_tells_whether_an_address_is_known(house: House) -> None:
    await let_in(house, "known12@example.org")
    asked = [
        await post(house, "/codes", {"authority": "ville", "email": f"{name}12@example.org"})
        for name in ("known", "unknown")
    ]
    known, unknown = (one.json() for one in asked)
    assert {one.status_code for one in asked} == {202}
    assert known.keys() == unknown.keys() == {"attempt", "expiresIn"}
    assert len(letters(house, "known12@example.org")) == len(letters(house, "unknown12@example.org")) == 1
    wrong = [
        (await post(house, "/tokens", {"attempt": one, "code": "x", "device": "x"})).json()
        for one in (known["attempt"], unknown["attempt"], str(UUID(int=0)))
    ]
    assert wrong[0] == wrong[1] == wrong[2]


async def test_a_code_is_good_once_for_ten_minutes_and_five_tries(house: House) -> None:
    async def typed(attempt: str, code: str) -> int:
        return (await post(house, "/tokens", {"attempt": attempt, "code": code, "device": "x"})).status_code

    attempt, code = await ask_code(house, "zoe13@example.org")
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert [await typed(attempt, wrong) for _ in range(4)] == [400] * 4
    assert await typed(attempt, code) == 200
    assert await typed(attempt, code) == 400

    house.clock.turn(minutes=16)
    attempt, code = await ask_code(house, "zoe13@example.org")
    assert [await typed(attempt, wrong) for _ in range(5)] == [400] * 5
    assert await typed(attempt, code) == 400, "the sixth try is not looked at"
    attempt, code = await ask_code(house, "zoe13@example.org")
    assert await typed(attempt, code) == 429, "nor is the first one of another code, for a while"

    house.clock.turn(minutes=16)
    attempt, code = await ask_code(house, "zoe13@example.org")
    house.clock.turn(minutes=10)
    assert await typed(attempt, code) == 400


async def test_codes_are_counted_by_address_and_by_source_whatever_headers_say(house: House) -> None:
    async def asked(to: str, forged: str) -> int:
        body = {"authority": "ville", "email": to}
        headers = {"X-Forwarded-For": forged, "Forwarded": f"for={forged}"}
        return (await post(house, "/codes", body, headers)).status_code

    assert [await asked("zoe14@example.org", f"198.51.100.{n}") for n in range(6)] == [202] * 5 + [429]
    assert [await asked(f"p{n}@example.org", f"198.51.100.{n}") for n in range(26)] == [202] * 25 + [429]
    house.clock.turn(minutes=15, seconds=1)
    assert await asked("zoe14@example.org", "198.51.100.1") == 202


async def test_an_address_that_is_none_or_that_nobody_writes_to_is_refused(house: House) -> None:
    for said in (
        {"email": "zoe@example"},
        {"phone": "+1 900 555 0100"},
        {"email": "zoe15@example.org", "phone": "0612345615"},
        {},
    ):
        answer = await post(house, "/codes", {"authority": "ville", **said})
        assert answer.status_code == 400, said
    assert_problem(await post(house, "/codes", {"authority": "x", "email": "a@b.fr"}), 404, "authority-not-found")


async def test_a_token_names_a_session_and_nobody(house: House) -> None:
    """No two services that saw the tokens of one person could tell: there is no account, person or pass in them."""
    zoe = await house.resident("R16")
    one, other = await tokens_of(house, "zoe16@example.org"), await tokens_of(house, "zoe16@example.org", "Web")
    await follow(house, bearer(one), zoe.holder)
    claims = [jwt.decode(each["accessToken"], options={"verify_signature": False}) for each in (one, other)]
    assert all(each.keys() == {"iss", "aud", "sub", "iat", "exp"} for each in claims)
    assert claims[0]["sub"] != claims[1]["sub"]
    assert claims[0]["aud"] == "multipass:residents:app"
    async with house.database.look() as unit:
        account = await unit.accounts.own_link(zoe.holder.id)
    assert account is not None
    said = "".join(str(each) for each in claims)
    assert not any(str(secret) in said for secret in (account.account_id, zoe.holder.id, zoe.pass_.number))


async def test_a_token_of_another_door_is_none_here_and_ours_is_none_there(house: House) -> None:
    resident = await log_in(house, "zoe17@example.org")
    for headers in (
        await house.agent_headers(Role.DESK),
        {"Authorization": f"Bearer {await house.terminal_token()}"},
        {},
        {"Authorization": "Bearer x"},
    ):
        assert_problem(await read(house, "/passes", headers), 401, "not-authenticated")
    assert_problem(await house.client.get("/v1/agents/me", headers=resident), 401, "not-authenticated")
    house.clock.turn(minutes=10)
    assert_problem(await read(house, "/passes", resident), 401, "not-authenticated")


async def test_a_refresh_token_is_renewed_and_its_theft_ends_the_session_and_is_told(house: House) -> None:
    first = await tokens_of(house, "zoe18@example.org")
    forget_letters(house)
    second = (await post(house, "/tokens/renewal", {"refreshToken": first["refreshToken"]})).json()
    assert (await read(house, "/passes", bearer(second))).status_code == 200
    again = await post(house, "/tokens/renewal", {"refreshToken": first["refreshToken"]})
    assert again.json()["refreshToken"] == second["refreshToken"], "its answer was lost on the way"
    house.clock.now += RETRY + timedelta(seconds=1)
    stolen = await post(house, "/tokens/renewal", {"refreshToken": first["refreshToken"]})
    assert_problem(stolen, 401, "refresh-refused")
    (told,) = letters(house, "zoe18@example.org")
    assert "Fairphone" in told.get_content()
    for token in (first, second):
        assert_problem(await read(house, "/passes", bearer(token)), 401, "not-authenticated")
    renewal = await post(house, "/tokens/renewal", {"refreshToken": second["refreshToken"]})
    assert_problem(renewal, 401, "refresh-refused")


async def test_a_device_is_listed_and_logged_out_and_a_strangers_is_not_there(house: House) -> None:
    mine, lost = await log_in(house, "zoe19@example.org"), await log_in(house, "zoe19@example.org", "Old phone")
    stranger = await let_in(house, "max19@example.org")
    listed = (await read(house, "/devices", mine)).json()["devices"]
    assert {(one["name"], one["isThis"], one["isOpen"]) for one in listed} == {
        ("Fairphone", True, True),
        ("Old phone", False, True),
    }
    old = next(one["id"] for one in listed if not one["isThis"])
    assert_problem(await post(house, f"/devices/{old}/end", None, stranger), 404, "account-session-not-found")
    assert (await read(house, "/passes", lost)).status_code == 200
    for _ in range(2):
        assert (await post(house, f"/devices/{old}/end", None, mine)).status_code == 204
    assert_problem(await read(house, "/passes", lost), 401, "not-authenticated")
    assert (await post(house, "/tokens/end", None, mine)).status_code == 204
    assert_problem(await read(house, "/passes", mine), 401, "not-authenticated")


async def test_a_second_address_lets_somebody_in_who_has_lost_the_first(house: House) -> None:
    headers = await log_in(house, "zoe20@example.org")
    forget_letters(house)
    sent = (await post(house, "/account/contacts/codes", {"phone": "06 12 34 56 20"}, headers)).json()
    (code,) = read_codes(house, "+33612345620")
    typed = {"attempt": sent["attempt"], "code": code}
    stranger = await let_in(house, "max20@example.org")
    assert_problem(await post(house, "/account/contacts", typed, stranger), 400, "login-code-wrong")
    as_login = await post(house, "/tokens", {**typed, "device": "x"})
    assert_problem(as_login, 400, "login-code-wrong")
    assert (await post(house, "/account/contacts", typed, headers)).status_code == 201
    (told,) = letters(house, "zoe20@example.org")
    assert "+33 •••• 20" in told.get_content()

    again = await log_in(house, "+33612345620")
    account = (await read(house, "/account", again)).json()
    assert [one["channel"] for one in account["contacts"]] == ["email", "sms"]
    email, phone = (one["id"] for one in account["contacts"])
    path = "/v1/resident/account/contacts"
    assert (await house.client.delete(f"{path}/{email}", headers=stranger)).status_code == 204
    assert len((await read(house, "/account", again)).json()["contacts"]) == 2, "a stranger's word changes nothing"
    assert (await house.client.delete(f"{path}/{email}", headers=again)).status_code == 204
    assert_problem(await house.client.delete(f"{path}/{phone}", headers=again), 409, "last-contact")


async def test_who_comes_back_by_a_new_code_of_a_desk_takes_the_pass_along_and_the_old_account_is_told(
    house: House,
) -> None:
    zoe = await house.resident("R21")
    lost = await log_in(house, "lost21@example.org")
    await follow(house, lost, zoe.holder)
    assert len((await read(house, "/passes", lost)).json()["passes"]) == 1
    desk = await house.agent_headers(Role.DESK)
    known = await house.client.get("/v1/holders/R21/account", headers=desk)
    assert known.json()["linkedAt"].startswith(str(TODAY))
    given = await house.client.post("/v1/holders/R21/account-codes", json={"kind": "own"}, headers=desk)
    assert given.status_code == 201
    found = await log_in(house, "new21@example.org")
    forget_letters(house)
    body = {"key": "l1", "code": given.json()["code"]}
    linked = await post(house, "/persons", body, found)
    assert linked.json()["person"] == {"reference": "R21", "name": "Zoé Lefèvre", "bond": "own"}
    assert (await post(house, "/persons", body, found)).json() == linked.json(), "sent twice, done once"
    assert len(letters(house, "lost21@example.org")) == 1
    assert (await read(house, "/passes", lost)).json() == {"passes": []}
    assert len((await read(house, "/passes", found)).json()["passes"]) == 1

    assert (await house.client.post("/v1/holders/R21/account/end", headers=desk)).status_code == 204
    assert (await read(house, "/passes", found)).json() == {"passes": []}
    ended = await house.client.post("/v1/holders/R21/account/end", headers=desk)
    assert_problem(ended, 404, "person-not-found")


async def test_codes_of_letters_are_not_guessed(house: House) -> None:
    headers = await let_in(house, "zoe22@example.org")
    tried = [await post(house, "/persons", {"key": f"g{n}", "code": "2222-2222-2222-2222"}, headers) for n in range(11)]
    assert [one.status_code for one in tried] == [404] * 10 + [429]
    other = await let_in(house, "max22@example.org")
    refused = await post(house, "/persons", {"key": "g", "code": "2222-2222-2222-2222"}, other)
    assert refused.status_code == 429, "a second account from the same address changes nothing"


async def test_an_account_is_deleted_when_its_owner_says_so(house: House) -> None:
    zoe = await house.resident("R23")
    headers = await log_in(house, "zoe23@example.org")
    await follow(house, headers, zoe.holder)
    assert (await house.client.delete("/v1/resident/account", headers=headers)).status_code == 204
    assert_problem(await read(house, "/passes", headers), 401, "not-authenticated")
    async with house.database.look() as unit:
        assert await unit.accounts.own_link(zoe.holder.id) is None
        assert await unit.passes.by_number(house.city.authority.id, zoe.pass_.number) == zoe.pass_


@pytest.mark.parametrize(("language", "words"), [("en-GB", "Please log in"), ("fr", "Connectez-vous"), ("de", "Conn")])
async def test_a_problem_is_told_in_the_language_of_whoever_asks(house: House, language: str, words: str) -> None:
    answer = await read(house, "/passes", {"Accept-Language": language})
    assert_problem(answer, 401, "not-authenticated")
    assert answer.json()["message"].startswith(words)


async def test_a_desk_prints_the_letter_of_a_code_and_what_stands_on_it_works(house: House) -> None:
    await house.resident("R-letter")
    desk = await house.agent_headers(Role.DESK)
    printed = await house.client.post("/v1/holders/R-letter/account-letters", json={"kind": "own"}, headers=desk)
    assert (printed.status_code, printed.headers["content-type"]) == (201, "application/pdf")
    assert printed.headers["cache-control"] == "no-store"
    found = re.search(r"\b\w{4}(?:-\w{4}){3}\b", on_paper(printed.content))
    assert found
    headers = await let_in(house, "letter@example.org")
    linked = await post(house, "/persons", {"key": "l", "code": found[0]}, headers)
    assert linked.json()["person"]["reference"] == "R-letter"
