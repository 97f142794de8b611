"""How agents log in, what their tokens are worth, and what happens to those who guess."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from litestar.testing import AsyncTestClient

from adapters.keyring import INSTALLATION, Purpose
from api.app import build_app
from api.auth import AGENT_AUDIENCE, ALGORITHM
from api.settings import Settings
from domain.agents import PERMISSIONS, Role
from store.tables.agents import agent, agent_role
from tests.city import PASSWORD
from tests.house_app import House, TestClock
from tests.http.test_terminals import hmac_signed, part, problem

ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


async def log_in(
    client: Any,  # noqa: ANN401 - a client of the house, or of another application on it
    login: str,
    password: str = PASSWORD,
    **headers: str,
) -> httpx.Response:
    answer: httpx.Response = await client.post(
        "/v1/agents/tokens",
        json={"login": login, "password": password},
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    return answer


async def who(house: House, token: str) -> httpx.Response:
    return await house.client.get("/v1/agents/me", headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("role", list(Role))
async def test_an_agent_logs_in_and_hears_what_they_may_do(house: House, role: Role) -> None:
    answer = await log_in(house.client, house.city.agents[role].login)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["tokenType"], answer.json()["expiresIn"]) == ("Bearer", 900)
    said = (await who(house, answer.json()["accessToken"])).json()
    assert said["login"] == house.city.agents[role].login
    assert said["roles"] == [role]
    assert set(said["permissions"]) == PERMISSIONS[role]


async def test_a_wrong_password_and_an_unknown_login_get_one_answer(house: House) -> None:
    login = house.city.agents[Role.DESK].login
    wrong = await log_in(house.client, login, "guess")
    unknown = await log_in(house.client, "nobody@ville.example")
    assert problem(wrong) == problem(unknown) == (401, "bad-credentials")
    assert wrong.content == unknown.content
    assert login not in wrong.text


async def test_an_account_that_was_closed_is_refused_at_once(house: House) -> None:
    login = house.city.agents[Role.DESK].login
    token = (await log_in(house.client, login)).json()["accessToken"]
    assert (await who(house, token)).status_code == 200

    async with house.database.engine.begin() as connection:
        await connection.execute(agent.update().where(agent.c.login == login).values(active=False))

    assert problem(await who(house, token)) == (401, "not-authenticated")
    assert problem(await log_in(house.client, login)) == (401, "bad-credentials")


async def test_a_role_taken_away_is_gone_at_once(house: House) -> None:
    headers = await house.agent_headers(Role.MANAGER)
    assert (await house.client.get("/v1/terminals", headers=headers)).status_code == 200
    async with house.database.engine.begin() as connection:
        await connection.execute(agent_role.delete().where(agent_role.c.agent_id == house.city.agents[Role.MANAGER].id))
    assert problem(await house.client.get("/v1/terminals", headers=headers)) == (403, "forbidden")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"login": "a"},
        {"login": "", "password": "x"},
        {"login": "a", "password": ""},
        {"login": "a" * 121, "password": "x"},
        {"login": "a", "password": "x" * 201},
        {"login": "a\0", "password": "x"},
        {"login": "a\nb", "password": "x"},
        {"login": ["a"], "password": "x"},
        {"login": "a", "password": None},
        {"login": "a", "password": "x", "role": "administrator"},
    ],
)
async def test_a_login_that_does_not_fit_is_a_problem(house: House, body: dict[str, Any]) -> None:
    answer = await house.client.post("/v1/agents/tokens", json=body)
    assert problem(answer) == (400, "invalid-request")


@ONE_ENGINE
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"login":"\xff","password":"x"}',
        b'{"login":' + b"[" * 30_000,
        b'{"other":' + b"[" * 30_000,
        b'{"login":"\\ud800","password":"x"}',
    ],
    ids=["empty", "null", "list", "cut off", "not UTF-8", "deep", "deep and unknown", "half a character"],
)
async def test_a_body_that_cannot_be_read_is_a_problem(house: House, content: bytes) -> None:
    answer = await house.client.post("/v1/agents/tokens", content=content)
    assert problem(answer) == (400, "invalid-request")


@ONE_ENGINE
async def test_a_body_of_a_megabyte_is_not_read(house: House) -> None:
    answer = await house.client.post("/v1/agents/tokens", content=b" " * 1_000_000)
    assert problem(answer) == (413, "body-too-large")


@pytest.mark.parametrize("reference", ["R\0", "'; DROP TABLE holder; --", "é" * 40, "{{7*7}}", "%00", "..", "\u202e"])
async def test_a_holders_reference_is_only_ever_a_value(house: House, reference: str) -> None:
    headers = await house.agent_headers(Role.DESK)
    answer = await house.client.post("/v1/passes", json={"holderReference": reference}, headers=headers)
    assert problem(answer) in {(400, "invalid-request"), (404, "holder-not-found")}


@pytest.mark.parametrize(
    "number", ["0", "%00", "abc%00", "1234567890", "%27", "٠١٢٣٤٥٦٧٨٩", "9" * 5_000, "..", "%2e%2e", "%ff"]
)
async def test_a_number_that_is_none_finds_nothing(house: House, number: str) -> None:
    headers = await house.agent_headers(Role.DESK)
    answer = await house.client.get(f"/v1/passes/{number}", headers=headers)
    assert answer.status_code == 404, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("dates", "code"),
    [
        ({"validFrom": "2026-12-31", "validUntil": "2026-12-31"}, "contradictory-period"),
        ({"validFrom": "2026-12-31", "validUntil": "2026-01-01"}, "contradictory-period"),
        ({"validUntil": "2020-01-01"}, "contradictory-period"),
        ({"validFrom": "9999-12-31"}, "invalid"),
        ({"validFrom": "0001-01-01"}, "invalid"),
        ({"validFrom": "2026-02-30"}, "invalid-request"),
        ({"validFrom": 20260101}, "invalid-request"),
        ({"kind": "tattoo"}, "invalid-request"),
        ({"status": "ended"}, "invalid-request"),
    ],
)
async def test_a_pass_that_contradicts_itself_is_not_issued(house: House, dates: dict[str, Any], code: str) -> None:
    zoe = await house.resident("R1")
    headers = await house.agent_headers(Role.DESK)
    answer = await house.client.post(
        "/v1/passes", json={"holderReference": zoe.holder.reference, **dates}, headers=headers
    )
    assert problem(answer) == (400, code)


async def test_a_medium_is_blocked_once_and_never_comes_back(house: House) -> None:
    zoe = await house.resident("R1")
    headers = await house.agent_headers(Role.DESK)
    shown = (await house.client.get(f"/v1/passes/{zoe.pass_.number}", headers=headers)).json()
    where = f"/v1/passes/{zoe.pass_.number}/media/{shown['media'][0]['id']}/block"

    first = await house.client.post(where, json={"reason": "stolen"}, headers=headers)
    second = await house.client.post(where, json={"reason": "suspended"}, headers=headers)

    assert (first.status_code, first.json()["status"]) == (200, "stolen")
    assert problem(second) == (409, "lifecycle-conflict")


@pytest.mark.parametrize("medium", ["0" * 16, "zz", "00", "0" * 18, "é" * 8, "00 00"])
async def test_a_medium_that_is_none_of_the_pass_is_not_found(house: House, medium: str) -> None:
    zoe = await house.resident("R1")
    headers = await house.agent_headers(Role.DESK)
    answer = await house.client.post(
        f"/v1/passes/{zoe.pass_.number}/media/{medium}/block", json={"reason": "lost"}, headers=headers
    )
    assert problem(answer) == (404, "medium-not-found")


# --- tokens -----------------------------------------------------------------------------------------


def claims(house: House, **more: object) -> dict[str, Any]:
    now = int(house.clock().timestamp())
    return {
        "iss": "http://127.0.0.1:8400",
        "aud": AGENT_AUDIENCE,
        "sub": str(house.city.agents[Role.ADMINISTRATOR].id),
        "iat": now,
        "exp": now + 900,
        **more,
    }


def signed(house: House, *, header: dict[str, Any] | None = None, **more: object) -> str:
    """A token by the installation's own key: only what it says may be wrong."""
    key = house.keyring.signing_key(INSTALLATION, Purpose.TOKEN)
    headers = {"kid": key.kid.hex(), "typ": "at+jwt", **(header or {})}
    return jwt.encode(claims(house, **more), key.private, algorithm=ALGORITHM, headers=headers)


