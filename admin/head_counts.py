"""Putting the count of people in a zone right: what the gates say, how many heads were counted, and why."""

from contextlib import suppress
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from msgspec import Struct

from admin.forms import Form, read
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of, read_words
from api.bodies import InvalidRequest
from api.head_counts import counted_heads, counted_zone, counted_zones, seen_of, seen_word
from api.journalling import Note
from domain.acts import Act
from domain.agents import Permission
from domain.errors.places import CountMoved, HeadsBeyondBounds
from domain.head_counts import COUNT_MOTIVES, CountMotive, Heads, Seen, most
from domain.places import Doorway, local_day
from domain.ports import Clock
from store import head_counts
from store.database import Begin, Database

WORDS = read_words("sites")


class AtZone(Struct, frozen=True):
    """One zone of a site, and what an act there is given."""

    request: Asked
    doorway: Doorway
    database: Database
    begin: Begin
    clock: Clock


async def at_zone(
    *,
    request: Asked,
    site: FromPath[str],
    zone: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> AtZone:
    """Find the zone that the address names, among those that count who is inside."""
    doorway = counted_zone(await database.catalogue(), request.user.authority_id, site, zone)
    return AtZone(request, doorway, database, begin, clock)


_AT: dict[str, Any] = {"include_in_schema": False, "dependencies": {"at": Provide(at_zone)}}


@get("/sites/{site:str}/heads/{zone:str}", opt={"rule": Permission.VALIDATION_OVERRIDE}, **_AT)
async def show(at: NamedDependency[AtZone]) -> Page:
    """Show what the gates count in a zone, to an agent who is about to count heads there."""
    return await _page(at, Form())


@post(
    "/sites/{site:str}/heads/{zone:str}",
    opt={"rule": Permission.VALIDATION_OVERRIDE, "journal": Act.HEADS_COUNTED},
    **_AT,
)
async def count(at: NamedDependency[AtZone], note: NamedDependency[Note]) -> Page | Response[None]:
    """Put the count right by the heads that were counted. Where it has moved by more than passages, look again."""
    request, zone = at.request, at.doorway.zone
    form, bounds = await read(request), most(zone)
    users = form.whole("users", least=0, most=bounds.users)
    counts_others = "others" in form.typed
    others = form.whole("others", least=0, most=bounds.others) if counts_others else None
    motive = form.one_of("motive", CountMotive)
    if form.is_wrong or users is None or motive is None:
        note.nothing()
        # What was counted belongs to what the gates said then: it is not compared with a later count.
        return await _page(at, form, status_code=422, seen=_kept(form))
    note.because(motive)
    try:
        seen = seen_of(form.kept("seen"))
        counted = Heads(users, seen.heads.others if others is None else others)
        said = await counted_heads(
            at.begin, request.user, at.doorway, seen=seen, counted=counted, motive=motive, now=at.clock()
        )
    except (CountMoved, HeadsBeyondBounds, InvalidRequest):
        note.nothing()
        return await _page(at, Form(), status_code=409, had=users)
    words = WORDS[language_of(request)]
    done = words["heads_done"].format(was=said.was.users, now=said.counted.users)
    return go(request, f"/console/sites/{at.doorway.site.code}", said=done)


def _kept(form: Form) -> Seen | None:
    with suppress(InvalidRequest):
        return seen_of(form.kept("seen"))
    return None


async def _page(
    at: AtZone, form: Form, *, status_code: int = 200, seen: Seen | None = None, had: int | None = None
) -> Page:
    """Draw the form, with the count as it is now unless it goes on from an earlier one; `had` came too late."""
    now, zone, site = at.clock(), at.doorway.zone, at.doorway.site
    day = local_day(now, at.doorway.time_zone)
    async with at.database.read() as connection:
        seen = seen or await head_counts.see(connection, zone, day, now)
        told = [one for one in await head_counts.of_day(connection, site.id, day) if one.count.zone_id == zone.id]
    return draw(
        at.request,
        "sites/heads.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        site=site,
        zone=zone,
        several=len(counted_zones(await at.database.catalogue(), zone.authority_id, site.code)) > 1,
        seen=seen,
        seen_word=seen_word(seen),
        had=had,
        counts_others=zone.capacity_others is not None or seen.heads.others > 0,
        told=told,
        bounds=most(zone),
        count_motives=COUNT_MOTIVES,
    )


ROUTES = (show, count)
