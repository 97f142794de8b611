"""Checking old files and taking them in, batch by batch: for the command line, the console and the background.

The file is read in a thread, once for each import; batches are short, so that gates and desks go on beside them.
"""

import asyncio
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError

from adapters.cards import CardKeys
from api.import_material import Material, read_material
from api.rounds import Rounds
from domain import imports
from domain.acts import Act
from domain.errors import AlreadyExists
from domain.errors.imports import BadImportPlan, ImportMoved
from domain.import_cells import Ground
from domain.import_headings import folded
from domain.import_kinds import ImportKind
from domain.imports import Import, ImportState, LineFlaw
from domain.journal import Door, Entry, Kind, Object, Origin
from domain.newcomers import may_be_imported
from domain.places import Authority, local_day
from domain.ports import Clock, Unit
from domain.products import Product
from domain.temporary_products import is_temporary
from nfc import uid as uids
from nfc.errors import CodeError
from store.database import Database
from store.imports import at_work, overdue
from store.rows import is_taken
from store.unit import SqlUnit

TOGETHER = 100
"""Lines of a batch in a server: some 50 ms of its time. A command of its own takes more."""

EVERY_SECONDS = 10.0

_TRIES = 5
_CHECKED_TOGETHER = 2_000

log = structlog.get_logger("imports")


