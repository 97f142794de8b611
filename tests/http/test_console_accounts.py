"""The account of somebody at the desk: its code on a letter, and the end of its tie."""

import re
from datetime import date

import pytest

from domain.agents import Role
from tests.console import enter, said
from tests.house_app import House
from tests.http.phones import let_in, post, read
from tests.unit.test_request_letters import on_paper

SHARED = pytest.mark.asyncio(loop_scope="module")


@SHARED
async def test_a_desk_prints_the_code_that_ties_an_account_and_ends_that_tie(shared_house: House) -> None:
    zoe, desk = await shared_house.resident("R-tied"), await enter(shared_house, Role.DESK)
    account = "/console/people/R-tied/account"
    assert "Account" in said(await desk.get("/console/people/R-tied"))
    assert "no account of their own yet" in said(await desk.get(account))

    letter = await desk.post(f"{account}/letter", {"kind": "own", "language": "en"}, drawn_at=account)
    assert (letter.status_code, letter.headers["content-type"]) == (200, "application/pdf")
    headers = await let_in(shared_house, "tied@example.org")
    found = re.search(r"\b\w{4}(?:-\w{4}){3}\b", on_paper(letter.content))
    assert found
    tied = await post(shared_house, "/persons", {"key": "k", "code": found[0]}, headers)
    assert tied.json()["person"]["reference"] == zoe.holder.reference

    assert "follows their passes by an account of their own" in said(await desk.get(account))
    for word in ("shows nothing of this person any more", "No account followed this person"):
        answer = await desk.post(f"{account}/end", drawn_at=account)
        assert answer.status_code == 303
        assert word in said(await desk.get(account))
    assert (await read(shared_house, "/passes", headers)).json()["passes"] == []


@SHARED
async def test_for_a_child_the_page_names_who_logs_in_and_no_code_is_drawn(shared_house: House) -> None:
    await shared_house.resident("R-small", born_on=date(2019, 5, 1))
    desk = await enter(shared_house, Role.DESK)
    account = "/console/people/R-small/account"
    page = await desk.get(account)
    assert "the account of a parent" in said(page)
    assert "Print the letter" not in said(page)
    refused = await desk.post(f"{account}/letter", {"kind": "own", "language": "fr"}, drawn_at=account)
    assert refused.status_code == 403
