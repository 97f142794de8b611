"""Messages to a browser or an app that is closed: where they go, what one holds, and the port by which it leaves.

An address is what a browser hands out (W3C Push API), or a UnifiedPush app: an `https` address of a push service, and
two keys under which only this browser reads (RFC 8291). The service in between learns that something came, not what.
"""

from base64 import b64decode
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, runtime_checkable
from urllib.parse import urlsplit
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors.push import BadPushAddress
from domain.ports import Unit
from domain.subscribers import Channel, Subscriber, check_quiet

LONGEST_ENDPOINT: Final = 1_000
POINT_BYTES: Final = 65
SECRET_BYTES: Final = 16

MOST_BYTES: Final = 3_000
"""Of one message: every push service takes 4,096 with what encryption adds (RFC 8030, 7.2)."""

# NIST SP 800-186, 3.2.1.3
_P: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B: Final = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


class PushAddress(Struct, frozen=True):
    """Where one browser is written to. `made_for` is the name (`kid`) of the city's key that it was asked with."""

    endpoint: str
    point: bytes
    """Its public key, `p256dh`: a point of P-256, uncompressed."""
    secret: bytes
    """`auth`, 16 bytes."""
    made_for: str


class Urgency(StrEnum):
    """How long a telephone that saves its battery may let a message wait (RFC 8030, 5.3)."""

    NORMAL = "normal"
    HIGH = "high"


class PushMessage(Struct, frozen=True):
    """One message. `name` is the same for the same message: one that still waits there is replaced, not doubled."""

    body: bytes
    name: str
    ttl_seconds: int
    urgency: Urgency = Urgency.NORMAL


@runtime_checkable
class Push(Protocol):
    """Sends messages (`adapters.web_push`). An installation that writes to no push service has None in its place."""

    def takes(self, endpoint: str) -> bool:
        """Tell whether this installation writes to the service of an address."""
        ...

    async def send(self, authority: str, address: PushAddress, message: PushMessage) -> None:
        """Hand one message over. Back from here, the service has taken it: not that anybody has seen it.

        Raises:
            PushGone: the address is over.
            PushRefused: it will not be taken later either.
            PushAway, KeyMissing: it may be sent again.
        """
        ...

    async def close(self) -> None:
        """Let go of whatever is open."""
        ...


def check_address(endpoint: str, point: str, secret: str, *, made_for: str) -> PushAddress:
    """Return an address as it is kept; `point` and `secret` as browsers write them (base64url).

    Raises:
        BadPushAddress: it is no address over https, or its keys are none that can be encrypted for.
    """
    try:
        parts = urlsplit(endpoint)
        host, _ = parts.hostname, parts.port
        address = PushAddress(endpoint, _bytes(point), _bytes(secret), made_for)
    except ValueError:
        raise BadPushAddress("This is no address of a push service.") from None
    if len(endpoint) > LONGEST_ENDPOINT or not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint:
        raise BadPushAddress(f"An address has at most {LONGEST_ENDPOINT} characters of ASCII, and no space.")
    if parts.scheme not in {"https", "http"} or not host or "@" in parts.netloc or "\\" in endpoint or parts.fragment:
        raise BadPushAddress("An address names a host, and neither a user nor a fragment.")
    if len(address.secret) != SECRET_BYTES or not _is_point(address.point):
        raise BadPushAddress("Its keys are none of a browser: `p256dh` is a point of P-256, `auth` 16 bytes.")
    return address


async def register(unit: Unit, new: Subscriber) -> None:
    """Let a device be written to; one that is known already has its new address, and what it chose.

    Raises:
        BadSubscription: its quiet hours are none.
    """
    check_quiet(new.quiet)
    known = await unit.subscribers.by_whose(new.authority_id, new.whose)
    if known is None:
        await unit.subscribers.add(new)
    else:
        await unit.subscribers.save(replace(new, created_at=known.created_at))


async def forget(unit: Unit, authority_id: UUID, whose: bytes) -> None:
    """Write to a device no more; one that is not known was forgotten already."""
    known = await unit.subscribers.by_whose(authority_id, whose)
    if known is not None and known.channel is Channel.PUSH:
        await unit.subscribers.remove(known.id)


def ttl_seconds(expires_at: datetime, now: datetime) -> int:
    """Return how long a push service may keep a message for a telephone that is off: to the end of what it says."""
    return max(0, int((expires_at - now).total_seconds()))


def _bytes(text: str) -> bytes:
    if len(text) > 2 * POINT_BYTES:
        raise ValueError("too long")
    return b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _is_point(raw: bytes) -> bool:
    """Tell whether these bytes are a point of the curve: one beside it would give a part of our key away."""
    if len(raw) != POINT_BYTES or raw[0] != 4:
        return False
    x, y = int.from_bytes(raw[1:33], "big"), int.from_bytes(raw[33:], "big")
    return x < _P and y < _P and (y * y - (x * x * x - 3 * x + _B)) % _P == 0
