"""The public pages of notices: reading them, following them by e-mail, changing one's mind and leaving by one tap."""

import asyncio
import re
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import httpx
import pytest

from adapters.keyring import KeyRing
from adapters.mail import FolderMail
from adapters.notice_letters import NoticeLetters
from adapters.subscriber_keys import SubscriberKeys
from api.app import frame_of, furnish
from api.frame import Frame
from api.notice_carrier import NoticeCarrier
from api.rules import Rule
from api.settings import Settings
from domain.notices import NoticeTopic
from domain.text import Text
from tests.city import City
from tests.client import client_of
from tests.contract.test_mail import SENDER
from tests.contract.test_notices import Desk, desk
from tests.house_app import TestClock
from tests.http.test_permissions import declared
from web import notice_links, notices, places

__all__ = ["desk"]

ATOM = "{http://www.w3.org/2005/Atom}"
WISH = {"follow": "events:", "address": "Camille@Example.org", "language": "fr"}


class Pages:
    """The pages of a city whose letters lie in a folder."""

    def __init__(self, client: httpx.AsyncClient, desk: Desk, folder: Path, clock: TestClock, keyring: KeyRing) -> None:
        self.client = client
        self.desk = desk
        self.clock = clock
        self._folder = folder
        mail = FolderMail(folder, SENDER, clock)
        letters = NoticeLetters(SubscriberKeys(keyring), "http://127.0.0.1:8400")
        self._carrier = NoticeCarrier(desk.database, letters, mail, clock)

    @property
    def city(self) -> City:
        return self.desk.city

    @property
    def home(self) -> str:
        return f"/notices/{self.city.authority.code}"

    async def wish(self, **fields: str | list[str]) -> httpx.Response:
        return await self.client.post(self.home, data={**WISH, **fields})

    def letters(self) -> list[EmailMessage]:
        files = sorted(self._folder.glob("*.eml")) if self._folder.exists() else []
        return [message_from_bytes(file.read_bytes(), policy=default) for file in files]

    def link(self, purpose: str) -> str:
        """The path of a link in the last letters."""
        for letter in self.letters():
            part = letter.get_body(("plain",))
            assert part is not None
            found = re.search(rf"https?://\S+/{purpose}/\S+", str(part.get_content()))
            if found:
                return urlsplit(found[0]).path
        raise AssertionError(purpose)

    async def carried(self) -> None:
        """Let the next letter leave: by a worker of our own, or by the application's."""
        before = len(self.letters())
        await self._carrier.round()
        async with asyncio.timeout(60):
            while len(self.letters()) == before:  # noqa: ASYNC110 - a folder rings no bell
                await asyncio.sleep(0.05)

    async def follower(self) -> None:
        await self.wish()
        assert (await self.client.post(self.link("confirm"))).status_code == 200


@pytest.fixture(scope="module")
def frame() -> Frame:
    return frame_of((places.ROUTER, notices.ROUTER, notice_links.ROUTER))


@pytest.fixture
async def pages(frame: Frame, desk: Desk, database_url: str, keyring: KeyRing, tmp_path: Path) -> AsyncIterator[Pages]:
    clock = TestClock()
    settings = Settings(
        database_url=database_url,
        keys_folder=str(tmp_path / "keys"),
        mail_folder=str(tmp_path / "letters"),
        mail_from=SENDER,
    )
    async with client_of(furnish(frame, settings, clock=clock)) as client:
        yield Pages(client, desk, tmp_path / "letters", clock, keyring)


async def test_a_wish_a_yes_a_letter_and_leaving_by_one_tap(pages: Pages) -> None:
    assert (await pages.wish()).status_code == 200
    [asks] = pages.letters()
    assert asks["To"] == "Camille@example.org"
    confirm = pages.link("confirm")
    opened = await pages.client.get(confirm)
    assert "Événements" in opened.text
    assert (opened.headers["referrer-policy"], opened.headers["cache-control"]) == ("no-referrer", "no-store")
    sent = await pages.desk.send(pages.desk.notice())
    assert len(pages.letters()) == 1, "nothing before they said yes"
    assert (await pages.client.post(confirm)).status_code == 200
    sent = await pages.desk.send(pages.desk.notice())
    await pages.carried()
    leave = pages.link("leave")
    assert (await pages.client.get(leave)).status_code == 200
    assert (await pages.desk.tally(sent)).left == 0, "a link that is opened changes nothing"
    one_click = await pages.client.post(leave, data={"List-Unsubscribe": "One-Click"})
    assert "adresse est effacée" in one_click.text
    assert (await pages.client.post(leave)).status_code == 200, "the second tap hears the same"
    assert (await pages.desk.tally(sent)).left == 1
    for path in (confirm, pages.link("choose")):
        assert (await pages.client.get(path)).status_code == 404


async def test_a_letter_sets_its_colons_as_its_language_does(pages: Pages) -> None:
    await pages.wish(language="en")
    await pages.wish(address="fr@example.org")
    texts = [part.get_content() for letter in pages.letters() if (part := letter.get_body(("plain",))) is not None]
    (english,) = [text for text in texts if "Yes, send them to me" in text]
    (french,) = [text for text in texts if "Oui, je veux les recevoir" in text]
    assert "Yes, send them to me:\r\nhttp" in english
    assert "Oui, je veux les recevoir\u00a0:\r\nhttp" in french


