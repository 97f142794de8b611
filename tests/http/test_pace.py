"""What anybody may read is for everybody: nobody takes more than their share, and a page of any origin hears why."""

from types import ModuleType
from typing import Any

import httpx
import pytest

from api import pace
from api.pace import Pace
from tests.tour_city import OpenTour
from tour import feed

SHARED = pytest.mark.asyncio(loop_scope="module")


def refusal(answer: httpx.Response) -> tuple[int, str, str, Any]:
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["retryAfterSeconds"] == int(answer.headers["retry-after"])
    return answer.status_code, answer.json()["code"], answer.headers["content-type"], answer.headers["retry-after"]


@SHARED
@pytest.mark.parametrize("path", ["/v1/tour/points", "/sta/v1.1/Things", "/ngsi-ld/v1/types", "/v1/public/ville/sites"])
async def test_who_asks_too_often_is_told_when_to_ask_again(
    tour: OpenTour, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(tour.app.state, "pace", Pace(tour.clock, per_minute=2, trusted=()))
    for number in range(2):
        answer = await tour.client.get(path, headers={"X-Forwarded-For": f"192.0.2.{number}"})
        assert answer.status_code == 200, answer.text
    refused = await tour.client.get(path, headers={"X-Forwarded-For": "192.0.2.9"})
    assert refusal(refused) == (429, "too-many-requests", "application/problem+json", "30")
    assert (await tour.client.get("/health/live")).status_code == 200
    assert (await tour.client.get("/tour")).status_code == 200


@SHARED
@pytest.mark.parametrize(("where", "said"), [(pace, (429, "too-many-listeners")), (feed, (503, "overloaded"))])
async def test_a_listener_too_many_is_refused_before_the_stream_begins(
    tour: OpenTour, monkeypatch: pytest.MonkeyPatch, where: ModuleType, said: tuple[int, str]
) -> None:
    monkeypatch.setattr(where, "MOST_LISTENERS", 0)
    refused = await tour.client.get("/v1/tour/events?points=le-lez")
    assert refusal(refused)[:2] == said


@SHARED
async def test_a_page_of_any_origin_may_read_an_error(tour: OpenTour) -> None:
    missing = await tour.client.get("/v1/tour/points/nowhere")
    assert (missing.status_code, missing.headers["access-control-allow-origin"]) == (404, "*")
    hidden = await tour.client.get("/v1/passes/1234567890")
    assert (hidden.status_code, hidden.headers.get("access-control-allow-origin")) == (401, None)
