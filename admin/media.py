"""One medium of a pass: what became of it, stopping it, and putting another in its place with what that costs."""

from datetime import date, datetime, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from msgspec import Struct

from adapters.cards import CardKeys, made_card
from admin.counter import FIELD, Present, asked_by, at_pass
from admin.desk import CARD_PROBLEMS, WORDS, card_refusal
from admin.forms import Form, read
from admin.people import file_path
from admin.shell import Page, draw, go
from admin.undoing import Undo
from admin.visits import Asked
from admin.words import language_of
from api.agents import MEDIUM_LIFE, medium_id_of, number_of
from api.journalling import Note
from api.made_cards import MAX_CARD
from domain import made_cards, passes
from domain.access.rule_words import WORDS as STATES
from domain.acts import Act
from domain.agents import Permission
from domain.card_batches import BatchCard
from domain.errors.cards import CardNotReturnable
from domain.errors.passes import LifecycleConflict
from domain.made_cards import UnbindReason
from domain.passes import MEDIUM_STEPS, BlockReason, Medium, MediumChange, MediumKind, MediumStatus, Pass
from domain.phones import KeySecurity
from domain.places import local_day
from domain.ports import Clock, Unit
from domain.replacements import ReplacementReason, fee_cents, reasons_for, replace_by_card, replace_medium
from store import media
from store.database import Begin, Database
from web.numbers import number as written

_STOPS = (BlockReason.LOST, BlockReason.STOLEN, BlockReason.DAMAGED, BlockReason.SUSPENDED, BlockReason.REVOKED)


class _Seen(Struct, frozen=True):
    """A medium as the page shows it. `fees` is what each reason to replace it costs, in cents.

    `card` is the stock card that it was made of; `is_undoable`: handing it over may still be undone. `may_resume`: it
    was stopped for a time. `key` says where a phone keeps its key.
    """

    pass_: Pass
    there: Present
    medium: Medium
    name: str
    last_day: date
    changes: list[tuple[MediumChange, str | None]]
    stops: list[BlockReason]
    fees: list[tuple[ReplacementReason, int]]
    card: BatchCard | None
    is_undoable: bool
    may_resume: bool
    key: KeySecurity | None


class At(Struct, frozen=True):
    """One medium of a pass, as its address names it: who asks about it when, and what their act is written with."""

    request: Asked
    number: str
    medium: str
    database: Database
    begin: Begin
    now: datetime
    note: Note

    async def look(self) -> _Seen:
        """Read the medium as it is.

        Raises:
            PassNotFound, MediumNotFound: the authority has no such pass, or the pass no such medium.
        """
        return await _look(self.request, self.database, self.number, self.medium, self.now)


