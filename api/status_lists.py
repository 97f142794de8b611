"""Status lists, for whoever verifies passes without asking us about each one."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, PathParameter, QueryParameter
from msgspec import Struct

from adapters.keyring import KeyRing, Purpose
from api.conditional import names
from api.rules import Rule
from domain.ports import Clock
from nfc import status_delta, status_list
from store import status_lists
from store.database import Database

PATH = "/v1/public/{authority}/status-lists/{list_number}"

TTL_SECONDS = 60
"""A verifier asks again after a minute."""

RENEW_SECONDS = 3_600
"""A list that does not change is signed anew every hour, so that a quiet one can be told from one that is held back."""

LIFE_SECONDS = 24 * 3_600
"""A verifier that was cut off for longer has nothing to go by."""

_CACHE = {"Cache-Control": "public, no-cache"}
"""Caches may keep it and must ask each time: what was revoked shows with the next fetch."""


class Snapshot(Struct, frozen=True):
    """A signed list. Every worker makes its own, so the tag is weak: same tag, same statuses, another signature."""

    tag: str
    body: bytes


class StatusLists:
    """The lists as they were last signed: made anew when a medium of theirs has changed, or with the hour."""

    def __init__(self, database: Database, keyring: KeyRing, clock: Clock, *, public_url: str) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._public_url = public_url.rstrip("/")
        self._kept: dict[tuple[UUID, int], Snapshot] = {}
        self._turn = asyncio.Lock()

    async def current(self, authority: str, number: int) -> Snapshot:
        """Return a list as it is now: one look into the database, or two and a signature if it has changed.

        Raises:
            AuthorityNotFound, StatusListNotFound: there is none.
            KeyMissing: the authority has no key that signs lists.
        """
        now = int(self._clock().timestamp())
        async with self._database.read() as connection:
            head = await status_lists.head(connection, authority, number)
        key = self._keyring.signing_key(authority, Purpose.BUNDLE)
        place = (head.authority_id, number)
        tag = f'W/"{head.version}.{now // RENEW_SECONDS}.{key.kid.hex()}"'
        async with self._turn:
            kept = self._kept.get(place)
            if kept is not None and kept.tag == tag:
                return kept
            async with self._database.read() as connection:
                entries = await status_lists.entries(connection, head.authority_id, number)
            body = status_list.issue(
                key,
                status_list.pack(entries.items()),
                uri=self._public_url + PATH.format(authority=authority, list_number=number),
                version=head.version,
                issued_at=now,
                expires_at=now + LIFE_SECONDS,
                ttl_seconds=TTL_SECONDS,
            )
            self._kept[place] = Snapshot(tag, body)
            return self._kept[place]

    async def delta(self, authority: str, number: int, since: int) -> Snapshot | None:
        """Return what has changed since a version, or nothing where the whole list is the better answer.

        Raises:
            AuthorityNotFound, KeyMissing: as `current`.
        """
        now = int(self._clock().timestamp())
        async with self._database.read() as connection:
            head = await status_lists.head(connection, authority, number)
            changed = (
                await status_lists.changes(connection, head.authority_id, number, since=since, until=head.version)
                if since <= head.version
                else None
            )
        if changed is None:
            return None
        key = self._keyring.signing_key(authority, Purpose.BUNDLE)
        body = status_delta.issue(
            key,
            changed,
            uri=self._public_url + PATH.format(authority=authority, list_number=number),
            from_version=since,
            to_version=head.version,
            issued_at=now,
            expires_at=now + LIFE_SECONDS,
            ttl_seconds=TTL_SECONDS,
        )
        return Snapshot(f'W/"{since}-{head.version}.{now // RENEW_SECONDS}.{key.kid.hex()}"', body)


@get(
    "/public/{authority:str}/status-lists/{list_number:int}",
    opt={"rule": Rule.PUBLIC},
    media_type=status_list.MEDIA_TYPE,
    summary="What became of the media of a list",
    tags=["Keys"],
    responses={304: ResponseSpec(data_container=None, description="The list is the one you have.")},
)
async def show(
    request: Request[Any, Any, Any],
    authority: FromPath[str],
    list_number: Annotated[int, PathParameter(ge=0, lt=2**31)],
    lists: NamedDependency[StatusLists],
) -> Response[bytes]:
    """Publish a status list (IETF Token Status List, CWT form, two bits a place), signed by the authority's bundle key.

    A medium that was stopped a moment ago is in it. Ask again with `If-None-Match` and the last `ETag`.
    """
    snapshot = await lists.current(authority, list_number)
    headers = {**_CACHE, "ETag": snapshot.tag}
    if names(request.headers.get("if-none-match", ""), snapshot.tag):
        return Response(b"", status_code=304, headers=headers)
    return Response(snapshot.body, media_type=status_list.MEDIA_TYPE, headers=headers)


@get(
    "/public/{authority:str}/status-lists/{list_number:int}/changes",
    opt={"rule": Rule.PUBLIC},
    media_type=status_delta.MEDIA_TYPE,
    summary="What has changed in a list since a version",
    tags=["Keys"],
    responses={304: ResponseSpec(data_container=None, description="Nothing has changed since you asked.")},
)
async def changes(
    request: Request[Any, Any, Any],
    authority: FromPath[str],
    list_number: Annotated[int, PathParameter(ge=0, lt=2**31)],
    lists: NamedDependency[StatusLists],
    since: Annotated[int, QueryParameter(ge=0, lt=2**31)],
) -> Response[bytes]:
    """Publish what the places say that have changed since `since`, the version of the list you have, signed like it.

    Where that is too long ago, or too much, the answer is the whole list: look at its `Content-Type`.
    """
    found, kind = await lists.delta(authority, list_number, since), status_delta.MEDIA_TYPE
    if found is None:
        found, kind = await lists.current(authority, list_number), status_list.MEDIA_TYPE
    headers = {**_CACHE, "ETag": found.tag}
    if names(request.headers.get("if-none-match", ""), found.tag):
        return Response(b"", status_code=304, headers=headers)
    return Response(found.body, media_type=kind, headers=headers)


ROUTER = Router(path="/v1", route_handlers=[show, changes])
