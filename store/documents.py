"""Queries on documents of requests; their files lie in the vault."""

from datetime import date
from uuid import UUID

from sqlalchemy import Update, bindparam, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.documents import Document
from domain.errors.requests import DocumentNotFound
from store.rows import insert, only, to_row, to_struct
from store.tables.requests import IS_QUARANTINED, document

_OF_REQUEST = (
    select(document)
    .where(document.c.request_id == bindparam("request"), document.c.removed_at.is_(None))
    .order_by(document.c.received_at, document.c.id)
)
_SENT = select(func.count()).select_from(document).where(document.c.request_id == bindparam("request"))


class SqlDocuments:
    """`domain.request_ports.Documents` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: Document) -> None:
        """Write a document."""
        await insert(self._connection, document, new)

    async def save(self, changed: Document) -> None:
        """Write what became of a document."""
        await self._connection.execute(_written(changed))

    async def release(self, changed: Document) -> None:
        """Write what the antivirus says of a document, unless it was taken back meanwhile."""
        await self._connection.execute(_written(changed).where(text(IS_QUARANTINED)))

    async def of_request(self, request_id: UUID) -> list[Document]:
        """List the documents of a request as they came, forgotten ones too; not those that were taken back."""
        found = await self._connection.execute(_OF_REQUEST, {"request": request_id})
        return [to_struct(row, Document) for row in found]

    async def sent(self, request_id: UUID) -> int:
        """Count what a request was ever sent, with what was taken back."""
        return int((await self._connection.execute(_SENT, {"request": request_id})).scalar_one())

    async def document(self, authority_id: UUID, request_id: UUID, document_id: UUID) -> Document:
        """Find a document of a request of this authority."""
        found = await self._connection.execute(
            select(document).where(
                document.c.authority_id == authority_id,
                document.c.request_id == request_id,
                document.c.id == document_id,
            )
        )
        return only(found, Document, DocumentNotFound("The request has no such document."))

    async def end_with(self, request_id: UUID, day: date) -> None:
        """Let the files of a request end on a day, unless they end before."""
        await self._connection.execute(
            update(document)
            .where(document.c.request_id == request_id, document.c.file_until > day)
            .values(file_until=day)
        )


def _written(changed: Document) -> Update:
    values = to_row(changed, leave_out=("id", "authority_id", "request_id", "kind", "received_at"))
    return update(document).where(document.c.id == changed.id).values(values)


async def quarantined(connection: AsyncConnection, authority_id: UUID, most: int) -> list[Document]:
    """List the documents that the antivirus has not seen yet, oldest first."""
    found = await connection.execute(
        select(document)
        .where(document.c.authority_id == authority_id, text(IS_QUARANTINED))
        .order_by(document.c.received_at, document.c.id)
        .limit(most)
    )
    return [to_struct(row, Document) for row in found]
