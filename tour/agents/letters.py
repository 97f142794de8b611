"""Messages that nobody could read: listed, looked at, and sent again once the cause is mended."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import UNSET, Meta, Struct, UnsetType

from domain.agents import Agent, Permission
from domain.errors import Overloaded
from domain.ports import Clock
from domain.readings import DeadLetter
from store.database import Database
from store.dead_letters import dead_letter, dead_letters, dead_letters_waiting
from tour.hearing import Hearing
from tour.ingest.arrivals import NotStored
from tour.ingest.replaying import Outcome, send_again

Caller = Request[Agent, Any, Any]
Source = Annotated[str, Meta(max_length=60)]

AT_ONCE = 200
"""Messages that one call sends again: it answers within seconds."""


class LetterView(Struct, frozen=True, rename="camel", omit_defaults=True):
    """A message that was set aside: why, and how many bytes it has. It is forgotten after seven days."""

    id: UUID
    source: str
    received_at: datetime
    why: str
    detail: str
    size: int
    replayed_at: datetime | UnsetType = UNSET


class WholeLetterView(Struct, frozen=True, rename="camel"):
    """A message as it came: `text` where it is text, else `bytes` (base64). `address` is its path or topic."""

    letter: LetterView
    address: str
    text: str | None
    bytes: bytes | None


class SentView(Struct, frozen=True, rename="camel"):
    """What became of a message: how many readings it brought, or in `why` what is still wrong with it."""

    id: UUID
    new: int
    why: str


class AllSentView(Struct, frozen=True, rename="camel"):
    """What became of the messages of a source, the oldest first. Others wait where `next` is not null: call again with
    it as `after`.
    """

    sent: list[SentView]
    next: datetime | None


@get("/letters", opt={"rule": Permission.SENSOR_READ}, summary="List messages that nobody could use")
async def list_letters(
    request: Caller,
    database: NamedDependency[Database],
    source: FromQuery[Source | None] = None,
    limit: FromQuery[Annotated[int, Meta(ge=1, le=500)]] = 100,
) -> list[LetterView]:
    """List messages that were set aside, the newest first."""
    async with database.read() as connection:
        found = await dead_letters(connection, request.user.authority_id, source=source, most=limit)
    return [_view(one) for one in found]


@get("/letters/{letter_id:uuid}", opt={"rule": Permission.SENSOR_MANAGE}, summary="Show a message as it came")
async def show_letter(
    request: Caller, letter_id: FromPath[UUID], database: NamedDependency[Database]
) -> WholeLetterView:
    """Show a message as it came: it may hold what is personal, for nobody has taken anything out."""
    async with database.read() as connection:
        found = await dead_letter(connection, request.user.authority_id, letter_id)
    try:
        text, raw = found.payload.decode(), None
    except UnicodeDecodeError:
        text, raw = None, found.payload
    return WholeLetterView(_view(found), found.address, text, raw)


@post(
    "/letters/{letter_id:uuid}/replay",
    status_code=200,
    opt={"rule": Permission.SENSOR_MANAGE},
    summary="Send a message through again",
)
async def replay_letter(
    request: Caller,
    letter_id: FromPath[UUID],
    database: NamedDependency[Database],
    hearing: NamedDependency[Hearing],
    clock: NamedDependency[Clock],
) -> SentView:
    """Send one message through ingest again. What it brings is stored once, however often it is sent."""
    async with database.read() as connection:
        found = await dead_letter(connection, request.user.authority_id, letter_id)
    return _sent(found, await _again(found, hearing, clock()))


@post(
    "/letters/replay",
    status_code=200,
    opt={"rule": Permission.SENSOR_MANAGE},
    summary="Send a source's messages through again",
)
async def replay_source(
    request: Caller,
    source: FromQuery[Source],
    database: NamedDependency[Database],
    hearing: NamedDependency[Hearing],
    clock: NamedDependency[Clock],
    *,
    after: FromQuery[datetime | None] = None,
) -> AllSentView:
    """Send the messages of a source again that have not been, the oldest first, a few hundred at a time."""
    async with database.read() as connection:
        found = await dead_letters_waiting(connection, request.user.authority_id, source, after=after, most=AT_ONCE + 1)
    sent = [_sent(one, await _again(one, hearing, clock())) for one in found[:AT_ONCE]]
    return AllSentView(sent, found[AT_ONCE - 1].received_at if len(found) > AT_ONCE else None)


async def _again(letter: DeadLetter, hearing: Hearing, now: datetime) -> Outcome:
    try:
        return await send_again(letter, hearing.agreements, hearing.taker, hearing.database, now)
    except NotStored as problem:
        raise Overloaded("The message was not stored: send it again.") from problem


def _sent(letter: DeadLetter, outcome: Outcome) -> SentView:
    return SentView(letter.id, outcome.new, outcome.why)


def _view(letter: DeadLetter) -> LetterView:
    return LetterView(
        id=letter.id,
        source=letter.source,
        received_at=letter.received_at,
        why=letter.why,
        detail=letter.detail,
        size=len(letter.payload),
        replayed_at=UNSET if letter.replayed_at is None else letter.replayed_at,
    )


ROUTES = (list_letters, show_letter, replay_letter, replay_source)
