"""A register as large as a city's, with its passages: PostgreSQL writes most of it itself, in a minute or two.

Keys of names are made as for anybody who is registered. Ids, numbers and names are the same in every run of one size.
"""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import asyncpg
import msgspec

from cli.demo.names import FIRST_NAMES, SURNAMES
from cli.demo.places import Territory
from domain.names import name_keys
from domain.passes import number_from
from domain.people import Holder

COMMUNES = 24
FIRST_COMMUNE = 59_000
"""Everybody lives in one of the communes from here on, as many in each."""

RARE = ("00", "55", "aa")
"""Last two digits of the ids of those who hold the first product: one in 85. Everybody holds the second."""

_FIRST_NUMBER = 10_000_000
"""Of a pass: below it are those of the gates' own city (`bench.rows`)."""

_SLICE = 500_000
_LIFE = timedelta(days=2_000)
_PASSES = """
INSERT INTO pass (id, authority_id, holder_id, number, status, valid_from, valid_until, created_at, keep_until)
SELECT id, authority_id, id, reference, 'active', created_at::date - 700, created_at::date + 1000, created_at,
    keep_until
FROM holder WHERE authority_id = $1
"""
_MEDIA = """
INSERT INTO medium (id, authority_id, pass_id, kind, status, status_list, status_index, expires_at, created_at,
    keep_until)
SELECT n, authority_id, id, 'card', 'active', 1 + n / 250000, n % 250000, created_at + interval '1000 days', created_at,
    keep_until
FROM (SELECT row_number() OVER (ORDER BY id) - 1 AS n, * FROM pass WHERE authority_id = $1) AS numbered
"""
_SELVES = """
INSERT INTO beneficiary (authority_id, holder_id, subject_id, valid_from, valid_until, former, keep_until)
SELECT authority_id, id, id, born_on, date '9999-12-31', false, keep_until FROM holder WHERE authority_id = $1
"""
_HOMES = """
INSERT INTO circumstance (authority_id, subject_id, kind, valid_from, value, valid_until, keep_until)
SELECT authority_id, id, 'commune', born_on, ($2 + ('x' || right(id::text, 2))::bit(8)::int % $3)::text,
    date '9999-12-31', keep_until
FROM holder WHERE authority_id = $1
"""
_RIGHTS = """
INSERT INTO entitlement (id, authority_id, subject_id, product_id, service_code, valid_from, valid_until, granted_at,
    keep_until)
SELECT md5(id::text || $3)::uuid, authority_id, id, $2, $5, created_at::date - 100, created_at::date + 265, created_at,
    keep_until
FROM holder WHERE authority_id = $1 AND (right(id::text, 2) = ANY($4) OR cardinality($4) = 0)
"""
_PASSAGES = """
INSERT INTO validation (number, authority_id, recorded_at, terminal_id, gate_id, site_id, service_code, direction,
    medium_id, pass_id, outcome, reason, charges, keep_until)
SELECT n, m.authority_id, $6::timestamptz - ($7::bigint - n) * interval '18 seconds', $1, $1, $2, 'pool', 'entry', m.id,
    m.pass_id, 'granted', 'welcome', '[]', $8::date
FROM generate_series($3::bigint, $4::bigint) AS n
    JOIN medium AS m ON m.id = (n * 7919) % $5::bigint AND m.authority_id = $9::uuid
"""


def people_of(authority_id: UUID, count: int, dice: Random, now: datetime) -> list[Holder]:
    """Draw as many people. A holder's reference is the number of their pass."""
    born, keep = now.date() - timedelta(days=30_000), (now + _LIFE).date()
    return [
        Holder(
            UUID(int=(1 << 64) + n),
            authority_id,
            number_from(_FIRST_NUMBER + n),
            dice.choice(FIRST_NAMES),
            f"{dice.choice(SURNAMES)} {dice.choice(SURNAMES)}" if n % 9 == 0 else dice.choice(SURNAMES),
            born + timedelta(days=dice.randrange(29_000)),
            now,
            keep,
        )
        for n in range(count)
    ]


async def fill(dsn: str, city: Territory, *, holders: int, passages: int, dice: Random, now: datetime) -> list[Holder]:
    """Write a register with a pass and a card for everybody, and passages that end now; return who stands in it."""
    owner, place = city.authority.id, next(iter(city.places.values()))
    people = people_of(owner, holders, dice, now)
    keep = (now + _LIFE).date()
    connection = await asyncpg.connect(dsn)
    try:
        # The rows agree by construction.
        await connection.execute("SET session_replication_role = replica")
        rows = [msgspec.structs.astuple(one) for one in people]
        await connection.copy_records_to_table("holder", records=rows, columns=Holder.__struct_fields__)
        keys = [(owner, key, one.id, keep) for one in people for key in name_keys(one.first_name, one.last_name)]
        columns = ("authority_id", "key", "holder_id", "keep_until")
        await connection.copy_records_to_table("holder_name", records=keys, columns=columns)
        for statement in (_PASSES, _MEDIA, _SELVES):
            await connection.execute(statement, owner)
        await connection.execute(_HOMES, owner, FIRST_COMMUNE, COMMUNES)
        rare, usual = list(city.products.values())[:2]
        for product, whose in ((rare, list(RARE)), (usual, [])):
            await connection.execute(_RIGHTS, owner, product.id, product.code, whose, product.service_code)
        for first in range(1, passages + 1, _SLICE):
            last = min(first + _SLICE - 1, passages)
            gate_id, site_id = place.entries[0].gate_id, place.site.id
            await connection.execute(_PASSAGES, gate_id, site_id, first, last, holders, now, passages, keep, owner)
        # The ledger goes on behind these.
        await connection.execute("UPDATE ledger_head SET number = $1 WHERE number < $1", passages)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return people
