"""Text messages: what one is, and the port by which it leaves."""

from typing import Protocol

from msgspec import Struct


class TextMessage(Struct, frozen=True):
    """A text message. `number` is in the form of E.164, `+33612345678`."""

    number: str
    text: str


class Sms(Protocol):
    """Sends text messages (`adapters.sms`). An installation without an operator has None in its place."""

    async def send(self, message: TextMessage) -> None:
        """Hand one message over to the operator.

        Raises:
            MessageNotSent: the operator does not answer, or refuses it.
        """
        ...

    async def close(self) -> None:
        """Let go of whatever is open."""
        ...
