"""What is done with requests that nobody sees to: silence, the end of files, and the antivirus that was away."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from msgspec import Struct

from adapters.antivirus import Antivirus
from adapters.document_vault import DocumentVault
from adapters.keyring import KeyRing
from api.archivist import Archivist
from domain import requests
from domain.documents import Document, DocumentKind, DocumentState, add_document
from domain.places import local_day
from domain.requests import APPEAL, PassRequest, RequestStatus
from store.database import Database
from tests.city import City, small_city
from tests.hostile_files import letter
from tests.house_app import TestClock
from tests.requests_world import Desk


class Archive(Struct):
    """A city whose requests nobody sees to but the archivist."""

    database: Database
    city: City
    keyring: KeyRing
    clock: TestClock
    folder: Path

    def vault(self, antivirus: str = "") -> DocumentVault:
        return DocumentVault(self.folder, self.keyring, Antivirus(antivirus))

    async def round(self, vault: DocumentVault) -> None:
        await Archivist(self.database, self.clock, vault).round()

    async def request(self, vault: DocumentVault) -> PassRequest:
        """Let a request have come with a PDF."""
        safe = await vault.keep(self.city.authority.code, uuid4(), letter())
        async with self.database.begin() as unit:
            desk = Desk(unit, self.city)
            request = await desk.sent()
            request, _ = await add_document(unit, request, desk.hand(request), safe, kind=DocumentKind.IDENTITY)
        return request

    async def found(self, reference: str) -> tuple[PassRequest, list[Document]]:
        async with self.database.look() as unit:
            request = await unit.requests.by_reference(self.city.authority.id, reference)
            return request, await unit.documents.of_request(request.id)

    @property
    def files(self) -> int:
        return len(list(self.folder.rglob("*.sealed")))


@pytest.fixture
async def archive(database_url: str, keyring: KeyRing, clock: TestClock, tmp_path: Path) -> AsyncIterator[Archive]:
    database = Database(database_url, patience=30)
    yield Archive(database, await small_city(database, keyring), keyring, clock, tmp_path / "vault")
    await database.close()


async def test_silence_closes_a_request_and_its_files_go_two_months_later(archive: Archive) -> None:
    vault = archive.vault()
    request = await archive.request(vault)
    async with archive.database.begin() as unit:
        desk = Desk(unit, archive.city)
        today = local_day(archive.clock(), archive.city.authority.zone)
        await requests.ask_for_more(unit, request, desk.hand(request), words="Il manque un papier.", today=today)

    archive.clock.turn(days=60)
    await archive.round(vault)
    assert (await archive.found(request.reference))[0].status is RequestStatus.NEEDS_MORE_INFO
    archive.clock.turn(days=1)
    await archive.round(vault)
    assert (await archive.found(request.reference))[0].status is RequestStatus.ABANDONED
    assert archive.files == 1

    archive.clock.turn(days=APPEAL.days)
    await archive.round(vault)
    assert archive.files == 0
    assert [one.state for one in (await archive.found(request.reference))[1]] == [DocumentState.FORGOTTEN]


async def test_a_file_that_waited_is_shown_once_the_antivirus_has_seen_it(archive: Archive) -> None:
    away = archive.vault(f"unix:{archive.folder}/nobody")
    request = await archive.request(away)
    await archive.round(away)
    [waiting] = (await archive.found(request.reference))[1]
    assert waiting.state is DocumentState.QUARANTINED

    await archive.round(archive.vault())
    [seen] = (await archive.found(request.reference))[1]
    assert seen.state is DocumentState.KEPT
