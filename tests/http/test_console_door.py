"""The door of the console: who comes in, with which session, and which forms are taken."""

import re

import pytest
from msgspec.structs import replace

from admin.visits import SESSION
from api.settings import Settings
from domain.agent_sessions import IDLE, LONGEST
from domain.agents import Role, everywhere
from tests.city import PASSWORD
from tests.console import Console, enter, said
from tests.house_app import House
from tests.http.test_permissions import PLACES, TABLE
from web.cookies import cookie_name

SHARED = pytest.mark.asyncio(loop_scope="module")
COOKIE = "multipass-agent"
NOTHING = "Nothing was recorded"


@SHARED
async def test_a_page_leads_to_the_login_and_from_there_to_where_one_wanted_to_go(shared_house: House) -> None:
    console = Console(shared_house.client)
    sent_away = await console.get("/console/account?lang=en")
    assert sent_away.status_code == 303
    assert sent_away.headers["location"] == "/console/login?next=%2Fconsole%2Faccount%3Flang%3Den"

    answer = await console.log_in(shared_house.city.agents[Role.DESK].login, wanted="/console/account?lang=en")

    assert (answer.status_code, answer.headers["location"]) == (303, "/console/account?lang=en")
    assert "My account" in said(await console.get("/console/account?lang=en"))


