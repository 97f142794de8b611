"""Queries on gateways, and on how sectors know the holders of cards that others issued."""

from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import AlreadyExists
from domain.errors.places import GatewayNotFound
from domain.external_media import Gateway, Reading, SectorIdentifier
from domain.passes import MediumStatus
from store.rows import insert, only, to_row, to_struct
from store.tables.external_media import gateway, sector_identifier
from store.tables.passes import medium


class SqlExternalMedia:
    """`domain.ports.ExternalMedia` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    # --- gateways -----------------------------------------------------------------------------------

    async def add_gateway(self, new: Gateway) -> None:
        """Write a gateway."""
        try:
            await insert(self._connection, gateway, new)
        except IntegrityError as known:
            raise AlreadyExists("This key is or was a gateway's.") from known

    async def gateway(self, authority_id: UUID, gateway_id: UUID) -> Gateway:
        """Find a gateway of this authority."""
        found = await self._connection.execute(
            select(gateway).where(gateway.c.authority_id == authority_id, gateway.c.id == gateway_id)
        )
        return only(found, Gateway, GatewayNotFound("No such gateway."))

    async def save_gateway(self, changed: Gateway) -> None:
        """Write a gateway's status."""
        await self._connection.execute(update(gateway).where(gateway.c.id == changed.id).values(status=changed.status))

    async def gateways(self, authority_id: UUID) -> list[Gateway]:
        """List the gateways of an authority, oldest first."""
        found = await self._connection.execute(
            select(gateway)
            .where(gateway.c.authority_id == authority_id)
            .order_by(gateway.c.registered_at, gateway.c.id)
        )
        return [to_struct(row, Gateway) for row in found]

    async def gateways_named(self, authority_id: UUID, kid: bytes) -> list[Gateway]:
        """List the gateways of an authority whose keys have this name, revoked ones too."""
        return await gateways_named(self._connection, authority_id, kid)

    # --- identifiers --------------------------------------------------------------------------------

    async def add(self, new: SectorIdentifier) -> None:
        """Write how a sector knows a holder."""
        try:
            await insert(self._connection, sector_identifier, new)
        except IntegrityError as known:
            raise AlreadyExists("This card or its identifier is a medium already.") from known

    async def save(self, changed: SectorIdentifier) -> None:
        """Write how a sector knows a holder from now on."""
        columns = sector_identifier.c
        mine = (
            columns.authority_id == changed.authority_id,
            columns.sector == changed.sector,
            columns.holder_id == changed.holder_id,
        )
        try:
            await self._connection.execute(update(sector_identifier).where(*mine).values(**to_row(changed)))
        except IntegrityError as known:
            raise AlreadyExists("This card or its identifier is a medium already.") from known

    async def alike(self, authority_id: UUID, reading: Reading) -> list[SectorIdentifier]:
        """List who has this identifier or this card in the sector: one, or nobody, or one of each."""
        columns = sector_identifier.c
        found = await self._connection.execute(
            select(sector_identifier).where(
                columns.authority_id == authority_id,
                columns.sector == reading.sector,
                or_(columns.identifier == reading.identifier, columns.serial_hash == reading.serial_hash),
            )
        )
        return [to_struct(row, SectorIdentifier) for row in found]

    async def by_serial(self, authority_id: UUID, serial_hash: bytes) -> list[SectorIdentifier]:
        """List where a card is known under this name: in one sector at most."""
        columns = sector_identifier.c
        found = await self._connection.execute(
            select(sector_identifier).where(columns.authority_id == authority_id, columns.serial_hash == serial_hash)
        )
        return [to_struct(row, SectorIdentifier) for row in found]

    async def of_holder(
        self, authority_id: UUID, holder_id: UUID, sector: str
    ) -> tuple[SectorIdentifier, MediumStatus] | None:
        """Find how a sector knows a holder, and what became of the medium; None if it does not."""
        columns = sector_identifier.c
        found = await self._connection.execute(
            select(sector_identifier, medium.c.status)
            .join(medium, medium.c.id == columns.medium_id)
            .where(columns.authority_id == authority_id, columns.holder_id == holder_id, columns.sector == sector)
        )
        row = found.one_or_none()
        return (to_struct(row, SectorIdentifier), MediumStatus(row.status)) if row is not None else None

    async def sectors(self, medium_id: int) -> list[str]:
        """List the sectors in which a medium is known, by name."""
        found = await self._connection.execute(
            select(sector_identifier.c.sector)
            .where(sector_identifier.c.medium_id == medium_id)
            .order_by(sector_identifier.c.sector)
        )
        return list(found.scalars())


async def gateways_named(connection: AsyncConnection, authority_id: UUID, kid: bytes) -> list[Gateway]:
    """List the gateways of an authority whose keys have this name, revoked ones too."""
    found = await connection.execute(
        select(gateway).where(gateway.c.authority_id == authority_id, gateway.c.kid == kid)
    )
    return [to_struct(row, Gateway) for row in found]


async def find(
    connection: AsyncConnection, authority_id: UUID, sector: str, identifier: bytes
) -> SectorIdentifier | None:
    """Find whom a sector knows by this identifier; None if nobody."""
    columns = sector_identifier.c
    found = await connection.execute(
        select(sector_identifier).where(
            columns.authority_id == authority_id, columns.sector == sector, columns.identifier == identifier
        )
    )
    row = found.one_or_none()
    return to_struct(row, SectorIdentifier) if row is not None else None
