"""Terminals: the devices at gates, desks and kiosks, each known by a key of its own.

A device becomes a terminal with a pairing code that an agent gave, and stays one until it is revoked. Its profile says
what it may call; the gates it was paired for are those it may choose from.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors import Conflict
from domain.errors.places import PairingRefused
from domain.ports import Unit

PAIRING_TTL = timedelta(minutes=30)

HEARTBEAT = timedelta(minutes=1)
"""How often a terminal says how it is."""

MISSED = 5
"""A terminal that has kept silent for so many heartbeats is down."""

CLOCK_LIMIT = timedelta(minutes=2)
"""Beyond it a terminal's own clock is not believed (reliability T1)."""

OLD_LISTS = timedelta(hours=24)
"""How old the lists of a terminal may be before agents are told."""


class Ability(StrEnum):
    """One thing that a terminal may call."""

    VALIDATE = "device:validate"
    DEPOSIT = "device:deposit"
    CANCEL = "device:cancel"
    AUTHENTICATE_CARDS = "device:authenticate-cards"
    SELL = "device:sell"
    WORK_OFFLINE = "device:work-offline"
    """Fetch the bundle, upload what was decided without network."""
    REPORT = "device:report"
    """Say how it is, fetch its configuration, change its own key: every terminal."""


class Profile(StrEnum):
    """What kind of device it is."""

    GATE = "gate"
    TURNSTILE = "turnstile"
    HANDHELD = "handheld"
    KIOSK = "kiosk"


_A = Ability
_AT_A_DOOR = frozenset({_A.VALIDATE, _A.AUTHENTICATE_CARDS, _A.WORK_OFFLINE, _A.REPORT})

ABILITIES: dict[Profile, frozenset[Ability]] = {
    Profile.GATE: _AT_A_DOOR,
    # Its arm tells it when nobody has gone through.
    Profile.TURNSTILE: _AT_A_DOOR | {_A.CANCEL},
    Profile.HANDHELD: frozenset(Ability),
    Profile.KIOSK: frozenset({_A.SELL, _A.AUTHENTICATE_CARDS, _A.REPORT}),
}
"""Deny by default: what a profile does not list, its terminals may not call, whoever has stolen one."""


class TerminalStatus(StrEnum):
    """A revoked terminal never comes back: it is paired anew, under a new id."""

    ACTIVE = "active"
    REVOKED = "revoked"


class Terminal(Struct, frozen=True):
    """A device that asks for decisions. It is known by its own P-256 key; `public_key` is the JWK's x and y, raw."""

    id: UUID
    authority_id: UUID
    name: str
    public_key: bytes
    status: TerminalStatus
    paired_at: datetime
    profile: Profile = Profile.HANDHELD

    def may(self, ability: Ability) -> bool:
        """Tell whether its profile allows this."""
        return ability in ABILITIES[self.profile]


class Pairing(Struct, frozen=True):
    """A promise that whoever brings this code within its time becomes a terminal of these gates, once."""

    id: UUID
    authority_id: UUID
    code_hash: bytes
    name: str
    gate_ids: tuple[UUID, ...]
    expires_at: datetime
    profile: Profile = Profile.HANDHELD


class Heartbeat(Struct, frozen=True):
    """How a terminal was when it last said so.

    `drift_seconds` is its own clock less the server's; `backlog` counts the events that it has not uploaded yet;
    `bundle` is the sequence of the bundle it works by, `bundle_age_seconds` how old that was; `gate_id` the gate that
    it serves just now.
    """

    terminal_id: UUID
    seen_at: datetime
    version: str
    drift_seconds: float
    backlog: int
    bundle: int | None = None
    bundle_age_seconds: int | None = None
    gate_id: UUID | None = None


class Condition(StrEnum):
    """What agents are told of a terminal, the gravest first."""

    REVOKED = "revoked"
    NEVER_SEEN = "never_seen"
    DOWN = "down"
    CLOCK_WRONG = "clock_wrong"
    LISTS_OLD = "lists_old"
    WELL = "well"


