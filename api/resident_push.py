"""Notices on a resident's telephone while the app is closed: the device says where it is written to, and no more.

What is brought is what the account follows (`api.resident_notices`); the row lies apart from both, under the mark of
the session. It ends with the session.
"""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import delete, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct

from adapters.keyring import KeyRing
from adapters.subscriber_keys import SubscriberKeys
from adapters.web_push import public_key
from api.agents import PRINTABLE
from api.ended_sessions import forget_device
from api.resident_logins import TAGS
from api.resident_notices import mark_of
from api.residents import Asked, Resident
from api.rules import Rule
from domain.errors.push import BadPushAddress
from domain.ports import Clock, Unit
from domain.push import LONGEST_ENDPOINT, Push, PushAddress, check_address, register
from domain.subscribers import Channel, Quiet, Subscriber
from store.database import Database

_RESIDENT: dict[str, Any] = {"rule": Rule.RESIDENT}


TimeOfDay = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of the city's day: `22:00`."""


class PushKeys(Struct, frozen=True, forbid_unknown_fields=True):
    """The two keys of a browser's `PushSubscription`, or of a UnifiedPush app: base64url."""

    p256dh: Annotated[str, Meta(min_length=1, max_length=120, pattern=PRINTABLE)]
    auth: Annotated[str, Meta(min_length=1, max_length=40, pattern=PRINTABLE)]


class QuietHours(Struct, frozen=True, forbid_unknown_fields=True):
    """From when to when nothing is brought but a flood: two times of the city's day, `22:00` to `07:00`."""

    begins: TimeOfDay
    ends: TimeOfDay


class PushRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Where this device is written to: what `PushSubscription.toJSON()` gives, and quiet hours if there are any."""

    endpoint: Annotated[str, Meta(min_length=1, max_length=LONGEST_ENDPOINT, pattern=PRINTABLE)]
    keys: PushKeys
    expiration_time: float | None = None
    quiet: QuietHours | None = None


class MyPush(Struct, frozen=True, rename="camel"):
    """Whether this device is written to, and the city's key to ask for an address with (`applicationServerKey`).

    Without a key this city writes to no telephone.
    """

    application_server_key: str | None
    is_on: bool


@get("/push", opt=_RESIDENT, summary="See whether this device gets notices", tags=TAGS)
async def mine(
    request: Asked,
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    push: NamedDependency[Push | None],
) -> MyPush:
    """See whether this device is written to while the app is closed, and what an address is asked for with."""
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(request.user.account.authority_id)
        whose = SubscriberKeys(keyring).whose_session(authority.code, request.user.session.id)
        known = await unit.subscribers.by_whose(authority.id, whose)
    if push is None:
        return MyPush(None, is_on=False)
    key, _ = public_key(keyring, authority.code)
    return MyPush(key, is_on=known is not None)


@put("/push", status_code=204, opt=_RESIDENT, summary="Get notices on this device", tags=TAGS)
async def start(
    *,
    request: Asked,
    data: JSONBody[PushRequest],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    push: NamedDependency[Push | None],
    clock: NamedDependency[Clock],
) -> None:
    """Have what you follow brought to this device, from now on and to the end of its session. Say it at each start of
    the app: addresses change, and the last one counts.
    """
    if push is None or not push.takes(data.endpoint):
        raise BadPushAddress("This city does not write to this push service.")
    async with database.begin() as unit:
        authority = await unit.places.authority_by_id(request.user.account.authority_id)
        _, made_for = public_key(keyring, authority.code)
        address = check_address(data.endpoint, data.keys.p256dh, data.keys.auth, made_for=made_for)
        await register(unit, await _device(unit, keyring, request.user, address, quiet=data.quiet, now=clock()))


@delete("/push", status_code=204, opt=_RESIDENT, summary="Get no notices on this device", tags=TAGS)
async def stop(request: Asked, database: NamedDependency[Database], keyring: NamedDependency[KeyRing]) -> None:
    """Write to this device no more, at once. What you follow stays, and is read in the app."""
    async with database.begin() as unit:
        await forget_device(unit, keyring, request.user.session)


async def _device(
    unit: Unit, keyring: KeyRing, caller: Resident, address: PushAddress, *, quiet: QuietHours | None, now: datetime
) -> Subscriber:
    authority = await unit.places.authority_by_id(caller.account.authority_id)
    keys = SubscriberKeys(keyring)
    whose = keys.whose_session(authority.code, caller.session.id)
    known = await unit.subscribers.by_whose(authority.id, whose)
    # The lock on an address is bound to its row: a device that says it again keeps its own.
    row = unit.ids.row() if known is None else known.id
    hours = hours_of(quiet)
    return Subscriber(
        id=row,
        authority_id=authority.id,
        whose=whose,
        address=keys.seal(authority.code, row, msgspec.json.encode(address).decode()),
        language=caller.account.language,
        quiet_begins=None if hours is None else hours.begins,
        quiet_ends=None if hours is None else hours.ends,
        created_at=now,
        confirmed_at=now,
        channel=Channel.PUSH,
        choices_of=await mark_of(unit, keyring, caller.account),
        keep_until=caller.session.expires_at.date(),
    )


def hours_of(quiet: QuietHours | None) -> Quiet | None:
    """Return quiet hours as they are kept, in minutes of the local day."""
    return None if quiet is None else Quiet(_minute(quiet.begins), _minute(quiet.ends))


def _minute(at: str) -> int:
    hour, _, minute = at.partition(":")
    return int(hour) * 60 + int(minute)


HANDLERS = [mine, start, stop]
