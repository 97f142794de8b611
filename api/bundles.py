"""Offline bundles, for gates that must go on when nobody can be asked.

A bundle is made when somebody asks and what was made last may no longer be true. It is kept in the database as it was
signed, so every worker hands out the same one, and the next one has a greater sequence whoever makes it.
"""

import asyncio
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter
from msgspec import Struct
from msgspec.structs import replace

from adapters import roots
from adapters.keyring import KeyMissing, KeyRing, Purpose
from api.conditional import names
from domain.access.catalogue import Catalogue
from domain.errors import Overloaded
from domain.errors.places import BundleNotFound
from domain.offline import content_of, doorways_of
from domain.places import Doorway, local_day
from domain.ports import Clock
from domain.terminals import Ability
from nfc import bundle, bundle_delta, status_list
from nfc.bundle import Bundle
from nfc.errors import CodeError
from nfc.keys import SigningKey
from store import bundles, status_lists
from store.bundles import Basis, Issued
from store.database import Database
from store.entitled_lists import Question, entitled
from store.terminal_tokens import TerminalSession

LOOK = timedelta(minutes=5)
"""How long rights are taken for what they were: what is spent meanwhile shows with the next look."""

RENEW = timedelta(minutes=15)
"""A bundle that does not change is signed anew, so that a quiet one can be told from one that is held back."""

LIFE = timedelta(hours=24)

MOST_DELTAS = 256
"""Deltas that are remembered: gates that were off the network together ask from the same sequence."""

_CACHE = {"Cache-Control": "private, no-cache"}


class Made(Struct, frozen=True):
    """A bundle, and the same signed."""

    bundle: Bundle
    body: bytes

    @property
    def tag(self) -> str:
        """Weak: it names what is known, whole or as a delta."""
        return f'W/"{self.bundle.sequence}"'


class _Scene(Struct, frozen=True):
    """What there is at one moment: the last bundle, and what a new one would be made from."""

    service: str
    now: datetime
    last: Issued | None
    basis: Basis
    doors: list[Doorway]
    catalogue: Catalogue
    key: SigningKey
    keys: bytes

    @property
    def authority_id(self) -> UUID:
        return self.doors[0].site.authority_id

    @property
    def settled(self) -> bool:
        """Whether the last bundle is good enough."""
        last = self.last
        return (
            last is not None
            and last.basis == self.basis
            and self.now < last.checked_at + LOOK
            and self.now < last.issued_at + RENEW
        )

    @property
    def same_rights(self) -> bool:
        """Whether who may come in is known from the last bundle: only the status lists, or the keys, have moved."""
        last = self.last
        return (
            last is not None
            and (last.basis.day, last.basis.catalogue) == (self.basis.day, self.basis.catalogue)
            and self.now < last.checked_at + LOOK
        )