class Importer:
    """One for each process. It remembers the last file that it has read."""

    def __init__(self, database: Database, card_keys: CardKeys, clock: Clock) -> None:
        self._database = database
        self._card_keys = card_keys
        self._clock = clock
        self._material: Material | None = None
        self.rounds = Rounds("importer", self.round, every_seconds=EVERY_SECONDS)

    async def check(self, authority: Authority, code: str) -> Import:
        """Read the whole file and hold it against the register; write nothing but the report.

        Raises:
            ImportNotFound, ImportMoved: there is no such import, or its run has begun.
            BadImportPlan: the plan does not fit the file.
        """
        async with self._database.look() as unit:
            job = await unit.imports.by_code(authority.id, code)
            material = await self._read(unit, authority, job)
        flaws: list[LineFlaw] = []
        for start in range(0, material.count, _CHECKED_TOGETHER):
            async with self._database.read() as connection:
                flaws += await material.flaws(connection, slice(start, start + _CHECKED_TOGETHER))
        flaws.sort(key=lambda flaw: flaw.line)
        async with self._database.begin() as unit:
            held = await unit.imports.hold(authority.id, code)
            if held.plan != job.plan:
                raise ImportMoved("Somebody has changed what is to be made of the file: check it again.")
            return await imports.checked(unit, held, flaws)

    async def start(self, authority: Authority, code: str, *, by: UUID, origin: Origin) -> Import:
        """Let an import run: by `step`, or in the background of the servers. The journal says who began it, from where.

        Raises:
            ImportNotFound, ImportMoved: there is no such import, or it was not checked.
        """
        async with self._database.begin() as unit:
            held = await unit.imports.hold(authority.id, code)
            job = await imports.start(unit, held, now=self._clock())
            if held.state is not job.state:
                await unit.journal.add(_entry(job, Act.IMPORT_STARTED, by, origin, self._clock()))
            return job

    async def step(self, authority: Authority, code: str, *, most: int = TOGETHER) -> Import:
        """Take the next lines in, in one transaction with how far the import has come.

        Where a desk writes one of these people at the same moment, the batch is tried again and finds them.
        """
        # Read before the transaction: on SQLite no gate waits for a long file.
        async with self._database.look() as unit:
            job = await unit.imports.by_code(authority.id, code)
            if job.state is not ImportState.RUNNING:
                return job
            material = await self._read(unit, authority, job)
        for _ in range(_TRIES):
            try:
                async with self._database.begin() as unit:
                    return await self._take_in(unit, material, most)
            except IntegrityError as problem:
                if not is_taken(problem):
                    raise
        raise AlreadyExists("Others write the same people at this very moment: run the import again.")

    async def round(self) -> None:
        """Check and take in what waits for it, and delete files that have lain too long."""
        async with self._database.read() as connection:
            late = await overdue(connection, self._clock().date())
        for authority_id, code in late:
            async with self._database.begin() as unit:
                await imports.drop(unit, await unit.imports.hold(authority_id, code), now=self._clock())
        async with self._database.read() as connection:
            waiting = await at_work(connection)
        for job in waiting:
            try:
                await self._work(job)
            except (BadImportPlan, ImportMoved) as changed:
                # The catalogue has changed under it, or an agent has: they read why, and decide.
                log.warning("import_stands", code=job.code, problem=changed.code)

    async def _work(self, job: Import) -> None:
        async with self._database.look() as unit:
            authority = await unit.places.authority_by_id(job.authority_id)
        if job.state is ImportState.CHECKING:
            await self.check(authority, job.code)
        while job.state is ImportState.RUNNING:
            job = await self.step(authority, job.code)

    async def _take_in(self, unit: Unit, material: Material, most: int) -> Import:
        job = await unit.imports.hold(material.authority.id, material.code)
        if job.state is not ImportState.RUNNING:
            return job
        if not isinstance(unit, SqlUnit):
            raise TypeError("Lines are taken in on a database.")
        part = slice(job.done, job.done + most)
        # The clock of a server beside this one may go ahead: what comes in now came in after the run began.
        now = max(self._clock(), job.started_at or job.created_at)
        flaws = await material.take_in(unit.connection, unit.ids, part, now=now)
        looked_at = len(range(*part.indices(material.count)))
        changed = await imports.advance(unit, job, looked_at=looked_at, flaws=flaws, now=now)
        if changed.state is not ImportState.RUNNING:
            self._material = None
            await unit.journal.add(_entry(job, Act.PEOPLE_IMPORTED, None, Origin(Door.JOB), now))
        return changed

    async def _read(self, unit: Unit, authority: Authority, job: Import) -> Material:
        """Read a file under its plan. A run goes on with the day on which it began."""
        if self._material is not None and job.state is ImportState.RUNNING and self._material.import_id == job.id:
            return self._material
        today = local_day(job.started_at or self._clock(), authority.zone)
        imports.check_plan(job.plan, job.headings, today, job.kind)
        products = await offered(unit, authority.id, job.kind)
        strangers = [code for code in job.plan.products if code not in products]
        if strangers:
            raise BadImportPlan(f"{strangers[0]} is no product that a whole file may be granted.")
        communes = await unit.places.communes(authority.id)
        ground = Ground(
            communes={name: one.code for one in communes for name in (one.code, folded(one.name))},
            products=frozenset(products),
            digest=lambda uid: self._digest(authority, uid),
            today=today,
        )
        content = await unit.imports.content(job.id)
        material = await asyncio.to_thread(read_material, content, job, authority, ground, products)
        self._material = material if job.state is ImportState.RUNNING else None
        return material

    def _digest(self, authority: Authority, uid: str) -> bytes | None:
        try:
            return self._card_keys.digest(authority.code, uids.parse(uid))
        except CodeError:
            return None


def _entry(job: Import, act: Act, agent_id: UUID | None, origin: Origin, now: datetime) -> Entry:
    """An import in the journal: by its code, for its people are too many to be named one by one."""
    return Entry(job.authority_id, agent_id, act, Object(Kind.REGISTER), origin, now, why=job.code)


async def offered(unit: Unit, authority_id: UUID, kind: ImportKind) -> dict[str, Product]:
    """Return the products that may be granted to a whole file of a kind, by code."""
    found = [await unit.products.by_code(authority_id, code) for code in await unit.products.codes(authority_id)]
    return {one.code: one for one in found if may_be_imported(one, kind) and not is_temporary(one)}
