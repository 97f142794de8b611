"""A telephone as the pass: tied to it by proof of its key, renewed every month, untied without harm to the card.

A phone makes one key for each pass that it shows, and proves that it has it by a signature that names the pass
(`nfc.phone_binding`). What it gets lets it show codes for thirty days without network. The key never leaves it.
"""

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Annotated

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from adapters import phones
from adapters.keyring import KeyRing
from adapters.phones import CREDENTIAL_LIFE, phone_credential
from api.agents import MEDIUM_LIFE, PRINTABLE, medium_id_of, number_of
from api.bodies import Key
from api.cards import Proof
from api.days import today
from api.messenger import Messenger
from api.resident_account import RESIDENT
from api.resident_answers import once
from api.resident_logins import TAGS
from api.resident_passes import MyMedium, medium_view
from api.residents import Asked
from domain.account_letters import Subject
from domain.accounts import Account
from domain.errors.passes import LifecycleConflict, MediumNotFound
from domain.passes import Medium, MediumStatus, Pass
from domain.phones import DeviceKey
from domain.places import Authority
from domain.ports import Clock, Unit
from domain.services import check_service
from nfc import online_handle
from store import online_handles
from store.database import Database
from store.online_handles import OnlineHandle


class BindRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """What the phone says to be tied to this pass. `key` is made for this act alone."""

    key: Key
    proof: Proof


class ShowRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """At which service the code shall hold."""

    service: Annotated[str, Meta(min_length=1, max_length=40, pattern=PRINTABLE)]


class ShownCode(Struct, frozen=True, rename="camel"):
    """What the screen shows as a QR code until `expiresAt`, or until a gate has taken it."""

    code: str
    expires_at: datetime


class MyPhone(Struct, frozen=True, rename="camel"):
    """A phone that is a medium now. `credential` (base64url) lets it, and it alone, show codes until `renewBefore`."""

    medium: MyMedium
    credential: str
    renew_before: datetime


@post("/passes/{number:str}/phones", opt=RESIDENT, summary="Use this phone as the pass", tags=TAGS)
async def bind(
    *,
    request: Asked,
    number: FromPath[str],
    data: JSONBody[BindRequest],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    messenger: NamedDependency[Messenger],
    clock: NamedDependency[Clock],
) -> MyPhone:
    """Make a phone that proves its key a medium of the pass, active at once. Several passes of a family: a key each.

    The addresses of the account are told.
    """
    mine, now = request.user.account, clock()
    made: list[Authority] = []

    async def act(unit: Unit) -> MyPhone:
        tied, authority = await tie_phone(unit, keyring, mine, number, data.proof, now=now)
        made.append(authority)
        return tied

    answer = await once(database, clock, mine, (f"phone {number}", data), act, kind=MyPhone)
    if made:
        await tell_tied(database, messenger, made[-1], mine, number)
    return answer


async def tie_phone(
    unit: Unit, keyring: KeyRing, account: Account, number: str, proof: str, *, now: datetime
) -> tuple[MyPhone, Authority]:
    """Make a phone that proves its key a medium of a pass for which an account acts.

    Raises:
        CredentialRejected: the proof proves nothing for this pass.
        LifecycleConflict: its key is a medium already, or the pass has ended.
    """
    pass_, authority = await _pass(unit, account, number, now)
    medium, credential = await phones.bind(
        unit, keyring, authority, pass_, proof, expires_at=now + MEDIUM_LIFE, now=now
    )
    return _view(medium, credential, now), authority


async def tell_tied(
    database: Database, messenger: Messenger, authority: Authority, account: Account, number: str
) -> None:
    """Tell the addresses of an account that a phone shows a pass now."""
    async with database.look() as unit:
        contacts = await unit.accounts.contacts(account.id)
    await messenger.tell(Subject.PHONE, authority, contacts, language=account.language, number=number)


@get(
    "/passes/{number:str}/phones/{medium:str}/credential",
    opt=RESIDENT,
    summary="Renew what a phone shows",
    tags=TAGS,
)
async def renew(
    *,
    request: Asked,
    number: FromPath[str],
    medium: FromPath[str],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
) -> MyPhone:
    """Give a phone its credential for the next thirty days. Without the key inside the phone it shows nothing."""
    return await renewed(database, keyring, request.user.account, number, medium, now=clock())


