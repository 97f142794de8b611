"""Papers sent by mistake: what a household takes back is gone, what an agent has seen stays; on both engines."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from msgspec import Struct
from msgspec.structs import replace

from adapters.antivirus import Antivirus
from adapters.document_vault import DocumentVault
from adapters.keyring import KeyRing
from api.archivist import Archivist
from domain import documents, requests
from domain.accounts import Account, ContactChannel, open_account
from domain.documents import CheckResult, Document, DocumentKind, DocumentState, add_document, check_document, take_back
from domain.errors.requests import (
    DocumentChecked,
    DocumentNotFound,
    RequestChanged,
    RequestStepRefused,
    TooManyDocuments,
)
from domain.ports import Unit
from domain.reception import Held
from domain.request_terms import missing
from domain.requests import Deed, PassRequest
from domain.resident_requests import begin_own, hold_own, send_own
from store.database import Database
from store.request_retention import forget_requests
from tests.city import NOW, TODAY, City, small_city
from tests.hostile_files import letter
from tests.house_app import TestClock
from tests.requests_world import NINA, Desk, application

SAID = application(NINA, services=("pool",))


class Home(Struct):
    """Somebody at home who has sent a request with a paper, beside a city with a desk."""

    database: Database
    city: City
    account: Account
    request: PassRequest
    document: Document

    async def held(self, unit: Unit) -> Held:
        """The request as it is now, in its owner's hands."""
        held = await hold_own(unit, self.account, self.request.reference, seen=0, now=NOW)
        return replace(held, hand=replace(held.hand, seen=held.request.version))

    async def take_back(self, document: Document | None = None) -> PassRequest:
        async with self.database.begin() as unit:
            held = await self.held(unit)
            return await take_back(unit, held.request, document or await self.found(unit), held.hand)

    async def check(self, request: PassRequest, document: Document) -> None:
        async with self.database.begin() as unit:
            hand = Desk(unit, self.city).hand(request)
            await check_document(unit, request, document, hand, result=CheckResult.ACCEPTED)

    async def found(self, unit: Unit) -> Document:
        return await unit.documents.document(self.city.authority.id, self.request.id, self.document.id)


@pytest.fixture
async def home(database_url: str, keyring: KeyRing) -> AsyncIterator[Home]:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    async with database.begin() as unit:
        desk = Desk(unit, city)
        await desk.terms()
        account = await open_account(
            unit,
            authority_id=city.authority.id,
            channel=ContactChannel.EMAIL,
            address="zoe@example.org",
            language="fr",
            now=NOW,
        )
        draft = await begin_own(unit, account, SAID, now=NOW)
        draft, document = await add_document(unit, draft, desk.hand(draft), desk.safe(), kind=DocumentKind.IDENTITY)
    yield Home(database, city, account, draft, document)
    await database.close()


async def test_a_paper_that_is_taken_back_loses_its_key_and_proves_nothing_any_more(home: Home) -> None:
    """Of a draft, then of the same request once it is sent: twice is once, and the history says it."""
    left = await home.take_back()
    assert await home.take_back() == left, "once is enough"
    async with home.database.begin() as unit:
        held = await home.held(unit)
        gone = await home.found(unit)
        assert (gone.state, gone.wrapped_key, gone.digest) == (DocumentState.FORGOTTEN, b"", b"")
        assert gone.removed_at == NOW
        here = await unit.documents.of_request(left.id)
        terms = await unit.requests.terms(left.authority_id)
        assert (here, [one.code for one in missing(terms, left.application, here)]) == ([], ["identity"])
        sent = await send_own(unit, held)
        sent, again = await add_document(
            unit, sent, replace(held.hand, seen=sent.version), Desk(unit, home.city).safe(), kind=DocumentKind.IDENTITY
        )
        sent = await take_back(unit, sent, again, replace(held.hand, seen=sent.version))
        told = [(one.deed, one.fields) for one in await unit.requests.entries(sent.id)]
    added, removed = (Deed.DOCUMENT_ADDED, ("identity",)), (Deed.DOCUMENT_REMOVED, ("identity",))
    assert [one for one in told if one[0] is not Deed.SUBMITTED][1:] == [added, removed, added, removed]


