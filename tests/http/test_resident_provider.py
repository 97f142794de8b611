"""Residents at an identity provider, over real HTTP, with the demonstration's FranceConnect, which here also lies."""

import base64
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import pytest_asyncio

from adapters.keyring import KeyRing
from cli.demo.provider import CLIENT_ID, CLIENT_SECRET, FranceConnect, Person
from tests.house_app import House, TestClock, open_house
from tests.http.phones import bearer, follow, let_in, letters, log_in, post, read
from tests.http.rights import assert_problem
from tests.portal import let_browser_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

APP = "fr.example.pass:/login"
PEOPLE = tuple(Person(f"p{number}", "Zoé", "Lefèvre") for number in range(9))


class Liar(FranceConnect):
    """A provider that says what it should not."""

    def __init__(self) -> None:
        self.clock = TestClock()
        super().__init__(PEOPLE, self.clock)
        self.lies: dict[str, Any] = {}

    def id_claims(self, asked: dict[str, str], person: Person) -> dict[str, Any]:
        return {**super().id_claims(asked, person), **self.lies}


@pytest.fixture(scope="module")
def provider() -> Iterator[Liar]:
    lying = Liar()
    with lying.serving():
        yield lying


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened_house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory, provider: Liar
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("residents-provider")
    shutil.copyfile(migrated_file, folder / "city.sqlite3")
    own: dict[str, Any] = {
        "resident_oidc_issuer": provider.issuer,
        "resident_oidc_client_id": CLIENT_ID,
        "resident_oidc_client_secret": CLIENT_SECRET,
        "app_redirects": (APP,),
    }
    keys = folder / "keys"
    async with open_house(f"sqlite:///{folder}/city.sqlite3", KeyRing(keys), provider.clock, keys, **own) as opened:
        yield opened


@pytest.fixture
def house(opened_house: House) -> House:
    """The same house a quarter of an hour later: nobody's requests are counted any more."""
    opened_house.clock.turn(minutes=16)
    return opened_house