async def at_medium(
    *,
    request: Asked,
    number: FromPath[str],
    medium: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> At:
    """Gather what an act at a medium is given."""
    return At(request, number, medium, database, begin, clock(), note)


_AT: dict[str, Any] = {"include_in_schema": False, "dependencies": {"at": Provide(at_medium)}}


@get(
    "/passes/{number:str}/media/{medium:str}",
    opt={"rule": Permission.MEDIUM_BLOCK, "journal": Act.MEDIUM_HISTORY_SHOWN},
    **_AT,
)
async def show(at: NamedDependency[At]) -> Page:
    """Show a medium, what became of it when, and what may be done with it now."""
    return _page(at.request, await at.look(), Form())


@post(
    "/passes/{number:str}/media/{medium:str}/block",
    opt={"rule": Permission.MEDIUM_BLOCK, "journal": Act.MEDIUM_BLOCKED},
    **_AT,
)
async def block(at: NamedDependency[At]) -> Page | Response[None]:
    """Stop a medium at once; the pass and its other media go on."""
    request, form = at.request, await read(at.request)
    seen = await at.look()
    reason = form.one_of("reason", BlockReason)
    asked_by(form, seen.there, at.note)
    if form.is_wrong or reason is None or not _unchanged(form, seen, "reason"):
        return _page(request, seen, form, status_code=_status_of(form))
    at.note.because(reason)
    try:
        async with at.begin() as unit:
            await passes.block(unit, seen.pass_, seen.medium.id, reason=reason, now=at.now, by=request.user.id)
    except LifecycleConflict:
        form.refuse("reason", "changed_meanwhile")
        return _page(request, await at.look(), form, status_code=_status_of(form))
    address = f"/console/passes/{at.number}/media/{at.medium}"
    back = {"was": MediumStatus.SUSPENDED.value, FIELD: form.kept(FIELD)}
    undo = Undo(f"{address}/resumption", back) if reason is BlockReason.SUSPENDED else None
    return go(request, address, said=WORDS[language_of(request)]["blocked"], undo=undo)


@post(
    "/passes/{number:str}/media/{medium:str}/resumption",
    opt={"rule": Permission.MEDIUM_BLOCK, "journal": Act.MEDIUM_RESUMED},
    **_AT,
)
async def resume(at: NamedDependency[At]) -> Page | Response[None]:
    """Put a medium back in use that was stopped for a time; what is lost or stolen stays stopped."""
    request, form = at.request, await read(at.request)
    seen = await at.look()
    asked_by(form, seen.there, at.note)
    if form.is_wrong or not _unchanged(form, seen, FIELD):
        return _page(request, seen, form, status_code=_status_of(form))
    try:
        async with at.begin() as unit:
            await passes.resume(unit, seen.pass_, seen.medium.id, now=at.now, by=request.user.id)
    except LifecycleConflict:
        form.refuse(FIELD, "changed_meanwhile")
        return _page(request, await at.look(), form, status_code=_status_of(form))
    address = f"/console/passes/{at.number}/media/{at.medium}"
    return go(request, address, said=WORDS[language_of(request)]["resumed"])


@post(
    "/passes/{number:str}/media/{medium:str}/replacement",
    opt={"rule": Permission.PASS_ISSUE, "journal": Act.MEDIUM_REPLACED},
    **_AT,
)
async def replace(at: NamedDependency[At], card_keys: NamedDependency[CardKeys]) -> Page | Response[None]:
    """Put another medium in the place of one that was stopped: for a card, one of the desk's stock."""
    request, form, now, by = at.request, await read(at.request), at.now, at.request.user.id
    seen = await at.look()
    why = form.one_of("why", ReplacementReason)
    is_card = seen.medium.kind is MediumKind.CARD
    said = form.text("card", longest=MAX_CARD) if is_card else ""
    asked_by(form, seen.there, at.note)
    if why is not None and why not in dict(seen.fees):
        form.refuse("why", "changed_meanwhile")
    if form.is_wrong or why is None or not _unchanged(form, seen, "why"):
        return _page(request, seen, form, status_code=_status_of(form))
    at.note.because(why)
    try:
        async with at.begin() as unit:
            if is_card:
                card = await made_card(unit, card_keys, request.auth.authority, said)
                done = await replace_by_card(unit, seen.pass_, seen.medium.id, card, now=now, reason=why, by=by)
            else:
                done = await replace_medium(
                    unit, seen.pass_, seen.medium.id, expires_at=now + MEDIUM_LIFE, now=now, reason=why, by=by
                )
    except CARD_PROBLEMS as problem:
        seen = await at.look()
        if is_card and seen.fees:
            form.refuse("card", card_refusal(problem))
        else:
            form.refuse("why", "changed_meanwhile")
        return _page(request, seen, form, status_code=_status_of(form))
    language = language_of(request)
    due = done.replacement.fee_cents
    words = WORDS[language]["replaced" if due else "replaced_free"]
    return go(request, file_path(seen.there.holder.reference), said=words.format(euros=written(due / 100, 2, language)))


@post(
    "/passes/{number:str}/media/{medium:str}/undo",
    opt={"rule": Permission.PASS_ISSUE, "journal": Act.CARD_UNBOUND},
    **_AT,
)
async def undo(at: NamedDependency[At]) -> Page | Response[None]:
    """Put a card that was handed over by mistake back into the stock; too late, the page offers to stop it."""
    request, form = at.request, await read(at.request)
    seen = await at.look()
    reason = form.one_of("mistake", UnbindReason)
    if form.is_wrong or reason is None:
        return _page(request, seen, form, status_code=422)
    at.note.because(reason)
    try:
        async with at.begin() as unit:
            card = await _put_back(unit, seen, at.now)
    except (CardNotReturnable, LifecycleConflict):
        seen = await at.look()
        form.refuse("mistake" if seen.is_undoable else "reason", "too_late")
        return _page(request, seen, form, status_code=409)
    done = WORDS[language_of(request)]["undone_named" if card.named else "undone"].format(card=card.number)
    return go(request, file_path(seen.there.holder.reference), said=done)


async def _put_back(unit: Unit, seen: _Seen, now: datetime) -> BatchCard:
    if seen.card is None or not seen.is_undoable:
        raise CardNotReturnable("The card cannot go back to the stock any more.")
    card = await unit.batches.card_by_number(seen.pass_.authority_id, seen.card.number)
    return await made_cards.unbind(unit, card, now=now)


async def _look(request: Asked, database: Database, number: str, medium: str, now: datetime) -> _Seen:
    medium_id = medium_id_of(medium)
    pass_, there = await at_pass(database, request.auth.authority, number_of(number), now)
    async with database.look() as unit:
        found = await passes.medium_of(unit, pass_, medium_id)
        key = await unit.passes.device_key(medium_id)
        fees = await unit.replacements.fees(pass_.authority_id)
        undoable = await made_cards.may_come_back(unit, found, now)
        card = await unit.batches.card_of_medium(pass_.authority_id, medium_id)
    async with database.read() as connection:
        changes = await media.changes_told(connection, medium_id)
    over = found.status in {MediumStatus.ACTIVE, MediumStatus.SUSPENDED} and found.expires_at <= now
    reasons = reasons_for(MediumStatus.EXPIRED if over else found.status)
    return _Seen(
        pass_,
        there,
        found,
        medium.lower(),
        local_day(found.expires_at - timedelta(seconds=1), request.auth.authority.zone),
        changes,
        [each for each in _STOPS if MediumStatus(each.value) in MEDIUM_STEPS[found.status] and not over],
        [(each, fee_cents(fees, found.kind, each)) for each in reasons],
        card,
        undoable and card is not None,
        passes.may_resume(found, now),
        key.key_security if key is not None else None,
    )


def _unchanged(form: Form, seen: _Seen, field: str) -> bool:
    """Tell whether the medium is what the form was drawn for; where another agent was quicker, say so."""
    if form.kept("was") != seen.medium.status:
        form.refuse(field, "changed_meanwhile")
    return not form.is_wrong


def _status_of(form: Form) -> int:
    return 409 if "changed_meanwhile" in form.wrong.values() else 422


def _page(request: Asked, seen: _Seen, form: Form, *, status_code: int = 200) -> Page:
    language = language_of(request)
    words = WORDS[language]
    free, costs = words["free"], words["costs"]
    return draw(
        request,
        "desk/medium.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        seen=seen,
        states=STATES,
        stops=[("", words["choose"]), *((each, words[f"stop_{each}"]) for each in seen.stops)] if seen.stops else [],
        undo_until=seen.medium.created_at + made_cards.TAKE_BACK_WITHIN,
        mistakes=[(each, words[f"mistake_{each}"]) for each in UnbindReason],
        reasons=[
            (why, f"{words[f'why_{why}']} ({costs.format(euros=written(cents / 100, 2, language)) if cents else free})")
            for why, cents in seen.fees
        ],
    )
