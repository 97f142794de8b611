"""A phone in software: what the application on a real one answers to a terminal (`nfc.hce`).

For tests and the simulator. It stands with the terminal, where a phone is held, because it has a state and a private
key: the server cannot import it.
"""

from cryptography.hazmat.primitives.asymmetric import ec

from nfc import apdu, hce
from nfc.errors import CodeError


class SoftwarePhone:
    """One phone with one credential. It answers commands as a field would carry them, one at a time."""

    def __init__(self, device: ec.EllipticCurvePrivateKey, credential: bytes) -> None:
        self._device = device
        self._credential = credential
        self._selected = False

    def transmit(self, command: bytes) -> bytes:
        """The phone's answer, data and status."""
        try:
            data, status = self._answer(apdu.read(command))
        except CodeError:
            data, status = b"", apdu.WRONG_LENGTH
        return data + status.to_bytes(2, "big")

    def leave_field(self) -> None:
        """The phone is taken away: the next reader has to select the application again."""
        self._selected = False

    def _answer(self, command: apdu.Command) -> tuple[bytes, int]:
        if command.cla != 0x00:
            return b"", apdu.UNKNOWN_CLASS
        match command.ins, command.p1, command.p2:
            case hce.INS_SELECT, 0x04, 0x00:
                self._selected = command.data == hce.AID
                if not self._selected:
                    return b"", apdu.UNKNOWN_APPLICATION
                return hce.write_application(hce.Application(hce.VERSION)), apdu.OK
            case hce.INS_AUTH, 0x00, 0x00:
                if not self._selected:
                    return b"", apdu.NOT_ALLOWED
                challenge = hce.read_challenge(command.data)
                return self._credential + hce.sign(self._device, challenge, self._credential), apdu.OK
            case hce.INS_SELECT | hce.INS_AUTH, _, _:
                return b"", apdu.WRONG_PARAMETERS
            case _:
                return b"", apdu.UNKNOWN_INSTRUCTION
