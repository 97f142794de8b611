"""What agents do in the place of a gate: letting somebody in, taking what they bring, taking a passage back, and who
looks at it afterwards.
"""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from api import bodies
from api.agents import number_of
from api.bodies import InvalidRequest, Key, Quantity, VehicleSeen
from api.credentials import Credentials
from api.deposits import check_takes_deposits
from api.gate import Credential, GateCode
from api.integrations import read_cursor
from api.journalled_objects import about_medium
from api.journalling import Note
from api.loads import Load, kinds_of
from domain import acts, places
from domain.access.answer import Answer
from domain.access.facts import Evidence
from domain.agents import Agent, Permission
from domain.errors.passes import PassageNotFound
from domain.motives import Motive
from domain.ports import Clock
from domain.terminals import Profile
from store import passages
from store.database import Database
from store.ledger import Lane
from store.ledger.acts import Act, evidence_on_pass, let_in, take_back, take_in
from store.passages import OverrideCount, Recent
from store.terminal_tokens import TerminalSession

SHOWN = 20
"""How many passages of a pass an agent sees at once."""

Caller = Request[Agent, Any, Any]


PassNumber = Annotated[str, Meta(min_length=10, max_length=10, examples=["2336175969"])]


class EntryRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Let somebody in. Either `credential` was read, or `passNumber` was typed; `key` is made for this act alone."""

    key: Key
    gate: GateCode
    motive: Motive
    pass_number: PassNumber | UnsetType = UNSET
    credential: Credential | UnsetType = UNSET
    quantities: Annotated[tuple[Quantity, ...], Meta(max_length=10)] = ()
    vehicle: VehicleSeen | UnsetType = UNSET


class HandoverRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Take what somebody brings, kind by kind. Either `credential` was read, or `passNumber` was typed."""

    key: Key
    gate: GateCode
    motive: Motive
    items: Load
    pass_number: PassNumber | UnsetType = UNSET
    credential: Credential | UnsetType = UNSET


class WithdrawalRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Take a passage back. `key` is made for this act alone."""

    key: Key
    motive: Motive


class OverridesView(Struct, frozen=True, rename="camel"):
    """The entries and deposits of one local day that agents allowed against the rules."""

    site: str
    day: date
    total: int
    counts: list[OverrideCount]


@post(
    "/sites/{site:str}/entries",
    status_code=200,
    opt={"rule": Permission.VALIDATION_OVERRIDE, "journal": acts.Act.LET_IN},
    summary="Let somebody in on your own account",
    tags=["Gate"],
)
async def enter(
    *,
    request: Caller,
    site: FromPath[str],
    data: JSONBody[EntryRequest],
    database: NamedDependency[Database],
    lane: NamedDependency[Lane],
    credentials: NamedDependency[Credentials],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Answer:
    """Ask the gate's question in an agent's name, with a motive.

    Where the rules would let the person in, they simply do. Where they object and the reason may be overridden, the
    person comes in, nothing is counted, and the agent and the motive stand in the passage. Everything else is refused
    as at the gate, and recorded too.
    """
    agent, now = request.user, clock()
    evidence = await _evidence(data, database, credentials, agent, now)
    await _say(note, database, agent, evidence, data.motive)
    asked = bodies.asked(data.quantities)
    async with database.read() as connection:
        gate_id = await passages.gate_of(connection, agent.authority_id, site, data.gate)
    answer = await let_in(
        lane,
        Act(agent, data.motive, data.key, bodies.fingerprint((site, data)), now),
        gate_id=gate_id,
        evidence=evidence,
        asked=asked,
        vehicle=None if data.vehicle is UNSET else data.vehicle.known(),
    )
    return msgspec.json.decode(answer, type=Answer)


@post(
    "/sites/{site:str}/deposits",
    status_code=200,
    opt={"rule": Permission.VALIDATION_OVERRIDE, "journal": acts.Act.DEPOSIT_TAKEN},
    summary="Take a deposit on your own account",
    tags=["Gate"],
)
async def take(
    *,
    request: Caller,
    site: FromPath[str],
    data: JSONBody[HandoverRequest],
    database: NamedDependency[Database],
    lane: NamedDependency[Lane],
    credentials: NamedDependency[Credentials],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Answer:
    """Ask the quay's question in an agent's name, with a motive.

    Where the rules would take the deposit, it is an ordinary one, counted as such. Where they object and the reason may
    be overridden, it is taken, nothing is counted against a quota, and what was brought stands in the passage with the
    agent and the motive. Everything else is refused as at the quay, and recorded too.
    """
    agent, now = request.user, clock()
    evidence = await _evidence(data, database, credentials, agent, now)
    await _say(note, database, agent, evidence, data.motive)
    kinds = kinds_of(data.items)
    async with database.read() as connection:
        gate_id = await passages.gate_of(connection, agent.authority_id, site, data.gate)
        check_takes_deposits(await passages.service_at(connection, gate_id))
    answer = await take_in(
        lane,
        Act(agent, data.motive, data.key, bodies.fingerprint((site, "deposit", data)), now),
        gate_id=gate_id,
        evidence=evidence,
        kinds=kinds,
    )
    return msgspec.json.decode(answer, type=Answer)


@post(
    "/passages/{passage:str}/cancellation",
    status_code=200,
    opt={"rule": Permission.VALIDATION_CANCEL, "placed": True, "journal": acts.Act.PASSAGE_CANCELLED},
    summary="Take a passage back",
    tags=["Gate"],
)
async def withdraw(
    *,
    request: Caller,
    passage: FromPath[str],
    data: JSONBody[WithdrawalRequest],
    database: NamedDependency[Database],
    lane: NamedDependency[Lane],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Answer:
    """Cancel an entry or a deposit, whenever it was: what it counted is given back, in a passage of its own.

    That it was cancelled before is an answer (200), not an error.
    """
    note.because(data.motive)
    act = Act(request.user, data.motive, data.key, bodies.fingerprint((passage, data)), clock())
    answer = await take_back(database, lane, act, _passage_number(passage))
    return msgspec.json.decode(answer, type=Answer)


@get(
    "/passes/{number:str}/passages",
    opt={"rule": Permission.VALIDATION_CANCEL, "placed": True, "journal": acts.Act.PASSAGES_LISTED},
    summary="List the newest passages of a pass",
    tags=["Passes"],
)
async def recent(
    request: Caller,
    number: FromPath[str],
    database: NamedDependency[Database],
    *,
    before: FromQuery[str | None] = None,
) -> list[Recent]:
    """List the passages of a pass, newest first, 20 at a time, to put a wrong one right. `passage` is what to cancel.

    Give the `passage` of the last line as `before` for those that came earlier, however long ago. An empty list means
    that there is no more. Whose role is for some sites is told what happened there.
    """
    cursor = read_cursor(before) if before is not None else None
    async with database.look() as unit:
        pass_ = await unit.passes.by_number(request.user.authority_id, number_of(number))
    async with database.read() as connection:
        seen = await passages.sites_of(connection, request.user, Permission.VALIDATION_CANCEL)
        return await passages.recent(connection, pass_.id, limit=SHOWN, before=cursor, at=seen)


@get(
    "/sites/{site:str}/overrides",
    opt={"rule": Permission.OVERRIDE_REVIEW, "journal": acts.Act.OVERRIDES_COUNTED},
    summary="Count overrides",
    tags=["Gate"],
)
async def count_overrides(
    *,
    request: Caller,
    site: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    day: FromQuery[date | None] = None,
) -> OverridesView:
    """Count by direction, motive and agent what was allowed against the rules on one day: today, unless given."""
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(request.user.authority_id)
    wanted = day or places.local_day(clock(), authority.zone)
    if not 2000 <= wanted.year < 2100:
        raise InvalidRequest("`day` is no day of this century.")
    midnight = time(tzinfo=ZoneInfo(authority.zone))
    since = datetime.combine(wanted, midnight)
    before = datetime.combine(wanted + timedelta(days=1), midnight)
    async with database.read() as connection:
        site_id = await passages.site_of(connection, authority.id, site)
        counts = await passages.overrides(connection, site_id, since, before)
    return OverridesView(site, wanted, sum(one.count for one in counts), counts)


async def _evidence(
    data: EntryRequest | HandoverRequest, database: Database, credentials: Credentials, agent: Agent, now: datetime
) -> Evidence:
    """Return what was read from the pass, or what a code of it would prove where its number was typed.

    An agent's own device may read everything but what was made for one terminal.
    """
    if (data.pass_number is UNSET) is (data.credential is UNSET):
        raise InvalidRequest("Give either `passNumber` or `credential`.")
    if data.credential is UNSET:
        return await evidence_on_pass(database, agent.authority_id, number_of(str(data.pass_number)), now)
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(agent.authority_id)
    device = TerminalSession(agent.id, authority.id, authority.code, {}, now, Profile.HANDHELD)
    return await credentials.read(device, data.credential, now)


async def _say(note: Note, database: Database, agent: Agent, evidence: Evidence, motive: Motive) -> None:
    """Tell the journal whose medium it was, where one was read, and why."""
    note.because(motive)
    if evidence.medium_id is not None:
        async with database.look() as unit:
            note.about(await about_medium(unit, agent.authority_id, evidence.medium_id))


def _passage_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise PassageNotFound("There is no such passage.")
    return int(text)


ROUTER = Router(path="/v1", route_handlers=[enter, take, withdraw, recent, count_overrides])
