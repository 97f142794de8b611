"""What happens in the offices, and time: media blocked and replaced, rights sold, terminals revoked, days that turn."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from domain import passes
from domain.circumstances import resume, suspend
from domain.passes import BlockReason, MediumStatus, PassStatus
from domain.replacements import replace_medium
from domain.terminals import revoke_terminal
from store.ledger import TerminalRevoked
from tests.city import NOW
from tests.contract.ledger_books import PARIS
from tests.contract.ledger_machine import LedgerMachine, Tap, media_, people_, taps_
from tests.contract.ledger_model_state import Kept, Person, Right
from tests.contract.ledger_model_world import LIMITS
from tests.contract.ledger_world import give, scan


class RegisterRules(LedgerMachine):
    """The register."""

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
                await passes.block(unit, owner.pass_, medium_id, reason=reason, now=NOW)

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
                replaced = await replace_medium(
                    unit, owner.pass_, medium_id, expires_at=NOW + timedelta(days=900), now=NOW
                )
                return replaced.medium.id

        new = self.run(do(owner.media[place][0]))
        owner.media[place] = (owner.media[place][0], MediumStatus.REPLACED)
        owner.media.append((new, MediumStatus.ACTIVE))

    @rule(person=people_)
    def suspend_or_resume_pass(self, person: int) -> None:
        owner = self.model.people[person]
        becomes = PassStatus.ACTIVE if owner.status is PassStatus.SUSPENDED else PassStatus.SUSPENDED

        async def do() -> None:
            async with self.database.begin() as unit:
                owner.pass_ = await passes.change_status(unit, owner.pass_, becomes, now=NOW)

        self.run(do())
        owner.status = becomes

    @rule(
        person=people_,
        product=st.sampled_from(sorted(LIMITS)),
        starts=st.sampled_from((-30, 0, 0, 1)),
        days=st.sampled_from((1, 2, 5, 12, 40, 400)),
    )
    def sell(self, person: int, product: str, starts: int, days: int) -> None:
        """A new carnet, or the old right renewed."""
        owner, day = self.model.people[person], self.model.now.astimezone(PARIS).date()
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

    @rule(
        person=people_,
        service=st.sampled_from(("pool", "pool", "waste-centre", "library", "transport")),
        days=st.sampled_from((1, 3, 40)),
    )
    def keep_out_or_let_back(self, person: int, service: str, days: int) -> None:
        """Kept from one service in person: their own rights there rest, those of a household and all others go on."""
        owner, day = self.world.people[person].holder, self.model.now.astimezone(PARIS).date()
        kept = next(
            (one for one in self.model.kept if (one.subject, one.service) == (owner.id, service) and one.ends > day),
            None,
        )
        ends = day + timedelta(days=days)

        async def do() -> None:
            async with self.database.begin() as unit:
                if kept is None:
                    await suspend(unit, owner, service_code=service, since=day, until=ends)
                else:
                    await resume(unit, owner, service_code=service, on=day)

        self.run(do())
        if kept is None:
            self.model.kept.append(Kept(owner.id, service, day, ends))
        else:
            kept.ends = day

    @rule()
    def revoke_terminal(self) -> None:
        """It is never answered again, whatever it asks (V1); another one is paired in its place."""
        gone = self.terminals[1].id

        async def do() -> None:
            async with self.database.begin() as unit:
                await revoke_terminal(unit, authority_id=self.world.city.authority.id, terminal_id=gone)

        self.run(do())
        self.revoked.add(gone)
        one = scan(gone, self.key(), self.world.doors[0].gate_id, self.model.people[0].media[-1][0])
        assert self.run(self.submit([one])) == [TerminalRevoked]
        self.terminals[1] = self.run(self.pair())


def _paris(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=PARIS).astimezone(UTC)


TURNS = (
    _paris(2026, 12, 1),
    _paris(2027, 1, 1),
    _paris(2027, 2, 28),
    _paris(2027, 3, 1),
    datetime(2027, 3, 28, 1, tzinfo=UTC),  # three o'clock follows two
    _paris(2027, 9, 1),
    datetime(2027, 10, 31, 1, tzinfo=UTC),  # two o'clock comes twice
    _paris(2027, 11, 1),
    _paris(2028, 1, 1),
    _paris(2028, 2, 29),
    _paris(2028, 3, 1),
    _paris(2028, 9, 1),
    _paris(2028, 12, 24),
)
"""When windows turn: months, years, school years, seasons, 29 February, and the nights the clocks change."""


class TimeRules(LedgerMachine):
    """Time goes on for everybody, and some taps arrive late."""

    @rule(minutes=st.sampled_from((1, 5, 9, 11, 59, 61, 240)))
    def wait(self, minutes: int) -> None:
        self.wait_for(minutes=minutes)

    @rule(days=st.sampled_from((1, 1, 2, 7)), second=st.sampled_from((-1, 0, 1)))
    def pass_midnight(self, days: int, second: int) -> None:
        """To the second before, at or after a local midnight: windows turn, yesterday's open entries are forgotten."""
        day = self.model.now.astimezone(PARIS).date() + timedelta(days=days)
        midnight = datetime.combine(day, datetime.min.time(), PARIS)
        self.until(midnight.astimezone(UTC) + timedelta(seconds=second))

    @rule(skip=st.sampled_from((0, 0, 1, 3)), second=st.sampled_from((-1, 0)), tap=taps_)
    def pass_a_turn(self, skip: int, second: int, tap: Tap) -> None:
        """To the second before, or at, the next instants at which a window turns; somebody taps on both sides."""
        to_come = [turn for turn in TURNS if turn > self.model.now + timedelta(seconds=1)][skip : skip + 1]
        for turn in to_come:
            self.until(turn + timedelta(seconds=second))
            self.settle(self.make(tap))
            self.until(turn + timedelta(hours=1))
            self.settle(self.make(tap))

    @rule(tap=taps_, ago=st.sampled_from((timedelta(minutes=30), timedelta(hours=20), timedelta(days=2))))
    def arrive_late(self, tap: Tap, ago: timedelta) -> None:
        """It counts in the windows of its own day, whatever was settled since."""
        self.settle(self.make(tap))
        self.settle(self.make(tap, at=self.model.now - ago))
