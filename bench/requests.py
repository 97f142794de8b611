"""`python -m bench.requests`: the queue and the review with 300,000 holders and as many requests, on PostgreSQL.

One process reads, as one agent would; each figure is of the queries alone, drawn at random over the whole register.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from statistics import quantiles
from tempfile import TemporaryDirectory

import rich_click as click
from rich.console import Console
from sqlalchemy import text

from adapters.clock import utc_now
from domain.places import Authority
from domain.reception import dossier
from domain.requests import RequestStatus
from domain.text import Text
from store import migrate
from store.database import Database
from store.request_queue import Wanted, counts, queue
from tests.servers import postgres_server

OPEN = 3_000
"""Requests that wait, of all."""
_SLICE = 10_000
"""Rows in a statement: none takes longer than the database waits for anybody."""

_FILL = (
    """
    INSERT INTO holder (id, authority_id, reference, first_name, last_name, born_on, created_at, keep_until)
    SELECT md5('h' || n)::uuid, :owner, 'R-' || n, 'Prénom' || n % 700, 'Nom' || n % 9000,
        date '1935-01-01' + (n::bigint * 7919 % 32000)::int, now(), date '2033-01-01'
    FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n""",
    """
    INSERT INTO pass_request (id, authority_id, reference, status, channel, application, services, address_key, version,
        created_at, received_on, due_on, decided_at, keep_until)
    SELECT md5('r' || n)::uuid, :owner, 'D-' || lpad(n::text, 7, 'A'),
        CASE WHEN n > :open THEN 'approved' ELSE (ARRAY['submitted', 'under_review', 'needs_more_info'])[n % 3 + 1] END,
        'desk', json_build_object('asker', json_build_object('name', 'Nom' || n, 'email', NULL, 'phone', NULL),
            'address', json_build_object('line', n % 90 || ' rue ' || n % 4000, 'postcode', '59000', 'city', 'Lille',
                'commune_code', '59350'),
            'persons', json_build_array(json_build_object('first_name', 'Prénom' || n % 700, 'last_name',
                'Nom' || n % 9000, 'born_on', date '1935-01-01' + (n::bigint * 7919 % 32000)::int, 'holder_id', NULL)),
            'services', json_build_array('pool'), 'declared', json_build_array(), 'language', 'fr'),
        ' pool ', n % 90 || ' rue ' || n % 4000 || ' 59000', 5, now() - n * interval '1 minute',
        current_date - n % 20, current_date - n % 20 + 5, CASE WHEN n > :open THEN now() - n * interval '1 minute' END,
        date '2033-01-01'
    FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n""",
    """
    INSERT INTO request_person (authority_id, request_id, place, name_key, born_on, keep_until)
    SELECT :owner, md5('r' || n)::uuid, 0, 'nom' || n % 9000 || ' prenom' || n % 700,
        date '1935-01-01' + (n::bigint * 7919 % 32000)::int, date '2033-01-01'
    FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n""",
    """
    INSERT INTO request_entry (authority_id, request_id, version, deed, at, words, fields, keep_until)
    SELECT :owner, md5('r' || n)::uuid, v, 'began', now(), '', '[]', date '2033-01-01'
    FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n, generate_series(1, 4) AS v""",
    """
    INSERT INTO document (id, authority_id, request_id, kind, state, media_type, size_bytes, pages, digest, wrapped_key,
        received_at, file_until, keep_until)
    SELECT md5('d' || n)::uuid, :owner, md5('r' || n)::uuid, 'identity', 'kept', 'image/jpeg', 1, 1,
        sha256(n::text::bytea), '', now(), date '2033-01-01', date '2033-01-01'
    FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n""",
)


@click.command(epilog="Example: python -m bench.requests --holders 300000")
@click.option("--holders", default=300_000, show_default=True, help="How many, and as many requests.")
@click.option("--rounds", default=200, show_default=True, help="How often each is asked.")
def main(holders: int, rounds: int) -> None:
    """Measure the queue and the review."""
    with TemporaryDirectory() as folder, postgres_server(Path(folder), durable=False) as server:
        migrate.upgrade(server.url)
        asyncio.run(_measure(server.url, holders, rounds))


async def _measure(url: str, holders: int, rounds: int) -> None:
    database, chance = Database(url), Random(7)
    async with database.begin() as unit:
        town = Authority(unit.ids.row(), "ville", Text(fr="Ville", en="Town"), "Europe/Paris", "#0b6e4f", utc_now())
        await unit.places.add_authority(town)
    for first in range(1, holders + 1, _SLICE):
        these = {"owner": town.id, "first": first, "last": min(holders, first + _SLICE - 1)}
        for statement in _FILL:
            more = {"open": OPEN} if ":open" in statement else {}
            async with database.write() as connection:
                await connection.execute(text(statement), these | more)
    async with database.write() as connection:
        await connection.execute(text("ANALYZE"))
    references = [f"D-{str(chance.randint(1, holders)).rjust(7, 'A')}" for _ in range(rounds)]

    async def first_page() -> None:
        async with database.read() as connection:
            await queue(connection, town.id, Wanted(), most=25)
            await counts(connection, town.id)

    async def decided() -> None:
        async with database.read() as connection:
            await queue(connection, town.id, Wanted(states=(RequestStatus.APPROVED,)), most=25)

    async def review() -> None:
        async with database.look() as unit:
            await dossier(unit, town.id, references.pop())

    for name, what in (("queue", first_page), ("decided", decided), ("review", review)):
        Console().print(f"{name}: p50, p95 = {await _timed(what, rounds)} ms")
    await database.close()


async def _timed(what: Callable[[], Awaitable[None]], rounds: int) -> str:
    took = []
    for _ in range(rounds):
        started = time.perf_counter()
        await what()
        took.append(1_000 * (time.perf_counter() - started))
    cuts = quantiles(took, n=20)
    return f"{cuts[9]:.1f}, {cuts[18]:.1f}"


if __name__ == "__main__":
    main()
