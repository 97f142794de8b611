"""Web Push: messages to browsers and apps through a push service (RFC 8030, 8291, 8292), or into a folder.

The service is told who sends (VAPID: a token signed with the authority's key), never what, and whom only by the address
that it has drawn itself. Nothing here is logged.
"""

import asyncio
import os
import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
import jwt
import msgspec

from adapters.keyring import KeyRing, Purpose
from adapters.push_cipher import raw, seal
from adapters.push_services import PushServices
from domain.errors.push import PushAway, PushGone, PushRefused
from domain.ports import Clock
from domain.push import Push, PushAddress, PushMessage

TIMEOUT_SECONDS: Final = 10.0
TOKEN_LIFE: Final = timedelta(hours=12)
"""At most 24 hours (RFC 8292, section 2)."""

_GONE: Final = frozenset({404, 410})
_LATER: Final = frozenset({408, 425, 429})


def push_of(keyring: KeyRing, *, hosts: tuple[str, ...], folder: str, public_url: str, clock: Clock) -> Push | None:
    """Return how this installation pushes: by the services it may write to, into a folder, or (None) not at all."""
    if hosts:
        return WebPush(keyring, PushServices(hosts), public_url, clock)
    return FolderPush(Path(folder), clock) if folder else None


def public_key(keyring: KeyRing, authority: str) -> tuple[str, str]:
    """Return the key with which browsers ask for an address (`applicationServerKey`), and its name.

    Raises:
        KeyMissing: the authority has none.
    """
    key = keyring.signing_key(authority, Purpose.PUSH)
    return _text(raw(key.public)), key.kid.hex()


class WebPush:
    """Posts each message to the service of its address."""

    def __init__(self, keyring: KeyRing, services: PushServices, public_url: str, clock: Clock) -> None:
        self._keyring = keyring
        self._services = services
        self._sender = public_url
        self._clock = clock
        self._opened: httpx.AsyncClient | None = None

    def takes(self, endpoint: str) -> bool:
        """Tell whether the operator has named the service of an address."""
        return self._services.takes(endpoint)

    async def send(self, authority: str, address: PushAddress, message: PushMessage) -> None:
        """Encrypt one message for its reader, and hand it to the service."""
        route = await self._services.route(address.endpoint)
        headers = {
            "host": route.host,
            "authorization": self._proof(authority, address),
            "content-type": "application/octet-stream",
            "content-encoding": "aes128gcm",
            "ttl": str(message.ttl_seconds),
            "urgency": message.urgency.value,
            "topic": message.name,
        }
        if self._opened is None:
            self._opened = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)
        sealed = seal(message.body, address)
        post = self._opened.build_request("POST", route.url, content=sealed, headers=headers)
        post.extensions.update(route.extensions)
        try:
            answer = await self._opened.send(post, stream=True)  # what it says beyond the status is not read
            await answer.aclose()
        except (httpx.HTTPError, OSError) as problem:
            raise PushAway(f"The push service is away: {type(problem).__name__}.") from None
        _judge(answer.status_code)

    async def close(self) -> None:
        """Let go of every connection."""
        if self._opened is not None:
            await self._opened.aclose()

    def _proof(self, authority: str, address: PushAddress) -> str:
        """Say who sends, under the key that the address was asked with (RFC 8292, sections 2 and 3)."""
        key = self._keyring.named_key(authority, Purpose.PUSH, address.made_for)
        parts = urlsplit(address.endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": self._clock() + TOKEN_LIFE,
            "sub": self._sender,
        }
        return f"vapid t={jwt.encode(claims, key.private, algorithm='ES256')}, k={_text(raw(key.public))}"


class FolderPush:
    """Writes each message as a file, as it would be read: for demonstrations and tests, not for people."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def takes(self, endpoint: str) -> bool:
        """Take every address: nothing leaves."""
        return bool(endpoint)

    async def send(self, authority: str, address: PushAddress, message: PushMessage) -> None:
        """Write one message."""
        name = f"{self._clock():%Y%m%dT%H%M%S}-{secrets.token_hex(6)}.json"
        said = msgspec.json.encode({"authority": authority, "to": address.endpoint, "said": msgspec.Raw(message.body)})
        try:
            await asyncio.to_thread(self._write, name, said)
        except OSError as problem:
            raise PushAway(f"The folder of messages cannot be written: {type(problem).__name__}.") from None

    async def close(self) -> None:
        """Nothing is held open."""

    def _write(self, name: str, said: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self._folder / f".{name}"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(said)
        part.rename(self._folder / name)


def _judge(status: int) -> None:
    """Say what the answer of a push service means (RFC 8030, sections 5 and 7.3)."""
    if status in _GONE:
        raise PushGone("This address is over.")
    if status in _LATER or status >= 500:
        raise PushAway(f"The push service asks to come back ({status}).")
    if not 200 <= status < 300:
        raise PushRefused(f"The push service refuses it ({status}).")


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
