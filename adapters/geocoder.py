"""Directories of addresses in the form of the Base Adresse Nationale (GeocodeJSON of addok).

One that answers over HTTP: the national service, or an addok of one's own; or a file of the same form, for
demonstrations and for a small town.
"""

import asyncio
import unicodedata
from pathlib import Path
from typing import Final

import httpx
import msgspec
import structlog
from msgspec import Struct

from domain.addresses import FoundAddress, Geocoder

TIMEOUT_SECONDS: Final = 3.0
LARGEST_BYTES: Final = 256 * 1024
MOST: Final = 5
_LIKELY: Final = 0.3
"""Of 1: below this the directory has found something else."""

_DOORS: Final = frozenset({"housenumber", "street", "locality"})
"""What somebody may live at: a whole town is no address."""

log = structlog.get_logger("geocoder")


class _Properties(Struct, frozen=True):
    name: str
    postcode: str
    city: str
    citycode: str
    type: str = "housenumber"
    score: float = 1.0


class _Feature(Struct, frozen=True):
    properties: _Properties


class _Found(Struct, frozen=True):
    features: list[_Feature]


def geocoder_of(*, url: str, file: str) -> Geocoder | None:
    """Return the directory of this installation: over HTTP, a file, or (None) none."""
    if url:
        return HttpGeocoder(url)
    return FileGeocoder(Path(file)) if file else None


class HttpGeocoder:
    """Asks a service of the Base Adresse Nationale's make. What it cannot say in three seconds nobody waits for."""

    def __init__(self, url: str) -> None:
        self._url = f"{url.rstrip('/')}/search/"
        self._opened: httpx.AsyncClient | None = None

    async def search(self, typed: str) -> list[FoundAddress] | None:
        """Ask for what was typed, and no more."""
        if self._opened is None:
            self._opened = httpx.AsyncClient(
                timeout=TIMEOUT_SECONDS,
                follow_redirects=False,
                trust_env=False,
                headers={"user-agent": "MultiPass/1", "accept": "application/json"},
            )
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return _read(await self._ask(self._opened, typed))
        except (TimeoutError, httpx.HTTPError, msgspec.MsgspecError, ValueError) as problem:
            log.warning("geocoder_away", problem=type(problem).__name__)
            return None

    async def close(self) -> None:
        """Let go of every connection."""
        if self._opened is not None:
            await self._opened.aclose()

    async def _ask(self, client: httpx.AsyncClient, typed: str) -> bytes:
        async with client.stream("GET", self._url, params={"q": typed, "limit": str(MOST)}) as answer:
            answer.raise_for_status()
            content = b""
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > LARGEST_BYTES:
                    raise ValueError("The directory says too much.")
            return content


class FileGeocoder:
    """Looks in a file of the same form: each word that was typed begins a word of what is found."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: list[tuple[list[str], FoundAddress]] | None = None

    async def search(self, typed: str) -> list[FoundAddress] | None:
        """Look for what was typed. A file that is not there, or is none, does not answer."""
        if self._known is None:
            try:
                content = await asyncio.to_thread(self._path.read_bytes)
                found = [one.properties for one in msgspec.json.decode(content, type=_Found).features]
            except (OSError, msgspec.MsgspecError) as problem:
                log.warning("geocoder_away", problem=type(problem).__name__)
                return None
            self._known = [(_words(f"{one.name} {one.postcode} {one.city}"), _address(one)) for one in found]
        asked = _words(typed)
        fits = (
            address
            for words, address in self._known
            if all(any(word.startswith(one) for word in words) for one in asked)
        )
        return [address for address, _ in zip(fits, range(MOST), strict=False)]

    async def close(self) -> None:
        """Nothing is held open."""


def written(addresses: list[FoundAddress]) -> bytes:
    """Write a file that `FileGeocoder` reads."""
    features = [_Feature(_Properties(one.line, one.postcode, one.city, one.commune_code)) for one in addresses]
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def _read(content: bytes) -> list[FoundAddress]:
    found = [one.properties for one in msgspec.json.decode(content, type=_Found).features]
    return [_address(one) for one in found if one.type in _DOORS and one.score >= _LIKELY][:MOST]


def _address(one: _Properties) -> FoundAddress:
    return FoundAddress(one.name, one.postcode, one.city, one.citycode)


def _words(text: str) -> list[str]:
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one if one.isalnum() else " " for one in bare if not unicodedata.combining(one)).split()