async def test_what_an_agent_has_looked_at_or_has_before_them_stays(home: Home) -> None:
    async with home.database.begin() as unit:
        desk, held = Desk(unit, home.city), await home.held(unit)
        sent = await send_own(unit, held)
        taken = await requests.take(unit, sent, desk.hand(sent))
    with pytest.raises(RequestStepRefused):
        await home.take_back()
    async with home.database.begin() as unit:
        desk = Desk(unit, home.city)
        seen, _ = await check_document(
            unit, taken, await home.found(unit), desk.hand(taken), result=CheckResult.UNREADABLE
        )
        await requests.ask_for_more(unit, seen, desk.hand(seen), words="Il est flou.", today=TODAY)
    with pytest.raises(DocumentChecked):
        await home.take_back()
    async with home.database.look() as unit:
        assert (await home.found(unit)).state is DocumentState.KEPT


async def test_an_agent_who_was_slower_is_told_and_checks_nothing_that_is_gone(home: Home) -> None:
    async with home.database.begin() as unit:
        sent = await send_own(unit, await home.held(unit))
    left = await home.take_back()
    with pytest.raises(RequestChanged):
        await home.check(sent, home.document)
    async with home.database.look() as unit:
        gone = await home.found(unit)
    assert gone.wrapped_key == b""
    with pytest.raises(DocumentNotFound):
        await home.check(left, gone)


async def test_of_two_taps_one_takes_it_back_and_both_are_told_so(home: Home) -> None:
    async def tap() -> PassRequest:
        return await home.take_back()

    first, second = await asyncio.gather(tap(), tap())
    assert first.version == second.version
    async with home.database.look() as unit:
        deeds = [one.deed for one in await unit.requests.entries(home.request.id)]
    assert deeds.count(Deed.DOCUMENT_REMOVED) == 1


async def test_sending_and_taking_back_comes_to_an_end(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_SENT", 3)
    await home.take_back()
    for _ in range(2):
        async with home.database.begin() as unit:
            held = await home.held(unit)
            _, again = await add_document(
                unit, held.request, held.hand, Desk(unit, home.city).safe(), kind=DocumentKind.IDENTITY
            )
        await home.take_back(again)
    async with home.database.begin() as unit:
        held = await home.held(unit)
        with pytest.raises(TooManyDocuments):
            await add_document(unit, held.request, held.hand, Desk(unit, home.city).safe(), kind=DocumentKind.IDENTITY)


async def test_the_antivirus_brings_back_nothing_that_was_taken_back_meanwhile(
    home: Home, keyring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the file before it while its owner takes it back: neither its key nor its file is there again."""
    away = DocumentVault(tmp_path / "vault", keyring, Antivirus(f"unix:{tmp_path}/nobody"))
    safe = await away.keep(home.city.authority.code, uuid4(), letter())
    assert safe.state is DocumentState.QUARANTINED
    async with home.database.begin() as unit:
        held = await home.held(unit)
        _, waiting = await add_document(unit, held.request, held.hand, safe, kind=DocumentKind.OTHER)
    back = DocumentVault(tmp_path / "vault", keyring, Antivirus(""))
    look = back.look_again

    async def slowly(*asked: Any) -> object:  # noqa: ANN401 - as the vault's
        finding = await look(*asked)
        await home.take_back(waiting)
        return finding

    monkeypatch.setattr(back, "look_again", slowly)
    await Archivist(home.database, TestClock(), back).round()
    async with home.database.look() as unit:
        left = await unit.documents.document(home.city.authority.id, home.request.id, waiting.id)
    assert (left.state, left.wrapped_key) == (DocumentState.FORGOTTEN, b"")


async def test_what_was_taken_back_ends_with_its_request(home: Home) -> None:
    await home.take_back()
    async with home.database.write() as connection:
        await forget_requests(connection, home.city.authority.id, TODAY + requests.DRAFT_KEPT)
    async with home.database.look() as unit:
        with pytest.raises(DocumentNotFound):
            await home.found(unit)
