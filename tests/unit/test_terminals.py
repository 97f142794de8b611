"""Terminals: pairing, profiles, and how agents are told that one is unwell."""

from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

import pytest

from domain import terminals
from domain.errors.places import GateNotFound, PairingRefused
from domain.places import Gate
from domain.ports import Unit
from domain.terminals import (
    ABILITIES,
    Ability,
    Condition,
    Heartbeat,
    Pairing,
    Profile,
    Terminal,
    TerminalStatus,
    condition_of,
)
from domain.text import Text

NOW = datetime(2026, 11, 18, 13, 5, tzinfo=UTC)
AUTHORITY = UUID(int=1)
GATE = Gate(UUID(int=5), AUTHORITY, UUID(int=4), "pool-1", Text(fr="Entrée", en="Entrance"))
KEY = bytes(64)


class Territory:
    """A unit of work that knows one gate."""

    def __init__(self) -> None:
        self.pairings: dict[bytes, Pairing] = {}
        self.devices: dict[UUID, Terminal] = {}
        self.serves: dict[UUID, tuple[UUID, ...]] = {}

    @property
    def unit(self) -> Unit:
        return cast("Unit", self)

    @property
    def ids(self) -> "Territory":
        return self

    @property
    def places(self) -> "Territory":
        return self

    @property
    def terminals(self) -> "Territory":
        return self

    def row(self) -> UUID:
        return UUID(int=1000 + len(self.pairings) + len(self.devices))

    async def gate(self, authority_id: UUID, code: str) -> Gate:
        if (authority_id, code) != (AUTHORITY, GATE.code):
            raise GateNotFound(code)
        return GATE

    async def add_pairing(self, pairing: Pairing) -> None:
        self.pairings[pairing.code_hash] = pairing

    async def take_pairing(self, code_hash: bytes, now: datetime) -> Pairing | None:
        found = self.pairings.pop(code_hash, None)
        return found if found is not None and now < found.expires_at else None

    async def add(self, terminal: Terminal, gate_ids: tuple[UUID, ...]) -> None:
        self.devices[terminal.id] = terminal
        self.serves[terminal.id] = gate_ids

    async def of(self, _authority_id: UUID, terminal_id: UUID) -> Terminal:
        return self.devices[terminal_id]

    async def save(self, terminal: Terminal) -> None:
        self.devices[terminal.id] = terminal


