"""A gateway in software, which reads cards of others and signs what it saw; and the cards that it reads."""

import secrets
from datetime import UTC, datetime

from msgspec import Struct

from domain.agents import Role
from domain.external_media import Gateway, register_gateway
from nfc import gateway_statement, keys
from nfc.gateway_statement import Statement, Technology
from nfc.keys import KID_BYTES, SigningKey
from tests.city import TestPass
from tests.house_app import House


class ForeignCard(Struct, frozen=True):
    """A card that somebody else issued: one serial number, and an identifier for each sector (AMC)."""

    serial: bytes
    identifiers: dict[str, bytes]


def foreign_card() -> ForeignCard:
    """A card with identifiers that nobody could foresee."""
    sectors = ("leisure", "culture", "waste", "transport", "sport")
    return ForeignCard(secrets.token_bytes(8), {sector: secrets.token_bytes(12) for sector in sectors})


class SoftwareGateway(Struct, frozen=True):
    """What stands beside the readers of a transport operator, say."""

    key: SigningKey
    secret: bytes

    def reads(
        self,
        card: ForeignCard,
        sector: str,
        at: datetime,
        *,
        sam_session: bool = True,
        technology: Technology = "amc",
        sealed: bool = True,
    ) -> str:
        """The statement about a card, for one sector. `sealed` False: it names the card alike in all of them."""
        return gateway_statement.state(
            self.key,
            Statement(
                technology,
                gateway_statement.serial_hash(self.secret, sector if sealed else "", card.serial),
                sector,
                card.identifiers[sector],
                sam_session,
                int(at.astimezone(UTC).timestamp()),
                secrets.token_bytes(16),
            ),
        )


async def with_gateway(house: House, *, neighbour: bool = False) -> SoftwareGateway:
    """Register a gateway with an authority."""
    made = SoftwareGateway(keys.generate(), secrets.token_bytes(32))
    owner = house.city.neighbour if neighbour else house.city.authority
    async with house.database.begin() as unit:
        await register_gateway(
            unit,
            authority_id=owner.id,
            name="Métro",
            kid=keys.thumbprint(made.key.public)[:KID_BYTES],
            public_key=keys.dump_point(made.key.public),
            now=house.clock(),
        )
    return made


async def registered(house: House) -> list[Gateway]:
    """The gateways of the city."""
    async with house.database.look() as unit:
        return await unit.external_media.gateways(house.city.authority.id)


async def enrolled(
    house: House, owner: TestPass, statement: str, *, medium: str | None = None, role: Role = Role.DESK
) -> dict[str, object]:
    """Enrol at the desk, and return the medium. The next second begins: what enrolled a card opens nothing."""
    body = {"statement": statement} | ({"medium": medium} if medium is not None else {})
    answer = await house.client.post(
        f"/v1/passes/{owner.pass_.number}/external-media", json=body, headers=await house.agent_headers(role)
    )
    assert answer.status_code == 201, answer.text
    house.clock.turn(seconds=1)
    return dict(answer.json())
