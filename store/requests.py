"""Queries on requests for passes, their history, the texts and terms of an authority, and what a request looks like."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.contacts import contact_keys
from domain.errors.requests import RequestNotFound
from domain.likeness import address_key, name_key
from domain.passes import PassStatus
from domain.people import Holder
from domain.request_terms import Terms, TermsVersion, usual_terms
from domain.request_texts import StandardText
from domain.requests import Entry, PassRequest, RequestStatus
from store.rows import insert, only, to_row, to_struct
from store.tables import requests as r
from store.tables.accounts import resident_request
from store.tables.passes import pass_
from store.tables.people import holder
from store.tables.temporary_passes import temporary_pass

_VERSIONS = 50
"""Of the terms of an authority, the newest: what is older nobody asks for."""

MOST_ALIKE = 20
"""Of one likeness: a shared door may be a tower's."""

_STANDS = (RequestStatus.SUBMITTED, RequestStatus.NEEDS_MORE_INFO, RequestStatus.UNDER_REVIEW, RequestStatus.APPROVED)
"""What a likeness with means something."""

# Put together once: every step of a request asks these.
_TERMS = select(r.request_terms.c.content).where(r.request_terms.c.authority_id == bindparam("authority"))
_SAVED = update(r.pass_request).where(
    r.pass_request.c.id == bindparam("known_id"), r.pass_request.c.version == bindparam("known_version")
)
_NO_PERSONS, _NO_CONTACTS = (
    delete(table).where(table.c.request_id == bindparam("known_id")) for table in (r.request_person, r.request_contact)
)
_KEPT = [
    update(table).where(table.c.request_id == bindparam("known_id"))
    for table in (
        *(r.request_person, r.request_contact, r.request_entry, r.document),
        *(resident_request, temporary_pass),
    )
]
"""How long what hangs on a request is kept."""
_ENTRIES = (
    select(r.request_entry)
    .where(r.request_entry.c.request_id == bindparam("request"), r.request_entry.c.version > bindparam("after"))
    .order_by(r.request_entry.c.version)
)


