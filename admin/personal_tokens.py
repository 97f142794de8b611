"""Tokens for my programs: made with a passkey shown once more, listed with their last use, ended by me at any time."""

from datetime import date, timedelta
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.forms import Form, read
from admin.shell import Page, draw, go
from admin.visits import Asked, secret_of
from admin.words import language_of, read_words
from api.journalling import origin_of
from api.passkeys import Passkeys
from api.personal_tokens import draw_token, hash_of
from api.rules import Rule
from api.settings import Settings
from domain.acts import Act
from domain.agents import Permission
from domain.errors import TooManyAttempts
from domain.errors.agents import PasskeyRefused, TooManyTokens
from domain.journal import Entry, Kind, Object
from domain.personal_tokens import (
    LONGEST_LIFE,
    LONGEST_NAME,
    USUAL_LIFE,
    PersonalToken,
    allowed_to,
    make,
    revoke_token,
)
from domain.places import local_day
from domain.ports import Clock
from store.database import Database

WORDS = read_words("personal_tokens")
PATH = "/console/account/tokens"
ONE_DAY = timedelta(days=1)


class _Wanted(NamedTuple):
    """What was asked for: the token's name, its last day, and what it allows."""

    name: str
    last: date
    permissions: tuple[Permission, ...]

    @property
    def purpose(self) -> str:
        """What the passkey signs for: exactly this token, and no other."""
        return f"token {sha256(msgspec.json.encode(self)).hexdigest()}"


@get("/account/tokens", opt={"rule": Rule.AGENT}, include_in_schema=False)
async def mine(request: Asked, database: NamedDependency[Database], passkeys: NamedDependency[Passkeys]) -> Page:
    """Show my tokens, and how another is made."""
    usual = _today(request) + USUAL_LIFE - ONE_DAY
    return await _mine(request, database, passkeys, Form({"until": usual.isoformat()}))


@post("/account/tokens/new", status_code=200, opt={"rule": Rule.AGENT}, include_in_schema=False)
async def begin_one(request: Asked, database: NamedDependency[Database], passkeys: NamedDependency[Passkeys]) -> Page:
    """Ask for a passkey before a token is made: a browser that was left open makes none."""
    form = await read(request)
    wanted = _read(request, form)
    if wanted is None:
        return await _mine(request, database, passkeys, form, status_code=422)
    asked = await passkeys.ask_again(request.user, secret_of(request), wanted.purpose)
    return draw(
        request, "personal_tokens/new.html", words=WORDS, form=form, wanted=wanted, asked=asked, host=passkeys.host
    )


@post("/account/tokens", status_code=200, opt={"rule": Rule.AGENT}, include_in_schema=False)
async def add(
    *,
    request: Asked,
    database: NamedDependency[Database],
    passkeys: NamedDependency[Passkeys],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
) -> Page:
    """Make a token for whoever has shown a passkey, and show it this once."""
    form = await read(request)
    wanted = _read(request, form)
    if wanted is not None:
        try:
            agent, answer = request.user, form.kept("answer")
            await passkeys.prove_again(request, agent, secret_of(request), answer, wanted.purpose)
        except PasskeyRefused:
            form.refuse("passkey", "not_proved")
        except TooManyAttempts:
            form.refuse("passkey", "too_many")
    if wanted is None or form.is_wrong:
        return await _mine(request, database, passkeys, form, status_code=422)
    text, now = draw_token(), clock()
    try:
        async with database.begin() as unit:
            await make(
                unit,
                request.user,
                name=wanted.name,
                permissions=wanted.permissions,
                until=wanted.last + ONE_DAY,
                token_hash=hash_of(text),
                now=now,
                day=_today(request),
            )
            await unit.journal.add(_entry(request, Act.TOKEN_MADE, clock))
    except TooManyTokens:
        form.refuse("name", "too_many_tokens")
        return await _mine(request, database, passkeys, form, status_code=422)
    return draw(
        request, "personal_tokens/made.html", words=WORDS, wanted=wanted, token=text, address=settings.public_url
    )


@post("/account/tokens/{token_id:uuid}/end", opt={"rule": Rule.AGENT}, include_in_schema=False)
async def end_one(
    request: Asked,
    token_id: FromPath[UUID],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Response[None]:
    """End one of my tokens at once."""
    async with database.begin() as unit:
        await revoke_token(unit, await unit.personal_tokens.one(request.user.id, token_id), now=clock())
        await unit.journal.add(_entry(request, Act.TOKEN_REVOKED, clock))
    return go(request, PATH, said=WORDS[language_of(request)]["revoked"])


async def _mine(request: Asked, database: Database, passkeys: Passkeys, form: Form, *, status_code: int = 200) -> Page:
    async with database.look() as unit:
        known = await unit.personal_tokens.of(request.user.id)
        has_passkey = bool(await unit.passkeys.of(request.user.id))
    day = _today(request)
    return draw(
        request,
        "personal_tokens/mine.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        known=[(token, token.is_open(day), _allowed_by(token)) for token in known],
        boxes=[(_box(one), one) for one in allowed_to(request.user)],
        last_day=(day + LONGEST_LIFE - ONE_DAY).isoformat(),
        first_day=day.isoformat(),
        offered=bool(passkeys.host),
        has_passkey=has_passkey,
    )


def _read(request: Asked, form: Form) -> _Wanted | None:
    """Read what a token is to be; None where the form has to come back with what is wrong."""
    name, last = form.text("name", longest=LONGEST_NAME), form.day("until")
    day = _today(request)
    if last is not None and not day <= last <= day + LONGEST_LIFE - ONE_DAY:
        form.refuse("until", "until_too_far")
    permissions = tuple(one for one in allowed_to(request.user) if form.ticked(_box(one)))
    if not permissions:
        form.refuse("permissions", "nothing_ticked")
    return None if form.is_wrong or last is None else _Wanted(name, last, permissions)


def _allowed_by(token: PersonalToken) -> list[str]:
    return [f"label_{_box(one)}" for one in token.permissions]


def _box(permission: Permission) -> str:
    """Name the box of a permission, and with `label_` before it its words."""
    return f"may_{permission.replace(':', '_')}"


def _entry(request: Asked, act: Act, clock: Clock) -> Entry:
    agent = request.user
    return Entry(agent.authority_id, agent.id, act, Object(Kind.AGENT, str(agent.id)), origin_of(request), clock())


def _today(request: Asked) -> date:
    return local_day(request.app.state.clock(), request.auth.authority.zone)


ROUTES = (mine, begin_one, add, end_one)