@SHARED
@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/console",
        "//evil.example/console",
        "/console//evil.example",
        "/\\evil.example",
        "/console\\..\\evil",
        "javascript:alert(1)",
        "/console/\nLocation: https://evil.example",
        "/docs",
        "/consoles",
        "/console/login?next=/console/login",
        "",
    ],
)
async def test_nobody_is_led_out_of_the_console_after_the_login(shared_house: House, wanted: str) -> None:
    answer = await Console(shared_house.client).log_in(shared_house.city.agents[Role.DESK].login, wanted=wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")


@SHARED
async def test_a_cookie_that_somebody_has_chosen_is_never_a_session(shared_house: House) -> None:
    """Session fixation: whoever plants a cookie in a browser does not share the session that begins in it."""
    console = Console(shared_house.client)
    console.cookies[COOKIE] = "chosen-by-somebody-else"
    assert (await console.get("/console")).status_code == 303

    await console.log_in(shared_house.city.agents[Role.DESK].login)

    assert console.cookies[COOKIE] != "chosen-by-somebody-else"
    planted = Console(shared_house.client)
    planted.cookies[COOKIE] = "chosen-by-somebody-else"
    assert (await planted.get("/console")).status_code == 303


@SHARED
async def test_each_login_is_a_session_of_its_own_and_ends_the_one_of_its_browser(shared_house: House) -> None:
    console = await enter(shared_house, Role.DESK)
    first = dict(console.cookies)
    await console.post(
        "/console/login",
        {"login": shared_house.city.agents[Role.MANAGER].login, "password": PASSWORD, "next": ""},
        token="",
    )
    assert console.cookies == first, "a form without its token changes nothing"
    fresh = Console(shared_house.client)
    fresh.cookies = {COOKIE: first[COOKIE]}
    # Who is logged in is led on: the door's own cookie is that of a browser that stands before it.
    assert (await fresh.get("/console/login")).headers["location"] == "/console"
    door = Console(shared_house.client)
    token = await door.form_token("/console/login")
    door.cookies[COOKIE] = first[COOKIE]
    login = {"login": shared_house.city.agents[Role.MANAGER].login, "password": PASSWORD, "next": ""}

    answer = await door.post("/console/login", login, token=token)

    assert answer.status_code == 303
    assert door.cookies[COOKIE] != first[COOKIE]
    assert (await console.get("/console")).status_code == 303
    assert "Manager" in said(await door.get("/console"))


@SHARED
async def test_a_form_needs_the_token_of_its_own_session(shared_house: House) -> None:
    desk, manager = await enter(shared_house, Role.DESK), await enter(shared_house, Role.MANAGER)
    for token in ("", "0" * 64, await manager.form_token()):
        refused = await desk.post("/console/account/sessions/end", token=token)
        assert refused.status_code == 403
        assert NOTHING in said(refused)
    assert (await desk.post("/console/account/sessions/end")).status_code == 303


@SHARED
async def test_no_form_of_any_screen_is_taken_without_the_token_of_its_session(shared_house: House) -> None:
    """CSRF: whoever leads the browser of an agent who may do everything to one of our addresses changes nothing."""
    async with shared_house.database.begin() as unit:
        desk = shared_house.city.agents[Role.DESK]
        everything = replace(desk, id=unit.ids.row(), login="everything", grants=everywhere(*Role))
        await unit.agents.add(everything)
    console = await enter(shared_house, everything)
    forms = [path for method, path in TABLE if method == "POST" and path.startswith("/console/")]
    sent = {
        path: await console.post(path.format(**PLACES), token="0" * 64)
        for path in forms
        if not path.startswith("/console/login")
    }
    assert len(sent) > 100
    assert [path for path, answer in sent.items() if (answer.status_code, NOTHING in said(answer)) != (403, True)] == []
    assert (await console.get("/console")).status_code == 200, "not even the way out"


@SHARED
async def test_a_wrong_password_keeps_the_login_and_says_it_above_and_at_the_field(shared_house: House) -> None:
    login = '"><script>alert(1)</script>'
    answer = await Console(shared_house.client).log_in(login, "wrong")
    assert answer.status_code == 401
    assert said(answer).count("login or password is wrong") == 2
    assert "<script>alert" not in answer.text
    assert 'value="&#34;&gt;&lt;script&gt;' in answer.text
    assert "wrong" not in re.findall(r'type="password"[^>]*value="([^"]*)"', answer.text)


@SHARED
async def test_forged_forwarding_headers_open_no_way_around_the_limit(shared_house: House) -> None:
    login = "nobody-in-particular"
    for number in range(10):
        headers = {"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=198.51.100.{number}"}
        answer = await Console(shared_house.client).log_in(login, "wrong", headers=headers)
        assert answer.status_code == 401
    answer = await Console(shared_house.client).log_in(login, PASSWORD, headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) == 900
    assert "15 min" in said(answer)
    token = await shared_house.client.post("/v1/agents/tokens", json={"login": login, "password": PASSWORD})
    assert token.status_code == 429, "both doors count together"


@SHARED
async def test_logging_out_ends_the_session_on_the_server_too(shared_house: House) -> None:
    console = await enter(shared_house, Role.DESK)
    kept = console.cookies[COOKIE]
    assert (await console.post("/console/logout")).headers["location"] == "/console/login"
    assert COOKIE not in console.cookies
    console.cookies[COOKIE] = kept
    assert (await console.get("/console")).status_code == 303


async def test_a_session_ends_when_nobody_touches_it_and_after_a_day_of_work(house: House) -> None:
    console = await enter(house, Role.DESK)
    house.clock.turn(seconds=IDLE.total_seconds() - 1)
    assert (await console.get("/console")).status_code == 200
    house.clock.turn(seconds=IDLE.total_seconds() - 1)
    assert (await console.get("/console")).status_code == 200
    house.clock.turn(seconds=IDLE.total_seconds())
    assert (await console.get("/console")).status_code == 303

    console = await enter(house, Role.DESK)
    for _ in range(int(LONGEST / (IDLE / 2)) - 1):
        house.clock.turn(seconds=IDLE.total_seconds() / 2)
        assert (await console.get("/console")).status_code == 200
    house.clock.turn(seconds=IDLE.total_seconds() / 2)
    assert (await console.get("/console")).status_code == 303


async def test_sessions_are_listed_and_ended_by_their_owner_alone(house: House) -> None:
    here, there = await enter(house, Role.DESK), Console(house.client)
    firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0"
    await there.log_in(house.city.agents[Role.DESK].login, headers={"User-Agent": firefox})
    page = await here.get("/console/account")
    assert "Firefox, Windows" in said(page)
    (end,) = re.findall(r'action="(/console/account/sessions/[0-9a-f-]{36}/end)"', page.text)

    other = await enter(house, Role.MANAGER)
    assert (await other.post(end)).status_code == 404
    assert (await there.get("/console")).status_code == 200
    assert (await here.post(end)).headers["location"] == "/console/account"

    assert (await there.get("/console")).status_code == 303
    assert "The session has ended." in said(await here.get("/console/account"))
    assert "The session has ended." not in said(await here.get("/console/account")), "it is said once"


async def test_all_other_sessions_end_at_once(house: House) -> None:
    consoles = [await enter(house, Role.DESK) for _ in range(3)]
    await consoles[0].post("/console/account/sessions/end")
    assert [(await each.get("/console")).status_code for each in consoles] == [200, 303, 303]


@SHARED
async def test_a_word_that_the_session_has_not_sealed_is_not_said(shared_house: House) -> None:
    console = await enter(shared_house, Role.DESK)
    console.cookies["multipass-said"] = "Q2FsbCBtZQ." + "0" * 64
    assert "notice" not in (await console.get("/console")).text


@SHARED
async def test_the_language_that_was_chosen_is_kept(shared_house: House) -> None:
    console = await enter(shared_house, Role.DESK)
    assert "Bonjour" in said(await console.get("/console?lang=fr"))
    assert "Bonjour" in said(await console.get("/console"))


@SHARED
async def test_pages_allow_nothing_inline_and_are_kept_by_no_cache(shared_house: House) -> None:
    console = await enter(shared_house, Role.DESK)
    for path in ("/console", "/console/account", "/console/nothing/here"):
        page = await console.get(path)
        assert "unsafe" not in page.headers["content-security-policy"]
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page.text)


