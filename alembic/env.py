"""Runs the migrations on the database that the caller names; the same scripts build every database, tests included."""

import asyncio
from typing import Any

from alembic import context
from sqlalchemy import Connection, event, pool
from sqlalchemy.ext.asyncio import create_async_engine

from store.database import async_url
from store.tables import metadata


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        # All or nothing, on SQLite too, which can: a way back that is refused half-way leaves everything as it was.
        transaction_per_migration=False,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _leave_transactions_to_us(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
    connection.isolation_level = None


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


async def _connect_and_migrate() -> None:
    engine = create_async_engine(async_url(context.config.attributes["url"]), poolclass=pool.NullPool)
    if engine.dialect.name == "sqlite":
        # The driver would commit before each change of the schema.
        event.listen(engine.sync_engine, "connect", _leave_transactions_to_us)
        event.listen(engine.sync_engine, "begin", _begin)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
        await connection.commit()
    await engine.dispose()


asyncio.run(_connect_and_migrate())
