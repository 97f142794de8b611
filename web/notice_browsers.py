"""Notices on a browser that has no account: it keeps its own address, and nobody is asked who they are.

The address that the browser was given is what proves it: nobody else knows it. The row bears its mark and nothing more,
and is erased when the browser says so, or when its push service says that the address is over.
"""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from adapters.attempts import Attempts
from adapters.keyring import KeyRing
from adapters.subscriber_keys import SubscriberKeys
from adapters.web_push import public_key
from api.agents import PRINTABLE
from api.auth import real_source
from api.resident_push import PushKeys, QuietHours, hours_of
from api.rules import Rule, enforce
from api.settings import Settings
from domain.errors import Forbidden, NotFound
from domain.errors.notices import BadSubscription
from domain.errors.push import BadPushAddress
from domain.places import Authority
from domain.ports import Clock, Unit
from domain.push import LONGEST_ENDPOINT, Push, PushAddress, check_address, forget
from domain.subscribers import MOST_FOLLOWED, Channel, Follow, Quiet, Subscriber, check_quiet, choose_in_app, kept_until
from store.database import Begin, Database
from web.moments import Language
from web.notice_choices import Typed
from web.notices import FROM_ONE_PLACE, authority_of, offers

Asked = Request[Any, Any, Any]
Endpoint = Annotated[str, Meta(min_length=1, max_length=LONGEST_ENDPOINT, pattern=PRINTABLE)]

_PAGES = Path(__file__).parent / "pages" / "notices"
_ASSET = {"Cache-Control": "public, max-age=300"}


class BrowserWish(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a browser is written to, the boxes that were ticked, and when nothing is brought but a flood."""

    endpoint: Endpoint
    keys: PushKeys
    follow: Annotated[list[Annotated[str, Meta(max_length=120)]], Meta(max_length=MOST_FOLLOWED)]
    band: Annotated[int, Meta(ge=2, le=4)] = 3
    language: Language = "fr"
    quiet: QuietHours | None = None


class BrowserLeaves(Struct, frozen=True, forbid_unknown_fields=True):
    """The address that is written to no more."""

    endpoint: Endpoint


@post("/notices/{authority:str}/browser", status_code=204, opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def follow(
    *,
    request: Asked,
    authority: FromPath[str],
    data: JSONBody[BrowserWish],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    keyring: NamedDependency[KeyRing],
    push: NamedDependency[Push | None],
    settings: NamedDependency[Settings],
    attempts: NamedDependency[Attempts],
    clock: NamedDependency[Clock],
) -> None:
    """Write to this browser from now on; what it chose before, it chooses anew."""
    _check_own(request)
    city = await authority_of(database, authority)
    if push is None or not push.takes(data.endpoint):
        raise BadPushAddress("This city does not write to this push service.")
    source = f"browsers {real_source(request, settings.trusted_proxies)}"
    await attempts.check(source, limit=FROM_ONE_PLACE)
    await attempts.fail(source)
    form = Typed(data.follow, band=data.band, language=data.language)
    follows = form.follows(await offers(database, city, data.language, now=clock()))
    if not follows:
        raise BadSubscription("Choose one topic at least.")
    quiet = hours_of(data.quiet)
    check_quiet(quiet)
    _, made_for = public_key(keyring, city.code)
    address = check_address(data.endpoint, data.keys.p256dh, data.keys.auth, made_for=made_for)
    async with begin() as unit:
        await _keep(
            unit, SubscriberKeys(keyring), city, address, follows, language=data.language, quiet=quiet, now=clock()
        )


@post("/notices/{authority:str}/browser/end", status_code=204, opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def leave(
    *,
    request: Asked,
    authority: FromPath[str],
    data: JSONBody[BrowserLeaves],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    keyring: NamedDependency[KeyRing],
) -> None:
    """Write to this browser no more, at once; one that nobody knows was forgotten already."""
    _check_own(request)
    city = await authority_of(database, authority)
    async with begin() as unit:
        await forget(unit, city.id, SubscriberKeys(keyring).whose_browser(city.code, data.endpoint))


@get("/notices/push/{name:str}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def module(name: FromPath[str]) -> Response[bytes]:
    """Serve the two modules of these pages: what asks for an address, and what shows a notice."""
    if name not in _modules():
        raise NotFound("No such module.")
    return Response(_modules()[name], media_type="text/javascript", headers=_ASSET)


async def _keep(
    unit: Unit,
    keys: SubscriberKeys,
    city: Authority,
    address: PushAddress,
    follows: list[Follow],
    *,
    language: Language,
    quiet: Quiet | None,
    now: datetime,
) -> None:
    whose = keys.whose_browser(city.code, address.endpoint)
    known = await unit.subscribers.by_whose(city.id, whose)
    row = unit.ids.row() if known is None else known.id
    new = Subscriber(
        id=row,
        authority_id=city.id,
        whose=whose,
        address=keys.seal(city.code, row, msgspec.json.encode(address).decode()),
        language=language,
        quiet_begins=None if quiet is None else quiet.begins,
        quiet_ends=None if quiet is None else quiet.ends,
        created_at=now,
        confirmed_at=now,
        channel=Channel.PUSH,
        keep_until=kept_until(now),
    )
    await choose_in_app(unit, new, follows)


def _check_own(request: Asked) -> None:
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise Forbidden("This is for the city's own pages.")


@cache
def _modules() -> dict[str, bytes]:
    return {name: (_PAGES / name).read_bytes() for name in ("push.js", "worker.js")}


ROUTER = Router(path="/", route_handlers=[follow, leave, module], guards=[enforce])