class Device:
    """A resident's telephone: an app with its secret, and the system's browser with its cookies."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.verifier = secrets.token_urlsafe(32)
        self.cookies: dict[str, str] = {}

    async def begin(self, **other: str) -> httpx.Response:
        digest = sha256(self.verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        asked = {"authority": "ville", "redirect": APP, "challenge": challenge, **other}
        return await self.go(f"/sign-in/provider?{urlencode(asked)}")

    async def go(self, path: str) -> httpx.Response:
        self.house.client.cookies.clear()
        cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        answer = await self.house.client.get(path, headers=cookie, follow_redirects=False)
        self.cookies.update(answer.cookies)
        self.house.client.cookies.clear()
        return answer

    async def choose(self, person: Person, **other: str) -> str:
        """Go to the provider, be somebody there, and return the address it sends back to."""
        begun = await self.begin(**other)
        assert begun.status_code == 303, begun.text
        asked = urlsplit(begun.headers["location"])
        async with httpx.AsyncClient(trust_env=False) as elsewhere:
            chosen = {**{name: values[0] for name, values in parse_qs(asked.query).items()}, "uid": person.uid}
            answer = await elsewhere.get(f"{asked.scheme}://{asked.netloc}/as?{urlencode(chosen)}")
        back = urlsplit(answer.headers["location"])
        return f"{back.path}?{back.query}"

    async def ticket(self, person: Person, **other: str) -> str:
        back = await self.go(await self.choose(person, **other))
        assert back.status_code == 303, back.text
        return parse_qs(urlsplit(back.headers["location"]).query)["ticket"][0]

    async def enter(self, ticket: str) -> httpx.Response:
        body = {"ticket": ticket, "verifier": self.verifier, "device": "Fairphone"}
        return await post(self.house, "/tokens/provider", body)


async def entered(house: House, person: Person) -> dict[str, Any]:
    device = Device(house)
    answer = await device.enter(await device.ticket(person))
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_who_comes_for_the_first_time_has_an_account_that_sees_nobody_and_comes_back_to_it(house: House) -> None:
    assert (await read(house, "/provider")).json() == {"name": "FranceConnect"}
    zoe = await house.resident("R-fc")
    first = await entered(house, PEOPLE[0])
    account = (await read(house, "/account", bearer(first))).json()
    assert (account["contacts"], account["persons"]) == ([], []), "a name and a birthday tie nobody to a person"
    await follow(house, bearer(first), zoe.holder)
    again = await entered(house, PEOPLE[0])
    assert [one["reference"] for one in (await read(house, "/account", bearer(again))).json()["persons"]] == ["R-fc"]
    way_out = urlsplit(first["providerLogout"])
    assert parse_qs(way_out.query).keys() == {"id_token_hint", "post_logout_redirect_uri"}
    async with httpx.AsyncClient(trust_env=False) as elsewhere:
        assert (await elsewhere.get(way_out.geturl())).headers["location"] == "http://127.0.0.1:8400/"


async def test_a_ticket_is_turned_in_once_in_time_by_the_device_that_began(house: House) -> None:
    device, thief = Device(house), Device(house)
    ticket = await device.ticket(PEOPLE[1])
    assert_problem(await thief.enter(ticket), 400, "ticket-refused")
    assert (await device.enter(ticket)).status_code == 200
    assert_problem(await device.enter(ticket), 400, "ticket-refused")
    late = await device.ticket(PEOPLE[1])
    house.clock.turn(minutes=2)
    assert_problem(await device.enter(late), 400, "ticket-refused")


async def test_an_answer_belongs_to_the_browser_that_began(house: House) -> None:
    mine, other = Device(house), Device(house)
    back = await mine.choose(PEOPLE[2])
    await other.begin()
    for refused in (await other.go(back), await Device(house).go(back), await mine.go("/sign-in/provider/back")):
        assert_problem(refused, 401, "identity-refused")
    assert (await mine.go(back)).headers["location"].startswith(f"{APP}?ticket=")


async def test_nobody_is_sent_back_to_an_address_that_nobody_named(house: House) -> None:
    for redirect in (
        "https://evil.example/",
        "javascript:/alert(1)",
        f"{APP}/more",
        "http://127.0.0.1:8400.evil.example/",
        "http://127.0.0.1:8400/x?y=1",
        "http://127.0.0.1:8400/x#y",
        "",
    ):
        assert_problem(await Device(house).begin(redirect=redirect), 400, "bad-redirect")
    assert (await Device(house).begin(challenge="short")).status_code == 400
    assert_problem(await Device(house).begin(authority="nowhere"), 404, "authority-not-found")
    page = await Device(house).go(await (portal := Device(house)).choose(PEOPLE[2], redirect="http://127.0.0.1:8400/p"))
    assert page.status_code == 401
    back = await portal.go(await portal.choose(PEOPLE[2], redirect="http://127.0.0.1:8400/p"))
    assert back.headers["location"].startswith("http://127.0.0.1:8400/p?ticket=")


@pytest.mark.parametrize(
    "lie",
    [{"nonce": "of another login"}, {"aud": "somebody-else"}, {"sub": "somebody else"}, {"acr": "eidas0"}],
    ids=lambda lie: next(iter(lie)),
)
async def test_what_the_provider_may_not_say_brings_no_ticket(
    house: House, provider: Liar, lie: dict[str, Any]
) -> None:
    device = Device(house)
    back = await device.choose(PEOPLE[3])
    provider.lies = lie
    try:
        answer = await device.go(back)
    finally:
        provider.lies = {}
    assert answer.headers["location"] == f"{APP}?error=identity-refused"


async def test_whoever_has_an_account_adds_the_provider_and_takes_it_off_again(house: House) -> None:
    mine = await let_in(house, "zoe4@example.org")
    device = Device(house)
    shown = {"ticket": await device.ticket(PEOPLE[4]), "verifier": device.verifier}
    added = await post(house, "/account/identities", shown, mine)
    assert (added.status_code, added.json()["name"]) == (201, "FranceConnect")
    (told,) = letters(house, "zoe4@example.org")
    assert "FranceConnect" in told.get_content()
    by_provider = bearer(await entered(house, PEOPLE[4]))
    assert (await read(house, "/account", by_provider)).json() == (await read(house, "/account", mine)).json()

    stranger = await let_in(house, "max4@example.org")
    device = Device(house)
    theirs = {"ticket": await device.ticket(PEOPLE[4]), "verifier": device.verifier}
    assert_problem(await post(house, "/account/identities", theirs, stranger), 409, "identity-taken")
    path = f"/v1/resident/account/identities/{added.json()['id']}"
    assert (await house.client.delete(path, headers=stranger)).status_code == 204
    assert len((await read(house, "/account/identities", mine)).json()["identities"]) == 1
    for _ in range(2):
        assert (await house.client.delete(path, headers=mine)).status_code == 204
    assert (await read(house, "/account/identities", mine)).json() == {"identities": []}
    another = (await read(house, "/account", bearer(await entered(house, PEOPLE[4])))).json()
    assert another["contacts"] == [], "from now on it opens a new account"


async def test_the_provider_is_not_taken_off_before_an_address_opens_the_account(house: House) -> None:
    mine = bearer(await entered(house, PEOPLE[5]))
    (listed,) = (await read(house, "/account/identities", mine)).json()["identities"]
    path = f"/v1/resident/account/identities/{listed['id']}"
    assert_problem(await house.client.delete(path, headers=mine), 409, "last-way-in")
    sent = (await post(house, "/account/contacts/codes", {"email": "zoe5@example.org"}, mine)).json()
    (letter,) = letters(house, "zoe5@example.org")
    code = "".join(sign for sign in str(letter["Subject"]).partition(":")[0] if sign.isdigit())
    confirmed = await post(house, "/account/contacts", {"attempt": sent["attempt"], "code": code}, mine)
    assert confirmed.status_code == 201, confirmed.text
    assert (await house.client.delete(path, headers=mine)).status_code == 204
    assert (await read(house, "/account", await log_in(house, "zoe5@example.org"))).status_code == 200


class Portal(Device):
    """A browser at the portal, on its way from the login or from another page."""

    begins_at = "/moi/login/provider?authority=ville&next=/moi/account"

    async def begin(self, **_other: str) -> httpx.Response:
        way = await self.go(self.begins_at)
        assert way.status_code == 303, way.text
        return await self.go(way.headers["location"])

    async def back(self, person: Person) -> str:
        """Go to the provider and return the portal's address that its ticket is for."""
        answer = await self.go(await self.choose(person))
        landing = urlsplit(answer.headers["location"])
        return f"{landing.path}?{landing.query}"


