"""One line of an upload, read: what a terminal says of a passage that it settled alone becomes a scan with a fact.

Whoever sends a line has let somebody in or not, hours ago. So nothing here asks whether that was right: a line either
tells a passage that can be stored, or says why it cannot, by the code of an error.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from api import bodies
from api.bodies import InvalidRequest, Key, Paid, Quantity, VehicleSeen
from api.bundle_ages import BundleAges
from api.credentials import Credentials
from api.deposits import DepositRequest
from api.gate import Credential, GateCode, ValidationRequest, Way
from api.loads import DepositItem, kinds_of
from domain.access.facts import Direction
from domain.access.merge import OLDEST, Said, happened_at
from domain.access.reasons import Outcome, Reason
from domain.errors.passes import TooOld
from domain.errors.places import GateNotFound
from domain.waste import together
from store.ledger import Scan
from store.ledger.scan import Fact
from store.terminal_tokens import TerminalSession

Sequence = Annotated[int, Meta(ge=0, le=2**53)]


class UploadLine(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, gc=False):
    """One passage that a terminal settled alone. `key` is the one under which it may have asked before.

    `sequence` grows by one with each passage of the terminal; `bundle` is the sequence of the bundle by which it
    decided, null where it had none. `decided_by` is the id of the terminal as it decided: it may have been paired anew
    since. The rest is as in the requests of a gate with network.
    """

    key: Key
    sequence: Sequence
    gate: GateCode
    credential: Credential
    terminal_time: Annotated[datetime, Meta(tz=True, examples=["2026-11-21T14:05:00Z"])]
    outcome: Outcome
    reason: Reason
    direction: Direction = Direction.ENTRY
    bundle: Sequence | None = None
    decided_by: UUID | UnsetType = UNSET
    quantities: Annotated[tuple[Quantity, ...], Meta(max_length=10)] = ()
    vehicle: VehicleSeen | UnsetType = UNSET
    payment: Paid | UnsetType = UNSET
    items: Annotated[tuple[DepositItem, ...], Meta(max_length=20)] = ()


class Sender(Struct, frozen=True):
    """Whose lines are read, when they came (`now`), and the server's time less the terminal's as it sent them.

    `ages` are those of the bundles by which it may have decided. `vouched`: an agent has looked at the lines.
    """

    session: TerminalSession
    now: datetime
    drift: timedelta
    ages: BundleAges
    vouched: bool = False


_decoder = msgspec.json.Decoder(UploadLine)


async def scan_of(text: bytes, sender: Sender, credentials: Credentials) -> Scan:
    """Read one line.

    Raises:
        InvalidRequest, DuplicateField, BodyTooLarge: it is no line of an upload.
        UnknownKind: it names a kind of waste that does not exist.
        GateNotFound: the terminal serves no gate of that code.
        TooOld: by its clock it is older than any terminal may decide alone.
        LedgerUnavailable: the database is away; nothing is known of the line.
    """
    if len(text) > bodies.MAX_BODY:
        raise bodies.BodyTooLarge(f"A line has at most {bodies.MAX_BODY} bytes.")
    line = bodies.decode(_decoder, text)
    kinds, asked = kinds_of(line.items), bodies.asked(line.quantities)
    _check_direction(line)
    gate_id = sender.session.gates.get(line.gate)
    if gate_id is None:
        raise GateNotFound("This terminal serves no gate of that code.")
    at, suspect = _when(line, sender)
    return Scan(
        terminal_id=sender.session.terminal_id,
        key=line.key,
        fingerprint=bodies.fingerprint(line),
        gate_id=gate_id,
        direction=line.direction,
        evidence=await credentials.read_fact(sender.session, line.credential, at),
        asked=together(kinds) if line.direction is Direction.DEPOSIT else asked,
        at=sender.now,
        terminal_at=line.terminal_time.astimezone(UTC),
        vehicle=None if line.vehicle is UNSET else line.vehicle.known(),
        kinds=kinds,
        payment=None if line.payment is UNSET else line.payment.known(),
        fact=Fact(
            happened_at=at,
            said=Said(
                line.outcome,
                line.reason,
                stale_bundle=sender.ages.stale(gate_id, line.bundle, at),
                clock_suspect=suspect,
            ),
            sequence=line.sequence,
            bundle=line.bundle,
            drift_seconds=round(sender.drift.total_seconds()),
            asked_as=_asked_as(line),
            vouched=sender.vouched,
            decided_by=None if line.decided_by is UNSET else line.decided_by,
        ),
    )


def key_of(text: bytes) -> str | None:
    """Return the key of a line that may not be readable otherwise, for the answer; None where there is none."""
    try:
        return _keys.decode(text).key
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


class _Keyed(Struct, frozen=True):
    key: Key


_keys = msgspec.json.Decoder(_Keyed)


def _check_direction(line: UploadLine) -> None:
    deposits = line.direction is Direction.DEPOSIT
    if deposits is not bool(line.items) or (deposits and (line.quantities or line.vehicle is not UNSET)):
        raise InvalidRequest("A deposit has items, and no quantities or vehicle; nothing else has items.")


def _when(line: UploadLine, sender: Sender) -> tuple[datetime, bool]:
    # A terminal that has lost its clock begins in 1970, and its drift puts that right.
    if not 1970 <= line.terminal_time.year < 2100:
        raise InvalidRequest("`terminalTime` is no time that a clock shows.")
    at, suspect = happened_at(line.terminal_time.astimezone(UTC), drift=sender.drift, now=sender.now)
    if sender.now - at > OLDEST and not sender.vouched:
        raise TooOld(f"More than {OLDEST.days} days old.")
    return at, suspect


def _asked_as(line: UploadLine) -> tuple[bytes, ...]:
    """The fingerprints of the request with which the terminal may have asked, with its own time or without."""
    request: ValidationRequest | DepositRequest
    if line.direction is Direction.DEPOSIT:
        request = DepositRequest(
            key=line.key,
            gate=line.gate,
            credential=line.credential,
            items=line.items,
            terminal_time=line.terminal_time,
            payment=line.payment,
        )
    else:
        request = ValidationRequest(
            key=line.key,
            gate=line.gate,
            credential=line.credential,
            direction=Way(line.direction),
            terminal_time=line.terminal_time,
            quantities=line.quantities,
            vehicle=line.vehicle,
            payment=line.payment,
        )
    return bodies.fingerprint(request), bodies.fingerprint(replace(request, terminal_time=None))
