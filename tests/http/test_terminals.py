"""How a device becomes a terminal, and how it proves at every token that it still is the same one."""

import asyncio
import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from adapters.keyring import INSTALLATION, Purpose
from api.auth import ALGORITHM, TERMINAL_AUDIENCE
from domain import terminals
from domain.agents import Role
from store.tables.places import terminal_token
from tests.city import TestTerminal
from tests.house_app import House

CODE = "K7QF-2M9X"


def public_jwk(private: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    point = private.public_key().public_numbers()
    x, y = (base64.urlsafe_b64encode(part.to_bytes(32, "big")).rstrip(b"=").decode() for part in (point.x, point.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


async def offer(house: House, code: str = CODE, gates: tuple[str, ...] = ("pool-1", "bus-1")) -> None:
    async with house.database.begin() as unit:
        await terminals.offer_pairing(
            unit,
            authority_id=house.city.authority.id,
            code=code,
            name="Entrance",
            gate_codes=gates,
            now=house.clock(),
        )


async def pair(house: House, code: str = CODE, **more: Any) -> httpx.Response:  # noqa: ANN401 - bodies that do not fit
    body = {"code": code, "publicKey": public_jwk(ec.generate_private_key(ec.SECP256R1())), **more}
    return await house.client.post("/v1/terminals/pairings", json=body)


async def prove(house: House, assertion: str) -> httpx.Response:
    return await house.client.post("/v1/terminals/tokens", json={"assertion": assertion})


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


# --- pairing ----------------------------------------------------------------------------------------


async def test_a_code_and_a_key_make_a_terminal_that_opens_its_gates(house: House) -> None:
    await offer(house)
    private = ec.generate_private_key(ec.SECP256R1())

    paired = await pair(house, publicKey=public_jwk(private))

    assert paired.status_code == 201, paired.text
    said = paired.json()
    assert (said["name"], said["authority"], said["gates"]) == ("Entrance", "ville", ["bus-1", "pool-1"])
    assert said["serverTime"] == "2026-11-18T13:05:00Z"
    claims = {
        "iss": said["terminalId"],
        "sub": said["terminalId"],
        "aud": TERMINAL_AUDIENCE,
        "iat": int(house.clock().timestamp()),
        "exp": int(house.clock().timestamp()) + 60,
        "jti": "first",
    }
    token = (await prove(house, jwt.encode(claims, private, algorithm=ALGORITHM))).json()["accessToken"]
    zoe = await house.resident("R1", rights=("pool-year",))
    assert (await house.tap(zoe.code, token=token)).json()["outcome"] == "granted"
    assert problem(await house.tap(zoe.code, "library-1", token=token)) == (404, "gate-not-found")


@pytest.mark.parametrize("typed", ["k7qf2m9x", "K7QF 2M9X", "k7qf-2m9x", " K7QF-2M9X "])
async def test_a_code_is_read_as_people_type_it(house: House, typed: str) -> None:
    await offer(house)
    assert (await pair(house, typed)).status_code == 201


async def test_a_pairing_code_works_once(house: House) -> None:
    await offer(house)
    assert (await pair(house)).status_code == 201
    assert problem(await pair(house)) == (403, "pairing-refused")


async def test_a_pairing_code_used_twice_at_the_same_moment_makes_one_terminal(house: House) -> None:
    await offer(house)
    answers = await asyncio.gather(*(pair(house) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 403, 403, 403]


async def test_a_pairing_code_is_good_for_thirty_minutes(house: House) -> None:
    await offer(house)
    house.clock.turn(minutes=30)
    late = await pair(house)
    house.clock.turn(seconds=-1)
    assert problem(late) == (403, "pairing-refused")
    assert (await pair(house)).status_code == 201


async def test_unknown_used_and_late_codes_get_one_answer(house: House) -> None:
    """Else codes could be guessed one property at a time."""
    await offer(house)
    await pair(house)
    used, unknown = await pair(house), await pair(house, "WRONG-CODE")
    await offer(house, "OTHER")
    house.clock.turn(minutes=31)
    late = await pair(house, "OTHER")
    assert used.content == unknown.content == late.content


async def test_the_eleventh_guess_of_a_pairing_code_waits(house: House) -> None:
    for guess in range(10):
        assert problem(await pair(house, f"GUESS-{guess}")) == (403, "pairing-refused")
    await offer(house)
    refused = await pair(house)
    assert problem(refused) == (429, "too-many-attempts")
    assert 0 < int(refused.headers["retry-after"]) <= 900
    house.clock.turn(minutes=15)
    assert (await pair(house)).status_code == 201


GOOD_KEY = public_jwk(ec.derive_private_key(7, ec.SECP256R1()))


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ({**GOOD_KEY, "y": GOOD_KEY["x"]}, "bad-public-key"),
        ({**GOOD_KEY, "x": "A" * 43, "y": "A" * 43}, "bad-public-key"),
        ({**GOOD_KEY, "x": "é" * 43}, "bad-public-key"),
        ({**GOOD_KEY, "x": "!" * 43}, "bad-public-key"),
        ({**GOOD_KEY, "x": "_" * 43}, "bad-public-key"),
        ({**GOOD_KEY, "x": GOOD_KEY["x"][:-1]}, "invalid-request"),
        ({**GOOD_KEY, "crv": "P-384"}, "invalid-request"),
        ({**GOOD_KEY, "kty": "RSA"}, "invalid-request"),
        ({**GOOD_KEY, "d": "AAAA"}, "invalid-request"),
        ({"kty": "EC", "crv": "P-256"}, "invalid-request"),
        (None, "invalid-request"),
    ],
)
async def test_a_key_that_is_no_key_is_refused_and_costs_no_code(
    house: House, key: dict[str, str] | None, code: str
) -> None:
    await offer(house)
    assert problem(await pair(house, publicKey=key)) == (400, code)
    assert (await pair(house)).status_code == 201


# --- the proof of key -------------------------------------------------------------------------------


async def test_a_proof_of_key_gets_a_token_for_a_quarter_of_an_hour(house: House) -> None:
    answer = await prove(house, house.city.terminal.proof(house.clock(), nonce="n"))
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["tokenType"], said["expiresIn"]) == ("Bearer", 900)
    assert said["serverTime"] == "2026-11-18T13:05:00Z"
    assert len(said["accessToken"]) >= 43


@pytest.mark.parametrize("minutes", [-15, -10, 10, 15])
async def test_a_clock_a_quarter_of_an_hour_off_does_no_harm(house: House, minutes: int) -> None:
    """T1."""
    claimed = house.clock() + timedelta(minutes=minutes)
    assert (await prove(house, house.city.terminal.proof(claimed, nonce="n"))).status_code == 200


@pytest.mark.parametrize("off", [timedelta(minutes=-15, seconds=-1), timedelta(minutes=15, seconds=1)])
@pytest.mark.parametrize("days", [0, 1, 365])
async def test_a_clock_further_off_is_told_the_time(house: House, off: timedelta, days: int) -> None:
    claimed = house.clock() + off * (1 + days * 90)
    answer = await prove(house, house.city.terminal.proof(claimed, nonce="n"))
    assert problem(answer) == (401, "clock-skew")
    assert answer.json()["serverTime"] == "2026-11-18T13:05:00+00:00"


async def test_a_proof_that_would_last_too_long_is_refused(house: House) -> None:
    soon = int(house.clock().timestamp())
    proof = house.city.terminal.proof(house.clock(), nonce="n", exp=soon + 901)
    assert problem(await prove(house, proof)) == (401, "clock-skew")


async def test_each_proof_works_once(house: House) -> None:
    proof = house.city.terminal.proof(house.clock(), nonce="once")
    assert (await prove(house, proof)).status_code == 200
    assert problem(await prove(house, proof)) == (401, "not-authenticated")
    house.clock.turn(minutes=14)
    assert problem(await prove(house, proof)) == (401, "not-authenticated")
    house.clock.turn(minutes=2)
    assert problem(await prove(house, proof)) == (401, "clock-skew")


async def test_a_proof_replayed_at_the_same_moment_works_once(house: House) -> None:
    proof = house.city.terminal.proof(house.clock(), nonce="once")
    answers = await asyncio.gather(*(prove(house, proof) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401, 401]


async def test_two_terminals_may_draw_the_same_nonce(house: House) -> None:
    for terminal in (house.city.terminal, house.city.neighbour_terminal):
        assert (await prove(house, terminal.proof(house.clock(), nonce="same"))).status_code == 200


def raw_public(terminal: TestTerminal) -> tuple[bytes, bytes, bytes]:
    """The forms of a public key that a confused verifier might take for an HMAC secret."""
    public = terminal.private.public_key()
    return (
        terminal.terminal.public_key,
        public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    )


def part(value: object) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")


def hmac_signed(claims: dict[str, Any], secret: bytes) -> str:
    message = part({"alg": "HS256", "typ": "JWT"}) + b"." + part(claims)
    mac = hmac.HMAC(secret, hashes.SHA256())
    mac.update(message)
    return (message + b"." + base64.urlsafe_b64encode(mac.finalize()).rstrip(b"=")).decode()


def claims_of(proof: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(proof, options={"verify_signature": False})
    return claims


Forge = Callable[[House], str]


def genuine(house: House, **claims: object) -> str:
    return house.city.terminal.proof(house.clock(), nonce="n", **claims)


def unsigned(house: House, alg: str) -> str:
    return (part({"alg": alg, "typ": "JWT"}) + b"." + part(claims_of(genuine(house))) + b".").decode()


def by_key(house: House, private: ec.EllipticCurvePrivateKey, **header: object) -> str:
    return jwt.encode(claims_of(genuine(house)), private, algorithm=ALGORITHM, headers=header)


def without(house: House, name: str) -> str:
    claims = {key: value for key, value in claims_of(genuine(house)).items() if key != name}
    return jwt.encode(claims, house.city.terminal.private, algorithm=ALGORITHM)


FORGERIES: dict[str, Forge] = {
    "garbage": lambda _house: "x" * 40,
    "three dots": lambda _house: "." * 40,
    "deep header": lambda _house: base64.urlsafe_b64encode(b'{"a":' + b"[" * 1_300).decode() + ".e30.AA",
    "header not UTF-8": lambda _house: base64.urlsafe_b64encode(b'{"alg":"\xff"}').decode() + ".e30.AAAAAAAAAAAAAAAA",
    "alg none": lambda house: unsigned(house, "none"),
    "alg NONE": lambda house: unsigned(house, "NONE"),
    "alg ES256 without a signature": lambda house: unsigned(house, "ES256"),
    "HMAC by the key's coordinates": lambda house: hmac_signed(
        claims_of(genuine(house)), raw_public(house.city.terminal)[0]
    ),
    "HMAC by the key's point": lambda house: hmac_signed(claims_of(genuine(house)), raw_public(house.city.terminal)[1]),
    "HMAC by the key's PEM": lambda house: hmac_signed(claims_of(genuine(house)), raw_public(house.city.terminal)[2]),
    "another terminal's key": lambda house: by_key(house, house.city.neighbour_terminal.private),
    "a key of its own in the header": lambda house: by_key(
        house,
        (own := ec.derive_private_key(99, ec.SECP256R1())),
        jwk=public_jwk(own),
        jku="https://attacker.example/keys.json",
        kid="../../../../dev/null",
    ),
    "the installation's key": lambda house: by_key(
        house, house.keyring.signing_key(INSTALLATION, Purpose.TOKEN).private
    ),
    "truncated": lambda house: genuine(house)[:-4],
    "signature changed": lambda house: genuine(house)[:-6] + "AAAAAA",
    "payload changed": lambda house: ".".join(
        [
            genuine(house).split(".")[0],
            part({**claims_of(genuine(house)), "jti": "other"}).decode(),
            genuine(house).split(".")[2],
        ]
    ),
    "for somebody else": lambda house: genuine(house, aud="multipass:agents"),
    "for nobody": lambda house: without(house, "aud"),
    "by somebody else": lambda house: genuine(house, iss=str(house.city.neighbour_terminal.terminal.id)),
    "by nobody": lambda house: without(house, "iss"),
    "about somebody else": lambda house: genuine(house, sub=str(house.city.neighbour_terminal.terminal.id)),
    "about nobody": lambda house: without(house, "sub"),
    "about no terminal": lambda house: genuine(house, sub="00000000-0000-0000-0000-000000000000"),
    "about no id": lambda house: genuine(house, sub="terminal-1"),
    "without a nonce": lambda house: without(house, "jti"),
    "with an empty nonce": lambda house: genuine(house, jti=""),
    "with a long nonce": lambda house: genuine(house, jti="n" * 65),
    "with a number for a nonce": lambda house: genuine(house, jti=7),
    "with a NUL in the nonce": lambda house: genuine(house, jti="a\0"),
    "with half a character in the nonce": lambda house: genuine(house, jti="\ud800"),
    "without a time": lambda house: without(house, "iat"),
    "without an end": lambda house: without(house, "exp"),
    "at a time of text": lambda house: genuine(house, iat="now"),
    "at a negative time": lambda house: genuine(house, iat=-1),
    "at an endless time": lambda house: genuine(house, iat=10**30, exp=10**30),
    "an agent's token": lambda house: jwt.encode(
        {"sub": str(house.city.agents[Role.MANAGER].id), "aud": TERMINAL_AUDIENCE, "iat": 1, "exp": 2, "jti": "n"},
        house.keyring.signing_key(INSTALLATION, Purpose.TOKEN).private,
        algorithm=ALGORITHM,
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_proof_gets_no_token(house: House, name: str) -> None:
    answer = await prove(house, FORGERIES[name](house))
    assert problem(answer) == (401, "not-authenticated"), answer.text
    assert (await prove(house, genuine(house))).status_code == 200, "and costs the genuine terminal nothing"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("assertion", ["", "short", "x" * 2_001, None, 7])
async def test_what_cannot_be_a_proof_is_a_request_that_does_not_fit(house: House, assertion: object) -> None:
    answer = await house.client.post("/v1/terminals/tokens", json={"assertion": assertion})
    assert problem(answer) == (400, "invalid-request")


async def test_a_revoked_terminal_gets_no_new_token(house: House) -> None:
    headers = await house.agent_headers(Role.ADMINISTRATOR)
    revoked = await house.client.post(f"/v1/terminals/{house.city.terminal.terminal.id}/revoke", headers=headers)
    assert revoked.status_code == 200
    assert problem(await prove(house, genuine(house))) == (401, "not-authenticated")
    assert (await prove(house, house.city.neighbour_terminal.proof(house.clock(), nonce="n"))).status_code == 200


async def test_tokens_are_kept_as_hashes_only(house: House) -> None:
    token = await house.terminal_token()
    async with house.database.read() as connection:
        (row,) = await connection.execute(select(terminal_token))
    assert token.encode() not in repr(tuple(row)).encode()
    assert len(row.token_hash) == 32
