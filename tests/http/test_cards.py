"""Cards at the gate: the URL of a tap, and UIDs. Real cryptography on a card in software, through HTTP."""

import secrets
from urllib.parse import urlsplit

import pytest

from adapters.cards import CardKeys, ChipNotGenuine, UidNotUsable, enrol
from domain.cards import CardTechnology
from domain.errors import AlreadyExists
from domain.passes import BlockReason, block
from nfc import online_handle
from store import online_handles
from store.online_handles import OnlineHandle
from tests.city import TestPass
from tests.house_app import House
from tests.http.cards import chip, with_card
from tests.http.ledger_rows import last_event


async def reader(house: House) -> TestPass:
    """Somebody who may go everywhere that a test looks at."""
    return await house.resident("R1", rights=("pool-year", "reader"))


# --- the URL of a tap --------------------------------------------------------------------------------


async def test_a_tap_of_a_card_opens_the_gate(house: House) -> None:
    zoe = await reader(house)
    card = await with_card(house, zoe)
    assert (await house.tap(card.tap(), "free-1")).json()["reason"] == "welcome"
    event = await last_event(house)
    assert (event.pass_id, event.medium_id) == (zoe.pass_.id, card.medium.id)


async def test_each_tap_opens_one_gate_once(house: House) -> None:
    card = await with_card(house, await reader(house))
    first = card.tap()
    assert (await house.tap(first, "free-1")).json()["reason"] == "welcome"
    assert (await house.tap(first, "library-1")).json()["reason"] == "replayed"
    house.clock.turn(seconds=10)
    assert (await house.tap(first, "free-1")).json()["reason"] == "replayed"
    card.tap()  # read by the citizen's own phone: the chip has counted it, nobody was told
    assert (await house.tap(card.tap(), "free-1")).json()["reason"] == "welcome"


async def test_an_older_tap_is_refused_once_a_newer_one_was_seen(house: House) -> None:
    card = await with_card(house, await reader(house))
    kept, newer = card.tap(), card.tap()
    assert (await house.tap(newer, "free-1")).json()["reason"] == "welcome"
    house.clock.turn(seconds=10)
    assert (await house.tap(kept, "free-1")).json()["reason"] == "replayed"


async def test_the_same_key_brings_the_same_answer(house: House) -> None:
    card = await with_card(house, await reader(house))
    url = card.tap()
    first = await house.tap(url, "free-1", key="t-1")
    house.clock.turn(seconds=20)
    assert (await house.tap(url, "free-1", key="t-1")).content == first.content


@pytest.mark.parametrize("place", [-1, -20, -40])
async def test_a_forged_tap_is_nobodys(house: House, place: int) -> None:
    url = (await with_card(house, await reader(house))).tap()
    digit = "0" if url[place] != "0" else "1"
    forged = f"{url[:place]}{digit}{url[len(url) + place + 1 :]}"
    assert (await house.tap(forged, "free-1")).json()["reason"] == "bad_signature"
    assert (await last_event(house)).pass_id is None


async def test_a_genuine_card_that_was_never_bound_is_unknown(house: House) -> None:
    await reader(house)
    blank = chip(house, b"\x04" + secrets.token_bytes(6))
    assert (await house.tap(str(blank.read_url()), "free-1")).json()["reason"] == "unknown_medium"


async def test_a_card_of_the_neighbour_proves_nothing_here(house: House) -> None:
    theirs = await house.resident("R9", rights=("pool-year",), authority=house.city.neighbour)
    card = await with_card(house, theirs, authority="voisine")
    assert (await house.tap(card.tap(), "free-1")).json()["reason"] == "bad_signature"


async def test_a_lost_card_is_refused_while_the_paper_goes_on(house: House) -> None:
    zoe = await reader(house)
    card = await with_card(house, zoe)
    async with house.database.begin() as unit:
        await block(unit, zoe.pass_, card.medium.id, reason=BlockReason.LOST, now=house.clock())
    assert (await house.tap(card.tap(), "free-1")).json()["reason"] == "medium_lost"
    assert (await house.tap(zoe.code, "free-1")).json()["reason"] == "welcome"


async def test_two_versions_of_keys_live_side_by_side_and_one_alone_opens_each_card(house: House) -> None:
    zoe = await reader(house)
    old = await with_card(house, zoe)
    assert (await house.tap(old.tap(), "free-1")).json()["reason"] == "welcome"
    version = house.masters.make_version()
    house.app.state.card_keys.forget()
    house.clock.turn(seconds=10)
    new = await with_card(house, zoe)
    assert (await house.tap(old.tap(), "free-1")).json()["reason"] == "welcome"
    house.clock.turn(seconds=10)
    assert (await house.tap(new.tap(), "free-1")).json()["reason"] == "welcome"
    # Whoever has stolen the old masters writes cards of the old version: the new card's UID is not among them.
    assert (await house.tap(str(chip(house, new.uid, version=1).read_url()), "free-1")).json()["reason"] == (
        "withdrawn_key"
    )
    assert version == 2


async def test_an_address_that_is_no_tap_is_told_so(house: House) -> None:
    assert (await house.tap("https://example.org/")).json()["reason"] == "unknown_type"


