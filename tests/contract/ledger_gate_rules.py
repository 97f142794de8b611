"""What happens at the doors: taps, batches, groups, transfers, deposits, overrides, cancellations, retries, crashes."""

import asyncio

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from msgspec.structs import replace

from domain.access.facts import Direction
from domain.conditions import VehicleClass
from domain.errors import LedgerUnavailable
from domain.limits import Measure
from store.ledger import Scan
from tests.contract.ledger_books import OPENS
from tests.contract.ledger_machine import LedgerMachine, Sent, Tap, media_, people_, taps_, terminals_, which_
from tests.contract.ledger_world import cancellation, deposit

ENTRY = Direction.ENTRY
loads_ = st.dictionaries(st.sampled_from(("rubble", "green")), st.sampled_from((500, 700, 1_300)), min_size=1)


class GateRules(LedgerMachine):
    """Ordinary days."""

    def door(self, zone: str) -> int:
        return next(number for number, door in enumerate(self.world.doors) if door.zone == zone)

    @rule(tap=taps_)
    def tap(self, tap: Tap) -> None:
        self.settle(self.make(tap))

    @rule(taps=st.lists(taps_, min_size=2, max_size=8), doubled=st.booleans())
    def burst(self, taps: list[Tap], *, doubled: bool) -> None:
        """One batch: its scans see each other, and a key that comes twice in it is one passage."""
        scans = [self.make(tap) for tap in taps]
        self.settle(*scans, *((scans[0], scans[-1]) if doubled else ()))

    @rule(tap=taps_, seconds=st.sampled_from((0, 1, 3, 4)))
    def read_again(self, tap: Tap, seconds: int) -> None:
        """The same code at the same reader: within three seconds it is one scan."""
        self.settle(self.make(tap))
        self.wait_for(seconds=seconds)
        self.settle(self.make(tap))

    @rule(person=people_, site=st.sampled_from(("bath", "bath", "free")))
    def crowd_at_the_doors(self, person: int, site: str) -> None:
        """The same pass at every door of a place at once (A1)."""
        doors = [number for number, door in enumerate(self.world.doors) if door.zone == site]
        self.settle(*(self.make(Tap(person, 0, door, ENTRY, 0)) for door in (*doors, *doors)))

    @rule(person=people_, way=st.sampled_from(("in", "back", "out")), paid=st.sampled_from((None, 2_500)))
    def go_through_to_the_sauna(self, person: int, way: str, paid: int | None) -> None:
        """From the pool and back: no second visit; or out by the sauna's own door."""
        zones = {"in": ("bath", "sauna"), "back": ("sauna", "bath"), "out": ("bath", "sauna")}[way]
        last = Direction.EXIT if way == "out" else ENTRY
        first, then = (self.door(zone) for zone in zones)
        self.settle(self.make(Tap(person, 0, first, ENTRY, 0, paid=paid)))
        self.wait_for(minutes=1)
        self.settle(self.make(Tap(person, 0, then, last, 0, paid=paid)))

    @rule(person=people_, minutes=st.sampled_from((1, 29, 31, 75, 200)))
    def sit_in_the_reading_room(self, person: int, minutes: int) -> None:
        """Half an hour is charged on entry, the begun minutes beyond it on exit, as far as the credit goes."""
        self.settle(self.make(Tap(person, 0, self.door("room"), ENTRY, 0)))
        self.wait_for(minutes=minutes, seconds=1)
        self.settle(self.make(Tap(person, 0, self.door("room"), Direction.EXIT, 0)))

    @rule(person=people_, times=st.integers(1, 3), persons=st.sampled_from((1, 2)), minutes=st.sampled_from((1, 5)))
    def go_in_and_out_of_the_sauna(self, person: int, times: int, persons: int, minutes: int) -> None:
        """By its own door, several times a day: its supplement is paid once, and nobody counts twice for the day."""
        door = self.door("sauna")
        for time in range(times):
            self.settle(self.make(Tap(person, 0, door, ENTRY, 0, persons, paid=None if time else 2_500)))
            self.wait_for(minutes=minutes)
            self.settle(self.make(Tap(person, 0, door, Direction.EXIT, 0)))
            self.wait_for(minutes=minutes)

    # --- the waste centre ---------------------------------------------------------------------------

    @rule(
        person=people_,
        medium=media_,
        site=st.sampled_from(("waste", "waste", "launch")),
        load=loads_,
        enters=st.booleans(),
        by_agent=st.booleans(),
    )
    def leave_waste(
        self, person: int, medium: int, site: str, load: dict[str, int], *, enters: bool, by_agent: bool
    ) -> None:
        """By kind, at the quay: counted against the kinds, never as a second visit."""
        tap = Tap(person, medium, self.door(site), ENTRY, 0, vehicle=VehicleClass.CAR)
        scans = [self.make(tap)] if enters else []
        known = self.make(tap)
        act = self.agent if by_agent else None
        kinds = {kind: {Measure.M3: thousandths} for kind, thousandths in load.items()}
        left = deposit(known.terminal_id, self.key(), known.gate_id, known.evidence.medium_id, kinds, at=known.at)
        if act is not None:
            left = replace(left, act=act, terminal_id=act.agent_id)
        self.settle(*scans, left)

    # --- agents -------------------------------------------------------------------------------------

    @rule(tap=taps_)
    def override(self, tap: Tap) -> None:
        """An agent lets somebody in: past their rights, never past the ceiling."""
        self.settle(self.make(tap, act=self.agent))

    @precondition(lambda self: any(event.outcome in OPENS for event in self.books.events))
    @rule(which=which_, by_agent=st.booleans(), terminal=terminals_, times=st.sampled_from((1, 1, 2)))
    def cancel(self, which: int, terminal: int, times: int, *, by_agent: bool) -> None:
        """In time or too late, once or more: what was counted is given back once."""
        passages = [event for event in self.books.events if event.outcome in OPENS and event.cancels is None]
        # Recent ones more often: those a terminal may still take back.
        passed = passages[-1 - which % min(len(passages), 6 if which % 3 else len(passages))]
        act = self.agent if by_agent else None
        terminal_id = self.agent.agent_id if by_agent else self.terminals[terminal].id
        scans = [cancellation(terminal_id, self.key(), passed, at=self.model.now, act=act) for _ in range(times)]
        self.settle(*scans)

    # --- the same key again --------------------------------------------------------------------------

    @precondition(lambda self: self.sent)
    @rule(which=which_)
    def retry(self, which: int) -> None:
        known = self.sent[which % len(self.sent)]
        self.settle(replace(known.tap, at=self.model.now))

    @precondition(lambda self: self.sent)
    @rule(which=which_, tap=taps_)
    def same_key_for_another_passage(self, which: int, tap: Tap) -> None:
        known = self.sent[which % len(self.sent)].tap
        self.settle(replace(self.make(tap, key=known.key), terminal_id=known.terminal_id))

    @precondition(lambda self: self.sent)
    @rule(which=which_)
    def same_key_from_another_terminal(self, which: int) -> None:
        """It is that terminal's own key: it gets its own decision and never the other's answer (I2)."""
        known = self.sent[which % len(self.sent)].tap
        other = next((one for one in self.terminals if one.id != known.terminal_id), self.terminals[0])
        self.settle(replace(known, terminal_id=other.id, at=self.model.now))

    # --- failures -----------------------------------------------------------------------------------

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
