"""Whom a desk means by what was typed or read: a name, a number, a reference, or a code or card that was shown."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.cards import CardKeys
from adapters.keyring import KeyMissing
from domain.card_batches import is_card_number
from domain.names import wanted_name
from domain.passes import is_number, medium_from_bytes
from domain.places import Authority
from nfc import sdm
from nfc import uid as uids
from nfc.errors import CodeError
from nfc.qr import CodeReader
from store import search
from store.search import Found, FoundPass

PAGE = 25
LONGEST = 2_500
"""Letters of what a reader types: a phone's code is the longest."""

_SHOWN = ("MP1:", "MP2:", "UID:", "https://")


class Readers(Struct, frozen=True):
    """What reads that which was shown."""

    reader: CodeReader
    card_keys: CardKeys


class People(Struct, frozen=True):
    """Who was found. `sure`: what was typed names one person alone. `more` is where the list goes on."""

    found: list[Found]
    passes: dict[UUID, list[FoundPass]]
    sure: bool
    more: str = ""


def is_shown(said: str) -> bool:
    """Tell whether this comes from a reader rather than from fingers."""
    return said.startswith(_SHOWN)


async def find(
    connection: AsyncConnection,
    authority: Authority,
    said: str,
    *,
    readers: Readers,
    now: datetime,
    after: tuple[str, UUID] | None = None,
) -> People:
    """Find whom somebody means. A code or a card that nobody knows finds nobody."""
    if is_shown(said):
        found = await _by_what_was_shown(connection, authority, said, readers, now)
        return await _with_passes(connection, authority.id, found, sure=True)
    digits = "".join(said.split())
    found = []
    if is_number(digits):
        found = await search.by_pass(connection, authority.id, digits)
    elif is_card_number(digits):
        found = await search.by_card_number(connection, authority.id, digits)
    found = found or await search.by_reference(connection, authority.id, said)
    if found:
        return await _with_passes(connection, authority.id, found, sure=True)
    wanted = wanted_name(said)
    if wanted is None:
        return People([], {}, sure=False)
    listed = await search.by_name(connection, authority.id, wanted, limit=PAGE + 1, after=after)
    page = listed[:PAGE]
    more = f"{page[-1].id}.{page[-1].key}" if len(listed) > PAGE else ""
    once = list({one.id: one for one in page}.values())
    return await _with_passes(connection, authority.id, once, sure=False, more=more)


def behind(cursor: str) -> tuple[str, UUID] | None:
    """Read where a list goes on; what is no cursor begins it anew."""
    holder_id, _, key = cursor.partition(".")
    try:
        return (key, UUID(holder_id)) if key.isprintable() else None
    except ValueError:
        return None


async def _by_what_was_shown(
    connection: AsyncConnection, authority: Authority, said: str, readers: Readers, now: datetime
) -> list[Found]:
    try:
        if said.startswith("UID:"):
            uid = uids.parse(said.removeprefix("UID:"))
        elif said.startswith("https://"):
            uid = sdm.read(said, readers.card_keys.sun(authority.code)).uid
        else:
            medium_id = readers.reader.read(said, int(now.timestamp())).medium_id
            return await search.by_medium(connection, authority.id, medium_from_bytes(medium_id))
        digest = readers.card_keys.digest(authority.code, uid)
    except (CodeError, KeyMissing):
        return []
    return await search.by_chip(connection, authority.id, digest)


async def _with_passes(
    connection: AsyncConnection, authority_id: UUID, found: list[Found], *, sure: bool, more: str = ""
) -> People:
    passes: dict[UUID, list[FoundPass]] = {one.id: [] for one in found}
    for one in await search.passes_of(connection, authority_id, list(passes)):
        passes[one.holder_id].append(one)
    return People(found, passes, sure, more)
