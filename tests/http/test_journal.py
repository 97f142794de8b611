"""The journal over HTTP: what agents do leaves its line, what fails leaves none, and the officer alone reads it."""

from typing import Any

import pytest
from sqlalchemy import text

from domain.acts import Act
from domain.agents import Role
from domain.journal import Link
from domain.journal_keeping import verify
from domain.passes import MediumStatus, medium_bytes
from tests.city import TODAY
from tests.house_app import House
from tests.http.desk import done, post, read
from tests.http.rights import assert_problem


async def lines(house: House, query: str = "", *, neighbour: bool = False) -> list[dict[str, Any]]:
    found = await done(read(house, f"/journal{query}", role=Role.DPO, neighbour=neighbour))
    return [line for line in found["lines"] if line["act"] != Act.JOURNAL_SEARCHED]


async def test_what_a_desk_does_with_a_file_is_on_record_with_its_reason(house: House) -> None:
    zoe = await house.resident("R1")
    number = zoe.pass_.number
    await done(read(house, f"/passes/{number}"))
    hexadecimal = (await done(read(house, f"/passes/{number}/media")))[0]["id"]
    await done(post(house, f"/passes/{number}/media/{hexadecimal}/block", {"reason": "lost"}))
    await done(post(house, f"/passes/{number}/media/{hexadecimal}/replacement", {"reason": "theft_reported"}))
    await done(post(house, "/passes", {"holderReference": "R1"}))
    granted = await done(
        post(house, f"/passes/{number}/rights", {"key": "k", "product": "reader", "validUntil": "2027-01-01"})
    )
    await done(post(house, f"/rights/{granted['id']}/end"))
    await done(read(house, "/subjects/household/F-R1/rights"))
    await done(post(house, "/households", {"reference": "F-2", "commune": "00101"}))
    await done(post(house, "/households/F-2/members", {"holder": "R1"}))

    said = await lines(house)

    assert [(line["act"], line["kind"], line["holder"], line["why"]) for line in reversed(said)] == [
        ("pass.shown", "pass", "R1", None),
        ("media.listed", "pass", "R1", None),
        ("medium.blocked", "medium", "R1", "lost"),
        ("medium.replaced", "medium", "R1", "theft_reported"),
        ("pass.issued", "pass", "R1", None),
        ("right.granted", "pass", "R1", None),
        ("right.ended", "right", "R1", None),
        ("rights.listed", "household", None, None),
        ("household.founded", "household", None, None),
        ("member.joined", "household", "R1", None),
    ]
    assert {(line["agent"], line["door"]) for line in said} == {(house.city.agents[Role.DESK].login, "api")}
    assert said[7]["object"] == hexadecimal
    async with house.database.snapshot() as unit:
        assert isinstance(await verify(unit.journal, house.city.authority.id), Link)


async def test_an_agent_who_lets_somebody_in_and_takes_it_back_is_on_record(house: House) -> None:
    """These go through the ledger's lane, in a transaction of its own."""
    zoe = await house.resident("R1", rights=("carnet-10",))
    body = {"key": "e1", "gate": "pool-1", "passNumber": zoe.pass_.number, "motive": "medical"}
    entered = await done(post(house, "/sites/pool/entries", body, role=Role.SITE_AGENT))
    assert entered["outcome"] == "granted"
    passages = await done(read(house, f"/passes/{zoe.pass_.number}/passages", role=Role.SITE_AGENT))
    back = {"key": "w1", "motive": "wrong_pass"}
    await done(post(house, f"/passages/{passages[0]['passage']}/cancellation", back, role=Role.SITE_AGENT))

    said = await lines(house)

    assert [(line["act"], line["holder"], line["why"]) for line in reversed(said)] == [
        ("passage.let-in", "R1", "medical"),
        ("passages.listed", "R1", None),
        ("passage.cancelled", "R1", "wrong_pass"),
    ]


async def test_what_fails_leaves_no_line(house: House) -> None:
    zoe = await house.resident("R1")
    number = zoe.pass_.number
    assert_problem(await read(house, "/passes/0000000000"), 404, "pass-not-found")
    assert_problem(await read(house, f"/passes/{number}", neighbour=True), 404, "pass-not-found")
    assert_problem(await read(house, f"/passes/{number}", role=Role.DPO), 403, "forbidden")
    assert_problem(
        await post(house, f"/passes/{number}/media/{'0' * 16}/block", {"reason": "lost"}), 404, "medium-not-found"
    )
    assert_problem(await post(house, "/households/F-R1%00/members", {"holder": "R1"}), 404, "household-not-found")
    assert await lines(house) == []
    assert await lines(house, neighbour=True) == []


async def test_no_line_no_answer(house: House) -> None:
    """A journal that cannot be written keeps the file shut."""
    zoe = await house.resident("R1")
    async with house.database.write() as connection:
        await connection.execute(text("ALTER TABLE journal_entry RENAME TO journal_away"))
    answer = await read(house, f"/passes/{zoe.pass_.number}")
    assert answer.status_code == 500
    assert "Zoé" not in answer.text
    medium = medium_bytes(zoe.medium.id).hex()
    stopped = await post(house, f"/passes/{zoe.pass_.number}/media/{medium}/block", {"reason": "lost"})
    assert stopped.status_code == 500
    async with house.database.look() as unit:
        assert [one.status for one in await unit.passes.media(zoe.pass_.id)] == [MediumStatus.ACTIVE]


async def test_the_officer_searches_and_is_on_record_too(house: House) -> None:
    zoe = await house.resident("R1")
    await house.resident("R2")
    await done(read(house, f"/passes/{zoe.pass_.number}"))
    await done(read(house, f"/passes/{zoe.pass_.number}", role=Role.MANAGER))
    await done(read(house, "/holders/R2/guardians"))
    manager = house.city.agents[Role.MANAGER].login

    assert len(await lines(house, "?holder=R1")) == 2
    assert [line["agent"] for line in await lines(house, f"?agent={manager}")] == [manager]
    assert [line["holder"] for line in await lines(house, "?act=guardians.listed")] == ["R2"]
    assert len(await lines(house, f"?objectKind=pass&objectId={zoe.pass_.id}")) == 2
    assert len(await lines(house, f"?firstDay={TODAY}")) == 3
    assert await lines(house, f"?beforeDay={TODAY}") == []
    assert [line["number"] for line in await lines(house, "?beforeLine=3")] == [2, 1]
    own = await done(read(house, "/journal?act=journal.searched&holder=R1", role=Role.DPO))
    assert [(line["holder"], line["kind"]) for line in own["lines"]] == [("R1", "journal")]
    assert own["lines"][0]["words"]["fr"] == "A consulté le journal"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("agent=nobody", "agent-not-found"),
        ("holder=nobody", "holder-not-found"),
        ("holder=%00", "holder-not-found"),
        ("act=x", "invalid-request"),
    ],
)
async def test_a_name_that_is_mistyped_is_no_empty_list(house: House, query: str, code: str) -> None:
    status = 404 if code.endswith("not-found") else 400
    assert_problem(await read(house, f"/journal?{query}", role=Role.DPO), status, code)


async def test_the_export_is_on_record_before_its_first_line(house: House) -> None:
    headers = await house.agent_headers(Role.MANAGER)
    await house.client.get("/v1/exports/validations", headers=headers)
    assert [(line["act"], line["kind"]) for line in await lines(house)] == [("passages.exported", "register")]
