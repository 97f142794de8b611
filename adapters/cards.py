"""The keys of cards, as the server needs them, and the enrolment of a card.

Masters come from the keyring and stay there. What is derived from them is kept while the process runs, and stored
nowhere.
"""

from contextlib import suppress
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Final, Protocol

from adapters.keyring import KeyMissing
from domain.card_batches import BatchCard, is_card_number
from domain.cards import CardTechnology, bind_card
from domain.errors import Invalid
from domain.errors.cards import MadeCardNotFound
from domain.passes import Medium, Pass
from domain.places import Authority
from domain.ports import Unit
from nfc import originality, sdm
from nfc import uid as uids
from nfc.diversify import CITY_BYTES, UID_BYTES, Slot, card_key
from nfc.errors import CodeError, CodeKind

KEYED: Final = frozenset({CardTechnology.NTAG424, CardTechnology.DESFIRE})
"""Technologies whose chips hold keys of ours."""

_CITY: Final = b"MPS-CITY"

_NO_UID: dict[CodeKind, str] = {
    "unreadable": "A UID has 4, 7 or 10 bytes: 8, 14 or 20 hexadecimal digits.",
    "unknown_type": "No card is known by this UID: 08 begins one that changes at each tap, 88 one that was cut off.",
}


class CardMasters(Protocol):
    """Where masters come from. Each method raises `KeyMissing` for what is not there or not in force."""

    def card_versions(self, authority: str) -> tuple[int, ...]:
        """Versions of masters in force, smallest first; none where the authority has no cards with keys."""
        ...

    def card_master(self, authority: str, slot: Slot, version: int) -> bytes:
        """The master of one slot and version, 16 bytes; for slot 1 the very key of its batch."""
        ...

    def uid_key(self, authority: str) -> bytes:
        """What UIDs of the authority's cards are hashed under, 32 bytes."""
        ...


class ChipNotGenuine(Invalid):
    """The maker's signature does not fit the chip: it is no chip of theirs, or another one's signature."""

    code = "chip-not-genuine"


class UidNotUsable(Invalid):
    """No card can be known by this UID: it changes at each tap, is cut off, or has another length than its chip's."""

    code = "uid-not-usable"


class CardNotRead(Invalid):
    """What was given is neither the number of a card nor what a reader sends of one."""

    code = "card-not-read"


class KeyVersionNotUsable(Invalid):
    """The keys of a card are of a version that is not in force, or the card has none."""

    code = "key-version-not-usable"


class CardKeys:
    """The keys of the cards of every authority. Asked at each tap, so that what was derived once is remembered."""

    def __init__(self, masters: CardMasters) -> None:
        self._masters = masters
        self._sun: dict[str, dict[int, sdm.SunKeys]] = {}

    def forget(self) -> None:
        """Ask for the masters again: one was made or withdrawn."""
        self._sun.clear()

    def sun(self, authority: str) -> sdm.SunKeySet:
        """The keys that verify SUN messages of an authority's cards, by version; none where it has no cards."""
        known = self._sun.get(authority)
        if known is None:
            known = self._sun[authority] = {}
            for version in self._masters.card_versions(authority):
                # A version may lack a slot: half a personalisation is no card of ours yet.
                with suppress(KeyMissing):
                    meta = self._masters.card_master(authority, Slot.META, version)
                    server = self._masters.card_master(authority, Slot.SERVER, version)
                    known[version] = sdm.SunKeys(meta, partial(_derived, server, authority, version))
        return known

    def server_key(self, authority: str, uid: bytes, version: int) -> bytes:
        """The key with which one card and the server prove themselves to each other.

        Raises:
            CodeError: "unknown_key" for a version that is not in force.
        """
        keys = self.sun(authority).get(version)
        if keys is None:
            raise CodeError("unknown_key", f"version {version}")
        return keys.file(uid)

    def versions(self, authority: str) -> tuple[int, ...]:
        """The versions in force, smallest first; none where the authority has no cards with keys."""
        return self._masters.card_versions(authority)

    def newest(self, authority: str) -> int | None:
        """The version that new cards are written with; None where the authority has no cards with keys."""
        return max(self._masters.card_versions(authority), default=None)

    def digest(self, authority: str, uid: bytes) -> bytes:
        """What the register knows a card by.

        Raises:
            CodeError: no card can be known by this UID.
            KeyMissing: the authority has no key for UIDs.
        """
        return uids.digest(self._masters.uid_key(authority), uid)


