"""Cards that residents have ordered: those that wait, taken into a batch, and where the cards of a batch go."""

from litestar import Response, get, post
from litestar.di import NamedDependency

from adapters.keyring import KeyRing
from admin.batches import PATH as BATCHES
from admin.batches import WORDS
from admin.forms import Form, read
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of
from api.journalling import Note
from domain import card_orders, personalisation
from domain.acts import Act
from domain.agents import Permission
from domain.errors import AlreadyExists
from domain.errors.cards import BadBatch, CardUnderway
from domain.journal import Kind, Object
from domain.ordered_card_words import REASONS
from domain.places import local_day
from domain.ports import Clock
from store import ordered_cards
from store.database import Begin, Database

PATH = "/console/card-orders"
SHOWN = 100
"""The oldest; a batch takes these and those after them."""

MOST = 500
"""Cards of one batch that is ordered here; more at once by `multipass batch order --ordered`."""

_LONGEST_CODE = 40


@get("/card-orders", opt={"rule": Permission.CARD_BATCH, "journal": Act.CARD_ORDERS_LISTED}, include_in_schema=False)
async def waiting(request: Asked, database: NamedDependency[Database]) -> Page:
    """List the cards that residents have ordered and no batch has taken in, those that wait longest first."""
    return await _page(request, database, Form())


@post("/card-orders", opt={"rule": Permission.CARD_BATCH, "journal": Act.BATCH_ORDERED}, include_in_schema=False)
async def take(
    *,
    request: Asked,
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Order a batch of them: from now on none of these can be cancelled."""
    form, authority, now = await read(request), request.auth.authority, clock()
    code = form.text("code", longest=_LONGEST_CODE)
    version = max(keyring.card_versions(authority.code), default=None)
    if version is None:
        form.refuse("code", "no_masters")
    if not form.is_wrong and version is not None:
        note.about(Object(Kind.BATCH, code))
        end = card_orders.end_of_cards(local_day(now, authority.zone))
        try:
            async with begin() as unit:
                await personalisation.order(
                    unit,
                    authority.id,
                    code=code,
                    wanted=await card_orders.for_residents(unit, authority, end, most=MOST),
                    key_version=version,
                    agent_id=request.user.id,
                    now=now,
                )
        except AlreadyExists:
            form.refuse("code", "code_taken")
        except CardUnderway:
            form.refuse("code", "taken_meanwhile")
        except BadBatch:
            form.refuse("code", "bad_code_or_none")
    if form.is_wrong:
        note.was(Act.CARD_ORDERS_LISTED)
        return await _page(request, database, form, status_code=422)
    return go(request, f"{BATCHES}/{code}", said=WORDS[language_of(request)]["ordered_said"])


async def _page(request: Asked, database: Database, form: Form, *, status_code: int = 200) -> Page:
    authority_id = request.user.authority_id
    async with database.read() as connection:
        found = await ordered_cards.waiting(connection, authority_id, most=SHOWN)
        count = await ordered_cards.count_waiting(connection, authority_id)
    async with database.look() as unit:
        terms = await unit.ordered_cards.terms(authority_id)
    return draw(
        request,
        "batches/orders.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        waiting=found,
        count=count,
        reasons=REASONS,
        terms=terms,
        most=MOST,
        may_change=request.user.may(Permission.CATALOGUE_MANAGE),
    )


ROUTES = (waiting, take)
