"""What the console asks of terminals, requests and kept filters, through both engines."""

import pytest

from domain.agents import Role
from domain.errors import Conflict
from domain.errors.places import SiteNotFound
from domain.offline_policy import Fail, OfflinePolicy
from domain.places import Site, trust_gates
from domain.ports import Unit
from domain.saved_filters import saved_filter
from domain.terminals import give_gates, revoke_terminal
from store.attendance import catalogue_version
from store.catalogue import read
from store.saved_filters import drop_filter, filters_of_page, keep_filter
from store.unit import SqlUnit
from tests.contract.register import Register

PAGE = "/console/requests"


async def test_a_terminal_gets_other_gates_and_every_terminal_is_told_to_look(register: Register) -> None:
    unit, city = register.unit, register.city
    assert isinstance(unit, SqlUnit)
    owner, device = city.authority.id, city.terminal.terminal.id
    before = await catalogue_version(unit.connection)
    await give_gates(unit, authority_id=owner, terminal_id=device, gate_codes=("pool-1",))
    assert (await unit.terminals.served(owner))[device] == ["pool-1"]
    assert await catalogue_version(unit.connection) > before
    with pytest.raises(Conflict):
        await give_gates(unit, authority_id=owner, terminal_id=device, gate_codes=())
    await revoke_terminal(unit, authority_id=owner, terminal_id=device)
    with pytest.raises(Conflict):
        await give_gates(unit, authority_id=owner, terminal_id=device, gate_codes=("pool-1",))


async def test_a_site_trusts_its_gates_as_it_says_or_as_its_service_does(register: Register) -> None:
    unit, owner = register.unit, register.city.authority.id
    policy = OfflinePolicy(Fail.CLOSED, 0, 60, 120, 240)
    await trust_gates(unit, policy, authority_id=owner, site_code="pool")
    assert (await _pool(unit)).offline == policy
    await trust_gates(unit, None, authority_id=owner, site_code="pool")
    assert (await _pool(unit)).offline is None
    with pytest.raises(SiteNotFound):
        await trust_gates(unit, None, authority_id=owner, site_code="elsewhere")


async def _pool(unit: Unit) -> Site:
    assert isinstance(unit, SqlUnit)
    catalogue = await unit.connection.run_sync(read)
    return next(door.site for door in catalogue.doorways.values() if door.site.code == "pool")


async def test_a_kept_filter_is_written_over_by_its_name_and_forgotten_by_its_agent(register: Register) -> None:
    assert isinstance(register.unit, SqlUnit)
    connection = register.unit.connection
    mine, theirs = register.city.agents[Role.DESK].id, register.city.agents[Role.REVIEWER].id
    for stage in ("open", "approved"):
        await keep_filter(connection, saved_filter(mine, PAGE, "Suivi", {"stage": stage, "q": "Dupont"}))
    (kept,) = await filters_of_page(connection, mine, PAGE)
    assert kept.query == "stage=approved"
    await drop_filter(connection, theirs, PAGE, "Suivi")
    assert await filters_of_page(connection, mine, PAGE) == [kept]
    await drop_filter(connection, mine, PAGE, "Suivi")
    assert await filters_of_page(connection, mine, PAGE) == []
