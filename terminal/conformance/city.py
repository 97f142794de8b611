"""The city behind the double: its keys, one gate of a pool, passes that open it and one that does not, its bundles."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from domain.access.catalogue import SiteDay
from domain.offline import Content, Fail, OfflinePolicy, OfflineSite
from domain.places import Gate, Passback, Zone
from domain.text import Text
from nfc import bundle, key_set, keys, printed_code
from nfc.bundle import Bundle
from nfc.status_list import Status, pack

AUTHORITY: Final = "kit"
SERVICE: Final = "pool"
GATE: Final = "kit-gate"
PLACES: Final = 64
STOPPED: Final = 33
GOOD: Final = tuple(range(1, 25))

_NAME = Text(fr="Piscine d'essai", en="Trial pool")
_WHOLE_DAY = SiteDay(((0, 1440),), ((0, 1440),), (), bank_holiday=False)
_OWNER, _SITE = UUID(int=1), UUID(int=2)
_ZONE = Zone(UUID(int=3), _OWNER, _SITE, "hall", None, Passback.NONE, 0)
_POLICY = OfflinePolicy(Fail.OPEN, entries=50)


class City:
    """Keys of its own, for one run: nobody else believes them."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._print, self._bundle, self._root = (keys.generate() for _ in range(3))
        self._signed = b""
        self.passes = {place: self._pass(place) for place in (*GOOD, STOPPED)}
        self.newest = self.make(sequence=self.now())

    def now(self) -> int:
        """Seconds since 1970."""
        return int(self._clock().timestamp())

    def place_of(self, credential: str) -> int | None:
        """Whose pass was shown; None for what is none of ours."""
        return next((place for place, code in self.passes.items() if code == credential), None)

    def make(self, *, sequence: int, age: timedelta = timedelta(0), stopped: tuple[int, ...] = (STOPPED,)) -> Bundle:
        """Make a bundle of this age, in which these places are stopped and all others may come in."""
        issued = self.now() - int(age.total_seconds())
        today = self._clock().date()
        days: dict[date, SiteDay] = {today + timedelta(days=ahead): _WHOLE_DAY for ahead in range(-1, 8)}
        gate = Gate(UUID(int=4), _OWNER, _ZONE.id, GATE, _NAME)
        site = OfflineSite("kit-pool", _NAME, _POLICY, (_ZONE,), (gate,), days)
        return Bundle(
            authority=AUTHORITY,
            service=SERVICE,
            sequence=sequence,
            issued_at=issued,
            expires_at=issued + 86_400,
            status={0: pack([(place, Status.INVALID) for place in stopped], size=PLACES)},
            entitled={0: bundle.bits(range(PLACES), PLACES)},
            keys=self.signed_keys(),
            content=msgspec.json.encode(Content(AUTHORITY, SERVICE, "Europe/Paris", (site,))),
        )

    def sign(self, one: Bundle) -> bytes:
        """The bundle as it is sent."""
        return bundle.issue(self._bundle, one)

    def newer(self) -> Bundle:
        """Issue the next good bundle."""
        self.newest = self.make(sequence=max(self.newest.sequence + 1, self.now()))
        return self.newest

    def signed_keys(self) -> bytes:
        """The set of keys, signed by the root once: the same bytes for all who ask."""
        since = self.now() // 86_400 * 86_400
        trusted = tuple(
            keys.verify_key(key.public, purpose=purpose, authority=AUTHORITY)
            for key, purpose in ((self._print, "print"), (self._bundle, "bundle"))
        )
        asked = key_set.Unsigned(AUTHORITY, 1, since, since + 30 * 86_400, trusted, (self._root.public,))
        self._signed = self._signed or key_set.sign(self._root, key_set.payload(asked))
        return self._signed

    def _pass(self, place: int) -> str:
        return printed_code.issue_static(
            self._print,
            medium_id=place.to_bytes(8, "big"),
            expires_at=self.now() + 300 * 86_400,
            status_list=0,
            status_index=place,
        )


def tampered(data: bytes) -> bytes:
    """The same bytes, but for one bit of the signature."""
    return data[:-1] + bytes([data[-1] ^ 1])
