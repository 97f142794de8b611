"""Passkeys at the console: they let their agent in alone, and every lie is refused with its reason in the log."""

import html
import json
import re
import shutil
from collections.abc import AsyncIterator, Callable
from copy import copy
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select
from structlog.testing import capture_logs

from adapters.keyring import KeyRing
from domain.agents import Role
from store.tables.agents import agent_passkey
from store.tables.journal import journal_entry
from tests.authenticator import PRESENT, Authenticator
from tests.city import PASSWORD
from tests.console import Console, enter, said
from tests.house_app import House, TestClock, open_house

pytestmark = pytest.mark.asyncio(loop_scope="module")

MINE = "/console/account/passkeys"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """The small city at an address that browsers know passkeys of, where a second factor is asked for."""
    folder = tmp_path_factory.mktemp("passkeys")
    shutil.copyfile(migrated_file, folder / "city.sqlite3")
    own = {"public_url": "http://localhost:8400", "second_factor": "required"}
    keys = folder / "keys"
    async with open_house(f"sqlite:///{folder}/city.sqlite3", KeyRing(keys), TestClock(), keys, **own) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def admin(house: House) -> Console:
    """An administrator, who sees agents, and so has a passkey."""
    return await with_passkey(house, Role.ADMINISTRATOR, Authenticator())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def managers(house: House) -> Authenticator:
    """The stick of the manager, to be copied and bent."""
    stick = Authenticator()
    await with_passkey(house, Role.MANAGER, stick)
    return stick


async def add(console: Console, stick: Authenticator, *, name: str = "Clé bleue") -> httpx.Response:
    """Add a passkey to the account that a console is logged in with."""
    page = await console.post(f"{MINE}/new", {"name": name, "password": PASSWORD}, drawn_at=MINE)
    (asked,) = re.findall(r'data-asked="([^"]+)"', page.text)
    (token,) = re.findall(r'name="csrf" value="(\w+)">\s+<input type="hidden" name="name"', page.text)
    answer = stick.make(html.unescape(asked))
    return await console.post(MINE, {"name": name, "answer": answer}, token=token)


async def ask(browser: Console, *, login: str = "") -> str:
    token = await browser.form_token("/console/login")
    return (await browser.post("/console/login/passkey/challenge", {"login": login}, token=token)).text


async def send(browser: Console, answer: str, **fields: str) -> httpx.Response:
    token = await browser.form_token("/console/login")
    return await browser.post("/console/login/passkey", {"answer": answer, **fields}, token=token)


async def with_passkey(house: House, role: Role, stick: Authenticator) -> Console:
    console = await enter(house, role)
    assert (await add(console, stick)).status_code == 303
    return console


async def acts(house: House, role: Role) -> list[str]:
    mine = journal_entry.c.object_id == str(house.city.agents[role].id)
    async with house.database.read() as connection:
        found = await connection.execute(select(journal_entry.c.act).where(mine).order_by(journal_entry.c.number))
        return [str(act) for act in found.scalars()]


async def test_a_passkey_alone_lets_its_agent_in_whatever_was_typed(house: House) -> None:
    stick = Authenticator()
    setting_up = await with_passkey(house, Role.REVIEWER, stick)
    login = house.city.agents[Role.REVIEWER].login
    assert (await setting_up.get("/console/requests")).status_code == 200, "it is the second factor that is asked for"
    for typed in ("", login):
        browser = Console(house.client)
        asked = await ask(browser, login=typed)
        allowed = json.loads(asked).get("allowCredentials") or []
        assert len(allowed) == (1 if typed else 0)
        answer = await send(browser, stick.show(asked), login=typed, next="/console/account")
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/account")
        assert "Clé bleue" in (await browser.get(MINE)).text
        assert (await browser.get("/console/requests")).status_code == 200
    assert "agent.passkey-added" in await acts(house, Role.REVIEWER)


async def test_where_a_second_factor_must_be_a_password_waits_for_the_passkey(house: House) -> None:
    """Else whoever has stolen the password would set up a telephone of their own."""
    stick = Authenticator()
    await with_passkey(house, Role.SITE_AGENT, stick)
    browser = Console(house.client)
    half = await browser.log_in(house.city.agents[Role.SITE_AGENT].login)
    page = await browser.get(half.headers["location"])
    assert "also ask for your passkey" in said(page)
    assert (await browser.get("/console/account/code")).status_code == 303, "to the login"
    assert (await send(browser, stick.show(await ask(browser)))).status_code == 303
    assert (await browser.get("/console/account/code")).status_code == 200


async def test_a_login_without_a_passkey_is_asked_for_one_all_the_same(house: House) -> None:
    """Whoever has no account, or no passkey, is not found out by asking."""
    logins = ("nobody@ville.example", house.city.agents[Role.OFFICIAL].login)
    asked = [json.loads(await ask(Console(house.client), login=login)) for login in (*logins, logins[0])]
    allowed = [[one["id"] for one in each["allowCredentials"]] for each in asked]
    assert [len(each) for each in allowed] == [1, 1, 1]
    assert allowed[0] == allowed[2] != allowed[1]


def elsewhere(stick: Authenticator) -> None:
    stick.origin = "https://evil.example"


def for_another(stick: Authenticator) -> None:
    stick.rp_id = "evil.example"