class Bundles:
    """Makes the bundles of this installation's services, and keeps the last of each."""

    def __init__(self, database: Database, keyring: KeyRing, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._catalogue: Catalogue | None = None
        self._kept: dict[tuple[UUID, str], Made] = {}
        self._deltas: dict[tuple[UUID, str, int, int], bytes] = {}
        self._turn = asyncio.Lock()

    async def for_terminal(self, session: TerminalSession, service: str) -> Made:
        """Return the bundle of a service of which a terminal has a gate.

        Raises:
            BundleNotFound: none of its gates is one of the service.
            KeyMissing: as `current`.
        """
        scene = await self._scene(session.authority_id, service)
        if not any(door.gate.id in session.gates.values() for door in scene.doors):
            raise BundleNotFound(f"No gate of this terminal is one of the service {service}.")
        return await self._current(scene)

    async def current(self, authority_id: UUID, service: str) -> Made:
        """Return the bundle of a service: what was stopped a moment ago is in it, what was spent within minutes.

        Raises:
            BundleNotFound: the authority has no gate of such a service.
            KeyMissing: the authority has no key that signs bundles.
        """
        return await self._current(await self._scene(authority_id, service))

    async def changes(self, made: Made, authority_id: UUID, since: int) -> bytes | None:
        """Return what has changed since a sequence; None where the whole bundle is the better answer."""
        new = made.bundle
        place = (authority_id, new.service, since, new.sequence)
        if place not in self._deltas:
            old = new if since == new.sequence else await self._stored(authority_id, new.authority, new.service, since)
            if old is None or since > new.sequence:
                return None
            if len(self._deltas) >= MOST_DELTAS:
                self._deltas.clear()
            key = self._keyring.signing_key(new.authority, Purpose.BUNDLE)
            self._deltas[place] = bundle_delta.make(key, old, new)
        delta = self._deltas[place]
        return delta if len(delta) < len(made.body) else None

    async def _current(self, scene: _Scene) -> Made:
        made = await self._made(scene, scene.last) if scene.settled else None
        if made is not None:
            return made
        async with self._turn:  # whoever comes second finds what the first has made
            scene = await self._scene(scene.authority_id, scene.service)
            made = await self._made(scene, scene.last) if scene.settled else None
            return made or await self._renew(scene)

    async def _scene(self, authority_id: UUID, service: str) -> _Scene:
        now = self._clock()
        async with self._database.read() as connection:
            last = await bundles.newest(connection, authority_id, service)
            sources = await bundles.sources(connection, authority_id)
        catalogue = self._catalogue
        if catalogue is None or catalogue.version != sources.catalogue:
            catalogue = self._catalogue = await self._database.catalogue()
        doors = doorways_of(catalogue, authority_id, service)
        if not doors:
            raise BundleNotFound(f"There is no gate of the service {service}.")
        code = doors[0].authority_code
        key = self._keyring.signing_key(code, Purpose.BUNDLE)
        try:
            keys = roots.published(self._keyring, code)
        except KeyMissing:
            keys = b""  # no root yet: its terminals have their keys from elsewhere
        day = local_day(now, doors[0].time_zone).isoformat()
        basis = Basis(day, catalogue.version, sources.lists, sha256(key.kid + keys).hexdigest()[:32])
        return _Scene(service, now, last, basis, doors, catalogue, key, keys)

    async def _made(self, scene: _Scene, issued: Issued | None) -> Made | None:
        """Return a bundle that was issued; None where there is none, or others have issued so many that it is gone."""
        if issued is None:
            return None
        place = (scene.authority_id, scene.service)
        kept = self._kept.get(place)
        if kept is None or kept.bundle.sequence != issued.sequence:
            async with self._database.read() as connection:
                body = await bundles.body(connection, *place, issued.sequence)
            if body is None:
                return None
            kept = self._kept[place] = Made(bundle.unverified(body), body)
        return kept

    async def _renew(self, scene: _Scene) -> Made:
        """Make the bundle anew, and issue it unless it says what the last one says."""
        made = await self._made(scene, scene.last)
        before = made.bundle if made is not None else None
        same_rights = scene.same_rights and before is not None
        status, may = {}, {}
        for number in sorted(scene.basis.lists):
            async with self._database.read() as connection:
                size = await status_lists.size_of(connection, scene.authority_id, number)
                if size is None:
                    continue
                stopped = await status_lists.entries(connection, scene.authority_id, number)
            status[number] = status_list.pack(stopped.items(), size=size)
            if before is not None and same_rights and number in before.entitled:
                may[number] = before.entitled[number]
            else:
                may[number] = await self._entitled(scene, number, size)
        checked_at = scene.last.checked_at if scene.last is not None and same_rights else scene.now
        new = Bundle(
            scene.doors[0].authority_code,
            scene.service,
            # Seconds, so that a database from a backup does not go on below what gates have seen.
            max(scene.last.sequence + 1 if scene.last is not None else 1, int(scene.now.timestamp())),
            int(scene.now.timestamp()),
            int((scene.now + LIFE).timestamp()),
            status,
            may,
            scene.keys,
            msgspec.json.encode(content_of(scene.catalogue, scene.doors, date.fromisoformat(scene.basis.day))),
        )
        return await self._issue(scene, before, new, checked_at)

    async def _entitled(self, scene: _Scene, number: int, size: int) -> bytes:
        day = date.fromisoformat(scene.basis.day)
        question = Question(scene.authority_id, scene.service, day, scene.catalogue, scene.doors)
        return bundle.bits(await entitled(self._database, question, number, size), size)

    async def _issue(self, scene: _Scene, before: Bundle | None, new: Bundle, checked_at: datetime) -> Made:
        place, last = (scene.authority_id, scene.service), scene.last
        signed = bundle.issue(scene.key, new)
        async with self._database.write() as connection:
            await bundles.lock(connection, scene.authority_id)
            newest = await bundles.newest(connection, *place)
            if newest is not None and (last is None or newest.sequence > last.sequence):
                pass  # another worker was faster: one bundle is enough
            elif last is not None and before is not None and self._says_the_same(scene, before, new):
                await bundles.found_true(connection, *place, replace(last, checked_at=checked_at, basis=scene.basis))
                newest = last
            else:
                newest = Issued(new.sequence, scene.now, checked_at, scene.basis)
                await bundles.add(connection, *place, newest, signed)
                return Made(new, signed)
        made = await self._made(scene, newest)
        if made is None:
            raise Overloaded("Others keep issuing this bundle: ask again.")
        return made

    @staticmethod
    def _says_the_same(scene: _Scene, before: Bundle, new: Bundle) -> bool:
        dated = replace(before, sequence=new.sequence, issued_at=new.issued_at, expires_at=new.expires_at)
        soon = scene.last is not None and scene.now < scene.last.issued_at + RENEW
        return soon and dated == new and scene.last is not None and scene.last.basis.keys == scene.basis.keys

    async def _stored(self, authority_id: UUID, authority: str, service: str, sequence: int) -> Bundle | None:
        async with self._database.read() as connection:
            body = await bundles.body(connection, authority_id, service, sequence)
        if body is None:
            return None
        trusted = self._keyring.verify_keys(Purpose.BUNDLE)
        try:
            return bundle.read(body, trusted, authority=authority, service=service, newest=0)
        except CodeError:  # its key was withdrawn since
            return None


@get(
    "/terminals/bundles/{service:str}",
    opt={"rule": Ability.WORK_OFFLINE},
    media_type=bundle.MEDIA_TYPE,
    summary="What a gate of a service needs when nobody can be asked",
    tags=["Terminals"],
    responses={304: ResponseSpec(data_container=None, description="The bundle is the one you have.")},
)
async def show(
    request: Request[TerminalSession, Any, Any],
    service: FromPath[str],
    offline: NamedDependency[Bundles],
    since: Annotated[int | None, QueryParameter(ge=0, lt=2**53)] = None,
) -> Response[bytes]:
    """Hand out the signed offline bundle of a service, to a terminal that has a gate of it.

    With `since`, the sequence of the bundle you have, the answer is a delta where there is one: look at its
    `Content-Type`. Ask again with `If-None-Match` and the last `ETag`. How to read it: docs/offline.md.
    """
    session = request.user
    made = await offline.for_terminal(session, service)
    headers = {**_CACHE, "ETag": made.tag}
    if names(request.headers.get("if-none-match", ""), made.tag):
        return Response(b"", status_code=304, headers=headers)
    delta = await offline.changes(made, session.authority_id, since) if since is not None else None
    if delta is not None:
        return Response(delta, media_type=bundle_delta.MEDIA_TYPE, headers=headers)
    return Response(made.body, media_type=bundle.MEDIA_TYPE, headers=headers)


ROUTER = Router(path="/v1", route_handlers=[show])
