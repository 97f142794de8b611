"""A resident's passes: what they open and how much is left, in plain words; where they were shown; a lost one stopped.

Every query names the account that asks. A pass of somebody else is not refused: for this account there is none.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Struct

from api.agents import medium_id_of, number_of
from api.bodies import Key
from api.days import today
from api.integrations import read_cursor
from api.resident_account import RESIDENT
from api.resident_answers import UNCHANGED, once, tagged
from api.resident_logins import TAGS
from api.residents import Asked
from api.subjects import rights_left
from domain import households, passes
from domain.access.answer import Remaining
from domain.access.facts import Direction
from domain.access.reasons import REASONS, Outcome
from domain.access.rule_words import WORDS
from domain.accounts import Account
from domain.errors import Invalid
from domain.passes import BlockReason, Medium, MediumKind, MediumStatus, Pass, PassStatus, medium_bytes
from domain.people import Holder
from domain.ports import Clock, Unit
from domain.replacements import ReplacementFee, fee_cents, reason_for
from domain.services import BY_CODE
from domain.text import Text
from store.database import Database
from store.resident_history import passages_of

StopReason = Literal["lost", "stolen", "damaged", "unlinked"]

_REPLACED_ONLINE = frozenset({MediumStatus.LOST, MediumStatus.STOLEN, MediumStatus.DAMAGED, MediumStatus.EXPIRED})
_OPENED = frozenset({Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING})


class MyPass(Struct, frozen=True, rename="camel"):
    """A pass, and whose it is. `words` say how it stands."""

    number: str
    person: str
    name: str
    status: PassStatus
    words: Text
    valid_from: date
    valid_until: date


class MyPasses(Struct, frozen=True):
    """The passes of everybody for whom the account acts, the newest first."""

    passes: list[MyPass]


class MyMedium(Struct, frozen=True, rename="camel"):
    """A card, a printed code or a phone that shows a pass. `words` say how it stands.

    `replacementCents` is what a new one costs here and now; null where it is in use, or a desk replaces it.
    `since` tells two phones of one pass apart; null in an answer of before it was told.
    """

    id: str
    kind: MediumKind
    status: MediumStatus
    words: Text
    expires_at: datetime
    may_be_stopped: bool
    replacement_cents: int | None
    since: datetime | None = None


class MyRight(Struct, frozen=True, rename="camel"):
    """What a pass opens. `words` say what is left today, `remaining` the same in numbers."""

    name: Text
    service: str
    service_name: Text
    valid_from: date
    valid_until: date
    words: list[Text]
    remaining: list[Remaining]


class MyPassDetail(Struct, frozen=True, rename="camel"):
    """A pass with its media and all that its holder may use today."""

    summary: MyPass
    media: list[MyMedium]
    rights: list[MyRight]


class MyPassage(Struct, frozen=True, rename="camel"):
    """Where a pass was shown, and what came of it. `cancelled`: it was taken back, and counts nothing."""

    happened_at: datetime
    site: Text
    service_name: Text
    direction: Direction
    opened: bool
    words: Text
    cancelled: bool


class MyPassages(Struct, frozen=True):
    """Passages, the newest first, and the cursor of those before; null where there are no more."""

    passages: list[MyPassage]
    cursor: str | None


class StopRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a medium is stopped: `unlinked` is for a phone that shall no longer show the pass, and is nobody's loss.

    `key` is made for this act alone: sent again, it does nothing twice.
    """

    key: Key
    reason: StopReason


