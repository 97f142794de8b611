"""What keeps sectors apart."""

import hmac
from uuid import UUID


def sector_key(master: bytes, sector: str) -> bytes:
    """Derive the key of one sector from the authority's master: HMAC-SHA-256, 32 bytes."""
    return hmac.digest(master, b"multipass sector " + sector.encode(), "sha256")


def pseudonym(key: bytes, holder_id: UUID) -> str:
    """Return the name under which one sector knows a person: 16 bytes in hexadecimal.

    The same person has another name in every sector, and no name leads back to the person or across
    (`credentials.md` 1.6, after AMC NF P99-508).
    """
    return hmac.digest(key, holder_id.bytes, "sha256")[:16].hex()


def right_pseudonym(key: bytes, entitlement_id: UUID) -> str:
    """Return the name under which one sector knows a right: 16 bytes in hexadecimal.

    Identifiers of rows are ordered by time: those of rights granted in one visit to a desk lie side by side, and would
    tie a person's pool to their library.
    """
    return hmac.digest(key, b"right" + entitlement_id.bytes, "sha256")[:16].hex()
