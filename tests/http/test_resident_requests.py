"""Residents ask for a pass from a telephone: a whole story, what is missing in plain words, nobody else's papers."""

import shutil
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from adapters.geocoder import written
from adapters.keyring import KeyRing
from api.request_documents import INERT
from domain.addresses import FoundAddress
from domain.places import Commune
from tests.asking import files_of
from tests.hostile_files import photo, with_script
from tests.house_app import House, TestClock, open_house
from tests.http import desk
from tests.http.phones import let_in, post, read
from tests.http.rights import assert_problem

SHARED = pytest.mark.asyncio(loop_scope="module")

NINA = {"firstName": "Nina", "lastName": "Berthelot", "bornOn": "1988-03-02"}
TOM = {"firstName": "Tom", "lastName": "Berthelot", "bornOn": "2016-09-21", "twoHomes": True}
SAID: dict[str, Any] = {
    "asker": {"name": "Nina Berthelot"},
    "address": {"line": "12 rue des Lilas", "postcode": "59000", "city": "Lille", "communeCode": "59350"},
    "persons": [NINA, TOM],
    "services": ["pool", "library"],
}
Headers = dict[str, str]


async def someone(house: House) -> Headers:
    return await let_in(house, f"{uuid4()}@example.org")


async def done(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code in {200, 201}, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def begun(house: House, headers: Headers, **application: object) -> dict[str, Any]:
    return await done(await post(house, "/requests", {"key": uuid4().hex, "application": application}, headers))


async def act(house: House, mine: dict[str, Any], what: str, headers: Headers, **more: object) -> httpx.Response:
    body = {"key": uuid4().hex, "version": mine["version"], **more}
    return await post(house, f"/requests/{mine['reference']}/{what}", body, headers)


async def save(house: House, mine: dict[str, Any], headers: Headers, **application: object) -> httpx.Response:
    body = {"key": uuid4().hex, "version": mine["version"], "application": application}
    path = f"/v1/resident/requests/{mine['reference']}/application"
    return await house.client.put(path, json=body, headers=headers)


async def upload(
    house: House, mine: dict[str, Any], data: bytes, headers: Headers, *, key: str = "", proof: str = "identity"
) -> httpx.Response:
    path = f"/v1/resident/requests/{mine['reference']}/documents"
    params = {"key": key or uuid4().hex, "proof": proof, "version": str(mine["version"])}
    return await house.client.post(path, params=params, content=data, headers=headers)


async def test_a_family_asks_from_a_telephone_answers_a_question_and_gets_its_passes(house: House) -> None:
    """The whole of it on both engines, step by step; the desk decides; nobody but who asks has an address."""
    headers = await someone(house)
    mine = await begun(house, headers)
    assert (mine["status"], mine["persons"], mine["keptUntil"]) == ("draft", 0, "2026-12-18")
    so_far: dict[str, Any] = {}
    for step in ("services", "persons", "address", "asker"):
        so_far[step] = SAID[step]
        mine = await done(await save(house, mine, headers, **so_far))
    at = f"/requests/{mine['reference']}"
    shown = await done(await read(house, at, headers))
    assert shown["application"] == {
        **SAID,
        "asker": {"name": "Nina Berthelot", "email": None, "phone": None},
        "persons": [{**NINA, "twoHomes": False}, TOM],
        "declared": [],
        "language": "fr",
    }
    assert [(one["code"], one["missing"], one["maySwear"]) for one in shown["proofs"]] == [
        ("identity", True, False),
        ("residence", True, True),
    ]
    document = await done(await upload(house, mine, photo(), headers))
    mine = {**mine, "version": document["version"]}

    body = {"key": "send-1", "version": mine["version"]}
    mine, again = [await done(await post(house, f"{at}/submission", body, headers)) for _ in range(2)]
    assert mine == again
    assert (mine["status"], mine["dueOn"]) == ("submitted", "2026-11-25")
    assert mine["words"]["fr"].endswith("avant le 25 novembre 2026. Il manque : Justificatif de domicile.")
    receipt = await read(house, f"{at}/receipt", headers)
    assert (receipt.headers["content-type"], receipt.content[:5]) == ("application/pdf", b"%PDF-")
    assert_problem(await read(house, f"{at}/letter", headers), 409, "request-step-refused")

    asked = await desk.done(
        desk.post(house, f"{at}/question", {"version": mine["version"], "words": "Et le domicile ?"})
    )
    mine = await done(await act(house, asked, "answer", headers, declared=["residence"]))
    assert mine["words"]["en"] == "We have received your request. We expect to answer by 25 November 2026."
    await desk.done(desk.post(house, f"{at}/approval", {"version": mine["version"]}))
    shown = await done(await read(house, at, headers))
    assert shown["summary"]["words"]["fr"].startswith("Votre demande est acceptée.")
    assert [one["deed"] for one in shown["history"]] == [
        *("document_added", "submitted", "asked", "corrected", "answered", "approved"),
    ]
    assert shown["history"][2]["words"] == "Et le domicile ?"
    assert (await read(house, f"{at}/letter", headers)).content.startswith(b"%PDF-")


@SHARED
async def test_what_is_sent_twice_under_one_key_is_taken_in_once(shared_house: House) -> None:
    house, headers = shared_house, await someone(shared_house)
    body = {"key": "begin", "application": {"services": ["pool"]}}
    first, again = [await done(await post(house, "/requests", body, headers)) for _ in range(2)]
    assert first == again
    assert_problem(await post(house, "/requests", {**body, "application": {}}, headers), 422, "idempotency-key-reused")
    sent = [await done(await upload(house, first, photo(), headers, key="photo")) for _ in range(2)]
    assert sent[0] == sent[1]
    other = await upload(house, first, photo(), headers, key="photo", proof="vehicle")
    assert_problem(other, 422, "idempotency-key-reused")
    shown = await done(await read(house, f"/requests/{first['reference']}", headers))
    assert [one["id"] for one in shown["documents"]] == [sent[0]["document"]["id"]]


@SHARED
async def test_a_draft_that_is_not_whole_is_not_sent_and_says_so_in_words(shared_house: House) -> None:
    house, headers = shared_house, await someone(shared_house)
    for lacking, code in (
        ({"services": []}, "request-incomplete"),
        ({"persons": []}, "request-incomplete"),
        ({"address": None}, "request-incomplete"),
        ({"asker": None}, "request-incomplete"),
        ({"services": ["zoo"]}, "unknown-service"),
        ({"persons": [{**NINA, "bornOn": "2027-01-01"}]}, "request-incomplete"),
        ({"address": {**SAID["address"], "communeCode": "NOWHR"}}, "bad-circumstance"),
    ):
        mine = await begun(house, headers, **{**SAID, **lacking})
        refused = await act(house, mine, "submission", headers)
        assert_problem(refused, 400, code)
        assert refused.json()["message"].endswith(".")
        await done(await act(house, mine, "withdrawal", headers))
    stale = await begun(house, headers, **SAID)
    assert_problem(await act(house, {**stale, "version": 9}, "submission", headers), 409, "request-changed")


@SHARED
async def test_a_photo_comes_back_as_its_owner_may_see_it_and_a_hostile_file_is_refused(shared_house: House) -> None:
    """Files of strangers (`reliability.md` 3.2, no. 15)."""
    house, headers = shared_house, await someone(shared_house)
    mine = await begun(house, headers, **SAID)
    refused = await upload(house, mine, with_script(), headers)
    assert_problem(refused, 400, "document-refused")
    document = (await done(await upload(house, mine, photo(), headers)))["document"]
    served = await read(house, f"/requests/{mine['reference']}/documents/{document['id']}", headers)
    assert served.headers["content-disposition"].startswith("attachment;")
    for name, value in INERT.items():
        assert served.headers.get_list(name) == [value]
    late = await upload(house, mine, photo(), headers)
    assert_problem(late, 409, "request-changed")


@SHARED
async def test_a_paper_sent_by_mistake_is_taken_back_until_somebody_has_looked_at_it(shared_house: House) -> None:
    """Its file is gone from the disk at once; said twice it is the same; nobody else takes it back."""
    house, headers = shared_house, await someone(shared_house)
    mine = await begun(house, headers, **SAID)
    at = f"/v1/resident/requests/{mine['reference']}"
    sent = await done(await upload(house, mine, photo(), headers))
    paper = f"{at}/documents/{sent['document']['id']}"
    assert_problem(await house.client.delete(paper, headers=await someone(house)), 404, "request-not-found")
    assert (await house.client.get(paper, headers=headers)).status_code == 200
    before = len(files_of(house))
    first, again = [await done(await house.client.delete(paper, headers=headers)) for _ in range(2)]
    assert first == again
    assert (first["version"], len(files_of(house))) == (sent["version"] + 1, before - 1)
    assert_problem(await house.client.get(paper, headers=headers), 404, "document-not-found")
    assert_problem(await house.client.delete(f"{at}/documents/{uuid4()}", headers=headers), 404, "document-not-found")
    shown = await done(await read(house, f"/requests/{mine['reference']}", headers))
    assert (shown["documents"], [one["missing"] for one in shown["proofs"]]) == ([], [True, True])
    assert [one["deed"] for one in shown["history"]] == ["document_added", "document_removed"]

    sent = await done(await upload(house, first, photo(), headers))
    mine = await done(await act(house, {**first, "version": sent["version"]}, "submission", headers))
    desk_at = f"/requests/{mine['reference']}"
    document = sent["document"]["id"]
    await desk.done(
        desk.post(house, f"{desk_at}/documents/{document}/check", {"version": mine["version"], "result": "unreadable"})
    )
    refused = await house.client.delete(f"{at}/documents/{document}", headers=headers)
    assert_problem(refused, 409, "document-checked")
    assert refused.json()["message"].startswith("Un agent a déjà regardé ce document")
    told = (await desk.done(desk.read(house, desk_at)))["history"]
    assert [one["by"] for one in told if one["deed"] == "document_removed"] == [None]


@SHARED
async def test_a_list_says_where_each_request_stands_and_a_withdrawn_one_goes_no_further(shared_house: House) -> None:
    house, headers = shared_house, await someone(shared_house)
    sent = await begun(house, headers, **SAID)
    sent = await done(await act(house, sent, "submission", headers))
    back = await done(await act(house, sent, "withdrawal", headers))
    assert back["words"]["fr"].startswith("Vous avez retiré votre demande.")
    assert_problem(await act(house, back, "withdrawal", headers), 409, "request-step-refused")
    draft = await begun(house, headers)
    first = (await read(house, "/requests?lines=1", headers)).json()
    rest = (await read(house, f"/requests?before={first['cursor']}", headers)).json()
    assert {one["reference"]: one["status"] for one in (*first["requests"], *rest["requests"])} == {
        draft["reference"]: "draft",
        back["reference"]: "withdrawn",
    }
    assert rest["cursor"] is None
    assert_problem(await read(house, "/requests?before=lost", headers), 400, "invalid")
    assert (await read(house, "/requests", await someone(house))).json() == {"requests": [], "cursor": None}


@SHARED
async def test_what_the_city_asks_for_is_there_before_anybody_asks(shared_house: House) -> None:
    asked = await done(await read(shared_house, "/request-terms", await someone(shared_house)))
    (library,) = (one for one in asked["services"] if one["service"] == "library")
    assert (library["name"]["en"], library["proofs"]) == ("Library", ["identity", "residence"])
    assert {one["code"]: one["maySwear"] for one in asked["proofs"]} == {
        "identity": False,
        "residence": True,
        "vehicle": True,
    }


@SHARED
async def test_an_address_is_found_with_its_commune_and_without_a_directory_an_agent_decides(
    shared_house: House, migrated_file: Path, tmp_path: Path
) -> None:
    headers = await someone(shared_house)
    asked = await done(await read(shared_house, "/addresses?text=12 rue", headers))
    assert asked == {"searched": False, "addresses": []}
    outside = FoundAddress("3 rue de la Gare", "62000", "Arras", "62041")
    inside = FoundAddress("12 rue des Lilas", "59000", "Lille", "59350")
    (tmp_path / "addresses.json").write_bytes(written([inside, outside]))
    shutil.copyfile(migrated_file, tmp_path / "city.sqlite3")
    async with open_house(
        f"sqlite:///{tmp_path}/city.sqlite3",
        KeyRing(tmp_path / "keys"),
        TestClock(),
        tmp_path / "keys",
        addresses_file=str(tmp_path / "addresses.json"),
    ) as house:
        async with house.database.begin() as unit:
            await unit.places.add_commune(Commune(unit.ids.row(), house.city.authority.id, "59350", "Lille", 1))
        headers = await someone(house)
        asked = await done(await read(house, "/addresses?text=rue", headers))
        assert [(one["communeCode"], one["inTerritory"]) for one in asked["addresses"]] == [
            ("59350", True),
            ("62041", False),
        ]
        mine = await begun(house, headers, **{**SAID, "address": {**SAID["address"], "communeCode": "62041"}})
        await done(await act(house, mine, "submission", headers))
        shown = await desk.done(desk.read(house, f"/requests/{mine['reference']}"))
        assert shown["inTerritory"] is False
