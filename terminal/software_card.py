"""An NTAG 424 DNA in software: SUN messages, mutual authentication and a file, with real cryptography.

For tests and the simulator. It speaks for a DESFire too: EV2 authentication is the same, and `AuthenticateAES` of the
EV1 is there beside it. It stands with the terminal, where a card is held, because it has a state and keys: the server
cannot import it. What it does not do, because nothing of ours asks for it: key changes, access rights, encrypted files.
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from nfc import aes, apdu, card_object, ev1, ev2, messaging, originality, sdm
from nfc.diversify import Slot
from nfc.errors import CodeError
from nfc.messaging import Session

NTAG_APPLICATION: Final = bytes.fromhex("d2760000850101")
DESFIRE_APPLICATION: Final = bytes.fromhex("f04d50")

_LAST_COUNT: Final = (1 << 24) - 1
_READ_FILE: Final = apdu.read(card_object.READ_FILE)
_READ_SIGNATURE: Final = apdu.read(originality.READ_SIGNATURE)

_SELECT_ISO = 0xA4
_OK, _MORE, _SIGNATURE_FOLLOWS = 0x9100, 0x91AF, 0x9190
_NO_SUCH_KEY, _BAD_PROOF, _OUT_OF_TURN, _BAD_MAC, _NOT_ALLOWED = 0x9140, 0x91AE, 0x91CA, 0x911E, 0x919D
_UNKNOWN, _BAD_LENGTH, _BAD_PARAMETER, _NO_APPLICATION = 0x911C, 0x917E, 0x919E, 0x91A0


class _Refused(Exception):
    """The card answers with an error status, and forgets whom it was talking to."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status:04x}")
        self.status = status


class _HalfWay(Struct, frozen=True):
    """An authentication whose second leg has not come yet."""

    key: bytes
    rnd_b: bytes
    iv: bytes | None  # of the EV1's chain; None in EV2


class SoftwareCard:
    """One card with its keys, read by one reader at a time.

    `url` is what stands in its memory before the mirrored values: `https://pass.example.org/t/1`. `random` draws its
    numbers, so that known ones can be played again.
    """

    def __init__(
        self,
        uid: bytes,
        keys: Mapping[Slot, bytes],
        url: str,
        *,
        file: bytes = bytes(card_object.FILE_BYTES),
        originality_signature: bytes = bytes(originality.SIGNATURE_BYTES),
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._uid = uid
        self._keys = keys
        self._url = url
        self._file = file
        self._originality_signature = originality_signature
        self._random = random
        self._count = 0
        self._half_way: _HalfWay | None = None
        self._session: Session | None = None

    def read_url(self, file_data: bytes = b"") -> str | None:
        """What a phone or reader finds at this tap, and never again; None once the counter is used up.

        `file_data`, whole blocks, is mirrored encrypted, as with the template that has `d`.
        """
        if self._count == _LAST_COUNT:
            return None
        self._count += 1
        counter, file_key = self._count.to_bytes(3, "little"), self._keys[Slot.SERVER]
        picc_data = aes.encrypt(self._keys[Slot.META], b"\xc7" + self._uid + counter + self._random(5))
        mirrored = covered = ""
        if file_data:
            key, iv = sdm.data_key(file_key, self._uid, counter)
            covered = f"{aes.encrypt(key, file_data, iv).hex().upper()}&c="
            mirrored = f"&d={covered.removesuffix('&c=')}"
        mac = aes.short_mac(sdm.mac_key(file_key, self._uid, counter), covered.encode())
        return f"{self._url}?e={picc_data.hex().upper()}{mirrored}&c={mac.hex().upper()}"

    def leave_field(self) -> None:
        """The card loses its power, and with it whom it was talking to."""
        self._half_way = self._session = None

    def transmit(self, command: bytes) -> bytes:
        """The card's answer, data and status."""
        try:
            data, status = self._answer(apdu.read(command))
        except CodeError:
            data, status = b"", apdu.WRONG_LENGTH
        except _Refused as refused:
            self.leave_field()
            data, status = b"", refused.status
        return data + status.to_bytes(2, "big")

    def _answer(self, command: apdu.Command) -> tuple[bytes, int]:
        if (command.cla, command.ins) == (0x00, _SELECT_ISO):
            self.leave_field()
            return b"", apdu.OK if command.data == NTAG_APPLICATION else apdu.UNKNOWN_APPLICATION
        if command.cla != 0x90:
            return b"", apdu.UNKNOWN_CLASS
        half_way, self._half_way = self._half_way, None  # whatever comes now, a second leg has one chance
        match command.ins:
            case 0x5A:  # SelectApplication
                self.leave_field()
                return b"", _OK if command.data == DESFIRE_APPLICATION else _NO_APPLICATION
            case ev2.FIRST | ev1.FIRST:
                return self._begin(command)
            case ev2.NEXT_LEG:
                return self._end(half_way, command.data)
            case messaging.GET_CARD_UID:
                return self._tell_uid(command.data)
            case _ if command == _READ_FILE:
                return self._file, _OK
            case _ if command == _READ_SIGNATURE:
                return self._originality_signature, _SIGNATURE_FOLLOWS
            case _READ_FILE.ins | _READ_SIGNATURE.ins:
                raise _Refused(_BAD_PARAMETER)
            case _:
                raise _Refused(_UNKNOWN)

    def _begin(self, command: apdu.Command) -> tuple[bytes, int]:
        self._session = None
        if len(command.data) != (2 if command.ins == ev2.FIRST else 1):
            raise _Refused(_BAD_LENGTH)
        number = command.data[0]
        if number not in self._keys:
            raise _Refused(_NO_SUCH_KEY)
        key, rnd_b = self._keys[Slot(number)], self._random(16)
        said = aes.encrypt(key, rnd_b)
        self._half_way = _HalfWay(key, rnd_b, said if command.ins == ev1.FIRST else None)
        return said, _MORE

    def _end(self, half_way: _HalfWay | None, token: bytes) -> tuple[bytes, int]:
        if half_way is None:
            raise _Refused(_OUT_OF_TURN)
        if len(token) != 2 * aes.BLOCK_BYTES:
            raise _Refused(_BAD_LENGTH)
        plain = aes.decrypt(half_way.key, token, half_way.iv or bytes(16))
        rnd_a = plain[:16]
        if not aes.same(plain[16:], aes.rotated(half_way.rnd_b)):
            raise _Refused(_BAD_PROOF)
        if half_way.iv is not None:
            return aes.encrypt(half_way.key, aes.rotated(rnd_a), token[-16:]), _OK
        transaction = self._random(4)
        enc_key, mac_key = ev2.session_keys(half_way.key, rnd_a=rnd_a, rnd_b=half_way.rnd_b)
        self._session = Session(enc_key, mac_key, transaction)
        return aes.encrypt(half_way.key, transaction + aes.rotated(rnd_a) + bytes(12)), _OK

    def _tell_uid(self, mac: bytes) -> tuple[bytes, int]:
        session = self._session
        if session is None:
            raise _Refused(_NOT_ALLOWED)
        if not aes.same(session.command_mac(messaging.GET_CARD_UID), mac):
            raise _Refused(_BAD_MAC)
        encrypted = aes.encrypt(session.enc_key, aes.pad(self._uid), session.answer_iv())
        self._session = None  # a command more would count from one; nothing of ours sends it
        return encrypted + session.answer_mac(messaging.STATUS_OK, encrypted), _OK
