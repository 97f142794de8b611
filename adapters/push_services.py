"""Which push services are written to: those that the operator named, and never a machine of this network by chance.

Whoever registers names the address that this server then writes to. So its host stands in a list, and what the host
leads to is looked at before each message: a public address, or one that the operator wrote out.
"""

import asyncio
import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx
from msgspec import Struct

from domain.errors.push import PushAway, PushRefused

_PORTS = {"https": 443, "http": 80}


class Route(Struct, frozen=True):
    """How a service is reached: `url` holds the address that was looked at, `host` the name it goes by."""

    url: str
    host: str
    extensions: dict[str, str]


class PushServices:
    """The list: `updates.push.example`, `*.push.example`, or an origin of the operator's own network."""

    def __init__(self, hosts: tuple[str, ...]) -> None:
        self._origins = frozenset(one for one in hosts if "://" in one)
        self._names = frozenset(one for one in hosts if "://" not in one and not one.startswith("*."))
        self._suffixes = tuple(one.removeprefix("*") for one in hosts if one.startswith("*."))

    def takes(self, endpoint: str) -> bool:
        """Tell whether an address is one of theirs."""
        try:
            parts = urlsplit(endpoint)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if f"{parts.scheme}://{parts.netloc}" in self._origins:
            return True
        named = host in self._names or (bool(self._suffixes) and host.endswith(self._suffixes))
        return parts.scheme == "https" and port in {None, 443} and named

    async def route(self, endpoint: str) -> Route:
        """Look up where an address leads, and hold on to that: a name may lead elsewhere a moment later.

        Raises:
            PushRefused: it is none of theirs, or leads into a network that is not public.
            PushAway: its name is not known now.
        """
        if not self.takes(endpoint):
            raise PushRefused("This installation does not write to this push service.")
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        address = await _looked_up(host, port)
        if f"{parts.scheme}://{parts.netloc}" not in self._origins and not ip_address(address).is_global:
            raise PushRefused("This push service leads into a network that is not public.")
        url = httpx.URL(endpoint).copy_with(host=address, port=port)
        return Route(str(url), parts.netloc, {"sni_hostname": host} if parts.scheme == "https" else {})


async def _looked_up(host: str, port: int) -> str:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        raise PushAway(f"The push service is not found: {type(problem).__name__}.") from None
    return str(found[0][4][0])
