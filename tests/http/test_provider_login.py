"""Logging in at an identity provider: over real HTTP, with the demonstration's own, which here also lies."""

import html
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import ec
from litestar import Response

from adapters.keyring import KeyRing
from cli.demo.provider import CLIENT_ID, Person, Provider
from domain.agents import Role
from domain.identities import attach
from domain.staff import close
from tests.city import NOW
from tests.console import Console, said
from tests.house_app import House, TestClock, open_house

pytestmark = pytest.mark.asyncio(loop_scope="module")

INES = Person("ines", "Inès", "Roux")
CLOSED = Person("closed", "Ancien", "Collègue")
STRANGER = Person("stranger", "<b>Zoé</b>", "Ailleurs")
NAMELESS = Person("nameless", "", "", siret="0")
FOREIGN = ec.generate_private_key(ec.SECP256R1())


class Liar(Provider):
    """A provider, or somebody in its place, that says what it should not."""

    def __init__(self) -> None:
        super().__init__((INES, CLOSED, STRANGER, NAMELESS), lambda: NOW)
        self.lies: dict[str, Any] = {}

    def id_claims(self, asked: dict[str, str], person: Person) -> dict[str, Any]:
        return {**super().id_claims(asked, person), **self.lies.get("id", {})}

    def user_claims(self, person: Person) -> dict[str, Any]:
        return {**super().user_claims(person), **self.lies.get("user", {})}

    def signed(self, claims: dict[str, Any]) -> str:
        key = self.lies.get("key", self.private)
        algorithm = self.lies.get("algorithm", "ES256")
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": self.lies.get("kid", "demonstration")})

    def user_answer(self, person: Person) -> Response[Any]:
        if "unsigned" in self.lies:
            return Response(self.user_claims(person))
        return super().user_answer(person)


@pytest.fixture(scope="module")
def provider() -> Iterator[Liar]:
    lying = Liar()
    with lying.serving():
        yield lying


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory, provider: Liar) -> AsyncIterator[House]:
    """The small city, in which the desk is Inès at the provider."""
    folder = tmp_path_factory.mktemp("provider")
    shutil.copyfile(migrated_file, folder / "city.sqlite3")
    url, keys = f"sqlite:///{folder}/city.sqlite3", folder / "keys"
    async with open_house(url, KeyRing(keys), TestClock(), keys, oidc_issuer=provider.issuer) as opened:
        async with opened.database.begin() as unit:
            desk, manager = (opened.city.agents[role] for role in (Role.DESK, Role.MANAGER))
            await attach(unit, desk, siret=INES.siret, uid=INES.uid, by=None, now=NOW)
            await attach(unit, manager, siret=CLOSED.siret, uid=CLOSED.uid, by=None, now=NOW)
            await close(unit, manager, by=None, now=NOW)
        yield opened


async def sent_back(
    browser: Console, person: Person, *, link: str = "/console/login/provider?next=/console/account"
) -> str:
    """Begin a login in a browser, choose somebody at the provider, and return the address it sends back to."""
    begun = await browser.get(link)
    async with httpx.AsyncClient(trust_env=False) as elsewhere:
        asked = urlsplit(begun.headers["location"])
        assert "Inès Roux" in (await elsewhere.get(asked.geturl())).text
        chosen = {**{name: values[0] for name, values in parse_qs(asked.query).items()}, "uid": person.uid}
        answer = await elsewhere.get(f"{asked.scheme}://{asked.netloc}/as?{urlencode(chosen)}")
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"


async def test_whoever_is_attached_comes_in_and_goes_out_at_the_provider_too(house: House) -> None:
    browser = Console(house.client)
    assert "Log in with ProConnect" in said(await browser.get("/console/login"))
    back = await sent_back(browser, INES)

    answer = await browser.get(back)

    assert (answer.status_code, answer.headers["location"]) == (303, "/console/account")
    assert house.city.agents[Role.DESK].login in said(await browser.get("/console/account"))
    out = await browser.post("/console/logout")
    assert "logged out of ProConnect too" in said(out)
    assert "id_token_hint=" in out.text
    assert (await browser.get("/console")).status_code == 303
    assert (await browser.get(back)).status_code == 403, "an answer counts once"


LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"id": {"nonce": "of another login"}},
    "another issuer": {"id": {"iss": "https://elsewhere.example"}},
    "another audience": {"id": {"aud": "somebody-else"}},
    "made for another party": {"id": {"aud": [CLIENT_ID, "somebody-else"]}},
    "over": {"id": {"exp": int(NOW.timestamp())}},
    "not yet": {"id": {"iat": int(NOW.timestamp()) + 120}},
    "without end": {"id": {"exp": None}},
    "another sub": {"id": {"sub": "somebody else"}},
    "claims of another sub": {"user": {"sub": "somebody else"}},
    "claims for another audience": {"user": {"aud": "somebody-else"}},
    "claims of another issuer": {"user": {"iss": "https://elsewhere.example"}},
    "claims unsigned": {"unsigned": True},
    "another key": {"key": FOREIGN},
    "unknown key": {"kid": "unknown"},
    "no algorithm": {"key": "", "algorithm": "none"},
    "a symmetric algorithm": {"key": "a secret of thirty-two bytes or more", "algorithm": "HS256"},
}


