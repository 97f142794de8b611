"""Offline bundles as terminals fetch them: signed, true, never older, and of nobody by name."""

import asyncio
from datetime import UTC, date, datetime

import httpx
import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import delete

from adapters.keyring import Purpose
from api.bundles import Bundles
from domain.agents import Role
from domain.offline import Content, Fail, OfflinePolicy, content_of, doorways_of
from domain.passes import BlockReason, block
from domain.products import grant
from domain.services import BY_CODE
from domain.terminals import revoke_terminal
from nfc import bundle, bundle_delta
from nfc.bundle import Bundle
from nfc.status_list import Status
from store import bundles
from store.tables.passes import bundle as bundle_table
from tests.city import TestPass, paired_terminal
from tests.house_app import House

POOL = "/v1/terminals/bundles/pool"


async def fetch(house: House, path: str = POOL, *, tag: str | None = None, token: str | None = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token or await house.terminal_token()}"}
    answer: httpx.Response = await house.client.get(path, headers=headers | ({"If-None-Match": tag} if tag else {}))
    return answer


def read(house: House, answer: httpx.Response, *, service: str = "pool", newest: int = 0) -> Bundle:
    assert (answer.status_code, answer.headers["content-type"]) == (200, bundle.MEDIA_TYPE), answer.text
    trusted = house.keyring.verify_keys(Purpose.BUNDLE)
    return bundle.read(answer.content, trusted, authority="ville", service=service, newest=newest)


async def lose(house: House, owner: TestPass) -> None:
    async with house.database.begin() as unit:
        await block(unit, owner.pass_, owner.medium.id, reason=BlockReason.LOST, now=house.clock())


def says(found: Bundle, owner: TestPass) -> tuple[Status, bool]:
    place = owner.medium.status_list, owner.medium.status_index
    return found.status_of(*place), found.is_entitled(*place)


