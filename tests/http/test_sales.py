"""Offers and sales over HTTP: what a till is told, what it is refused, and the bytes it gets again."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest
import pytest_asyncio
from msgspec.structs import replace

from domain import passes, people, terminals
from domain.agents import Role
from domain.circumstances import CircumstanceKind, record_circumstance
from domain.conditions import Conditions
from domain.passes import BlockReason
from domain.products import Price, publish_product
from tests.city import TestPass, paired_terminal
from tests.house_app import House
from tests.tariffs import END, FIRST, sell_things

OFFERS, SALES = "/v1/access/offers", "/v1/access/sales"


class Till:
    """A terminal that sells."""

    def __init__(self, house: House, token: str) -> None:
        self.house = house
        self.headers = {"Authorization": f"Bearer {token}"}

    async def ask(self, code: str, gate: str = "pool-1") -> httpx.Response:
        headers = {**self.headers, "Pass-Credential": code}
        answer: httpx.Response = await self.house.client.get(OFFERS, params={"gate": gate}, headers=headers)
        return answer

    async def offers(self, code: str, gate: str = "pool-1") -> dict[str, Any]:
        answer = await self.ask(code, gate)
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said

    async def sell(self, code: str, *items: dict[str, Any], key: str = "k1", **more: object) -> httpx.Response:
        body = {"key": key, "gate": "pool-1", "credential": code, "items": items, **more}
        return await self.post("", body)

    async def post(self, path: str, body: object = None) -> httpx.Response:
        answer: httpx.Response = await self.house.client.post(f"{SALES}{path}", json=body, headers=self.headers)
        return answer

    async def list(self, **query: str) -> list[dict[str, Any]]:
        answer = await self.house.client.get(SALES, params=query, headers=self.headers)
        assert answer.status_code == 200, answer.text
        said: list[dict[str, Any]] = answer.json()
        return said


@pytest_asyncio.fixture
async def till(house: House) -> AsyncIterator[Till]:
    await sell_things(house.database, house.city)
    yield Till(house, await house.terminal_token())


TEN = {"product": "ten", "priceCents": 2430}


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_resident_hears_the_resident_price_and_its_name(till: Till) -> None:
    zoe = await till.house.resident("R1", rights=("carnet-10",))
    said = await till.offers(zoe.code)

    (carnet,) = said["usable"]
    assert carnet["product"] == "carnet-10"
    assert carnet["remaining"][0]["left"] == 10
    offer = next(one for one in said["offers"] if one["product"] == "ten")
    assert offer == {
        "product": "ten",
        "name": {"fr": "ten", "en": "ten"},
        "priceCents": 2430,
        "tariff": {"fr": "habitant", "en": "resident"},
        "priceUntil": "2041-01-01",
        "validFrom": "2026-11-18",
        "validUntil": "2027-11-18",
        "subject": "person",
    }
    assert "refused" not in said
    assert (await till.ask(zoe.code)).content == (await till.ask(zoe.code)).content


async def test_a_pass_that_is_not_valid_is_an_answer_with_words(till: Till) -> None:
    zoe = await till.house.resident("R1", rights=("carnet-10",))
    async with till.house.database.begin() as unit:
        await passes.block(unit, zoe.pass_, zoe.medium.id, reason=BlockReason.LOST, now=till.house.clock())
    said = await till.offers(zoe.code)
    assert said["refused"]["reason"] == "medium_lost"
    assert said["refused"]["text"]["fr"]
    assert [said[part] for part in ("usable", "offers", "unusable", "unavailable", "messages")] == [[], [], [], [], []]
    assert code_of(await till.sell(zoe.code, TEN)) == (409, "pass-refused")


@pytest.mark.parametrize("code", ["nonsense", "MP2:GARBAGE", "MP2:" + "A" * 2_000])
async def test_what_cannot_be_read_is_refused_in_words_too(till: Till, code: str) -> None:
    said = await till.offers(code)
    assert said["refused"]["reason"] in {"unreadable", "unknown_type"}


async def test_without_a_credential_or_with_a_gate_of_others_nothing_is_answered(till: Till) -> None:
    client, headers = till.house.client, till.headers
    assert (await client.get(OFFERS, params={"gate": "pool-1"}, headers=headers)).status_code == 400
    assert (await till.ask("X" * 3_000)).status_code == 400
    assert code_of(await till.ask("X", "elsewhere")) == (404, "gate-not-found")
    zoe = await till.house.resident("R1")
    assert code_of(await till.sell(zoe.code, TEN, gate="elsewhere")) == (404, "gate-not-found")


async def test_a_desk_asks_by_the_number_and_hears_what_the_till_hears(till: Till) -> None:
    zoe = await till.house.resident("R1", rights=("carnet-10",))
    desk = await till.house.agent_headers(Role.DESK)
    path = f"/v1/passes/{zoe.pass_.number}/offers"
    answer = await till.house.client.get(path, params={"gate": "pool-1"}, headers=desk)
    assert answer.content == (await till.ask(zoe.code)).content
    other = await till.house.agent_headers(Role.DESK, neighbour=True)
    answer = await till.house.client.get(path, params={"gate": "pool-1"}, headers=other)
    assert code_of(answer) == (404, "pass-not-found")


async def test_what_is_missing_is_named_and_the_address_is_not_repeated(till: Till) -> None:
    query = {"gate": "pool-1", "code": "MP2:SECRET"}
    answer = await till.house.client.get(OFFERS, params=query, headers=till.headers)
    assert code_of(answer) == (400, "invalid-request")
    assert answer.json()["detail"] == "Missing required header parameter 'Pass-Credential'"
    assert "SECRET" not in answer.text


async def test_a_child_of_two_households_is_offered_both_by_their_place(till: Till) -> None:
    zoe, ana = await till.house.resident("R1"), await till.house.resident("R2")
    async with till.house.database.begin() as unit:
        await people.join(unit, zoe.holder, ana.household.id, since=date(2026, 1, 1))
    said = await till.offers(zoe.code, "waste-1")
    assert [offer["buyer"] for offer in said["offers"]] == [1, 2]
    item = {"product": "waste-5", "priceCents": 5_000}
    assert code_of(await till.sell(zoe.code, item, gate="waste-1")) == (409, "buyer-ambiguous")
    named = await till.sell(zoe.code, {**item, "buyer": 2}, gate="waste-1")
    assert named.status_code == 201


async def test_the_same_key_gets_the_same_bytes_and_sells_once(till: Till) -> None:
    zoe = await till.house.resident("R1")
    first = await till.sell(zoe.code, TEN)
    assert first.status_code == 201
    assert first.json()["totalCents"] == 2430
    till.house.clock.turn(minutes=10)
    await till.post(f"/{first.json()['id']}/payment", {"means": "cash", "reference": "1"})
    again = await till.sell(zoe.code, TEN)
    assert (again.status_code, again.content) == (201, first.content)
    assert code_of(await till.sell(zoe.code, {**TEN, "quantity": 2})) == (422, "idempotency-key-reused")
    assert len(await till.list(state="paid")) == 1


async def test_a_price_that_has_changed_is_refused_before_the_customer_pays(till: Till) -> None:
    zoe = await till.house.resident("R1")
    answer = await till.sell(zoe.code, {"product": "ten", "priceCents": 2400})
    assert code_of(answer) == (409, "price-changed")
    assert "2430" in answer.json()["detail"]
    assert await till.list() == []


async def test_a_tariff_that_ends_today_is_the_full_price_tomorrow(till: Till) -> None:
    zoe = await till.house.resident("R1")
    async with till.house.database.begin() as unit:
        ten = await unit.products.by_code(till.house.city.authority.id, "ten")
        students = Price(3, 1_000, FIRST, END, Conditions(statuses=("student",)))
        await publish_product(unit, replace(ten, id=unit.ids.row(), code="ten-2", prices=(*ten.prices, students)))
        await record_circumstance(
            unit,
            zoe.holder,
            kind=CircumstanceKind.STATUS,
            value="student",
            since=date(2026, 9, 1),
            until=date(2026, 11, 19),
        )
    first = next(one for one in (await till.offers(zoe.code))["offers"] if one["product"] == "ten-2")
    assert (first["priceCents"], first["tariff"]["fr"], first["priceUntil"]) == (1_000, "étudiant", "2026-11-19")
    till.house.clock.turn(days=1)
    till = Till(till.house, await till.house.terminal_token())
    second = next(one for one in (await till.offers(zoe.code))["offers"] if one["product"] == "ten-2")
    assert (second["priceCents"], second["tariff"]["fr"]) == (2430, "habitant")
    sold = await till.sell(zoe.code, {"product": "ten-2", "priceCents": 1_000})
    assert code_of(sold) == (409, "price-changed")


OUT_OF_BOUNDS: tuple[dict[str, Any], ...] = (
    {"items": []},
    {"items": [TEN] * 11},
    {"items": [{**TEN, "quantity": 0}]},
    {"items": [{**TEN, "quantity": 11}]},
    {"items": [{**TEN, "priceCents": -1}]},
    {"items": [{**TEN, "priceCents": 24.3}]},
    {"items": [{**TEN, "discount": 5}]},
    {"items": [{"product": "ten"}]},
    {"items": [{**TEN, "product": "te\x00n"}]},
    {"key": ""},
    {"key": "k" * 65},
    {"key": "a b"},
    {"credential": "X" * 2_049},
    {"surprise": 1},
)


async def test_a_body_out_of_bounds_is_refused_and_nothing_registered(till: Till) -> None:
    for wrong in OUT_OF_BOUNDS:
        answer = await till.post("", {"key": "k1", "gate": "pool-1", "credential": "X", "items": [TEN], **wrong})
        assert code_of(answer) == (400, "invalid-request"), wrong
    assert await till.list() == []


async def test_a_sale_that_nobody_settled_is_overdue_after_half_an_hour(till: Till) -> None:
    zoe = await till.house.resident("R1")
    receipt = (await till.sell(zoe.code, TEN)).json()
    assert [(sale["id"], sale["state"]) for sale in await till.list()] == [(receipt["id"], "registered")]
    assert "overdue" not in (await till.list())[0]
    till.house.clock.turn(minutes=30)
    till = Till(till.house, await till.house.terminal_token())
    assert (await till.list())[0]["overdue"] is True
    assert receipt["payBefore"] == "2026-11-18T13:35:00Z"


async def test_a_till_cancels_its_own_sale_and_an_agent_any_of_the_authority(till: Till) -> None:
    zoe = await till.house.resident("R1")
    own = (await till.sell(zoe.code, TEN)).json()["id"]
    paid = (await till.sell(zoe.code, TEN, key="k2")).json()["id"]
    await till.post(f"/{paid}/payment", {"means": "card", "reference": "TPE-1"})
    async with till.house.database.begin() as unit:
        gate = till.house.city.gates["pool"]
        other_terminal = await paired_terminal(unit, till.house.city.authority.id, (gate,), now=till.house.clock())
    other = Till(till.house, await till.house.terminal_token(other_terminal))
    assert code_of(await other.post(f"/{own}/cancellation")) == (404, "sale-not-found")
    assert code_of(await other.post(f"/{own}/payment", {"means": "card", "reference": "x"})) == (404, "sale-not-found")
    assert await other.list() == []

    first = await till.post(f"/{own}/cancellation")
    assert (first.status_code, first.json()["state"]) == (200, "cancelled")
    assert (await till.post(f"/{own}/cancellation")).content == first.content

    client = till.house.client
    stranger = await till.house.agent_headers(Role.MANAGER, neighbour=True)
    assert code_of(await client.post(f"/v1/sales/{paid}/cancellation", headers=stranger)) == (404, "sale-not-found")
    desk = await till.house.agent_headers(Role.DESK)
    answer = await client.post(f"/v1/sales/{paid}/cancellation", headers=desk)
    assert (answer.status_code, answer.json()["refundCents"]) == (200, 2430)
    assert code_of(await till.post(f"/{paid}/payment", {"means": "card", "reference": "TPE-1"})) == (
        409,
        "sale-cancelled",
    )


async def test_a_payment_said_twice_is_one_and_another_one_is_refused(till: Till) -> None:
    zoe = await till.house.resident("R1")
    sale = (await till.sell(zoe.code, TEN)).json()["id"]
    first = await till.post(f"/{sale}/payment", {"means": "card", "reference": "TPE-1"})
    assert (first.status_code, first.json()["state"], first.json()["means"]) == (200, "paid", "card")
    assert (await till.post(f"/{sale}/payment", {"means": "card", "reference": "TPE-1"})).content == first.content
    answer = await till.post(f"/{sale}/payment", {"means": "cash", "reference": "TPE-1"})
    assert code_of(answer) == (409, "sale-already-paid")
    assert (await till.post(f"/{sale}/payment", {"means": "barter", "reference": "hen"})).status_code == 400


async def test_what_was_sold_opens_the_gate_and_is_not_cancelled_afterwards(till: Till) -> None:
    zoe: TestPass = await till.house.resident("R1")
    assert (await till.house.tap(zoe.code)).json()["reason"] == "ticket_needed"
    sale = (await till.sell(zoe.code, TEN)).json()["id"]
    assert (await till.house.tap(zoe.code)).json()["outcome"] == "granted"
    assert code_of(await till.post(f"/{sale}/cancellation")) == (409, "sale-already-used")


async def test_a_till_that_was_revoked_sells_nothing_more(till: Till) -> None:
    """Its token is still remembered by this worker: the revocation came by another one."""
    zoe = await till.house.resident("R1")
    await till.offers(zoe.code)
    async with till.house.database.begin() as unit:
        terminal = till.house.city.terminal.terminal
        await terminals.revoke_terminal(unit, authority_id=terminal.authority_id, terminal_id=terminal.id)
    assert code_of(await till.ask(zoe.code)) == (401, "not-authenticated")
    assert code_of(await till.sell(zoe.code, TEN)) == (401, "not-authenticated")


async def test_no_answer_of_a_till_names_the_person(till: Till) -> None:
    zoe = await till.house.resident("R1")
    told = (await till.ask(zoe.code)).text + (await till.sell(zoe.code, TEN)).text
    for secret in ("Zo", "Lef", "1980", zoe.pass_.number, str(zoe.holder.id), "F-R1", "R1"):
        assert secret not in told
