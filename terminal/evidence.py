"""From what was read to what it proves, without asking anybody.

MP1: MP2:     signed codes                                     nfc/phone_code.py, nfc/printed_code.py
HCE:          a phone's answer to a challenge drawn here       nfc/hce.py
OBJ:          the object in a file of a card, with its UID     nfc/card_object.py
MP3: https:// UID: CARD:      only a server knows: "network_needed"
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from msgspec import Struct

from domain.access.facts import Evidence
from domain.access.reasons import Reason
from domain.passes import medium_from_bytes
from domain.services import SERVICES
from nfc import apdu, card_object, hce, phone_code, phone_credential, printed_code
from nfc.errors import CodeError
from nfc.hce import Challenge
from nfc.issued import Issued
from nfc.keys import KeySet
from nfc.qr import MAX_CHARACTERS
from terminal.challenges import Challenges

FRESH_SECONDS: Final = 30
"""How old a phone's code may be where its repetition elsewhere cannot be seen, beside what our clock may be off by."""

MOST_CHARACTERS: Final = 2_048
"""What a server looks at."""

HCE: Final = "HCE:"
_ONLINE = ("MP3:", "http", "UID:", "CARD")
_CHALLENGE_BYTES = 32
_OK = apdu.OK.to_bytes(2, "big")
_SERVICES = {hce.service_bytes(service.code): service.code for service in SERVICES}
_OTHER_NAMES = {
    "expired": Reason.CODE_EXPIRED,
    "stale": Reason.CODE_STALE,
    "too_long": Reason.UNREADABLE,
    "too_large": Reason.UNREADABLE,
    "wrong_card": Reason.BAD_SIGNATURE,
    "refused": Reason.BAD_SIGNATURE,
}
"""Kinds of flaws that go by another name among reasons."""


class Moment(Struct, frozen=True):
    """When something is read: the server's time in seconds since 1970, and by how many it may be wrong."""

    now: int
    uncertainty: int


class Proof(Struct, frozen=True):
    """What a credential proved. `issued` is there where its place in the lists is known."""

    evidence: Evidence
    issued: Issued | None = None


def read(text: str, keys: KeySet, moment: Moment, challenges: Challenges) -> Proof:
    """Return what a text proves to somebody who can ask nobody; what is wrong with it is the flaw in the evidence."""
    try:
        return _read(text, keys, moment, challenges)
    except CodeError as error:
        medium_id = medium_from_bytes(error.medium_id) if error.medium_id is not None else None
        flaw = flaw_of(error)
        return Proof(Evidence(medium_id=medium_id, flaw=flaw, issuer=error.authority or None))


def flaw_of(error: CodeError) -> Reason:
    """Return the reason of a refusal."""
    return _OTHER_NAMES.get(error.kind) or Reason(error.kind)


def hce_text(challenge: Challenge, answer: bytes) -> str:
    """What a terminal sends of a phone's answer to a challenge, status and all."""
    return HCE + urlsafe_b64encode(challenge.to_bytes() + answer.removesuffix(_OK)).decode()


def _read(text: str, keys: KeySet, moment: Moment, challenges: Challenges) -> Proof:
    if text.startswith(_ONLINE):
        return Proof(Evidence(flaw=Reason.NETWORK_NEEDED))
    if text.startswith(HCE):
        return _phone(text, keys, moment, challenges)
    if text.startswith(card_object.PREFIX):
        return _object(text, keys, moment)
    if len(text) > MAX_CHARACTERS:
        raise CodeError("too_long", f"{len(text)} characters")
    if text.startswith(printed_code.PREFIX):
        return _proof(printed_code.read(text, keys, moment.now), assurance=1)
    if not text.startswith(phone_code.PREFIX):
        raise CodeError("unknown_type")
    shown = phone_code.parse(text)
    code = phone_code.verify(
        shown,
        phone_credential.read(shown.credential, keys),
        moment.now,
        max_age_seconds=FRESH_SECONDS + moment.uncertainty,
        max_ahead_seconds=phone_code.MAX_AHEAD_SECONDS + moment.uncertainty,
    )
    return _proof(code, assurance=code.assurance, iat=code.presented_at)


def _phone(text: str, keys: KeySet, moment: Moment, challenges: Challenges) -> Proof:
    said = _bytes(text.removeprefix(HCE))
    challenge = hce.read_challenge(said[:_CHALLENGE_BYTES])
    if not challenges.is_ours(challenge):
        raise CodeError("stale", "a challenge that was not drawn here, or was answered")
    tap = hce.read(challenge, said[_CHALLENGE_BYTES:] + _OK, keys, moment.now)
    return _proof(tap, assurance=tap.assurance, service=_SERVICES.get(challenge.service))


def _object(text: str, keys: KeySet, moment: Moment) -> Proof:
    uid, data = card_object.from_text(text)
    tap = card_object.read(data, keys, moment.now, uid=uid)
    return _proof(tap, assurance=tap.assurance)


def _proof(issued: Issued, *, assurance: int, iat: int | None = None, service: str | None = None) -> Proof:
    evidence = Evidence(
        medium_id=medium_from_bytes(issued.medium_id),
        assurance=assurance,
        issuer=issued.authority,
        iat=iat,
        service=service,
    )
    return Proof(evidence, issued)


def _bytes(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as garbage:
        raise CodeError("unreadable", "not base64url") from garbage
