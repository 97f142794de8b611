"""Everybody who may knock at a route, and what each is to be answered there: for the walk of `test_permissions.py`."""

from typing import Any
from uuid import uuid4

import httpx
from msgspec import Struct

from domain.agents import Role
from tests.console import Console
from tests.house_app import House
from tests.http.phones import let_in
from tests.portal import let_browser_in

CONSOLE, PORTAL = "/console", "/moi"
ANYBODY, TERMINAL, ANY_AGENT, RESIDENT = "anybody", "terminal", "any agent", "resident"
CALLERS = ("anonymous", "terminal", RESIDENT, *Role)


class Line(Struct, frozen=True):
    """One line of the table."""

    method: str
    path: str
    rule: str
    allowed: str

    def lets(self, caller: str) -> bool:
        """Whether this caller is expected to get through."""
        if self.allowed == ANYBODY:
            return True
        if self.allowed in {TERMINAL, ANY_AGENT}:
            return (caller == "terminal") if self.allowed == TERMINAL else caller in set(Role)
        return caller in self.allowed.split()


class Callers:
    """Everybody who calls, each with the proofs they hold: a login serves as many questions as it lives."""

    def __init__(self, house: House, places: dict[str, str], bodies: dict[str, Any]) -> None:
        self._house = house
        self._places = places
        self._bodies = bodies
        self._headers: dict[str, dict[str, str]] = {"anonymous": {}}
        self._browsers: dict[str, Console] = {}
        self._form_tokens: dict[str, str] = {}

    async def ask(self, line: Line, caller: str) -> httpx.Response:
        """Ask for a route as a caller would. What was let do something may have ended the login it came with."""
        visits = line.path.startswith((CONSOLE, PORTAL))
        answer = await (self._visit if visits else self._call)(line, caller)
        if caller != "anonymous" and line.method != "GET" and answer.status_code not in {401, 403}:
            self._headers.pop(caller, None)
            self._browsers.pop(caller, None)
            self._form_tokens.pop(caller, None)
        return answer

    async def _call(self, line: Line, caller: str) -> httpx.Response:
        answer: httpx.Response = await self._house.client.request(
            line.method,
            line.path.format(**self._places),
            headers=await self._headers_of(caller),
            json=self._bodies.get(line.path),
        )
        return answer

    async def _visit(self, line: Line, caller: str) -> httpx.Response:
        """Open a page, or send a form without any field, as a browser of this caller would."""
        browser = await self._browser_of(caller)
        path = line.path.format(**self._places)
        headers = await self._headers_of(caller) if caller == "terminal" else {}
        if line.method == "GET":
            return await browser.get(path, **headers)
        if (caller in set(Role) or caller == RESIDENT) and caller not in self._form_tokens:
            self._form_tokens[caller] = await browser.form_token(PORTAL if caller == RESIDENT else CONSOLE)
        token = "" if line.allowed == ANYBODY else self._form_tokens.get(caller, "")
        return await browser.post(path, token=token, headers=headers)

    async def _headers_of(self, caller: str) -> dict[str, str]:
        if caller == RESIDENT and caller not in self._headers:
            self._headers[caller] = await let_in(self._house, f"{uuid4()}@example.org")
        elif caller == "terminal" and caller not in self._headers:
            self._headers[caller] = {"Authorization": f"Bearer {await self._house.terminal_token()}"}
        elif caller not in self._headers:
            self._headers[caller] = await self._house.agent_headers(Role(caller))
        return self._headers[caller]

    async def _browser_of(self, caller: str) -> Console:
        if caller not in {RESIDENT, *Role}:
            return Console(self._house.client)
        if caller == RESIDENT and caller not in self._browsers:
            self._browsers[caller] = await let_browser_in(self._house, f"{uuid4()}@example.org")
        if caller not in self._browsers:
            self._browsers[caller] = Console(self._house.client)
            await self._browsers[caller].log_in(self._house.city.agents[Role(caller)].login)
        return self._browsers[caller]


def judge(line: Line, caller: str, answer: httpx.Response) -> None:
    """Assert that a caller got the answer that the table foresees."""
    problem = answer.headers.get("content-type", "").startswith("application/problem+json")
    code = answer.json()["code"] if problem else None
    assert answer.status_code < 500
    if line.path.startswith(PORTAL):
        judge_portal(line, caller, answer)
    elif line.path.startswith(CONSOLE):
        judge_console(line, caller, answer)
    elif line.allowed == ANYBODY:
        assert answer.status_code != 403 or code == "pairing-refused"
        assert answer.status_code != 401 or code in {
            "bad-credentials",
            "not-authenticated",
            "login-code-wrong",
            "refresh-refused",
            "passkey-refused",
        }
        if answer.status_code == 401:
            own = ("/tokens", "/tokens/renewal", "/tokens/passkey", "/hooks/{source}", "/hooks/{source}/{below}")
            assert line.path.endswith(own), "the handler's own answer to a wrong password, proof or token"
    elif line.lets(caller):
        assert answer.status_code not in {401, 403}
    else:
        # Who brings no token for this door is nobody; an agent without the permission is somebody.
        known = caller in set(Role) and line.allowed not in {TERMINAL, RESIDENT}
        assert (answer.status_code, code) == ((403, "forbidden") if known else (401, "not-authenticated"))


def judge_console(line: Line, caller: str, answer: httpx.Response) -> None:
    """The same for a page: a browser that may not is sent to log in, an agent who may not is told so."""
    sent_to_the_door = answer.headers.get("location", "").startswith("/console/login?")
    if line.lets(caller):
        # The login asks for the token of its own page, and for the password before the code.
        at_the_door = line.path.startswith("/console/login")
        assert (answer.status_code == 403) is (at_the_door and line.method == "POST")
        assert sent_to_the_door is (line.path == "/console/login/code" and line.method == "GET")
    elif caller in set(Role):
        assert answer.status_code == 403
    else:
        assert (answer.status_code, sent_to_the_door) == (303, line.method == "GET")
        assert answer.headers["location"].startswith("/console/login")


def judge_portal(line: Line, caller: str, answer: httpx.Response) -> None:
    """The same for a page of residents: everybody else is a browser that nobody knows, and is sent to log in."""
    if line.allowed == ANYBODY:
        # A form at the door wants the token of its own page.
        assert (answer.status_code == 403) is (line.method == "POST")
    elif line.lets(caller):
        assert answer.status_code not in {401, 403}
        # Whoever goes out themselves is told so at the door (`said`); whoever is sent away comes back (`next`).
        assert not answer.headers.get("location", "").startswith("/moi/login?next=")
    else:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/moi/login?" if line.method == "GET" else "/moi/login")
