"""The temporary code of a request: what it opens until the request is decided, and what a gate reads.

Whoever has sent the request sees it, and nobody else; it says nothing of anybody whom the register knew before.
"""

from collections.abc import Sequence
from datetime import date, datetime

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from adapters.keyring import KeyRing
from adapters.printed import printed_code
from api.days import named
from api.resident_account import RESIDENT
from api.resident_answers import UNCHANGED, tagged
from api.residents import Asked
from api.subjects import rights_left
from domain.accounts import Account
from domain.passes import Medium, MediumStatus, Pass, PassStatus
from domain.places import Authority, local_day
from domain.ports import Clock
from domain.products import Entitlement
from domain.requests import PassRequest
from domain.services import BY_CODE
from domain.temporary_passes import TemporaryPass
from domain.text import Text
from store.database import Database

TAGS = ["Residents' requests"]


class OpenedService(Struct, frozen=True, rename="camel"):
    """A service that a temporary code opens until the day before `validUntil`; `words` say how often it still does."""

    service: str
    name: Text
    valid_until: date
    words: list[Text]


class MyTemporaryCode(Struct, frozen=True, rename="camel"):
    """The code of a person of a request. `code` is what its QR code says; null once it is over.

    `ended`: the request is decided, or was taken back.
    """

    name: str
    number: str
    valid_until: date
    ended: bool
    services: list[OpenedService]
    code: str | None


class MyTemporaryCodes(Struct, frozen=True):
    """The temporary codes of a request, by its persons; none where the city gives none, or somebody had one before."""

    codes: list[MyTemporaryCode]


class _Found(Struct, frozen=True):
    """What is read of one temporary pass, in one look."""

    given: TemporaryPass
    name: str
    pass_: Pass
    medium: Medium
    rights: list[Entitlement]


@get(
    "/requests/{request_reference:str}/temporary-codes",
    opt=RESIDENT,
    responses=UNCHANGED,
    summary="See the codes that hold until my request is decided",
    tags=TAGS,
)
async def show(
    *,
    request: Asked,
    request_reference: FromPath[str],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
) -> Response[MyTemporaryCodes]:
    """Show what opens some services at once, where your city allows it: a code for each person, shown or printed."""
    mine = request.user.account
    return tagged(request, await codes_for(database, keyring, mine, named(request_reference), now=clock()))


async def codes_for(
    database: Database, keyring: KeyRing, account: Account, reference: str, *, now: datetime
) -> MyTemporaryCodes:
    """Return the temporary codes of a request of an account.

    Raises:
        RequestNotFound: the account has none of this reference.
    """
    async with database.look() as unit:
        asked = await unit.resident_requests.one(account.id, reference)
        authority = await unit.places.authority_by_id(account.authority_id)
        found = [
            _Found(
                given=one,
                name=_name(asked, one),
                pass_=await unit.passes.by_id(authority.id, one.pass_id),
                medium=(await unit.passes.media(one.pass_id))[0],
                rights=await unit.products.entitlements([one.holder_id], local_day(now, authority.zone)),
            )
            for one in await unit.temporary_passes.of_request(asked.id)
        ]
    return MyTemporaryCodes([await _view(database, keyring, authority, one, now=now) for one in found])


def _name(asked: PassRequest, given: TemporaryPass) -> str:
    """Name a person as their request does: a correction may have left one out since."""
    persons = asked.application.persons
    person = persons[given.place] if given.place < len(persons) else None
    return f"{person.first_name} {person.last_name}" if person is not None else ""


async def _view(
    database: Database, keyring: KeyRing, authority: Authority, found: _Found, *, now: datetime
) -> MyTemporaryCode:
    given, medium = found.given, found.medium
    in_use = (
        found.pass_.status is PassStatus.ACTIVE and medium.status is MediumStatus.ACTIVE and medium.expires_at > now
    )
    # What somebody has of a right that came later is theirs, and not for whoever has sent the request.
    own = [one for one in found.rights if one.granted_at == given.given_at] if in_use else []
    return MyTemporaryCode(
        name=found.name,
        number=given.number,
        valid_until=given.valid_until,
        ended=given.ended_at is not None,
        services=await _opened(database, own, local_day(now, authority.zone)),
        code=printed_code(keyring, authority, medium) if in_use else None,
    )


async def _opened(database: Database, rights: Sequence[Entitlement], day: date) -> list[OpenedService]:
    return [
        OpenedService(
            service=one.service,
            name=BY_CODE[one.service].name,
            valid_until=one.valid_until,
            words=one.words,
        )
        for one in await rights_left(database, list(rights), day)
    ]


HANDLERS = [show]
