"""Who is inside a site's zones by its gates, and heads that an agent counts where those are wrong.

What an agent starts from travels with the form or the program, as one word: so what passed meanwhile, and another agent
who was quicker, are told apart from what was counted.
"""

import re
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from api.bodies import InvalidRequest
from api.journalling import Note
from domain.access.catalogue import Catalogue
from domain.acts import Act
from domain.agents import Agent, Permission
from domain.errors.places import CountMoved, SiteNotFound, ZoneNotFound
from domain.head_counts import CountMotive, HeadCount, Heads, Seen, put_right
from domain.places import Doorway, Zone, local_day
from domain.ports import Clock
from domain.services import BY_CODE
from domain.text import Text
from store import head_counts
from store.database import Begin, Database
from store.tables.types import from_microseconds, to_microseconds

Caller = Request[Agent, Any, Any]

SEEN_PATTERN: Final = r"^\d{1,7}\.\d{1,7}\.\d{1,16}\.\d{1,18}\.\d{1,18}$"
_MOST: Final = 1_000_000
"""More people than any zone has room for: what is too many for one is said by its own bounds."""

SeenWord = Annotated[str, Meta(pattern=SEEN_PATTERN, max_length=70, examples=["37.0.1795528800000000.1042.0"])]
HeadNumber = Annotated[int, Meta(ge=0, le=_MOST, examples=[31])]


class HeadCountRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """How many heads were counted: `users` (who swim), and `others`, unless left out, of those who accompany them.

    `seen` is that of the zone as it was when counting began: the count moves by the difference.
    """

    seen: SeenWord
    users: HeadNumber
    motive: CountMotive
    others: HeadNumber | UnsetType = UNSET


class HeadCountView(Struct, frozen=True, rename="camel"):
    """What an agent counted, where the gates said `usersWere` and `othersWere`. `by` is null once they are gone."""

    zone: str
    counted_at: datetime
    users_were: int
    others_were: int
    users: int
    others: int
    motive: CountMotive
    by: str | None


class ZoneHeads(Struct, frozen=True, rename="camel"):
    """Who is inside a zone. `capacityOthers` is null where those who accompany are not counted against a maximum."""

    zone: str
    name: Text | None
    users: int
    others: int
    capacity: int
    capacity_others: int | None
    as_of: datetime
    seen: SeenWord


class SiteHeads(Struct, frozen=True, rename="camel"):
    """The zones of a site that count who is inside, and what agents have counted today, the newest first."""

    site: str
    zones: list[ZoneHeads]
    counts: list[HeadCountView]


def counted_zones(catalogue: Catalogue, authority_id: UUID, site: str) -> dict[str, Doorway]:
    """The zones of a site that count who is inside, by their code: each by one of its doors.

    Raises:
        SiteNotFound: no site of the authority has this code, or it has no door.
    """
    doors = [
        door
        for door in catalogue.doorways.values()
        if door.site.authority_id == authority_id and door.site.code == site
    ]
    if not doors:
        raise SiteNotFound("No site has this code.")
    found = {door.zone.code: door for door in doors if door.zone.capacity is not None}
    return dict(sorted(found.items()))


def counted_zone(catalogue: Catalogue, authority_id: UUID, site: str, code: str) -> Doorway:
    """Find one of them.

    Raises:
        SiteNotFound, ZoneNotFound: there is none of this code that counts who is inside.
    """
    found = counted_zones(catalogue, authority_id, site).get(code)
    if found is None:
        raise ZoneNotFound("No zone of the site that counts people has this code.")
    return found


def seen_word(seen: Seen) -> str:
    """Write what an agent starts from as one word."""
    parts = (seen.heads.users, seen.heads.others, to_microseconds(seen.at), seen.passage, seen.count)
    return ".".join(map(str, parts))


def seen_of(word: str) -> Seen:
    """Read it.

    Raises:
        InvalidRequest: it is no such word.
    """
    if not re.fullmatch(SEEN_PATTERN, word, re.ASCII):
        raise InvalidRequest("`seen` is that of a zone, as it was told.")
    users, others, at, passage, count = map(int, word.split("."))
    return Seen(Heads(users, others), from_microseconds(at), passage, count)


