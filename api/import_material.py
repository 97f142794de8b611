"""What a file says, read under its plan, and how its lines meet the register: one class for cards, one for groups."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.card_files import read_card_file
from domain.import_cells import Ground
from domain.import_joining import Arrival, Joining
from domain.import_kinds import ImportKind
from domain.import_known import Register, Sieve, Terms
from domain.import_lines import Newcomer, Read, read
from domain.import_members import Member, ReadMember, read_members
from domain.imports import Import, LineFlaw
from domain.newcomers import Welcome, sift, welcome
from domain.people import Subject
from domain.places import Authority
from domain.ports import Ids
from domain.products import Product
from store.import_members import MembersUnit, known_groups
from store.newcomers import NewcomersUnit, known


class Material(Protocol):
    """The lines of one import, in the order in which they are taken in."""

    import_id: UUID
    authority: Authority
    code: str
    count: int

    async def flaws(self, connection: AsyncConnection, part: slice) -> list[LineFlaw]:
        """Hold the next lines against the register; write nothing. Parts come in their order."""
        ...

    async def take_in(self, connection: AsyncConnection, ids: Ids, part: slice, *, now: datetime) -> list[LineFlaw]:
        """Write the good ones of some lines into the register, and return what is wrong with the others."""
        ...


def read_material(
    content: bytes, job: Import, authority: Authority, ground: Ground, products: dict[str, Product]
) -> Material:
    """Read a file under the plan of its import.

    Raises:
        BadImportFile: it cannot be read; it could when it was added.
    """
    table = read_card_file(content)
    for_all = tuple(products[code] for code in job.plan.products)
    if job.kind is ImportKind.CARDS:
        shared = Welcome(authority, job.code, ground.today, for_all, products)
        return _Cards(job, shared, read(table.headings, table.rows, job.plan, ground))
    arrival = Arrival(
        people=Welcome(
            authority,
            job.code,
            ground.today,
            tuple(one for one in for_all if one.subject is Subject.PERSON),
            products,
        ),
        terms=Terms(
            code=job.code,
            products=products,
            for_groups=tuple(one for one in for_all if one.subject is not Subject.PERSON),
            extend=job.plan.extend,
            today=ground.today,
        ),
        until=job.plan.until,
    )
    return _Members(job, arrival, read_members(job.kind, table.headings, table.rows, job.plan, ground))


class _Cards:
    """Lines of people with their cards."""

    def __init__(self, job: Import, shared: Welcome, lines: list[Read]) -> None:
        self.import_id = job.id
        self.authority = shared.authority
        self.code = job.code
        self.count = len(lines)
        self._shared = shared
        self._lines = lines

    async def flaws(self, connection: AsyncConnection, part: slice) -> list[LineFlaw]:
        """Hold the next lines against the register."""
        return (await self._sifted(connection, part))[1]

    async def take_in(self, connection: AsyncConnection, ids: Ids, part: slice, *, now: datetime) -> list[LineFlaw]:
        """Write the good lines into the register."""
        new, flaws = await self._sifted(connection, part)
        unit = NewcomersUnit(connection, ids)
        await unit.load(self.authority.id)
        for one in new:
            await welcome(unit, one, self._shared, now=now)
        await unit.flush()
        return flaws

    async def _sifted(self, connection: AsyncConnection, part: slice) -> tuple[list[Newcomer], list[LineFlaw]]:
        """Tell those who come in from what is wrong, in the order of the lines."""
        lines = self._lines[part]
        newcomers = [line for line in lines if isinstance(line, Newcomer)]
        new, flaws = sift(newcomers, await known(connection, self.authority.id, newcomers, self.code), self.code)
        return new, _with_flaws_of(lines, flaws)


class _Members:
    """Lines of households or organisations, with the people who belong to them."""

    def __init__(self, job: Import, arrival: Arrival, lines: list[ReadMember]) -> None:
        self.import_id = job.id
        self.authority = arrival.people.authority
        self.code = job.code
        self.count = len(lines)
        self._kind = job.kind
        self._began_at = job.started_at
        self._arrival = arrival
        self._lines = lines
        self._checking = Sieve(arrival.terms)

    async def flaws(self, connection: AsyncConnection, part: slice) -> list[LineFlaw]:
        """Hold the next lines against the register, and against those before them: nothing of these is written."""
        members = self._good(part)
        _, flaws = self._checking.sift(members, await self._known(connection, members))
        return _with_flaws_of(self._lines[part], flaws)

    async def take_in(self, connection: AsyncConnection, ids: Ids, part: slice, *, now: datetime) -> list[LineFlaw]:
        """Write the good lines into the register."""
        members = self._good(part)
        register = await self._known(connection, members)
        new, flaws = Sieve(self._arrival.terms).sift(members, register)
        unit = MembersUnit(connection, ids)
        await unit.load(self.authority.id)
        joining = Joining(unit, self._arrival, register, now=now)
        for one in new:
            await joining.take_in(one)
        await unit.flush()
        return _with_flaws_of(self._lines[part], flaws)

    def _good(self, part: slice) -> list[Member]:
        return [line for line in self._lines[part] if isinstance(line, Member)]

    async def _known(self, connection: AsyncConnection, members: list[Member]) -> Register:
        return await known_groups(
            connection,
            self.authority.id,
            members,
            kind=self._kind,
            code=self.code,
            today=self._arrival.terms.today,
            began_at=self._began_at,
        )


def _with_flaws_of(lines: Sequence[object], flaws: list[LineFlaw]) -> list[LineFlaw]:
    """Put what was wrong with lines before anybody was asked to what the register says, in the order of the lines."""
    read_wrong = [flaw for line in lines if isinstance(line, list) for flaw in line]
    return sorted(flaws + read_wrong, key=lambda flaw: flaw.line)
