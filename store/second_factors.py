"""Queries on second factors of agents, and on their codes on paper."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.second_factors import SecondFactor
from store.rows import insert, to_struct
from store.tables.agents import agent_paper_code, agent_second_factor


class SqlSecondFactors:
    """`domain.agent_ports.SecondFactors` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, agent_id: UUID) -> SecondFactor | None:
        """Find an agent's telephone, whether its first code has come or not."""
        asked = select(agent_second_factor).where(agent_second_factor.c.agent_id == agent_id)
        row = (await self._connection.execute(asked)).one_or_none()
        return None if row is None else to_struct(row, SecondFactor)

    async def prepare(self, new: SecondFactor) -> None:
        """Write a telephone in the place of the one before."""
        await self.remove(new.agent_id)
        await insert(self._connection, agent_second_factor, new)

    async def use(self, factor: SecondFactor) -> bool:
        """Remember the step of a code; False if it, or a later one, was taken meanwhile."""
        moved = await self._connection.execute(
            update(agent_second_factor)
            .where(
                agent_second_factor.c.agent_id == factor.agent_id,
                agent_second_factor.c.seed == factor.seed,
                agent_second_factor.c.last_step < factor.last_step,
            )
            .values(last_step=factor.last_step)
        )
        return bool(moved.rowcount)

    async def confirm(self, agent_id: UUID, now: datetime) -> None:
        """Let the telephone count from now on."""
        mine = agent_second_factor.c.agent_id == agent_id
        await self._connection.execute(update(agent_second_factor).where(mine).values(confirmed_at=now))

    async def remove(self, agent_id: UUID) -> None:
        """Forget telephone and paper."""
        await self.replace_paper(agent_id, ())
        await self._connection.execute(delete(agent_second_factor).where(agent_second_factor.c.agent_id == agent_id))

    async def replace_paper(self, agent_id: UUID, hashes: Sequence[bytes]) -> None:
        """Write the hashes of codes on paper in the place of those before."""
        await self._connection.execute(delete(agent_paper_code).where(agent_paper_code.c.agent_id == agent_id))
        if hashes:
            await self._connection.execute(
                agent_paper_code.insert(), [{"agent_id": agent_id, "code_hash": one} for one in hashes]
            )

    async def use_paper(self, agent_id: UUID, code_hash: bytes) -> bool:
        """Strike a code from the paper; False if it is not on it."""
        struck = await self._connection.execute(
            delete(agent_paper_code).where(
                agent_paper_code.c.agent_id == agent_id, agent_paper_code.c.code_hash == code_hash
            )
        )
        return bool(struck.rowcount)

    async def paper_left(self, agent_id: UUID) -> int:
        """Count the codes that are left on the paper."""
        mine = select(func.count()).select_from(agent_paper_code).where(agent_paper_code.c.agent_id == agent_id)
        return int(await self._connection.scalar(mine) or 0)
