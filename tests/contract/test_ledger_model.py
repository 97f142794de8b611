"""The ledger against a model of plain dictionaries: whatever is tapped, retried, blocked, sold, crashed or slept over,
both say the same, and the books close after every step (Q1, Q2, E1, E2, E3, I1, I2, A1, R1, V1).

The real lane and the real engine run on a real database. Only the moment of a failure is arranged: `Faulty` stands
before the engine and fails where it is told, before the batch is settled or between its commit and its answer.
"""

import asyncio
import itertools
import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import create_engine

from adapters.keyring import KeyRing
from domain import passes, people
from domain.access.facts import Direction
from domain.errors import LedgerUnavailable
from domain.limits import ONE, Window
from domain.passes import BlockReason, MediumStatus, Pass, PassStatus
from domain.people import Subject
from domain.places import Passback, revoke_terminal
from domain.products import Product
from store.database import Database
from store.ledger import KeyConflict, Lane, Scan, Settled, TerminalRevoked, lane_for
from store.ledger.lane import Engine
from store.ledger.postgres import PostgresEngine
from tests.city import NOW, City, TestPass, paired_terminal, resident, small_city
from tests.contract.ledger_audit import PARIS, Books, audit, audit_now
from tests.contract.ledger_world import add_place, add_product, give, scan

T = TypeVar("T")
CAPACITY = 2
"""Of the place `bath`: three people come."""
TIMED_MINUTES, SOFT_MINUTES = 10, 60


class Door(Struct, frozen=True):
    gate_id: UUID
    zone_id: UUID
    site: str


class World(Struct, frozen=True):
    """What every example starts from."""

    city: City
    doors: tuple[Door, ...]
    products: dict[str, Product]
    people: tuple[TestPass, ...]
    starting_rights: tuple[tuple[UUID, str, UUID, date], ...]
    fresh: Callable[[], str]
    """Makes a database that is a copy of this world and returns its URL."""


class Right(Struct):
    id: UUID
    product: str
    subject: UUID
    starts: date
    ends: date


class Seen(Struct):
    inside: bool
    since: datetime
    day: date


class Sent(Struct):
    """A tap that has an answer, or is known to be lost; `committed` None while nobody knows."""

    tap: Scan
    answer: bytes | None = None
    committed: bool = True


class Person(Struct):
    pass_: Pass
    subjects: tuple[UUID, ...]
    media: list[tuple[int, MediumStatus]]
    status: PassStatus = PassStatus.ACTIVE


class Faulty:
    """The real engine, failing once where it is told."""

    def __init__(self, real: Engine) -> None:
        self.real = real
        self.at_once = real.at_once
        self.fail_at: str | None = None

    async def open(self) -> None:
        await self.real.open()

    async def close(self) -> None:
        await self.real.close()

    async def settle(self, scans: list[Scan]) -> list[Settled]:
        where, self.fail_at = self.fail_at, None
        if where == "before_settle":
            raise LedgerUnavailable(where)
        settled = await self.real.settle(scans)
        if where == "after_commit":
            raise LedgerUnavailable(where)
        return settled


class Expected(Struct):
    outcomes: frozenset[str]
    reasons: frozenset[str]
    left: dict[str, list[float]] = field(default_factory=dict)


GRANTED = frozenset({"welcome", "last_visit", "low_balance", "expires_soon"})
"""Which warning comes along is the business of the unit tests."""
OPENS = frozenset({"granted", "granted_with_warning"})


