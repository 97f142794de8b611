"""The challenges that this terminal drew for phones: each is good for one tap."""

import secrets
from typing import Final

from nfc import hce
from nfc.hce import Challenge

_KEPT: Final = 16


class Challenges:
    """Draws challenges, and knows those that were not used up. One thread's."""

    def __init__(self, terminal_id: bytes) -> None:
        self._terminal = hce.terminal_bytes(terminal_id)
        self._drawn: list[Challenge] = []

    def draw(self, service: str, now: int) -> Challenge:
        """A challenge for this tap; `now` is in seconds since 1970."""
        challenge = Challenge(secrets.token_bytes(hce.NONCE_BYTES), self._terminal, now, hce.service_bytes(service))
        self._drawn = [*self._drawn[1 - _KEPT :], challenge]
        return challenge

    def is_ours(self, challenge: Challenge) -> bool:
        """Tell whether a challenge was drawn here and not answered yet; now it is."""
        if challenge not in self._drawn:
            return False
        self._drawn.remove(challenge)
        return True
