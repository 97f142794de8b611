"""What a site and a zone may say of themselves, and how a device becomes a terminal.

Sources: domain study 2.1 and 2.2.
"""

from datetime import UTC, date, datetime, timedelta
from typing import cast
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain import places
from domain.calendars import Calendar, Hours
from domain.errors import (
    AgesNotAscending,
    AllowanceBelowNothing,
    CapacityOfNothing,
    GateNotFound,
    ImpossiblePassback,
    Invalid,
    NameMissing,
    NegativeSupplement,
    PairingRefused,
    RepeatedKind,
    SiteNeverOpens,
    UnknownHolidayRegion,
    UnknownKind,
    UnknownService,
    VehicleLimitOfNothing,
)
from domain.offline_policy import Fail, OfflinePolicy
from domain.places import Gate, Pairing, Passback, Site, Terminal, TerminalStatus, VehicleLimits, Zone, local_day
from domain.ports import Unit
from domain.text import Text

MORNINGS = Calendar((Hours(date(2026, 4, 1), date(2026, 11, 1), 5, 9 * 60, 12 * 60),))


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


# --- sites and zones at entry ---------------------------------------------------------------------

WASTE_CENTRE = Site(
    UUID(int=3), UUID(int=1), "s", "waste-centre", Text(fr="Déchèterie", en="Waste centre"), "00101", MORNINGS
)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"holiday_region": "57"},
        {"white_until": date(2027, 1, 1)},
        {"vehicles": VehicleLimits(190, 3_500)},
        {"vehicles": VehicleLimits(max_height_cm=190)},
        {"vehicles": VehicleLimits(max_weight_kg=1)},
        {"accepts": ("rubble", "paint", "asbestos")},
        {"offline": OfflinePolicy()},
        {"offline": OfflinePolicy(Fail.CLOSED, entries=0)},
        {"offline": OfflinePolicy(fresh_minutes=0, stale_minutes=0, strict_minutes=0)},
    ],
)
async def test_a_site_that_makes_sense_is_opened(said: dict[str, object]) -> None:
    territory = Territory()
    site = replace(WASTE_CENTRE, **said)
    await places.open_site(territory.unit, site)
    assert territory.sites == [site]


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        ({"holiday_region": "59"}, UnknownHolidayRegion, "'59'"),
        ({"vehicles": VehicleLimits()}, VehicleLimitOfNothing, "neither"),
        ({"vehicles": VehicleLimits(0, 3_500)}, VehicleLimitOfNothing, "is 0"),
        ({"vehicles": VehicleLimits(190, -1)}, VehicleLimitOfNothing, "is -1"),
        ({"accepts": ("rubble", "gold")}, UnknownKind, "'gold'; there are asbestos, bulky"),
        ({"accepts": ("rubble", "paint", "rubble")}, RepeatedKind, "rubble twice"),
        ({"offline": OfflinePolicy(entries=-1)}, AllowanceBelowNothing, "-1 times"),
        ({"offline": OfflinePolicy(fresh_minutes=-1)}, AgesNotAscending, "new for -1 minutes"),
        ({"offline": OfflinePolicy(fresh_minutes=1441)}, AgesNotAscending, "as stale for 1440"),
        ({"offline": OfflinePolicy(strict_minutes=1439)}, AgesNotAscending, "strictly for 1439"),
    ],
)
async def test_a_site_that_makes_none_is_refused_and_not_written(
    said: dict[str, object], error: type[Invalid], words: str
) -> None:
    territory = Territory()
    with pytest.raises(error) as refused:
        await places.open_site(territory.unit, replace(WASTE_CENTRE, **said))
    assert words in refused.value.detail
    assert refused.value.detail.startswith("Site s ")
    assert territory.sites == []


POOLS = Zone(UUID(int=4), UUID(int=1), UUID(int=3), "pools", 420, Passback.HARD, 0)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"capacity": None},
        {"capacity": 1},
        {"capacity_others": 60},
        {"supplement_cents": 450},
        {"passback": Passback.NONE},
        {"passback": Passback.TIMED, "passback_minutes": 10},
        {"passback": Passback.SOFT, "passback_minutes": 60},
    ],
)
async def test_a_zone_that_makes_sense_is_opened(said: dict[str, object]) -> None:
    territory = Territory()
    zone = replace(POOLS, **said)
    assert await places.open_zone(territory.unit, zone) == zone
    assert territory.zones == [zone]


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        ({"capacity": 0}, CapacityOfNothing, "room for 0"),
        ({"capacity": -5}, CapacityOfNothing, "room for -5"),
        ({"capacity_others": 0}, CapacityOfNothing, "room for 0"),
        ({"supplement_cents": -1}, NegativeSupplement, "-1 cents"),
        ({"passback": Passback.TIMED}, ImpossiblePassback, "timed anti-passback of 0 minutes"),
        ({"passback": Passback.SOFT}, ImpossiblePassback, "soft anti-passback of 0 minutes"),
        ({"passback": Passback.TIMED, "passback_minutes": -1}, ImpossiblePassback, "of -1 minutes"),
        ({"passback_minutes": -1}, ImpossiblePassback, "of -1 minutes"),
        ({"passback_minutes": 10}, ImpossiblePassback, "hard anti-passback of 10 minutes"),
        ({"passback": Passback.NONE, "passback_minutes": 10}, ImpossiblePassback, "none anti-passback"),
    ],
)
async def test_a_zone_that_makes_none_is_refused_and_not_written(
    said: dict[str, object], error: type[Invalid], words: str
) -> None:
    territory = Territory()
    with pytest.raises(error) as refused:
        await places.open_zone(territory.unit, replace(POOLS, **said))
    assert words in refused.value.detail
    assert refused.value.detail.startswith("Zone pools ")
    assert territory.zones == []


async def test_a_site_is_checked_before_it_is_opened() -> None:
    territory = Territory()
    name = Text(fr="Piscine", en="Pool")
    good = Site(UUID(int=3), AUTHORITY, "s", "pool", name, "00101", MORNINGS)
    assert await places.open_site(territory.unit, good) == good
    for bad, error in (
        (Site(UUID(int=3), AUTHORITY, "s", "casino", name, "00101", MORNINGS), UnknownService),
        (Site(UUID(int=3), AUTHORITY, "s", "pool", Text(fr="", en=""), "00101", MORNINGS), NameMissing),
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
        self.zones: list[Zone] = []

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

    async def add_zone(self, new: Zone) -> None:
        self.zones.append(new)

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
