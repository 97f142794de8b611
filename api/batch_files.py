"""The files that travel between an authority and its card maker: the order goes out, the report comes in."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from typing import IO, Any

from litestar import Request, Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Struct

from adapters.card_order import Face, Order, address_of, transport_version, write_order
from adapters.document_vault import DocumentVault
from adapters.keyring import KeyRing
from adapters.maker_files import read_chips, read_report
from api.card_batches import BatchView, view
from api.days import named
from api.settings import Settings
from domain import personalisation
from domain.acts import Act
from domain.agents import Agent, Permission
from domain.card_batches import BatchCard, BatchState, CardBatch
from domain.errors.cards import BadBatch, BatchClosed
from domain.errors.requests import DocumentNotFound
from domain.places import Authority
from domain.portraits import Portrait
from domain.ports import Clock
from nfc import uid as uids
from store import batches
from store.database import Begin, Database
from store.portraits import portraits_in

Caller = Request[Agent, Any, Any]

MOST_CARDS = 5_000
"""Of a batch whose files go by the API: deriving and signing so many takes half a second of a thread beside the gates.
Larger ones go by `multipass batch export`, in a process of their own."""

MAX_FILE = 2 * 1024 * 1024
"""Bytes of a maker's file with so many cards."""

_PIECE = 64 * 1024


class Paired(Struct, frozen=True):
    """A batch whose cards have their chips, in the maker's order."""

    authority: Authority
    batch: CardBatch
    cards: list[BatchCard]
    chips: list[bytes]
    faces: dict[int, Face]
    portraits: dict[str, Portrait]


@post(
    "/card-batches/{batch:str}/order-file",
    status_code=200,
    opt={"rule": Permission.CARD_BATCH, "journal": Act.BATCH_SENT},
    summary="Make the order file of a batch",
    tags=["Cards"],
    media_type="application/jsonl",
    request_max_body_size=MAX_FILE,
)
async def make_order_file(
    *,
    request: Caller,
    batch: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    keyring: NamedDependency[KeyRing],
    vault: NamedDependency[DocumentVault],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
) -> Stream:
    """Answer the maker's list of chips with the order of a batch: numbers, contents, keys under the transport key.

    The body has the UID of a chip on each line, 14 hex digits. The batch counts as sent from now on. The same list gets
    the same bytes again, while the keys and names in them are the same: an answer that got lost can be asked for again.
    A card that is made for somebody bears their photo, where they have agreed to one. Batches of more than 5,000 cards
    take `multipass batch export`.
    """
    file = await order_file(
        await request.body(),
        named(batch),
        database=database,
        begin=begin,
        keyring=keyring,
        vault=vault,
        address=address_of(settings.cards_open),
        agent=request.user,
        now=clock(),
    )
    return Stream(content_of(file), media_type="application/jsonl", headers={"Cache-Control": "no-store"})


@post(
    "/card-batches/{batch:str}/report",
    status_code=200,
    opt={"rule": Permission.CARD_BATCH, "journal": Act.BATCH_REPORTED},
    summary="Read the maker's report on a batch",
    tags=["Cards"],
    request_max_body_size=MAX_FILE,
)
async def read_maker_report(
    *,
    request: Caller,
    batch: FromPath[str],
    begin: NamedDependency[Begin],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
) -> BatchView:
    """Take in the maker's report, JSON Lines as they sent it: all of it, or nothing. `faults` name the lines."""
    body = await request.body()
    return view(
        await settled(
            body, named(batch), database=database, begin=begin, keyring=keyring, agent=request.user, now=clock()
        )
    )


async def order_file(
    listed: bytes,
    code: str,
    *,
    database: Database,
    begin: Begin,
    keyring: KeyRing,
    vault: DocumentVault,
    address: str,
    agent: Agent,
    now: datetime,
) -> IO[bytes]:
    """Answer a maker's list of chips with the order of a batch, which counts as sent from now on. The caller closes it.

    Raises:
        BatchFileRefused: the list is none, or its chips are known.
        BadBatch, BatchNotFound, BatchClosed: the batch is too large for this way, not there, or was sent otherwise.
        KeyMissing: the authority has no transport key.
    """
    paired = await _pair(database, keyring, agent, code, read_chips(BytesIO(listed)))
    order = Order(paired.authority, paired.batch, address, transport_version(keyring, paired.authority.code))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it, and nobody else can open it
    try:
        # Derived, signed and written beside the loop and before the transaction: gates wait for none of it.
        digest = await asyncio.to_thread(_write, file, keyring, order, paired, vault)
        await _send(begin, paired, digest, agent, now)
    except BaseException:
        file.close()
        raise
    return file


