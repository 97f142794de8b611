"""What agents at the doors do against the rules now and then: a refusal, a motive, and the gate opens all the same."""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from random import Random
from uuid import UUID

import msgspec
from msgspec import Struct

from cli.demo.days import Tap
from domain.access.facts import Direction
from domain.access.reasons import REASONS, Reason
from domain.limits import ONE, Measure
from domain.motives import Motive
from store.ledger import Scan, Settled
from store.ledger.scan import AgentAct

_HOW_OFTEN = 0.12
_AFTER = timedelta(seconds=75)
_MOTIVES = {
    Motive.GOOD_FAITH: 34,
    Motive.TECHNICAL_FAULT: 22,
    Motive.DEROGATION_PENDING: 20,
    Motive.LOST_CHILD: 9,
    Motive.MEDICAL: 8,
    Motive.OTHER: 7,
}


class _Heard(Struct, frozen=True):
    reason: Reason


_decoder = msgspec.json.Decoder(_Heard)


def pardon(tap: Tap, settled: Settled, wardens: Mapping[UUID, UUID], dice: Random) -> Scan | None:
    """Return how an agent lets in whoever was refused; None where they do not, or may not."""
    agent_id = wardens.get(tap.post.gate_id)
    if agent_id is None or not isinstance(settled, bytes) or tap.direction is not Direction.ENTRY:
        return None
    if not REASONS[_decoder.decode(settled).reason].overridable or dice.random() >= _HOW_OFTEN:
        return None
    (motive,) = dice.choices(list(_MOTIVES), list(_MOTIVES.values()))
    said = f"pardon {tap.at.isoformat()} {tap.evidence.medium_id} {tap.post.code}"
    return Scan(
        terminal_id=agent_id,
        key=sha256(said.encode()).hexdigest()[:32],
        fingerprint=sha256(said.encode()).digest(),
        gate_id=tap.post.gate_id,
        direction=Direction.ENTRY,
        evidence=tap.evidence,
        asked={Measure.VISIT: ONE},
        at=tap.at + _AFTER,
        act=AgentAct(agent_id, motive),
    )