@pytest.mark.parametrize("lie", LIES)
async def test_what_is_not_signed_for_this_very_login_lets_nobody_in(house: House, provider: Liar, lie: str) -> None:
    browser = Console(house.client)
    back = await sent_back(browser, INES)
    provider.lies = LIES[lie]
    try:
        answer = await browser.get(back)
    finally:
        provider.lies = {}
    assert answer.status_code == 403
    assert "did not succeed" in said(answer)
    assert (await browser.get("/console")).status_code == 303


async def test_an_answer_belongs_to_the_browser_that_began(house: House, provider: Liar) -> None:
    """Whoever sends their own answer to somebody else does not log them in as themselves."""
    mine, other = Console(house.client), Console(house.client)
    back = await sent_back(mine, INES)
    await other.get("/console/login")
    refused = [
        await other.get(back),
        await Console(house.client).get(back),
        await mine.get(back.replace("state=", "state=x")),
        await mine.get(back.partition("&state=")[0]),
        await mine.get("/console/login/back"),
        await mine.get(back.replace(urlencode({"iss": provider.issuer}), "iss=https%3A%2F%2Felsewhere.example")),
    ]
    assert [answer.status_code for answer in refused] == [403] * 6
    assert (await mine.get(back)).status_code == 303, "none of them spent it"


async def test_an_answer_that_comes_too_late_counts_no_more(house: House) -> None:
    browser = Console(house.client)
    back = await sent_back(browser, INES)
    house.clock.turn(minutes=11)
    try:
        assert (await browser.get(back)).status_code == 403
    finally:
        house.clock.turn(minutes=-11)


async def test_a_stranger_is_told_what_to_give_to_the_administrator_and_becomes_nobody(house: House) -> None:
    async with house.database.look() as unit:
        before = len(await unit.agents.everyone())
    browser = Console(house.client)
    page = await browser.get(await sent_back(browser, STRANGER))
    assert page.status_code == 403
    for told in ("do not know you yet", STRANGER.siret, STRANGER.uid, "<b>Zoé</b> Ailleurs"):
        assert told in said(page)
    assert "<b>Zoé" not in page.text
    async with house.database.look() as unit:
        assert len(await unit.agents.everyone()) == before


@pytest.mark.parametrize(("person", "word"), [(CLOSED, "do not know you"), (NAMELESS, "did not succeed")])
async def test_a_closed_account_and_a_provider_without_numbers_open_nothing(
    house: House, person: Person, word: str
) -> None:
    browser = Console(house.client)
    page = await browser.get(await sent_back(browser, person))
    assert page.status_code == 403
    assert word in said(page)


async def late(house: House, browser: Console) -> str:
    """Send a form when its session is over; return the way to the provider that the login page offers then."""
    token = await browser.form_token()
    house.clock.turn(minutes=31)
    page = await browser.post("/console/account/sessions/end", {"note": "typed <b>", "password": "s"}, token=token)
    house.clock.turn(minutes=-31)
    assert page.status_code == 401
    (link,) = re.findall(r'href="(/console/login/provider\?[^"]+)"', page.text)
    assert "typed" not in page.text, "it waits in the database, not in the page"
    return html.unescape(link)


async def test_a_form_that_came_too_late_is_kept_over_the_provider_and_comes_back_once(house: House) -> None:
    browser = Console(house.client)
    await browser.get(await sent_back(browser, INES))
    link = await late(house, browser)

    back = await sent_back(browser, INES, link=link)
    page = await browser.get(back)

    assert "still here" in said(page)
    assert 'name="note" value="typed &lt;b&gt;"' in page.text
    assert 'name="password"' not in page.text
    (token,) = re.findall(r'name="csrf" value="(\w+)">\s+<input type="hidden" name="note"', page.text)
    done = await browser.post("/console/account/sessions/end", {"note": "typed <b>"}, token=token)
    assert (done.status_code, done.headers["location"]) == (303, "/console/account")
    again = await browser.get(await sent_back(browser, INES, link=link))
    assert again.status_code == 303, "the ticket is spent"


async def test_another_browser_gets_nothing_of_a_late_form(house: House) -> None:
    """Even of the same agent: what was typed is sealed with the first browser's own secret."""
    browser, other = Console(house.client), Console(house.client)
    await browser.get(await sent_back(browser, INES))
    link = await late(house, browser)
    answer = await other.get(await sent_back(other, INES, link=link))
    assert (answer.status_code, "typed" in answer.text) == (303, False)