class Model:
    """What should happen, in dictionaries."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now = NOW
        self.people = [
            Person(one.pass_, (one.holder.id, one.household.id), [(one.medium.id, MediumStatus.ACTIVE)])
            for one in world.people
        ]
        # The second person lives in the household of the first.
        self.people[1].subjects += (world.people[0].household.id,)
        self.rights = [
            Right(id_, product, subject, date(2026, 1, 1), ends)
            for id_, product, subject, ends in world.starting_rights
        ]
        self.used: dict[tuple[UUID, date, int], int] = {}
        self.seen: dict[tuple[int, str], Seen] = {}
        self.inside: dict[tuple[str, date], set[int]] = {}
        self.sites = {door.gate_id: door.site for door in world.doors}
        self.events = 0

    @property
    def day(self) -> date:
        return self.now.astimezone(PARIS).date()

    def person_of(self, medium_id: int | None) -> int | None:
        for number, person in enumerate(self.people):
            if any(medium_id == known for known, _ in person.media):
                return number
        return None

    def judge(self, tap: Scan) -> Expected:
        """Say what the answer must be, and move on to the state after it."""
        self.events += 1
        number, site = self.person_of(tap.evidence.medium_id), self.sites[tap.gate_id]
        if number is None:
            return _refused("unknown_medium")
        day, seen = self.day, self.seen.get((number, site))
        inside = seen is not None and seen.inside and seen.day == day
        if tap.direction is Direction.EXIT:
            if not inside:
                return Expected(frozenset({"granted_with_warning"}), frozenset({"exit_without_entry"}))
            self.seen[number, site] = Seen(inside=False, since=self.now, day=day)
            self.inside[site, day].discard(number)
            return Expected(frozenset({"granted"}), frozenset({"goodbye"}))
        spend = self._right_to_spend(number, site)
        refusal = self._refusal(number, site, tap, inside=inside, can_spend=spend is not None)
        if refusal is not None:
            return refusal
        assert spend is not None
        self.seen[number, site] = Seen(inside=True, since=self.now, day=day)
        self.inside.setdefault((site, day), set()).add(number)
        left = []
        for limit, key in self._windows(spend):
            self.used[key] = self.used.get(key, 0) + ONE
            left.append((limit - self.used[key]) / ONE)
        return Expected(OPENS, GRANTED, {spend.product: left})

    def _refusal(self, number: int, site: str, tap: Scan, *, inside: bool, can_spend: bool) -> Expected | None:
        """The first of these that holds is what the person hears."""
        person, seen = self.people[number], self.seen.get((number, site))
        ago = (self.now - seen.since) if seen is not None else timedelta(days=999)
        out = seen is None or not seen.inside
        status = dict(person.media)[tap.evidence.medium_id or 0]
        covering, waste = [right for right in self._rights(number, site) if self._covers(right)], site == "waste"
        others = self._rights(number, site)
        full = site == "bath" and len(self.inside.get((site, self.day), ())) >= CAPACITY
        ladder = (
            (status is MediumStatus.LOST, "medium_lost"),
            (status is MediumStatus.REVOKED, "medium_blocked"),
            (status is MediumStatus.SUSPENDED, "medium_suspended"),
            (status is MediumStatus.REPLACED, "medium_replaced"),
            (person.status is PassStatus.SUSPENDED, "pass_suspended"),
            (site == "bath" and inside, "already_inside"),
            (waste and not out and ago < timedelta(minutes=TIMED_MINUTES), "too_soon"),
            (site in {"waste", "bus"} and not others, "no_right"),
            (
                site in {"waste", "bus"} and not covering and any(right.starts > self.day for right in others),
                "right_not_started",
            ),
            (site in {"waste", "bus"} and not covering, "right_expired"),
            (site == "bus" and not out and ago < timedelta(minutes=SOFT_MINUTES), "same_trip"),
            (site in {"waste", "bus"} and not can_spend, "quota_spent"),
            (full and not inside, "site_full"),
            (not covering, "ticket_needed"),
            (not can_spend, "carnet_empty"),
        )
        reason = next((reason for holds, reason in ladder if holds), None)
        return None if reason is None else _refused(reason)

    def _rights(self, number: int, site: str) -> list[Right]:
        service = {"waste": "waste-centre", "bus": "transport"}.get(site, "pool")
        return [
            right
            for right in self.rights
            if right.subject in self.people[number].subjects
            and self.world.products[right.product].service_code == service
            and right.ends > self.day - timedelta(days=90)
        ]

    def _covers(self, right: Right) -> bool:
        return right.starts <= self.day < right.ends

    def _windows(self, right: Right) -> list[tuple[int, tuple[UUID, date, int]]]:
        day, found = self.day, []
        for limit in self.world.products[right.product].limits:
            ends = {
                Window.DAY: day + timedelta(days=1),
                Window.WEEK: day + timedelta(days=7 - day.weekday()),
                Window.YEAR: date(day.year + 1, 1, 1),
                Window.WHOLE: right.ends,
            }[limit.window]
            found.append((limit.amount, (right.id, ends, limit.position)))
        return found

    def _right_to_spend(self, number: int, site: str) -> Right | None:
        able = [
            right
            for right in self._rights(number, site)
            if self._covers(right)
            and all(self.used.get(key, 0) + ONE <= amount for amount, key in self._windows(right))
        ]
        return min(able, key=lambda right: (bool(self._windows(right)), right.ends), default=None)


def _refused(reason: str) -> Expected:
    outcome = {
        "ticket_needed": "payment_required",
        "carnet_empty": "payment_required",
        "same_trip": "granted_with_warning",
    }.get(reason)
    return Expected(frozenset({outcome} if outcome else {"denied", "manual_check"}), frozenset({reason}))


people_ = st.integers(0, 2)
doors_ = st.integers(0, 5)
media_ = st.integers(0, 3)
ways_ = st.sampled_from((Direction.ENTRY, Direction.ENTRY, Direction.ENTRY, Direction.EXIT))
terminals_ = st.integers(0, 1)
taps_ = st.tuples(people_, media_, doors_, ways_, terminals_)
which_ = st.integers(0, 10_000)
Tap = tuple[int, int, int, Direction, int]


class LedgerMachine(RuleBasedStateMachine):
    """One example: a copy of the world, a lane on it, and the model beside it."""

    world: World

    @initialize()
    def build(self) -> None:
        self.runner = asyncio.Runner()
        self.url = self.world.fresh()
        self.model = Model(self.world)
        self.database = Database(self.url)
        self.terminals = [self.world.city.terminal.terminal, self.world.city.terminal.terminal]
        self.terminals[1] = self.run(self.pair())
        self.revoked: set[UUID] = set()
        self.keys = itertools.count()
        self.sent: list[Sent] = []
        self.lost: list[Sent] = []
        self.auditor = create_engine(self.url) if self.database.is_sqlite else None
        self.run(self.open_lane())

    def run(self, work: Awaitable[T]) -> T:
        async def do() -> T:
            return await work

        return self.runner.run(do())

    async def open_lane(self) -> None:
        lane = lane_for(self.database)
        self.faulty = Faulty(lane._engine)
        lane._engine = self.faulty
        self.lane: Lane = lane
        await lane.open()

    async def pair(self) -> Any:  # noqa: ANN401 - a domain terminal
        async with self.database.begin() as unit:
            gates = tuple(self.world.city.gates.values())
            return (await paired_terminal(unit, self.world.city.authority.id, gates, now=NOW)).terminal

    # --- taps ------------------------------------------------------------------------------------

    def make(self, tap: Tap, *, key: str | None = None) -> Scan:
        person, medium, door, way, terminal = tap
        media = self.model.people[person].media
        return scan(
            self.terminals[terminal].id,
            key or f"k{next(self.keys)}",
            self.world.doors[door % len(self.world.doors)].gate_id,
            media[-1 - medium % len(media)][0],
            direction=way,
            at=self.model.now,
        )

    async def submit(self, scans: list[Scan]) -> list[Settled | BaseException]:
        return await asyncio.gather(*(self.lane.submit(one) for one in scans), return_exceptions=True)

    def check(self, tap: Scan, settled: Settled | BaseException) -> None:
        """Compare one definite answer with the model, and remember it."""
        if tap.terminal_id in self.revoked:
            assert settled is TerminalRevoked, "V1: a revoked terminal was answered"
            return
        known = next(
            (one for one in self.sent if one.tap.terminal_id == tap.terminal_id and one.tap.key == tap.key), None
        )
        if known is not None and known.committed and known.tap.fingerprint != tap.fingerprint:
            assert settled is KeyConflict, "I2: a key was taken for another passage"
            return
        assert isinstance(settled, bytes), settled
        if known is not None and known.committed and known.answer is not None:
            assert settled == known.answer, "I1: the same key got another answer"
            return
        said = msgspec.json.decode(settled)
        if known is None or not known.committed:
            expected = self.model.judge(tap)
            self.agree(said, expected)
        if known is None:
            self.sent.append(Sent(tap, settled))
        else:
            # A key that was lost before its commit belongs to whichever passage it is recorded with at last.
            known.tap, known.answer, known.committed = tap, settled, True

    def agree(self, said: dict[str, Any], expected: Expected) -> None:
        assert said["outcome"] in expected.outcomes, (said, expected)
        assert said["reason"] in expected.reasons, (said, expected)
        for product, left in expected.left.items():
            found = [remaining["left"] for remaining in said.get("remaining", ()) if remaining["product"] == product]
            assert found == left, (said, expected)

    @rule(tap=taps_)
    def tap(self, tap: Tap) -> None:
        one = self.make(tap)
        self.check(one, self.run(self.submit([one]))[0])

    @rule(taps=st.lists(taps_, min_size=2, max_size=8), doubled=st.booleans())
    def burst(self, taps: list[Tap], *, doubled: bool) -> None:
        """One batch: its scans see each other, and a key that comes twice in it is one passage."""
        scans = [self.make(tap) for tap in taps]
        if doubled:
            scans += [scans[0], scans[-1]]
        for one, settled in zip(scans, self.run(self.submit(scans)), strict=True):
            self.check(one, settled)

    @rule(
        person=people_,
        site=st.sampled_from(("bath", "bath", "free")),
    )
    def crowd_at_the_doors(self, person: int, site: str) -> None:
        """The same pass at every door of a place at once (A1)."""
        doors = [number for number, door in enumerate(self.world.doors) if door.site == site]
        scans = [self.make((person, 0, door, Direction.ENTRY, 0)) for door in (*doors, *doors)]
        for one, settled in zip(scans, self.run(self.submit(scans)), strict=True):
            self.check(one, settled)

    @precondition(lambda self: self.sent)
    @rule(which=which_)
    def retry(self, which: int) -> None:
        known = self.sent[which % len(self.sent)]
        again = replace(known.tap, at=self.model.now)
        self.check(again, self.run(self.submit([again]))[0])

    @precondition(lambda self: self.sent)
    @rule(which=which_, tap=taps_)
    def same_key_for_another_passage(self, which: int, tap: Tap) -> None:
        known = self.sent[which % len(self.sent)].tap
        other = replace(self.make(tap, key=known.key), terminal_id=known.terminal_id)
        self.check(other, self.run(self.submit([other]))[0])

    @precondition(lambda self: self.sent)
    @rule(which=which_)
    def same_key_from_another_terminal(self, which: int) -> None:
        """It is that terminal's own key: it gets its own decision and never the other's answer (I2)."""
        known = self.sent[which % len(self.sent)].tap
        other = next((one for one in self.terminals if one.id != known.terminal_id), self.terminals[0])
        moved = replace(known, terminal_id=other.id, at=self.model.now)
        self.check(moved, self.run(self.submit([moved]))[0])

    # --- failures ---------------------------------------------------------------------------------

    @rule(taps=st.lists(taps_, min_size=1, max_size=4), where=st.sampled_from(("before_settle", "after_commit")))
    def lose_the_answer(self, taps: list[Tap], where: str) -> None:
        """The client hears nothing definite; the lane is dropped and a new one opens. The retry comes when it comes."""
        scans = [one for one in map(self.make, taps) if one.terminal_id not in self.revoked]
        self.faulty.fail_at = where
        heard = self.run(self.submit(scans))
        assert all(isinstance(one, LedgerUnavailable) for one in heard), heard
        self.faulty.fail_at = None
        for one in scans:
            if where == "after_commit":
                self.model.judge(one)
            lost = Sent(one, None, committed=where == "after_commit")
            self.sent.append(lost)
        self.run(self.drop_lane())

    @rule(tap=taps_, turns=st.integers(0, 12))
    def crash_in_the_middle(self, tap: Tap, turns: int) -> None:
        """The lane dies some steps after the scan was handed over; the next process gets the same key at once (R1)."""
        one = self.make(tap)
        self.run(self.submit_and_die(one, turns))
        self.check(one, self.run(self.submit([one]))[0])

    async def submit_and_die(self, one: Scan, turns: int) -> None:
        future = self.lane.submit(one)
        for _ in range(turns):
            await asyncio.sleep(0)
        future.cancel()
        await self.drop_lane()

    async def drop_lane(self) -> None:
        """No goodbye: tasks are cancelled, the connection is cut."""
        for task in self.lane._tasks:
            task.cancel()
        await asyncio.gather(*self.lane._tasks, return_exceptions=True)
        if isinstance(self.faulty.real, PostgresEngine):
            for session in self.faulty.real._idle:
                session.connection.terminate()
        else:
            await self.faulty.real.close()
        await self.open_lane()

    # --- the register -----------------------------------------------------------------------------

    @rule(
        person=people_,
        medium=media_,
        reason=st.sampled_from((BlockReason.LOST, BlockReason.REVOKED, BlockReason.SUSPENDED)),
    )
    def block(self, person: int, medium: int, reason: BlockReason) -> None:
        """The next scan is refused (V1)."""
        owner = self.model.people[person]
        place = -1 - medium % len(owner.media)
        medium_id, status = owner.media[place]
        becomes = MediumStatus(reason.value)
        if becomes not in passes.MEDIUM_STEPS[status]:
            return

        async def do() -> None:
            async with self.database.begin() as unit:
                await passes.block(unit, owner.pass_, medium_id, reason=reason)

        self.run(do())
        owner.media[place] = (medium_id, becomes)

    @rule(person=people_)
    def resume_medium(self, person: int) -> None:
        owner = self.model.people[person]
        for place, (medium_id, status) in enumerate(owner.media):
            if status is MediumStatus.SUSPENDED:
                self.run(self.step(owner, medium_id))
                owner.media[place] = (medium_id, MediumStatus.ACTIVE)

    async def step(self, owner: Person, medium_id: int) -> None:
        async with self.database.begin() as unit:
            medium = next(one for one in await unit.passes.media(owner.pass_.id) if one.id == medium_id)
            await unit.passes.save_medium(passes.step(medium, MediumStatus.ACTIVE))

    @rule(person=people_)
    def replace_medium(self, person: int) -> None:
        owner = self.model.people[person]
        stopped = {MediumStatus.LOST, MediumStatus.REVOKED}
        place = next((place for place, (_, status) in enumerate(owner.media) if status in stopped), None)
        if place is None:
            return

        async def do(medium_id: int) -> int:
            async with self.database.begin() as unit:
                new = await passes.replace_medium(
                    unit, owner.pass_, medium_id, expires_at=NOW + timedelta(days=900), now=NOW
                )
                return new.id

        new = self.run(do(owner.media[place][0]))
        owner.media[place] = (owner.media[place][0], MediumStatus.REPLACED)
        owner.media.append((new, MediumStatus.ACTIVE))

    @rule(person=people_)
    def suspend_or_resume_pass(self, person: int) -> None:
        owner = self.model.people[person]
        becomes = PassStatus.ACTIVE if owner.status is PassStatus.SUSPENDED else PassStatus.SUSPENDED

        async def do() -> None:
            async with self.database.begin() as unit:
                owner.pass_ = await passes.change_status(unit, owner.pass_, becomes)

        self.run(do())
        owner.status = becomes

    @rule(
        person=people_,
        product=st.sampled_from(("carnet", "daily", "household", "bus")),
        starts=st.sampled_from((-30, 0, 0, 1)),
        days=st.integers(1, 12),
    )
    def sell(self, person: int, product: str, starts: int, days: int) -> None:
        """A new carnet, or the old right renewed."""
        owner, day = self.model.people[person], self.model.day
        subject = owner.subjects[1] if product == "household" else owner.subjects[0]
        ends = day + timedelta(days=days + max(0, starts))
        # Two rights that end on one day would leave open which is spent first.
        while any(right.ends == ends for right in self.model.rights):
            ends += timedelta(days=1)
        begins = day + timedelta(days=starts)
        right = self.run(
            give(self.database, self.world.products[product], subject, starts=begins, ends=ends, now=self.model.now)
        )
        self.model.rights.append(Right(right.id, product, subject, begins, ends))

    @rule()
    def revoke_terminal(self) -> None:
        """It is never answered again, whatever it asks (V1); another one is paired in its place."""
        gone = self.terminals[1].id

        async def do() -> None:
            async with self.database.begin() as unit:
                await revoke_terminal(unit, authority_id=self.world.city.authority.id, terminal_id=gone)

        self.run(do())
        self.revoked.add(gone)
        one = scan(gone, f"k{next(self.keys)}", self.world.doors[0].gate_id, self.model.people[0].media[-1][0])
        assert self.run(self.submit([one])) == [TerminalRevoked]
        self.terminals[1] = self.run(self.pair())

    # --- time -------------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from((1, 5, 9, 11, 59, 61, 240)))
    def wait(self, minutes: int) -> None:
        self.model.now += timedelta(minutes=minutes)

    @rule(days=st.sampled_from((1, 1, 2, 7)), second=st.sampled_from((-1, 0, 1)))
    def pass_midnight(self, days: int, second: int) -> None:
        """To the second before, at or after a local midnight: windows turn, yesterday's open entries are forgotten."""
        midnight = datetime.combine(self.model.day + timedelta(days=days), datetime.min.time(), PARIS)
        self.model.now = (midnight + timedelta(seconds=second)).astimezone(UTC)

    @rule(second=st.sampled_from((-1, 0)))
    def pass_the_year(self, second: int) -> None:
        new_year = datetime(self.model.day.year + 1, 1, 1, tzinfo=PARIS) + timedelta(seconds=second)
        if self.model.now < new_year.astimezone(UTC) and new_year.year < 2029:
            self.model.now = new_year.astimezone(UTC)

    # --- what always holds --------------------------------------------------------------------------

    @invariant()
    def the_books_close(self) -> None:
        if not hasattr(self, "model"):
            return
        books = self.audit()
        model = self.model
        assert len(books.events) == model.events, "E3: events differ from what was asked"
        assert books.used == {key: used for key, used in model.used.items() if used}, "Q2: counters differ"
        for one in self.sent:
            if one.answer is not None:
                assert books.answers[one.tap.terminal_id, one.tap.key] == one.answer, "E2: an answer is not stored"
            key = (one.tap.terminal_id, one.tap.key)
            assert (key in books.answers) == one.committed, "E1: an event too many or too few"
        for door in self.world.doors:
            here = books.inside.get((door.zone_id, model.day), set())
            inside = {number for number, person in enumerate(model.people) if person.pass_.id in here}
            assert inside == model.inside.get((door.site, model.day), set()), "who is inside differs"

    def audit(self) -> Books:
        if self.auditor is not None:
            with self.auditor.connect() as connection:
                return audit_now(connection, one_writer=True)
        return self.run(audit(self.database, one_writer=True))

    def teardown(self) -> None:
        if not hasattr(self, "lane"):
            return
        # What was lost is asked again at the end: every key gets one definite answer.
        for one in [one for one in self.sent if one.answer is None]:
            again = replace(one.tap, at=self.model.now)
            self.check(again, self.run(self.submit([again]))[0])
        self.the_books_close()
        self.run(self.lane.close())
        self.run(self.database.close())
        if self.auditor is not None:
            self.auditor.dispose()
        self.runner.close()
        if self.database.is_sqlite:
            for file in self.database.path.parent.glob(f"{self.database.path.name}*"):
                file.unlink()


