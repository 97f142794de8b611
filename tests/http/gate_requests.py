"""Requests to the gate as bytes, and the shape of its problems."""

from typing import Any

import httpx
import pytest

from tests.house_app import House

PATH = "/v1/access/validations"


ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
"""For what looks the same whatever the database."""


SHARED = pytest.mark.asyncio(loop_scope="module")
"""For tests of `shared_house`."""


async def post(house: House, body: bytes, token: str | None = None) -> httpx.Response:
    token = token or await house.terminal_token()
    return await house.client.post(PATH, content=body, headers={"Authorization": f"Bearer {token}"})


def body_of(code: str, **more: object) -> dict[str, Any]:
    return {"key": "k-1", "gate": "pool-1", "credential": code, **more}


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:multipass:problem:{code}"
    assert answer.json()["status"] == status
