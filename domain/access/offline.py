"""The decision of a gate that can ask nobody: `decide` first, then how far its site trusts such a gate.

What its bundle cannot tell is unknown (`facts.py`), and each rule says itself what it does then. What is left is said
here: a clock that may be wrong, a bundle of some age, a site that fails closed, and how often one medium is let in.
Nothing here opens a gate that `decide` keeps shut.
"""

from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.access.decide import Verdict, decide
from domain.access.facts import Direction, Facts, MediumFacts, Right
from domain.access.reasons import RANK, REASONS, Outcome, Reason
from domain.offline import Content, Fail, OfflinePolicy, OfflineSite
from domain.passes import MediumStatus, PassStatus
from domain.places import Doorway, Gate, Site, Zone
from domain.products import Product, Terms
from domain.services import BY_CODE

STRICT_ASSURANCE = 2
"""What a credential must prove where the bundle is older than `stale_minutes`: a picture may be anybody's."""

NOBODY = UUID(int=0)
"""The pass behind a medium, and the right behind its bit: a bundle names neither."""

_PLAIN = frozenset({Reason.WELCOME, Reason.DEPOSITED})
"""What a warning takes the place of."""


class Outage(Struct, frozen=True, gc=False):
    """What a gate knows of its own state while it can ask nobody.

    `age` is the bundle's. `covered`: the bundle tells what the site's calendar says of the day. `entries` is how often
    this terminal has let the medium in today by itself.
    """

    policy: OfflinePolicy
    age: timedelta
    covered: bool
    clock_sure: bool
    entries: int


def decide_offline(facts: Facts, outage: Outage) -> Verdict:
    """Judge one passage at a gate that decides by its bundle."""
    policy = outage.policy
    if timedelta(minutes=policy.stale_minutes) < outage.age <= timedelta(minutes=policy.strict_minutes):
        facts = replace(facts, least_assurance=max(facts.least_assurance, STRICT_ASSURANCE))
    verdict = decide(facts)
    if facts.direction is Direction.EXIT or verdict.reason is Reason.DOUBLE_READ:
        # Nobody is kept in, and a passage that was granted is not taken back by its second reading.
        return verdict
    unsure = _unsure(outage)
    if unsure is not None and (verdict.opens or RANK[unsure] < RANK[verdict.reason]):
        return Verdict(REASONS[unsure].outcome, unsure)
    if verdict.seen and verdict.reason is not Reason.WHITE_PERIOD:
        objection = _refused_by_policy(outage)
        if objection is not None:
            return Verdict(REASONS[objection].outcome, objection)
    stale = outage.age > timedelta(minutes=policy.fresh_minutes)
    return _marked(verdict) if stale and verdict.opens else verdict


def _unsure(outage: Outage) -> Reason | None:
    """Object where what the gate takes for granted may be wrong, whatever the site allows."""
    if not outage.clock_sure:
        return Reason.CLOCK_UNSURE
    too_old = outage.age > timedelta(minutes=outage.policy.strict_minutes)
    return Reason.BUNDLE_TOO_OLD if too_old or not outage.covered else None


def _refused_by_policy(outage: Outage) -> Reason | None:
    if outage.policy.fails is Fail.CLOSED:
        return Reason.OFFLINE_CLOSED
    return Reason.ALLOWANCE_SPENT if outage.entries >= outage.policy.entries else None


def _marked(verdict: Verdict) -> Verdict:
    """Say with an open gate that what it was decided by is no longer fresh."""
    heard = tuple(sorted({*verdict.warnings, Reason.BUNDLE_STALE}, key=RANK.__getitem__))
    return replace(
        verdict,
        outcome=Outcome.GRANTED_WITH_WARNING,
        reason=heard[0] if verdict.reason in _PLAIN else verdict.reason,
        warnings=heard,
    )


# --- what stands in for the register ----------------------------------------------------------------


def site_of(content: Content, gate_code: str) -> tuple[OfflineSite, Doorway] | None:
    """Return the site and the doorway of a gate; None where the bundle has no gate of that code."""
    for site in content.sites:
        for gate in site.gates:
            if gate.code == gate_code:
                zone = next(zone for zone in site.zones if zone.id == gate.zone_id)
                return site, _doorway(content, site, zone, gate)
    return None


def _doorway(content: Content, site: OfflineSite, zone: Zone, gate: Gate) -> Doorway:
    known = Site(
        id=zone.site_id,
        authority_id=zone.authority_id,
        code=site.code,
        service_code=content.service,
        name=site.name,
        commune_code="",
        white_until=site.white_until,
    )
    return Doorway(gate, zone, known, content.time_zone, content.authority)


def medium_of(medium_id: int, status: MediumStatus, doorway: Doorway) -> MediumFacts:
    """Return what a status list tells of a medium: whether it is stopped, and with it its pass. Nobody's birth."""
    return MediumFacts(
        medium_id=medium_id,
        medium_status=status,
        pass_id=NOBODY,
        pass_status=PassStatus.ACTIVE,
        pass_valid_from=date.min,
        pass_valid_until=date.max,
        authority_id=doorway.gate.authority_id,
        born_on=None,
    )


def right_of(doorway: Doorway) -> Right:
    """Return the right that a bit of the bundle stands for: whatever limits it has were looked at when it was set.

    Which zones it includes nobody knows, so no supplement is asked for; what it cost is settled afterwards.
    """
    service = BY_CODE[doorway.site.service_code]
    product = Product(
        id=NOBODY,
        authority_id=doorway.gate.authority_id,
        code="offline",
        service_code=service.code,
        subject=service.subject,
        name=service.name,
        terms=Terms(zones=(doorway.zone.code,)),
    )
    return Right(NOBODY, product, date.min, date.max, ())
