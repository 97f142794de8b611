"""The printed form of a medium: its signed code, and the card that carries it.

Signing is deterministic (RFC 6979), so a code is never stored: the same medium gives the same code for as long as the
same key signs.
"""

from datetime import timedelta

from adapters.card_face import Card
from adapters.keyring import KeyRing, Purpose
from domain.passes import Medium, Pass, medium_bytes
from domain.people import Holder
from domain.places import Authority, local_day
from nfc import qr


def printed_code(keyring: KeyRing, authority: Authority, medium: Medium) -> str:
    """Return the `MP2:` text of a medium.

    Raises:
        KeyMissing: the authority has no key that signs printed codes.
    """
    return qr.issue_static(
        keyring.signing_key(authority.code, Purpose.PRINT),
        medium_id=medium_bytes(medium.id),
        expires_at=int(medium.expires_at.timestamp()),
        status_list=medium.status_list,
        status_index=medium.status_index,
    )


def card(
    keyring: KeyRing, authority: Authority, holder: Holder, pass_: Pass, medium: Medium, *, photo: bytes = b""
) -> Card:
    """Return all that a card says. "Valid until" names the last day on which the code is accepted."""
    return Card(
        number=pass_.number,
        holder_name=f"{holder.first_name} {holder.last_name}",
        code=printed_code(keyring, authority, medium),
        valid_until=local_day(medium.expires_at - timedelta(seconds=1), authority.zone),
        authority_name=authority.name.fr,
        colour=authority.colour,
        photo=photo,
    )
