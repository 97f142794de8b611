"""Readers of cards and phones, and what is sent of whatever comes into their field.

    keyboard       a scanner that types the code and Enter: nothing to do here, `terminal.run` reads lines
    pcsc           the first PC/SC reader; `pcsc:NAME` the first whose name contains NAME

PC/SC needs the package `pyscard` (`pip install 'multipass[pcsc]'`) and the system's `pcscd`.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

from nfc import apdu, card_object, hce
from nfc.errors import CodeError
from nfc.hce import Challenge
from terminal import evidence
from terminal.errors import TerminalError

GET_UID: Final = bytes.fromhex("ffca000000")
"""The reader's own command, PC/SC part 3: the UID that the card showed as it came."""

SELECT_NTAG: Final = apdu.write(apdu.Command(0x00, 0xA4, 0x04, 0x0C, bytes.fromhex("d2760000850101")))

_LOOKS_SECONDS = 0.1


class Card(Protocol):
    """Something that answers commands: a card or a phone in the reader's field."""

    def transmit(self, command: bytes) -> bytes:
        """Return the answer, data and status.

        Raises:
            ConnectionError: it has gone away.
        """


class Reader(Protocol):
    """Something in whose field cards come and go."""

    def connect(self) -> Card | None:
        """Return what has come into the field since the last call; None where nothing new has."""


def credentials(
    reader: Reader, draw: Callable[[], Challenge], *, wait: Callable[[float], None] = time.sleep
) -> Iterator[str]:
    """Read whatever comes into the field, each once, for ever. `draw` makes a fresh challenge for a phone."""
    while True:
        card = reader.connect()
        if card is None:
            wait(_LOOKS_SECONDS)
            continue
        try:
            yield credential(card, draw())
        except ConnectionError:
            continue  # taken away too early: whoever it is will hold it there again


def credential(card: Card, challenge: Challenge) -> str:
    """What to send of a card or phone in the field: its proof, or else its object, or else its UID.

    Raises:
        ConnectionError: it has gone away.
    """
    try:
        hce.read_application(card.transmit(hce.SELECT))
    except CodeError:
        return _of_card(card)
    return evidence.hce_text(challenge, card.transmit(hce.auth_command(challenge)))


def _of_card(card: Card) -> str:
    try:
        uid = apdu.content(card.transmit(GET_UID), status=apdu.OK, least=4, most=10)
    except CodeError:
        return "UID:"  # read as nothing, and refused in words
    try:
        apdu.content(card.transmit(SELECT_NTAG), status=apdu.OK, least=0, most=256)
        found = card_object.from_file(card_object.file_content(card.transmit(card_object.READ_FILE)))
    except CodeError:
        return f"UID:{uid.hex()}"
    return card_object.to_text(uid, found)


class PcscReader:
    """A reader of the system's, by pyscard."""

    def __init__(self, name: str = "") -> None:
        try:
            from smartcard import System  # noqa: PLC0415 - an optional package
        except ImportError:
            raise TerminalError(
                "A PC/SC reader needs pyscard: pip install 'multipass[pcsc]', and the system's pcscd."
            ) from None
        found = [reader for reader in System.readers() if name.lower() in str(reader).lower()]
        if not found:
            there = ", ".join(map(str, System.readers())) or "none"
            raise TerminalError(f"There is no PC/SC reader{f' called {name}' if name else ''}. Found: {there}.")
        self._reader: Any = found[0]
        self._there = False

    def connect(self) -> Card | None:
        """As `Reader.connect`: a card that stays is not read again."""
        from smartcard.Exceptions import CardConnectionException, NoCardException  # noqa: PLC0415 - as above

        connection = self._reader.createConnection()
        try:
            connection.connect()
        except (NoCardException, CardConnectionException):
            self._there = False
            return None
        if self._there:
            connection.disconnect()
            return None
        self._there = True
        return _PcscCard(connection)


class _PcscCard:
    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - pyscard has no types
        self._connection = connection

    def transmit(self, command: bytes) -> bytes:
        from smartcard.Exceptions import CardConnectionException  # noqa: PLC0415 - as above

        try:
            data, first, second = self._connection.transmit(list(command))
        except CardConnectionException as gone:
            raise ConnectionError("the card has gone") from gone
        return bytes([*data, first, second])
