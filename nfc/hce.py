"""A phone as a card (Android HCE, iOS in the EEA): two short commands, and a proof that a terminal checks alone.

    SELECT  00 A4 04 00 05 F0 4D 50 53 01 00     -> 6F 0B 84 05 <AID> 85 02 <version> <capabilities> | 9000
    AUTH    00 88 00 00 20 <nonce 16 | terminal 8 | time 4 | service 4> 00
                                                 -> credential (154) | r || s (64) | 9000

The device signs `"MPS-HCE1" | nonce | terminal | time | service | SHA-256(credential)` with the key that its credential
names. The nonce is the terminal's, drawn for this tap: nothing recorded before is of any use, and no clock need agree.
"""

import hashlib
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from msgspec import Struct

from nfc import apdu, issued, phone_credential
from nfc.errors import CodeError
from nfc.keys import KeySet
from nfc.phone_credential import PhoneCredential
from nfc.tap import VerifiedTap, tap

AID: Final = bytes.fromhex("f04d505301")
VERSION: Final = 1
NONCE_BYTES: Final = 16
TERMINAL_BYTES: Final = 8
SERVICE_BYTES: Final = 4
SIGNATURE_BYTES: Final = 64

INS_SELECT: Final = 0xA4
INS_AUTH: Final = 0x88

SELECT: Final = apdu.write(apdu.Command(0x00, INS_SELECT, 0x04, 0x00, AID))

_CONTEXT: Final = b"MPS-HCE1"
_FCI: Final = bytes.fromhex("6f0b8405") + AID + bytes.fromhex("8502")
_CHALLENGE_BYTES: Final = NONCE_BYTES + TERMINAL_BYTES + 4 + SERVICE_BYTES
_UINT32: Final = 1 << 32
_ALGORITHM = ec.ECDSA(SHA256())
_SIGN = ec.ECDSA(SHA256(), deterministic_signing=True)


class Application(Struct, frozen=True, gc=False):
    """What answers to our name."""

    version: int
    capabilities: int = 0  # bits for later; a terminal ignores those it does not know


class Challenge(Struct, frozen=True, gc=False):
    """What a terminal asks a phone to sign, for one tap."""

    nonce: bytes  # 16 bytes, drawn for this tap
    terminal: bytes  # 8 bytes
    time: int  # of the terminal, seconds since 1970, UTC: what the phone shows its holder, and no proof of anything
    service: bytes  # 4 bytes

    def __post_init__(self) -> None:
        """Refuse other lengths: the signature covers the fields without any mark between them."""
        lengths = (len(self.nonce), len(self.terminal), len(self.service))
        if lengths != (NONCE_BYTES, TERMINAL_BYTES, SERVICE_BYTES) or not 0 <= self.time < _UINT32:
            raise ValueError(f"challenge of lengths {lengths} at {self.time}")

    def to_bytes(self) -> bytes:
        """The 32 bytes that travel."""
        return self.nonce + self.terminal + self.time.to_bytes(4, "big") + self.service


class Shown(Struct, frozen=True, gc=False):
    """A phone's answer to a challenge, not yet verified."""

    credential: bytes
    signature: bytes  # r || s, 64 bytes


def terminal_bytes(terminal_id: bytes) -> bytes:
    """How a challenge names a terminal: the last 8 of the 16 bytes of its id, those that are random."""
    return terminal_id[-TERMINAL_BYTES:]


def service_bytes(code: str) -> bytes:
    """How a challenge names a service: the first 4 bytes of SHA-256 of its code."""
    return hashlib.sha256(code.encode()).digest()[:SERVICE_BYTES]


def read_application(answer: bytes) -> Application:
    """What answered SELECT.

    Raises:
        CodeError: "unknown_type" when it does not know our application, or a version of it that we do not; else as
            `apdu.content`.

    """
    data = apdu.content(answer, status=apdu.OK, least=len(_FCI) + 2, most=len(_FCI) + 2)
    if not data.startswith(_FCI):
        raise CodeError("unreadable", "SELECT: FCI")
    version, capabilities = data[len(_FCI) :]
    if version != VERSION:
        raise CodeError("unknown_type", f"HCE version {version}")
    return Application(version, capabilities)


def write_application(application: Application) -> bytes:
    """The data with which a phone answers SELECT."""
    return _FCI + bytes([application.version, application.capabilities])


def auth_command(challenge: Challenge) -> bytes:
    """The AUTH command, 38 bytes."""
    return apdu.write(apdu.Command(0x00, INS_AUTH, 0x00, 0x00, challenge.to_bytes()))


def read_challenge(data: bytes) -> Challenge:
    """The challenge in the data of an AUTH command, as the phone reads it.

    Raises:
        CodeError: "unreadable" for another length.

    """
    if len(data) != _CHALLENGE_BYTES:
        raise CodeError("unreadable", f"challenge of {len(data)} bytes")
    return Challenge(data[:16], data[16:24], int.from_bytes(data[24:28], "big"), data[28:])


def sign(device: ec.EllipticCurvePrivateKey, challenge: Challenge, credential: bytes) -> bytes:
    """What the device says for the credential it holds: r || s, 64 bytes."""
    r, s = decode_dss_signature(device.sign(_signed(challenge, credential), _SIGN))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def read(challenge: Challenge, answer: bytes, keys: KeySet, now: int) -> VerifiedTap:
    """What the phone's answer to this challenge proves, all verified; `now` is in seconds since 1970, UTC.

    The challenge is the caller's own, drawn for this tap and used for no other.

    Raises:
        CodeError: the only one, whatever the bytes.

    """
    shown = parse(answer)
    return verify(challenge, shown, phone_credential.read(shown.credential, keys), now)


def parse(answer: bytes) -> Shown:
    """What a phone answers AUTH with. Nothing in it is known to be true.

    Raises:
        CodeError: as `apdu.content`.

    """
    most = phone_credential.MAX_BYTES + SIGNATURE_BYTES
    data = apdu.content(answer, status=apdu.OK, least=SIGNATURE_BYTES + 1, most=most)
    return Shown(data[:-SIGNATURE_BYTES], data[-SIGNATURE_BYTES:])


def verify(challenge: Challenge, shown: Shown, known: PhoneCredential, now: int) -> VerifiedTap:
    """What a phone proves whose credential, those very bytes, was verified before.

    Raises:
        CodeError: "bad_signature"; "expired", which names the medium once the device has proved its key.

    """
    r, s = int.from_bytes(shown.signature[:32], "big"), int.from_bytes(shown.signature[32:], "big")
    try:
        known.device.verify(encode_dss_signature(r, s), _signed(challenge, shown.credential), _ALGORITHM)
    except InvalidSignature:
        raise CodeError("bad_signature", "device") from None
    issued.still_valid(known, now)
    return tap(known, kind="phone", assurance=3)


def _signed(challenge: Challenge, credential: bytes) -> bytes:
    return _CONTEXT + challenge.to_bytes() + hashlib.sha256(credential).digest()
