"""What residents see of passes, and what they do with a lost one; nobody else's pass is there for them."""

from datetime import date
from uuid import uuid4

import pytest

from domain.account_links import LinkKind
from domain.guardians import GuardianKind, appoint_guardian
from domain.passes import BlockReason, MediumKind, add_medium, block, medium_bytes
from domain.replacements import ReplacementFee, ReplacementReason
from store.tables import metadata
from tests.city import TestPass
from tests.house_app import House
from tests.http.phones import follow, let_in, post, read
from tests.http.rights import assert_problem
from tests.http.test_permissions import BODIES, TABLE

SHARED = pytest.mark.asyncio(loop_scope="module")


async def parent(house: House, reference: str, *, rights: tuple[str, ...] = ()) -> tuple[TestPass, dict[str, str]]:
    """Somebody with a pass, whose account follows it."""
    shown = await house.resident(reference, rights=rights)
    headers = await let_in(house, f"{uuid4()}@example.org")
    await follow(house, headers, shown.holder)
    return shown, headers


async def test_a_card_lost_at_night_is_stopped_by_its_owner_and_refused_by_the_next_gate(house: House) -> None:
    """The whole of it on both engines: what is left, where it was shown, stopped once, refused, and still legible."""
    house.clock.turn(hours=8, minutes=55)  # 23:00 in Paris
    zoe, headers = await parent(house, "R1", rights=("carnet-10",))
    assert (await house.tap(zoe.code)).json()["outcome"] == "granted"

    detail = await read(house, f"/passes/{zoe.pass_.number}", headers)
    (right,) = detail.json()["rights"]
    assert right["words"] == [
        {
            "fr": "Il reste 9 passages sur 10, jusqu’au 31 décembre 2026.",
            "en": "9 visits of 10 left, until 31 December 2026.",
        }
    ]
    (medium,) = detail.json()["media"]
    assert (medium["status"], medium["words"]["fr"]) == ("active", "en service")
    (passage,) = (await read(house, f"/passes/{zoe.pass_.number}/passages", headers)).json()["passages"]
    assert (passage["opened"], passage["serviceName"]["fr"], passage["cancelled"]) == (True, "Piscine", False)

    path = f"/passes/{zoe.pass_.number}/media/{medium['id']}/block"
    stopped = [await post(house, path, {"key": "b1", "reason": "lost"}, headers) for _ in range(2)]
    assert [one.status_code for one in stopped] == [200, 200]
    assert stopped[0].json() == stopped[1].json()
    assert stopped[0].json()["words"]["fr"] == "perdu"
    assert_problem(await post(house, path, {"key": "b1", "reason": "stolen"}, headers), 422, "idempotency-key-reused")
    assert_problem(await post(house, path, {"key": "b2", "reason": "lost"}, headers), 409, "lifecycle-conflict")
    refused = (await house.tap(zoe.code, gate="free-1")).json()
    assert (refused["outcome"], refused["reason"]) == ("denied", "medium_lost")

    page = (await read(house, f"/passes/{zoe.pass_.number}/passages?lines=1", headers)).json()
    assert [one["opened"] for one in page["passages"]] == [False]
    rest = (await read(house, f"/passes/{zoe.pass_.number}/passages?before={page['cursor']}", headers)).json()
    assert ([one["opened"] for one in rest["passages"]], rest["cursor"]) == ([True], None)


@SHARED
async def test_a_parent_sees_the_childs_pass_and_stops_its_card(shared_house: House) -> None:
    house = shared_house
    zoe, headers = await parent(house, "R-parent")
    child = await house.resident("R-child", born_on=date(2018, 3, 1), rights=("waste-24",))
    async with house.database.begin() as unit:
        await appoint_guardian(
            unit, ward=child.holder, guardian=zoe.holder, kind=GuardianKind.PARENT, since=child.holder.born_on
        )
    listed = (await read(house, "/passes", headers)).json()["passes"]
    assert {one["person"]: one["number"] for one in listed} == {
        "R-parent": zoe.pass_.number,
        "R-child": child.pass_.number,
    }
    persons = (await read(house, "/account", headers)).json()["persons"]
    assert [(one["reference"], one["bond"]) for one in persons] == [("R-parent", "own"), ("R-child", "parent")]
    path = f"/passes/{child.pass_.number}/media/{medium_bytes(child.medium.id).hex()}/block"
    assert (await post(house, path, {"key": "c1", "reason": "stolen"}, headers)).status_code == 200
    not_by_code = await house.client.delete("/v1/resident/persons/R-child", headers=headers)
    assert_problem(not_by_code, 404, "person-not-found")


