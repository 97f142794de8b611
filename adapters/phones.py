"""The signed form of a phone that is a medium."""

from datetime import datetime, timedelta

from adapters.keyring import KeyRing, Purpose
from domain.passes import Medium, medium_bytes
from domain.places import Authority
from nfc import phone_credential as credential
from nfc.keys import load_point

CREDENTIAL_LIFE = timedelta(days=30)
"""A phone fetches a new one long before; should a signing key get out, this is how long its damage lasts."""


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
