"""What desks do with cards and phones: enrol a card, bind a phone, see of what the media of a pass are made.

To stop one is `POST /v1/passes/{number}/media/{medium}/block`, as for any medium. A raw UID goes no further than the
request that brings it.
"""

from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from adapters import cards, phones
from adapters.cards import CardKeys
from adapters.keyring import KeyRing
from api.agents import MEDIUM_LIFE, number_of
from domain.acts import Act
from domain.agents import Agent, Permission
from domain.cards import CardTechnology
from domain.passes import Medium, MediumKind, MediumStatus, medium_bytes
from domain.phones import KeySecurity
from domain.ports import Clock
from nfc.phone_binding import MAX_CHARACTERS
from store import media
from store.database import Begin, Database
from store.media import Described

Caller = Request[Agent, Any, Any]

Uid = Annotated[
    str,
    Meta(pattern=r"^([0-9A-Fa-f]{8}|[0-9A-Fa-f]{14}|[0-9A-Fa-f]{20})(?!\n)$", examples=["04de5f1eacc040"]),
]
Signature = Annotated[str, Meta(pattern=r"^[0-9A-Fa-f]{112}(?!\n)$")]
Proof = Annotated[str, Meta(min_length=1, max_length=MAX_CHARACTERS, pattern=r"^[A-Za-z0-9_-]+(?!\n)$")]


class CardRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A card as the desk's reader saw it. `signature` is what the chip says of its maker (56 bytes, in hex).

    `keyVersion` names the keys that were written to it: the newest, unless given.
    """

    uid: Uid
    technology: CardTechnology = CardTechnology.NTAG424
    signature: Signature | None = None
    key_version: Annotated[int, Meta(ge=1, le=255)] | None = None


class PhoneRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """What the phone says to have its key bound to this pass (docs/cards.md)."""

    proof: Proof


class MediumDetail(Struct, frozen=True, rename="camel"):
    """A medium, and of what it is made.

    `technology` and `keyVersion` are those of a chip, `keySecurity` says where a phone keeps its key, and `sectors` are
    those in which a card of others is known. None of them can be used to show it.
    """

    id: str
    kind: MediumKind
    status: MediumStatus
    expires_at: datetime
    technology: CardTechnology | None = None
    key_version: int | None = None
    key_security: KeySecurity | None = None
    sectors: tuple[str, ...] = ()


class BoundPhone(Struct, frozen=True, rename="camel"):
    """The medium that the phone is now. `credential` (base64url) is for the phone alone: it shows codes with it."""

    medium: MediumDetail
    credential: str


@post(
    "/passes/{number:str}/cards",
    opt={"rule": Permission.PASS_ISSUE, "journal": Act.CARD_ENROLLED},
    summary="Enrol a card",
    tags=["Passes"],
)
async def enrol(
    *,
    request: Caller,
    number: FromPath[str],
    data: JSONBody[CardRequest],
    begin: NamedDependency[Begin],
    database: NamedDependency[Database],
    card_keys: NamedDependency[CardKeys],
    clock: NamedDependency[Clock],
) -> MediumDetail:
    """Make a card a medium of a pass, active at once. Its UID is kept nowhere: what is kept is an HMAC of it."""
    now = clock()
    async with begin() as unit:
        authority = await unit.places.authority_by_id(request.user.authority_id)
        pass_ = await unit.passes.by_number(authority.id, number_of(number))
        medium = await cards.enrol(
            unit,
            card_keys,
            authority,
            pass_,
            uid=bytes.fromhex(data.uid),
            technology=data.technology,
            signature=bytes.fromhex(data.signature) if data.signature is not None else None,
            key_version=data.key_version,
            expires_at=now + MEDIUM_LIFE,
            now=now,
        )
    return await described(database, medium)


@post(
    "/passes/{number:str}/phones",
    opt={"rule": Permission.PASS_ISSUE, "journal": Act.PHONE_BOUND},
    summary="Bind a phone",
    tags=["Passes"],
)
async def bind(
    *,
    request: Caller,
    number: FromPath[str],
    data: JSONBody[PhoneRequest],
    begin: NamedDependency[Begin],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
) -> BoundPhone:
    """Make a phone that proves its key a medium of a pass, active at once, and return its credential of thirty days."""
    now = clock()
    async with begin() as unit:
        authority = await unit.places.authority_by_id(request.user.authority_id)
        pass_ = await unit.passes.by_number(authority.id, number_of(number))
        medium, credential = await phones.bind(
            unit, keyring, authority, pass_, data.proof, expires_at=now + MEDIUM_LIFE, now=now
        )
    return BoundPhone(await described(database, medium), urlsafe_b64encode(credential).rstrip(b"=").decode())


@get(
    "/passes/{number:str}/media",
    opt={"rule": Permission.PASS_READ, "journal": Act.MEDIA_LISTED},
    summary="List media",
    tags=["Passes"],
)
async def list_media(request: Caller, number: FromPath[str], database: NamedDependency[Database]) -> list[MediumDetail]:
    """List the media of a pass with what they are made of, oldest first."""
    async with database.look() as unit:
        pass_ = await unit.passes.by_number(request.user.authority_id, number_of(number))
    async with database.read() as connection:
        return [_detail(one) for one in await media.describe(connection, pass_.id)]


async def described(database: Database, medium: Medium) -> MediumDetail:
    """Return a medium of the register with what it is made of."""
    async with database.read() as connection:
        return next(_detail(one) for one in await media.describe(connection, medium.pass_id) if one.id == medium.id)


def _detail(one: Described) -> MediumDetail:
    return MediumDetail(
        id=medium_bytes(one.id).hex(),
        kind=one.kind,
        status=one.status,
        expires_at=one.expires_at,
        technology=one.technology,
        key_version=one.key_version,
        key_security=one.key_security,
        sectors=one.sectors,
    )


ROUTER = Router(path="/v1", route_handlers=[enrol, bind, list_media])
