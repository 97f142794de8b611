"""Queries on passes that hold until a request is decided."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.temporary_passes import TemporaryPass
from store.rows import insert, to_struct
from store.tables.accounts import resident_request
from store.tables.passes import pass_
from store.tables.people import holder
from store.tables.places import authority
from store.tables.requests import pass_request, request_person
from store.tables.temporary_passes import temporary_pass

_T = temporary_pass.c
_TIE = resident_request.c


class SqlTemporaryPasses:
    """`domain.request_ports.TemporaryPasses` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, authority_id: UUID) -> None:
        """Keep others from giving one to the end of the unit. SQLite has one writer anyway."""
        await self._connection.execute(
            select(authority.c.id).where(authority.c.id == authority_id).with_for_update(key_share=True)
        )

    async def add(self, new: TemporaryPass) -> None:
        """Write one."""
        await insert(self._connection, temporary_pass, new, leave_out=("number", "person"))

    async def end(self, one: TemporaryPass, at: datetime) -> None:
        """Write when it ended with its request."""
        await self._connection.execute(
            update(temporary_pass).where(_T.request_id == one.request_id, _T.place == one.place).values(ended_at=at)
        )

    async def of_request(self, request_id: UUID) -> list[TemporaryPass]:
        """List those of a request by the place of their person, ended ones too."""
        found = await self._connection.execute(_numbered().where(_T.request_id == request_id).order_by(_T.place))
        return [to_struct(row, TemporaryPass) for row in found]

    async def of_pass(self, pass_id: UUID) -> tuple[TemporaryPass, str] | None:
        """Tell what makes a pass a temporary one, and the reference of its request; None: nothing."""
        found = await self._connection.execute(
            _numbered(pass_request.c.reference)
            .join(pass_request, pass_request.c.id == _T.request_id)
            .where(_T.pass_id == pass_id)
        )
        row = found.one_or_none()
        return None if row is None else (to_struct(row, TemporaryPass), row.reference)

    async def had(self, authority_id: UUID, name_key: str, born_on: date, since: datetime) -> bool:
        """Tell whether a person was given one since an instant, as the requests say their names."""
        person = request_person.c
        found = await self._connection.execute(
            select(_T.request_id)
            .join(request_person, (person.request_id == _T.request_id) & (person.place == _T.place))
            .where(
                person.authority_id == authority_id,
                person.born_on == born_on,
                person.name_key == name_key,
                _T.given_at > since,
            )
            .limit(1)
        )
        return found.first() is not None

    async def running_of(self, account_id: UUID, day: date) -> list[str]:
        """List the references of an account's requests that have one which holds on a day, the newest first."""
        request = pass_request.c
        found = await self._connection.execute(
            select(request.reference)
            .join(resident_request, _TIE.request_id == request.id)
            .where(
                _TIE.account_id == account_id,
                request.id.in_(select(_T.request_id).where(_T.ended_at.is_(None), _T.valid_until > day)),
            )
            .order_by(request.created_at.desc(), request.id)
        )
        return list(found.scalars())

    async def of_same_account(self, request_id: UUID, *, since: datetime) -> int:
        """Count those that requests of this one's account have brought since an instant; 0 for a desk's request."""
        whose = select(_TIE.account_id).where(_TIE.request_id == request_id)
        found = await self._connection.execute(
            select(func.count())
            .select_from(temporary_pass.join(resident_request, _TIE.request_id == _T.request_id))
            .where(_TIE.account_id.in_(whose), _T.given_at > since)
        )
        return int(found.scalar_one())


def _numbered(*more: Any) -> Select[Any]:  # noqa: ANN401 - columns
    return (
        select(temporary_pass, pass_.c.number, holder.c.reference.label("person"), *more)
        .join(pass_, pass_.c.id == _T.pass_id)
        .join(holder, holder.c.id == _T.holder_id)
    )
