"""A plastic card ordered by an app: at the price that was shown, once under its key, for one's own pass alone."""

from uuid import uuid4

import pytest

from tests.house_app import House
from tests.http.ordered_cards import give_card, take_orders
from tests.http.phones import post, read
from tests.http.rights import assert_problem
from tests.http.test_resident_passes import parent

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_lost_card_is_stopped_and_another_ordered_once_under_its_key(shared_house: House) -> None:
    house = shared_house
    await take_orders(house)
    zoe, headers = await parent(house, f"R-{uuid4().hex[:8]}")
    await give_card(house, zoe)
    path = f"/passes/{zoe.pass_.number}/card-order"
    offered = await read(house, path, headers)
    assert offered.headers["cache-control"] == "private, no-cache"
    seen = offered.json()
    assert [(one["reason"], one["feeCents"], one["stopsCard"]) for one in seen["choices"]] == [
        ("lost", 500, True),
        ("stolen", 0, True),
        ("damaged", 0, True),
    ]
    assert (seen["order"], seen["byPost"], seen["workingDays"]) == (None, True, 15)
    assert seen["desks"][0] == {
        "code": "hall",
        "name": {"fr": "Siège", "en": "Town hall"},
        "address": "1 place de la République",
    }
    wish = {"key": "o1", "reason": "lost", "way": "desk", "desk": "hall", "feeCents": 500}
    assert_problem(await post(house, path, {**wish, "key": "o0", "feeCents": 0}, headers), 409, "price-changed")
    ordered, again = [await post(house, path, wish, headers) for _ in range(2)]
    assert (ordered.status_code, ordered.json()) == (201, again.json())
    order = ordered.json()["order"]
    assert (order["standing"], order["feeCents"], order["mayBeCancelled"]) == ("waiting", 500, True)
    assert order["place"]["fr"] == "Siège, 1 place de la République"
    media = (await read(house, f"/passes/{zoe.pass_.number}", headers)).json()["media"]
    assert {one["kind"]: one["status"] for one in media} == {"print": "active", "card": "lost"}
    assert_problem(await post(house, path, {**wish, "key": "o2"}, headers), 409, "card-ordered")
    assert_problem(await post(house, path, {**wish, "reason": "stolen"}, headers), 422, "idempotency-key-reused")
    early = await post(house, f"{path}/activation", {"key": "a1", "card": "808012345670"}, headers)
    assert_problem(early, 409, "card-not-orderable")

    cancelled = await post(house, f"{path}/cancellation", {"key": "c1"}, headers)
    assert (cancelled.status_code, cancelled.json()["order"]["standing"]) == (200, "cancelled")
    assert [one["reason"] for one in cancelled.json()["choices"]] == ["lost"], "it stays stopped"
    assert_problem(await post(house, f"{path}/cancellation", {"key": "c2"}, headers), 404, "card-order-not-found")


async def test_a_card_that_would_go_nowhere_is_refused_in_words(shared_house: House) -> None:
    house = shared_house
    await take_orders(house)
    zoe, headers = await parent(house, f"R-{uuid4().hex[:8]}")
    path = f"/passes/{zoe.pass_.number}/card-order"
    wish = {"key": "p1", "reason": "first", "way": "post", "feeCents": 0}
    refused = await post(house, path, wish, headers)
    assert_problem(refused, 400, "bad-card-delivery")
    assert refused.json()["message"].startswith("La carte ne peut pas aller là.")
    assert_problem(await post(house, path, {**wish, "address": "Zoé\x00Lille"}, headers), 400, "invalid-request")
    sent = await post(house, path, {**wish, "key": "p2", "address": "Zoé\n59000 Lille"}, headers)
    assert (sent.json()["order"]["way"], sent.json()["order"]["place"]) == ("post", None)


async def test_a_city_that_takes_no_orders_says_so(shared_house: House) -> None:
    house = shared_house
    await take_orders(house, by_post=False)
    zoe, headers = await parent(house, f"R-{uuid4().hex[:8]}")
    path = f"/passes/{zoe.pass_.number}/card-order"
    renewed = {"key": "n1", "reason": "expired", "way": "desk", "desk": "hall", "feeCents": 0}
    assert_problem(await post(house, path, renewed, headers), 409, "card-not-orderable")
