"""Residents log in with passkeys: without an address, once for each challenge, and a code goes on letting them in."""

import json
from copy import copy
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from tests.authenticator import PRESENT, Authenticator
from tests.house_app import House
from tests.http.phones import bearer, forget_letters, let_in, letters, log_in, post, read
from tests.http.rights import assert_problem

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def house(shared_house: House) -> House:
    """The shared house a quarter of an hour later: nobody's attempts are counted any more."""
    shared_house.clock.turn(minutes=16)
    forget_letters(shared_house)
    return shared_house


async def add(
    house: House, headers: dict[str, str], stick: Authenticator, *, name: str = "Fairphone"
) -> httpx.Response:
    """Make a passkey and let it open the account that is logged in."""
    asked = await post(house, "/passkeys/registrations", None, headers)
    assert asked.status_code == 200, asked.text
    made = json.loads(stick.make(json.dumps(asked.json()["options"])))
    return await post(house, "/passkeys", {"name": name, "answer": made}, headers)


async def with_passkey(house: House, address: str, stick: Authenticator) -> dict[str, str]:
    headers = await let_in(house, address)
    added = await add(house, headers, stick)
    assert added.status_code == 201, added.text
    return headers


async def asked(house: House) -> dict[str, object]:
    answer = await post(house, "/passkeys/challenges", {"authority": "ville"})
    assert answer.status_code == 200
    said: dict[str, object] = answer.json()
    return said


async def show(
    house: House, stick: Authenticator, challenge: dict[str, object], *, attempt: object = None, tampered: bool = False
) -> httpx.Response:
    answer = json.loads(stick.show(json.dumps(challenge["options"]), tampered=tampered))
    return await post(
        house, "/tokens/passkey", {"attempt": attempt or challenge["attempt"], "answer": answer, "device": "Tablette"}
    )


async def test_a_passkey_lets_its_owner_in_without_an_address_and_they_are_told_of_it(house: House) -> None:
    stick = Authenticator()
    headers = await with_passkey(house, "zoe1@example.org", stick)
    (told,) = letters(house, "zoe1@example.org")
    assert "clé d’accès « Fairphone »" in told.get_content()
    challenge = await asked(house)
    options = challenge["options"]
    assert isinstance(options, dict)
    assert (options.get("allowCredentials") or [], options["userVerification"]) == ([], "required")

    tokens = await show(house, stick, challenge)

    assert tokens.status_code == 200, tokens.text
    mine = (await read(house, "/account", bearer(tokens.json()))).json()
    assert mine == (await read(house, "/account", headers)).json()
    devices = (await read(house, "/devices", bearer(tokens.json()))).json()["devices"]
    assert {one["name"] for one in devices} == {"Fairphone", "Tablette"}
    again = await log_in(house, "zoe1@example.org")
    assert (await read(house, "/account", again)).json() == mine, "a code still opens the account"


async def test_a_passkey_is_made_to_be_found_and_not_twice_on_one_device(house: House) -> None:
    stick = Authenticator()
    headers = await with_passkey(house, "zoe2@example.org", stick)
    options = (await post(house, "/passkeys/registrations", None, headers)).json()["options"]
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert len(options["excludeCredentials"]) == 1
    assert "zoe2@example.org" not in json.dumps(options)
    assert_problem(await add(house, headers, stick), 409, "already-exists")


async def test_what_is_not_the_passkey_of_somebody_lets_nobody_in_and_is_not_told_why(house: House) -> None:
    stick = Authenticator()
    await with_passkey(house, "zoe3@example.org", stick)
    elsewhere, unverified, stranger, other = (copy(stick) for _ in range(4))
    elsewhere.origin = "https://evil.example"
    unverified.flags = PRESENT
    stranger.credential_id = b"x" * 32
    other.user_id = bytes(16)
    said, reasons = [], []
    for liar in (elsewhere, unverified, stranger, other):
        with capture_logs() as logged:
            answer = await show(house, liar, await asked(house))
        assert_problem(answer, 401, "passkey-refused")
        said.append(answer.json()["detail"])
        reasons += [line["why"] for line in logged if line["event"] == "resident_passkey"]
    assert len(set(said)) == 1
    assert len(set(reasons)) == 3, "two of them are strangers; the log knows which was what"
    assert_problem(await show(house, stick, await asked(house), tampered=True), 401, "passkey-refused")
    nothing = {"attempt": str(UUID(int=0)), "answer": {"id": []}, "device": "x"}
    assert_problem(await post(house, "/tokens/passkey", nothing), 401, "passkey-refused")


