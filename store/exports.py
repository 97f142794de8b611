"""Events for the outside, in the order in which they were committed."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Row, and_, case, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.external_media import ExternalTechnology
from store.tables.external_media import sector_identifier
from store.tables.ledger import passage_detail, passage_fact, validation
from store.tables.passes import pass_
from store.tables.places import gate, site


async def validations_after(
    connection: AsyncConnection, authority_id: UUID, number: int, *, sectors: Mapping[str, str], limit: int
) -> list[Row[tuple[object, ...]]]:
    """Read the next events of some of an authority's services after an event number, with the holder each is about.

    `sectors` are those of the services, by code. `identifier` is how AMC names the holder in the sector of the event's
    service, if it does.

    Numbers are given under a lock that is held to the commit: whoever sees number n sees every number before it, so
    a follower that asks again from the last number it saw meets each event exactly once.
    """
    found = await connection.execute(
        select(
            validation,
            pass_.c.holder_id,
            gate.c.code.label("gate_code"),
            site.c.code.label("site_code"),
            passage_detail.c.billed_cents,
            passage_detail.c.paid_cents,
            passage_detail.c.agent_id,
            passage_detail.c.motive,
            passage_detail.c.cancels,
            passage_detail.c.deposits,
            sector_identifier.c.identifier,
            passage_fact.c.happened_at,
            passage_fact.c.flags,
            passage_detail.c.persons,
        )
        .join(gate, gate.c.id == validation.c.gate_id)
        .join(site, site.c.id == validation.c.site_id)
        .outerjoin(pass_, pass_.c.id == validation.c.pass_id)
        .outerjoin(passage_detail, passage_detail.c.number == validation.c.number)
        .outerjoin(
            sector_identifier,
            and_(
                sector_identifier.c.authority_id == validation.c.authority_id,
                sector_identifier.c.holder_id == pass_.c.holder_id,
                sector_identifier.c.sector == case(sectors, value=validation.c.service_code),
                sector_identifier.c.technology == ExternalTechnology.AMC,
            ),
        )
        .outerjoin(passage_fact, passage_fact.c.number == validation.c.number)
        .where(
            validation.c.number > number,
            validation.c.authority_id == authority_id,
            validation.c.service_code.in_(sectors),
        )
        .order_by(validation.c.number)
        .limit(limit)
    )
    return list(found)
