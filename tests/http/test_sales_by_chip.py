"""At a till a card or a phone is as good as a code: what a gate takes, a till sells to. Asking uses nothing up."""

import pytest
import pytest_asyncio

from domain import passes
from domain.cards import CardTechnology
from domain.passes import BlockReason
from tests.house_app import House
from tests.http.cards import with_card
from tests.http.test_card_authentications import authenticated
from tests.http.test_cards import handle
from tests.http.test_phones_at_readers import held
from tests.http.test_sales import TEN, Till, code_of
from tests.tariffs import sell_things

ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def till(house: House) -> Till:
    await sell_things(house.database, house.city)
    return Till(house, await house.terminal_token())


async def offered(till: Till, credential: str) -> list[str]:
    said = await till.offers(credential)
    assert "refused" not in said, said
    return [one["product"] for one in said["offers"]]


async def test_a_tap_of_a_card_is_asked_about_sold_to_and_opens_the_gate_once(till: Till) -> None:
    """One showing: the kiosk's question, its sale, then the turnstile behind it."""
    zoe = await till.house.resident("R1")
    tap = (await with_card(till.house, zoe)).tap()
    assert "ten" in await offered(till, tap)
    assert (await till.sell(tap, TEN)).status_code == 201
    assert (await till.house.tap(tap)).json()["reason"] == "welcome"
    till.house.clock.turn(minutes=5)
    again = await till.offers(tap)
    assert again["refused"]["reason"] == "replayed", "a copy of what has opened a gate buys nothing"
    assert code_of(await till.sell(tap, TEN, key="k2")) == (409, "pass-refused")


@ONE_ENGINE
async def test_a_phone_held_to_the_tills_reader_buys(till: Till) -> None:
    said = await held(till.house, "pool")
    assert "ten" in await offered(till, said)
    assert (await till.sell(said, TEN)).status_code == 201


@ONE_ENGINE
async def test_what_a_phone_said_to_another_terminal_buys_nothing_here(till: Till) -> None:
    said = await held(till.house, "pool", terminal=till.house.city.neighbour_terminal)
    assert (await till.offers(said))["refused"]["reason"] == "bad_signature"
    assert code_of(await till.sell(said, TEN)) == (409, "pass-refused")


@ONE_ENGINE
async def test_a_proof_of_a_card_is_left_by_a_question_and_spent_by_a_sale(till: Till) -> None:
    zoe = await till.house.resident("R1")
    card = await with_card(till.house, zoe, technology=CardTechnology.DESFIRE)
    proof = await authenticated(till.house, card)
    for _ in range(2):
        assert "ten" in await offered(till, proof)
    sold = await till.sell(proof, TEN)
    assert sold.status_code == 201
    assert (await till.sell(proof, TEN)).content == sold.content, "the same key: the same bytes, though it is spent"
    assert code_of(await till.sell(proof, TEN, key="k2")) == (409, "pass-refused")
    assert (await till.offers(proof))["refused"]["reason"] == "card_too_late"


@ONE_ENGINE
async def test_a_handle_of_a_screen_is_left_by_a_question_and_spent_by_a_sale(till: Till) -> None:
    zoe = await till.house.resident("R1")
    shown = await handle(till.house, zoe)
    assert "ten" in await offered(till, shown)
    assert (await till.sell(shown, TEN)).status_code == 201
    assert (await till.offers(shown))["refused"]["reason"] == "code_stale"


@ONE_ENGINE
async def test_a_card_that_was_lost_hears_why_and_buys_nothing(till: Till) -> None:
    zoe = await till.house.resident("R1")
    card = await with_card(till.house, zoe)
    async with till.house.database.begin() as unit:
        await passes.block(unit, zoe.pass_, card.medium.id, reason=BlockReason.LOST, now=till.house.clock())
    tap = card.tap()
    assert (await till.offers(tap))["refused"]["reason"] == "medium_lost"
    assert code_of(await till.sell(tap, TEN)) == (409, "pass-refused")


@ONE_ENGINE
@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("UID:04112233445566", "unknown_medium"),
        ("CARD:AAAAAAAAAAAAAAAAAAAAAA", "card_too_late"),
        ("MP3:AAAA", "unreadable"),
        ("https://pass.example.org/t/1?e=00&c=00", "unreadable"),
    ],
)
async def test_what_no_card_says_is_refused_in_words(till: Till, said: str, reason: str) -> None:
    assert (await till.offers(said))["refused"]["reason"] == reason
