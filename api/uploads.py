"""`POST /v1/access/uploads`: what a terminal has decided alone, told afterwards, one passage a line.

The answer comes after the commit and names every line: stored, stored before, in conflict with what stands under its
key, or in quarantine. Each of these is final, so a terminal's queue empties whatever one line's fate is. Lines go to
the ledger a few at a time, through the lane of the gates, so that no gate waits for a terminal that comes back.
"""

import asyncio
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from urllib.parse import parse_qs

import msgspec
from litestar.types import Receive, Scope
from msgspec import UNSET, Meta, Struct, UnsetType

from api import bodies
from api.bodies import BodyTooLarge, InvalidRequest
from api.bundle_ages import Ages
from api.credentials import Credentials
from api.gate import Door, Reply
from api.past_states import as_they_were
from api.sessions import TerminalSessions, soon
from api.told_before import told_before
from api.upload_lines import Sender, key_of, scan_of
from domain.access.merge import Flag
from domain.errors import DomainError, LedgerUnavailable, NotAuthenticated, PassageUnsettled
from domain.errors.passes import KeyReused
from domain.errors.places import GateNotFound
from domain.ports import Clock
from domain.terminals import Ability, TerminalStatus
from store import quarantine, terminal_tokens
from store.database import Database
from store.ledger import KeyConflict, Lane, Scan, Settled, TerminalRevoked
from store.ledger.facts import flags_of
from store.ledger.scan import Repeated
from store.terminal_tokens import TerminalSession

UPLOADS_PATH = "/v1/access/uploads"

MAX_LINES = 500
MAX_UPLOAD = 1024 * 1024
"""Bytes of one upload."""

TOGETHER = 16
"""How many lines go to the ledger at once. Larger groups upload no faster and hold up the gates; smaller ones spare the
gates, and halve the speed on PostgreSQL: measured by `python -m bench upload` (docs/benchmarks.md)."""


