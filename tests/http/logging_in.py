"""Agents at the door: what they send to log in, and how they hear who they are."""

from typing import Any

import httpx

from tests.city import PASSWORD
from tests.house_app import House


async def log_in(
    client: Any,  # noqa: ANN401 - a client of the house, or of another application on it
    login: str,
    password: str = PASSWORD,
    **headers: str,
) -> httpx.Response:
    """Send a login and a password."""
    answer: httpx.Response = await client.post(
        "/v1/agents/tokens",
        json={"login": login, "password": password},
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    return answer


async def who(house: House, token: str) -> httpx.Response:
    """Ask who a token is."""
    return await house.client.get("/v1/agents/me", headers={"Authorization": f"Bearer {token}"})
