"""Queries on requests for passes that belong to a resident's account, and on what accounts are to be told of them."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, Uuid, and_, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.accounts import Account, Contact
from domain.errors.requests import RequestNotFound
from domain.places import Authority
from domain.requests import OPEN, PassRequest, RequestStatus
from store.owed import OwedWord, due, take
from store.request_queue import place_of, read_place
from store.rows import beside, only, part, to_struct
from store.tables import accounts as t
from store.tables.places import authority
from store.tables.requests import pass_request

_R = pass_request.c
_TIE = t.resident_request.c


class OwnPage(Struct, frozen=True):
    """Some requests of an account, and where those before begin; None where there are no more."""

    requests: tuple[PassRequest, ...]
    before: str | None


class Owed(OwedWord, frozen=True):
    """An account that is to be told how a request stands."""

    request: PassRequest
    account: Account
    authority: Authority
    contacts: tuple[Contact, ...]


# Put together once: a household asks these with every step.
_OWN = (
    select(pass_request)
    .join(t.resident_request, _TIE.request_id == _R.id)
    .where(_TIE.account_id == bindparam("account", type_=Uuid))
)
_ONE = _OWN.where(_R.reference == bindparam("reference"))
_HELD = (
    _ONE.with_only_columns(*beside(pass_request, authority), maintain_column_froms=True)
    .join(authority, authority.c.id == _R.authority_id)
    .with_for_update(of=pass_request)
)
_UNFINISHED = (
    select(func.count())
    .select_from(t.resident_request.join(pass_request, _R.id == _TIE.request_id))
    .where(_TIE.account_id == bindparam("account", type_=Uuid), _R.status.in_((RequestStatus.DRAFT, *OPEN)))
)
_OWE = update(t.resident_request).where(_TIE.request_id == bindparam("known_id"))
_OWED = (
    select(*beside(t.resident_request, pass_request, t.resident_account, authority))
    .join(pass_request, _R.id == _TIE.request_id)
    .join(t.resident_account, t.resident_account.c.id == _TIE.account_id)
    .join(authority, authority.c.id == _TIE.authority_id)
)


class SqlResidentRequests:
    """`domain.request_ports.ResidentRequests` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def tie(self, new: PassRequest, account_id: UUID) -> None:
        """Write whose a request is."""
        await self._connection.execute(
            t.resident_request.insert(),
            {
                "request_id": new.id,
                "account_id": account_id,
                "authority_id": new.authority_id,
                "attempts": 0,
                "keep_until": new.keep_until,
            },
        )

    async def one(self, account_id: UUID, reference: str) -> PassRequest:
        """Find a request of an account."""
        found = await self._connection.execute(_ONE, {"account": account_id, "reference": reference})
        return only(found, PassRequest, _missing())

    async def hold(self, account_id: UUID, reference: str) -> tuple[PassRequest, Authority]:
        """Find one with the authority that it asks, and keep others from changing it to the end of the unit.

        SQLite has one writer anyway.
        """
        found = await self._connection.execute(_HELD, {"account": account_id, "reference": reference})
        row = found.one_or_none()
        if row is None:
            raise _missing()
        return part(row, pass_request, PassRequest), part(row, authority, Authority)

    async def unfinished(self, account_id: UUID) -> int:
        """Count the drafts of an account, and what it has sent and nobody has decided."""
        return int((await self._connection.execute(_UNFINISHED, {"account": account_id})).scalar_one())

    async def forget_drafts(self, account_id: UUID, day: date) -> None:
        """Let the drafts of an account end on a day: what hangs on them goes with them."""
        theirs = select(_TIE.request_id).where(_TIE.account_id == account_id)
        await self._connection.execute(
            update(pass_request).where(_R.id.in_(theirs), _R.status == RequestStatus.DRAFT).values(keep_until=day)
        )

    async def owe(self, request_id: UUID, now: datetime) -> None:
        """Note that the account of a request, if it has one, is to be told how it stands."""
        await self._connection.execute(_OWE, {"known_id": request_id, "due_at": now, "attempts": 0})


async def own_requests(connection: AsyncConnection, account_id: UUID, *, before: str | None, most: int) -> OwnPage:
    """List the requests of an account, the newest first.

    Raises:
        Invalid: `before` is no place in such a list.
    """
    asked = _OWN.order_by(_R.created_at.desc(), _R.id.desc()).limit(most + 1)
    if before is not None:
        place = read_place(before, is_open=False)
        asked = asked.where(or_(_R.created_at < place.at, and_(_R.created_at == place.at, _R.id < place.id)))
    found = [to_struct(row, PassRequest) for row in await connection.execute(asked, {"account": account_id})]
    shown = tuple(found[:most])
    return OwnPage(shown, place_of(shown[-1].created_at, shown[-1].id) if len(found) > most else None)


async def due_to_be_told(connection: AsyncConnection, now: datetime) -> list[Owed]:
    """List the accounts that are to be told of a request by now, whoever waits longest first."""
    rows = (await connection.execute(due(_OWED, t.resident_request, now))).all()
    contacts: defaultdict[UUID, list[Contact]] = defaultdict(list)
    if rows:
        # On the day of an opening many are: their addresses are asked for at once.
        accounts = {row.resident_account__id for row in rows}
        theirs = select(t.resident_contact).where(t.resident_contact.c.account_id.in_(accounts))
        for row in await connection.execute(theirs.order_by(t.resident_contact.c.id)):
            contacts[row.account_id].append(to_struct(row, Contact))
    return [_owed(row, contacts) for row in rows]


async def put_off(connection: AsyncConnection, owed: Owed, until: datetime | None) -> bool:
    """Take a word to an account in hand until an instant, or end it; tell whether nobody else had."""
    return await take(connection, owed, until, t.resident_request, _TIE.request_id == owed.request.id)


def _owed(row: Row[Any], contacts: Mapping[UUID, list[Contact]]) -> Owed:
    account = part(row, t.resident_account, Account)
    return Owed(
        request=part(row, pass_request, PassRequest),
        account=account,
        authority=part(row, authority, Authority),
        contacts=tuple(contacts.get(account.id, ())),
        due_at=row.resident_request__due_at,
        attempts=row.resident_request__attempts,
    )


def _missing() -> RequestNotFound:
    return RequestNotFound("Your account has no such request.")