class Status(StrEnum):
    """What became of a line. All are final: the terminal may forget the passage."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    QUARANTINED = "quarantined"


class LineResult(Struct, frozen=True, rename="camel"):
    """What became of one line, counted from 1. `key` is null where it could not be read.

    `code` is there where the line went to quarantine, which it does in conflict too: that of a problem.
    """

    line: int
    key: str | None
    status: Status
    flags: tuple[Flag, ...] = ()
    code: str | UnsetType = UNSET


class UploadResult(Struct, frozen=True, rename="camel"):
    """The results of an upload, in the order of its lines. A last line without its end is not among them."""

    server_time: datetime
    results: list[LineResult]


class _Line(Struct):
    """A line on its way."""

    number: int
    text: bytes
    scan: Scan | None = None
    result: LineResult | None = None

    def settle(self, status: Status, *, flags: tuple[Flag, ...] = (), code: str | UnsetType = UNSET) -> None:
        key = self.scan.key if self.scan is not None else key_of(self.text)
        self.result = LineResult(self.number, key, status, flags, code)

    def put_aside(self, problem: DomainError | type[DomainError]) -> None:
        status = Status.CONFLICT if problem is KeyReused else Status.QUARANTINED
        self.settle(status, code=problem.code)


_encoder = msgspec.json.Encoder()
_Instant = Annotated[datetime, Meta(tz=True)]


class UploadDoor(Door):
    """The door of uploads."""

    ability = Ability.WORK_OFFLINE

    def __init__(
        self, *, sessions: TerminalSessions, credentials: Credentials, lane: Lane, clock: Clock, database: Database
    ) -> None:
        super().__init__(sessions=sessions, lane=lane, clock=clock)
        self._credentials = credentials
        self._database = database
        self._ages = Ages(database)
        self._turn = asyncio.Semaphore(1)

    async def _answer(self, scope: Scope, receive: Receive) -> Reply:
        session = await self._session(scope)
        now = self._clock()
        body = await bodies.read(scope, receive, most=MAX_UPLOAD)
        drift = now - _sent_at(scope)
        sender = Sender(session, now, drift, await self._ages.of(session))
        lines = [_Line(number, text) for number, text in enumerate(_texts(body), 1) if text]
        await self._check_active(session)
        await self._take_in(lines, sender)
        await self._keep(lines, sender)
        results = [line.result for line in lines if line.result is not None]
        return Reply(_encoder.encode(UploadResult(self._clock(), results)))

    async def _take_in(self, lines: list[_Line], sender: Sender) -> None:
        for start in range(0, len(lines), TOGETHER):
            await self._read(lines[start : start + TOGETHER], sender)
        readable = [line for line in lines if line.scan is not None]
        # As they happened, whatever the order in which they were written down.
        readable.sort(key=_when)
        for start in range(0, len(readable), TOGETHER):
            # One upload after the other, a few lines each: the gates are in between.
            async with self._turn:
                await self._settle(readable[start : start + TOGETHER], sender)

    async def _read(self, lines: list[_Line], sender: Sender) -> None:
        # Proving a signature takes a tenth of a millisecond, and whoever stands at a gate goes first.
        await asyncio.sleep(0)
        for line in lines:
            try:
                line.scan = await scan_of(line.text, sender, self._credentials)
            except LedgerUnavailable:
                raise
            except DomainError as problem:
                line.put_aside(problem)

    async def _settle(self, lines: list[_Line], sender: Sender) -> None:
        scans = [line.scan for line in lines if line.scan is not None]
        for line, answer in zip(
            lines, await told_before(self._database, sender.session.authority_id, scans), strict=True
        ):
            if answer is not None:
                line.settle(Status.DUPLICATE, flags=flags_of(answer))
        lines = [line for line in lines if line.result is None]
        scans = await as_they_were(self._database, [line.scan for line in lines if line.scan is not None])
        settled = await take_in(self._lane, scans)
        for line, what in zip(lines, settled, strict=True):
            if what is TerminalRevoked:
                self._sessions.forget()
                raise NotAuthenticated("This terminal was revoked.")
            if isinstance(what, bytes):
                line.settle(Status.STORED, flags=flags_of(what))
            elif isinstance(what, Repeated):
                line.settle(Status.DUPLICATE, flags=flags_of(what.answer))
            else:
                line.put_aside(refusal_of(what))

    async def _keep(self, lines: list[_Line], sender: Sender) -> None:
        aside = [
            (line.text, line.result.code) for line in lines if line.result is not None and line.result.code is not UNSET
        ]
        if aside:
            async with self._database.write() as connection:
                await quarantine.hold(connection, sender.session, aside, received_at=sender.now, drift=sender.drift)

    async def _check_active(self, session: TerminalSession) -> None:
        """Refuse a terminal that was revoked a moment ago: lines that never reach the ledger are kept too."""
        async with soon(self._database) as connection:
            status = await terminal_tokens.status_of(connection, session.terminal_id)
        if status is not TerminalStatus.ACTIVE:
            self._sessions.forget()
            raise NotAuthenticated("This terminal was revoked.")


async def take_in(lane: Lane, scans: list[Scan]) -> list[Settled | PassageUnsettled]:
    """Hand facts to the ledger together, and say what became of each.

    Raises:
        LedgerUnavailable, Overloaded: not all are confirmed; the same lines may be sent again.
    """
    found: list[Settled | PassageUnsettled] = []
    for settled in await asyncio.gather(*(_submit(lane, scan) for scan in scans), return_exceptions=True):
        if isinstance(settled, BaseException) and not isinstance(settled, PassageUnsettled):
            raise settled
        found.append(settled)
    return found


async def _submit(lane: Lane, scan: Scan) -> Settled:
    return await lane.submit(scan)


def refusal_of(settled: Settled | PassageUnsettled) -> type[DomainError]:
    """Return the error that says why a fact was not stored."""
    if isinstance(settled, PassageUnsettled):
        return PassageUnsettled
    return KeyReused if settled is KeyConflict else GateNotFound


def _texts(body: bytes) -> list[bytes]:
    """Split a body into lines; what follows the last line end was cut off, and is not there."""
    texts = [text.strip(b"\r \t") for text in body.split(b"\n")[:-1]]
    if len(texts) > MAX_LINES:
        raise BodyTooLarge(f"At most {MAX_LINES} lines.")
    return texts


def _sent_at(scope: Scope) -> datetime:
    (text, *more) = parse_qs(scope["query_string"].decode("latin-1")).get("sentAt", [""])
    try:
        sent_at = msgspec.convert(text, _Instant)
    except msgspec.ValidationError as problem:
        raise InvalidRequest("`sentAt` is missing, or no instant with its time zone.") from problem
    if more or not 1970 <= sent_at.year < 2100:
        raise InvalidRequest("`sentAt` stands twice, or is no time that a clock shows.")
    return sent_at


def _when(line: _Line) -> tuple[datetime, int]:
    assert line.scan is not None  # noqa: S101 - only lines that were read are sorted
    assert line.scan.fact is not None  # noqa: S101 - and each is a fact
    return line.scan.fact.happened_at, line.scan.fact.sequence