def city_of(authority: str) -> bytes:
    """The four bytes that tell the keys of one authority's cards from another's under the same masters."""
    return sha256(_CITY + authority.encode()).digest()[:CITY_BYTES]


async def enrol(
    unit: Unit,
    keys: CardKeys,
    authority: Authority,
    pass_: Pass,
    *,
    uid: bytes,
    technology: CardTechnology,
    expires_at: datetime,
    now: datetime,
    signature: bytes | None = None,
    key_version: int | None = None,
) -> Medium:
    """Make a card that was read at the desk a medium of a pass. `signature` is what the chip says of its maker.

    `key_version` names the masters that the card's keys were derived from: the newest, unless given.

    A card without a signature is taken as it is: only the NTAG 424 DNA's is known to us, and readers that cannot send
    commands never see it.

    Raises:
        ChipNotGenuine: the maker did not sign this UID.
        UidNotUsable: the UID is random, cut off, or none of a chip with keys.
        KeyVersionNotUsable: the version is not in force, or the card has no keys of ours.
        KeyMissing: the authority has no key for UIDs, or none for cards.
        LifecycleConflict: the pass has ended.
        AlreadyExists: the chip is a medium already.
    """
    if signature is not None and not originality.is_genuine(uid, signature):
        raise ChipNotGenuine("The maker did not sign this chip's UID.")
    version = _version(keys, authority, technology, key_version)
    if version is not None and len(uid) != UID_BYTES:
        raise UidNotUsable(f"A chip with keys has a UID of {UID_BYTES} bytes.")
    try:
        digest = keys.digest(authority.code, uid)
    except CodeError as unusable:
        raise UidNotUsable(_NO_UID[unusable.kind]) from unusable
    return await bind_card(
        unit,
        pass_,
        uid_digest=digest,
        technology=technology,
        key_version=version,
        expires_at=expires_at,
        now=now,
    )


async def made_card(unit: Unit, keys: CardKeys, authority: Authority, said: str) -> BatchCard:
    """Find the card of a batch that was typed, or that a reader at the desk has read, and keep others from changing it.

    Raises:
        CardNotRead: it is neither a card's number, nor a tap's address, nor `UID:` and hex digits.
        UidNotUsable: it is none of ours.
        MadeCardNotFound: no card of a batch has this number or this chip.
    """
    number = "".join(said.split())
    if is_card_number(number):
        return await unit.batches.card_by_number(authority.id, number)
    try:
        if said.startswith("UID:"):
            uid = uids.parse(said.removeprefix("UID:"))
        elif said.startswith("https://"):
            uid = sdm.read(said, keys.sun(authority.code)).uid
        else:
            raise CardNotRead(
                "That is no card: give the twelve digits printed on it, a tap's URL, or UID: and hex digits."
            )
        digest = keys.digest(authority.code, uid)
    except CodeError as unreadable:
        raise UidNotUsable(f"No card of ours says that ({unreadable.kind}).") from None
    found = await unit.batches.card_by_chip(authority.id, digest)
    if found is None:
        raise MadeCardNotFound("No card of a batch has this chip.")
    return found


def _version(keys: CardKeys, authority: Authority, technology: CardTechnology, asked: int | None) -> int | None:
    if technology not in KEYED:
        if asked is not None:
            raise KeyVersionNotUsable("A card that is known by its UID has no keys of ours.")
        return None
    if asked is not None and asked not in keys.versions(authority.code):
        raise KeyVersionNotUsable(f"Version {asked} of the masters is not in force.")
    version = asked or keys.newest(authority.code)
    if version is None:
        raise KeyMissing(f"{authority.code} has no masters for cards.")
    return version


def _derived(master: bytes, authority: str, version: int, uid: bytes) -> bytes:
    return card_key(master, uid=uid, slot=Slot.SERVER, version=version, city=city_of(authority))
