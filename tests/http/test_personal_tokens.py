"""Tokens for programs: made with a passkey, no wider than a role, ended by a day, a hand or a closed account."""

import html
import re
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select

from adapters.keyring import KeyRing
from domain import staff
from domain.agents import Grant, Role
from domain.personal_tokens import CONSOLE_ALONE, LONGEST_LIFE, MOST_TOKENS, PREFIX
from store.tables.agents import agent_token
from store.tables.journal import journal_entry
from tests.authenticator import Authenticator
from tests.city import PASSWORD
from tests.console import Console, enter, said
from tests.house_app import House, TestClock, open_house
from tests.http.test_passkeys import with_passkey
from tests.http.test_permissions import TABLE

pytestmark = pytest.mark.asyncio(loop_scope="module")

MINE = "/console/account/tokens"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """The small city at an address that browsers know passkeys of."""
    folder = tmp_path_factory.mktemp("tokens")
    shutil.copyfile(migrated_file, folder / "city.sqlite3")
    keys = folder / "keys"
    url = f"sqlite:///{folder}/city.sqlite3"
    async with open_house(url, KeyRing(keys), TestClock(), keys, public_url="http://localhost:8400") as opened:
        yield opened


class Maker:
    """An agent with a stick, who makes tokens."""

    def __init__(self, house: House, role: Role) -> None:
        self.house, self.role, self.stick = house, role, Authenticator()
        self.console: Console

    async def enter(self) -> "Maker":
        self.console = await with_passkey(self.house, self.role, self.stick)
        return self

    def wanted(self, *boxes: str, days: int = 30, name: str = "Export") -> dict[str, str]:
        last = (self.house.clock() + timedelta(days=days)).date()
        return {"name": name, "until": last.isoformat(), **dict.fromkeys(boxes, "yes")}

    async def ask(self, wanted: dict[str, str]) -> httpx.Response:
        return await self.console.post(f"{MINE}/new", wanted, drawn_at=MINE)

    async def confirm(self, page: httpx.Response, wanted: dict[str, str]) -> httpx.Response:
        (asked,) = re.findall(r'data-asked="([^"]+)"', page.text)
        answer = self.stick.show(html.unescape(asked))
        return await self.console.post(MINE, {**wanted, "answer": answer}, drawn_at=MINE)

    async def make(self, *boxes: str, days: int = 30, name: str = "Export") -> str:
        wanted = self.wanted(*boxes, days=days, name=name)
        made = await self.confirm(await self.ask(wanted), wanted)
        assert made.status_code == 200, said(made)
        (token,) = re.findall(rf"<dd><code>({PREFIX}[\w-]+)</code>", made.text)
        return str(token)


async def call(house: House, token: str, path: str) -> httpx.Response:
    answer: httpx.Response = await house.client.get(path, headers={"Authorization": f"Bearer {token}"})
    return answer


async def test_a_program_does_what_was_ticked_and_nothing_else_of_the_role(house: House) -> None:
    maker = await Maker(house, Role.DESK).enter()
    number = (await house.resident("T-1")).pass_.number
    token = await maker.make("may_pass_read")
    me = (await call(house, token, "/v1/agents/me")).json()
    assert (me["login"], me["permissions"]) == (house.city.agents[Role.DESK].login, ["pass:read"])
    assert (await call(house, token, f"/v1/passes/{number}")).status_code == 200
    assert (await call(house, token, f"/v1/passes/{number}/offers")).status_code == 403, "the role may, the token not"
    listed = said(await maker.console.get(MINE))
    assert "Export" in listed
    assert token not in listed, "it was shown once"
    assert PASSWORD not in listed


async def test_the_journal_says_who_made_a_token_and_which_one_was_used(house: House) -> None:
    maker = await Maker(house, Role.REVIEWER).enter()
    number = (await house.resident("T-2")).pass_.number
    token = await maker.make("may_pass_read")
    await call(house, token, f"/v1/passes/{number}")
    mine = house.city.agents[Role.REVIEWER].id
    async with house.database.read() as connection:
        token_id = await connection.scalar(select(agent_token.c.id).where(agent_token.c.agent_id == mine))
        asked = select(journal_entry.c.act, journal_entry.c.door, journal_entry.c.session_id)
        found = await connection.execute(
            asked.where(journal_entry.c.agent_id == mine).order_by(journal_entry.c.number.desc()).limit(2)
        )
        (used, made) = found.all()
    assert (used.act, used.door, used.session_id) == ("pass.shown", "api", token_id)
    assert (made.act, made.door) == ("agent.token-made", "console")


async def test_a_token_is_never_wider_than_its_makers_role(house: House) -> None:
    maker = await Maker(house, Role.OFFICIAL).enter()
    page = await maker.ask(maker.wanted("may_pass_read"))
    assert (page.status_code, "tick one line at least" in said(page)) == (422, True)
    token = await maker.make("may_figures_read", "may_pass_read")
    assert (await call(house, token, "/v1/agents/me")).json()["permissions"] == ["figures:read"]
    official = house.city.agents[Role.OFFICIAL]
    async with house.database.begin() as unit:
        await staff.grant(unit, official, Grant(Role.DESK))
    assert (await call(house, token, "/v1/agents/me")).json()["permissions"] == ["figures:read"], "nor grows with it"
    async with house.database.begin() as unit:
        await staff.withdraw(unit, official, Grant(Role.OFFICIAL))
    assert (await call(house, token, "/v1/agents/me")).json()["permissions"] == [], "and loses what the role loses"


