"""A phone, as far as a reader can tell: its own key, its credential, and what it shows.

For tests and the simulator; an app does the same with a key that never leaves the phone's hardware.
"""

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from nfc import keys, phone_code


class Phone(msgspec.Struct, frozen=True):
    """A phone. Until an authority gives it a credential it can only name its key."""

    private: ec.EllipticCurvePrivateKey  # on P-256
    credential: bytes = b""

    @property
    def public_key(self) -> bytes:
        """What it sends to be bound: x and y, 64 bytes."""
        return keys.dump_point(self.private.public_key())

    def code(self, now: int) -> str:
        """The `MP1:` text of this second, in seconds since 1970, UTC."""
        return phone_code.present(self.private, self.credential, now)

    def __repr__(self) -> str:
        """The key's name, never the key."""
        return f"Phone({keys.thumbprint(self.private.public_key())[: keys.KID_BYTES].hex()})"