async def _offered(territory: Territory, *gates: str) -> Pairing:
    return await terminals.offer_pairing(
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
    paired = await terminals.pair_terminal(territory.unit, code="K7QF-2M9X", public_key=KEY, now=NOW)
    assert (paired.name, paired.status, paired.public_key) == ("Pool 1", TerminalStatus.ACTIVE, KEY)
    assert territory.serves[paired.id] == (GATE.id,)
    with pytest.raises(PairingRefused):
        await terminals.pair_terminal(territory.unit, code="K7QF-2M9X", public_key=KEY, now=NOW)


@pytest.mark.parametrize("typed", ["k7qf2m9x", "K7QF 2M9X", " k7qf-2m9x "])
async def test_a_code_may_be_typed_as_people_type(typed: str) -> None:
    territory = Territory()
    await _offered(territory)
    paired = await terminals.pair_terminal(territory.unit, code=typed, public_key=KEY, now=NOW)
    assert paired.public_key == KEY


async def test_the_code_itself_is_kept_nowhere() -> None:
    territory = Territory()
    offered = await _offered(territory)
    assert b"K7QF" not in offered.code_hash
    assert "K7QF" not in repr(territory.pairings)


@pytest.mark.parametrize(
    ("code", "later"), [("AAAA-AAAA", timedelta()), ("K7QF-2M9X", terminals.PAIRING_TTL)], ids=["unknown", "too old"]
)
async def test_a_wrong_code_and_a_late_one_get_the_same_answer(code: str, later: timedelta) -> None:
    territory = Territory()
    await _offered(territory)
    with pytest.raises(PairingRefused) as refused:
        await terminals.pair_terminal(territory.unit, code=code, public_key=KEY, now=NOW + later)
    assert refused.value.detail == "Ask an agent for a new pairing code."


async def test_a_pairing_for_a_gate_of_somebody_else_is_not_opened() -> None:
    territory = Territory()
    with pytest.raises(GateNotFound):
        await _offered(territory, "pool-1", "neighbours-gate")
    assert territory.pairings == {}


async def test_a_revoked_terminal_keeps_its_place_in_the_register() -> None:
    territory = Territory()
    await _offered(territory)
    paired = await terminals.pair_terminal(territory.unit, code="K7QF-2M9X", public_key=KEY, now=NOW)
    revoked = await terminals.revoke_terminal(territory.unit, authority_id=AUTHORITY, terminal_id=paired.id)
    assert revoked.status is TerminalStatus.REVOKED
    assert territory.devices[paired.id] == revoked


async def test_a_terminal_is_what_its_pairing_was_opened_for() -> None:
    territory = Territory()
    await terminals.offer_pairing(
        territory.unit,
        authority_id=AUTHORITY,
        code="K7QF-2M9X",
        name="Kiosk",
        gate_codes=("pool-1",),
        now=NOW,
        profile=Profile.KIOSK,
    )
    paired = await terminals.pair_terminal(territory.unit, code="K7QF-2M9X", public_key=KEY, now=NOW)
    assert paired.profile is Profile.KIOSK
    assert paired.may(Ability.SELL)
    assert not paired.may(Ability.VALIDATE)


async def test_a_new_key_takes_the_place_of_the_old_one() -> None:
    territory = Territory()
    await _offered(territory)
    paired = await terminals.pair_terminal(territory.unit, code="K7QF-2M9X", public_key=KEY, now=NOW)
    changed = await terminals.change_key(territory.unit, paired, b"n" * 64)
    assert territory.devices[paired.id] == changed
    assert (changed.public_key, changed.id, changed.status) == (b"n" * 64, paired.id, TerminalStatus.ACTIVE)


def test_every_profile_may_say_how_it_is_and_only_a_handheld_may_everything() -> None:
    assert all(Ability.REPORT in abilities for abilities in ABILITIES.values())
    assert {profile for profile in Profile if ABILITIES[profile] == frozenset(Ability)} == {Profile.HANDHELD}
    assert ABILITIES.keys() == set(Profile)


DEVICE = Terminal(UUID(int=9), AUTHORITY, "Pool 1", KEY, TerminalStatus.ACTIVE, NOW)


def beat(*, drift_seconds: float = 0.0, bundle_age_seconds: int | None = None) -> Heartbeat:
    return Heartbeat(DEVICE.id, NOW, "1", drift_seconds, backlog=0, bundle_age_seconds=bundle_age_seconds)


@pytest.mark.parametrize(
    ("last", "later", "condition"),
    [
        (None, timedelta(), Condition.NEVER_SEEN),
        (beat(), timedelta(minutes=5), Condition.WELL),
        (beat(), timedelta(minutes=5, seconds=1), Condition.DOWN),
        (beat(drift_seconds=-120.0), timedelta(), Condition.WELL),
        (beat(drift_seconds=-121.0), timedelta(), Condition.CLOCK_WRONG),
        (beat(drift_seconds=600.0, bundle_age_seconds=10**6), timedelta(), Condition.CLOCK_WRONG),
        (beat(bundle_age_seconds=86_400), timedelta(), Condition.WELL),
        (beat(bundle_age_seconds=86_401), timedelta(), Condition.LISTS_OLD),
    ],
)
def test_how_a_terminal_is_follows_from_its_last_heartbeat(
    last: Heartbeat | None, later: timedelta, condition: Condition
) -> None:
    """Reliability T1: a clock is believed up to two minutes."""
    assert condition_of(DEVICE, last, NOW + later) is condition


def test_a_revoked_terminal_is_only_that() -> None:
    revoked = Terminal(UUID(int=9), AUTHORITY, "Pool 1", KEY, TerminalStatus.REVOKED, NOW)
    assert condition_of(revoked, beat(), NOW) is Condition.REVOKED
