"""An authenticator in software: it makes passkeys and signs with them as a stick does, and lies where a test says so.

Real objects: client data, authenticator data, COSE keys, attestation "none" (W3C, Web Authentication Level 3,
6.1 and 6.5).
"""

import base64
import json
import secrets
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    """Write bytes as browsers do."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw(written: str) -> bytes:
    """Read what `text` has written."""
    return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))


class Authenticator:
    """One passkey, on a stick that counts unless it is told not to, in a browser that shows one page."""

    def __init__(self, *, origin: str = "http://localhost:8400", rp_id: str = "localhost", counts: bool = True) -> None:
        self.origin = origin
        self.rp_id = rp_id
        self.flags = PRESENT | VERIFIED
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(32)
        self.user_id: bytes | None = None
        self.counts = counts
        self.count = 0

    def make(self, options: str, **lies: Any) -> str:  # noqa: ANN401 - members of the client data
        """Answer `navigator.credentials.create`."""
        asked = json.loads(options)
        self.user_id = raw(asked["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(cose)
        data = self._data(self.flags | ATTESTED) + attested
        response = {
            "clientDataJSON": text(self._client("webauthn.create", asked["challenge"], lies)),
            "attestationObject": text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return self._answer(response)

    def show(self, options: str, *, tampered: bool = False, **lies: Any) -> str:  # noqa: ANN401 - as above
        """Answer `navigator.credentials.get`."""
        client, data = self._client("webauthn.get", json.loads(options)["challenge"], lies), self._data(self.flags)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": text(client),
            "authenticatorData": text(data[:-1] + bytes([data[-1] ^ 1]) if tampered else data),
            "signature": text(signature),
            **({"userHandle": text(self.user_id)} if self.user_id is not None else {}),
        }
        return self._answer(response)

    def _answer(self, response: dict[str, str]) -> str:
        shown = text(self.credential_id)
        return json.dumps({"id": shown, "rawId": shown, "type": "public-key", "response": response})

    def _client(self, kind: str, challenge: str, lies: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False, **lies}
        return json.dumps(said).encode()

    def _data(self, flags: int) -> bytes:
        self.count += self.counts
        return sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")
