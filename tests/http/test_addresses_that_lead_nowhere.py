"""Addresses that somebody has mistyped, or keeps of a page that is gone: words for people, a problem for programs."""

import pytest

from tests.house_app import House
from tests.tour_city import OpenTour

SHARED = pytest.mark.asyncio(loop_scope="module")
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "fr"}


@SHARED
@pytest.mark.parametrize("path", ["/console/passes/1234567897/nothing/at-all", "/moi/passes/1234567897/media"])
async def test_a_mistyped_address_deep_below_a_page_is_answered_in_words(shared_house: House, path: str) -> None:
    answer = await shared_house.client.get(path, headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Cette page n’existe pas" in answer.text
    program = await shared_house.client.get(path)
    assert (program.status_code, program.json()["code"]) == (404, "not-found")


@SHARED
@pytest.mark.parametrize("path", ["/tour/nothing", "/tour/points/air-classe-12/nothing"])
async def test_a_mistyped_address_of_the_tour_is_answered_in_words(tour: OpenTour, path: str) -> None:
    answer = await tour.client.get(path, headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "/tour" in answer.text


@SHARED
async def test_an_unknown_address_of_the_api_stays_a_problem(shared_house: House) -> None:
    answer = await shared_house.client.get("/v1/nothing", headers=BROWSER)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
