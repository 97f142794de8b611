"""Decides in the server's place: by the newest bundle, by what was seen today, by the same rules.

What was decided is on the disk before anybody hears of it.
"""

import sqlite3
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import UNSET, Struct
from msgspec.structs import replace

from domain.access.answer import Answer, compose, plain
from domain.access.catalogue import SiteDay
from domain.access.decide import Verdict
from domain.access.facts import NOWHERE, Direction, Facts
from domain.access.offline import Outage, decide_offline, medium_of, right_of
from domain.access.reasons import Reason
from domain.limits import ONE, Measure
from domain.passes import MediumStatus
from domain.services import BY_CODE
from nfc.status_list import Status
from terminal import evidence, queue, sightings
from terminal.bundles import Bundles, Held, Place
from terminal.challenges import Challenges
from terminal.clock import TerminalClock
from terminal.disk import Disk, keep
from terminal.errors import NotRecorded
from terminal.evidence import Moment, Proof
from terminal.queue import Event
from terminal.sightings import NEVER, Sighting
from terminal.trust import Trust

_STATUSES = {
    Status.VALID: MediumStatus.ACTIVE,
    Status.INVALID: MediumStatus.REVOKED,
    Status.SUSPENDED: MediumStatus.SUSPENDED,
}
_MOVES_NOBODY = frozenset(
    {Reason.DOUBLE_READ, Reason.SAME_TRIP, Reason.EXIT_WITHOUT_ENTRY, Reason.CANCELLED, Reason.DEPOSITED}
)
"""A gate that opens for these says nothing new of where the pass is."""

_UNKNOWN_DAY = SiteDay(((0, 1440),), ((0, 1440),), (), bank_holiday=False)
"""A day that no bundle tells of: `Outage.covered` keeps the gate shut."""


class Tap(Struct, frozen=True):
    """One showing of a pass at a gate. `key` names it wherever it is decided; `terminal_time` is the own clock's."""

    key: str
    gate: str
    credential: str
    direction: Direction
    terminal_time: datetime


class OfflineGate:
    """Decides alone. One thread's, but for what the disk, the bundles and the clock share."""

    def __init__(
        self, disk: Disk, clock: TerminalClock, *, trust: Trust, bundles: Bundles, challenges: Challenges
    ) -> None:
        self._disk = disk
        self._clock = clock
        self._trust = trust
        self._bundles = bundles
        self._challenges = challenges
        self._terminal_id = disk.pairing().terminal_id

    def decide(self, tap: Tap) -> Answer:
        """Decide, write down what was decided, then say it. Where nothing can be written nobody passes."""
        at = self._clock.now().astimezone(UTC)
        place = self._bundles.place(tap.gate)
        try:
            if place is None:
                return self._without_bundle(tap, at)
            proof = self._prove(tap)
            with self._disk.write() as db:
                seen, facts = _facts(db, tap, proof, place, at)
                verdict = decide_offline(facts, self._outage(place, facts, seen))
                answer = replace(compose(facts, verdict), pass_valid_until=UNSET)
                queue.put(db, self._event(tap, answer, place.held.bundle.sequence))
                sightings.note(db, facts, verdict, seen, alone=True)
                keep(db, "clock", self._clock.lived())
        except NotRecorded:
            return plain(Reason.NOT_RECORDED, tap.direction, at)
        return answer

    def remember(self, tap: Tap, answer: Answer) -> None:
        """Remember where a pass is that the server has let in or out: what comes next may come without a network.

        Raises:
            NotRecorded: the disk takes nothing.
        """
        place, proof = self._bundles.place(tap.gate), self._prove(tap)
        if place is None or proof.evidence.medium_id is None:
            return
        verdict = Verdict(answer.outcome, answer.reason, seen=answer.reason not in _MOVES_NOBODY)
        if verdict.opens:
            with self._disk.write() as db:
                seen, facts = _facts(db, tap, proof, place, answer.decided_at)
                sightings.note(db, facts, verdict, seen, alone=False)
                keep(db, "clock", self._clock.lived())

    def _prove(self, tap: Tap) -> Proof:
        uncertainty = -(-self._clock.uncertainty // timedelta(seconds=1))
        moment = Moment(int(self._clock.now().timestamp()), uncertainty)
        return evidence.read(tap.credential, self._trust.keys, moment, self._challenges)

    def _outage(self, place: Place, facts: Facts, seen: Sighting) -> Outage:
        return Outage(
            policy=place.site.policy,
            age=place.held.age(facts.at),
            covered=facts.day in place.site.days,
            clock_sure=self._clock.sure,
            entries=seen.entries,
        )

    def _without_bundle(self, tap: Tap, at: datetime) -> Answer:
        """Refuse: nothing was ever heard of this gate, not even whose passes to believe."""
        answer = plain(Reason.BUNDLE_TOO_OLD, tap.direction, at)
        with self._disk.write() as db:
            queue.put(db, self._event(tap, answer, None))
        return answer

    def _event(self, tap: Tap, answer: Answer, bundle: int | None) -> Event:
        return Event(
            key=tap.key,
            gate=tap.gate,
            credential=tap.credential,
            direction=tap.direction,
            terminal_time=tap.terminal_time,
            outcome=answer.outcome,
            reason=answer.reason,
            bundle=bundle,
            decided_by=self._terminal_id,
        )


def _facts(db: sqlite3.Connection, tap: Tap, proof: Proof, place: Place, at: datetime) -> tuple[Sighting, Facts]:
    """Gather what is known of a tap: from the bundle, and from what was seen here today."""
    site, doorway = place.site, place.doorway
    day, minute = wall_clock(at, doorway.time_zone)
    medium = proof.evidence.medium_id
    seen, seen_today = sightings.today(db, medium, site.code, day) if medium is not None else (NEVER, False)
    calendar = site.days.get(day, _UNKNOWN_DAY)
    running = calendar.running(minute)
    facts = Facts(
        at=at,
        day=day,
        minute=minute,
        direction=tap.direction,
        doorway=doorway,
        hours=calendar.hours,
        entries=calendar.entries,
        evidence=proof.evidence,
        medium=medium_of(medium, _status(proof, place.held), doorway) if medium is not None else None,
        rights=(right_of(doorway),) if _entitled(proof, place.held) else (),
        presence=sightings.presence(seen, medium) if medium is not None else NOWHERE,
        seen_today=seen_today,
        crowd=None,
        asked={Measure.VISIT: ONE},
        sessions=tuple(session.code for session in running),
        reserved=tuple(session.code for session in running if session.reserved),
        bank_holiday=calendar.bank_holiday,
        last_use=sightings.last_use(db, medium) if medium is not None else None,
        least_assurance=BY_CODE[doorway.site.service_code].assurance,
    )
    return seen, facts


def wall_clock(at: datetime, time_zone: str) -> tuple[date, int]:
    """Return the day, and the minutes since midnight on a clock on the wall, at an instant in a place."""
    here = at.astimezone(ZoneInfo(time_zone))
    return here.date(), here.hour * 60 + here.minute


def _status(proof: Proof, held: Held) -> MediumStatus:
    """What became of the medium, as far as its place in the lists is known: a code that is over does not tell it."""
    issued = proof.issued
    if issued is None:
        return MediumStatus.ACTIVE
    return _STATUSES[held.bundle.status_of(issued.status_list, issued.status_index)]


def _entitled(proof: Proof, held: Held) -> bool:
    issued = proof.issued
    return issued is not None and held.bundle.is_entitled(issued.status_list, issued.status_index)
