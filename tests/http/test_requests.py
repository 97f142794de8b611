"""Requests through the API: a desk's whole story, two agents at one file, strangers' files, other people's requests."""

from typing import Any

from api.request_documents import INERT
from domain.agents import Role
from tests.hostile_files import letter, photo, with_script
from tests.house_app import House
from tests.http.desk import done, post, read

NINA = {"firstName": "Nina", "lastName": "Berthelot", "bornOn": "1988-03-02"}
ASKED: dict[str, Any] = {
    "asker": {"name": "Nina Berthelot", "email": "nina@example.org"},
    "address": {"line": "12 rue des Lilas", "postcode": "59000", "city": "Lille", "communeCode": "59350"},
    "persons": [NINA, {"firstName": "Tom", "lastName": "Berthelot", "bornOn": "2016-09-21"}],
    "services": ["pool", "library"],
}


async def entered(house: House, **more: object) -> dict[str, Any]:
    line: dict[str, Any] = await done(post(house, "/requests", {"application": {**ASKED, **more}, "channel": "paper"}))
    return line


async def send(house: House, line: dict[str, Any], data: bytes, *, proof: str = "identity") -> Any:  # noqa: ANN401 - an httpx answer
    address = f"/v1/requests/{line['reference']}/documents?proof={proof}&version={line['version']}"
    headers = await house.agent_headers(Role.DESK)
    return await house.client.post(address, content=data, headers=headers)


async def test_a_letter_becomes_a_request_and_the_request_two_passes(house: House) -> None:
    line = await entered(house)
    at = f"/requests/{line['reference']}"
    assert (line["status"], line["dueOn"], line["version"]) == ("submitted", "2026-11-25", 2)
    listed = await done(read(house, "/requests?wants=pool"))
    assert [one["reference"] for one in listed["requests"]] == [line["reference"]]
    assert (await read(house, "/requests?stage=lost")).json()["code"] == "invalid"
    assert (await read(house, "/requests?cursor=lost")).json()["code"] == "invalid"
    assert (await done(read(house, at)))["missing"] == ["identity", "residence"]

    taken = await done(post(house, f"{at}/review", {"version": 2}))
    assert taken["assignedTo"] == "Desk"
    asked = await done(post(house, f"{at}/question", {"version": 3, "words": "Il manque une pièce d'identité."}))
    document = (await send(house, asked, photo())).json()
    shown = await done(read(house, at))
    assert (shown["missing"], shown["documents"]) == (["residence"], [document])
    await done(post(house, f"{at}/answer", {"version": 5}))
    await done(post(house, f"{at}/documents/{document['id']}/check", {"version": 6, "result": "accepted"}))

    made = await done(post(house, f"{at}/approval", {"version": 7}))
    assert (made["request"]["status"], len(made["passes"])) == ("approved", 2)
    pass_ = await done(read(house, f"/passes/{made['passes'][0]}"))
    assert pass_["holder"] == "Nina Berthelot"
    shown = await done(read(house, at))
    assert [one["deed"] for one in shown["history"]] == [
        *("began", "submitted", "taken", "asked", "document_added", "answered", "document_checked", "approved"),
    ]
    for paper in ("receipt", "letter"):
        printed = await read(house, f"{at}/{paper}")
        assert printed.headers["content-type"] == "application/pdf"
        assert printed.content.startswith(b"%PDF-")


async def test_the_slower_of_two_agents_reads_what_the_other_has_done(house: House) -> None:
    line = await entered(house)
    at = f"/requests/{line['reference']}"
    await done(post(house, f"{at}/question", {"version": 2, "words": "Il manque une pièce d'identité."}))
    late = await post(house, f"{at}/refusal", {"version": 2, "words": "Hors du territoire."})
    assert (late.status_code, late.json()["code"]) == (409, "request-changed")
    assert "version 3 since: asked" in late.json()["detail"]
    assert (await done(read(house, at)))["line"]["status"] == "needs_more_info"
    assert (await read(house, f"{at}/letter")).json()["code"] == "request-step-refused"


async def test_a_strangers_file_is_served_so_that_it_can_do_nothing(house: House) -> None:
    line = await entered(house)
    sent = letter()
    document = (await send(house, line, sent)).json()
    address = f"/requests/{line['reference']}/documents/{document['id']}"
    served = await read(house, address)
    assert served.content == sent
    assert served.headers["content-disposition"].startswith("attachment;")
    for name, value in INERT.items():
        assert served.headers.get_list(name) == [value]

    line["version"] += 1
    refused = await send(house, line, with_script())
    assert (refused.status_code, refused.json()["code"]) == (400, "document-refused")
    assert (await send(house, line, bytes(10 * 2**20 + 2))).status_code == 413
    lost = await send(house, {**line, "version": 1}, photo())
    assert lost.json()["code"] == "request-changed"
    shown = await done(read(house, f"/requests/{line['reference']}"))
    assert [one["id"] for one in shown["documents"]] == [document["id"]]


async def test_another_authoritys_request_is_not_there(house: House) -> None:
    line = await entered(house)
    document = (await send(house, line, photo())).json()
    at = f"/v1/requests/{line['reference']}"
    headers = await house.agent_headers(Role.DESK, neighbour=True)
    for address in (at, f"{at}/documents/{document['id']}", f"{at}/receipt"):
        answer = await house.client.get(address, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "request-not-found")
    refusal = await post(
        house, f"/requests/{line['reference']}/refusal", {"version": 3, "words": "Non, merci."}, neighbour=True
    )
    assert refusal.json()["code"] == "request-not-found"
    assert (await done(read(house, "/requests?stage=open", neighbour=True)))["requests"] == []


async def test_what_cannot_be_is_not_taken_in(house: House) -> None:
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"persons": [{**NINA, "bornOn": "2027-01-01"}]}, "request-incomplete"),
        ({"services": ["zoo"]}, "unknown-service"),
        ({"address": {**ASKED["address"], "communeCode": "NOWHR"}}, "bad-circumstance"),
        ({"persons": []}, "invalid-request"),
    )
    for change, code in wrong:
        answer = await post(house, "/requests", {"application": {**ASKED, **change}})
        assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_an_authority_writes_its_own_texts_and_terms(house: House) -> None:
    headers = await house.agent_headers(Role.MANAGER)
    both = {"fr": "Il manque un papier.", "en": "A paper is missing."}
    text = {"purpose": "ask", "title": {"fr": "Papier", "en": "Paper"}, "words": both}
    for version in (1, 2):
        written = await house.client.put("/v1/request-texts/ask-paper", json=text, headers=headers)
        assert written.json()["version"] == version
    await house.client.put("/v1/request-texts/ask-paper", json={**text, "retired": True}, headers=headers)
    offered = await done(read(house, "/request-texts"))
    assert "ask-paper" not in {one["code"] for one in offered}
    assert "reject-outside" in {one["code"] for one in offered}

    terms = await done(read(house, "/request-terms"))
    terms["services"] = [{"service": "pool", "proofs": ["identity"], "product": "pool-year"}]
    assert (await house.client.put("/v1/request-terms", json=terms, headers=headers)).status_code == 200
    line = await entered(house, services=["pool"])
    made = await done(post(house, f"/requests/{line['reference']}/approval", {"version": 2}))
    assert made["rights"] == 2
    terms["services"] = [{"service": "pool", "product": "bus-year"}]
    wrong = await house.client.put("/v1/request-terms", json=terms, headers=headers)
    assert wrong.json()["code"] == "bad-terms"
