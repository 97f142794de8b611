"""What the model remembers: people, rights, what was counted in which window, and where everybody was last seen."""

from collections import Counter
from collections.abc import Hashable
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from msgspec import Struct

from domain.limits import Limit, Window
from domain.passes import MediumStatus, Pass, PassStatus
from domain.products import Attendance
from tests.city import NOW
from tests.contract.ledger_books import CounterKey, Party, ScanKey
from tests.contract.ledger_model_world import STARTS, World


class Right(Struct):
    id: UUID
    product: str
    subject: UUID
    starts: date
    ends: date


class Seen(Struct):
    """Where a pass was last seen at a site."""

    zone: str | None
    since: datetime
    day: date
    gate: UUID
    medium: int
    came_at: datetime
    right: UUID | None
    party: Party


class Been(Struct, frozen=True):
    """An entry that counted persons for a zone's day, or paid its supplement for some."""

    zone: str
    day: date
    at: datetime
    persons: int
    paid: int


class Kept(Struct):
    """Somebody kept from a service, to the day before `ends`."""

    subject: UUID
    service: str
    starts: date
    ends: date


class Person(Struct):
    pass_: Pass
    subjects: tuple[UUID, ...]
    media: list[tuple[int, MediumStatus]]
    status: PassStatus = PassStatus.ACTIVE


@lru_cache(maxsize=100_000)
def label(limit: Limit, day: date, starts: date) -> Hashable:
    """Name the window that a day falls in, as people call it; None out of season."""
    leap_start = (day.month, day.day) < (limit.starts or (1, 1))
    match limit.window:
        case Window.WEEK:
            return day.isocalendar()[:2]
        case Window.MONTH:
            return day.year, day.month
        case Window.YEAR:
            return day.year
        case Window.SCHOOL_YEAR:
            return day.year - (day.month < 9)
        case Window.SHIFTED_YEAR:
            return day.year - leap_start
        case Window.SEASON:  # from November to the day before 29 February, or 1 March where there is none
            return (
                day.year - (day.month < 7) if day.month in {11, 12, 1, 2} and (day.month, day.day) != (2, 29) else None
            )
        case Window.ROLLING_DAYS:
            assert limit.days is not None
            return (day - starts).days // limit.days
    return day


@lru_cache(maxsize=100_000)
def window_ends(limit: Limit, day: date, starts: date) -> date:
    """Walk to the first day that has another name."""
    here, end = label(limit, day, starts), day
    while label(limit, end, starts) == here:
        end += timedelta(days=1)
    return end


class State:
    """The model's memory."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now = NOW
        self.people = [
            Person(one.pass_, (one.holder.id, one.household.id), [(one.medium.id, MediumStatus.ACTIVE)])
            for one in world.people
        ]
        # The second person lives in the household of the first.
        self.people[1].subjects += (world.people[0].household.id,)
        self.rights = [Right(one.id, one.product, one.subject, STARTS, one.ends) for one in world.rights]
        self.used: dict[CounterKey, int] = {}
        self.seen: dict[tuple[int, str], Seen] = {}
        self.doors = {door.gate_id: door for door in world.doors}
        self.heads: Counter[tuple[str, date, Attendance]] = Counter()
        self.parties: dict[ScanKey, Party] = {}
        self.cancelled: set[int] = set()
        self.been: dict[tuple[int, str], list[Been]] = {}
        self.admitted: Counter[tuple[str, date]] = Counter()
        self.kept: list[Kept] = []
        self.events = 0
        self.left: dict[int, tuple[str, datetime]] = {}
        """By the event with which somebody went on to another zone: the zone they left, and when last seen there."""

    def person_of(self, medium_id: int | None) -> int | None:
        for number, person in enumerate(self.people):
            if any(medium_id == known for known, _ in person.media):
                return number
        return None

    def count(self, zone: str, day: date, party: Party, sign: int) -> None:
        """Count a party in (1) or out (-1); whoever never leaves stays counted for that day."""
        self.heads[zone, day, party.attends] += sign * party.persons

    def inside(self, zone: str, day: date) -> dict[int, Party]:
        """Return who is in a zone, by person."""
        return {number: seen.party for (number, _), seen in self.seen.items() if seen.zone == zone and seen.day == day}
