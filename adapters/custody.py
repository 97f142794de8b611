"""Custodians of masters, and what it takes to act on one: two of them, each with a key of their own (ADR 0017)."""

from datetime import datetime
from typing import Final, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Struct

from domain.errors import Conflict, Forbidden
from nfc import cose, keys
from nfc.errors import CodeError

NEEDED: Final = 2
_AAD: Final = b"MPS-CUSTODY1"
_MAX_BYTES: Final = 2_048

Deed = Literal["make", "import", "export", "appoint", "dismiss"]


class NotApproved(Forbidden):
    """Masters take two custodians: an approval is missing, is no custodian's, or is for something else."""

    code = "not-approved"


class CustodianConflict(Conflict):
    """The custodian is there already, is not there, or too few would be left."""

    code = "custodian-conflict"


class Custodian(Struct, frozen=True):
    """Somebody who keeps a key of their own, away from the installation."""

    name: str
    public: bytes  # x and y, 64 bytes
    since: datetime

    @property
    def fingerprint(self) -> str:
        """What is read aloud to compare keys: 16 hexadecimal digits of the RFC 9679 thumbprint."""
        return keys.thumbprint(self.key).hex()[:16]

    @property
    def key(self) -> ec.EllipticCurvePublicKey:
        """What their signatures are verified with, and their shares sealed to."""
        return keys.load_point(self.public)


class Act(Struct, frozen=True, forbid_unknown_fields=True):
    """What two custodians agree to, once: `at` tells it from the next."""

    deed: Deed
    subject: str  # "ville card-2 1", or a custodian's name and fingerprint
    at: datetime


class Approval(Struct, frozen=True):
    """An act with the signatures under it; the keyring keeps it as its record."""

    act: Act
    signatures: tuple[bytes, ...] = ()  # COSE_Sign1 each

    def signed(self, key: keys.SigningKey) -> "Approval":
        """Return the same with one more signature."""
        signature = cose.sign1(key.private, msgspec.json.encode(self.act), kid=key.kid, external_aad=_AAD)
        return msgspec.structs.replace(self, signatures=(*self.signatures, signature))


def approvers(approval: Approval, custodians: tuple[Custodian, ...]) -> tuple[Custodian, ...]:
    """Return the two who agree, in the order of their signatures.

    Raises:
        NotApproved: not exactly two signatures of two custodians, or one of them is for another act.
    """
    found = tuple(_signer(signature, approval.act, custodians) for signature in approval.signatures)
    if len(found) != NEEDED or len({custodian.public for custodian in found}) != NEEDED:
        raise NotApproved(f"To {approval.act.deed} {approval.act.subject} takes two different custodians.")
    return found


def _signer(signature: bytes, act: Act, custodians: tuple[Custodian, ...]) -> Custodian:
    try:
        message = cose.parse1(signature, max_bytes=_MAX_BYTES)
    except CodeError:
        raise NotApproved("An approval cannot be read.") from None
    for custodian in custodians:
        if cose.verify1(message, custodian.key, external_aad=_AAD):
            if message.payload != msgspec.json.encode(act):
                raise NotApproved(f"{custodian.name} has approved something else.")
            return custodian
    raise NotApproved("An approval was signed by a key that is no custodian's.")
