"""When requests and the files of their documents come to their end, and whose question nobody has answered."""

from collections import Counter
from datetime import date
from uuid import UUID

from sqlalchemy import and_, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.documents import DocumentState
from store.tables.requests import HAS_FILE, IS_OPEN, document, pass_request

_D, _R = document.c, pass_request.c


async def requests_end(connection: AsyncConnection, authority_id: UUID, day: date) -> bool:
    """Tell whether a request or a file has come to its end."""
    for query in (
        select(_R.id).where(_R.authority_id == authority_id, _R.keep_until <= day),
        select(_D.id).where(_D.authority_id == authority_id, _D.file_until <= day, text(HAS_FILE)),
    ):
        if (await connection.execute(query.limit(1))).first() is not None:
            return True
    return False


async def forget_requests(
    connection: AsyncConnection, authority_id: UUID, day: date, *, rows: Counter[str] | None = None
) -> list[UUID]:
    """Forget the keys and digests of files, and whole requests; return the documents whose files are to be removed.

    `rows` counts requests, and documents whose file goes. A file without its key is noise already: removing it only
    frees the disk.
    """
    over = select(_R.id).where(_R.authority_id == authority_id, _R.keep_until <= day)
    ended = and_(_D.authority_id == authority_id, _D.file_until <= day, text(HAS_FILE))
    gone = await connection.execute(
        select(_D.id).where(
            _D.authority_id == authority_id, text(HAS_FILE), (_D.file_until <= day) | _D.request_id.in_(over)
        )
    )
    files = list(gone.scalars())
    await connection.execute(
        update(document).where(ended).values(state=DocumentState.FORGOTTEN, wrapped_key=b"", digest=b"")
    )
    # Persons, history and documents of a request go with it.
    requests = await connection.execute(
        delete(pass_request).where(_R.authority_id == authority_id, _R.keep_until <= day)
    )
    if rows is not None:
        rows.update({pass_request.name: requests.rowcount, document.name: len(files)})
    return files


async def unanswered(connection: AsyncConnection, authority_id: UUID, *, asked_before: date, most: int) -> list[str]:
    """List the references of requests whose household was asked before a day, and has not answered."""
    found = await connection.execute(
        select(_R.reference)
        .where(
            _R.authority_id == authority_id,
            text(IS_OPEN),
            _R.status == "needs_more_info",
            _R.asked_on < asked_before,
        )
        .order_by(_R.asked_on, _R.id)
        .limit(most)
    )
    return list(found.scalars())
