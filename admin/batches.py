"""Batches of cards: ordering, the files that travel to the maker and back, and saying where the cards are."""

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from adapters.card_order import BadCardAddress, address_of
from adapters.document_vault import DocumentVault
from adapters.keyring import KeyRing
from admin.forms import Form, read
from admin.paging import paged
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of, read_words
from api.batch_files import MAX_FILE, content_of, order_file, settled
from api.card_batches import steps_of
from api.journalling import Note
from api.settings import Settings
from domain import card_orders, made_cards, personalisation
from domain.acts import Act
from domain.agents import Permission
from domain.card_batches import BatchState
from domain.errors import AlreadyExists, Conflict, NotFound
from domain.errors.cards import BadBatch, BatchClosed, BatchFileRefused, Flaw
from domain.journal import Kind, Object
from domain.passes import MediumStatus
from domain.personalisation import LARGEST
from domain.places import local_day
from domain.ports import Clock
from store import batches, ordered_cards
from store.database import Begin, Database

WORDS = read_words("batches")
PATH = "/console/batches"

_LONGEST_CODE = 40
_SHOWN = 20
_RULE = Permission.CARD_BATCH


@get("/batches", opt={"rule": _RULE}, include_in_schema=False)
async def listed(request: Asked, database: NamedDependency[Database], after: FromQuery[str] = "") -> Page:
    """List the batches, and order one."""
    return await _list(request, database, Form(), after=after)


