"""The demonstration as a process, built small: every screen has something on it, and every name is a hostile one."""

import asyncio
import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from msgspec import Struct

from adapters.clock import utc_now
from cli.demo.places import LOGINS
from domain.agents import Agent, Role, everywhere
from store.database import Database
from tests.city import PASSWORD
from tests.served import ALMIGHTY, ROOT, running

HOSTILE = "\"'><img src=x onerror=alert(1)>"
"""Ends an attribute, ends a tag, and begins one that would act."""

_PLAIN = (
    *("holder.last_name", "agent.name", "organisation.name", "terminal.name", "commune.name", "card_import.file_name"),
    *("remark.text", "remark.answer", "task.note", "modification.reason", "request_entry.words", "gateway.name"),
    *("band_edition.reason", "flood_change.words", "point_entry.note", "resident_session.name"),
)
"""Columns that people fill in as they like."""

_IN_JSON = (
    *("authority.name", "site.name", "zone.name", "gate.name", "closure.why", "site_session.name", "product.name"),
    *("device.name", "notice.title", "notice.body", "standard_text.title", "point.sheet", "point.shown"),
    *("pass_request.application", "sale_item.name"),
)
_WORDS = {"fr", "en", "name", "first_name", "last_name", "line", "city"}
"""Whose texts, in these columns, are people's own."""


class Demonstrated(Struct, frozen=True):
    """A running demonstration. Somebody (`ALMIGHTY`) has every role in it."""

    url: str
    database: Path

    def journal(self, after: int = 0) -> list[tuple[int, str]]:
        """The lines of `ALMIGHTY` beyond a number: number and act."""
        with closing(sqlite3.connect(self.database)) as city:
            found = city.execute(
                "SELECT number, act FROM journal_entry WHERE number > ?"
                " AND agent_id = (SELECT id FROM agent WHERE login = ?) ORDER BY number",
                (after, ALMIGHTY),
            )
            return [(int(number), str(act)) for number, act in found]


@contextlib.contextmanager
def demonstrated(folder: Path, *, residents: int = 80, days: int = 12) -> Iterator[Demonstrated]:
    """Build a small demonstration in `folder`, spoil its names, and serve it until the context ends."""
    home, database = folder / "demo", folder / "demo" / "multipass.sqlite3"
    sizes = ("--residents", str(residents), "--days", str(days))
    with (folder / "demo.log").open("wb") as log:
        subprocess.run(
            [sys.executable, "multipass.py", "demo", *sizes, "--no-serve", "--folder", str(home)],
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if not name.startswith("MULTIPASS_")},
            check=True,
            stdout=log,
            stderr=log,
        )
    url = f"sqlite:///{database}"
    asyncio.run(_take_on(url))
    with closing(sqlite3.connect(database)) as city, city:
        _spoil(city)
    settings = {
        "database_url": url,
        "keys_folder": str(home / "keys"),
        "media_folder": str(home / "media"),
        "documents_folder": str(home / "documents"),
        "mail_folder": str(home / "letters"),
        "mail_from": "pass@val-clair.example",
        "addresses_file": str(home / "addresses.json"),
    }
    with running(folder, **settings) as address:
        yield Demonstrated(address, database)


async def _take_on(url: str) -> None:
    database, now = Database(url, patience=30), utc_now()
    async with database.begin() as unit:
        colleague = await unit.agents.by_login(LOGINS[0].login)
        assert colleague is not None
        await unit.agents.add(
            Agent(
                id=unit.ids.row(),
                authority_id=colleague.authority_id,
                login=ALMIGHTY,
                name="Everything",
                password_hash=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD),
                grants=everywhere(*Role),
                active=True,
                created_at=now,
                keep_until=now.date() + timedelta(days=365),
            )
        )
    await database.close()


def _spoil(city: sqlite3.Connection) -> None:
    """Put a hostile word into every name, and a message that nobody can read beside the others."""
    city.execute(
        "INSERT INTO dead_letter (id, authority_id, source, received_at, why, detail, payload, address, keep_until)"
        " SELECT ?, authority_id, 'lorawan', recorded_at, 'unreadable', ?, ?, '', '2100-01-01' FROM validation LIMIT 1",
        ("0" * 31 + "1", HOSTILE, HOSTILE.encode()),
    )
    for place in _PLAIN:
        table, column = place.split(".")
        city.execute(f"UPDATE {table} SET {column} = {column} || ' ' || ? WHERE {column} <> ''", (HOSTILE,))  # noqa: S608 - our own names
    for place in _IN_JSON:
        table, column = place.split(".")
        rows = city.execute(f"SELECT rowid, {column} FROM {table} WHERE {column} IS NOT NULL").fetchall()  # noqa: S608 - as above
        spoilt = [(json.dumps(_spoilt(json.loads(said))), number) for number, said in rows]
        city.executemany(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", spoilt)  # noqa: S608 - as above


def _spoilt(said: Any, name: str = "") -> Any:  # noqa: ANN401 - whatever JSON holds
    match said:
        case dict():
            return {key: _spoilt(value, key) for key, value in said.items()}
        case list():
            return [_spoilt(value, name) for value in said]
        case str() if name in _WORDS and said:
            return f"{said} {HOSTILE}"
    return said