@SHARED
async def test_an_address_that_leads_nowhere_is_answered_in_words(shared_house: House) -> None:
    console = await enter(shared_house, Role.DESK)
    page = await console.get("/console/nothing/here")
    assert page.status_code == 404
    assert "There is no such page" in said(page)


@SHARED
async def test_whoever_is_refused_a_page_has_the_menu_to_go_on(shared_house: House) -> None:
    console = await enter(shared_house, Role.REVIEWER)
    for path, status in (("/console/agents", 403), ("/console/people/nobody-of-this-name", 404)):
        page = await console.get(path)
        assert page.status_code == status
        assert '<a href="/console/requests">' in page.text.partition('<nav id="navigation"')[2].partition("</nav>")[0]
        assert 'action="/console/logout"' in page.text


@SHARED
async def test_the_address_of_a_form_leads_to_the_page_that_it_stands_on(shared_house: House) -> None:
    """Enter in the address bar, a bookmark or the other language, after a form has come back with a mistake."""
    console = await enter(shared_house, Role.DESK)
    pages = {path for method, path in TABLE if method == "GET" and path.startswith("/console")}
    forms = {path for method, path in TABLE if method == "POST" and path.startswith("/console")} - pages
    assert len(forms) > 80
    wrong = []
    for path in sorted(forms):
        answer = await console.get(f"{path.format(**PLACES)}?lang=en")
        above = path
        while above not in pages:
            above = above.rpartition("/")[0]
        wanted = f"{above.format(**PLACES)}?lang=en"
        wrong += [] if (answer.status_code, answer.headers.get("location")) == (303, wanted) else [path]
    assert wrong == []
    api = await shared_house.client.get("/v1/agents/tokens", headers={"Accept": "text/html"})
    assert api.status_code == 405, "a program is told"


@SHARED
async def test_files_are_kept_for_ever_under_the_address_of_their_content(shared_house: House) -> None:
    page = await Console(shared_house.client).get("/console/login")
    files = re.findall(r"/console/assets/\w+/[\w.]+", page.text)
    assert len(files) == 3
    for path in files:
        assert "immutable" in (await shared_house.client.get(path)).headers["cache-control"]
    stale = await shared_house.client.get("/console/assets/0000/console.css")
    assert (stale.status_code, stale.headers["cache-control"]) == (200, "no-store")


def test_over_tls_the_cookie_belongs_to_this_very_host() -> None:
    settings = Settings(public_url="https://pass.ville.example")
    assert cookie_name(settings, SESSION) == "__Host-multipass-agent"
