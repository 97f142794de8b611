"""Notices in the app: what a resident follows there, and what the city says of it now.

Choices lie apart from the account, under a mark that only the authority's keyring makes of its id: whoever reads the
tables cannot tell which places somebody watches.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct

from adapters.keyring import KeyRing
from adapters.masters import KeyMissing
from adapters.subscriber_keys import SubscriberKeys
from api.resident_answers import UNCHANGED, tagged
from api.resident_logins import TAGS
from api.residents import Asked
from api.rules import Rule
from domain.accounts import Account
from domain.notices import Notice, NoticeTopic
from domain.ports import Clock, Unit
from domain.subscribers import MOST_FOLLOWED, Channel, Follow, Subscriber, choose_in_app, is_followed, kept_until
from domain.text import Text
from store.database import Database

_RESIDENT: dict[str, Any] = {"rule": Rule.RESIDENT}
_MOST_LOOKED_AT = 200


class FollowedTopic(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """One choice: a topic, everywhere or at one place (a site's code; of air a device's).

    `fromBand` is how bad the air must be: 2 moderate, 3 poor, 4 very poor.
    """

    topic: NoticeTopic
    place: Annotated[str, Meta(max_length=80)] = ""
    from_band: Annotated[int, Meta(ge=0, le=5)] = 0


class NoticeChoices(Struct, frozen=True, forbid_unknown_fields=True):
    """What is followed from now on; an empty list ends it all."""

    follows: Annotated[list[FollowedTopic], Meta(max_length=MOST_FOLLOWED)]


class NoticeToRead(Struct, frozen=True, rename="camel"):
    """A notice that holds now. `body` is Markdown, without HTML or pictures."""

    topic: NoticeTopic
    place: str
    title: Text
    body: Text
    sent_at: datetime | None
    expires_at: datetime
    is_correction: bool


class MyNotices(Struct, frozen=True):
    """What you follow, and what the city says of it now, the newest first."""

    follows: list[FollowedTopic]
    notices: list[NoticeToRead]


@get("/notices", opt=_RESIDENT, responses=UNCHANGED, summary="Read my notices", tags=TAGS)
async def mine(
    request: Asked,
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
) -> Response[MyNotices]:
    """Read what you chose to follow, and no other notices."""
    account = request.user.account
    async with database.look() as unit:
        follows = await followed(unit, keyring, account)
        found = await notices_for(unit, account.authority_id, follows, now=clock())
    notices = [_to_read(one) for one in found]
    return tagged(request, MyNotices([FollowedTopic(one.topic, one.place, one.band) for one in follows], notices))


@put("/notices/choices", status_code=204, opt=_RESIDENT, summary="Choose my notices", tags=TAGS)
async def choose(
    *,
    request: Asked,
    data: JSONBody[NoticeChoices],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
) -> None:
    """Follow this from now on, in the app. E-mail is apart: `/notices`, without an account."""
    account, now = request.user.account, clock()
    follows = [
        Follow(one.topic, one.place, one.from_band if one.topic is NoticeTopic.AIR else 0) for one in data.follows
    ]
    async with database.begin() as unit:
        await keep_choices(unit, keyring, account, follows, now=now)


async def followed(unit: Unit, keyring: KeyRing, account: Account) -> list[Follow]:
    """Return what an account follows in the app."""
    known = await unit.subscribers.by_whose(account.authority_id, await mark_of(unit, keyring, account))
    return [] if known is None else await unit.subscribers.follows(known.id)


async def notices_for(unit: Unit, authority_id: UUID, follows: Sequence[Follow], *, now: datetime) -> list[Notice]:
    """Return the notices of now that somebody follows, the newest first."""
    found = await unit.notices.current(authority_id, now, most=_MOST_LOOKED_AT)
    return [one for one in found if is_followed(one, follows)]


async def keep_choices(
    unit: Unit, keyring: KeyRing, account: Account, follows: Sequence[Follow], *, now: datetime
) -> None:
    """Keep what an account follows in the app, apart from it."""
    new = Subscriber(
        id=unit.ids.row(),
        authority_id=account.authority_id,
        whose=await mark_of(unit, keyring, account),
        address=b"",
        language=account.language,
        created_at=now,
        confirmed_at=now,
        channel=Channel.APP,
        keep_until=kept_until(now),
    )
    await choose_in_app(unit, new, follows)


async def forget_choices(unit: Unit, keyring: KeyRing, account: Account) -> None:
    """Erase what an account follows, and to which devices that is brought, with the account."""
    try:
        whose = await mark_of(unit, keyring, account)
    except KeyMissing:
        return  # without a master nobody could have chosen anything
    known = await unit.subscribers.by_whose(account.authority_id, whose)
    if known is not None:
        await unit.subscribers.remove(known.id)
    await unit.subscribers.remove_devices(account.authority_id, whose)


async def mark_of(unit: Unit, keyring: KeyRing, account: Account) -> bytes:
    """Return under which mark the choices of an account lie."""
    authority = await unit.places.authority_by_id(account.authority_id)
    return SubscriberKeys(keyring).whose_account(authority.code, account.id)


def _to_read(notice: Notice) -> NoticeToRead:
    return NoticeToRead(
        topic=notice.topic,
        place=notice.place,
        title=notice.title,
        body=notice.body,
        sent_at=notice.sent_at,
        expires_at=notice.expires_at,
        is_correction=notice.corrects is not None,
    )


HANDLERS = [mine, choose]