async def test_a_bundle_says_who_may_come_in_who_is_stopped_and_when_the_place_is_open(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    max_, lost = await house.resident("R2", rights=("reader",)), await house.resident("R3", rights=("pool-year",))
    await lose(house, lost)
    answer = await fetch(house)
    found = read(house, answer)
    now = int(house.clock().timestamp())
    assert (found.authority, found.service, found.issued_at, found.expires_at) == ("ville", "pool", now, now + 86_400)
    assert says(found, zoe) == (Status.VALID, True)
    assert says(found, max_) == (Status.VALID, False)
    assert says(found, lost) == (Status.INVALID, False)
    content = msgspec.json.decode(found.content, type=Content)
    assert (content.authority, content.service, content.time_zone) == ("ville", "pool", "Europe/Paris")
    assert [site.code for site in content.sites] == ["free", "pool"]
    pool = content.sites[1]
    assert pool.policy.fails is Fail.OPEN
    assert [gate.code for gate in pool.gates] == sorted(gate.code for gate in pool.gates)
    assert list(pool.days) == [date(2026, 11, 18 + more) for more in range(8)]
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_who_has_the_bundle_is_told_so_without_a_byte(house: House) -> None:
    await house.resident("R1", rights=("carnet-10",))
    first = await fetch(house)
    tag = first.headers["etag"]
    for path in (POOL, f"{POOL}?since={read(house, first).sequence}"):
        same = await fetch(house, path, tag=tag)
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert (await fetch(house, tag='W/"1"')).content == first.content


async def test_what_is_stopped_shows_with_the_next_fetch_and_what_is_spent_within_five_minutes(house: House) -> None:
    zoe, max_ = await house.resident("R1", rights=("pool-year",)), await house.resident("R2")
    first = read(house, await fetch(house))
    await lose(house, zoe)
    async with house.database.begin() as unit:
        product = await unit.products.by_code(house.city.authority.id, "pool-year")
        await grant(
            unit,
            product=product,
            subject_id=max_.holder.id,
            valid_from=date(2026, 1, 1),
            valid_until=date(2027, 1, 1),
            now=house.clock(),
            keep_until=date(2030, 1, 1),
        )
    second = read(house, await fetch(house), newest=first.sequence)
    assert second.sequence > first.sequence
    assert says(second, zoe) == (Status.INVALID, True)
    assert says(second, max_) == (Status.VALID, False)
    house.clock.turn(minutes=5)
    third = read(house, await fetch(house), newest=second.sequence)
    assert says(third, zoe) == (Status.INVALID, False)
    assert says(third, max_) == (Status.VALID, True)


async def test_the_sequence_moves_only_when_something_has_moved_or_after_a_quarter_of_an_hour(house: House) -> None:
    await house.resident("R1", rights=("pool-year",))
    first = await fetch(house)
    for minutes in (4, 2, 6):
        house.clock.turn(minutes=minutes)
        assert (await fetch(house)).content == first.content
    house.clock.turn(minutes=3)
    renewed = read(house, await fetch(house, tag=first.headers["etag"]))
    before = read(house, first)
    assert renewed.sequence > before.sequence
    assert renewed.issued_at == before.issued_at + 900
    assert (renewed.status, renewed.entitled, renewed.content) == (before.status, before.entitled, before.content)


async def test_a_delta_brings_an_old_bundle_to_the_newest(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    mine = read(house, await fetch(house))
    trusted = house.keyring.verify_keys(Purpose.BUNDLE)
    for _ in range(2):
        house.clock.turn(minutes=20)
        await fetch(house)
    await lose(house, zoe)
    answer = await fetch(house, f"{POOL}?since={mine.sequence}")
    assert answer.headers["content-type"] == bundle_delta.MEDIA_TYPE
    assert len(answer.content) < 600
    after = bundle_delta.apply(mine, answer.content, trusted)
    assert after == read(house, await fetch(house))
    assert answer.headers["etag"] == (await fetch(house)).headers["etag"]
    assert says(after, zoe)[0] is Status.INVALID
    nothing = await fetch(house, f"{POOL}?since={after.sequence}")
    assert bundle_delta.apply(after, nothing.content, trusted) == after


@pytest.mark.parametrize("since", [0, 1, 2**53 - 1])
async def test_who_comes_from_a_sequence_that_is_not_kept_gets_the_whole_bundle(house: House, since: int) -> None:
    await house.resident("R1")
    assert read(house, await fetch(house, f"{POOL}?since={since}")) == read(house, await fetch(house))


async def test_bundles_that_are_kept_no_longer_are_gone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "KEPT", 2)
    first = read(house, await fetch(house))
    for count in range(3):
        house.clock.turn(minutes=20)
        kept = (await fetch(house, f"{POOL}?since={first.sequence}")).headers["content-type"] == bundle_delta.MEDIA_TYPE
        assert kept is (count == 0)


async def test_after_a_restore_the_sequence_goes_on_above_what_gates_have_seen(house: House) -> None:
    """A database from a backup knows smaller numbers: the second of issue is greater than any of them."""
    found = read(house, await fetch(house))
    assert found.sequence == int(house.clock().timestamp())
    house.clock.turn(seconds=-30)
    await house.resident("R9")
    zoe = await house.resident("R1")
    await lose(house, zoe)
    assert read(house, await fetch(house)).sequence == found.sequence + 1, "nor does a clock that goes back"


async def test_a_bundle_is_for_terminals_that_have_a_gate_of_the_service(house: House) -> None:
    token = await house.terminal_token(house.city.neighbour_terminal)
    theirs = await fetch(house, token=token)
    assert bundle.unverified(theirs.content).authority == "voisine"
    for service in ("sports-hall", "zoo"):
        answer = await fetch(house, f"/v1/terminals/bundles/{service}")
        assert (answer.status_code, answer.json()["code"]) == (404, "bundle-not-found"), service


async def test_a_terminal_without_a_gate_of_the_service_gets_none(house: House) -> None:
    async with house.database.begin() as unit:
        gates = (house.city.gates["library"],)
        reader = await paired_terminal(unit, house.city.authority.id, gates, now=house.clock())
    token = await house.terminal_token(reader)
    assert (await fetch(house, "/v1/terminals/bundles/library", token=token)).status_code == 200
    answer = await fetch(house, token=token)
    assert (answer.status_code, answer.json()["code"]) == (404, "bundle-not-found")


async def test_a_revoked_terminal_or_a_stranger_gets_none(house: House) -> None:
    token = await house.terminal_token()
    async with house.database.begin() as unit:
        terminal = house.city.terminal.terminal
        await revoke_terminal(unit, authority_id=terminal.authority_id, terminal_id=terminal.id)
    assert (await fetch(house, token=token)).status_code == 401
    assert (await house.client.get(POOL)).status_code == 401
    agent = await house.agent_headers(Role.ADMINISTRATOR)
    assert (await house.client.get(POOL, headers=agent)).status_code == 401


@pytest.mark.parametrize("since", ["-1", "x", "", str(2**53)])
async def test_a_sequence_that_is_none_is_a_problem(house: House, since: str) -> None:
    answer = await fetch(house, f"{POOL}?since={since}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-request")


@pytest.mark.usefixtures("quick_keys")
async def test_without_a_key_for_bundles_there_is_none(house: House) -> None:
    async def gone() -> bool:
        return (await fetch(house)).status_code != 200

    (entry,) = [e for e in house.keyring.entries if (e.authority, e.purpose) == ("ville", Purpose.BUNDLE)]
    house.keyring.withdraw(entry.kid, now=house.clock())
    await house.until(gone)
    answer = await fetch(house)
    assert (answer.status_code, answer.json()["code"]) == (404, "key-missing")


async def test_nothing_of_a_person_is_in_a_bundle_or_a_delta(house: House) -> None:
    """Canaries: whatever the register says of somebody is looked for in every byte, packed and unpacked."""
    zoe = await house.resident("CANARY-77", rights=("carnet-10",), born_on=date(1987, 3, 29))
    first = await fetch(house)
    house.clock.turn(minutes=20)
    await lose(house, zoe)
    delta = await fetch(house, f"{POOL}?since={read(house, first).sequence}")
    assert delta.headers["content-type"] == bundle_delta.MEDIA_TYPE
    found = read(house, await fetch(house))
    written = b"".join(
        (first.content, delta.content, found.content, found.keys, *found.status.values(), *found.entitled.values())
    )
    holder, number = zoe.holder, zoe.medium.id.to_bytes(8, "big", signed=True)
    named = (holder.first_name, holder.last_name, holder.reference, zoe.household.reference, zoe.pass_.number)
    dated = (str(holder.born_on), str(zoe.pass_.valid_until))
    rows = (holder.id, zoe.household.id, zoe.pass_.id)
    canaries = [*(text.encode() for text in (*named, *dated, *map(str, rows), *(row.hex for row in rows)))]
    canaries += [number, number.hex().encode(), number[::-1], *(row.bytes for row in rows), zoe.code[4:40].encode()]
    assert [canary for canary in canaries if canary in written] == []
    assert b"carnet" not in written, "not even what is sold: a bit says that somebody may come in, never why"


async def test_many_who_ask_at_once_get_one_bundle_and_so_does_another_worker(house: House) -> None:
    await house.resident("R1", rights=("pool-year",))
    answers = await asyncio.gather(*(fetch(house) for _ in range(8)))
    assert len({answer.content for answer in answers}) == 1
    other = Bundles(house.database, house.keyring, house.clock)
    assert (await other.current(house.city.authority.id, "pool")).body == answers[0].content


async def test_two_workers_at_once_issue_one_bundle(house: House) -> None:
    await house.resident("R1", rights=("pool-year",))
    workers = [Bundles(house.database, house.keyring, house.clock) for _ in range(4)]
    made = await asyncio.gather(*(worker.current(house.city.authority.id, "pool") for worker in workers))
    assert len({one.body for one in made}) == 1


async def test_at_midnight_of_the_place_the_day_begins_anew(house: House) -> None:
    """A right that ends today is entitled to nothing tomorrow, however fresh the bundle is."""
    house.clock.now = datetime(2026, 11, 18, 22, 58, tzinfo=UTC)
    zoe = await house.resident("R1", rights=("pool-year",), ends=date(2026, 11, 19))
    found = read(house, await fetch(house))
    assert says(found, zoe) == (Status.VALID, True)
    house.clock.turn(minutes=2)
    tomorrow = read(house, await fetch(house), newest=found.sequence)
    assert says(tomorrow, zoe) == (Status.VALID, False)


async def test_what_a_site_says_of_its_gates_alone_goes_before_what_the_service_says(house: House) -> None:
    catalogue = await house.database.catalogue()
    doors = doorways_of(catalogue, house.city.authority.id, "pool")
    strict = OfflinePolicy(Fail.CLOSED, entries=0)
    closed = [replace(door, site=replace(door.site, offline=strict)) for door in doors if door.site.code == "free"]
    open_ = [door for door in doors if door.site.code == "pool"]
    content = content_of(catalogue, [*closed, *open_], date(2026, 11, 18))
    assert [site.policy for site in content.sites] == [strict, BY_CODE["pool"].offline]


async def test_a_bundle_that_others_have_pushed_out_is_made_anew(house: House) -> None:
    """The newest row is there, its bytes are not: nobody waits for ever."""
    await house.resident("R1", rights=("pool-year",))
    first = read(house, await fetch(house))
    other = Bundles(house.database, house.keyring, house.clock)
    async with house.database.write() as connection:
        await connection.execute(delete(bundle_table))
    async with asyncio.timeout(20):
        made = await other.current(house.city.authority.id, "pool")
    assert made.bundle.entitled == first.entitled
