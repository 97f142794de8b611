"""clamd over its socket, where an installation has one: the file goes in, a word comes back (clamd(8), INSTREAM)."""

import asyncio
import struct
from enum import StrEnum
from typing import Final

_CHUNK: Final = 64 * 1024
_PATIENCE_SECONDS: Final = 30.0


class Finding(StrEnum):
    """What the antivirus says."""

    CLEAN = "clean"
    INFECTED = "infected"
    UNKNOWN = "unknown"
    """It is away, or does not understand."""


class Antivirus:
    """clamd at `unix:/path` or `tcp:host:port`; without an address nothing is scanned, and everything is clean."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def scan(self, data: bytes) -> Finding:
        """Have a file looked at. An antivirus that is away says nothing of it."""
        if not self._address:
            return Finding.CLEAN
        try:
            said = await asyncio.wait_for(self._ask(data), _PATIENCE_SECONDS)
        except (OSError, TimeoutError, ValueError):
            return Finding.UNKNOWN
        if said.endswith(b"FOUND"):
            return Finding.INFECTED
        return Finding.CLEAN if said.endswith(b"OK") else Finding.UNKNOWN

    async def _ask(self, data: bytes) -> bytes:
        kind, _, rest = self._address.partition(":")
        if kind == "unix":
            reader, writer = await asyncio.open_unix_connection(rest)
        else:
            host, _, port = rest.rpartition(":")
            reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(data), _CHUNK):
                chunk = data[start : start + _CHUNK]
                writer.write(struct.pack("!L", len(chunk)) + chunk)
                await writer.drain()
            writer.write(struct.pack("!L", 0))
            await writer.drain()
            return (await reader.readuntil(b"\0")).rstrip(b"\0 ")
        except asyncio.IncompleteReadError:
            return b""
        finally:
            writer.close()