async def settled(
    said: bytes, code: str, *, database: Database, begin: Begin, keyring: KeyRing, agent: Agent, now: datetime
) -> CardBatch:
    """Take in a maker's report on a batch, all of it, or nothing.

    Raises:
        BatchFileRefused: it is no report, or contradicts the order.
        BadBatch, BatchNotFound, BatchClosed: the batch is too large for this way, not there, or not sent.
    """
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(agent.authority_id)
        _check_size(await unit.batches.by_code(authority.id, code))
    report = read_report(BytesIO(said), keyring.uid_key(authority.code))
    async with begin() as unit:
        held = await unit.batches.hold(authority.id, code)
        return await personalisation.settle(unit, held, report, agent_id=agent.id, now=now)


async def _pair(database: Database, keyring: KeyRing, agent: Agent, code: str, chips: list[bytes]) -> Paired:
    """Give each card its chip; those of a batch that was sent with these very chips have them already.

    Raises:
        BatchClosed: it was sent with other chips, or reported on.
    """
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(agent.authority_id)
        batch = await unit.batches.by_code(authority.id, code)
        _check_size(batch)
        key = keyring.uid_key(authority.code)
        digests = [uids.digest(key, uid) for uid in chips]
        cards = await unit.batches.cards(batch.id) if batch.state is BatchState.SENT else []
        if [card.uid_digest for card in cards] != digests:
            cards = await personalisation.pair_chips(unit, batch, digests)
    async with database.read() as connection:
        names = await batches.names(connection, batch.id)
        faces = {sequence: Face(*face) for sequence, face in names.items()}
        portraits = await portraits_in(connection, authority.id, batch.id)
    return Paired(authority, batch, cards, chips, faces, portraits)


async def _send(begin: Begin, paired: Paired, digest: bytes, agent: Agent, now: datetime) -> None:
    """Say that a batch has left as the file with this SHA-256, or see that it is the one with which it had left.

    Raises:
        BatchClosed: it had left as another, or somebody was faster.
    """
    batch = paired.batch
    if batch.state is BatchState.ORDERED:
        async with begin() as unit:
            held = await unit.batches.hold(batch.authority_id, batch.code)
            await personalisation.send(unit, held, paired.cards, file_digest=digest, agent_id=agent.id, now=now)
    elif digest != batch.file_digest:
        raise BatchClosed(f"Batch {batch.code} was sent, and what its order says has changed since.")


def _check_size(batch: CardBatch) -> None:
    if batch.size > MOST_CARDS:
        raise BadBatch(f"Files of more than {MOST_CARDS:,} cards go by the commands multipass batch export and report.")


def _write(file: IO[bytes], keyring: KeyRing, order: Order, paired: Paired, vault: DocumentVault) -> bytes:
    return write_order(
        file,
        keyring,
        order,
        zip(paired.cards, paired.chips, strict=True),
        faces=paired.faces,
        photo_of=photos_of(vault, order.authority, paired.portraits),
        heard=lambda _done: None,
    )


def photos_of(
    vault: DocumentVault, authority: Authority, portraits: dict[str, Portrait]
) -> Callable[[Face], bytes | None]:
    """Return what finds the photo that a card bears, by the number of its pass; none where its file is lost."""

    def photo_of(face: Face) -> bytes | None:
        portrait = portraits.get(face.pass_number)
        with suppress(DocumentNotFound):
            return vault.portrait_now(authority.code, portrait) if portrait is not None else None
        return None

    return photo_of


def content_of(file: IO[bytes]) -> Iterator[bytes]:
    """Read a file in pieces to its end, and close it."""
    with file:
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


ROUTER = Router(path="/v1", route_handlers=[make_order_file, read_maker_report])
