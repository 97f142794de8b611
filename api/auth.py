"""Who is calling: people's tokens (JWT, ES256), terminals' proofs of key, and real addresses behind proxies."""

import asyncio
from datetime import datetime, timedelta
from functools import cache
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from cryptography.hazmat.primitives.asymmetric import ec
from litestar.connection import ASGIConnection

from adapters.keyring import INSTALLATION, KeyRing, Purpose
from api.personal_tokens import agent_with, is_personal
from domain.agents import Agent
from domain.errors import NotAuthenticated
from domain.places import local_day
from domain.ports import Clock

ALGORITHM = "ES256"
AGENT_AUDIENCE = "multipass:agents"
TERMINAL_AUDIENCE = "multipass:terminal-token"
CLOCK_TOLERANCE = timedelta(minutes=15)
"""A terminal's clock may be this wrong; the server's own time rules every decision."""

FUTURE_SECONDS = 60
"""How far two workers' clocks may disagree on when a token was made."""

_BEARER = "Bearer "


class ClockSkew(NotAuthenticated):
    """The terminal's clock is too far off; `serverTime` tells it the right one."""

    code = "clock-skew"

    def __init__(self, now: datetime) -> None:
        super().__init__("The proof's time is more than 15 minutes off.")
        self.server_time = now.isoformat()


class BadCredentials(NotAuthenticated):
    """Login or password is wrong; which of the two is not said."""

    code = "bad-credentials"


class AccessTokens:
    """Signs and checks the access tokens of people for one audience. One algorithm, keys from the keyring alone."""

    def __init__(self, keyring: KeyRing, *, issuer: str, audience: str, seconds: int, clock: Clock) -> None:
        self._keyring = keyring
        self._issuer = issuer
        self._audience = audience
        self._seconds = seconds
        self._clock = clock

    def sign(self, subject: UUID) -> str:
        """Sign a token that names its subject, and says nothing else of anybody."""
        key = self._keyring.signing_key(INSTALLATION, Purpose.TOKEN)
        now = self._clock()
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(subject),
            "iat": now,
            "exp": now + timedelta(seconds=self._seconds),
        }
        return jwt.encode(claims, key.private, algorithm=ALGORITHM, headers={"kid": key.kid.hex(), "typ": "at+jwt"})

    def subject(self, token: str) -> UUID:
        """Return whose token this is.

        Raises:
            NotAuthenticated: forged, of another kind or audience, over, or signed by a key that is not in force.
        """
        try:
            header = jwt.get_unverified_header(token)
            if header.get("typ") != "at+jwt":
                raise NotAuthenticated("The token is of another kind.")
            kid = bytes.fromhex(str(header.get("kid", "")))
            for key in self._keyring.verify_keys(Purpose.TOKEN).get(kid, ()):
                if not key.withdrawn:
                    return UUID(self._claims(token, key.public)["sub"])
        except (jwt.InvalidTokenError, ValueError, RecursionError) as problem:
            raise NotAuthenticated("The token is not valid.") from problem
        raise NotAuthenticated("The token is not valid.")

    def _claims(self, token: str, public: ec.EllipticCurvePublicKey) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            token,
            public,
            algorithms=[ALGORITHM],
            audience=self._audience,
            issuer=self._issuer,
            options={"require": ["exp", "iat", "sub"], "verify_exp": False, "verify_iat": False},
        )
        if float(claims["exp"]) <= self._clock().timestamp():
            raise NotAuthenticated("The token is over.")
        if float(claims["iat"]) > self._clock().timestamp() + FUTURE_SECONDS:
            raise NotAuthenticated("The token is not valid yet.")
        return claims


class AgentTokens(AccessTokens):
    """The access tokens of agents."""

    def __init__(self, keyring: KeyRing, *, issuer: str, seconds: int, clock: Clock) -> None:
        super().__init__(keyring, issuer=issuer, audience=AGENT_AUDIENCE, seconds=seconds, clock=clock)

    def issue(self, agent: Agent) -> str:
        """Sign a token for an agent."""
        return self.sign(agent.id)


async def authenticate(connection: ASGIConnection[Any, Any, Any, Any]) -> Agent:
    """Return the agent whose token came with the request, as the database knows them now."""
    header = connection.headers.get("authorization", "")
    if not header.startswith(_BEARER):
        raise NotAuthenticated("An access token is needed.")
    presented = header.removeprefix(_BEARER)
    if is_personal(presented):
        return await agent_with(connection, presented)
    tokens: AgentTokens = connection.app.state.tokens
    subject = tokens.subject(presented)
    async with connection.app.state.database.look() as unit:
        agent: Agent | None = await unit.agents.by_id(subject)
        if agent is None or not agent.active:
            raise NotAuthenticated("This account is closed.")
        if agent.has_ends:
            authority = await unit.places.authority_by_id(agent.authority_id)
            return agent.on(local_day(connection.app.state.clock(), authority.zone))
    return agent


@cache
def _hash_of_nobody() -> str:
    return PasswordHasher().hash("the password of nobody")


class Passwords:
    """Argon2id, a few at a time, away from the event loop: one check costs what a thousand passages do."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._turns = asyncio.Semaphore(2)
        self._nobody = _hash_of_nobody()

    async def match(self, agent: Agent | None, password: str) -> bool:
        """Tell whether this is the agent's password. Nobody's takes as long to be wrong as somebody's."""
        stored = agent.password_hash if agent is not None else self._nobody
        async with self._turns:
            right = await asyncio.to_thread(self._verify, stored, password)
        return right and agent is not None and agent.active

    async def hash(self, password: str) -> str:
        """Hash a new password."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (Argon2Error, InvalidHashError):
            return False


def real_source(connection: ASGIConnection[Any, Any, Any, Any], trusted: tuple[str, ...]) -> str:
    """Return the address that a request really came from.

    X-Forwarded-For is believed only from a configured proxy, and then only its last entry that is no proxy itself:
    whatever a client writes into that header changes nothing.
    """
    source = _plain(connection.client.host) if connection.client else "unknown"
    proxies = {_plain(proxy) for proxy in trusted}
    # A proxy may add a line of its own below the client's: all of them make one list (RFC 9110 section 5.3).
    lines = connection.headers.getall("x-forwarded-for", [])
    forwarded = [part.strip() for line in lines for part in line.split(",") if part.strip()]
    while source in proxies and forwarded:
        source = _plain(forwarded.pop())
    return source


def network_of(source: str) -> str:
    """Return what counts as one source: an address, or the first half of a new one, which one house has as a whole
    (RFC 6177); whoever has a house of addresses has one count of failures.
    """
    try:
        address = ip_address(source)
    except ValueError:
        return source
    return address.packed.hex() if address.version == 4 else address.packed[:8].hex()


def _plain(source: str) -> str:
    """Write an address in its one form: an old one that came over a socket for new ones is the old one."""
    try:
        address = ip_address(source)
    except ValueError:
        return "unknown"
    return str(getattr(address, "ipv4_mapped", None) or address)
