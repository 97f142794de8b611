"""What an agent's token is worth, and what a forged one is."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from adapters.keyring import INSTALLATION, Purpose
from api.auth import AGENT_AUDIENCE, ALGORITHM
from domain.agents import Role
from tests.house_app import House
from tests.http.logging_in import log_in, who
from tests.http.test_terminals import hmac_signed, part, problem

ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


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


@pytest.mark.usefixtures("quick_keys")
async def test_a_token_of_a_withdrawn_key_is_refused_and_a_new_key_takes_over(house: House) -> None:
    """K1, for people's tokens."""

    async def refused() -> bool:
        return (await who(house, before)).status_code == 401

    old = house.keyring.signing_key(INSTALLATION, Purpose.TOKEN).kid.hex()
    before = signed(house)
    house.keyring.generate(INSTALLATION, Purpose.TOKEN, now=house.clock())
    house.keyring.withdraw(old, now=house.clock())

    await house.until(refused)
    assert (await who(house, signed(house))).status_code == 200


async def test_a_terminals_token_is_no_agents_token(house: House) -> None:
    assert problem(await who(house, await house.terminal_token())) == (401, "not-authenticated")
