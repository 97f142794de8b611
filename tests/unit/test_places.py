"""Calendars of sites, and how a device becomes a terminal. Sources: domain study 2.1 and 2.2 (opening)."""

from datetime import UTC, date, datetime, timedelta
from typing import cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import places
from domain.errors import (
    ContradictoryPeriod,
    GateNotFound,
    ImpossibleHours,
    Invalid,
    NameMissing,
    OverlappingHours,
    PairingRefused,
    ReversedClosure,
    SiteNeverOpens,
    UnknownService,
    UnknownWeekday,
)
from domain.places import Calendar, Closure, Gate, Hours, Pairing, Site, Terminal, TerminalStatus, local_day
from domain.ports import Unit
from domain.text import Text

NOON, TWO, SIX, SEVEN = 12 * 60, 14 * 60, 18 * 60, 19 * 60
NINE = 9 * 60
SUMMER = (date(2026, 4, 1), date(2026, 11, 1))
WINTER = (date(2026, 11, 1), date(2027, 4, 1))
WHY = Text(fr="Vent fort", en="Strong wind")

# Saturdays: mornings and afternoons in summer, an hour less in winter. Mondays in summer only.
SEASONS = Calendar(
    hours=(
        Hours(*SUMMER, 5, TWO, SEVEN),
        Hours(*SUMMER, 5, NINE, NOON),
        Hours(*WINTER, 5, NINE, NOON),
        Hours(*WINTER, 5, TWO, SIX),
        Hours(*SUMMER, 0, NINE, NOON),
    ),
    closures=(
        Closure(date(2026, 7, 14), date(2026, 7, 14), Text(fr="Fête nationale", en="National day")),
        Closure(date(2026, 8, 1), date(2026, 8, 15), Text(fr="Travaux", en="Works")),
    ),
)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2026, 10, 31), ((NINE, NOON), (TWO, SEVEN))),  # the last day of summer, a Saturday
        (date(2026, 11, 7), ((NINE, NOON), (TWO, SIX))),  # winter
        (date(2026, 4, 4), ((NINE, NOON), (TWO, SEVEN))),
        (date(2026, 3, 28), ()),  # before any season
        (date(2027, 3, 27), ((NINE, NOON), (TWO, SIX))),  # the last Saturday of winter
        (date(2027, 4, 3), ()),  # nobody wrote the hours of next summer
        (date(2026, 10, 26), ((NINE, NOON),)),  # a Monday of summer
        (date(2026, 11, 2), ()),  # a Monday of winter
        (date(2026, 11, 4), ()),  # a Wednesday
    ],
)
def test_a_day_has_the_hours_of_its_weekday_and_season(day: date, hours: tuple[tuple[int, int], ...]) -> None:
    assert SEASONS.on(day) == hours


@pytest.mark.parametrize(
    ("day", "closed"),
    [
        (date(2026, 7, 31), False),
        (date(2026, 8, 1), True),
        (date(2026, 8, 15), True),  # the last day is included
        (date(2026, 8, 16), False),
    ],
)
def test_a_closure_runs_from_its_first_day_to_its_last(day: date, *, closed: bool) -> None:
    assert (SEASONS.closure_on(day) is not None) is closed


def test_a_closure_wins_over_the_hours_and_says_why() -> None:
    assert SEASONS.on(date(2026, 8, 8)) == ()
    closure = SEASONS.closure_on(date(2026, 8, 8))
    assert closure is not None
    assert closure.why.fr == "Travaux"


def test_a_site_without_hours_is_always_shut() -> None:
    assert Calendar().on(date(2026, 11, 18)) == ()


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_intervals_come_in_order_and_do_not_touch_midnight_wrongly(day: date) -> None:
    hours = SEASONS.on(day)
    assert list(hours) == sorted(hours)
    assert all(0 <= opens < closes <= 1440 for opens, closes in hours)


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2026-12-31T23:30:00+00:00", "Europe/Paris", date(2027, 1, 1)),
        ("2027-01-01T02:00:00+00:00", "America/Martinique", date(2026, 12, 31)),
        ("2026-12-31T20:30:00+00:00", "Indian/Reunion", date(2027, 1, 1)),
    ],
)
def test_today_is_the_authoritys_day(instant: str, zone: str, day: date) -> None:
    assert local_day(datetime.fromisoformat(instant), zone) == day


# --- calendars at entry --------------------------------------------------------------------------