def by_stranger(house: House, **header: object) -> str:
    key = house.keyring.signing_key(INSTALLATION, Purpose.TOKEN)
    stranger = ec.derive_private_key(4711, ec.SECP256R1())
    headers = {"kid": key.kid.hex(), "typ": "at+jwt", **header}
    return jwt.encode(claims(house), stranger, algorithm=ALGORITHM, headers=headers)


def by_print_key(house: House) -> str:
    key = house.keyring.signing_key("ville", Purpose.PRINT)
    headers = {"kid": key.kid.hex(), "typ": "at+jwt"}
    return jwt.encode(claims(house), key.private, algorithm=ALGORITHM, headers=headers)


def hmac_by_public_key(house: House) -> str:
    public = house.keyring.signing_key(INSTALLATION, Purpose.TOKEN).public
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return hmac_signed(claims(house), pem)


def unsigned(house: House, alg: str) -> str:
    kid = house.keyring.signing_key(INSTALLATION, Purpose.TOKEN).kid.hex()
    return (part({"alg": alg, "typ": "at+jwt", "kid": kid}) + b"." + part(claims(house)) + b".").decode()


def later(house: House, seconds: float) -> int:
    return int((house.clock() + timedelta(seconds=seconds)).timestamp())


FORGERIES: dict[str, Callable[[House], str]] = {
    "empty": lambda _house: "",
    "garbage": lambda _house: "garbage",
    "dots": lambda _house: "..",
    "not ASCII": lambda _house: "\xe9.\xe9.\xe9",
    "deep header": lambda _house: base64.urlsafe_b64encode(b'{"a":' + b"[" * 20_000).decode() + ".e30.AA",
    "header is a list": lambda _house: part([1]).decode() + ".e30.AA",
    "alg none": lambda house: unsigned(house, "none"),
    "alg ES256, no signature": lambda house: unsigned(house, "ES256"),
    "HMAC by the public key": hmac_by_public_key,
    "a stranger's key": by_stranger,
    "a stranger's key in the header": lambda house: by_stranger(
        house, jku="https://attacker.example", x5u="https://attacker.example"
    ),
    "a key for printed codes": by_print_key,
    "kid is a path": lambda house: by_stranger(house, kid="../../../../dev/null"),
    "kid is a statement": lambda house: by_stranger(house, kid="' UNION SELECT 1 --"),
    "kid is an address": lambda house: by_stranger(house, kid="https://attacker.example/key"),
    "kid is a number": lambda house: (
        part({"alg": "ES256", "typ": "at+jwt", "kid": 7}) + b"." + part(claims(house)) + b".AAAA"
    ).decode(),
    "kid is missing": lambda house: (
        part({"alg": "ES256", "typ": "at+jwt"}) + b"." + part(claims(house)) + b".AAAA"
    ).decode(),
    "another type": lambda house: signed(house, header={"typ": "JWT"}),
    "truncated": lambda house: signed(house)[:-3],
    "payload of another": lambda house: ".".join(
        [
            signed(house).split(".")[0],
            part(claims(house, sub=str(house.city.agents[Role.DPO].id))).decode(),
            signed(house).split(".")[2],
        ]
    ),
    "over": lambda house: signed(house, exp=later(house, 0)),
    "from the future": lambda house: signed(house, iat=later(house, 3_600), exp=later(house, 4_500)),
    "without an end": lambda house: signed(house, exp=None),
    "for terminals": lambda house: signed(house, aud="multipass:terminal-token"),
    "of another issuer": lambda house: signed(house, iss="https://elsewhere.example"),
    "about nobody": lambda house: signed(house, sub="00000000-0000-0000-0000-000000000000"),
    "about no id": lambda house: signed(house, sub="administrator"),
}


