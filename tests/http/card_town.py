"""The small city with masters and a transport key in its keyring, as an installation that has cards made."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.keyring import KeyRing
from adapters.masters import TRANSPORT
from api.settings import Settings
from store.database import Database
from tests.card_masters import MemoryMasters
from tests.city import small_city
from tests.custody import make_card_masters, make_master
from tests.house_app import House, TestClock, started


@asynccontextmanager
async def open_town(
    database_url: str,
    keyring: KeyRing,
    clock: TestClock,
    keys_folder: Path,
    public_url: str = "https://pass.example.org",
) -> AsyncIterator[House]:
    """Build it in a migrated database. Its cards open https://pass.example.org, unless it is reached otherwise."""
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring, now=clock())
    make_card_masters(keyring, "ville", now=clock())
    make_master(keyring, "ville", TRANSPORT, now=clock())
    settings = Settings(
        database_url=database_url,
        keys_folder=str(keys_folder),
        documents_folder=str(keys_folder.parent / "documents"),
        public_url=public_url,
    )
    async with started(settings, clock) as (app, client):
        yield House(
            app=app,
            client=client,
            database=database,
            keyring=keyring,
            city=city,
            clock=clock,
            masters=MemoryMasters(),
        )
    await database.close()
