"""What everybody may read: the keys that verify passes, in the formats of standard tools."""

from typing import Literal

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from adapters import roots
from adapters.keyring import KeyRing, Purpose
from api.rules import Rule
from nfc import key_set, keys

Published = Literal["print", "phone", "card", "bundle"]
"""Purposes whose keys a stranger needs: what was signed for one is refused for the others."""

_CACHE = {"Cache-Control": "public, max-age=300"}


@get("/keys/jwks.json", opt={"rule": Rule.PUBLIC}, summary="Keys as JWKS", tags=["Keys"])
async def jwks(
    keyring: NamedDependency[KeyRing], purpose: FromQuery[Published] = "print", authority: FromQuery[str | None] = None
) -> Response[dict[str, list[dict[str, str]]]]:
    """Publish the keys of one purpose as a JWK set (RFC 7517); withdrawn keys are not in it.

    `authority`: only those of the authority of this code. A key names none.
    """
    found = keyring.verify_keys(Purpose(purpose))
    if authority is not None:
        found = keys.key_set(key for same in found.values() for key in same if key.authority == authority)
    return Response(keys.jwks(found), headers=_CACHE)


@get(
    "/keys/cose",
    opt={"rule": Rule.PUBLIC},
    media_type="application/cose-key-set",
    summary="Keys as COSE_KeySet",
    tags=["Keys"],
)
async def cose(keyring: NamedDependency[KeyRing], purpose: FromQuery[Published] = "print") -> Response[bytes]:
    """Publish the same keys as a COSE_KeySet (RFC 9052 section 7)."""
    body = keys.cose_key_set(keyring.verify_keys(Purpose(purpose)))
    return Response(body, media_type="application/cose-key-set", headers=_CACHE)


@get(
    "/keys/{authority:str}/signed",
    opt={"rule": Rule.PUBLIC},
    media_type=key_set.MEDIA_TYPE,
    summary="Keys signed by the authority's root",
    tags=["Keys"],
)
async def signed(keyring: NamedDependency[KeyRing], authority: FromPath[str]) -> Response[bytes]:
    """Publish the keys of all purposes as the authority's offline root signed them, for verifiers without a network.

    Pin the root, keep the greatest version you have seen, and take no smaller one.
    """
    return Response(roots.published(keyring, authority), media_type=key_set.MEDIA_TYPE, headers=_CACHE)


ROUTER = Router(path="/v1", route_handlers=[jwks, cose, signed])
