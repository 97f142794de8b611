"""Messages of devices that nobody could use: looked at, sent again once the cause is mended, or thrown away."""

from collections import Counter
from contextlib import suppress
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from admin.filters import kept
from admin.forms import Form, read
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of, read_words
from api.journalling import Note
from domain.acts import Act
from domain.agents import Permission
from domain.dead_letters import Motive
from domain.errors import Overloaded
from domain.errors.devices import SourceNotAgreed
from domain.journal import Kind, Object
from domain.ports import Clock
from domain.readings import DeadLetter
from store.database import Database
from store.dead_letters import (
    Place,
    Sort,
    dead_letter,
    discard_letters,
    heaps,
    page_of_letters,
    waiting_of_sort,
)
from tour.hearing import Hearing
from tour.ingest.arrivals import NotStored
from tour.ingest.replaying import Outcome, rehearse, send_again
from tour.measures import Malformed

WORDS = read_words("letters")
PATH = "/console/letters"
PAGE = 50

AT_ONCE = 50
"""Messages that one step of a long replay sends again: a second or two, so that its page shows how far it is."""

LONGEST_SHOWN = 8_192
"""Bytes of a message that a page shows."""

_LONGEST_CODE = 60
_GONE = "source-not-agreed"


class Step(Struct, frozen=True):
    """What a replay, tried or done, has come to so far. `still` counts by what is still wrong."""

    done: int = 0
    new: int = 0
    still: dict[str, int] = {}

    def and_then(self, outcomes: list[Outcome]) -> "Step":
        """Count more."""
        still = Counter(self.still) + Counter(one.why for one in outcomes if one.why)
        return Step(self.done + len(outcomes), self.new + sum(one.new for one in outcomes), dict(sorted(still.items())))


@get("/letters", opt={"rule": Permission.SENSOR_READ}, include_in_schema=False)
async def listed(request: Asked, database: NamedDependency[Database]) -> Page:
    """List the heaps by source and reason, and the messages of one of them, the newest first."""
    sort = Sort(*(request.query_params.get(name, "")[:_LONGEST_CODE] for name in ("source", "why")))
    async with database.read() as connection:
        piles = await heaps(connection, request.user.authority_id)
        found = await page_of_letters(
            connection,
            request.user.authority_id,
            sort,
            before=_place(request.query_params.get("before", "")),
            most=PAGE + 1,
        )
    given = _kept(sort)
    return draw(
        request,
        "letters/index.html",
        words=WORDS,
        heaps=[(one, urlencode({"source": one.source, "why": one.why})) for one in piles],
        sort=sort,
        letters=found[:PAGE],
        more=urlencode({**given, "before": _written(found[PAGE - 1])}) if len(found) > PAGE else "",
        waiting=sum(one.waiting for one in piles if _among(sort, one.source, one.why)),
        manages=request.user.may(Permission.SENSOR_MANAGE),
        motives=list(Motive),
        saved=await kept(request, database, PATH),
    )


@get(
    "/letters/{letter_id:uuid}",
    opt={"rule": Permission.SENSOR_MANAGE, "journal": Act.LETTER_SHOWN},
    include_in_schema=False,
)
async def show(
    request: Asked, letter_id: FromPath[UUID], database: NamedDependency[Database], note: NamedDependency[Note]
) -> Page:
    """Show one message: its beginning as it came, and what would become of it now."""
    note.about(Object(Kind.LETTER, str(letter_id)))
    async with database.read() as connection:
        letter = await dead_letter(connection, request.user.authority_id, letter_id)
    return draw(
        request,
        "letters/show.html",
        words=WORDS,
        letter=letter,
        text=_text(letter.payload),
        size=len(letter.payload),
        is_cut=len(letter.payload) > LONGEST_SHOWN,
        trial=await _tried(_hearing(request), letter),
        motives=list(Motive),
    )


@post(
    "/letters/replay",
    opt={"rule": Permission.SENSOR_MANAGE, "journal": Act.LETTER_SENT_AGAIN},
    include_in_schema=False,
)
async def replay(
    *, request: Asked, database: NamedDependency[Database], clock: NamedDependency[Clock], note: NamedDependency[Note]
) -> Page:
    """Try a sort of messages, then send them again: some at a time, and the page says how far it is."""
    form, hearing = await read(request), _hearing(request)
    sort, trial = (
        Sort(form.kept("source")[:_LONGEST_CODE], form.kept("why")[:_LONGEST_CODE]),
        form.kept("deed") == "try",
    )
    so_far = _so_far(form)
    async with database.read() as connection:
        found = await waiting_of_sort(
            connection,
            request.user.authority_id,
            sort,
            after=_place(form.kept("after")),
            most=AT_ONCE + 1,
        )
        piles = await heaps(connection, request.user.authority_id)
    step, now = so_far, clock()
    for letter in found[:AT_ONCE]:
        step = step.and_then([await (_tried(hearing, letter) if trial else _sent(hearing, letter, now))])
    note.about(Object(Kind.LETTER, sort.source[:_LONGEST_CODE]))
    if trial:
        note.nothing()
    waiting = sum(one.waiting for one in piles if _among(sort, one.source, one.why))
    return draw(
        request,
        "letters/replay.html",
        words=WORDS,
        sort=sort,
        trial=trial,
        step=step,
        total=max(int(form.kept("total") or 0) if form.kept("total").isdigit() else waiting, step.done),
        after=_written(found[AT_ONCE - 1]) if len(found) > AT_ONCE else "",
    )


