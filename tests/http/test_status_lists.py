"""The public status lists: signed, small, and true at the next fetch."""

import asyncio

import httpx
import pytest
from sqlalchemy import event

from adapters.keyring import Purpose
from domain.agents import Role
from nfc import status_delta, status_list
from nfc.status_delta import Delta
from nfc.status_list import Status, StatusList
from tests.city import TestPass
from tests.house_app import House

PATH = "/v1/public/ville/status-lists/0"
URI = "http://127.0.0.1:8400" + PATH


async def fetch(house: House, path: str = PATH, *, tag: str | None = None) -> httpx.Response:
    answer: httpx.Response = await house.client.get(path, headers={"If-None-Match": tag} if tag else {})
    return answer


def read(house: House, answer: httpx.Response) -> StatusList:
    assert answer.status_code == 200, answer.text
    trusted = house.keyring.verify_keys(Purpose.BUNDLE)
    return status_list.read(answer.content, trusted, int(house.clock().timestamp()), uri=URI)


async def lose(house: House, owner: TestPass) -> None:
    """As a desk does it."""
    number = owner.medium.id.to_bytes(8, "big", signed=True).hex()
    answer = await house.client.post(
        f"/v1/passes/{owner.pass_.number}/media/{number}/block",
        json={"reason": "lost"},
        headers=await house.agent_headers(Role.DESK),
    )
    assert answer.status_code == 200, answer.text


async def test_a_list_is_published_signed_for_anybody(house: House) -> None:
    zoe = await house.resident("R1")
    answer = await fetch(house)
    assert answer.headers["content-type"] == "application/statuslist+cwt"
    assert answer.headers["cache-control"] == "public, no-cache"
    shown = read(house, answer)
    now = int(house.clock().timestamp())
    assert (shown.authority, shown.version, shown.issued_at) == ("ville", 0, now)
    assert (shown.expires_at, shown.ttl_seconds) == (now + 86_400, 60)
    assert shown.status(zoe.medium.status_index) is Status.VALID


async def test_a_medium_that_is_stopped_shows_with_the_next_fetch(house: House) -> None:
    zoe, other = await house.resident("R1"), await house.resident("R2")
    first = await fetch(house)
    await lose(house, zoe)
    second = await fetch(house, tag=first.headers["etag"])
    shown = read(house, second)
    assert shown.status(zoe.medium.status_index) is Status.INVALID
    assert shown.status(other.medium.status_index) is Status.VALID
    assert shown.version > read(house, first).version


async def test_who_has_the_list_is_told_so_without_a_byte(house: House) -> None:
    await house.resident("R1")
    tag = (await fetch(house)).headers["etag"]
    for condition in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        same = await fetch(house, tag=condition)
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag), condition
        assert same.headers["cache-control"] == "public, no-cache"
    for condition in ('"other"', tag[:-2] + '"', '""'):
        assert (await fetch(house, tag=condition)).status_code == 200, condition


async def test_a_list_that_does_not_change_is_signed_once_an_hour(house: House) -> None:
    await house.resident("R1")
    house.clock.now = house.clock.now.replace(minute=0, second=0)
    first = await fetch(house)
    house.clock.turn(minutes=59)
    assert (await fetch(house)).content == first.content
    house.clock.turn(minutes=1)
    renewed = await fetch(house, tag=first.headers["etag"])
    assert read(house, renewed).issued_at == read(house, first).issued_at + 3_600
    assert read(house, renewed).version == read(house, first).version


async def test_an_unchanged_list_costs_one_look_into_the_database(house: House) -> None:
    await house.resident("R1")
    await fetch(house)
    statements: list[str] = []
    engine = house.app.dependencies["database"].dependency().engine.sync_engine  # type: ignore[union-attr]

    @event.listens_for(engine, "before_cursor_execute")
    def count(*seen: object) -> None:
        statements.append(str(seen[2]))

    try:
        for _ in range(3):
            await fetch(house)
    finally:
        event.remove(engine, "before_cursor_execute", count)
    selects = [statement for statement in statements if statement.lstrip().startswith("SELECT")]
    assert len(selects) == 3
    assert not any("FROM medium" in statement for statement in statements)


