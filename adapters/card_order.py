"""The order file: what a card maker needs to produce a batch, as JSON Lines (docs/personalisation.md).

    header      {"format": "multipass-cards/1", "batch": ..., "count": ..., "ndef": {...}, "transport": {...}}
    card        {"sequence": 1, "uid": ..., "number": ..., "print": {...}, "keys": ..., "object": ...}   one each
    trailer     {"count": ..., "sha256": ...}                                  over every byte before this line

JSON Lines and not a table: names keep their accents and commas without a dialect, one record is one line for a machine
that streams, and no manifest can be separated from its file. Keys leave under the transport key, and in no other way.
"""

import base64
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import IO, Final

import msgspec
from msgspec import Struct

from adapters.card_face import in_fours
from adapters.cards import city_of
from adapters.keyring import KeyMissing, KeyRing, Purpose
from adapters.masters import TRANSPORT
from domain.card_batches import BatchCard, CardBatch
from domain.errors import Invalid
from domain.errors.cards import BatchFileRefused, Flaw
from domain.passes import medium_bytes
from domain.places import Authority, local_day
from nfc import card_object, personalisation
from nfc.diversify import Slot

FORMAT: Final = "multipass-cards/1"
PHOTO_BYTES: Final = 32_768
"""Of one photo: 240 by 320 points at the quality of an identity card."""

_JPEG_BEGINS, _JPEG_ENDS = b"\xff\xd8\xff", b"\xff\xd9"
_STEP = 500


class BadCardAddress(Invalid):
    """This installation's public address is none that a card can open."""

    code = "bad-card-address"


class Ndef(Struct, frozen=True, rename="camel"):
    """File 2: what is written at offset 0, and the data of ChangeFileSettings."""

    content: str
    settings: str
    picc_data_offset: int
    mac_input_offset: int
    mac_offset: int


class ObjectFile(Struct, frozen=True):
    """File 3: the data of ChangeFileSettings. Its content stands with each card."""

    settings: str


class Transport(Struct, frozen=True):
    """Which key the cards' keys are wrapped under, and how to tell that it is the right one."""

    version: int
    check: str


class Header(Struct, frozen=True, rename="camel"):
    """The first line."""

    format: str
    authority: str
    batch: str
    count: int
    chip: str
    key_version: int
    transport: Transport
    ndef: Ndef
    object: ObjectFile


class Printed(Struct, frozen=True, rename="camel", omit_defaults=True):
    """What stands on a card. A blank one names nobody."""

    number: str
    valid_until: date
    pass_number: str | None = None
    name: str | None = None
    photo: str | None = None


class OrderCard(Struct, frozen=True):
    """One card."""

    sequence: int
    uid: str
    number: str
    print: Printed
    keys: str
    object: str


class Trailer(Struct, frozen=True):
    """The last line, of an order and of a report."""

    count: int
    sha256: str


class Face(Struct, frozen=True):
    """What is printed of the pass that a card is made for."""

    pass_number: str
    name: str


class Order(Struct, frozen=True):
    """A batch on its way to its maker. `address` is what its cards open, without version: `https://pass.example.org/t`."""

    authority: Authority
    batch: CardBatch
    address: str
    transport_version: int


def write_order(
    out: IO[bytes],
    ring: KeyRing,
    order: Order,
    cards: Iterable[tuple[BatchCard, bytes]],
    *,
    faces: Mapping[int, Face],
    photo_of: Callable[[Face], bytes | None],
    heard: Callable[[int], None],
) -> bytes:
    """Write the order of these cards, each with the UID of its chip; return the SHA-256 that its trailer says.

    `faces` are of the cards that are made for a pass, by sequence; `heard` is told how many are written.

    Raises:
        KeyMissing: the authority lacks a master of cards, the transport key, or the key that signs card objects.
        ValueError: no card can open the address.
        BatchFileRefused: a photo is none that a maker can print.
    """
    code, version = order.authority.code, order.batch.key_version
    masters = {slot: ring.card_master(code, slot, version) for slot in Slot}
    transport = ring.transport_key(code, order.transport_version)
    signing, city = ring.signing_key(code, Purpose.CARD), city_of(code)
    digest, count = sha256(), 0

    def put(line: Struct) -> None:
        data = msgspec.json.encode(line) + b"\n"
        digest.update(data)
        out.write(data)

    put(_header(order, personalisation.key_check(transport)))
    for count, (card, uid) in enumerate(cards, start=1):
        keys = personalisation.card_keys(masters, uid=uid, version=version, city=city)
        signed = card_object.issue(
            signing,
            uid=uid,
            medium_id=medium_bytes(card.medium_id),
            expires_at=int(card.expires_at.timestamp()),
            status_list=card.status_list,
            status_index=card.status_index,
        )
        put(
            OrderCard(
                sequence=card.sequence,
                uid=uid.hex(),
                number=card.number,
                print=_printed(card, faces.get(card.sequence), photo_of, order.authority.zone),
                keys=personalisation.wrap_keys(transport, keys).hex(),
                object=card_object.to_file(signed).hex(),
            )
        )
        if count % _STEP == 0:
            heard(count)
    heard(count)
    out.write(msgspec.json.encode(Trailer(count, digest.hexdigest())) + b"\n")
    return digest.digest()


def address_of(url: str) -> str:
    """Return what cards open, without version, as long as our own reader takes it with the longest version there is.

    Raises:
        BadCardAddress: no card can open it.
    """
    address = f"{url.rstrip('/')}/t"
    try:
        personalisation.ndef_template(f"{address}/255")
    except ValueError:
        raise BadCardAddress(
            f"Cards open an https:// address in plain letters, and card_url, or else public_url, makes it {address}."
        ) from None
    return address


def transport_version(ring: KeyRing, authority: str) -> int:
    """Return the newest version of an authority's transport key.

    Raises:
        KeyMissing: it has none.
    """
    found = ring.masters.newest(authority, TRANSPORT)
    if found is None:
        raise KeyMissing(f"{authority} has no transport key: multipass keys master make transport")
    return found


def _header(order: Order, check: str) -> Header:
    template = personalisation.ndef_template(f"{order.address}/{order.batch.key_version}")
    return Header(
        format=FORMAT,
        authority=order.authority.code,
        batch=order.batch.code,
        count=order.batch.size,
        chip="ntag424",
        key_version=order.batch.key_version,
        transport=Transport(order.transport_version, check),
        ndef=Ndef(
            content=template.content.hex(),
            settings=template.settings.hex(),
            picc_data_offset=template.picc_data,
            mac_input_offset=template.mac_input,
            mac_offset=template.mac,
        ),
        object=ObjectFile(personalisation.CARD_FILE_SETTINGS.hex()),
    )


def _printed(card: BatchCard, face: Face | None, photo_of: Callable[[Face], bytes | None], zone: str) -> Printed:
    last_day = local_day(card.expires_at - timedelta(seconds=1), zone)
    if face is None:
        return Printed(in_fours(card.number), last_day)
    photo = photo_of(face)
    inline = base64.b64encode(_checked(photo, of=face.pass_number)).decode() if photo is not None else None
    return Printed(in_fours(card.number), last_day, in_fours(face.pass_number), face.name, inline)


def _checked(photo: bytes, *, of: str) -> bytes:
    if len(photo) > PHOTO_BYTES or not (photo.startswith(_JPEG_BEGINS) and photo.endswith(_JPEG_ENDS)):
        raise BatchFileRefused(Flaw(0, f"The photo of pass {of} is no JPEG of at most {PHOTO_BYTES // 1024} KiB."))
    return photo
