"""The gate over HTTP: what is posted to it, and what it answers."""

import pytest

from tests.house_app import House
from tests.http.gate_requests import PATH, SHARED
from tests.http.ledger_rows import rows


async def test_a_resident_with_a_carnet_enters_the_pool_and_sees_what_remains(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))

    answer = await house.tap(zoe.code)

    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["outcome"], body["reason"]) == ("granted", "welcome")
    assert body["remaining"] == [{"product": "carnet-10", "unit": "visit", "left": 9, "of": 10, "until": "2027-01-01"}]


async def test_an_answer_says_it_in_both_languages_and_is_not_to_be_cached(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    answer = await house.tap(zoe.code)
    assert answer.json()["text"] == {"fr": "Bonne visite", "en": "Welcome"}
    assert answer.json()["nextStep"].keys() == {"fr", "en"}
    assert answer.json()["passValidUntil"] == "2031-01-01"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("hours", [-24 * 365, -1, 1, 24 * 365])
async def test_a_wrong_terminal_clock_changes_no_decision(house: House, hours: int) -> None:
    """T1: the server's time rules."""
    zoe = await house.resident("R1", rights=("carnet-10",))
    honest = house.clock()
    house.clock.turn(hours=hours)
    claimed, house.clock.now = house.clock.now.isoformat(), honest
    answer = await house.tap(zoe.code, terminalTime=claimed)
    assert answer.json()["reason"] == "welcome"


@SHARED
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
async def test_validations_are_posted(shared_house: House, method: str) -> None:
    token = await shared_house.terminal_token()
    before = await rows(shared_house)
    answer = await shared_house.client.request(method, PATH, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert await rows(shared_house) == before


@SHARED
async def test_who_refuses_a_method_names_the_others(shared_house: House) -> None:
    token = await shared_house.terminal_token()
    answer = await shared_house.client.get(PATH, headers={"Authorization": f"Bearer {token}"})
    assert answer.headers.get("allow") == "POST"
