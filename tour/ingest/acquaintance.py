"""Who was heard a moment ago, as the register had them: a busy source is not looked up for every message."""

import asyncio
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from store.devices import speaking
from tour.ingest.arrivals import Arrival
from tour.ingest.group import Speaker, speakers
from tour.ingest.meaning import Meaning, meaning_of

SECONDS = 30.0
"""A change of the register is heard this much later, at most. A new device is heard at once."""


class Acquaintance:
    """The devices of the last seconds. One for each process."""

    def __init__(self) -> None:
        self._known: dict[UUID, dict[Speaker, Meaning]] = {}
        self._until = 0.0

    async def among(
        self, connection: AsyncConnection, authority_id: UUID, arrivals: Iterable[Arrival]
    ) -> dict[Speaker, Meaning]:
        """Find the devices of an authority, in service, of which messages speak."""
        now = asyncio.get_running_loop().time()
        if now >= self._until:
            self._known, self._until = {}, now + SECONDS
        known = self._known.setdefault(authority_id, {})
        found: dict[Speaker, Meaning] = {}
        for source, keys in speakers(arrivals).items():
            missing = [key for key in keys if (source, key) not in known]
            if missing:
                for key, (device, streams) in (await speaking(connection, authority_id, source, missing)).items():
                    known[source, key] = meaning_of(device, streams)
            found.update(((source, key), known[source, key]) for key in keys if (source, key) in known)
        return found