@post(
    "/letters/{letter_id:uuid}/replay",
    opt={"rule": Permission.SENSOR_MANAGE, "journal": Act.LETTER_SENT_AGAIN},
    include_in_schema=False,
)
async def replay_one(
    *,
    request: Asked,
    letter_id: FromPath[UUID],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Response[None]:
    """Send one message again: what it brings is stored once, however often it is sent."""
    note.about(Object(Kind.LETTER, str(letter_id)))
    async with database.read() as connection:
        letter = await dead_letter(connection, request.user.authority_id, letter_id)
    outcome = await _sent(_hearing(request), letter, clock())
    words = WORDS[language_of(request)]
    said = f"{words['still_wrong']} {outcome.why}" if outcome.why else words["sent_said"].format(count=outcome.new)
    return go(request, f"{PATH}/{letter_id}", said=said)


@post(
    "/letters/discard",
    opt={"rule": Permission.SENSOR_MANAGE, "journal": Act.LETTER_DISCARDED},
    include_in_schema=False,
)
async def discard(request: Asked, database: NamedDependency[Database], note: NamedDependency[Note]) -> Response[None]:
    """Throw away one message, or all of a sort, and note why."""
    form = await read(request)
    motive = form.one_of("motive", Motive)
    sort = Sort(form.kept("source")[:_LONGEST_CODE], form.kept("why")[:_LONGEST_CODE])
    letter_id = None
    with suppress(ValueError):
        letter_id = UUID(form.kept("letter"))
    back = f"{PATH}/{letter_id}" if letter_id is not None else f"{PATH}?{urlencode(_kept(sort))}"
    words = WORDS[language_of(request)]
    if motive is None or (letter_id is None and not sort.source):
        note.nothing()
        return go(request, back, said=words["motive_missing"])
    note.because(motive)
    note.about(Object(Kind.LETTER, str(letter_id or sort.source)))
    async with database.write() as connection:
        count = await discard_letters(connection, request.user.authority_id, sort, letter_id=letter_id)
    return go(request, PATH, said=words["discarded_said"].format(count=count))


async def _tried(hearing: Hearing, letter: DeadLetter) -> Outcome:
    try:
        return await rehearse(letter, hearing.agreements, hearing.database)
    except SourceNotAgreed:
        return Outcome(why=_GONE)
    except Malformed as problem:
        return Outcome(why=problem.code)


async def _sent(hearing: Hearing, letter: DeadLetter, now: datetime) -> Outcome:
    try:
        return await send_again(letter, hearing.agreements, hearing.taker, hearing.database, now)
    except SourceNotAgreed:
        return Outcome(why=_GONE)
    except Malformed as problem:
        return Outcome(why=problem.code)
    except NotStored as problem:
        raise Overloaded("The message was not stored: send it again.") from problem


def _hearing(request: Asked) -> Hearing:
    hearing: Hearing = request.app.state.hearing
    return hearing


def _so_far(form: Form) -> Step:
    """What the steps before have come to, as the page before wrote it."""

    def count(name: str) -> int:
        return int(form.kept(name)) if form.kept(name).isascii() and form.kept(name).isdigit() else 0

    still = {name.removeprefix("still_"): count(name) for name in form.typed if name.startswith("still_")}
    return Step(count("done"), count("new"), still)


def _text(payload: bytes) -> str:
    """The beginning of a message as text; bytes that are none in hexadecimal."""
    shown = payload[:LONGEST_SHOWN]
    try:
        text = shown.decode()
    except UnicodeDecodeError:
        # A character that was cut at the end is no reason to show bytes.
        text = shown.decode(errors="ignore") if len(payload) > LONGEST_SHOWN else ""
    return text if text or not shown else shown.hex(" ")


def _place(written: str) -> Place | None:
    at, _, letter_id = written.partition("~")
    with suppress(ValueError):
        place = datetime.fromisoformat(at), UUID(letter_id)
        return place if place[0].tzinfo is not None else None
    return None


def _written(letter: DeadLetter) -> str:
    return f"{letter.received_at.isoformat()}~{letter.id}"


def _kept(sort: Sort) -> dict[str, str]:
    return {name: of for name, of in (("source", sort.source), ("why", sort.why)) if of}


def _among(sort: Sort, source: str, why: str) -> bool:
    return sort.source in {"", source} and sort.why in {"", why}


ROUTES = (listed, show, replay, replay_one, discard)
