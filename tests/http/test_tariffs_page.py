"""The page for till makers: its commands are sent as they stand there, one after the other."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.house_app import House
from tests.tariffs import sell_things

PAGE = (Path(__file__).parents[2] / "docs" / "tariffs.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^```sh\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
OUR_OWN = {"piscine-est-1": "pool-1", "piscine-carnet-10": "ten"}


async def run(command: str, house: House, variables: dict[str, str]) -> httpx.Response:
    """Send what a curl command would: of its options, those that the page uses and no other."""
    for theirs, ours in (*OUR_OWN.items(), *((f"${name}", value) for name, value in variables.items())):
        command = command.replace(theirs, ours)
    curl, *words = shlex.split(command.replace("\\\n", " "))
    assert curl == "curl"
    options: dict[str, list[str]] = {"--header": [], "--data": [], "--request": [], "": []}
    while words:
        word = words.pop(0)
        options[word if word.startswith("--") else ""].append(words.pop(0) if word.startswith("--") else word)
    (address,) = options[""]
    body = options["--data"][0] if options["--data"] else None
    if body is not None:
        json.loads(body)
    headers = dict(line.split(": ", 1) for line in options["--header"])
    method = options["--request"][0] if options["--request"] else ("POST" if body is not None else "GET")
    answer: httpx.Response = await house.client.request(method, address, headers=headers, content=body)
    return answer


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_the_commands_of_the_page_work_in_their_order(house: House) -> None:
    await sell_things(house.database, house.city)
    zoe = await house.resident("R1", rights=("carnet-10",))
    variables = {"SERVER": "", "TOKEN": await house.terminal_token(), "CREDENTIAL": zoe.code}
    ask, register, pay, cancel, list_ = COMMANDS

    offers = (await run(ask, house, variables)).json()
    members = set(re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE))
    assert members == {*offers, "refused"} - {"gate", "service", "decidedAt"}
    sold = await run(register, house, variables)
    assert (sold.status_code, sold.json()["totalCents"]) == (201, 4860)
    variables["SALE"] = sold.json()["id"]
    assert [sale["id"] for sale in (await run(list_, house, variables)).json()] == [variables["SALE"]]
    assert _state(await run(pay, house, variables)) == "paid"
    cancelled = await run(cancel, house, variables)
    assert (_state(cancelled), cancelled.json()["refundCents"]) == ("cancelled", 4860)


def _state(answer: httpx.Response) -> Any:  # noqa: ANN401 - a member of the answer
    assert answer.status_code == 200, answer.text
    return answer.json()["state"]