REVERSED_SEASON = (date(2026, 11, 1), date(2026, 4, 1))
MORNING = Hours(*SUMMER, 5, NINE, NOON)


def test_a_calendar_that_people_keep_is_accepted() -> None:
    places.check_calendar(SEASONS, of="Site s")
    places.check_calendar(Calendar((Hours(*SUMMER, 6, 0, 1440),)), of="Site s")


@pytest.mark.parametrize(
    ("calendar", "error", "said"),
    [
        (Calendar(), SiteNeverOpens, "no opening hours"),
        (Calendar(closures=SEASONS.closures), SiteNeverOpens, "no opening hours"),
        (Calendar((Hours(*SUMMER, 7, NINE, NOON),)), UnknownWeekday, "weekday 7"),
        (Calendar((Hours(*SUMMER, -1, NINE, NOON),)), UnknownWeekday, "weekday -1"),
        (Calendar((Hours(*SUMMER, 5, NOON, NINE),)), ImpossibleHours, "12:00–09:00"),
        (Calendar((Hours(*SUMMER, 5, NINE, NINE),)), ImpossibleHours, "09:00–09:00"),
        (Calendar((Hours(*SUMMER, 5, NINE, 1441),)), ImpossibleHours, "09:00–24:01"),
        (Calendar((Hours(*SUMMER, 5, -60, NINE),)), ImpossibleHours, "weekday 5"),
        (Calendar((Hours(*REVERSED_SEASON, 5, NINE, NOON),)), ContradictoryPeriod, "2026-04-01, before 2026-11-01"),
        (Calendar((Hours(SUMMER[0], SUMMER[0], 5, NINE, NOON),)), ContradictoryPeriod, "2026-04-01"),
        (Calendar((MORNING, MORNING)), OverlappingHours, "09:00–12:00 and 09:00–12:00"),
        (Calendar((MORNING, Hours(*SUMMER, 5, NOON - 1, SIX))), OverlappingHours, "weekday 5"),
        (Calendar((Hours(*SUMMER, 5, 0, 1440), MORNING)), OverlappingHours, "00:00–24:00"),
        (
            Calendar((MORNING, Hours(date(2026, 10, 31), date(2027, 1, 1), 5, NINE, NOON))),
            OverlappingHours,
            "weekday 5",
        ),
        (
            Calendar((MORNING,), (Closure(date(2026, 8, 15), date(2026, 8, 14), WHY),)),
            ReversedClosure,
            "2026-08-14, before 2026-08-15",
        ),
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused_at_entry(
    calendar: Calendar, error: type[Invalid], said: str
) -> None:
    with pytest.raises(Invalid) as refused:
        places.check_calendar(calendar, of="Site s")
    assert type(refused.value) is error
    assert said in refused.value.detail
    assert refused.value.detail.startswith("Site s")
    assert refused.value.detail.endswith(".")


@pytest.mark.parametrize(
    "other",
    [
        Hours(*SUMMER, 5, NOON, SIX),  # one after the other
        Hours(*SUMMER, 4, NINE, NOON),  # another day
        Hours(*WINTER, 5, NINE, NOON),  # another season
    ],
)
def test_hours_that_touch_do_not_overlap(other: Hours) -> None:
    places.check_calendar(Calendar((MORNING, other)), of="Site s")


async def test_a_site_is_checked_before_it_is_opened() -> None:
    territory = Territory()
    name = Text(fr="Piscine", en="Pool")
    good = Site(UUID(int=3), AUTHORITY, "s", "pool", name, "00101", SEASONS)
    assert await places.open_site(territory.unit, good) == good
    for bad, error in (
        (Site(UUID(int=3), AUTHORITY, "s", "casino", name, "00101", SEASONS), UnknownService),
        (Site(UUID(int=3), AUTHORITY, "s", "pool", Text(fr="", en=""), "00101", SEASONS), NameMissing),
        (Site(UUID(int=3), AUTHORITY, "s", "pool", name, "00101"), SiteNeverOpens),
    ):
        with pytest.raises(error):
            await places.open_site(territory.unit, bad)
    assert territory.sites == [good]


# --- terminals -----------------------------------------------------------------------------------

NOW = datetime(2026, 11, 18, 13, 5, tzinfo=UTC)
AUTHORITY = UUID(int=1)
GATE = Gate(UUID(int=5), AUTHORITY, UUID(int=4), "pool-1", Text(fr="Entrée", en="Entrance"))
KEY = bytes(64)


class Territory:
    """A unit of work that knows one gate."""

    def __init__(self) -> None:
        self.pairings: dict[bytes, Pairing] = {}
        self.terminals: dict[UUID, Terminal] = {}
        self.serves: dict[UUID, tuple[UUID, ...]] = {}
        self.sites: list[Site] = []

    @property
    def unit(self) -> Unit:
        return cast("Unit", self)

    @property
    def ids(self) -> "Territory":
        return self

    @property
    def places(self) -> "Territory":
        return self

    def row(self) -> UUID:
        return UUID(int=1000 + len(self.pairings) + len(self.terminals))

    async def gate(self, authority_id: UUID, code: str) -> Gate:
        if (authority_id, code) != (AUTHORITY, GATE.code):
            raise GateNotFound(code)
        return GATE

    async def add_site(self, new: Site) -> None:
        self.sites.append(new)

    async def add_pairing(self, pairing: Pairing) -> None:
        self.pairings[pairing.code_hash] = pairing

    async def take_pairing(self, code_hash: bytes, now: datetime) -> Pairing | None:
        found = self.pairings.pop(code_hash, None)
        return found if found is not None and now < found.expires_at else None

    async def add_terminal(self, terminal: Terminal, gate_ids: tuple[UUID, ...]) -> None:
        self.terminals[terminal.id] = terminal
        self.serves[terminal.id] = gate_ids

    async def terminal(self, _authority_id: UUID, terminal_id: UUID) -> Terminal:
        return self.terminals[terminal_id]

    async def save_terminal(self, terminal: Terminal) -> None:
        self.terminals[terminal.id] = terminal


async def _offered(territory: Territory, *gates: str) -> Pairing:
    return await places.offer_pairing(
        territory.unit,
        authority_id=AUTHORITY,
        code="K7QF-2M9X",
        name="Pool 1",
        gate_codes=gates or ("pool-1",),
        now=NOW,
    )


async def test_a_pairing_code_makes_one_terminal_of_the_gates_it_was_opened_for() -> None:
    territory = Territory()
    await _offered(territory)
    paired = await places.pair_terminal(territory.unit, code="K7QF-2M9X", public_key=KEY, now=NOW)
    assert (paired.name, paired.status, paired.public_key) == ("Pool 1", TerminalStatus.ACTIVE, KEY)
    assert territory.serves[paired.id] == (GATE.id,)
    with pytest.raises(PairingRefused):
        await places.pair_terminal(territory.unit, code="K7QF-2M9X", public_key=KEY, now=NOW)


@pytest.mark.parametrize("typed", ["k7qf2m9x", "K7QF 2M9X", " k7qf-2m9x "])
async def test_a_code_may_be_typed_as_people_type(typed: str) -> None:
    territory = Territory()
    await _offered(territory)
    paired = await places.pair_terminal(territory.unit, code=typed, public_key=KEY, now=NOW)
    assert paired.public_key == KEY


async def test_the_code_itself_is_kept_nowhere() -> None:
    territory = Territory()
    offered = await _offered(territory)
    assert b"K7QF" not in offered.code_hash
    assert "K7QF" not in repr(territory.pairings)


@pytest.mark.parametrize(
    ("code", "later"), [("AAAA-AAAA", timedelta()), ("K7QF-2M9X", places.PAIRING_TTL)], ids=["unknown", "too old"]
)
async def test_a_wrong_code_and_a_late_one_get_the_same_answer(code: str, later: timedelta) -> None:
    territory = Territory()
    await _offered(territory)
    with pytest.raises(PairingRefused) as refused:
        await places.pair_terminal(territory.unit, code=code, public_key=KEY, now=NOW + later)
    assert refused.value.detail == "Ask an agent for a new pairing code."


async def test_a_pairing_for_a_gate_of_somebody_else_is_not_opened() -> None:
    territory = Territory()
    with pytest.raises(GateNotFound):
        await _offered(territory, "pool-1", "neighbours-gate")
    assert territory.pairings == {}


async def test_a_revoked_terminal_keeps_its_place_in_the_register() -> None:
    territory = Territory()
    await _offered(territory)
    paired = await places.pair_terminal(territory.unit, code="K7QF-2M9X", public_key=KEY, now=NOW)
    revoked = await places.revoke_terminal(territory.unit, authority_id=AUTHORITY, terminal_id=paired.id)
    assert revoked.status is TerminalStatus.REVOKED
    assert territory.terminals[paired.id] == revoked
