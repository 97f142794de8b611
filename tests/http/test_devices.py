"""What a paired terminal says and asks about itself."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import update

from api.auth import ALGORITHM, TERMINAL_AUDIENCE
from api.changes import Changes
from domain.access.reasons import Reason
from domain.agents import Role
from domain.passes import BlockReason, block
from domain.terminals import ABILITIES, Ability, Profile, revoke_terminal
from store.catalogue import has_changed
from store.tables.places import terminal as terminal_table
from store.terminal_tokens import TerminalSession
from tests.house_app import House
from tests.http.test_terminals import problem, public_jwk
from tests.served import served


async def bearer(house: House) -> dict[str, str]:
    return {"Authorization": f"Bearer {await house.terminal_token()}"}


async def beat(house: House, **said: object) -> httpx.Response:
    body = {"version": "1.4.0", "terminalTime": house.clock().isoformat(), **said}
    return await house.client.post("/v1/terminals/heartbeats", json=body, headers=await bearer(house))


async def listed(house: House) -> dict[str, Any]:
    answer = await house.client.get("/v1/terminals", headers=await house.agent_headers(Role.MANAGER))
    found: dict[str, Any] = next(one for one in answer.json() if one["id"] == str(house.city.terminal.terminal.id))
    return found


# --- heartbeats -------------------------------------------------------------------------------------


async def test_agents_see_how_a_terminal_said_it_was(house: House) -> None:
    assert (await listed(house))["condition"] == "never_seen"
    late = house.clock() + timedelta(seconds=90)
    heard = await beat(house, terminalTime=late.isoformat(), backlog=3, bundle=12, bundleAgeSeconds=60, gate="pool-1")

    assert heard.status_code == 200, heard.text
    assert heard.json() == {"serverTime": "2026-11-18T13:05:00Z", "driftSeconds": 90.0, "nextInSeconds": 60}
    seen = await listed(house)
    assert seen["condition"] == "well"
    assert seen["health"] == {
        "seenAt": "2026-11-18T13:05:00Z",
        "version": "1.4.0",
        "driftSeconds": 90.0,
        "backlog": 3,
        "bundle": 12,
        "bundleAgeSeconds": 60,
    }


async def test_a_terminal_that_keeps_silent_is_down_until_it_speaks_again(house: House) -> None:
    await beat(house)
    house.clock.turn(minutes=5, seconds=1)
    assert (await listed(house))["condition"] == "down"
    await beat(house, backlog=40)
    seen = await listed(house)
    assert (seen["condition"], seen["health"]["backlog"]) == ("well", 40)


async def test_a_terminal_with_a_wrong_clock_is_told_and_shown(house: House) -> None:
    """Reliability T1."""
    wrong = house.clock() - timedelta(days=1)
    assert (await beat(house, terminalTime=wrong.isoformat())).json()["driftSeconds"] == -86_400
    assert (await listed(house))["condition"] == "clock_wrong"


@pytest.mark.parametrize(
    "said",
    [
        {"backlog": -1},
        {"version": ""},
        {"version": "x" * 41},
        {"version": "1\n"},
        {"terminalTime": "2026-11-18T13:05:00"},
        {"terminalTime": None},
        {"bundle": 2**53 + 1},
        {"bundleAgeSeconds": 2**31},
        {"owner": "me"},
    ],
)
async def test_a_heartbeat_that_makes_no_sense_is_refused(house: House, said: dict[str, object]) -> None:
    assert problem(await beat(house, **said)) == (400, "invalid-request")
    assert "health" not in await listed(house)


async def test_a_terminal_serves_the_gates_it_was_paired_for_and_no_other(house: House) -> None:
    assert problem(await beat(house, gate="neighbour-1")) == (404, "gate-not-found")


# --- configuration ----------------------------------------------------------------------------------


async def test_a_terminal_fetches_what_it_serves_and_shows(house: House) -> None:
    headers = await bearer(house)
    fetched = await house.client.get("/v1/terminals/configuration", headers=headers)

    assert fetched.status_code == 200, fetched.text
    said = fetched.json()
    assert (said["authority"], said["timeZone"], said["profile"]) == ("ville", "Europe/Paris", "handheld")
    assert set(said["abilities"]) == set(Ability)
    assert [gate["code"] for gate in said["gates"]] == sorted(house.city.terminal.gates)
    sites = {site["code"]: site for site in said["sites"]}
    assert {gate["site"] for gate in said["gates"]} == sites.keys()
    assert [day["day"] for day in sites["pool"]["days"]][:2] == ["2026-11-18", "2026-11-19"]
    assert len(sites["pool"]["days"]) == 7
    assert said["texts"].keys() == set(Reason)
    assert said["texts"]["quota_spent"]["colour"] == "red"

    again = await house.client.get(
        "/v1/terminals/configuration", headers=headers | {"If-None-Match": fetched.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_a_new_day_is_a_new_configuration(house: House) -> None:
    first = await house.client.get("/v1/terminals/configuration", headers=await bearer(house))
    house.clock.turn(days=1)
    second = await house.client.get(
        "/v1/terminals/configuration",
        headers=await bearer(house) | {"If-None-Match": first.headers["etag"]},
    )
    assert second.status_code == 200
    assert second.json()["sites"][0]["days"][0]["day"] == "2026-11-19"


# --- what has changed -------------------------------------------------------------------------------


def session_of(house: House) -> TerminalSession:
    mine = house.city.terminal.terminal
    return TerminalSession(mine.id, mine.authority_id, "ville", {}, house.clock(), Profile.GATE)


async def test_a_terminal_hears_that_its_configuration_has_changed_and_that_it_was_revoked(house: House) -> None:
    changes = Changes(house.database)
    stream = changes.follow(session_of(house), None)
    try:
        first = await asyncio.wait_for(anext(stream), 30)
        assert (first.event, first.data) == ("configuration", "{}")
        async with house.database.write() as connection:
            await has_changed(connection)
        second = await asyncio.wait_for(anext(stream), 30)
        assert second.event == "configuration"
        assert int(str(second.id)) == int(str(first.id)) + 1
        mine = house.city.terminal.terminal
        async with house.database.begin() as unit:
            await revoke_terminal(unit, authority_id=mine.authority_id, terminal_id=mine.id)
        assert (await asyncio.wait_for(anext(stream), 30)).event == "revoked"
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
    finally:
        await changes.close()


async def test_a_gate_hears_that_a_pass_was_stopped_or_a_bundle_issued_and_a_kiosk_does_not(house: House) -> None:
    zoe = await house.resident("R1")
    changes, mine = Changes(house.database), session_of(house)
    gate = changes.follow(mine, None)
    kiosk = changes.follow(msgspec.structs.replace(mine, profile=Profile.KIOSK), None)
    try:
        for stream in (gate, kiosk):
            assert (await asyncio.wait_for(anext(stream), 30)).event == "configuration"
        heard, silent = asyncio.ensure_future(anext(gate)), asyncio.ensure_future(anext(kiosk))
        async with house.database.begin() as unit:
            await block(unit, zoe.pass_, zoe.medium.id, reason=BlockReason.LOST, now=house.clock())
        assert (await asyncio.wait_for(heard, 30)).event == "bundle"
        heard = asyncio.ensure_future(anext(gate))
        await house.client.get("/v1/terminals/bundles/pool", headers=await bearer(house))
        assert (await asyncio.wait_for(heard, 30)).event == "bundle"
        assert not silent.done()
        silent.cancel()
    finally:
        await changes.close()


async def test_a_terminal_that_comes_back_hears_only_what_it_has_missed(house: House) -> None:
    changes = Changes(house.database)
    try:
        first = await asyncio.wait_for(anext(changes.follow(session_of(house), None)), 30)
        back = changes.follow(session_of(house), str(first.id))
        waiting = asyncio.ensure_future(anext(back))
        # Whoever comes anew hears the next look, which says nothing new to who was here before.
        await asyncio.wait_for(anext(changes.follow(session_of(house), None)), 30)
        async with house.database.write() as connection:
            await has_changed(connection)
        heard = await asyncio.wait_for(waiting, 30)
        assert (heard.event, heard.id == first.id) == ("configuration", False)
    finally:
        await changes.close()


def test_a_stream_is_followed_over_a_socket_and_ends_with_the_server(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        headers = {"Authorization": f"Bearer {server.terminal_token('stream')}"}
        with httpx.stream("GET", f"{server.url}/v1/terminals/changes", headers=headers, timeout=30) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.iter_lines()
            assert "event: configuration" in (next(lines), next(lines), next(lines))


# --- keys -------------------------------------------------------------------------------------------


def proof(house: House, private: ec.EllipticCurvePrivateKey, **other: object) -> str:
    me, now = str(house.city.terminal.terminal.id), int(house.clock().timestamp())
    claims = {"iss": me, "sub": me, "aud": TERMINAL_AUDIENCE, "iat": now, "exp": now + 60, "jti": "new"}
    return jwt.encode(claims | other, private, algorithm=ALGORITHM)


async def change(house: House, private: ec.EllipticCurvePrivateKey, assertion: str) -> httpx.Response:
    body = {"publicKey": public_jwk(private), "assertion": assertion}
    return await house.client.post("/v1/terminals/key", json=body, headers=await bearer(house))


async def test_a_terminal_changes_its_key_and_goes_on_under_its_name(house: House) -> None:
    """A key that is changed now and then is worth less to whoever copied it."""
    old = await house.terminal_token()
    new = ec.generate_private_key(ec.SECP256R1())

    changed = await change(house, new, proof(house, new))

    assert changed.status_code == 200, changed.text
    zoe = await house.resident("R1", rights=("pool-year",))
    assert problem(await house.tap(zoe.code, token=old)) == (401, "not-authenticated")
    refused = await house.client.post(
        "/v1/terminals/tokens", json={"assertion": house.city.terminal.proof(house.clock(), nonce="old")}
    )
    assert problem(refused) == (401, "not-authenticated")
    token = await house.client.post("/v1/terminals/tokens", json={"assertion": proof(house, new, jti="token")})
    assert (await house.tap(zoe.code, token=token.json()["accessToken"])).json()["outcome"] == "granted"


async def test_a_key_is_not_changed_without_a_proof_that_the_new_one_is_in_its_hands(house: House) -> None:
    new, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    for wrong in (
        proof(house, other),
        proof(house, new, sub="somebody", iss="somebody"),
        proof(house, new, aud="multipass:agents"),
        house.city.terminal.proof(house.clock(), nonce="mine"),
    ):
        assert problem(await change(house, new, wrong)) == (401, "not-authenticated")
    assert (await beat(house)).status_code == 200


# --- profiles ---------------------------------------------------------------------------------------

CALLS: dict[Ability, tuple[str, str, dict[str, Any] | None]] = {
    Ability.VALIDATE: ("POST", "/v1/access/validations", {"key": "k", "gate": "pool-1", "credential": "X"}),
    Ability.DEPOSIT: (
        "POST",
        "/v1/access/deposits",
        {
            "key": "d",
            "gate": "waste-1",
            "credential": "X",
            "items": [{"kind": "rubble", "unit": "m3", "amount": 1}],
        },
    ),
    Ability.CANCEL: ("POST", "/v1/access/cancellations", {"key": "c", "cancels": "nothing"}),
    Ability.AUTHENTICATE_CARDS: (
        "POST",
        "/v1/terminals/card-authentications",
        {"uid": "04112233445566", "said": "91AF"},
    ),
    Ability.SELL: ("GET", "/v1/access/sales", None),
    Ability.REPORT: ("GET", "/v1/terminals/configuration", None),
}


@pytest.mark.parametrize("profile", Profile)
async def test_a_terminal_may_call_what_its_profile_lists_and_nothing_else(house: House, profile: Profile) -> None:
    async with house.database.write() as connection:
        await connection.execute(
            update(terminal_table).where(terminal_table.c.id == house.city.terminal.terminal.id).values(profile=profile)
        )
    headers = await bearer(house)
    for ability, (method, path, body) in CALLS.items():
        answer = await house.client.request(method, path, json=body, headers=headers)
        if ability in ABILITIES[profile]:
            assert answer.status_code not in {401, 403}, (ability, answer.text)
        else:
            assert problem(answer) == (403, "not-this-terminal"), ability


# --- invitations ------------------------------------------------------------------------------------


async def test_an_agent_invites_a_terminal_by_a_code_that_its_camera_reads(house: House) -> None:
    """The picture itself is read by the terminal's own reader in tests/unit/nfc/test_pairing_code.py."""
    body = {"name": "Kiosk 1", "gates": ["pool-1", "pool-1"], "profile": "kiosk"}
    invited = await house.client.post(
        "/v1/terminals/invitations", json=body, headers=await house.agent_headers(Role.ADMINISTRATOR)
    )
    assert invited.status_code == 201, invited.text
    said = invited.json()
    assert said["text"].startswith("MPP1:")
    assert said["svg"].startswith("<svg ")
    assert said["expiresAt"] == "2026-11-18T13:35:00Z"
    paired = await house.client.post(
        "/v1/terminals/pairings",
        json={"code": said["code"], "publicKey": public_jwk(ec.generate_private_key(ec.SECP256R1()))},
    )
    assert (paired.json()["profile"], paired.json()["gates"]) == ("kiosk", ["pool-1"])


async def test_a_terminal_is_not_invited_to_a_gate_of_somebody_else(house: House) -> None:
    refused = await house.client.post(
        "/v1/terminals/invitations",
        json={"name": "Spy", "gates": ["pool-1", "neighbour-1"]},
        headers=await house.agent_headers(Role.ADMINISTRATOR),
    )
    assert problem(refused) == (404, "gate-not-found")