@post("/batches", opt={"rule": _RULE, "journal": Act.BATCH_ORDERED}, include_in_schema=False)
async def order(
    *,
    request: Asked,
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Order blank cards for desks. Numbers are drawn now; nothing leaves yet."""
    form = await read(request)
    code, count = form.text("code", longest=_LONGEST_CODE), form.whole("blank", least=1, most=LARGEST)
    authority, now = request.auth.authority, clock()
    version = max(keyring.card_versions(authority.code), default=None)
    if version is None:
        form.refuse("code", "no_masters")
    if not form.is_wrong and count is not None and version is not None:
        note.about(Object(Kind.BATCH, code))
        end = card_orders.end_of_cards(local_day(now, authority.zone))
        try:
            async with begin() as unit:
                await personalisation.order(
                    unit,
                    authority.id,
                    code=code,
                    wanted=card_orders.blank(authority, count, end),
                    key_version=version,
                    agent_id=request.user.id,
                    now=now,
                )
        except (AlreadyExists, BadBatch) as refused:
            form.refuse("code", "code_taken" if isinstance(refused, AlreadyExists) else "bad_code")
    if form.is_wrong:
        note.nothing()
        return await _list(request, database, form, status_code=422)
    return go(request, f"{PATH}/{code}", said=_said(request, "ordered_said"))


@get("/batches/{batch:str}", opt={"rule": _RULE, "journal": Act.BATCH_SHOWN}, include_in_schema=False)
async def show(request: Asked, batch: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Show a batch: who did what with it and when, where its cards stand, and what comes next."""
    return await _one(request, batch, database, Form())


@post(
    "/batches/{batch:str}/order-file",
    opt={"rule": _RULE, "journal": Act.BATCH_SENT},
    include_in_schema=False,
    request_max_body_size=MAX_FILE + 64 * 1024,
)
async def make_order_file(
    *,
    request: Asked,
    batch: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    keyring: NamedDependency[KeyRing],
    vault: NamedDependency[DocumentVault],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Page | Stream:
    """Answer the maker's list of chips with the order, to be saved. The batch counts as sent from now on."""
    form, content = await _sent(request, "chips")
    flaws: tuple[Flaw, ...] = ()
    if content is not None:
        try:
            file = await order_file(
                content,
                batch,
                database=database,
                begin=begin,
                keyring=keyring,
                vault=vault,
                address=address_of(settings.cards_open),
                agent=request.user,
                now=clock(),
            )
        except BatchFileRefused as refused:
            form.refuse("chips", "file_refused")
            flaws = refused.flaws
        except (BadBatch, BatchClosed, NotFound, BadCardAddress) as refused:
            form.refuse("chips", _why(refused))
        else:
            headers = {"Content-Disposition": f'attachment; filename="{batch}.jsonl"', "Cache-Control": "no-store"}
            return Stream(content_of(file), media_type="application/jsonl", headers=headers)
    note.nothing()
    return await _one(request, batch, database, form, flaws=flaws, status_code=422)


@post(
    "/batches/{batch:str}/report",
    opt={"rule": _RULE, "journal": Act.BATCH_REPORTED},
    include_in_schema=False,
    request_max_body_size=MAX_FILE + 64 * 1024,
)
async def report(
    *,
    request: Asked,
    batch: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Take in the maker's report: all of it, or nothing."""
    form, content = await _sent(request, "said")
    flaws: tuple[Flaw, ...] = ()
    if content is not None:
        try:
            await settled(
                content, batch, database=database, begin=begin, keyring=keyring, agent=request.user, now=clock()
            )
        except BatchFileRefused as refused:
            form.refuse("said", "file_refused")
            flaws = refused.flaws
        except (BadBatch, BatchClosed) as refused:
            form.refuse("said", _why(refused))
        else:
            return go(request, f"{PATH}/{batch}", said=_said(request, "reported_said"))
    note.nothing()
    return await _one(request, batch, database, form, flaws=flaws, status_code=422)


@post("/batches/{batch:str}/deliver", opt={"rule": _RULE, "journal": Act.BATCH_DELIVERED}, include_in_schema=False)
async def deliver(
    *,
    request: Asked,
    batch: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Say that cards of a batch lie at a desk, also from another one, or that they are in the post."""
    form = await read(request)
    desk = form.text("desk", longest=_LONGEST_CODE, required=False)
    if bool(desk) is form.ticked("posted"):  # left empty by mistake, it would tell people that their cards are sent
        form.refuse("desk", "where")
    first, last = form.whole("first", least=1, most=LARGEST), form.whole("last", least=1, most=LARGEST)
    if first is not None and last is not None and not form.is_wrong:
        try:
            async with begin() as unit:
                held = await unit.batches.hold(request.user.authority_id, batch)
                cards = (
                    await made_cards.deliver_to_desk(unit, held, desk=desk, first=first, last=last, now=clock())
                    if desk
                    else await made_cards.ship(unit, held, first=first, last=last, now=clock())
                )
        except (Conflict, BadBatch):
            form.refuse("first", "not_deliverable")
        else:
            return go(request, f"{PATH}/{batch}", said=_said(request, "delivered_said").format(count=len(cards)))
    note.nothing()
    return await _one(request, batch, database, form, status_code=422)


@post("/batches/{batch:str}/refuse", opt={"rule": _RULE, "journal": Act.BATCH_CANCELLED}, include_in_schema=False)
async def refuse(
    request: Asked, batch: FromPath[str], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Response[None]:
    """Refuse a batch that was not reported on, for good."""
    async with begin() as unit:
        held = await unit.batches.hold(request.user.authority_id, batch)
        await personalisation.refuse(unit, held, agent_id=request.user.id, now=clock())
    return go(request, f"{PATH}/{batch}", said=_said(request, "refused_said"))


async def _sent(request: Asked, name: str) -> tuple[Form, bytes | None]:
    form, sent = await read(request), (await request.form()).get(name)
    if isinstance(sent, UploadFile) and sent.filename:
        return form, await sent.read()
    form.refuse(name, "no_file")
    return form, None


async def _list(request: Asked, database: Database, form: Form, *, after: str = "", status_code: int = 200) -> Page:
    async with database.look() as unit:
        page = paged(await unit.batches.all_of(request.user.authority_id), after, lambda one: one.code)
    async with database.read() as connection:
        stock = await batches.drawers(connection, request.user.authority_id)
        ordered = await ordered_cards.count_waiting(connection, request.user.authority_id)
    return draw(
        request,
        "batches/index.html",
        words=WORDS,
        status_code=status_code,
        batches=page.lines,
        more=page.more,
        stock=stock,
        ordered=ordered,
        form=form,
    )


async def _one(
    request: Asked,
    code: str,
    database: Database,
    form: Form,
    *,
    flaws: tuple[Flaw, ...] = (),
    status_code: int = 200,
) -> Page:
    async with database.look() as unit:
        found = await unit.batches.by_code(request.user.authority_id, code)
        steps = await steps_of(unit, found)
        terms = await unit.ordered_cards.terms(request.user.authority_id)
    async with database.read() as connection:
        counts = await batches.tally(connection, found.id)
        goes_to = await ordered_cards.destinations(connection, found.id)
        given_up = await ordered_cards.given_up(connection, found.id)
    form.typed.setdefault("first", "1")
    form.typed.setdefault("last", str(found.size))
    return draw(
        request,
        "batches/show.html",
        words=WORDS,
        status_code=status_code,
        batch=found,
        steps=steps,
        counts=[(status, counts[status]) for status in MediumStatus if status in counts],
        form=form,
        destinations=goes_to,
        given_up=given_up,
        terms=terms,
        flaws=flaws[:_SHOWN],
        more=max(0, len(flaws) - _SHOWN),
        may_send=found.state in {BatchState.ORDERED, BatchState.SENT},
        may_deliver=found.state in {BatchState.ACCEPTED, BatchState.PARTLY_ACCEPTED},
    )


def _why(refused: Exception) -> str:
    if isinstance(refused, BatchClosed):
        return "closed"
    if isinstance(refused, BadCardAddress):
        return "no_card_address"
    return "too_large" if isinstance(refused, BadBatch) else "no_transport"


def _said(request: Asked, word: str) -> str:
    return WORDS[language_of(request)][word]


ROUTES = (listed, order, show, make_order_file, report, deliver, refuse)