async def renewed(
    database: Database, keyring: KeyRing, account: Account, number: str, medium: str, *, now: datetime
) -> MyPhone:
    """Return what lets a phone of a pass show codes for the next thirty days.

    Raises:
        MediumNotFound: the pass has no such phone.
        LifecycleConflict: it was stopped, or is over.
    """
    async with database.look() as unit:
        pass_, authority = await _pass(unit, account, number, now)
        phone, key = await _phone(unit, pass_, medium)
    if not _is_in_use(phone, now):
        raise LifecycleConflict(f"This phone is {phone.status}: tie it to the pass again.")
    return _view(phone, phone_credential(keyring, authority, phone, key.public_key, now=now), now)


@post("/passes/{number:str}/code", opt=RESIDENT, summary="Show a code for a minute", tags=TAGS)
async def show_code(
    *,
    request: Asked,
    number: FromPath[str],
    data: JSONBody[ShowRequest],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> ShownCode:
    """Make a code that opens one gate once, within a minute: for a screen that is online, where no phone is tied."""
    return await brief_code(database, request.user.account, number, data.service, now=clock())


async def brief_code(database: Database, account: Account, number: str, service: str, *, now: datetime) -> ShownCode:
    """Make a code for a minute at one service, of a pass for which an account acts.

    Raises:
        UnknownService: there is none of this name.
        LifecycleConflict: nothing that shows this pass is in use.
    """
    check_service(service, of="The code")
    code = online_handle.make()
    async with database.look() as unit:
        pass_, authority = await _pass(unit, account, number, now)
        in_use = [one for one in await unit.passes.media(pass_.id) if _is_in_use(one, now)]
    if not in_use:
        raise LifecycleConflict("Nothing that shows this pass is in use.")
    handle = OnlineHandle(
        handle_hash=online_handle.stored_hash(online_handle.parse(code)),
        authority_id=authority.id,
        medium_id=in_use[0].id,
        service_code=service,
        expires_at=now + timedelta(seconds=online_handle.TTL_SECONDS),
    )
    async with database.write() as connection:
        await online_handles.forget_old(connection, now)
        await online_handles.keep(connection, handle)
    return ShownCode(code, handle.expires_at)


async def brief_until(
    database: Database, account: Account, number: str, service: str, code: str, *, now: datetime
) -> datetime | None:
    """Return until when a code that was made for a pass opens a gate of a service; None once it opens none.

    An empty code opens none; the pass is asked for all the same.

    Raises:
        PassNotFound: the account acts for no pass of this number.
    """
    async with database.look() as unit:
        pass_, _ = await _pass(unit, account, number, now)
        in_use = {one.id for one in await unit.passes.media(pass_.id) if _is_in_use(one, now)}
    if not code:
        return None
    async with database.read() as connection:
        handle = await online_handles.look(connection, online_handle.stored_hash(online_handle.parse(code)), now)
    if handle is None or handle.medium_id not in in_use or handle.service_code != service:
        return None
    return handle.expires_at


def _is_in_use(medium: Medium, now: datetime) -> bool:
    return medium.status is MediumStatus.ACTIVE and medium.expires_at > now


async def _pass(unit: Unit, account: Account, number: str, now: datetime) -> tuple[Pass, Authority]:
    day = await today(unit, account.authority_id, now)
    pass_ = await unit.accounts.pass_of(account.id, number_of(number), day)
    return pass_, await unit.places.authority_by_id(account.authority_id)


async def _phone(unit: Unit, pass_: Pass, medium: str) -> tuple[Medium, DeviceKey]:
    medium_id = medium_id_of(medium)
    found = next((one for one in await unit.passes.media(pass_.id) if one.id == medium_id), None)
    key = await unit.passes.device_key(medium_id)
    if found is None or key is None:
        raise MediumNotFound("This pass has no such phone.")
    return found, key


def _view(medium: Medium, credential: bytes, now: datetime) -> MyPhone:
    text = urlsafe_b64encode(credential).rstrip(b"=").decode()
    return MyPhone(medium_view(medium), text, min(medium.expires_at, now + CREDENTIAL_LIFE))


HANDLERS = [bind, renew, show_code]
