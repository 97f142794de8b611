"""A desk in tests: what its agent sends, and what nobody else may."""

from typing import Any

from domain.agents import Role
from tests.house_app import House


async def post(house: House, path: str, body: object = None, *, role: Role = Role.DESK, neighbour: bool = False) -> Any:  # noqa: ANN401 - an httpx answer
    """Post as an agent of a role, of this authority or the neighbouring one."""
    headers = await house.agent_headers(role, neighbour=neighbour)
    return await house.client.post(f"/v1{path}", json={} if body is None else body, headers=headers)


async def read(house: House, path: str, *, role: Role = Role.DESK, neighbour: bool = False) -> Any:  # noqa: ANN401 - an httpx answer
    """Read as an agent of a role."""
    return await house.client.get(f"/v1{path}", headers=await house.agent_headers(role, neighbour=neighbour))


async def done(answer: Any) -> Any:  # noqa: ANN401 - an httpx answer, or what is awaited for one
    """Await an answer that must be a success, and return its body."""
    heard = await answer
    assert heard.status_code in {200, 201, 204}, heard.text
    return heard.json() if heard.content else None