def unverified(stick: Authenticator) -> None:
    stick.flags = PRESENT


def of_somebody_else(stick: Authenticator) -> None:
    stick.user_id = bytes(16)


def unknown(stick: Authenticator) -> None:
    stick.credential_id = b"x" * 32


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        (elsewhere, "origin"),
        (for_another, "RP ID hash"),
        (unverified, "user was not verified"),
        (of_somebody_else, "somebody else's"),
        (unknown, "Nobody has registered"),
    ],
)
async def test_a_lie_lets_nobody_in_and_its_reason_is_logged(
    house: House, managers: Authenticator, lie: Callable[[Authenticator], None], why: str
) -> None:
    stick = copy(managers)
    lie(stick)
    browser = Console(house.client)
    await refused(browser, stick.show(await ask(browser)), why)


async def refused(browser: Console, answer: str, why: str, **fields: str) -> None:
    with capture_logs() as logged:
        page = await send(browser, answer, **fields)
    assert page.status_code == 401
    assert "not accepted" in said(page)
    assert (await browser.get("/console")).status_code == 303
    assert why in next(line["why"] for line in logged if line["event"] == "passkey")


async def test_a_challenge_is_answered_once_in_its_browser_and_in_time(house: House) -> None:
    stick, other = Authenticator(), Authenticator()
    await with_passkey(house, Role.EDITOR, stick)
    await with_passkey(house, Role.KEY_HOLDER, other)
    browser, stolen = Console(house.client), Console(house.client)
    asked = await ask(browser)
    await refused(stolen, stick.show(asked), "not given to this browser")
    await refused(browser, stick.show(asked, tampered=True), "signature")
    login = house.city.agents[Role.EDITOR].login
    await refused(browser, other.show(asked), "somebody else's", login=login)
    answer = stick.show(asked)
    assert (await send(browser, answer)).status_code == 303
    replaying = Console(house.client)
    replaying.cookies["multipass-door"] = browser.cookies["multipass-door"]
    await refused(replaying, answer, "answered before")
    late = await ask(replaying)
    house.clock.turn(minutes=5, seconds=1)
    await refused(replaying, stick.show(late), "over")


async def test_a_count_that_goes_back_is_refused_told_and_journalled(house: House, admin: Console) -> None:
    stick = Authenticator()
    await with_passkey(house, Role.DPO, stick)
    browser = Console(house.client)
    assert (await send(browser, stick.show(await ask(browser)))).status_code == 303
    stick.count -= 2
    copied = Console(house.client)
    await refused(copied, stick.show(await ask(copied)), "there may be a copy")
    assert "there may be a copy" in said(await browser.get(MINE))
    at = f"/console/agents/{house.city.agents[Role.DPO].id}"
    assert "there may be a copy" in said(await admin.get(at))
    assert "agent.passkey-suspected" in await acts(house, Role.DPO)
    stick.count += 5
    assert (await send(copied, stick.show(await ask(copied)))).status_code == 303, "the stick itself goes on"


async def test_passkeys_are_named_and_removed_but_never_the_last_way_in(house: House, admin: Console) -> None:
    first, second = Authenticator(counts=False), Authenticator()
    console = await with_passkey(house, Role.DESK, first)
    assert "registered already" in said(await add(console, first))
    assert (await add(console, second, name='<b>"')).status_code == 303
    page = await console.get(MINE)
    assert "<b>" not in page.text
    ids = re.findall(r"passkeys/([0-9a-f-]{36})/end", page.text)
    assert len(ids) == 2
    assert (await console.post(f"{MINE}/{ids[0]}/name", {"name": "Téléphone"})).status_code == 303
    assert "Téléphone" in (await console.get(MINE)).text
    other = await enter(house, Role.OFFICIAL)
    assert (await other.post(f"{MINE}/{ids[1]}/end")).status_code == 404, "another agent's"
    assert (await console.post(f"{MINE}/{ids[1]}/end")).status_code == 303
    assert "only way in" in said(await console.post(f"{MINE}/{ids[0]}/end")), "it is the second factor that must be"
    at = f"/console/agents/{house.city.agents[Role.DESK].id}"
    assert "Téléphone" in said(await admin.get(at))
    assert (await admin.post(f"{at}/passkeys/{ids[0]}/end")).status_code == 303
    assert (await console.get(MINE)).status_code == 303, "their sessions have ended"


async def test_a_new_passkey_asks_for_the_password_and_holds_for_this_session(house: House) -> None:
    console = await enter(house, Role.OFFICIAL)
    page = await console.post(f"{MINE}/new", {"name": "n", "password": "wrong"}, drawn_at=MINE)
    assert (page.status_code, "this password is wrong" in said(page)) == (422, True)
    stolen = Authenticator()
    asked = await ask(Console(house.client))
    made = stolen.make(json.dumps({**json.loads(asked), "user": {"id": "AAAA"}}))
    page = await console.post(MINE, {"name": "n", "answer": made}, drawn_at=MINE)
    assert (page.status_code, "could not be verified" in said(page)) == (422, True)
    async with house.database.read() as connection:
        mine = agent_passkey.c.agent_id == house.city.agents[Role.OFFICIAL].id
        assert (await connection.execute(select(agent_passkey).where(mine))).all() == []