async def counted_heads(
    begin: Begin,
    agent: Agent,
    where: Doorway,
    *,
    seen: Seen,
    counted: Heads,
    motive: CountMotive,
    now: datetime,
) -> HeadCount:
    """Put a zone's count right, on an agent's account.

    Raises:
        HeadsBeyondBounds: so many people cannot be there.
        CountMoved: what the agent started from has changed.
    """
    day = local_day(now, where.time_zone)
    if local_day(seen.at, where.time_zone) != day:
        raise CountMoved("This count was started on another day: a new day begins with nobody.")
    async with begin() as unit:
        return await put_right(
            unit,
            where.zone,
            seen=seen,
            counted=counted,
            motive=motive,
            by=agent.id,
            day=day,
            now=now,
            keep_until=BY_CODE[where.site.service_code].keep_until(day),
        )


@get(
    "/sites/{site:str}/heads",
    opt={"rule": Permission.SITE_WATCH},
    summary="See who is inside each zone",
    tags=["Gate"],
)
async def see_heads(
    request: Caller, site: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> SiteHeads:
    """See how many people the gates of a site count in each of its zones now, and what agents have counted today.

    Keep the `seen` of a zone before counting heads there: what is counted is sent with it.
    """
    now = clock()
    zones = counted_zones(await database.catalogue(), request.user.authority_id, site)
    if not zones:
        return SiteHeads(site, [], [])
    doors = list(zones.values())
    day = local_day(now, doors[0].time_zone)
    async with database.read() as connection:
        shown = [_zone_heads(door.zone, await head_counts.see(connection, door.zone, day, now)) for door in doors]
        of_day = await head_counts.of_day(connection, doors[0].site.id, day)
    codes = {door.zone.id: door.zone.code for door in doors}
    # A zone that counts nobody any more has nothing to be put right.
    told = [_view(one.count, codes[one.count.zone_id], one.by) for one in of_day if one.count.zone_id in codes]
    return SiteHeads(site, shown, told)


@post(
    "/sites/{site:str}/heads/{zone:str}/counts",
    opt={"rule": Permission.VALIDATION_OVERRIDE, "journal": Act.HEADS_COUNTED},
    summary="Put the count of a zone right",
    tags=["Gate"],
)
async def count_heads(
    *,
    request: Caller,
    site: FromPath[str],
    zone: FromPath[str],
    data: JSONBody[HeadCountRequest],
    begin: NamedDependency[Begin],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> HeadCountView:
    """Say how many heads were counted where the gates' count is wrong. Every gate goes by it at once.

    Whoever passed a gate since `seen` was told is in the count: it moves by the difference. No passage is changed, and
    nobody is let in by it. Sent twice, it is one head count.
    """
    where = counted_zone(await database.catalogue(), request.user.authority_id, site, zone)
    seen = seen_of(data.seen)
    note.because(data.motive)
    others = seen.heads.others if data.others is UNSET else data.others
    count = await counted_heads(
        begin,
        request.user,
        where,
        seen=seen,
        counted=Heads(data.users, others),
        motive=data.motive,
        now=clock(),
    )
    return _view(count, zone, request.user.name)


def _zone_heads(zone: Zone, seen: Seen) -> ZoneHeads:
    return ZoneHeads(
        zone=zone.code,
        name=zone.name,
        users=seen.heads.users,
        others=seen.heads.others,
        capacity=zone.capacity or 0,
        capacity_others=zone.capacity_others,
        as_of=seen.at,
        seen=seen_word(seen),
    )


def _view(count: HeadCount, zone: str, by: str | None) -> HeadCountView:
    return HeadCountView(
        zone=zone,
        counted_at=count.counted_at,
        users_were=count.was.users,
        others_were=count.was.others,
        users=count.counted.users,
        others=count.counted.others,
        motive=count.motive,
        by=by,
    )


ROUTER = Router(path="/v1", route_handlers=[see_heads, count_heads])
