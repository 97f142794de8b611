"""Rights and a gate that the small city does not have, and what is left of the rights."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain import products
from domain.limits import Limit
from domain.people import Subject
from domain.places import Gate, Passback, Site, VehicleLimits, Zone, open_site, open_zone
from domain.products import NO_TERMS, Product, Terms
from domain.text import Text
from store.tables.ledger import counter
from tests.city import ALWAYS_OPEN, KEEP, TODAY, TestPass, TestTerminal, paired_terminal
from tests.house_app import House


async def give(
    house: House, shown: TestPass, code: str, *limits: Limit, service: str = "waste-centre", terms: Terms = NO_TERMS
) -> UUID:
    """Publish a product and grant it to somebody's household, or to them where the service is personal."""
    subject = Subject.HOUSEHOLD if service == "waste-centre" else Subject.PERSON
    async with house.database.begin() as unit:
        product = Product(
            id=unit.ids.row(),
            authority_id=house.city.authority.id,
            code=code,
            service_code=service,
            subject=subject,
            name=Text(fr=code, en=code),
            limits=limits,
            terms=terms,
        )
        await products.publish_product(unit, product)
        right = await products.grant(
            unit,
            product=product,
            subject_id=shown.household.id if subject is Subject.HOUSEHOLD else shown.holder.id,
            valid_from=TODAY.replace(month=1, day=1),
            valid_until=TODAY.replace(year=2027, month=1, day=1),
            now=house.clock(),
            keep_until=KEEP,
        )
    return right.id


async def low_gate(house: House) -> TestTerminal:
    """Open a waste centre where nothing above two metres or 3.5 tonnes passes; return the terminal of its gate."""
    owner, name = house.city.authority.id, Text(fr="Bas", en="Low")
    async with house.database.begin() as unit:
        limits = VehicleLimits(max_height_cm=200, max_weight_kg=3_500)
        site = Site(unit.ids.row(), owner, "low", "waste-centre", name, "00101", ALWAYS_OPEN, vehicles=limits)
        zone = Zone(unit.ids.row(), owner, site.id, "low", None, Passback.NONE, 0)
        gate = Gate(unit.ids.row(), owner, zone.id, "low-1", name)
        await open_site(unit, site)
        await open_zone(unit, zone)
        await unit.places.add_gate(gate)
        return await paired_terminal(unit, owner, (gate,), now=house.clock())


async def used(house: House) -> list[int]:
    """Thousandths that every counter has counted, by the position of its limit."""
    async with house.database.read() as connection:
        found = await connection.execute(select(counter.c.used).order_by(counter.c.position))
        return list(found.scalars())


async def terminal_posts(house: House, path: str, body: dict[str, Any], *, token: str | None = None) -> Any:  # noqa: ANN401 - httpx answers behind a test client
    """Post as the city's terminal, or with a token."""
    token = token or await house.terminal_token()
    return await house.client.post(f"/v1/access/{path}", json=body, headers={"Authorization": f"Bearer {token}"})


def assert_heard(answer: Any, outcome: str, reason: str) -> dict[str, Any]:  # noqa: ANN401 - as above
    """Check a recorded verdict and return its body."""
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert (body["outcome"], body["reason"]) == (outcome, reason), body
    return body


def assert_problem(answer: Any, status: int, code: str) -> None:  # noqa: ANN401 - as above
    """Check the shape of a problem."""
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:multipass:problem:{code}"