def condition_of(terminal: Terminal, last: Heartbeat | None, now: datetime) -> Condition:
    """Say how a terminal is, from its last heartbeat: computed, never typed."""
    if terminal.status is TerminalStatus.REVOKED:
        return Condition.REVOKED
    if last is None:
        return Condition.NEVER_SEEN
    if now - last.seen_at > MISSED * HEARTBEAT:
        return Condition.DOWN
    if abs(last.drift_seconds) > CLOCK_LIMIT.total_seconds():
        return Condition.CLOCK_WRONG
    if last.bundle_age_seconds is not None and last.bundle_age_seconds > OLD_LISTS.total_seconds():
        return Condition.LISTS_OLD
    return Condition.WELL


def pairing_hash(code: str) -> bytes:
    """Hash of a pairing code as people type it: case and separators do not count."""
    return sha256(code.upper().replace("-", "").replace(" ", "").encode()).digest()


async def offer_pairing(
    unit: Unit,
    *,
    authority_id: UUID,
    code: str,
    name: str,
    gate_codes: tuple[str, ...],
    now: datetime,
    profile: Profile = Profile.HANDHELD,
) -> Pairing:
    """Open a pairing for the gates named. The code itself is never stored."""
    gates = [await unit.places.gate(authority_id, gate_code) for gate_code in gate_codes]
    pairing = Pairing(
        id=unit.ids.row(),
        authority_id=authority_id,
        code_hash=pairing_hash(code),
        name=name,
        gate_ids=tuple(gate.id for gate in gates),
        expires_at=now + PAIRING_TTL,
        profile=profile,
    )
    await unit.terminals.add_pairing(pairing)
    return pairing


async def pair_terminal(unit: Unit, *, code: str, public_key: bytes, now: datetime) -> Terminal:
    """Turn a pairing code and a fresh public key into a terminal.

    Raises:
        PairingRefused: the code is unknown, was used, or is too old.
    """
    pairing = await unit.terminals.take_pairing(pairing_hash(code), now)
    if pairing is None:
        raise PairingRefused("Ask an agent for a new pairing code.")
    terminal = Terminal(
        id=unit.ids.row(),
        authority_id=pairing.authority_id,
        name=pairing.name,
        public_key=public_key,
        status=TerminalStatus.ACTIVE,
        paired_at=now,
        profile=pairing.profile,
    )
    await unit.terminals.add(terminal, pairing.gate_ids)
    return terminal


async def give_gates(unit: Unit, *, authority_id: UUID, terminal_id: UUID, gate_codes: tuple[str, ...]) -> Terminal:
    """Have a terminal serve these gates and no others. Its tokens end; it proves its key again and hears the rest.

    Raises:
        TerminalNotFound, GateNotFound: the authority has no such thing.
        Conflict: it was revoked, or would serve nothing.
    """
    terminal = await unit.terminals.of(authority_id, terminal_id)
    if terminal.status is TerminalStatus.REVOKED or not gate_codes:
        raise Conflict("A revoked terminal serves no gate, and any other one serves some.")
    gates = [await unit.places.gate(authority_id, gate_code) for gate_code in gate_codes]
    await unit.terminals.serve(terminal, tuple(gate.id for gate in gates))
    return terminal


async def change_key(unit: Unit, terminal: Terminal, public_key: bytes) -> Terminal:
    """Put a terminal's new key in the place of its old one. Its tokens end: the next proof is made with the new key."""
    changed = replace(terminal, public_key=public_key)
    await unit.terminals.save(changed)
    return changed


async def revoke_terminal(unit: Unit, *, authority_id: UUID, terminal_id: UUID) -> Terminal:
    """Take a terminal's right to ask away, for good. Its next request is refused, on every worker."""
    terminal = await unit.terminals.of(authority_id, terminal_id)
    revoked = replace(terminal, status=TerminalStatus.REVOKED)
    await unit.terminals.save(revoked)
    return revoked
