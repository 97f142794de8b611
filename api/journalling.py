"""How a route's act comes into the journal: declared beside its rule, written with what it does.

A route with `opt={"rule": Permission.X, "journal": Act.Y}` has a `Note` for each request. What it was done to stands in
the address; where it does not, the handler says so (`note.about`). A unit of work that the handler opens with `begin`
and leaves cleanly carries the entry, in the same transaction. Of everything else (what is only read, what goes through
the ledger's lane) the entry is written after the handler and before its answer leaves: no entry, no answer.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from msgspec.structs import replace

from api.auth import real_source
from api.journalled_objects import named_by
from api.personal_tokens import shown_with
from domain.acts import Act
from domain.agents import Agent
from domain.errors import NotFound
from domain.journal import Door, Entry, Object, Origin
from domain.ports import Clock, Unit
from store.database import Begin, Database


class Note:
    """What one request will leave in the journal."""

    def __init__(
        self, act: Act, agent: Agent, origin: Origin, *, path: dict[str, Any], database: Database, clock: Clock
    ) -> None:
        self._asked = self._act = act
        self._agent = agent
        self._origin = origin
        self._path = path
        self._database = database
        self._clock = clock
        self._object: Object | None = None
        self._why: str | None = None
        self._on_behalf_of: UUID | None = None
        self._written = False
        self._others: list[UUID] = []

    def about(self, object_: Object) -> None:
        """Say what it was done to, where the address does not."""
        self._object = object_

    def names(self, holder: str) -> None:
        """Say whose reference stands in the body, where the address names what they join."""
        self._path = {**self._path, "holder": holder}

    def because(self, why: str | None) -> None:
        """Say why it was done: the code of a motive, or of what it belongs to."""
        self._why = why

    def acts_for(self, holder_id: UUID) -> None:
        """Say on whose mandate the agent acted."""
        self._on_behalf_of = holder_id

    def was(self, act: Act) -> None:
        """Say that it came to something else: a form that is shown again has only shown a file."""
        self._act = act

    def nothing(self) -> None:
        """Say that nothing was done and nobody's file was seen: there will be no entry."""
        self._written = True

    def was_refused(self) -> None:
        """Say that a form was not taken: nothing was done, but the page that says so shows what its address names."""
        if self._act is self._asked:
            self._act = Act.FILE_SHOWN

    def stands_in_files_of(self, holder_ids: Iterable[UUID]) -> None:
        """Say whom it concerned beside whoever the address names: in the file of each stands a line of its own."""
        self._others = list(holder_ids)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Unit]:
        """Open a unit of work that carries the entry, if it is left cleanly."""
        async with self._database.begin() as unit:
            await self._look(unit)  # before: what is ended or taken back may have no name afterwards
            yield unit
            await self._write(unit)
        self._written = True

    async def settle(self) -> None:
        """Write the entry, unless a unit of work has carried it."""
        if not self._written:
            async with self._database.begin() as unit:
                await self._write(unit)
            self._written = True

    async def _look(self, unit: Unit) -> None:
        if self._object is None:
            try:
                self._object = await named_by(unit, self._agent.authority_id, self._path)
            except NotFound:
                self._object = None  # for the handler to say, or to make

    async def _write(self, unit: Unit) -> None:
        object_ = self._object or await named_by(unit, self._agent.authority_id, self._path)
        for holder_id in dict.fromkeys([object_.holder_id, *self._others]):
            await self._add(unit, replace(object_, holder_id=holder_id))

    async def _add(self, unit: Unit, object_: Object) -> None:
        entry = Entry(
            authority_id=self._agent.authority_id,
            agent_id=self._agent.id,
            act=self._act,
            object=object_,
            origin=self._origin,
            at=self._clock(),
            on_behalf_of=self._on_behalf_of,
            why=self._why,
        )
        await unit.journal.add(entry)


_REFUSED = 400
"""Errors of the API are raised and leave nothing; a page of the console that says what is wrong is an answer."""

_NOTE: ContextVar[Note | None] = ContextVar("journal_note", default=None)


def no_note() -> None:
    """Forget whatever another request has left in this context."""
    _NOTE.set(None)


def take_note(connection: ASGIConnection[Any, Any, Any, Any], act: Act, agent: Agent, origin: Origin) -> None:
    """Open the note of a request, once it is known who asks, and from where."""
    state = connection.app.state
    path = dict(connection.path_params)
    _NOTE.set(Note(act, agent, origin, path=path, database=state.database, clock=state.clock))


def origin_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Origin:
    """From where a request comes: by the console where it has a session of it, else by the API.

    A token for a program stands in the place of a session: a line says which of somebody's programs it was.
    """
    session = getattr(connection.scope.get("auth"), "session", None)
    address = real_source(connection, connection.app.state.settings.trusted_proxies)
    if session is not None:
        return Origin(Door.CONSOLE, address, session.id)
    token = shown_with(connection)
    return Origin(Door.API, address, token.id if token is not None else None)


def journalled_begin(database: NamedDependency[Database]) -> Begin:
    """Return what opens units of work for this request: with its entry, where its route declares an act."""
    note = _NOTE.get()
    return database.begin if note is None else note.begin


def journal_note() -> Note:
    """Return the note of this request, for a handler whose address does not say what it is about, or why."""
    note = _NOTE.get()
    if note is None:
        msg = "this route declares no act"
        raise RuntimeError(msg)
    return note


async def journal_before_answer(response: Response[Any]) -> Response[Any]:
    """Write the entry of a request whose handler opened no unit of work, before its answer leaves.

    A page that says what is wrong with a form has done nothing that could be written.
    """
    note = _NOTE.get()
    if note is not None:
        if response.status_code is not None and response.status_code >= _REFUSED:
            note.was_refused()
        await note.settle()
    return response
