"""Photos that people take at home: offered for their pass, looked at by an agent, and theirs to take back at any time.

Nobody sees at home whether it is the right face, so an agent does before it is printed or shown at a gate (ADR 0060). A
refusal says what to do better, and the accounts that could send another are told of it. Whoever acts for a child offers
the child's.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.account_links import Bond
from domain.errors.people import NotAgreed, PhotoChanged
from domain.people import Holder
from domain.portraits import Portrait, Sealed, forget_portrait, keep_portrait
from domain.ports import Unit
from domain.text import Text

KEPT: Final = timedelta(days=60)
"""How long a photo waits for somebody to look at it, and how long it is said why it was refused."""


class OfferState(StrEnum):
    """Where an offered photo stands. One that was accepted is the photo of its holder, and no offer any more."""

    WAITING = "waiting"
    REFUSED = "refused"


class PhotoFlaw(StrEnum):
    """Why an agent does not take a photo: after what a passport's must be (ISO/IEC 19794-5), said kindly."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    FACE_HIDDEN = "face_hidden"
    NOT_SHARP = "not_sharp"
    TOO_DARK = "too_dark"
    TOO_FAR = "too_far"
    ANOTHER_PERSON = "another_person"


FLAWS: dict[PhotoFlaw, Text] = {
    PhotoFlaw.NO_FACE: Text(
        fr="On ne voit pas de visage. Prenez-vous de face, les yeux ouverts.",
        en="There is no face to be seen. Take it from the front, with open eyes.",
    ),
    PhotoFlaw.SEVERAL_FACES: Text(
        fr="Il y a plusieurs personnes. Une seule doit être sur la photo.",
        en="There are several people. Only one may be in the photo.",
    ),
    PhotoFlaw.FACE_HIDDEN: Text(
        fr="Le visage est caché en partie. Enlevez lunettes de soleil, casquette ou masque.",
        en="The face is partly hidden. Take off sunglasses, cap or mask.",
    ),
    PhotoFlaw.NOT_SHARP: Text(
        fr="La photo est floue. Posez le téléphone, ou demandez à quelqu’un de la prendre.",
        en="The photo is not sharp. Put the telephone down, or have somebody take it.",
    ),
    PhotoFlaw.TOO_DARK: Text(
        fr="La photo est trop sombre. Mettez-vous face à une fenêtre.",
        en="The photo is too dark. Stand facing a window.",
    ),
    PhotoFlaw.TOO_FAR: Text(
        fr="Le visage est trop petit. Approchez-vous, ou resserrez le cadre.",
        en="The face is too small. Come nearer, or make the frame smaller.",
    ),
    PhotoFlaw.ANOTHER_PERSON: Text(
        fr="Ce n’est pas la personne du pass. Venez au guichet avec une pièce d’identité si c’est bien elle.",
        en="It is not the person of the pass. If it is, come to the desk with an identity document.",
    ),
}


class PortraitOffer(Struct, frozen=True):
    """A photo that waits, or was refused: then its file is gone, and `wrapped_key` is empty.

    `agreed_by` is who said yes: its holder, or whoever acts for them.
    """

    holder_id: UUID
    authority_id: UUID
    file_id: UUID
    wrapped_key: bytes
    offered_at: datetime
    agreed_by: UUID
    state: OfferState
    keep_until: date
    flaw: PhotoFlaw | None = None


class Refused(Struct, frozen=True):
    """A photo that was refused: the file to be removed, and how many accounts are told."""

    file_id: UUID
    told: int


def answers_for_photo(bond: Bond) -> bool:
    """Tell whether an account sees and changes the photo of somebody whom it acts for by this bond.

    A mandate is for passes, and not for somebody's face (ADR 0060).
    """
    return bond is not Bond.MANDATE


def check_agreed(*, agreed: bool) -> None:
    """Refuse a photo to which nobody has said yes (GDPR, art. 7).

    Raises:
        NotAgreed: nobody has.
    """
    if not agreed:
        raise NotAgreed("A photo is taken in when its holder agrees, or whoever acts for them; nobody needs one.")


async def offer(
    unit: Unit, holder: Holder, sealed: Sealed, *, agreed_by: UUID, now: datetime, today: date
) -> list[UUID]:
    """Offer a photo in the place of one that waits; return the files to be removed."""
    before = await unit.portraits.offer_of(holder.authority_id, holder.id)
    await unit.portraits.save_offer(
        PortraitOffer(
            holder_id=holder.id,
            authority_id=holder.authority_id,
            file_id=sealed.file_id,
            wrapped_key=sealed.wrapped_key,
            offered_at=now,
            agreed_by=agreed_by,
            state=OfferState.WAITING,
            keep_until=today + KEPT,
        )
    )
    return [before.file_id] if before is not None else []


async def accept(
    unit: Unit, holder: Holder, *, seen: UUID, by: UUID, now: datetime, today: date
) -> tuple[Portrait | None, UUID]:
    """Make the photo that an agent has seen the photo of its holder; return the one before, and who agreed.

    Raises:
        PhotoChanged: another one waits by now, or none.
    """
    waiting = await _waiting(unit, holder, seen)
    sealed = Sealed(waiting.file_id, waiting.wrapped_key)
    before = await keep_portrait(unit, holder, sealed, agreed_by=waiting.agreed_by, by=by, now=now, today=today)
    await unit.portraits.remove_offer(holder.authority_id, holder.id)
    return before, waiting.agreed_by


async def refuse(unit: Unit, holder: Holder, *, seen: UUID, flaw: PhotoFlaw, now: datetime, today: date) -> Refused:
    """Refuse the photo that an agent has seen, and say why: nobody sees it again.

    A word is owed to each account that may send another one today. Of an acceptance nobody is told.

    Raises:
        PhotoChanged: as `accept`.
    """
    waiting = await _waiting(unit, holder, seen)
    refused = replace(waiting, state=OfferState.REFUSED, flaw=flaw, wrapped_key=b"", keep_until=today + KEPT)
    await unit.portraits.save_offer(refused)
    bonds = await unit.accounts.acting_for(holder.id, today)
    told = [account_id for account_id, bond in bonds.items() if answers_for_photo(bond)]
    await unit.portraits.owe_word(refused, told, now)
    return Refused(waiting.file_id, len(told))


async def forget(unit: Unit, holder: Holder) -> list[UUID]:
    """Forget the photo of somebody who says no, and what waits; return the files to be removed."""
    kept = await forget_portrait(unit, holder)
    offered = await unit.portraits.offer_of(holder.authority_id, holder.id)
    await unit.portraits.remove_offer(holder.authority_id, holder.id)
    return [one.file_id for one in (kept, offered) if one is not None]


async def _waiting(unit: Unit, holder: Holder, seen: UUID) -> PortraitOffer:
    found = await unit.portraits.hold_offer(holder.authority_id, holder.id)
    if found is None or found.state is not OfferState.WAITING or found.file_id != seen:
        raise PhotoChanged("Another photo was offered, or this one was looked at or taken back meanwhile.")
    return found
