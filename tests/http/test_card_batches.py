"""Batches of cards through HTTP: a manager orders, a maker in software produces, a desk binds, and the gate opens."""

import shutil
from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from adapters.antivirus import Antivirus
from adapters.document_vault import DocumentVault
from adapters.keyring import KeyRing
from adapters.portrait_file import Frame
from api import batch_files
from domain.agents import Role
from domain.portraits import keep_portrait
from tests.card_maker import chip_list, chips, make, read_order, report
from tests.city import TODAY, TestPass
from tests.hostile_files import photo
from tests.house_app import House, TestClock
from tests.http.card_town import open_town
from tests.http.desk import done, post, read

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One town for all: each test orders a batch, and registers people, of its own."""
    folder = tmp_path_factory.mktemp("town")
    path = folder / "city.sqlite3"
    shutil.copyfile(migrated_file, path)
    async with open_town(f"sqlite:///{path}", KeyRing(folder / "keys"), TestClock(), folder / "keys") as opened:
        yield opened


async def manager(town: House, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
    return await done(post(town, f"/card-batches{path}", body, role=Role.MANAGER))


async def file(town: House, path: str, content: bytes, *, role: Role = Role.MANAGER) -> httpx.Response:
    answer: httpx.Response = await town.client.post(
        f"/v1/card-batches{path}", content=content, headers=await town.agent_headers(role)
    )
    return answer


async def shown(town: House, card: str) -> httpx.Response:
    headers = {**await town.agent_headers(Role.DESK), "Card": card}
    answer: httpx.Response = await town.client.get("/v1/made-cards", headers=headers)
    return answer


async def photographed(town: House, person: TestPass) -> bytes:
    """Keep a photo of somebody, and return it."""
    vault = DocumentVault(Path(town.app.state.settings.documents_folder), town.keyring, Antivirus(""))
    desk, holder = town.city.agents[Role.DESK].id, person.holder
    sealed = await vault.keep_portrait("ville", uuid4(), photo((640, 480)), Frame())
    async with town.database.begin() as unit:
        await keep_portrait(unit, holder, sealed, agreed_by=holder.id, by=desk, now=town.clock(), today=TODAY)
        kept = await unit.portraits.of(holder.authority_id, holder.id)
    assert kept is not None
    return await vault.portrait("ville", kept)


async def produced(town: House, code: str, count: int = 1, **order: object) -> bytes:
    """The order file of a batch that was ordered, sent and reported on."""
    await manager(town, "", {"code": code, **(order or {"blank": count})})
    sent = await file(town, f"/{code}/order-file", chip_list(chips(count)))
    assert sent.status_code == 200, sent.text
    settled = await file(town, f"/{code}/report", report(sent.content))
    assert settled.json()["state"] == "accepted", settled.text
    return sent.content


async def test_a_batch_goes_from_its_order_to_a_gate_that_opens(town: House) -> None:
    order = await produced(town, "whole-way", 2)
    (card, _) = make(order, town.keyring.transport_key("ville", 1))
    assert await manager(town, "/whole-way/deliveries", {"desk": "town-hall"}) == {"delivered": 2}
    stock = await done(read(town, "/made-cards/stock"))
    assert {"desk": "town-hall", "blank": 2} in stock
    zoe = await town.resident("whole-way", rights=("pool-year",))
    bound = await done(post(town, "/made-cards/bindings", {"card": card.tap(), "passNumber": zoe.pass_.number}))
    assert (bound["card"], bound["passNumber"]) == (card.number, zoe.pass_.number)
    assert (bound["medium"]["status"], bound["medium"]["technology"]) == ("active", "ntag424")
    assert (await town.tap(card.tap(), "free-1")).json()["reason"] == "welcome"
    seen = (await shown(town, card.number)).json()
    assert (seen["status"], seen["passNumber"]) == ("active", zoe.pass_.number)


async def test_the_journal_of_a_batch_and_of_a_card_name_who_did_what(town: House) -> None:
    order = await produced(town, "journal", 2)
    card = read_order(order)[1][0]["number"]
    await manager(town, "/journal/deliveries", {"desk": "annexe", "last": 1})
    agents = town.city.agents
    detail = await done(read(town, "/card-batches/journal", role=Role.MANAGER))
    assert [(one["what"], one["agent"]) for one in detail["journal"]] == [
        (what, agents[Role.MANAGER].login) for what in ("ordered", "sent", "accepted")
    ]
    assert detail["cards"] == {"ready_at_desk": 1, "produced": 1}
    assert detail["batch"]["orderSha256"] == read_order(order)[2]["sha256"]
    zoe = await town.resident("journal")
    bound = await done(post(town, "/made-cards/bindings", {"card": card, "passNumber": zoe.pass_.number}))
    where = f"/passes/{zoe.pass_.number}/media/{bound['medium']['id']}/changes"
    assert await done(read(town, where)) == [
        {"was": "ready_at_desk", "changedAt": "2026-11-18T13:05:00Z", "agent": agents[Role.DESK].login}
    ]


async def test_an_order_that_got_lost_on_its_way_comes_again_byte_for_byte(town: House) -> None:
    await manager(town, "", {"code": "lost-answer", "blank": 2})
    listed = chip_list(chips(2))
    first = await file(town, "/lost-answer/order-file", listed)
    again = await file(town, "/lost-answer/order-file", listed)
    assert (again.status_code, again.content) == (200, first.content)
    other = await file(town, "/lost-answer/order-file", chip_list(chips(2)))
    assert (other.status_code, other.json()["code"]) == (409, "batch-closed")


async def test_a_maker_s_file_is_refused_line_by_line_and_nothing_of_it_is_taken(town: House) -> None:
    await manager(town, "", {"code": "bad-files", "blank": 3})
    listed = chips(3)
    refused = await file(town, "/bad-files/order-file", chip_list([listed[0], listed[0], listed[2]]) + b"zz\n")
    assert (refused.status_code, refused.json()["code"]) == (400, "batch-file-refused")
    assert [fault["where"] for fault in refused.json()["faults"]] == ["line 4"]
    sent = await file(town, "/bad-files/order-file", chip_list(listed))
    cut = await file(town, "/bad-files/report", report(sent.content)[:-20])
    assert (cut.status_code, cut.json()["code"]) == (400, "batch-file-refused")
    assert (await done(read(town, "/card-batches/bad-files", role=Role.MANAGER)))["batch"]["state"] == "sent"


async def test_a_card_made_for_a_pass_is_posted_and_knows_whose_it_is(town: House) -> None:
    zoe, max_ = await town.resident("named-1"), await town.resident("named-2")
    face = await photographed(town, zoe)
    order = await produced(town, "named", passes=[zoe.pass_.number])
    card = read_order(order)[1][0]
    assert b64decode(card["print"]["photo"]) == face
    assert card["print"]["passNumber"].replace(" ", "") == zoe.pass_.number
    await manager(town, "/named/deliveries", {})
    wrong = await post(town, "/made-cards/bindings", {"card": card["number"], "passNumber": max_.pass_.number})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "card-of-another-pass")
    bound = await done(post(town, "/made-cards/bindings", {"card": card["number"]}))
    assert bound["passNumber"] == zoe.pass_.number
    again = await post(town, "/card-batches", {"code": "named-2", "passes": [zoe.pass_.number]}, role=Role.MANAGER)
    assert again.status_code == 201, "the card came: another may be ordered"


async def test_a_blank_card_is_not_bound_without_a_pass_and_is_discarded_once(town: House) -> None:
    number = read_order(await produced(town, "discards"))[1][0]["number"]
    await manager(town, "/discards/deliveries", {"desk": "mairie"})
    nobody = await post(town, "/made-cards/bindings", {"card": number})
    assert (nobody.status_code, nobody.json()["code"]) == (409, "card-of-another-pass")
    gone = await done(post(town, "/made-cards/discards", {"card": number, "reason": "damaged"}))
    assert (gone["status"], gone["passNumber"]) == ("damaged", None)
    again = await post(town, "/made-cards/discards", {"card": number, "reason": "damaged"})
    assert (again.status_code, again.json()["code"]) == (409, "lifecycle-conflict")
    zoe = await town.resident("discards")
    late = await post(town, "/made-cards/bindings", {"card": number, "passNumber": zoe.pass_.number})
    assert (late.status_code, late.json()["code"]) == (409, "lifecycle-conflict")


async def test_a_binding_is_undone_by_the_desk_and_the_card_is_bound_to_the_right_pass(town: House) -> None:
    number = read_order(await produced(town, "undone"))[1][0]["number"]
    await manager(town, "/undone/deliveries", {"desk": "mairie"})
    wrong, right = await town.resident("undone-1"), await town.resident("undone-2")
    undo = {"card": number, "reason": "wrong_person"}
    early = await post(town, "/made-cards/unbindings", undo)
    assert (early.status_code, early.json()["code"]) == (409, "lifecycle-conflict")
    medium = (await done(post(town, "/made-cards/bindings", {"card": number, "passNumber": wrong.pass_.number})))[
        "medium"
    ]
    back = await done(post(town, "/made-cards/unbindings", undo))
    assert (back["status"], back["desk"], back["passNumber"]) == ("ready_at_desk", "mairie", None)
    assert medium["id"] not in [one["id"] for one in await done(read(town, f"/passes/{wrong.pass_.number}/media"))]
    bound = await done(post(town, "/made-cards/bindings", {"card": number, "passNumber": right.pass_.number}))
    await done(post(town, f"/passes/{right.pass_.number}/media/{bound['medium']['id']}/block", {"reason": "lost"}))
    late = await post(town, "/made-cards/unbindings", undo)
    assert (late.status_code, late.json()["code"]) == (409, "card-not-returnable")


async def test_a_batch_is_cancelled_before_its_report_and_never_after(town: House) -> None:
    await manager(town, "", {"code": "cancelled", "blank": 1})
    assert (await manager(town, "/cancelled/cancellation"))["state"] == "refused"
    await produced(town, "accepted")
    late = await post(town, "/card-batches/accepted/cancellation", role=Role.MANAGER)
    assert (late.status_code, late.json()["code"]) == (409, "batch-closed")
    codes = [one["code"] for one in await done(read(town, "/card-batches", role=Role.MANAGER))]
    assert {"cancelled", "accepted"} <= set(codes)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"code": "x"}, "bad-batch"),
        ({"code": "x", "blank": 2, "passes": ["1234567897"]}, "bad-batch"),
        ({"code": "x", "passes": ["1234567890"]}, "pass-not-found"),
        ({"code": "x", "blank": 1, "until": "9999-01-01"}, "invalid"),
        ({"code": "Spring 1", "blank": 1}, "invalid-request"),
        ({"code": "x", "blank": 0}, "invalid-request"),
    ],
)
async def test_an_order_says_what_is_wrong_with_it(town: House, body: dict[str, Any], code: str) -> None:
    answer = await post(town, "/card-batches", body, role=Role.MANAGER)
    assert answer.json()["code"] == code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("nonsense", "card-not-read"),
        ("UID:zz", "uid-not-usable"),
        ("https://pass.example.org/t/1?e=00&c=00", "uid-not-usable"),
        ("UID:04112233445566", "made-card-not-found"),
        ("000000000000", "made-card-not-found"),
    ],
)
async def test_what_is_no_card_of_a_batch_is_told_so(town: House, said: str, code: str) -> None:
    assert (await shown(town, said)).json()["code"] == code


async def test_neighbours_see_neither_batch_nor_card(town: House) -> None:
    number = read_order(await produced(town, "ours"))[1][0]["number"]
    hidden = await read(town, "/card-batches/ours", role=Role.MANAGER, neighbour=True)
    assert (hidden.status_code, hidden.json()["code"]) == (404, "batch-not-found")
    theirs = await post(town, "/made-cards/discards", {"card": number, "reason": "lost"}, neighbour=True)
    assert (theirs.status_code, theirs.json()["code"]) == (404, "made-card-not-found")


async def test_files_of_large_batches_are_left_to_the_command(town: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_files, "MOST_CARDS", 1)
    await manager(town, "", {"code": "large", "blank": 2})
    answer = await file(town, "/large/order-file", chip_list(chips(2)))
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-batch")
    assert "multipass batch export" in answer.json()["detail"]
