"""Why a gate would say so: a passage that never happens, rule by rule, for agents."""

from datetime import date, datetime
from typing import Any

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from adapters.keyring import KeyRing
from api.agents import medium_id_of, number_of
from api.bodies import InvalidRequest
from domain.access.answer import Answer, compose
from domain.access.explain import Spent, Step, explain
from domain.access.facts import Direction
from domain.acts import Act
from domain.agents import Agent, Permission
from domain.passes import medium_bytes
from domain.ports import Clock
from domain.text import Text
from store.database import Database
from store.ledger.what_if import WhatIf, imagine


class GivenMeanwhile(Struct, frozen=True, rename="camel"):
    """What makes a pass a temporary one: given with this request, to the day before `validUntil` or to its decision."""

    request: str
    valid_until: date
    ended_at: datetime | None


class ExplanationView(Struct, frozen=True, rename="camel"):
    """Every rule with what it found, and the answer that the gate would give.

    `decisive` names the rule whose objection is the verdict, `why` says why that one. `right` is the product that would
    be used, `spent` what would be counted against its limits. `answer` is what a terminal would hear, word for word.
    `temporary` is there where the pass holds only until a request is decided.
    """

    medium: str
    site: str
    gate: str
    zone: str
    service: str
    rules: tuple[Step, ...]
    decisive: str | None
    why: Text
    right: str | None
    spent: tuple[Spent, ...]
    answer: Answer
    temporary: GivenMeanwhile | None


@get(
    "/passes/{number:str}/explanation",
    opt={"rule": Permission.PASS_READ, "journal": Act.PASS_EXPLAINED},
    summary="Explain a passage that never happens",
    tags=["Passes"],
)
async def explanation(
    *,
    request: Request[Agent, Any, Any],
    number: FromPath[str],
    site: FromQuery[str],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
    at: FromQuery[str | None] = None,
    direction: FromQuery[Direction] = Direction.ENTRY,
    gate: FromQuery[str | None] = None,
    medium: FromQuery[str | None] = None,
) -> ExplanationView:
    """Say rule by rule why a gate of a site would let this pass in or not, now or at another instant.

    Nothing is recorded, spent or moved. The code is taken for genuine. Counters and counts are those of now; states of
    the pass, its media and the keys that sign, hours, products, validity and windows are those of the instant that is
    asked about.
    """
    considered = await imagine(
        database,
        WhatIf(
            authority_id=request.user.authority_id,
            number=number_of(number),
            site=site,
            at=clock() if at is None else _instant(at),
            direction=direction,
            gate=gate,
            medium_id=None if medium is None else medium_id_of(medium),
        ),
        keyring.flaw_then,
    )
    async with database.look() as unit:
        given = await unit.temporary_passes.of_pass(considered.medium.pass_id)
    facts = considered.facts
    said = explain(facts)
    return ExplanationView(
        medium=medium_bytes(considered.medium.id).hex(),
        site=facts.doorway.site.code,
        gate=facts.doorway.gate.code,
        zone=facts.doorway.zone.code,
        service=facts.doorway.site.service_code,
        rules=said.steps,
        decisive=said.decisive,
        why=said.why,
        right=said.right,
        spent=said.spent,
        answer=compose(facts, said.verdict),
        temporary=None if given is None else GivenMeanwhile(given[1], given[0].valid_until, given[0].ended_at),
    )


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None or not 2000 <= instant.year < 2100:
        raise InvalidRequest("`at` is an RFC 3339 time of this century with its offset; in an address, + is %2B.")
    return instant


ROUTER = Router(path="/v1", route_handlers=[explanation])
