"""The door of the portal: who comes in, with which session, and which forms are taken."""

import re

import pytest

from api.settings import Settings
from domain.account_sessions import LIFE
from portal.visits import SESSION
from tests.console import Console, said
from tests.house_app import House
from tests.http.phones import read_codes
from tests.portal import let_browser_in, log_in
from web.cookies import cookie_name

SHARED = pytest.mark.asyncio(loop_scope="module")
COOKIE = "multipass-resident"


@SHARED
async def test_a_page_leads_to_the_login_and_from_there_to_where_one_wanted_to_go(shared_house: House) -> None:
    asked = await Console(shared_house.client).get("/moi/account?lang=en")
    assert (asked.status_code, asked.headers["location"]) == (303, "/moi/login?next=%2Fmoi%2Faccount%3Flang%3Den")

    browser = await log_in(shared_house, "wanted@example.org", wanted="/moi?lang=en")

    assert (browser.answer.status_code, browser.answer.headers["location"]) == (303, "/moi?lang=en")
    assert "not linked to a pass yet" in said(await browser.get("/moi?lang=en"))


@SHARED
async def test_a_login_leads_nowhere_else(shared_house: House) -> None:
    browser = await log_in(shared_house, "astray@example.org", wanted="https://evil.example/moi")

    assert browser.answer.headers["location"] == "/moi"


@SHARED
async def test_a_mobile_number_gets_its_code_too(shared_house: House) -> None:
    browser = Console(shared_house.client)
    sent = await browser.post("/moi/login", {"authority": "ville", "address": "06 39 98 76 54"}, drawn_at="/moi/login")

    assert sent.status_code == 303
    assert len(read_codes(shared_house, "+33639987654")) == 1


@SHARED
async def test_the_session_is_proved_by_a_cookie_that_scripts_and_other_sites_do_not_have(shared_house: House) -> None:
    leaving = await log_in(shared_house, "leaving@example.org")
    staying = await log_in(shared_house, "staying@example.org", stays=True)

    (line,) = [one for one in leaving.answer.headers.get_list("set-cookie") if one.startswith(f"{COOKIE}=")]
    assert "HttpOnly" in line
    assert "samesite=lax" in line.lower()
    assert "max-age" not in line.lower(), "it goes with the browser"
    assert "domain" not in line.lower(), "it belongs to this host alone"
    (line,) = [one for one in staying.answer.headers.get_list("set-cookie") if one.startswith(f"{COOKIE}=")]
    assert f"max-age={int(LIFE.total_seconds())}" in line.lower()
    assert cookie_name(Settings(public_url="https://pass.example"), SESSION) == "__Host-multipass-resident"


@SHARED
@pytest.mark.parametrize("change", ["", "x", "AAAA"])
async def test_a_cookie_that_nobody_wrote_opens_nothing(shared_house: House, change: str) -> None:
    browser = await let_browser_in(shared_house, f"forged{len(change)}@example.org")
    token = browser.cookies[COOKIE]
    browser.cookies[COOKIE] = token[: -len(change) - 1] + change if change else ""

    assert (await browser.get("/moi")).status_code == 303


@SHARED
async def test_an_access_token_of_an_app_is_no_cookie(shared_house: House) -> None:
    """S1: each door has an audience of its own."""
    attempt_of = await log_in(shared_house, "app@example.org")
    browser = Console(shared_house.client)
    answer = await browser.get("/v1/resident/account", Authorization=f"Bearer {attempt_of.cookies[COOKIE]}")

    assert answer.status_code == 401


@SHARED
async def test_a_wrong_code_says_so_at_its_field_and_lets_nobody_in(shared_house: House) -> None:
    browser = Console(shared_house.client)
    sent = await browser.post(
        "/moi/login", {"authority": "ville", "address": "wrong@example.org"}, drawn_at="/moi/login"
    )
    (right,) = read_codes(shared_house, "wrong@example.org")
    page = sent.headers["location"]
    attempt = re.search(r"attempt=([\w-]+)", page)
    assert attempt is not None
    fields = {"attempt": attempt[1], "code": "000000" if right != "000000" else "111111"}
    answer = await browser.post("/moi/login/code", fields, drawn_at=page)

    assert answer.status_code == 422
    assert "this code is wrong" in said(answer)
    assert COOKIE not in browser.cookies


@SHARED
async def test_what_is_no_address_is_kept_as_it_was_typed(shared_house: House) -> None:
    answer = await Console(shared_house.client).post(
        "/moi/login", {"authority": "ville", "address": "zoé@"}, drawn_at="/moi/login"
    )

    assert answer.status_code == 422
    assert 'value="zoé@"' in answer.text
    assert 'aria-describedby="hint-address wrong-address"' in answer.text


@SHARED
async def test_a_form_of_another_browser_is_not_taken(shared_house: House) -> None:
    """S5: no other site posts in somebody's name."""
    mine, other = [await let_browser_in(shared_house, f"{name}@example.org") for name in ("mine", "other")]

    refused = await mine.post("/moi/logout", token=await other.form_token("/moi"))

    assert refused.status_code == 403
    assert (await mine.get("/moi")).status_code == 200


@SHARED
async def test_who_logs_out_is_out_at_once(shared_house: House) -> None:
    browser = await let_browser_in(shared_house, "out@example.org")
    token = browser.cookies[COOKIE]
    answer = await browser.post("/moi/logout", drawn_at="/moi")

    assert (answer.status_code, answer.headers["location"]) == (303, "/moi/login?said=out")
    assert "You are logged out" in said(await browser.get(f"{answer.headers['location']}&lang=en"))
    browser.cookies[COOKIE] = token
    refused = await browser.get("/moi")
    assert refused.status_code == 303
    assert "You are no longer logged in here" in said(await browser.get(f"{refused.headers['location']}&lang=en"))


@SHARED
async def test_who_comes_for_the_first_time_is_told_of_no_session_that_ended(shared_house: House) -> None:
    for address in ("/moi/login?lang=en", "/moi/login?lang=en&said=anything"):
        page = await Console(shared_house.client).get(address)
        assert 'class="notice"' not in page.text


@SHARED
async def test_a_login_ends_the_session_that_the_browser_had(shared_house: House) -> None:
    browser = await let_browser_in(shared_house, "twice@example.org")
    before = browser.cookies[COOKIE]
    browser.cookies.update((await log_in(shared_house, "twice@example.org")).cookies)
    assert browser.cookies[COOKIE] != before


@SHARED
async def test_nothing_of_a_page_runs_or_comes_from_elsewhere(shared_house: House) -> None:
    browser = await let_browser_in(shared_house, "careful@example.org")
    page = await browser.get("/moi")

    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "script-src" not in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(r"<script|style=|onclick|https?://", page.text)


@SHARED
async def test_the_first_page_weighs_less_than_60_kilobytes(shared_house: House) -> None:
    browser = await let_browser_in(shared_house, "light@example.org")
    page = await browser.get("/moi")
    linked = re.findall(r'<link rel="(?:stylesheet|icon)" href="([^"]+)"', page.text)
    weights = [len((await browser.get(path)).content) for path in linked]

    assert len(linked) == 4
    assert len(page.content) + sum(weights) < 60_000


@SHARED
async def test_an_address_that_leads_nowhere_is_a_page_in_words(shared_house: House) -> None:
    browser = await let_browser_in(shared_house, "lost@example.org")
    page = await browser.get("/moi/nowhere")

    assert page.status_code == 404
    assert "Cette page n’existe pas" in said(page)
    assert 'href="/moi"' in page.text
