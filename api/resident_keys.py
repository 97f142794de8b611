"""The routes for residents' passkeys: to make one, to log in with it, to see what one has and to remove it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from api.agents import PRINTABLE
from api.pace import Pace
from api.resident_account import RESIDENT
from api.resident_answers import UNCHANGED, tagged
from api.resident_logins import TAGS, ResidentToken, let_in
from api.resident_passkeys import LoginAsked, Name, PasskeyAsked, ResidentPasskeys
from api.residents import Asked, ResidentTokens
from api.rules import Rule
from domain import passkeys
from domain.account_sessions import LoginWay
from domain.errors.places import AuthorityNotFound
from domain.passkeys import Passkey
from domain.ports import Clock
from store.database import Database


class PasskeyLoginRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Where somebody logs in. `authority` is the code of the city; who they are is not asked."""

    authority: Annotated[str, Meta(min_length=1, max_length=40, pattern=PRINTABLE)]


class PasskeyShown(Struct, frozen=True, forbid_unknown_fields=True):
    """What the browser answered (`PublicKeyCredential.toJSON()`), and the attempt that it belongs to."""

    attempt: UUID
    answer: dict[str, Any]
    device: Annotated[str, Meta(min_length=1, max_length=60, pattern=PRINTABLE)]


class PasskeyMade(Struct, frozen=True, forbid_unknown_fields=True):
    """What the browser made (`PublicKeyCredential.toJSON()`), and what the list of passkeys calls it."""

    name: Name
    answer: dict[str, Any]


class PasskeyName(Struct, frozen=True, forbid_unknown_fields=True):
    """Another name for a passkey."""

    name: Name


class MyPasskey(Struct, frozen=True, rename="camel"):
    """A passkey of the account. `suspectAt`: when it last counted less than before, as only a copy does."""

    id: UUID
    name: str
    created_at: datetime
    used_at: datetime | None
    suspect_at: datetime | None


class MyPasskeys(Struct, frozen=True):
    """The passkeys of an account, the oldest first."""

    passkeys: list[MyPasskey]


@post("/passkeys/challenges", status_code=200, opt={"rule": Rule.PUBLIC}, summary="Begin with a passkey", tags=TAGS)
async def challenge(
    data: JSONBody[PasskeyLoginRequest],
    database: NamedDependency[Database],
    resident_passkeys: NamedDependency[ResidentPasskeys],
) -> LoginAsked:
    """Give a browser what it needs to show a passkey; it offers those that it finds. No address is asked for."""
    if not data.authority.isprintable():
        raise AuthorityNotFound("No authority has this code.")
    async with database.look() as unit:
        authority = await unit.places.authority(data.authority)
    return resident_passkeys.ask_for_one(authority)


@post("/tokens/passkey", status_code=200, opt={"rule": Rule.PUBLIC}, summary="Log in with a passkey", tags=TAGS)
async def log_in(
    *,
    request: Request[Any, Any, Any],
    data: JSONBody[PasskeyShown],
    database: NamedDependency[Database],
    resident_passkeys: NamedDependency[ResidentPasskeys],
    resident_tokens: NamedDependency[ResidentTokens],
    pace: NamedDependency[Pace],
    clock: NamedDependency[Clock],
) -> ResidentToken:
    """Exchange what a passkey has signed for tokens. Its challenge is good for five minutes, once."""
    account = await resident_passkeys.prove(data.attempt, _written(data.answer), pace.source(request))
    async with database.begin() as unit:
        return await let_in(unit, resident_tokens, account, data.device, way=LoginWay.PASSKEY, now=clock())


@get("/passkeys", opt=RESIDENT, responses=UNCHANGED, summary="List my passkeys", tags=TAGS)
async def mine(request: Asked, database: NamedDependency[Database]) -> Response[MyPasskeys]:
    """List the passkeys that open your account, when each was last used, and whether there may be a copy of it."""
    async with database.look() as unit:
        found = await unit.account_passkeys.of(request.user.account.id)
    return tagged(request, MyPasskeys([_view(one) for one in found]))


@post("/passkeys/registrations", status_code=200, opt=RESIDENT, summary="Begin to make a passkey", tags=TAGS)
async def ask_for_new(request: Asked, resident_passkeys: NamedDependency[ResidentPasskeys]) -> PasskeyAsked:
    """Give a browser what it needs to make a passkey for your account: five minutes, on this device's login alone."""
    return await resident_passkeys.ask_for_new(request.user)


@post("/passkeys", opt=RESIDENT, summary="Add a passkey", tags=TAGS)
async def register(
    request: Asked, data: JSONBody[PasskeyMade], resident_passkeys: NamedDependency[ResidentPasskeys]
) -> MyPasskey:
    """Let a passkey that was just made open your account; your addresses are told. Its challenge is the act's key."""
    return _view(await resident_passkeys.register(request.user, _written(data.answer), name=data.name))


@put("/passkeys/{passkey_id:uuid}", opt=RESIDENT, summary="Name a passkey", tags=TAGS)
async def rename(
    request: Asked, passkey_id: FromPath[UUID], data: JSONBody[PasskeyName], database: NamedDependency[Database]
) -> MyPasskey:
    """Give one of your passkeys another name."""
    async with database.begin() as unit:
        return _view(await passkeys.rename(unit.account_passkeys, request.user.account, passkey_id, data.name))


@delete("/passkeys/{passkey_id:uuid}", status_code=204, opt=RESIDENT, summary="Remove a passkey", tags=TAGS)
async def remove(request: Asked, passkey_id: FromPath[UUID], database: NamedDependency[Database]) -> None:
    """Let a passkey open your account no more; one that is gone is gone. Codes go on opening it."""
    async with database.begin() as unit:
        await unit.account_passkeys.remove(request.user.account.id, passkey_id)


def _view(one: Passkey) -> MyPasskey:
    return MyPasskey(one.id, one.name, one.created_at, one.used_at, one.suspect_at)


def _written(answer: dict[str, Any]) -> str:
    return msgspec.json.encode(answer).decode()


HANDLERS = [challenge, log_in, mine, ask_for_new, register, rename, remove]
