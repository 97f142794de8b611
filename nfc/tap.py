"""What a card or phone held to a reader has proved, one form for all of them."""

from typing import Literal

from nfc.issued import Issued


class VerifiedTap(Issued, frozen=True, gc=False):
    """A medium that is genuine and not over. Whether it was revoked is elsewhere."""

    kind: Literal["card", "phone"]
    assurance: int  # 1: a file that another device may play; 3: a key that answered a fresh number


def tap(issued: Issued, *, kind: Literal["card", "phone"], assurance: int) -> VerifiedTap:
    """The same medium, with what its reading was worth."""
    return VerifiedTap(
        issued.medium_id,
        issued.expires_at,
        issued.status_list,
        issued.status_index,
        issued.authority,
        issued.kid,
        kind,
        assurance,
    )
