"""A push service and the browsers behind it, played over HTTP: it keeps what comes, they decrypt it as browsers do."""

import asyncio
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct
from sqlalchemy import select

from adapters.keyring import KeyRing
from adapters.subscriber_keys import SubscriberKeys
from domain.notices import Notice
from domain.places import Authority
from domain.push import PushAddress
from domain.subscribers import Channel
from store.database import Database
from store.tables.notices import notice_delivery, subscriber

_CURVE = ec.SECP256R1()


class Posted(Struct, frozen=True):
    """One request that the service has got."""

    path: str
    headers: dict[str, str]
    body: bytes


class Browser:
    """A browser that was let write to, under one address of the service."""

    def __init__(self, origin: str, name: str) -> None:
        self._key = ec.generate_private_key(_CURVE)
        self._secret = os.urandom(16)
        self.path = f"/push/{name}"
        self.endpoint = origin + self.path

    @property
    def subscription(self) -> dict[str, Any]:
        """What `PushSubscription.toJSON()` gives."""
        keys = {"p256dh": text(_point(self._key.public_key())), "auth": text(self._secret)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def read(self, posted: Posted) -> dict[str, Any]:
        """Decrypt a message (RFC 8188, section 2; RFC 8291, section 3)."""
        assert posted.headers["content-encoding"] == "aes128gcm"
        salt, size = posted.body[:16], posted.body[20]
        theirs, sealed = posted.body[21 : 21 + size], posted.body[21 + size :]
        shared = self._key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, theirs))
        info = b"WebPush: info\x00" + _point(self._key.public_key()) + theirs
        material = HKDF(SHA256(), 32, self._secret, info).derive(shared)
        key = HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\x00").derive(material)
        nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\x00").derive(material)
        plain, mark, _ = AESGCM(key).decrypt(nonce, sealed, None).rpartition(b"\x02")
        assert mark
        said: dict[str, Any] = msgspec.json.decode(plain)
        return said


class PushService:
    """What it has got, and what it answers."""

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self.status = 201
        self.origin = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:]) if name}
        body = await reader.readexactly(int(headers["content-length"]))
        self.posted.append(Posted(head[0].split(" ")[1], headers, body))
        writer.write(f"HTTP/1.1 {self.status} Said\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


def sender_of(posted: Posted) -> tuple[str, dict[str, Any]]:
    """Check who a request says it is of (RFC 8292): return the key that it names, and what is signed with it."""
    scheme, _, rest = posted.headers["authorization"].partition(" ")
    assert scheme == "vapid"
    parts = dict(part.split("=", 1) for part in rest.split(", "))
    key = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, raw(parts["k"]))
    claims = jwt.decode(parts["t"], key, algorithms=["ES256"], options={"verify_aud": False, "verify_exp": False})
    return parts["k"], claims


async def written_to(database: Database, keyring: KeyRing, city: Authority, sent: Notice) -> list[str]:
    """The addresses that a notice is brought to, whoever brings it."""
    mine = select(notice_delivery.c.subscriber_id).where(notice_delivery.c.notice_id == sent.id)
    async with database.read() as connection:
        found = (await connection.execute(select(subscriber).where(subscriber.c.id.in_(mine)))).all()
    keys = SubscriberKeys(keyring)
    opened = [keys.unseal(city.code, row.id, row.address) for row in found if row.channel == Channel.PUSH]
    return sorted(msgspec.json.decode(one, type=PushAddress).endpoint for one in opened)


def raw(written: str) -> bytes:
    """Read base64url."""
    return urlsafe_b64decode(written + "=" * (-len(written) % 4))


def text(data: bytes) -> str:
    """Write base64url."""
    return urlsafe_b64encode(data).decode().rstrip("=")


@asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    """Run one on a free port."""
    service = PushService()
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    service.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield service
    finally:
        server.close()
        await server.wait_closed()


def _point(public: ec.EllipticCurvePublicKey) -> bytes:
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
