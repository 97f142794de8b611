"""Residents who follow their passes by an account: the holders of the sample passes who act for themselves.

Three of them ask for more at the portal: one has not finished, one waits for an answer, with a temporary code
meanwhile, one was asked for a paper. Two are the parents of a child. Two have sent a photo from home, which nobody has
looked at yet. Two have ordered a card: one lies at the desk, one waits for the next batch. One more photo was refused:
its letter leaves as the server starts.
"""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from adapters.document_file import Readable
from adapters.document_vault import DocumentVault
from adapters.portrait_file import Frame, portrait
from cli.demo import papers
from cli.demo.city import City
from cli.demo.ordered import make, order, take_orders
from cli.demo.requests import desk_agent
from cli.demo.samples import NEIGHBOUR
from cli.demo.territory import COMMUNES
from domain.account_links import LinkKind, make_code, redeem
from domain.accounts import Account, ContactChannel, open_account
from domain.applications import Address, Application, Asker, Person
from domain.guardians import GuardianKind, acts_alone, appoint_guardian
from domain.people import Holder
from domain.places import local_day
from domain.portrait_offers import PhotoFlaw, offer, refuse
from domain.portraits import Sealed
from domain.ports import Unit
from domain.request_texts import standard_texts
from domain.requests import Hand, RequestStatus, ask_for_more
from domain.resident_requests import begin_own, hold_own, send_own
from store.database import Database

_STAGES = (RequestStatus.DRAFT, RequestStatus.SUBMITTED, RequestStatus.NEEDS_MORE_INFO)
"""How far the requests of the first accounts have come."""


_CHILD, _PARENTS = "child", ("everything", "lost-card")
"""The child with two homes, and whose it is: each parent sees its pass beside their own."""

_ORDERS = 2
"""How many of the others have ordered a card: all but the last lie at the desk."""


def address_of(sample_key: str) -> str:
    """Return the e-mail address of whoever holds a sample pass."""
    return f"{sample_key}@courriel.example"


async def open_accounts(database: Database, city: City, vault: DocumentVault, *, now: datetime) -> int:
    """Open an account for each of them, tied by a code as a desk gives it; return how many."""
    today, opened = now.astimezone(ZoneInfo(city.authority.zone)).date(), 0
    ordered, refused = 0, False
    async with database.begin() as unit:
        await take_orders(unit, city.authority)
        await _name_parents(unit, city, today)
        for sample in city.samples:
            if sample.key == NEIGHBOUR.key:
                continue
            pass_ = await unit.passes.by_number(city.authority.id, sample.number)
            holder = await unit.people.holder_by_id(city.authority.id, pass_.holder_id)
            if not await _may_follow(unit, holder, today):
                continue
            account = await _follow(unit, holder, address_of(sample.key), now=now, today=today)
            if opened < len(_STAGES):
                await _ask(unit, account, holder, now=now, stage=_STAGES[opened])
            elif opened < len(_STAGES) + 2:
                await _photograph(unit, city, vault, holder, now=now - timedelta(hours=7 * opened))
            elif ordered < _ORDERS:
                days = timedelta(days=9 - 7 * ordered)
                if await order(unit, city.authority, account, pass_, now=now - days):
                    ordered += 1
                    if ordered < _ORDERS:
                        await make(unit, city.authority, city.agents, now=now)
            elif not refused:
                blurred = await _photograph(unit, city, vault, holder, now=now - timedelta(days=1))
                await refuse(unit, holder, seen=blurred, flaw=PhotoFlaw.NOT_SHARP, now=now, today=today)
                vault.remove([blurred])
                refused = True
            opened += 1
    return opened


async def _name_parents(unit: Unit, city: City, today: date) -> None:
    """Let both parents act for the child, once."""
    holders = {}
    for sample in city.samples:
        if sample.key in {_CHILD, *_PARENTS}:
            pass_ = await unit.passes.by_number(city.authority.id, sample.number)
            holders[sample.key] = await unit.people.holder_by_id(city.authority.id, pass_.holder_id)
    child = holders[_CHILD]
    if not await unit.people.guardians_of(child.id, today):
        for parent in _PARENTS:
            kind = GuardianKind.PARENT
            await appoint_guardian(unit, ward=child, guardian=holders[parent], kind=kind, since=today)


async def _may_follow(unit: Unit, holder: Holder, today: date) -> bool:
    """Tell whether somebody acts for themselves, and has no account yet."""
    guardians = await unit.people.guardians_of(holder.id, today)
    return acts_alone(holder, today, guardians) and await unit.accounts.own_link(holder.id) is None


async def _follow(unit: Unit, holder: Holder, address: str, *, now: datetime, today: date) -> Account:
    """Open an account by an address, and tie it to its owner."""
    account = await open_account(
        unit,
        authority_id=holder.authority_id,
        channel=ContactChannel.EMAIL,
        address=address,
        language="fr",
        now=now,
    )
    code, _ = await make_code(unit, holder, kind=LinkKind.OWN, by=None, now=now, today=today)
    await redeem(unit, account, code, now=now, today=today)
    return account


async def _photograph(unit: Unit, city: City, vault: DocumentVault, holder: Holder, *, now: datetime) -> UUID:
    """Send a photo that somebody took at home; return its file."""
    face = Readable("image/jpeg", portrait(papers.face(holder.reference), Frame()), 1)
    safe = vault.lock(city.authority.code, unit.ids.row(), face, b"")
    sealed, today = Sealed(safe.id, safe.wrapped_key), local_day(now, city.authority.zone)
    await offer(unit, holder, sealed, agreed_by=holder.id, now=now, today=today)
    return safe.id


async def _ask(unit: Unit, account: Account, holder: Holder, *, now: datetime, stage: RequestStatus) -> None:
    """Ask for the pool, the waste centre and the library, for oneself and a child who lives in two homes."""
    commune = COMMUNES[0]
    child = Person("Lou", holder.last_name, date(now.year - 8, 3, 14), two_homes=True)
    said = Application(
        asker=Asker(f"{holder.first_name} {holder.last_name}"),
        address=Address("7 rue des Tilleuls", f"{commune.code[:2]}200", commune.name, commune.code),
        persons=(Person(holder.first_name, holder.last_name, holder.born_on), child),
        services=("pool", "waste-centre", "library"),
        declared=("residence",),
    )
    begun = now - timedelta(days=2)
    draft = await begin_own(unit, account, said, now=begun)
    if stage is RequestStatus.DRAFT:
        return
    held = await hold_own(unit, account, draft.reference, seen=draft.version, now=begun)
    sent = await send_own(unit, held)
    if stage is RequestStatus.NEEDS_MORE_INFO:
        texts = await standard_texts(unit, account.authority_id, since=begun)
        words = next(one.words.fr for one in texts if one.code == "ask-identity")
        hand = Hand(sent.version, await desk_agent(unit), begun + timedelta(days=1))
        await ask_for_more(unit, sent, hand, words=words, today=held.today + timedelta(days=1))
