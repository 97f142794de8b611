"""One day of the crowd: every tap at every gate, in order. Pure: habits and dice in, taps out."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from msgspec import Struct

from cli.demo.habits import Habit
from cli.demo.places import Place, Post, Territory
from cli.demo.rhythm import MONTHS, WEEKDAYS, minute_of, stay_of
from domain.access.facts import Direction, Evidence
from domain.access.reasons import Reason

_FLAWS = (Reason.UNREADABLE, Reason.UNKNOWN_TYPE, Reason.UNKNOWN_KEY, Reason.BAD_SIGNATURE)
_FLAW_SHARES = (78, 14, 6, 2)


class Tap(Struct, frozen=True):
    """Something held out at a gate at an instant; `habit` hears the answer."""

    at: datetime
    post: Post
    direction: Direction
    evidence: Evidence
    habit: Habit | None = None


class Day:
    """Plans one local day of an authority's territory."""

    def __init__(self, territory: Territory, day: date, dice: Random) -> None:
        self._territory = territory
        self._day = day
        self._dice = dice
        self._zone = ZoneInfo(territory.authority.zone)
        self._hours = {code: place.site.calendar.on(day) for code, place in territory.places.items()}
        self._taps: list[Tap] = []

    def plan(self, habits: list[Habit]) -> list[Tap]:
        """Return the day's taps in order."""
        draw, weekday, month = self._dice.random, self._day.weekday(), self._day.month - 1
        factors = {service: WEEKDAYS[service][weekday] * MONTHS[service][month] / 7 for service in WEEKDAYS}
        for habit in habits:
            if draw() < habit.weekly * factors[habit.service] * habit.eagerness(self._day):
                self._come(habit)
        return sorted(self._taps, key=_when)

    def visitors(self, evidence: tuple[Evidence, ...], service: str) -> list[Tap]:
        """Return taps of people from elsewhere, who try the places of a service with the pass of their own home."""
        for shown in evidence:
            place = self._dice.choice([p for p in self._territory.places.values() if p.site.service_code == service])
            if hours := self._hours[place.site.code]:
                self._tap(self._dice.choice(place.entries), minute_of(self._dice, service, hours), shown)
        return self._taps

    def _come(self, habit: Habit) -> None:
        dice = self._dice
        site = habit.sites[0] if dice.random() < 0.78 else habit.sites[-1]
        place, hours = self._territory.places[site], self._hours[site]
        if not hours:
            if dice.random() < 0.03:  # somebody has not read the notice
                self._tap(dice.choice(place.entries), dice.randrange(9 * 60, 18 * 60), self._shown(habit), habit)
            return
        minute = minute_of(dice, habit.service, hours)
        if dice.random() < 0.006:
            early = min(opens for opens, _ in hours) - dice.randint(3, 25)
            self._tap(dice.choice(place.entries), early, self._shown(habit), habit)
        if habit.service == "transport":
            self._ride(habit, place, minute)
        else:
            self._visit(habit, place, minute)

    def _visit(self, habit: Habit, place: Place, minute: int) -> None:
        dice, shown, post = self._dice, self._shown(habit), self._dice.choice(place.entries)
        self._tap(post, minute, shown, habit)
        if dice.random() < 0.007:
            self._tap(post, minute, shown, habit, seconds=9)  # the turnstile was missed, or a friend is handed the card
        works = shown in habit.good and habit.expects_entry(self._day)
        if place.exits and works:
            self._tap(dice.choice(place.exits), minute + stay_of(dice, habit.service), shown, habit, Direction.EXIT)
        elif place.exits and shown in habit.good and dice.random() < 0.05:
            # Let in by the agent, a child with an adult say: the gate sees an exit without an entry.
            self._tap(dice.choice(place.exits), minute + stay_of(dice, habit.service), shown, habit, Direction.EXIT)

    def _ride(self, habit: Habit, place: Place, minute: int) -> None:
        """Go out and come back, sometimes with a change of bus on the way."""
        dice, shown = self._dice, self._shown(habit)
        back = minute + dice.randint(150, 620)
        for start in (minute, back) if back < self._hours[place.site.code][-1][1] else (minute,):
            self._tap(dice.choice(place.entries), start, shown, habit)
            if dice.random() < 0.11:
                self._tap(dice.choice(place.entries), start + dice.randint(6, 24), shown, habit)

    def _shown(self, habit: Habit) -> Evidence:
        if not habit.bad or (habit.good and self._dice.random() < 0.97):
            return habit.good[0] if self._dice.random() < 0.7 else self._dice.choice(habit.good)
        return self._dice.choice(habit.bad)

    def _tap(
        self,
        post: Post,
        minute: int,
        evidence: Evidence,
        habit: Habit | None = None,
        direction: Direction = Direction.ENTRY,
        *,
        seconds: int = 0,
    ) -> None:
        at = instant(self._day, minute, self._zone) + timedelta(
            seconds=seconds, milliseconds=self._dice.randrange(45_000)
        )
        if self._dice.random() < 0.008:
            flaw = Reason(self._dice.choices(_FLAWS, _FLAW_SHARES)[0])
            self._taps.append(Tap(at - timedelta(seconds=6), post, direction, Evidence(flaw=flaw)))
        self._taps.append(Tap(at, post, direction, evidence, habit))


def instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, of a minute counted from local midnight; the last ones may fall on the next day."""
    days, rest = divmod(minute, 24 * 60)
    clock = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), tzinfo=zone)
    return clock.astimezone(UTC)


def _when(tap: Tap) -> datetime:
    return tap.at
