"""A tap at a gate, over HTTP."""

from tests.house_app import House


async def test_a_resident_with_a_carnet_enters_the_pool_and_sees_what_remains(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))

    answer = await house.tap(zoe.code)

    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["outcome"], body["reason"]) == ("granted", "welcome")
    assert body["remaining"] == [{"product": "carnet-10", "unit": "visit", "left": 9, "of": 10, "until": "2027-01-01"}]