async def test_many_who_ask_at_once_get_one_list(house: House) -> None:
    await house.resident("R1")
    answers = await asyncio.gather(*(fetch(house) for _ in range(12)))
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.usefixtures("quick_keys")
async def test_a_new_key_signs_the_list_at_once(house: House) -> None:
    async def new() -> bool:
        return (await fetch(house, tag=first.headers["etag"])).status_code != 304

    await house.resident("R1")
    first = await fetch(house)
    old = next(iter(house.keyring.verify_keys(Purpose.BUNDLE)))
    house.keyring.generate("ville", Purpose.BUNDLE, now=house.clock())
    await house.until(new)
    answer = await fetch(house, tag=first.headers["etag"])
    assert read(house, answer).version == read(house, first).version
    assert old.hex() not in answer.headers["etag"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/public/nowhere/status-lists/0", 404, "authority-not-found"),
        ("/v1/public/ville/status-lists/1", 404, "status-list-not-found"),
        ("/v1/public/ville/status-lists/-1", 400, "invalid-request"),
        ("/v1/public/ville/status-lists/2147483648", 400, "invalid-request"),
        ("/v1/public/ville/status-lists/99999999999999999999", 400, "invalid-request"),
        ("/v1/public/ville/status-lists/x", 404, "not-found"),
    ],
)
async def test_what_is_no_list_is_a_problem(house: House, path: str, status: int, code: str) -> None:
    await house.resident("R1")
    answer = await fetch(house, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.usefixtures("quick_keys")
async def test_without_a_key_for_lists_there_is_none(house: House) -> None:
    """An installation from before: `multipass keys new --purpose bundle` makes one."""

    async def gone() -> bool:
        return (await fetch(house)).status_code != 200

    await house.resident("R1")
    (entry,) = [e for e in house.keyring.entries if (e.authority, e.purpose) == ("ville", Purpose.BUNDLE)]
    house.keyring.withdraw(entry.kid, now=house.clock())
    await house.until(gone)
    answer = await fetch(house)
    assert (answer.status_code, answer.json()["code"]) == (404, "key-missing")


async def test_each_authority_has_its_own_list(house: House) -> None:
    theirs = await house.resident("R1", authority=house.city.neighbour)
    assert (await fetch(house)).status_code == 404
    answer = await fetch(house, PATH.replace("ville", "voisine"))
    assert answer.status_code == 200
    assert theirs.medium.status_list == 0


@pytest.mark.parametrize("purpose", ["print", "phone", "bundle"])
async def test_keys_are_published_by_purpose(house: House, purpose: str) -> None:
    answer = await house.client.get("/v1/keys/jwks.json", params={"purpose": purpose})
    assert {key["kid"] for key in answer.json()["keys"]} == {
        kid.hex() for kid in house.keyring.verify_keys(Purpose(purpose))
    }
    cose = await house.client.get("/v1/keys/cose", params={"purpose": purpose})
    assert all(bytes.fromhex(key["kid"]) in cose.content for key in answer.json()["keys"])


async def test_the_keys_of_tokens_are_nobodys_business(house: House) -> None:
    answer = await house.client.get("/v1/keys/jwks.json", params={"purpose": "token"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-request")


# --- deltas -----------------------------------------------------------------------------------------


async def fetch_changes(house: House, since: int, *, tag: str | None = None) -> httpx.Response:
    return await fetch(house, f"{PATH}/changes?since={since}", tag=tag)


def read_delta(house: House, answer: httpx.Response) -> Delta:
    assert (answer.status_code, answer.headers["content-type"]) == (200, status_delta.MEDIA_TYPE), answer.text
    trusted = house.keyring.verify_keys(Purpose.BUNDLE)
    return status_delta.read(answer.content, trusted, int(house.clock().timestamp()), uri=URI)


async def test_a_revoked_medium_shows_in_the_next_delta_and_the_list_comes_out_as_if_fetched_whole(
    house: House,
) -> None:
    zoe, other = await house.resident("R1"), await house.resident("R2")
    mine = read(house, await fetch(house))
    nothing = await fetch_changes(house, mine.version)
    assert read_delta(house, nothing).changes == {}
    assert (await fetch_changes(house, mine.version, tag=nothing.headers["etag"])).status_code == 304

    await lose(house, zoe)

    answer = await fetch_changes(house, mine.version, tag=nothing.headers["etag"])
    mine = status_delta.applied(mine, read_delta(house, answer))
    assert len(answer.content) < 350
    assert mine == read(house, await fetch(house))
    assert (mine.status(zoe.medium.status_index), mine.status(other.medium.status_index)) == (
        Status.INVALID,
        Status.VALID,
    )


async def test_who_comes_from_a_version_that_is_not_known_gets_the_whole_list(house: House) -> None:
    """After a restore the version may be smaller than the one somebody has."""
    await house.resident("R1")
    answer = await fetch_changes(house, 99)
    assert answer.headers["content-type"] == status_list.MEDIA_TYPE
    assert read(house, answer).version == 0


@pytest.mark.parametrize("since", ["-1", "x", "", str(2**31)])
async def test_a_version_that_is_none_is_a_problem(house: House, since: str) -> None:
    answer = await house.client.get(f"{PATH}/changes", params={"since": since})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-request")
