"""Somebody is erased by a command, in another process: what a running server says of their card from then on."""

from domain.erasure import erase
from domain.places import local_day
from nfc import status_delta
from nfc.status_list import Status
from tests.city import TestPass
from tests.house_app import House
from tests.http import test_bundles, test_status_lists
from tests.http.cards import with_card
from tests.http.ledger_rows import last_event
from tests.http.test_known_cards import heard, reader
from tests.http.uploads import line, results, upload


async def erased(house: House, who: TestPass) -> None:
    """As another process would: this one is told nothing."""
    async with house.database.begin() as unit:
        today = local_day(house.clock(), house.city.authority.zone)
        await erase(unit, who.holder, today=today, now=house.clock())


async def test_a_chip_and_a_code_that_the_server_has_just_seen_are_unknown_at_the_next_tap(house: House) -> None:
    zoe = await reader(house)
    card = await with_card(house, zoe)
    for _ in range(2):
        assert await heard(house, card.tap()) == "welcome"
        assert await heard(house, zoe.code) == "welcome"
    await erased(house, zoe)
    for credential in (card.tap(), zoe.code):
        assert await heard(house, credential) == "unknown_medium"
        assert (await last_event(house)).pass_id is None


async def test_a_gate_without_network_learns_it_from_the_next_list_or_bundle(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    place = zoe.medium.status_index
    version = test_status_lists.read(house, await test_status_lists.fetch(house)).version
    before = test_bundles.read(house, await test_bundles.fetch(house))
    assert test_bundles.says(before, zoe) == (Status.VALID, True)
    await erased(house, zoe)
    shown = test_status_lists.read(house, await test_status_lists.fetch(house))
    assert (shown.version, shown.status(place)) == (version + 1, Status.INVALID)
    changed = await test_status_lists.fetch(house, f"{test_status_lists.PATH}/changes?since={version}")
    assert changed.headers["content-type"] == status_delta.MEDIA_TYPE
    bundle = test_bundles.read(house, await test_bundles.fetch(house), newest=before.sequence)
    assert test_bundles.says(bundle, zoe)[0] is Status.INVALID


async def test_what_a_gate_without_network_granted_before_is_taken_in_about_nobody(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    await erased(house, zoe)
    answer = await upload(house, line(zoe.code, "k1", house.clock()))
    assert [one["status"] for one in results(answer)] == ["stored"], answer.text
    assert (await last_event(house)).pass_id is None