# --- the same URL on a citizen's own phone -----------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"), [("fr", "Cette carte est un pass de Ville"), ("en", "is a pass of Ville")]
)
async def test_a_citizens_phone_sees_a_friendly_page_that_spends_nothing(
    house: House, language: str, words: str
) -> None:
    zoe = await reader(house)
    card = await with_card(house, zoe)
    url = card.tap()
    page = await house.client.get(urlsplit(url).path, params=f"{urlsplit(url).query}&lang={language}")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert words in page.text
    other = "en" if language == "fr" else "fr"
    assert f"{urlsplit(url).query.replace('&', '&amp;')}&amp;lang={other}" in page.text, "the other language, same card"
    for secret in (zoe.holder.first_name, zoe.holder.last_name, zoe.pass_.number, card.uid.hex()):
        assert secret.lower() not in page.text.lower()
    assert (await house.tap(url, "free-1")).json()["reason"] == "welcome", "looking at it has used nothing"


@pytest.mark.parametrize("query", ["", "e=00&c=00", f"e={'0' * 32}&c={'0' * 16}", f"e={'0' * 48}&c={'0' * 16}"])
async def test_an_address_of_no_card_is_told_so_and_no_more(house: House, query: str) -> None:
    page = await house.client.get(f"/t/1?{query}", headers={"Accept-Language": "en"})
    assert page.status_code == 404
    assert "Nothing was used" in page.text


# --- enrolment ---------------------------------------------------------------------------------------


async def test_a_chip_is_one_medium_of_an_authority(house: House) -> None:
    zoe, other = await reader(house), await house.resident("R2")
    card = await with_card(house, zoe)
    with pytest.raises(AlreadyExists):
        await enrolled(house, other, card.uid)


async def test_a_chip_whose_maker_did_not_sign_it_is_refused(house: House) -> None:
    with pytest.raises(ChipNotGenuine):
        await enrolled(house, await reader(house), b"\x04" + bytes(6), signature=bytes(56))


@pytest.mark.parametrize("uid", [bytes.fromhex("08112233"), bytes.fromhex("88112233"), bytes(5)])
async def test_a_uid_that_names_no_card_is_refused(house: House, uid: bytes) -> None:
    zoe = await reader(house)
    for technology in CardTechnology:
        with pytest.raises(UidNotUsable):
            await enrolled(house, zoe, uid, technology=technology)


async def enrolled(
    house: House,
    owner: TestPass,
    uid: bytes,
    *,
    technology: CardTechnology = CardTechnology.NTAG424,
    signature: bytes | None = None,
) -> None:
    async with house.database.begin() as unit:
        await enrol(
            unit,
            CardKeys(house.masters),
            house.city.authority,
            owner.pass_,
            uid=uid,
            technology=technology,
            signature=signature,
            expires_at=owner.medium.expires_at,
            now=house.clock(),
        )


# --- UIDs --------------------------------------------------------------------------------------------


async def test_a_uid_opens_where_nothing_of_value_is_and_nowhere_else(house: House) -> None:
    card = await with_card(house, await reader(house), technology=CardTechnology.UID_ONLY)
    said = f"UID:{card.uid.hex()}"
    assert (await house.tap(said, "library-1")).json()["reason"] == "welcome"
    assert (await house.tap(said.upper(), "free-1")).json()["reason"] == "proof_too_weak"


async def test_nobody_who_is_inside_is_kept_in_for_a_weak_proof(house: House) -> None:
    zoe = await reader(house)
    card = await with_card(house, zoe, technology=CardTechnology.UID_ONLY)
    assert (await house.tap(zoe.code, "pool-1")).json()["reason"] == "welcome"
    house.clock.turn(minutes=10)
    assert (await house.tap(f"UID:{card.uid.hex()}", "pool-1", direction="exit")).json()["reason"] == "goodbye"


async def test_the_uid_of_a_card_with_keys_is_no_way_around_them(house: House) -> None:
    card = await with_card(house, await reader(house))
    assert (await house.tap(f"UID:{card.uid.hex()}", "library-1")).json()["reason"] == "proof_too_weak"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("UID:04112233445566", "unknown_medium"),
        ("UID:08112233", "unknown_type"),
        ("UID:0411", "unreadable"),
        ("UID:", "unreadable"),
    ],
)
async def test_other_uids_are_told_apart(house: House, said: str, reason: str) -> None:
    assert (await house.tap(said, "library-1")).json()["reason"] == reason


# --- online handles ----------------------------------------------------------------------------------


async def handle(house: House, owner: TestPass, *, service: str | None = None) -> str:
    """What the server gives a screen that is online."""
    text = online_handle.make()
    async with house.database.write() as connection:
        await online_handles.keep(
            connection,
            OnlineHandle(
                online_handle.stored_hash(online_handle.parse(text)),
                owner.pass_.authority_id,
                owner.medium.id,
                service,
                house.clock.now.replace(minute=house.clock.now.minute + 1),
            ),
        )
    return text


async def test_a_handle_opens_once(house: House) -> None:
    text = await handle(house, await reader(house))
    assert (await house.tap(text, "free-1")).json()["reason"] == "welcome"
    assert (await house.tap(text, "free-1")).json()["reason"] == "code_stale"


async def test_a_handle_is_over_after_a_minute(house: House) -> None:
    text = await handle(house, await reader(house))
    house.clock.turn(seconds=60)
    assert (await house.tap(text, "free-1")).json()["reason"] == "code_stale"


async def test_a_handle_that_was_opened_for_one_service_opens_no_other(house: House) -> None:
    zoe = await reader(house)
    assert (await house.tap(await handle(house, zoe, service="library"), "free-1")).json()["reason"] == "other_service"
    assert (await house.tap(await handle(house, zoe, service="library"), "library-1")).json()["reason"] == "welcome"


@pytest.mark.parametrize("text", ["MP3:", "MP3:ABC", "MP3:" + "Z" * 24])
async def test_a_handle_of_another_form_is_unreadable(house: House, text: str) -> None:
    assert (await house.tap(text)).json()["reason"] == "unreadable"