class SqlRequests:
    """`domain.request_ports.Requests` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    # --- a request ----------------------------------------------------------------------------------

    async def add(self, new: PassRequest) -> None:
        """Write a request."""
        await self._connection.execute(r.pass_request.insert(), to_row(new) | _searched(new))
        await self._add_persons(new)
        await self._add_contacts(new)

    async def save(self, changed: PassRequest, *, was: PassRequest) -> bool:
        """Write a request where its version is still the one before; tell whether it was."""
        kept = ("id", "authority_id", "reference", "channel", "created_at")
        values = to_row(changed, leave_out=kept) | _searched(changed)
        done = await self._connection.execute(_SAVED, {**values, "known_id": was.id, "known_version": was.version})
        if done.rowcount != 1:
            return False
        if changed.application.persons != was.application.persons:
            await self._connection.execute(_NO_PERSONS, {"known_id": was.id})
            await self._add_persons(changed)
        if changed.application.asker != was.application.asker:
            await self._connection.execute(_NO_CONTACTS, {"known_id": was.id})
            await self._add_contacts(changed)
        if changed.keep_until != was.keep_until:
            for kept_as_long in _KEPT:
                await self._connection.execute(kept_as_long, {"known_id": was.id, "keep_until": changed.keep_until})
        return True

    async def by_reference(self, authority_id: UUID, reference: str) -> PassRequest:
        """Find a request of this authority."""
        return only(await self._connection.execute(_named(authority_id, reference)), PassRequest, _missing())

    async def hold(self, authority_id: UUID, reference: str) -> PassRequest:
        """Find a request, and keep others from changing it to the end of the unit. SQLite has one writer anyway."""
        found = await self._connection.execute(_named(authority_id, reference).with_for_update())
        return only(found, PassRequest, _missing())

    async def reference_taken(self, authority_id: UUID, reference: str) -> bool:
        """Tell whether a reference was given out."""
        return (await self._connection.execute(_named(authority_id, reference))).first() is not None

    async def _add_persons(self, request: PassRequest) -> None:
        rows = [
            {
                "authority_id": request.authority_id,
                "request_id": request.id,
                "place": place,
                "name_key": name_key(person.first_name, person.last_name),
                "born_on": person.born_on,
                "holder_id": person.holder_id,
                "keep_until": request.keep_until,
            }
            for place, person in enumerate(request.application.persons)
        ]
        if rows:
            await self._connection.execute(r.request_person.insert(), rows)

    async def _add_contacts(self, request: PassRequest) -> None:
        asker = request.application.asker
        whose = {"authority_id": request.authority_id, "request_id": request.id, "keep_until": request.keep_until}
        rows = [{"kind": kind, "key": key, **whose} for kind, key in contact_keys(asker.phone, asker.email)]
        if rows:
            await self._connection.execute(r.request_contact.insert(), rows)

    # --- its history --------------------------------------------------------------------------------

    async def add_entry(self, new: Entry) -> None:
        """Write what was done."""
        await insert(self._connection, r.request_entry, new)

    async def entries(self, request_id: UUID, *, after: int = 0) -> list[Entry]:
        """List the history after a version, oldest first."""
        found = await self._connection.execute(_ENTRIES, {"request": request_id, "after": after})
        return [to_struct(row, Entry) for row in found]

    # --- what the authority asks for, and how it says it --------------------------------------------

    async def terms(self, authority_id: UUID) -> Terms:
        """Return what an authority asks for: the usual, where it has said nothing."""
        content = (await self._connection.execute(_TERMS, {"authority": authority_id})).scalar_one_or_none()
        return usual_terms() if content is None else msgspec.convert(content, Terms)

    async def save_terms(self, authority_id: UUID, terms: Terms, *, by: UUID | None, now: datetime) -> None:
        """Write what an authority asks for, as its next version."""
        content = msgspec.to_builtins(terms)
        done = await self._connection.execute(
            update(r.request_terms).where(r.request_terms.c.authority_id == authority_id).values(content=content)
        )
        if not done.rowcount:
            await self._connection.execute(r.request_terms.insert().values(authority_id=authority_id, content=content))
        past = r.request_terms_version
        last = select(func.max(past.c.number)).where(past.c.authority_id == authority_id)
        number = ((await self._connection.execute(last)).scalar() or 0) + 1
        version = {"authority_id": authority_id, "number": number, "content": content, "by": by, "at": now}
        await self._connection.execute(past.insert().values(version))

    async def past_terms(self, authority_id: UUID) -> list[TermsVersion]:
        """List what an authority has asked for, the newest first."""
        past = r.request_terms_version
        found = await self._connection.execute(
            select(past).where(past.c.authority_id == authority_id).order_by(past.c.number.desc()).limit(_VERSIONS)
        )
        return [TermsVersion(row.number, msgspec.convert(row.content, Terms), row.by, row.at) for row in found]

    async def text(self, authority_id: UUID, code: str) -> StandardText | None:
        """Return the newest version of a text that the authority has written."""
        return next((one for one in await self.texts(authority_id) if one.code == code), None)

    async def texts(self, authority_id: UUID) -> list[StandardText]:
        """List the newest version of each text that the authority has written, by code."""
        text = r.standard_text
        newest = (
            select(text.c.code, func.max(text.c.version).label("version"))
            .where(text.c.authority_id == authority_id)
            .group_by(text.c.code)
            .subquery()
        )
        found = await self._connection.execute(
            select(text)
            .join(newest, and_(text.c.code == newest.c.code, text.c.version == newest.c.version))
            .where(text.c.authority_id == authority_id)
            .order_by(text.c.code)
        )
        return [to_struct(row, StandardText) for row in found]

    async def add_text(self, new: StandardText) -> None:
        """Write a version of a text."""
        await insert(self._connection, r.standard_text, new)

    # --- likenesses ---------------------------------------------------------------------------------

    async def holders_born(self, authority_id: UUID, born_on: date) -> list[Holder]:
        """List who of the register was born on a day: of 300,000, about ten."""
        found = await self._connection.execute(
            select(holder)
            .where(holder.c.authority_id == authority_id, holder.c.born_on == born_on)
            .order_by(holder.c.reference)
        )
        return [to_struct(row, Holder) for row in found]

    async def for_person(self, authority_id: UUID, name_key: str, born_on: date, *, but: UUID) -> list[PassRequest]:
        """List other requests for a person, the newest first."""
        person = r.request_person.c
        same = (person.authority_id == authority_id, person.born_on == born_on, person.name_key == name_key)
        return await self._alike(authority_id, r.pass_request.c.id.in_(select(person.request_id).where(*same)), but)

    async def behind_door(self, authority_id: UUID, address_key: str, *, but: UUID) -> list[PassRequest]:
        """List other requests from an address, the newest first."""
        return await self._alike(authority_id, r.pass_request.c.address_key == address_key, but)

    async def with_files_of(self, authority_id: UUID, request_id: UUID) -> list[PassRequest]:
        """List other requests that brought a file which this one brings too."""
        document = r.document.c
        kept = and_(document.authority_id == authority_id, document.state != "forgotten")
        mine = select(document.digest).where(kept, document.request_id == request_id)
        theirs = select(document.request_id).where(kept, document.digest.in_(mine))
        return await self._alike(authority_id, r.pass_request.c.id.in_(theirs), request_id)

    async def holders_in(self, authority_id: UUID, request_id: UUID) -> dict[int, Holder]:
        """Return who of the register the persons of a request are, by their place in it, once that is decided."""
        person = r.request_person.c
        found = await self._connection.execute(
            select(holder, person.place)
            .join(r.request_person, person.holder_id == holder.c.id)
            .where(person.authority_id == authority_id, person.request_id == request_id)
            .order_by(person.place)
        )
        return {row.place: to_struct(row, Holder) for row in found}

    async def has_pass(self, holder_id: UUID, day: date) -> bool:
        """Tell whether a holder has a pass on a day that has not ended."""
        found = await self._connection.execute(
            select(pass_.c.id).where(
                pass_.c.holder_id == holder_id, pass_.c.status != PassStatus.ENDED, pass_.c.valid_until > day
            )
        )
        return found.first() is not None

    async def _alike(self, authority_id: UUID, which: ColumnElement[bool], but: UUID) -> list[PassRequest]:
        request = r.pass_request.c
        found = await self._connection.execute(
            select(r.pass_request)
            .where(request.authority_id == authority_id, which, request.id != but, request.status.in_(_STANDS))
            .order_by(request.created_at.desc(), request.id)
            .limit(MOST_ALIKE)
        )
        return [to_struct(row, PassRequest) for row in found]


def _named(authority_id: UUID, reference: str) -> Select[Any]:
    request = r.pass_request.c
    return select(r.pass_request).where(request.authority_id == authority_id, request.reference == reference)


def _missing() -> RequestNotFound:
    return RequestNotFound("No request has this reference.")


def _searched(request: PassRequest) -> dict[str, str]:
    said = request.application
    return {
        "services": f" {' '.join(said.services)} ",
        "address_key": address_key(said.address.line, said.address.postcode),
    }
