"""An agent at the console, as a browser would be: its cookies, its pages, and forms that carry their page's token.

console = await enter(house, Role.DESK)
page = await console.get("/console/account")
done = await console.post("/console/account/sessions/end")
assert done.headers["location"] == "/console/account"
"""

import html
import re

import httpx

from domain.agents import Agent, Role
from tests.city import PASSWORD
from tests.house_app import House


class Console:
    """One browser. It keeps its cookies to itself: the client of a house is shared."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.cookies: dict[str, str] = {}

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Open a page."""
        return await self._ask("GET", path, headers=headers)

    async def post(
        self,
        path: str,
        fields: dict[str, str] | None = None,
        *,
        drawn_at: str = "/console",
        token: str | None = None,
        headers: dict[str, str] | None = None,
        files: dict[str, tuple[str, bytes]] | None = None,
    ) -> httpx.Response:
        """Send a form with the token of the page it stands on, or another one; with files, as browsers send them."""
        sent = dict(fields or {})
        sent["csrf"] = await self.form_token(drawn_at) if token is None else token
        return await self._ask("POST", path, data=sent, headers=headers, files=files)

    async def form_token(self, page: str = "/console") -> str:
        """Return the token of a page's forms, as it stands in the page."""
        found = re.search(r'name="csrf" value="(\w+)"', (await self.get(page)).text)
        assert found is not None, f"no form on {page}"
        return found[1]

    async def log_in(
        self, login: str, password: str = PASSWORD, *, wanted: str = "", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Send login and password."""
        fields = {"login": login, "password": password, "next": wanted}
        return await self.post("/console/login", fields, drawn_at="/console/login", headers=headers)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        data: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        files: dict[str, tuple[str, bytes]] | None = None,
    ) -> httpx.Response:
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **(headers or {})}
        answer: httpx.Response = await self._client.request(
            method, path, data=data, files=files, headers={"Accept-Language": "en", **sent}, follow_redirects=False
        )
        for name, value in answer.cookies.items():
            self.cookies[name] = value
        for line in answer.headers.get_list("set-cookie"):
            if "max-age=0" in line.lower():
                self.cookies.pop(line.partition("=")[0], None)
        self._client.cookies.clear()
        return answer


async def enter(house: House, role: Role | Agent) -> Console:
    """Open a browser and log in with it: as the city's agent of a role, or as somebody else."""
    agent = house.city.agents[role] if isinstance(role, Role) else role
    console = Console(house.client)
    answer = await console.log_in(agent.login)
    assert answer.status_code == 303, answer.text
    return console


def said(page: httpx.Response) -> str:
    """Return what a page says, without its marks."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text)))
