"""Sending set-aside messages again, by the way that all messages go, once somebody has mended the cause."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from domain.errors.devices import SourceNotAgreed
from domain.readings import DeadLetter
from store.database import Database
from store.dead_letters import replayed
from store.devices import speaking
from tour.ingest.arrivals import Agreement, Arrival, arrive
from tour.ingest.leftovers import UNKNOWN_DEVICE, body_of, leftover
from tour.ingest.taking import Taker


class Outcome(Struct, frozen=True):
    """What became of a message: how many of its readings are new, or the code of what is still wrong."""

    new: int = 0
    why: str = ""


async def send_again(
    letter: DeadLetter, agreements: Mapping[str, Agreement], taker: Taker, database: Database, now: datetime
) -> Outcome:
    """Send a message again. What it brings is stored once, however often it is sent.

    Raises:
        SourceNotAgreed: its source is no longer in the file.
        NotStored: the database is away.
    """
    arrival, why = await _read_again(letter, agreements, database)
    if why:
        return Outcome(why=why)
    new = await taker.take_again(arrival)
    async with database.write() as connection:
        await replayed(connection, letter.id, now)
    return Outcome(new)


async def rehearse(letter: DeadLetter, agreements: Mapping[str, Agreement], database: Database) -> Outcome:
    """Tell what would become of a message, and store nothing: how many values it holds, were they all new.

    Raises:
        SourceNotAgreed: its source is no longer in the file.
    """
    arrival, why = await _read_again(letter, agreements, database)
    return Outcome(why=why) if why else Outcome(len(arrival.parsed.measures) if arrival.parsed is not None else 0)


async def _read_again(
    letter: DeadLetter, agreements: Mapping[str, Agreement], database: Database
) -> tuple[Arrival, str]:
    """Read a message anew, and return the code of what is still wrong with it; empty where nothing is."""
    agreement = agreements.get(letter.source)
    if agreement is None:
        raise SourceNotAgreed(f"No source is called {letter.source} any more.")
    arrival = arrive(agreement, body_of(letter))
    if letter.why == UNKNOWN_DEVICE:
        arrival = Arrival(letter.source, arrival.message, leftover(letter), None)
        async with database.read() as connection:
            if not await speaking(connection, letter.authority_id, letter.source, [letter.detail]):
                return arrival, UNKNOWN_DEVICE
    return arrival, arrival.refusal.code if arrival.refusal is not None else ""