async def build_world(url: str, keyring: KeyRing, fresh: Callable[[], str]) -> World:
    database = Database(url)
    city = await small_city(database, keyring)
    bath = await add_place(database, city, "bath", doors=2, capacity=CAPACITY, passback=Passback.HARD)
    products = {
        "carnet": await add_product(database, city, "carnet", (3, Window.WHOLE)),
        "daily": await add_product(database, city, "daily", (2, Window.DAY), (4, Window.WEEK)),
        "household": await add_product(
            database, city, "household", (3, Window.YEAR), service="waste-centre", subject=Subject.HOUSEHOLD
        ),
        "bus": await add_product(database, city, "bus", service="transport"),
    }
    found = tuple([await resident(database, keyring, city, f"R{number}") for number in range(3)])
    async with database.begin() as unit:
        await people.join(unit, found[1].holder, found[0].household.id, since=date(2020, 1, 1))
    rights = []
    for number, product, ends in (
        (0, "carnet", date(2026, 11, 23)),
        (0, "household", date(2027, 6, 1)),
        (1, "daily", date(2027, 1, 3)),
        (1, "bus", date(2027, 1, 5)),
        (2, "carnet", date(2026, 12, 31)),
    ):
        subject = found[number].household.id if product == "household" else found[number].holder.id
        right = await give(database, products[product], subject, ends=ends)
        rights.append((right.id, product, subject, ends))
    await database.close()
    doors = (
        *(Door(gate.id, gate.zone_id, "bath") for gate in bath),
        *(Door(city.gates[site].id, city.gates[site].zone_id, site) for site in ("free", "waste", "bus")),
    )
    return World(city, doors, products, found, tuple(rights), fresh)