async def test_only_a_passkey_shown_now_and_for_this_very_token_makes_it(house: House) -> None:
    maker = await Maker(house, Role.EDITOR).enter()
    narrow, wide = maker.wanted("may_notice_write"), maker.wanted("may_notice_write", "may_point_edit")
    assert (await maker.console.post(MINE, narrow, drawn_at=MINE)).status_code == 422, "without any answer"
    for page_of, sent in ((narrow, wide), (narrow, {**narrow, "name": "Another"})):
        refused = await maker.confirm(await maker.ask(page_of), sent)
        assert (refused.status_code, "could not be verified" in said(refused)) == (422, True)
    page = await maker.ask(narrow)
    assert (await maker.confirm(page, narrow)).status_code == 200
    assert (await maker.confirm(page, narrow)).status_code == 422, "a challenge is answered once"
    late = await maker.ask(narrow)
    house.clock.turn(minutes=5, seconds=1)
    assert (await maker.confirm(late, narrow)).status_code == 422
    assert len(re.findall(r"/tokens/[0-9a-f-]{36}/end", (await maker.console.get(MINE)).text)) == 1


async def test_somebody_elses_passkey_makes_no_token_of_mine(house: House) -> None:
    maker = await Maker(house, Role.MANAGER).enter()
    other = await Maker(house, Role.KEY_HOLDER).enter()
    maker.stick = other.stick
    wanted = maker.wanted("may_figures_read")
    assert (await maker.confirm(await maker.ask(wanted), wanted)).status_code == 422


async def test_whoever_has_no_passkey_is_led_to_one(house: House) -> None:
    console = await enter(house, Role.SITE_AGENT)
    page = await console.get(MINE)
    assert "made with a passkey alone" in said(page)
    assert 'href="/console/account/passkeys"' in page.text


async def test_a_token_ends_on_its_day_and_lives_no_longer_than_a_year(house: House) -> None:
    maker = await Maker(house, Role.DPO).enter()
    too_long = await maker.ask(maker.wanted("may_journal_read", days=LONGEST_LIFE.days))
    assert (too_long.status_code, "a year from now" in said(too_long)) == (422, True)
    token = await maker.make("may_journal_read", days=1)
    house.clock.turn(days=1)
    assert (await call(house, token, "/v1/agents/me")).status_code == 200, "its last day"
    house.clock.turn(days=1)
    answer = await call(house, token, "/v1/agents/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "not-authenticated")


async def test_a_token_is_revoked_by_its_maker_or_by_an_administrator(house: House) -> None:
    admin = await enter(house, Role.ADMINISTRATOR)
    maker = await Maker(house, Role.DESK).enter()
    agent = house.city.agents[Role.DESK]
    tokens = []
    for number in range(3):
        house.clock.turn(seconds=1)
        tokens.append(await maker.make("may_pass_read", name=f"<b>{number}"))
    page = await maker.console.get(MINE)
    assert "<b>" not in page.text.partition("<main")[2]
    ids = re.findall(r"tokens/([0-9a-f-]{36})/end", page.text)
    assert (await admin.post(f"{MINE}/{ids[0]}/end")).status_code == 404, "it is not theirs"
    assert (await maker.console.post(f"{MINE}/{ids[0]}/end", drawn_at=MINE)).status_code == 303
    assert (await admin.post(f"/console/agents/{agent.id}/tokens/{ids[1]}/end")).status_code == 303
    answers = [(await call(house, token, "/v1/agents/me")).status_code for token in reversed(tokens)]
    assert answers == [401, 401, 200], "the newest is listed first"
    assert (await admin.post(f"/console/agents/{agent.id}/sessions/end")).status_code == 303
    assert (await call(house, tokens[0], "/v1/agents/me")).status_code == 401, "who is logged out is out"


async def test_a_closed_account_ends_its_tokens_for_good(house: House) -> None:
    maker = await Maker(house, Role.KEY_HOLDER).enter()
    token = await maker.make("may_card_batch")
    async with house.database.begin() as unit:
        closed = await staff.close(unit, house.city.agents[Role.KEY_HOLDER], by=None, now=house.clock())
    assert (await call(house, token, "/v1/agents/me")).status_code == 401
    async with house.database.begin() as unit:
        await staff.reopen(unit, closed)
    assert (await call(house, token, "/v1/agents/me")).status_code == 401, "whoever comes back makes another"


async def test_ten_open_tokens_are_enough(house: House) -> None:
    maker = await Maker(house, Role.ADMINISTRATOR).enter()
    for number in range(MOST_TOKENS):
        await maker.make("may_sensor_read", name=str(number))
    wanted = maker.wanted("may_sensor_read")
    full = await maker.confirm(await maker.ask(wanted), wanted)
    assert (full.status_code, "ten open tokens" in said(full)) == (422, True)


async def test_what_looks_like_a_token_opens_nothing(house: House) -> None:
    for text in (PREFIX, f"{PREFIX}{'A' * 43}", f"{PREFIX}é", f" {PREFIX}x"):
        header = [(b"Authorization", f"Bearer {text}".encode())]
        answer = await house.client.get("/v1/agents/me", headers=header)
        assert (answer.status_code, answer.json()["code"]) == (401, "not-authenticated")


async def test_what_only_the_console_asks_for_is_not_offered_to_programs() -> None:
    for_programs = {line.rule for line in TABLE.values() if line.path.startswith("/v1/")}
    assert for_programs & CONSOLE_ALONE == set()