async def test_quiet_hours_are_chosen_with_the_wish(pages: Pages) -> None:
    await pages.wish(quiet_begins="21:00", quiet_ends="07:00")
    confirmed = await pages.client.post(pages.link("confirm"))
    choices = re.search(r'href="([^"]+/choose/[^"]+)"', confirmed.text)
    assert choices is not None
    shown = (await pages.client.get(choices[1])).text
    assert ('value="21:00"' in shown, 'value="07:00"' in shown) == (True, True)


async def test_a_page_says_the_same_of_an_address_that_is_known(pages: Pages) -> None:
    first = await pages.wish()
    await pages.client.post(pages.link("confirm"))
    second = await pages.wish(follow=["sites:pool"])
    assert first.text == second.text
    assert {letter["Subject"] for letter in pages.letters()} == {
        "Confirmez pour recevoir nos avis",
        "Vos choix d’avis",
    }
    choices = pages.link("choose")
    assert 'value="events:" checked' in (await pages.client.get(choices)).text
    changed = {"follow": ["sites:pool", "floods:"], "language": "en", "quiet_begins": "21:00", "quiet_ends": "07:00"}
    assert "enregistrés" in (await pages.client.post(choices, data=changed)).text
    shown = (await pages.client.get(choices)).text
    assert all(part in shown for part in ('value="sites:pool" checked', 'value="21:00"', 'value="en" selected'))
    wrong = await pages.client.post(choices, data={**changed, "quiet_ends": "21:00"})
    assert (wrong.status_code, "deux heures différentes" in wrong.text) == (422, True)
    assert "effacée" in (await pages.client.post(choices, data={"leave": "all"})).text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"address": "nobody"}, "n’est pas valable"),
        ({"address": "a@b.example\r\nBcc: all@b.example"}, "n’est pas valable"),
        ({"follow": []}, "au moins un sujet"),
        ({"quiet_begins": "21:00"}, "deux heures différentes"),
        ({"quiet_begins": "21:00", "quiet_ends": "21:00"}, "deux heures différentes"),
        ({"follow": ["gossip:", "sites:nowhere"]}, "au moins un sujet"),
    ],
)
async def test_what_does_not_fit_comes_back_as_it_was_typed(
    pages: Pages, fields: dict[str, str | list[str]], words: str
) -> None:
    answer = await pages.wish(**fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert pages.letters() == []


async def test_programs_and_other_sites_send_no_letter_and_nobody_gets_a_flood_of_them(pages: Pages) -> None:
    assert (await pages.wish(website="x")).status_code == 200
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    await pages.client.post(pages.home, data=WISH, headers=elsewhere)
    assert pages.letters() == []
    answers = [(await pages.wish()).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 422]
    assert len(pages.letters()) == 3


async def test_a_notice_stands_on_its_page_on_its_place_and_in_its_feed_while_it_holds(pages: Pages) -> None:
    hostile = "**Fermée** <script>alert(1)</script> [x](javascript:alert(1))"
    notice = pages.desk.notice(
        NoticeTopic.SITES,
        place="pool",
        title=Text(fr="Fermée <b>aujourd’hui</b>", en="Closed today"),
        body=Text(fr=hostile, en="Closed."),
    )
    await pages.desk.send(notice)
    code = pages.city.authority.code
    feed = f"{pages.home}/feed.atom"
    for path in (pages.home, f"/places/{code}/pool"):
        text = (await pages.client.get(path)).text
        assert "Fermée &lt;b&gt;aujourd’hui" in text
        assert "<strong>Fermée</strong>" in text
        assert "<script>alert" not in text
        assert 'href="javascript' not in text
    [entry] = ET.fromstring((await pages.client.get(feed)).content).findall(f"{ATOM}entry")  # noqa: S314 - our own
    assert entry.findtext(f"{ATOM}title") == notice.title.fr
    assert "<strong>Fermée</strong>" in (entry.findtext(f"{ATOM}content") or "")
    for query, count in (("topic=sites", 1), ("topic=events", 0), ("place=pool&lang=en", 1), ("place=library", 0)):
        asked = ET.fromstring((await pages.client.get(f"{feed}?{query}")).content)  # noqa: S314 - our own
        assert len(asked.findall(f"{ATOM}entry")) == count
    pages.clock.turn(days=6)
    assert "Fermée" not in (await pages.client.get(pages.home)).text
    assert "<strong>Fermée" not in (await pages.client.get(f"/places/{code}/pool")).text


async def test_links_that_were_altered_and_cities_that_are_none_lead_nowhere(pages: Pages) -> None:
    await pages.follower()
    choose = pages.link("confirm").replace("/confirm/", "/choose/")
    for path in (choose, f"{pages.home}/leave/AAAA", "/notices/nowhere", "/notices/nowhere/feed.atom"):
        answer = await pages.client.get(path)
        assert answer.status_code == 404, path
        assert "<h1>" in answer.text


def test_every_page_is_for_everybody(frame: Frame, tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/none.sqlite3")
    app = furnish(frame, settings, clock=TestClock())
    rules = {rule for (_, path), rule in declared(app).items() if path.startswith("/notices")}
    assert rules - {None} == {Rule.PUBLIC}


async def test_several_cities_let_people_choose_whose_notices_they_read(pages: Pages) -> None:
    answer = await pages.client.get("/notices", headers={"Accept-Language": "fr"})
    assert re.findall(r'href="(/notices/\w+)"', answer.text) == ["/notices/ville", "/notices/voisine"]
    assert "<h1>Les avis</h1>" in answer.text
    assert "<title>Les avis – MultiPass</title>" in answer.text
