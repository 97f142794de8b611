"""Phones as media: the binding at a desk, and the signed form of one."""

from datetime import datetime, timedelta

from adapters.keyring import KeyRing, Purpose
from domain.errors import Invalid
from domain.passes import Medium, Pass, medium_bytes
from domain.phones import KeySecurity, bind_phone
from domain.places import Authority
from domain.ports import Unit
from nfc import phone_binding
from nfc import phone_credential as credential
from nfc.errors import CodeError, CodeKind
from nfc.keys import load_point

CREDENTIAL_LIFE = timedelta(days=30)
"""A phone fetches a new one long before; should a signing key get out, this is how long its damage lasts."""

_WHY: dict[CodeKind, str] = {
    "bad_signature": "The phone said this of another pass, or does not have the key that it sends.",
    "stale": "The phone said this more than ten minutes ago, or its clock runs ahead. Let it say it again.",
}
_NO_PROOF = "That is no proof of a phone. Copy it whole, as the phone shows it."


class PhoneProofRefused(Invalid):
    """What a phone said cannot be read, was said of another pass or too long ago, or it does not have the key."""

    code = "phone-proof-refused"


async def bind(
    unit: Unit, keyring: KeyRing, authority: Authority, pass_: Pass, proof: str, *, expires_at: datetime, now: datetime
) -> tuple[Medium, bytes]:
    """Make a phone that has proved its key a medium of a pass, and return what it needs to show codes.

    Nobody has attested where it keeps its key, so that is taken for software.

    Raises:
        PhoneProofRefused: the phone has not just proved a key for this pass.
        KeyMissing: the authority has no key that signs phones.
        LifecycleConflict: the pass has ended.
        AlreadyExists: a medium of this authority has this key already.
    """
    try:
        public_key = phone_binding.read(proof, number=pass_.number, now=int(now.timestamp()))
    except CodeError as refused:
        raise PhoneProofRefused(_WHY.get(refused.kind, _NO_PROOF)) from refused
    medium = await bind_phone(
        unit, pass_, public_key=public_key, security=KeySecurity.SOFTWARE, expires_at=expires_at, now=now
    )
    return medium, phone_credential(keyring, authority, medium, public_key, now=now)


def phone_credential(
    keyring: KeyRing, authority: Authority, medium: Medium, device_public_key: bytes, *, now: datetime
) -> bytes:
    """Return the credential of a phone whose key has these x and y (64 bytes): thirty days, or less if the medium ends.

    Raises:
        KeyMissing: the authority has no key that signs phones.
        ValueError: the key is no point of P-256.
    """
    return credential.issue(
        keyring.signing_key(authority.code, Purpose.PHONE),
        load_point(device_public_key),
        medium_id=medium_bytes(medium.id),
        expires_at=int(min(medium.expires_at, now + CREDENTIAL_LIFE).timestamp()),
        status_list=medium.status_list,
        status_index=medium.status_index,
    )
