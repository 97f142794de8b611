"""A terminal that was paired again, and again: O1 holds over all of its ids, and over lines that an agent takes in."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from domain import terminals
from domain.agents import Role
from store.tables.ledger import quarantine, validation
from store.tables.places import terminal_gate
from tests.city import NOW, TestPass, TestTerminal, paired_terminal
from tests.house_app import House
from tests.http.desk import done, post
from tests.http.rights import give
from tests.http.uploads import line, results, upload

MORNING = NOW - timedelta(hours=4)


async def swimmer(house: House) -> TestPass:
    zoe = await house.resident("R1")
    await give(house, zoe, "swims", service="pool")
    return zoe


async def paired_again(house: House, before: TestTerminal, *gates: str) -> TestTerminal:
    """Revoke a terminal and pair the same device under its next id, for these gates: all, unless named."""
    authority = house.city.authority.id
    doors = [gate for code, gate in house.city.gates.items() if not gates or code in gates]
    async with house.database.begin() as unit:
        await terminals.revoke_terminal(unit, authority_id=authority, terminal_id=before.terminal.id)
        return await paired_terminal(unit, authority, tuple(doors), now=house.clock())


async def stored(house: House) -> int:
    async with house.database.read() as connection:
        return int((await connection.execute(select(func.count()).select_from(validation))).scalar_one())


async def statuses(house: House, device: TestTerminal, *lines: dict[str, Any]) -> list[str]:
    token = await house.terminal_token(device)
    return [one["status"] for one in results(await upload(house, *lines, token=token))]


async def test_what_was_told_under_the_second_id_is_not_stored_again_under_the_third(house: House) -> None:
    """Decided by the first, taken from the second, whose answer got lost with it: the third sends it again."""
    zoe, first = await swimmer(house), house.city.terminal
    told, new = (
        line(zoe.code, f"o-{n}", MORNING + timedelta(minutes=n), sequence=n, decidedBy=str(first.terminal.id))
        for n in range(2)
    )
    second = await paired_again(house, first)
    assert await statuses(house, second, told) == ["stored"]
    third = await paired_again(house, second)
    assert await statuses(house, third, told, new) == ["duplicate", "stored"]
    assert await stored(house) == 2
    other = line(zoe.code, "o-0", MORNING + timedelta(hours=1), sequence=9, decidedBy=str(first.terminal.id))
    assert await statuses(house, third, other) == ["stored"], "another passage under the same key is another's"


async def test_a_terminal_of_others_that_has_the_same_key_takes_nothing_away(house: House) -> None:
    """Keys are a terminal's own: two that count alike write different lines, for each says who decided."""
    zoe, first = await swimmer(house), house.city.terminal
    async with house.database.begin() as unit:
        other = await paired_terminal(
            unit, house.city.authority.id, tuple(house.city.gates.values()), now=house.clock()
        )
    lines = [line(zoe.code, "o-0", MORNING, decidedBy=str(device.terminal.id)) for device in (first, other)]
    assert await statuses(house, other, lines[1]) == ["stored"]
    second = await paired_again(house, first)
    assert await statuses(house, second, lines[0]) == ["stored"]
    assert await stored(house) == 2


async def held(house: House) -> list[int]:
    async with house.database.read() as connection:
        return list((await connection.execute(select(quarantine.c.number).order_by(quarantine.c.number))).scalars())


async def serve(house: House, device: TestTerminal, gate: str) -> None:
    """An agent gives a terminal one more gate, even one that is gone: whose line is taken in has to serve it."""
    async with house.database.write() as connection:
        row = {"terminal_id": device.terminal.id, "gate_id": house.city.gates[gate].id}
        await connection.execute(insert(terminal_gate), [row])


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_held_line_that_was_told_since_under_another_id_is_a_duplicate_when_it_is_taken_in(
    house: House,
) -> None:
    """Held under two ids for want of its gate: an agent takes both in, and one passage is stored."""
    zoe, first = await swimmer(house), house.city.terminal
    passage = line(zoe.code, "o-0", MORNING, decidedBy=str(first.terminal.id))
    second = await paired_again(house, first, "waste")
    assert await statuses(house, second, passage) == ["quarantined"]
    third = await paired_again(house, second)
    assert await statuses(house, third, passage) == ["stored"]
    await serve(house, second, "free")
    (number,) = await held(house)
    answer = await done(post(house, f"/offline/quarantine/{number}/replay", role=Role.MANAGER))
    assert answer["status"] == "duplicate"
    assert await stored(house) == 1
