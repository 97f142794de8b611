"""Sheets of the tour that nobody has published."""

from domain.agents import Role
from domain.points import create
from domain.sheets import Sheet
from tests.house_app import House
from tests.point_sheets import SHEET, register_air


async def drafted_at(house: House, sheet: Sheet) -> str:
    """Write a draft of the editor's, and return the address of its page at the console."""
    city = house.city
    async with house.database.look() as unit:
        there = await unit.devices.find(city.authority.id, SHEET.devices[0])
    if there is None:
        await register_air(house.database, city)
    editor = city.agents[Role.EDITOR].id
    async with house.database.begin() as unit:
        slug = f"place-{unit.ids.row().hex}"
        point = await create(unit, city.authority.id, slug, sheet, agent_id=editor, now=house.clock())
    return f"/console/points/{point.plate}"