async def test_a_challenge_is_answered_once_by_whoever_asked_and_in_time(house: House) -> None:
    stick = Authenticator(counts=False)
    await with_passkey(house, "zoe4@example.org", stick)
    first, second = await asked(house), await asked(house)
    assert_problem(await show(house, stick, first, attempt=second["attempt"]), 401, "passkey-refused")
    assert (await show(house, stick, first)).status_code == 200
    assert_problem(await show(house, stick, first), 401, "passkey-refused")
    house.clock.turn(minutes=5)
    assert_problem(await show(house, stick, second), 401, "passkey-refused")


async def test_a_challenge_to_make_a_passkey_is_for_one_login_and_not_for_logging_in(house: House) -> None:
    stick = Authenticator()
    mine, theirs = await let_in(house, "zoe5@example.org"), await let_in(house, "max5@example.org")
    options = (await post(house, "/passkeys/registrations", None, theirs)).json()["options"]
    made = json.loads(stick.make(json.dumps(options)))
    assert_problem(await post(house, "/passkeys", {"name": "x", "answer": made}, mine), 400, "passkey-unusable")
    login = json.dumps({**options, "challenge": (await asked(house))["options"]["challenge"]})  # type: ignore[index]
    for_login = {"name": "x", "answer": json.loads(stick.make(login))}
    assert_problem(await post(house, "/passkeys", for_login, mine), 400, "passkey-unusable")
    assert (await read(house, "/passkeys", mine)).json() == {"passkeys": []}


async def test_a_count_that_goes_back_is_refused_and_its_owner_is_told(house: House) -> None:
    stick = Authenticator()
    headers = await with_passkey(house, "zoe6@example.org", stick)
    assert (await show(house, stick, await asked(house))).status_code == 200
    forget_letters(house)
    stick.count -= 2
    assert_problem(await show(house, stick, await asked(house)), 401, "passkey-refused")
    (told,) = letters(house, "zoe6@example.org")
    assert "copie" in told.get_content()
    (listed,) = (await read(house, "/passkeys", headers)).json()["passkeys"]
    assert listed["suspectAt"] is not None
    stick.count += 5
    assert (await show(house, stick, await asked(house))).status_code == 200, "the stick itself goes on"


async def test_passkeys_are_named_and_removed_and_a_strangers_are_not_there(house: House) -> None:
    stick = Authenticator()
    mine, stranger = await with_passkey(house, "zoe7@example.org", stick), await let_in(house, "max7@example.org")
    (listed,) = (await read(house, "/passkeys", mine)).json()["passkeys"]
    path = f"/v1/resident/passkeys/{listed['id']}"
    renamed = await house.client.put(path, json={"name": "Clé bleue"}, headers=mine)
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Clé bleue")
    assert_problem(await house.client.put(path, json={"name": "x"}, headers=stranger), 404, "passkey-not-found")
    assert (await house.client.delete(path, headers=stranger)).status_code == 204
    assert [one["name"] for one in (await read(house, "/passkeys", mine)).json()["passkeys"]] == ["Clé bleue"]
    for _ in range(2):
        assert (await house.client.delete(path, headers=mine)).status_code == 204
    assert_problem(await show(house, stick, await asked(house)), 401, "passkey-refused")


async def test_passkeys_are_not_tried_for_ever_whatever_headers_say(house: House) -> None:
    """Forged forwarding headers do not make another source of it."""
    wrong = {"attempt": str(UUID(int=0)), "answer": {}, "device": "x"}
    tried = [
        await post(house, "/tokens/passkey", wrong, {"X-Forwarded-For": f"198.51.100.{turn}"}) for turn in range(31)
    ]
    assert [one.status_code for one in tried] == [401] * 30 + [429]
    house.clock.turn(minutes=15, seconds=1)
    assert (await post(house, "/tokens/passkey", wrong)).status_code == 401