async def test_a_browser_comes_in_by_the_provider_and_goes_out_there_too(house: House) -> None:
    browser = Portal(house)
    assert "Continuer avec FranceConnect" in (await browser.go("/moi/login")).text
    landed = await browser.go(await browser.back(PEOPLE[6]))
    assert (landed.status_code, landed.headers["location"]) == (303, "/moi/account")
    account = await browser.go("/moi/account")
    assert "nous ne pouvons donc rien vous écrire" in account.text
    assert "Avec deux adresses" not in account.text

    browser.cookies.pop("multipass-resident")
    assert "Se déconnecter aussi de FranceConnect" in (await browser.go("/moi/login")).text
    out = await browser.go("/moi/login/provider/out")
    assert parse_qs(urlsplit(out.headers["location"]).query)["id_token_hint"]


async def test_whoever_is_logged_in_adds_the_provider_at_the_portal_and_takes_it_off_again(house: House) -> None:
    browser, other = Portal(house), Portal(house)
    zoe = await let_browser_in(house, "zoe8@example.org")
    browser.cookies.update(zoe.cookies)
    assert "Ajouter FranceConnect" in (await browser.go("/moi/account")).text

    browser.begins_at = "/moi/account/provider"
    landed = await browser.go(await browser.back(PEOPLE[8]))

    assert (landed.status_code, landed.headers["location"]) == (303, "/moi/account")
    shown = (await browser.go("/moi/account")).text
    assert "FranceConnect ouvre maintenant votre compte." in shown
    assert "FranceConnect" in letters(house, "zoe8@example.org")[0].get_content()
    await other.go(await other.back(PEOPLE[8]))
    assert "Retirer FranceConnect" in (await other.go("/moi/account")).text, "of an account that has an address"

    (remove,) = re.findall(r'action="(/moi/account/provider/[^"]+/remove)"', shown)
    zoe.cookies.update(browser.cookies)
    await zoe.post(remove, drawn_at="/moi/account")
    assert "Ajouter FranceConnect" in (await browser.go("/moi/account")).text
    third = Portal(house)
    await third.go(await third.back(PEOPLE[8]))
    alone = (await third.go("/moi/account")).text
    assert "ajoutez d’abord une adresse" in alone
    taken = await browser.go(await browser.back(PEOPLE[8]))
    assert taken.headers["location"] == "/moi/account"
    assert "ouvre déjà un autre compte" in (await browser.go("/moi/account")).text


async def test_a_ticket_of_another_browser_opens_no_portal(house: House) -> None:
    victim, thief = Portal(house), Portal(house)
    stolen = await thief.back(PEOPLE[7])
    for browser in (victim, Portal(house)):
        if browser is victim:
            await browser.begin()
        refused = await browser.go(stolen)
        assert refused.status_code == 401
        assert "cette connexion n’a pas abouti" in refused.text
        assert "multipass-resident" not in browser.cookies
    assert (await thief.go(f"{stolen.partition('?')[0]}?error=identity-refused")).status_code == 401
