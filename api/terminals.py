"""What terminals call besides the gate itself: pairing, and the proof of their key for an access token."""

from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import jwt
from litestar import Request, Router, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct

from adapters.attempts import Attempts
from api.auth import ALGORITHM, CLOCK_TOLERANCE, TERMINAL_AUDIENCE, ClockSkew, network_of, real_source
from api.rules import Rule
from api.sessions import TerminalSessions
from api.settings import Settings
from domain import terminals
from domain.errors import Invalid, NotAuthenticated
from domain.errors.places import PairingRefused
from domain.ports import Clock
from domain.terminals import Profile, TerminalStatus
from nfc.keys import load_point
from store.database import Begin, Database

FAILED_PAIRINGS = 10
MAX_NONCE = 64


class BadPublicKey(Invalid):
    """The key is not a point of P-256, or its coordinates are not 32 bytes in base64url."""

    code = "bad-public-key"


Assertion = Annotated[str, Meta(min_length=20, max_length=2_000)]
"""A JWT that a terminal has signed with its own key."""


class PublicKey(Struct, frozen=True, forbid_unknown_fields=True):
    """A P-256 public key as a JWK (RFC 7517)."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: Annotated[str, Meta(min_length=43, max_length=43)]
    y: Annotated[str, Meta(min_length=43, max_length=43)]

    def raw(self) -> bytes:
        """Return x and y, 64 bytes, checked to lie on the curve."""
        try:
            raw = b"".join(urlsafe_b64decode(part + "=") for part in (self.x, self.y))
            load_point(raw)
        except ValueError as problem:
            raise BadPublicKey("This is no P-256 public key.") from problem
        return raw


class PairingRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The code that an agent gave, and the terminal's own fresh key."""

    code: Annotated[str, Meta(min_length=1, max_length=40, examples=["K7QF-2M9X"])]
    public_key: PublicKey


class Paired(Struct, frozen=True, rename="camel"):
    """What the terminal is from now on."""

    terminal_id: UUID
    name: str
    authority: str
    gates: list[str]
    profile: Profile
    server_time: datetime


class TokenRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A JWT signed by the terminal's key: `iss` and `sub` its id, `aud` `multipass:terminal-token`, fresh `jti`."""

    assertion: Assertion


class TerminalToken(Struct, frozen=True, rename="camel"):
    """An opaque access token for the gate."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    server_time: datetime


@post("/pairings", opt={"rule": Rule.PUBLIC}, summary="Pair a terminal", tags=["Terminals"])
async def pair(
    *,
    request: Request[Any, Any, Any],
    data: JSONBody[PairingRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    attempts: NamedDependency[Attempts],
    settings: NamedDependency[Settings],
) -> Paired:
    """Turn a pairing code (one use, thirty minutes) and a fresh public key into a terminal."""
    source = f"pairing:{network_of(real_source(request, settings.trusted_proxies))}"
    await attempts.check(source, limit=FAILED_PAIRINGS)
    public_key = data.public_key.raw()
    now = clock()
    try:
        async with begin() as unit:
            new = await terminals.pair_terminal(unit, code=data.code, public_key=public_key, now=now)
            owner = await unit.places.authority_by_id(new.authority_id)
            gates = await unit.terminals.gate_codes(new.id)
    except PairingRefused:
        await attempts.fail(source)
        raise
    return Paired(new.id, new.name, owner.code, gates, new.profile, now)


@post("/tokens", status_code=200, opt={"rule": Rule.PUBLIC}, summary="Get an access token", tags=["Terminals"])
async def prove(
    data: JSONBody[TokenRequest],
    database: NamedDependency[Database],
    sessions: NamedDependency[TerminalSessions],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> TerminalToken:
    """Exchange a fresh proof of the terminal's own key for a short-lived access token. Each proof works once."""
    now = clock()
    async with database.look() as unit:
        claimed = await unit.terminals.claimed(_claimed_id(data.assertion))
    if claimed is None or claimed.status is not TerminalStatus.ACTIVE:
        raise NotAuthenticated("No such terminal, or it was revoked.")
    claims = check_proof(data.assertion, claimed.id, claimed.public_key, now)
    token = await sessions.open(claimed.id, claims["jti"], nonce_expires_at=now + 2 * CLOCK_TOLERANCE)
    return TerminalToken(token, "Bearer", settings.terminal_token_seconds, now)


def _claimed_id(assertion: str) -> UUID:
    """Read whose key is to be tried; nothing else of the assertion is believed before its signature is."""
    try:
        return UUID(str(jwt.decode(assertion, options={"verify_signature": False})["sub"]))
    except (jwt.InvalidTokenError, KeyError, ValueError, RecursionError) as problem:
        raise NotAuthenticated("The proof cannot be read.") from problem


def check_proof(assertion: str, terminal_id: UUID, public_key: bytes, now: datetime) -> dict[str, Any]:
    """Return the claims of a fresh proof that this terminal holds this key (x and y, raw).

    Raises:
        NotAuthenticated: it was signed by another key, for another terminal or purpose.
        ClockSkew: its time is too far from ours.
    """
    claims = _verified(assertion, terminal_id, public_key)
    issued, expires = (datetime.fromtimestamp(claims[name], UTC) for name in ("iat", "exp"))
    if abs(issued - now) > CLOCK_TOLERANCE or expires - issued > CLOCK_TOLERANCE:
        raise ClockSkew(now)
    return claims


def _verified(assertion: str, terminal_id: UUID, public_key: bytes) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            assertion,
            load_point(public_key),
            algorithms=[ALGORITHM],
            audience=TERMINAL_AUDIENCE,
            issuer=str(terminal_id),
            options={"require": ["iat", "exp", "jti", "sub"], "verify_exp": False, "verify_iat": False},
        )
    except jwt.InvalidTokenError as problem:
        raise NotAuthenticated("The proof does not hold.") from problem
    fits = (
        isinstance(claims["jti"], str)
        and 1 <= len(claims["jti"]) <= MAX_NONCE
        and claims["jti"].isascii()
        and claims["jti"].isprintable()
        and all(isinstance(claims[name], int) and 0 < claims[name] < 2**32 for name in ("iat", "exp"))
    )
    if not fits:
        raise NotAuthenticated("The proof does not hold.")
    return claims


ROUTER = Router(path="/v1/terminals", route_handlers=[pair, prove])
