"""Accounts that sleep: their owners are told in time and once; text messages leave by an operator."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from adapters.keyring import KeyRing
from adapters.mail import FolderMail
from adapters.sms import FolderSms, HttpSms
from api.account_keeper import AccountKeeper
from api.messenger import Messenger
from api.resident_notices import keep_choices, mark_of
from domain.accounts import INACTIVE, LEFT_AFTER_WARNING, WARNED, ContactChannel, add_contact, open_account
from domain.errors.accounts import BadContact, MessageNotSent
from domain.notices import NoticeTopic
from domain.sms import TextMessage
from domain.subscribers import Follow
from store.database import Database
from tests.city import NOW, small_city
from tests.house_app import TestClock

MESSAGE = TextMessage("+33612345678", 'Votre code est 287082. {number} "')


async def test_whoever_sleeps_is_told_once_and_forgotten_a_month_later(
    database_url: str, keyring: KeyRing, tmp_path_factory: pytest.TempPathFactory
) -> None:
    database, clock = Database(database_url, patience=30), TestClock()
    city = await small_city(database, keyring)
    folder = tmp_path_factory.mktemp("told")
    mail, sms = FolderMail(folder / "mail", "Ville <pass@ville.example>", clock), FolderSms(folder / "sms", clock)
    keeper = AccountKeeper(database, keyring, clock, Messenger(mail, sms, countries=()))
    async with database.begin() as unit:
        account = await open_account(
            unit,
            authority_id=city.authority.id,
            channel=ContactChannel.EMAIL,
            address="zoe@example.org",
            language="en",
            now=NOW,
        )
        await add_contact(unit, account, channel=ContactChannel.SMS, address="+33612345678", now=NOW)
        await keep_choices(unit, keyring, account, [Follow(NoticeTopic.EVENTS)], now=NOW)
        whose = await mark_of(unit, keyring, account)

    clock.now = NOW + INACTIVE - WARNED - timedelta(days=1)
    await keeper.round()
    assert list(folder.rglob("*.eml")) == []
    clock.turn(days=2)
    await keeper.round()
    await keeper.round()
    (letter,) = folder.rglob("*.eml")
    assert "will be deleted on 17 November 2028" in " ".join(letter.read_text().split())
    assert len(list(folder.rglob("*.json"))) == 1

    clock.turn(days=59)
    await keeper.round()
    async with database.look() as unit:
        assert await unit.accounts.by_id(city.authority.id, account.id) is None
        assert await unit.subscribers.by_whose(city.authority.id, whose) is None
    await database.close()


async def test_who_cannot_be_reached_is_kept_a_month_longer_and_keeps_nobody_else_waiting(
    database_url: str, keyring: KeyRing
) -> None:
    """A server that stood still for months warns first, and deletes then."""
    database, clock = Database(database_url, patience=30), TestClock()
    city = await small_city(database, keyring)
    away = HttpSms("http://127.0.0.1:9", "", "{}")
    keeper = AccountKeeper(database, keyring, clock, Messenger(None, away, countries=()))
    async with database.begin() as unit:
        account = await open_account(
            unit,
            authority_id=city.authority.id,
            channel=ContactChannel.SMS,
            address="+33612345678",
            language="fr",
            now=NOW,
        )
    clock.now = NOW + INACTIVE + timedelta(days=200)
    await keeper.round()
    async with database.look() as unit:
        kept = await unit.accounts.by_id(city.authority.id, account.id)
    assert kept is not None
    assert kept.keep_until == clock.now.date() + LEFT_AFTER_WARNING
    await database.close()


class _Operator(BaseHTTPRequestHandler):
    heard: ClassVar[list[tuple[dict[str, str], bytes]]]
    status = 200

    def do_POST(self) -> None:
        """Take whatever is posted."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
        """Say nothing."""


@pytest.fixture
def operator() -> Iterator[tuple[str, type[_Operator]]]:
    class Handler(_Operator):
        heard: ClassVar[list[tuple[dict[str, str], bytes]]] = []

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/sms", Handler
        server.shutdown()
        thread.join()


async def test_a_text_message_is_posted_in_the_form_that_the_operator_asks_for(
    operator: tuple[str, type[_Operator]],
) -> None:
    url, handler = operator
    sms = HttpSms(url, "Bearer x", '{"messages": [{"to": "{number}", "body": "[{text}]"}], "from": "VILLE", "v": 2}')
    await sms.send(MESSAGE)
    ((headers, body),) = handler.heard
    said = {"messages": [{"to": MESSAGE.number, "body": f"[{MESSAGE.text}]"}], "from": "VILLE", "v": 2}
    assert json.loads(body) == said, "what stands in a message is neither a field nor a place to fill in"
    assert (headers["authorization"], headers["content-type"]) == ("Bearer x", "application/json")
    handler.status = 500
    with pytest.raises(MessageNotSent):
        await sms.send(MESSAGE)
    await sms.close()


async def test_an_operator_who_is_away_is_said_to_be() -> None:
    sms = HttpSms("http://127.0.0.1:9/sms", "", "{}")
    with pytest.raises(MessageNotSent):
        await sms.send(MESSAGE)
    await sms.close()


async def test_an_installation_without_an_operator_takes_no_telephone_number() -> None:
    messenger = Messenger(None, None, countries=())
    for channel, address in ((ContactChannel.SMS, "0612345678"), (ContactChannel.EMAIL, "zoe@example.org")):
        with pytest.raises(BadContact):
            messenger.address(channel, address)
