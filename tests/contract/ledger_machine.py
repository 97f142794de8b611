"""The state machine without its rules: one example is a copy of the world, a lane on it, and the model beside it.

The real lane and the real engine run on a real database. Only the moment of a failure is arranged: `Faulty` stands
before the engine and fails where it is told, before the batch is settled or between its commit and its answer.
"""

import asyncio
import itertools
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import create_engine

from domain.access.facts import Direction
from domain.conditions import Vehicle, VehicleClass
from domain.errors import LedgerUnavailable
from domain.limits import ONE, Measure
from store.database import Database
from store.ledger import KeyConflict, Lane, Scan, Settled, TerminalRevoked, lane_for
from store.ledger.lane import Engine, Limits
from store.ledger.postgres import PostgresEngine
from store.ledger.scan import AgentAct
from tests.city import NOW, paired_terminal
from tests.contract.ledger_audit import audit, audit_now
from tests.contract.ledger_books import PARIS, Books
from tests.contract.ledger_model import Expected, Model
from tests.contract.ledger_model_world import World
from tests.contract.ledger_world import scan

T = TypeVar("T")

people_ = st.integers(0, 2)
doors_ = st.integers(0, 7)
media_ = st.integers(0, 3)
ways_ = st.sampled_from((Direction.ENTRY, Direction.ENTRY, Direction.ENTRY, Direction.EXIT))
terminals_ = st.integers(0, 1)
persons_ = st.sampled_from((1, 1, 1, 1, 2))
paid_ = st.sampled_from((None, None, None, 2_500))
vehicles_ = st.sampled_from((None, VehicleClass.FOOT, VehicleClass.CAR, VehicleClass.CAR, VehicleClass.VAN))
heaps_ = st.sampled_from(((), (), ("rubble",), ("rubble", "green")))
which_ = st.integers(0, 10_000)


class Tap(Struct, frozen=True):
    """Who comes to which door with which of their media, how, with how many, and what they pay (cents); to a waste
    centre, with which vehicle and what in it.
    """

    person: int
    medium: int
    door: int
    way: Direction
    terminal: int
    persons: int = 1
    paid: int | None = None
    vehicle: VehicleClass | None = None
    heaps: tuple[str, ...] = ()


taps_ = st.builds(Tap, people_, media_, doors_, ways_, terminals_, persons_, paid_, vehicles_, heaps_)


class Sent(Struct):
    """A tap that has an answer, or is known to be lost; `committed` is False while nothing of it is written."""

    tap: Scan
    answer: bytes | None = None
    committed: bool = True


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


class LedgerMachine(RuleBasedStateMachine):
    """What every rule works with."""

    world: World

    @initialize()
    def build(self) -> None:
        self.runner = asyncio.Runner()
        self.url = self.world.fresh()
        self.model = Model(self.world)
        self.database = Database(self.url, patience=60)
        self.terminals = [self.world.city.terminal.terminal, self.world.city.terminal.terminal]
        self.terminals[1] = self.run(self.pair())
        self.revoked: set[UUID] = set()
        self.agent = AgentAct(next(iter(self.world.city.agents.values())).id, "courtesy")
        self.keys = itertools.count()
        self.sent: list[Sent] = []
        self.books = Books([])
        self.auditor = create_engine(self.url) if self.database.is_sqlite else None
        self.run(self.open_lane())

    def run(self, work: Awaitable[T]) -> T:
        async def do() -> T:
            return await work

        return self.runner.run(do())

    async def open_lane(self) -> None:
        # A slow disk is no finding: what is not answered is arranged by `Faulty` alone.
        lane = lane_for(self.database, limits=Limits(seconds=60))
        self.faulty = Faulty(lane._engine)
        lane._engine = self.faulty
        self.lane: Lane = lane
        await lane.open()

    async def pair(self) -> Any:  # noqa: ANN401 - a domain terminal
        async with self.database.begin() as unit:
            gates = tuple(self.world.city.gates.values())
            return (await paired_terminal(unit, self.world.city.authority.id, gates, now=NOW)).terminal

    def make(
        self, tap: Tap, *, key: str | None = None, at: datetime | None = None, act: AgentAct | None = None
    ) -> Scan:
        media, door = self.model.people[tap.person].media, self.world.doors[tap.door]
        drives = door.site in {"waste", "launch"} and tap.way is Direction.ENTRY
        return scan(
            act.agent_id if act is not None else self.terminals[tap.terminal].id,
            key or self.key(),
            door.gate_id,
            media[-1 - tap.medium % len(media)][0],
            direction=tap.way,
            at=at or self.model.now,
            asked={Measure.VISIT: tap.persons * ONE},
            paid_cents=tap.paid,
            vehicle=Vehicle(tap.vehicle) if drives and tap.vehicle is not None else None,
            kinds={kind: {Measure.M3: 500} for kind in tap.heaps} if drives else None,
            act=act,
        )

    def key(self) -> str:
        return f"k{next(self.keys)}"

    def settle(self, *scans: Scan) -> None:
        """Submit scans together, and compare each answer with the model."""
        for one, settled in zip(scans, self.run(self.submit(list(scans))), strict=True):
            self.check(one, settled)

    def wait_for(self, *, minutes: int = 0, seconds: int = 0) -> None:
        self.model.now += timedelta(minutes=minutes, seconds=seconds)

    def until(self, instant: datetime) -> None:
        """Let time pass until then; it never goes back."""
        self.model.now = max(self.model.now, instant)

    async def submit(self, scans: list[Scan]) -> list[Settled | BaseException]:
        return await asyncio.gather(*(self.lane.submit(one) for one in scans), return_exceptions=True)

    def check(self, tap: Scan, settled: Settled | BaseException) -> None:
        """Compare one definite answer with the model, and remember it."""
        strangers = self.revoked | {self.agent.agent_id}
        if tap.act is None and tap.terminal_id in strangers:
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
            assert found == left, f"Q2: quota = spent + remaining does not hold: {said}, {expected}"

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

    @invariant()
    def the_books_close(self) -> None:
        if not hasattr(self, "model"):
            return
        self.books = self.audit()
        books, model = self.books, self.model
        assert len(books.events) == model.events, "E3: events differ from what was asked"
        assert books.used == model.used, "Q2: counters differ"
        for one in self.sent:
            if one.answer is not None:
                assert books.answers[one.tap.terminal_id, one.tap.key] == one.answer, "E2: an answer is not stored"
            key = (one.tap.terminal_id, one.tap.key)
            assert (key in books.answers) == one.committed, "E1: an event too many or too few"
        today = model.now.astimezone(PARIS).date()
        for door in self.world.doors:
            here = books.inside.get((door.zone_id, today), set())
            inside = {number for number, person in enumerate(model.people) if person.pass_.id in here}
            assert inside == set(model.inside(door.zone, today)), "who is inside differs"

    def audit(self) -> Books:
        if self.auditor is not None:
            with self.auditor.connect() as connection:
                return audit_now(connection, one_writer=True, parties=self.model.parties)
        return self.run(audit(self.database, one_writer=True, parties=self.model.parties))

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
