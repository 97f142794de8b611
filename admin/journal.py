"""What the data protection officer reads: who did what with personal data, by whom, about whom, and when."""

import re
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from msgspec import Struct

from admin.desk import WORDS as DESK_WORDS
from admin.filters import kept
from admin.forms import Form
from admin.shell import Page, draw
from admin.visits import Asked
from admin.words import language_of, read_words
from api.days import check_day, named
from api.journal import PAGE, agent_named
from api.journalling import Note
from domain.acts import ACTS, Act
from domain.agents import Permission
from domain.errors import Invalid
from domain.errors.people import AgentNotFound, HolderNotFound
from domain.head_counts import COUNT_MOTIVES, CountMotive
from domain.journal import Kind, Line, Object, Wanted
from domain.motives import MOTIVES, Motive
from domain.places import midnight
from domain.ports import Unit
from domain.text import Text
from store.database import Database
from store.journal import logins, references, things_named
from web.moments import Language

WORDS = read_words("journal")
FIELDS = ("agent", "holder", "act", "first", "before")
_LONGEST_NUMBER = 18
_LETTER_WORDS = read_words("letters")
_REASONS = (read_words("rights"), read_words("suspensions"))
_NAMED_BY_ID = {Kind.BATCH, Kind.SITE, Kind.DEVICE, Kind.LINE, Kind.PASSAGE, Kind.LETTER}
_UUID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
_DESK_CHOICES = ("stop", "why", "mistake", "cause")
"""What a desk says why it stops, replaces, takes back or ends: the words of its forms begin so."""


class _Shown(Struct, frozen=True):
    """A line as the page shows it."""

    line: Line
    words: Text
    agent: str | None
    holder: str | None
    thing: str | None
    """What it was done to, where that is no one's file: an account, a request, a batch, a site."""
    on_behalf_of: str | None
    why: str


@get("/journal", opt={"rule": Permission.JOURNAL_READ, "journal": Act.JOURNAL_SEARCHED}, include_in_schema=False)
async def search(request: Asked, database: NamedDependency[Database], note: NamedDependency[Note]) -> Page:
    """List what agents did, newest first: by agent, by whose file it was, by act and by days."""
    form = Form({name: request.query_params.get(name, "") for name in FIELDS})
    authority = request.auth.authority
    async with database.look() as unit:
        wanted = await _wanted(unit, authority.id, authority.zone, form, request.query_params.get("line", ""))
        lines = [] if form.is_wrong else await unit.journal.search(authority.id, wanted, PAGE)
    note.about(Object(Kind.JOURNAL, holder_id=wanted.holder_id))
    given = {name: form.kept(name) for name in FIELDS if form.kept(name)}
    older = urlencode({**given, "line": lines[-1].link.number}) if len(lines) == PAGE else ""
    return draw(
        request,
        "journal.html",
        words=WORDS,
        form=form,
        lines=await _shown(database, lines, language_of(request)),
        older=older,
        acts=_acts(language_of(request)),
        is_narrowed=bool(given),
        saved=await kept(request, database, "/console/journal"),
    )


def _acts(language: Language) -> list[tuple[str, str]]:
    said = [(act.value, text.fr if language == "fr" else text.en) for act, text in ACTS.items()]
    return [("", WORDS[language]["any"]), *sorted(said, key=lambda one: one[1])]


async def _wanted(unit: Unit, authority_id: UUID, zone: str, form: Form, line: str) -> Wanted:
    """Read what somebody looks for; what does not fit is said at its field."""
    agent_id = holder_id = act = None
    login, reference = form.text("agent", longest=120, required=False), form.text("holder", longest=40, required=False)
    if login and "agent" not in form.wrong:
        try:
            agent_id = (await agent_named(unit, authority_id, login)).id
        except AgentNotFound:
            form.refuse("agent", "no_such_agent")
    if reference and "holder" not in form.wrong:
        try:
            holder_id = (await unit.people.holder(authority_id, named(reference))).id
        except HolderNotFound:
            form.refuse("holder", "no_such_holder")
    if form.kept("act"):
        act = form.one_of("act", Act)
    since, until = (_begins(form, name, zone) for name in ("first", "before"))
    return Wanted(
        agent_id=agent_id,
        holder_id=holder_id,
        act=act,
        since=since,
        until=until,
        before=int(line) if line.isascii() and line.isdigit() and len(line) <= _LONGEST_NUMBER else None,
    )


def _begins(form: Form, name: str, zone: str) -> datetime | None:
    """Read a day as the instant at which it begins."""
    day = form.day(name, required=False)
    if day is None:
        return None
    try:
        check_day(day)
    except Invalid:
        form.refuse(name, "field_no_day")
        return None
    return midnight(day, zone)


async def _shown(database: Database, lines: list[Line], language: Language) -> list[_Shown]:
    async with database.read() as connection:
        agents, holders = await logins(connection, lines), await references(connection, lines)
        things = await things_named(connection, lines)

    def one(names: dict[UUID, str], key: UUID | None) -> str | None:
        return names.get(key) if key is not None else None

    return [
        _Shown(
            line,
            ACTS[line.entry.act],
            one(agents, line.entry.agent_id),
            one(holders, line.entry.object.holder_id),
            things.get((line.entry.object.kind, line.entry.object.id), _called(line.entry.object)),
            one(holders, line.entry.on_behalf_of),
            why_in_words(line.entry.why, language),
        )
        for line in lines
    ]


def _called(thing: Object) -> str | None:
    """Return what has no other name than its id in the journal; of a message its source."""
    return thing.id if thing.kind in _NAMED_BY_ID and thing.id and not _UUID.fullmatch(thing.id) else None


def why_in_words(code: str | None, language: Language) -> str:
    """Say why something was done, as the form said it to the agent; a code that no form has, as it is."""
    if code is None:
        return ""
    said = MOTIVES[Motive(code)] if code in MOTIVES else None
    said = COUNT_MOTIVES[CountMotive(code)] if said is None and code in COUNT_MOTIVES else said
    if said is not None:
        return said.fr if language == "fr" else said.en
    desk = DESK_WORDS[language]
    if f"motive_{code}" in _LETTER_WORDS[language]:
        return _LETTER_WORDS[language][f"motive_{code}"]
    in_forms = [desk[f"{kind}_{code}"] for kind in _DESK_CHOICES if f"{kind}_{code}" in desk]
    in_forms += [words[language][f"reason_{code}"] for words in _REASONS if f"reason_{code}" in words[language]]
    return next(iter(in_forms), code)