@ONE_ENGINE
@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_token_opens_nothing(house: House, name: str) -> None:
    headers = [(b"authorization", b"Bearer " + FORGERIES[name](house).encode("latin-1"))]
    answer = await house.client.get("/v1/agents/me", headers=headers)
    assert problem(answer) == (401, "not-authenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_the_same_token_unspoilt_is_good(house: House) -> None:
    """Else the forgeries above would prove nothing."""
    assert (await who(house, signed(house))).status_code == 200


async def test_a_token_lasts_a_quarter_of_an_hour(house: House) -> None:
    token = (await log_in(house.client, house.city.agents[Role.DPO].login)).json()["accessToken"]
    house.clock.turn(seconds=899)
    assert (await who(house, token)).status_code == 200
    house.clock.turn(seconds=1)
    assert problem(await who(house, token)) == (401, "not-authenticated")


async def test_a_token_of_a_withdrawn_key_is_refused_and_a_new_key_takes_over(house: House) -> None:
    """K1, for people's tokens."""
    old = house.keyring.signing_key(INSTALLATION, Purpose.TOKEN).kid.hex()
    before = signed(house)
    house.keyring.generate(INSTALLATION, Purpose.TOKEN, now=house.clock())
    house.keyring.withdraw(old)

    async with asyncio.timeout(2):
        while (await who(house, before)).status_code != 401:
            pass

    assert (await who(house, signed(house))).status_code == 200


async def test_a_terminals_token_is_no_agents_token(house: House) -> None:
    assert problem(await who(house, await house.terminal_token())) == (401, "not-authenticated")


# --- L3: those who guess ----------------------------------------------------------------------------


async def test_the_eleventh_guess_at_one_account_waits(house: House) -> None:
    login = house.city.agents[Role.DESK].login
    for _ in range(10):
        assert problem(await log_in(house.client, login, "guess")) == (401, "bad-credentials")

    refused = await log_in(house.client, login)

    assert problem(refused) == (429, "too-many-attempts"), "even with the right password"
    assert 0 < int(refused.headers["retry-after"]) <= 900
    assert refused.json()["retryAfterSeconds"] == int(refused.headers["retry-after"])
    assert (await log_in(house.client, house.city.agents[Role.DPO].login)).status_code == 200, "others go on"
    house.clock.turn(seconds=int(refused.headers["retry-after"]))
    assert (await log_in(house.client, login)).status_code == 200


async def test_an_account_is_counted_whatever_the_case_of_its_login(house: House) -> None:
    login = house.city.agents[Role.DESK].login
    for guess in range(10):
        spelled = login.upper() if guess % 2 else login
        await log_in(house.client, spelled, "guess")
    assert (await log_in(house.client, login)).status_code == 429


async def test_guesses_sent_at_one_moment_learn_no_more_than_ten_answers(house: House) -> None:
    login = house.city.agents[Role.DESK].login
    answers = await asyncio.gather(*(log_in(house.client, login, f"guess {n}") for n in range(25)))
    told = [answer for answer in answers if answer.status_code == 401]
    assert len(told) == 10
    assert {answer.status_code for answer in answers} == {401, 429}


def spread(house: House, guess: int) -> str:
    """One account after another, so that none of them reaches its own limit."""
    return house.city.agents[list(Role)[guess % len(Role)]].login


async def test_the_thirty_first_guess_from_one_source_waits(house: House) -> None:
    for guess in range(30):
        assert (await log_in(house.client, spread(house, guess), "guess")).status_code == 401
    refused = await log_in(house.client, house.city.neighbour_agents[Role.DESK].login)
    assert problem(refused) == (429, "too-many-attempts")
    assert "retry-after" in refused.headers


FORGED = ("x-forwarded-for", "x-real-ip", "x-client-ip", "cf-connecting-ip", "true-client-ip", "x-forwarded-host")


@ONE_ENGINE
async def test_forged_headers_hide_nobody(house: House) -> None:
    for guess in range(31):
        address = f"203.0.113.{guess}"
        forged = {"forwarded": f"for={address}", **dict.fromkeys(FORGED, address)}
        answer = await log_in(house.client, spread(house, guess), "guess", **forged)
        assert answer.status_code == (401 if guess < 30 else 429)


PROXY = "127.0.0.9"


@asynccontextmanager
async def behind_proxy(house: House, tmp_path: Path, clock: TestClock) -> AsyncIterator[httpx.AsyncClient]:
    """The application as a trusted proxy reaches it. Requests come from `PROXY`."""
    settings = Settings(
        database_url=house.database.url.render_as_string(hide_password=False),
        keys_folder=str(tmp_path / "keys"),
        trusted_proxies=(PROXY,),
    )
    app = build_app(settings, clock=clock)

    async def from_proxy(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - plain ASGI
        if scope["type"] == "http":
            scope["client"] = (PROXY, 5000)
        await app(scope, receive, send)

    async with AsyncTestClient(app):
        transport = httpx.ASGITransport(app=from_proxy)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            yield client


@ONE_ENGINE
async def test_a_trusted_proxy_is_believed_about_the_last_address_it_saw(
    house: House, tmp_path: Path, clock: TestClock
) -> None:
    async with behind_proxy(house, tmp_path, clock) as client:
        for guess in range(30):
            forwarded = f"10.0.0.{guess}, 203.0.113.7"
            answer = await log_in(client, spread(house, guess), "guess", x_forwarded_for=forwarded)
            assert answer.status_code == 401
        for forwarded in ("203.0.113.7", f"1.1.1.1, 203.0.113.7, {PROXY}", " 203.0.113.7 "):
            assert (await log_in(client, "nobody", x_forwarded_for=forwarded)).status_code == 429
        assert (await log_in(client, "nobody", x_forwarded_for="203.0.113.8")).status_code == 401


@ONE_ENGINE
async def test_a_proxy_that_adds_a_line_of_its_own_is_not_outwitted(
    house: House, tmp_path: Path, clock: TestClock
) -> None:
    """The client wrote the first X-Forwarded-For line, the proxy the second: only the second is true."""
    async with behind_proxy(house, tmp_path, clock) as client:
        statuses = [
            (
                await client.post(
                    "/v1/agents/tokens",
                    content=json.dumps({"login": spread(house, guess), "password": "guess"}),
                    headers=[
                        ("content-type", "application/json"),
                        ("x-forwarded-for", f"10.0.0.{guess}"),
                        ("x-forwarded-for", "203.0.113.7"),
                    ],
                )
            ).status_code
            for guess in range(31)
        ]
    assert statuses == [401] * 30 + [429]