@SHARED
async def test_a_mandate_shows_somebodys_pass_until_whoever_has_it_gives_it_back(shared_house: House) -> None:
    house = shared_house
    _, headers = await parent(house, "R-helper")
    neighbour = await house.resident("R-neighbour")
    await follow(house, headers, neighbour.holder, LinkKind.MANDATE)
    assert (await read(house, f"/passes/{neighbour.pass_.number}", headers)).status_code == 200
    assert (await house.client.delete("/v1/resident/persons/R-neighbour", headers=headers)).status_code == 204
    assert_problem(await read(house, f"/passes/{neighbour.pass_.number}", headers), 404, "pass-not-found")


@SHARED
async def test_what_is_unchanged_is_not_sent_again(shared_house: House) -> None:
    zoe, headers = await parent(shared_house, "R-tag")
    for path in ("/account", "/devices", "/logins", "/passes", f"/passes/{zoe.pass_.number}"):
        first = await read(shared_house, path, headers)
        assert first.headers["cache-control"] == "private, no-cache"
        again = await read(shared_house, path, {**headers, "If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), path
    path = f"/passes/{zoe.pass_.number}/media/{medium_bytes(zoe.medium.id).hex()}/block"
    before = (await read(shared_house, f"/passes/{zoe.pass_.number}", headers)).headers["etag"]
    await post(shared_house, path, {"key": "t1", "reason": "damaged"}, headers)
    changed = await read(shared_house, f"/passes/{zoe.pass_.number}", {**headers, "If-None-Match": before})
    assert changed.status_code == 200


OF_SOMEBODY = [
    key for key, line in TABLE.items() if line.rule == "resident" and "{" in key[1] and key[1].startswith("/v1/")
]
"""Those of the portal are walked by `test_portal_passes.py`, as a browser asks for them."""


@SHARED
@pytest.mark.parametrize("key", OF_SOMEBODY, ids=" ".join)
async def test_what_belongs_to_somebody_else_is_not_there(shared_house: House, key: tuple[str, str]) -> None:
    """Every resident route that names something, asked by a stranger of the same city for what does exist."""
    house = shared_house
    owner = await house.resident(f"R-{uuid4().hex[:8]}")
    stranger = await let_in(house, f"{uuid4()}@example.org")
    theirs = await let_in(house, f"{uuid4()}@example.org")
    await follow(house, theirs, owner.holder)
    account = (await read(house, "/account", theirs)).json()
    named = {
        "number": owner.pass_.number,
        "medium": medium_bytes(owner.medium.id).hex(),
        "reference": owner.holder.reference,
        "contact_id": account["contacts"][0]["id"],
        "device_id": (await read(house, "/devices", theirs)).json()["devices"][0]["id"],
        "request_reference": (await post(house, "/requests", {"key": "own"}, theirs)).json()["reference"],
        "document_id": str(uuid4()),
        # Tried with real ones where they are made: `test_resident_passkeys.py`, `test_resident_provider.py`.
        "passkey_id": str(uuid4()),
        "identity_id": str(uuid4()),
    }
    method, path = key
    documents = {"key": "k", "proof": "identity", "version": "1"}
    sent = documents if path.endswith("/documents") else {"agreed": "true"} if method == "PUT" else None
    asked = await house.client.request(
        method, path.format(**named), params=sent, json=BODIES.get(path), headers=stranger
    )
    # What is not mine is gone already: taking it away says the same of what never was.
    is_gone = method == "DELETE" and any(name in path for name in ("contact_id", "passkey_id", "identity_id"))
    assert asked.status_code == (204 if is_gone else 404), asked.text
    async with house.database.look() as unit:
        assert [one.status for one in await unit.passes.media(owner.pass_.id)] == [owner.medium.status]
    assert (await read(house, "/account", theirs)).json() == account
    assert (await read(house, "/devices", theirs)).json()["devices"][0]["isOpen"]
    (draft,) = (await read(house, "/requests", theirs)).json()["requests"]
    assert (draft["status"], draft["version"]) == ("draft", 1)


@SHARED
async def test_a_medium_of_another_pass_is_not_stopped_by_way_of_ones_own(shared_house: House) -> None:
    zoe, headers = await parent(shared_house, f"R-{uuid4().hex[:8]}")
    other = await shared_house.resident(f"R-{uuid4().hex[:8]}")
    path = f"/passes/{zoe.pass_.number}/media/{medium_bytes(other.medium.id).hex()}/block"
    answer = await post(shared_house, path, {"key": "m1", "reason": "lost"}, headers)
    assert_problem(answer, 404, "medium-not-found")


@SHARED
async def test_each_medium_says_whether_its_owner_may_stop_it(shared_house: House) -> None:
    zoe, headers = await parent(shared_house, f"R-{uuid4().hex[:8]}")
    async with shared_house.database.begin() as unit:
        now = shared_house.clock()
        phone = await add_medium(unit, zoe.pass_, kind=MediumKind.PHONE, expires_at=now.replace(year=2030), now=now)
    path = f"/passes/{zoe.pass_.number}"
    stopped = await post(
        shared_house, f"{path}/media/{medium_bytes(phone.id).hex()}/block", {"key": "p", "reason": "stolen"}, headers
    )
    assert stopped.json()["mayBeStopped"] is False
    media = (await read(shared_house, path, headers)).json()["media"]
    assert {one["kind"]: one["mayBeStopped"] for one in media} == {"print": True, "phone": False}


@SHARED
async def test_a_printed_code_is_replaced_at_the_price_that_was_shown_and_what_is_due_is_written_down(
    shared_house: House,
) -> None:
    house = shared_house
    zoe, headers = await parent(house, f"R-{uuid4().hex[:8]}", rights=("pool-year",))
    async with house.database.begin() as unit:
        fee = ReplacementFee(house.city.authority.id, MediumKind.PRINT, ReplacementReason.LOSS, 500)
        await unit.replacements.set_fees(house.city.authority.id, [fee])
    path = f"/passes/{zoe.pass_.number}/media/{medium_bytes(zoe.medium.id).hex()}"
    shown = await read(house, f"{path}/printed-code", headers)
    assert (shown.json()["code"], shown.headers["cache-control"]) == (zoe.code, "no-store")
    early = await post(house, f"{path}/replacement", {"key": "e", "feeCents": 0}, headers)
    assert_problem(early, 409, "lifecycle-conflict")
    stopped = await post(house, f"{path}/block", {"key": "l", "reason": "lost"}, headers)
    assert stopped.json()["replacementCents"] == 500
    assert_problem(await read(house, f"{path}/printed-code", headers), 409, "lifecycle-conflict")
    cheaper = await post(house, f"{path}/replacement", {"key": "c", "feeCents": 0}, headers)
    assert_problem(cheaper, 409, "price-changed")
    new, again = [
        (await post(house, f"{path}/replacement", {"key": "n", "feeCents": 500}, headers)).json() for _ in range(2)
    ]
    assert new == again
    assert (new["reason"], new["feeCents"]) == ("loss", 500)
    now = house.clock()
    async with house.database.look() as unit:
        due = await unit.replacements.due(house.city.authority.id, now, now.replace(year=2030))
    assert [one.fee_cents for number, one in due if number == zoe.pass_.number] == [500]
    code = await read(house, f"/passes/{zoe.pass_.number}/media/{new['medium']['id']}/printed-code", headers)
    opened = await house.tap(code.json()["code"], "free-1", token=await house.terminal_token())
    assert opened.json()["outcome"] == "granted"


@SHARED
async def test_what_the_city_has_taken_out_of_use_is_not_replaced_by_its_owner(shared_house: House) -> None:
    house = shared_house
    zoe, headers = await parent(house, f"R-{uuid4().hex[:8]}")
    async with house.database.begin() as unit:
        await block(unit, zoe.pass_, zoe.medium.id, reason=BlockReason.REVOKED, now=house.clock())
    (medium,) = (await read(house, f"/passes/{zoe.pass_.number}", headers)).json()["media"]
    assert (medium["replacementCents"], medium["mayBeStopped"]) == (None, False)
    path = f"/passes/{zoe.pass_.number}/media/{medium['id']}/replacement"
    assert_problem(await post(house, path, {"key": "r", "feeCents": 0}, headers), 409, "lifecycle-conflict")


def test_every_table_of_accounts_ends_with_its_account() -> None:
    """Deleting one row deletes all that is known of a resident's account."""
    tables = {name: table for name, table in metadata.tables.items() if name.startswith("resident_")}
    assert len(tables) == 11
    for name, table in tables.items():
        if "account_id" in table.c:
            (foreign,) = table.c.account_id.foreign_keys
            assert (foreign.column.table.name, foreign.ondelete) == ("resident_account", "CASCADE"), name
