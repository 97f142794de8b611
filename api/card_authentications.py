"""A card and the server prove themselves to each other, in two legs; the terminal carries bytes and holds no key.

    POST /v1/terminals/card-authentications            the card's first answer   -> what to send to the card
    POST /v1/terminals/card-authentications/{handle}   the card's second answer  -> a credential, good for one passage

Whatever is wrong with the card comes back as a credential too: the passage that carries it records the refusal, and the
person reads why. A problem is what the terminal has done wrong.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct
from msgspec.structs import replace

from adapters.cards import CardKeys
from api.credentials import CARD_PREFIX, Credentials, flawed, proof_hash
from domain.access.reasons import Reason
from domain.errors import Invalid, NotFound
from domain.ports import Clock
from domain.terminals import Ability
from nfc import ev1, ev2
from nfc.apdu import MAX_ANSWER_BYTES
from nfc.errors import CodeError
from store import card_proofs
from store.card_proofs import CardProof, Protocol
from store.database import Database
from store.terminal_tokens import TerminalSession

LEGS_SECONDS: Final = 1.5
"""How long the card may take for its second answer: a real one takes 50 ms, a relay over a telephone longer."""

LIFE: Final = timedelta(seconds=3)
"""How long the state of an authentication, and then its credential, may wait to be taken."""

_HANDLE_BYTES: Final = 16
_PROTOCOLS: Final = {"ev1": ev1, "ev2": ev2}
_PENDING: Final = {"ev1": ev1.Pending, "ev2": ev2.Pending}

Hex = Annotated[str, Meta(pattern=r"^([0-9A-Fa-f]{2})+(?!\n)$", max_length=2 * MAX_ANSWER_BYTES)]
Uid = Annotated[str, Meta(pattern=r"^[0-9A-Fa-f]{14}(?!\n)$", examples=["04de5f1eacc040"])]
Asked = Request[TerminalSession, Any, Any]


class CardAnswerRefused(Invalid):
    """What the terminal sent is no answer of a card to that command."""

    code = "card-answer-refused"


class CardAuthenticationNotFound(NotFound):
    """No authentication of this terminal waits under this handle: it was taken, is over, or never was."""

    code = "card-authentication-not-found"


class FirstLeg(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The UID that the reader saw, and what the card answered to `90 71` (ev2) or `90 AA` (ev1) with key 2, in hex."""

    uid: Uid
    said: Hex
    protocol: Protocol = "ev2"


class SecondLeg(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The same UID, and what the card answered to `command`."""

    uid: Uid
    said: Hex


class Begun(Struct, frozen=True, rename="camel"):
    """What to send to the card, in hex, and under which handle to bring its answer, within 1.5 seconds."""

    handle: str
    command: str


class Proved(Struct, frozen=True, rename="camel"):
    """What to send as the `credential` of the passage, within three seconds. It works once, at this terminal."""

    credential: str


@post(
    "/",
    opt={"rule": Ability.AUTHENTICATE_CARDS},
    summary="Begin to authenticate a card",
    operation_id="BeginCardAuthentication",
    tags=["Terminals"],
)
async def begin(
    *,
    request: Asked,
    data: JSONBody[FirstLeg],
    database: NamedDependency[Database],
    card_keys: NamedDependency[CardKeys],
    credentials: NamedDependency[Credentials],
    clock: NamedDependency[Clock],
) -> Begun:
    """Answer the card's random number with one of our own, under the key that its UID gives.

    A card that no register knows is treated like any other: it is refused at the gate, in words.
    """
    session, uid = request.user, bytes.fromhex(data.uid)
    card = await credentials.card(session, uid)
    version = card.key_version if card is not None and card.key_version else card_keys.newest(session.authority)
    if version is None:
        raise CardAnswerRefused("This authority has no cards with keys.")
    try:
        key = card_keys.server_key(session.authority, uid, version)
        command, pending = _PROTOCOLS[data.protocol].answer(
            key, bytes.fromhex(data.said), rnd_a=secrets.token_bytes(16)
        )
        digest = card_keys.digest(session.authority, uid)
    except CodeError as refused:
        raise CardAnswerRefused(str(refused)) from refused
    handle, now = secrets.token_bytes(_HANDLE_BYTES), clock()
    proof = CardProof(
        handle_hash=proof_hash(handle),
        authority_id=session.authority_id,
        terminal_id=session.terminal_id,
        uid_digest=digest,
        medium_id=card.medium_id if card is not None else None,
        key_version=version,
        protocol=data.protocol,
        pending=msgspec.msgpack.encode(pending),
        flaw=None,
        started_at=now,
        expires_at=now + LIFE,
    )
    async with database.write() as connection:
        await card_proofs.keep(connection, proof)
    return Begun(_text(handle), command.hex())


@post(
    "/{handle:str}",
    opt={"rule": Ability.AUTHENTICATE_CARDS},
    summary="Finish authenticating a card",
    operation_id="FinishCardAuthentication",
    tags=["Terminals"],
)
async def finish(
    *,
    request: Asked,
    handle: FromPath[str],
    data: JSONBody[SecondLeg],
    database: NamedDependency[Database],
    card_keys: NamedDependency[CardKeys],
    clock: NamedDependency[Clock],
) -> Proved:
    """Check the card's proof. Each handle has one chance, whatever comes of it."""
    session, uid, now = request.user, bytes.fromhex(data.uid), clock()
    async with database.write() as connection:
        begun = await card_proofs.take(connection, proof_hash(_bytes(handle)), session.terminal_id)
    if begun is None or begun.pending is None or begun.expires_at <= now:
        raise CardAuthenticationNotFound("No authentication of this terminal waits under this handle.")
    flaw = _flaw(begun, begun.pending, session.authority, card_keys, uid=uid, said=bytes.fromhex(data.said), now=now)
    new = secrets.token_bytes(_HANDLE_BYTES)
    done = replace(begun, handle_hash=proof_hash(new), pending=None, flaw=flaw, started_at=now, expires_at=now + LIFE)
    async with database.write() as connection:
        await card_proofs.keep(connection, done)
    return Proved(CARD_PREFIX + _text(new))


def _flaw(
    begun: CardProof, pending: bytes, authority: str, keys: CardKeys, *, uid: bytes, said: bytes, now: datetime
) -> str | None:
    """Say what is wrong with the card's proof; None if it is good."""
    try:
        if keys.digest(authority, uid) != begun.uid_digest:
            return Reason.BAD_SIGNATURE
        key = keys.server_key(authority, uid, begun.key_version)
        _PROTOCOLS[begun.protocol].finish(key, msgspec.msgpack.decode(pending, type=_PENDING[begun.protocol]), said)
    except CodeError as error:
        return flawed(error).flaw
    return Reason.CARD_TOO_LATE if now - begun.started_at > timedelta(seconds=LEGS_SECONDS) else None


def _text(handle: bytes) -> str:
    return urlsafe_b64encode(handle).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""


ROUTER = Router(path="/v1/terminals/card-authentications", route_handlers=[begin, finish])