# When it fails, hypothesis takes up to five minutes to find the shortest history that does.
@pytest.mark.timeout(900)
@pytest.mark.slow
def test_whatever_happens_the_ledger_does_what_the_model_does(
    database_url: str, engine_name: str, keyring: KeyRing
) -> None:
    """Q1, Q2, E1, E2, E3, I1, I2, A1, R1, V1 over random histories; hypothesis prints the shortest one that fails."""
    numbers = itertools.count()
    if engine_name == "sqlite":
        path = Path(database_url.removeprefix("sqlite:///"))

        def fresh() -> str:
            copy = path.with_name(f"example-{next(numbers)}.sqlite3")
            shutil.copyfile(path, copy)
            return f"sqlite:///{copy}"
    else:
        base, name = database_url.rsplit("/", 1)

        def fresh() -> str:
            number = next(numbers)
            asyncio.run(_copy(f"{base}/postgres", name, number))
            return f"{base}/{name}_{number}"

    world = asyncio.run(build_world(database_url, keyring, fresh))
    machine = type("Machine", (LedgerMachine,), {"world": world})
    examples = 200 if engine_name == "sqlite" else 60
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize=False,
            print_blob=True,
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )


async def _copy(url: str, template: str, number: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        if number:
            await connection.execute(f"DROP DATABASE {template}_{number - 1} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {template}_{number} TEMPLATE {template}")
    finally:
        await connection.close()