@get("/passes", opt=RESIDENT, responses=UNCHANGED, summary="List my passes", tags=TAGS)
async def list_passes(
    request: Asked, database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Response[MyPasses]:
    """List your passes, and those of your children and of whoever has given you a mandate."""
    return tagged(request, MyPasses(await passes_for(database, request.user.account, clock())))


async def passes_for(database: Database, account: Account, now: datetime) -> list[MyPass]:
    """Return the passes of everybody for whom an account acts today, the newest first."""
    async with database.look() as unit:
        day = await today(unit, account.authority_id, now)
        people = {one.id: one for one in await unit.accounts.persons(account.id, day)}
        found = await unit.accounts.passes(account.id, day)
    return [
        _summary(one, person.reference, f"{person.first_name} {person.last_name}")
        for one in found
        for person in (people[one.holder_id],)
    ]


@get("/passes/{number:str}", opt=RESIDENT, responses=UNCHANGED, summary="See one of my passes", tags=TAGS)
async def show_pass(
    request: Asked, number: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Response[MyPassDetail]:
    """Show a pass: its media, what it opens, and what is left of it today."""
    return tagged(request, await detail_for(database, request.user.account, number, clock()))


async def detail_for(database: Database, account: Account, number: str, now: datetime) -> MyPassDetail:
    """Return a pass for which an account acts, with its media and what is left of its rights today."""
    async with database.look() as unit:
        day = await today(unit, account.authority_id, now)
        pass_ = await unit.accounts.pass_of(account.id, number_of(number), day)
        holder = await unit.people.holder_by_id(account.authority_id, pass_.holder_id)
        media = await unit.passes.media(pass_.id)
        fees = await unit.replacements.fees(account.authority_id)
        owned = await households.rights_of(unit, holder, day)
    rights = [
        MyRight(
            name=one.name,
            service=one.service,
            service_name=BY_CODE[one.service].name,
            valid_from=one.valid_from,
            valid_until=one.valid_until,
            words=one.words,
            remaining=one.remaining,
        )
        for one in await rights_left(database, owned, day)
    ]
    return MyPassDetail(_of(pass_, holder), [medium_view(one, fees) for one in media], rights)


@get("/passes/{number:str}/passages", opt=RESIDENT, responses=UNCHANGED, summary="See where it was shown", tags=TAGS)
async def history(
    *,
    request: Asked,
    number: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    before: FromQuery[str | None] = None,
    lines: Annotated[int, QueryParameter(ge=1, le=100)] = 20,
) -> Response[MyPassages]:
    """List the passages of a pass that are still kept: of the bus two days, of a pool three months."""
    account = request.user.account
    return tagged(request, await passages_for(database, account, number, clock(), before=before, lines=lines))


async def passages_for(
    database: Database, account: Account, number: str, now: datetime, *, before: str | None, lines: int
) -> MyPassages:
    """Return a page of the passages of a pass for which an account acts."""
    cursor = read_cursor(before) if before is not None else None
    async with database.look() as unit:
        day = await today(unit, account.authority_id, now)
        pass_ = await unit.accounts.pass_of(account.id, number_of(number), day)
    async with database.read() as connection:
        found = await passages_of(connection, pass_, day, most=lines + 1, before=cursor)
    views = [
        MyPassage(
            happened_at=one.happened_at,
            site=one.site,
            service_name=BY_CODE[one.service_code].name,
            direction=one.direction,
            opened=one.outcome in _OPENED,
            words=REASONS[one.reason].short,
            cancelled=one.cancelled,
        )
        for one in found[:lines]
    ]
    return MyPassages(views, str(found[lines - 1].number) if len(found) > lines else None)


@post(
    "/passes/{number:str}/media/{medium:str}/block",
    status_code=200,
    opt=RESIDENT,
    summary="Stop a lost card or phone",
    tags=TAGS,
)
async def stop(
    *,
    request: Asked,
    number: FromPath[str],
    medium: FromPath[str],
    data: JSONBody[StopRequest],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> MyMedium:
    """Stop a medium at once, at any hour: gates refuse it within seconds. The pass and its other media go on."""
    mine, now = request.user.account, clock()

    async def act(unit: Unit) -> MyMedium:
        stopped = await stop_medium(unit, mine, number, medium, reason=data.reason, now=now)
        return medium_view(stopped, await unit.replacements.fees(mine.authority_id))

    return await once(database, clock, mine, (f"block {number} {medium}", data), act, kind=MyMedium)


async def stop_medium(
    unit: Unit, account: Account, number: str, medium: str, *, reason: StopReason, now: datetime
) -> Medium:
    """Stop a medium of a pass for which an account acts.

    Raises:
        LifecycleConflict: what it is now does not lead there.
        Invalid: only a phone is unlinked.
    """
    pass_ = await unit.accounts.pass_of(account.id, number_of(number), await today(unit, account.authority_id, now))
    why = BlockReason.REVOKED if reason == "unlinked" else BlockReason(reason)
    stopped = await passes.block(unit, pass_, medium_id_of(medium), reason=why, now=now)
    if reason == "unlinked" and stopped.kind is not MediumKind.PHONE:
        raise Invalid("Only a phone is unlinked; a card is lost, stolen or damaged.")
    return stopped


def _of(pass_: Pass, holder: Holder) -> MyPass:
    return _summary(pass_, holder.reference, f"{holder.first_name} {holder.last_name}")


def _summary(pass_: Pass, person: str, name: str) -> MyPass:
    return MyPass(
        number=pass_.number,
        person=person,
        name=name,
        status=pass_.status,
        words=WORDS.pass_states[pass_.status],
        valid_from=pass_.valid_from,
        valid_until=pass_.valid_until,
    )


def price_of_replacement(medium: Medium, fees: Sequence[ReplacementFee]) -> int | None:
    """Return what its owner pays for a new one, in cents; None where that is not theirs to order here.

    What the authority itself has taken out of use is for its desk, and so is a card, which somebody has to make.
    """
    if medium.kind is not MediumKind.PRINT or medium.status not in _REPLACED_ONLINE:
        return None
    return fee_cents(fees, medium.kind, reason_for(medium.status))


def medium_view(medium: Medium, fees: Sequence[ReplacementFee] = ()) -> MyMedium:
    """Show a medium to its owner."""
    return MyMedium(
        id=medium_bytes(medium.id).hex(),
        kind=medium.kind,
        status=medium.status,
        words=WORDS.medium_states[medium.status],
        expires_at=medium.expires_at,
        may_be_stopped=MediumStatus.LOST in passes.MEDIUM_STEPS[medium.status],
        replacement_cents=price_of_replacement(medium, fees),
        since=medium.created_at,
    )


HANDLERS = [list_passes, show_pass, history, stop]
