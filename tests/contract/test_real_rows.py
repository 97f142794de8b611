"""Rows of the tables 2.1 and 2.4 of the domain study that live in the register or in the ledger. On both engines."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

import msgspec
import pytest
import pytest_asyncio
from msgspec import Struct

from adapters.keyring import KeyRing
from domain import passes
from domain.access.decide import decide
from domain.access.reasons import Reason
from domain.errors import AlreadyExists
from domain.errors.products import YearlyAllowanceSpent
from domain.fiscal_numbers import household_reference
from domain.limits import ONE, Limit, Measure, Window
from domain.passes import MediumKind
from domain.people import Household, Subject, found_household, register_holder
from domain.products import Product, Terms, grant, publish_product
from domain.text import Text
from store import passages
from store.database import Database
from store.ledger.what_if import WhatIf, imagine
from store.tables.people import household
from tests.city import KEEP, NOW, City, resident, small_city
from tests.contract.ledger_lanes import Here
from tests.contract.ledger_world import scan

A_DAY = timedelta(days=1)


class Town(Struct, frozen=True):
    """A small city and its desk."""

    database: Database
    keyring: KeyRing
    city: City

    async def found(self, reference: str, commune: str = "00101") -> Household:
        async with self.database.begin() as unit:
            return await found_household(
                unit,
                authority_id=self.city.authority.id,
                reference=reference,
                commune_code=commune,
                now=NOW,
                keep_until=KEEP,
            )


@pytest_asyncio.fixture
async def town(database_url: str, keyring: KeyRing) -> AsyncIterator[Town]:
    database = Database(database_url, patience=30)
    yield Town(database, keyring, await small_city(database, keyring))
    await database.close()


# --- 2.1 Lombric: the fiscal number keeps households apart -------------------------------------------

NUMBER, ANOTHER = "30 23 217 600 053", "3023217601054"
KEY, NEIGHBOURS_KEY = b"k" * 32, b"n" * 32


async def test_a_household_that_moves_and_asks_again_is_found_by_its_fiscal_number(town: Town) -> None:
    """SMITOM Lombric: keyed on the fiscal number, the same after a move, to stop duplicates."""
    key = town.keyring.sector_key("ville", "fiscal-number")
    known = await town.found(household_reference(key, NUMBER))
    with pytest.raises(AlreadyExists):
        await town.found(household_reference(key, NUMBER.replace(" ", "")), commune="00102")
    other = await town.found(household_reference(key, ANOTHER))
    assert other.reference != known.reference


async def test_the_number_itself_stands_nowhere_in_the_register(town: Town) -> None:
    digits = NUMBER.replace(" ", "")
    await town.found(household_reference(town.keyring.sector_key("ville", "fiscal-number"), NUMBER))
    async with town.database.read() as connection:
        rows = (await connection.execute(household.select())).all()
    assert rows
    assert digits not in repr(rows)
    assert household_reference(KEY, NUMBER) != household_reference(NEIGHBOURS_KEY, NUMBER)


# --- 2.1 Terre des 2 Caps: 24 appointments -----------------------------------------------------------


async def test_24_appointments_a_year_each_a_right_of_its_day(town: Town) -> None:
    """Terre des 2 Caps. The 25th waits for January; what the gate does on the day is in `test_waste_places.py`."""
    who = await resident(town.database, town.keyring, town.city, "R-1")
    name, once = Text(fr="Rendez-vous", en="Appointment"), Limit(0, Measure.VISIT, ONE, Window.WHOLE)
    owner = town.city.authority.id

    async def appoint(day: date) -> None:
        async with town.database.begin() as unit:
            product = await unit.products.by_code(owner, "appointment")
            await grant(
                unit,
                product=product,
                subject_id=who.household.id,
                valid_from=day,
                valid_until=day + A_DAY,
                now=NOW,
                keep_until=KEEP,
            )

    async with town.database.begin() as unit:
        made = Product(
            unit.ids.row(), owner, "appointment", "waste-centre", Subject.HOUSEHOLD, name, (once,), 0, Terms(yearly=24)
        )
        await publish_product(unit, made)
    for week in range(24):
        await appoint(date(2027, 1, 4) + 14 * week * A_DAY)
    with pytest.raises(YearlyAllowanceSpent, match="24 times in 2027"):
        await appoint(date(2027, 12, 31))
    await appoint(date(2028, 1, 1))


# --- 2.1 Lombric: a ticket with the last ten visits --------------------------------------------------


async def test_the_last_ten_visits_are_told_on_request_the_newest_first(here: Here) -> None:
    """SMITOM Lombric: a ticket with the last ten visits. Somebody else's are not on it, a visit taken back says so."""
    zoe, max_ = await here.resident("R-1", "waste-24"), await here.resident("R-2", "waste-24")
    gate = here.city.gates["waste"].id
    days: list[datetime] = [NOW + number * A_DAY for number in range(12)]
    for number, day in enumerate(days):
        for who in (zoe, max_):
            tap = scan(here.terminal, f"{who.pass_.number}-{number}", gate, who.medium.id, at=day)
            answer = await here.lanes[0].submit(tap)
            assert isinstance(answer, bytes)
            assert msgspec.json.decode(answer)["reason"] == Reason.WELCOME
    async with here.database.read() as connection:
        ticket = await passages.recent(connection, zoe.pass_.id, limit=10)
    assert [one.happened_at for one in ticket] == days[:1:-1]
    assert {(one.site, one.reason, one.cancelled) for one in ticket} == {("waste", Reason.WELCOME, False)}


# --- 2.4 Rémi: a card lives five to eight years ------------------------------------------------------


@pytest.mark.parametrize("years", [5, 6, 7, 8])
async def test_a_card_opens_gates_until_its_years_are_over_and_the_rights_go_on(town: Town, years: int) -> None:
    """Rémi: card life 5 to 8 years; the rights are the person's, so another card needs no loading."""
    who = await _traveller(town)
    over = NOW.replace(year=NOW.year + years)
    async with town.database.begin() as unit:
        card = await passes.add_medium(unit, who, kind=MediumKind.CARD, expires_at=over, now=NOW)
        newer = await passes.add_medium(
            unit, who, kind=MediumKind.CARD, expires_at=over.replace(year=over.year + 1), now=NOW
        )

    async def hears(medium_id: int, at: datetime) -> Reason:
        asked = WhatIf(authority_id=town.city.authority.id, number=who.number, site="bus", at=at, medium_id=medium_id)
        return decide((await imagine(town.database, asked)).facts).reason

    assert await hears(card.id, over - A_DAY) is Reason.WELCOME
    assert await hears(card.id, over) is Reason.CODE_EXPIRED
    assert await hears(newer.id, over) is Reason.WELCOME


async def _traveller(town: Town) -> passes.Pass:
    owner, until = town.city.authority, date(2040, 1, 1)
    async with town.database.begin() as unit:
        holder = await register_holder(
            unit,
            authority_id=owner.id,
            reference="R-9",
            first_name="Zoé",
            last_name="Lefèvre",
            born_on=date(1990, 5, 17),
            commune_code="00101",
            now=NOW,
            keep_until=until,
        )
        product = await unit.products.by_code(owner.id, "bus-year")
        await grant(
            unit,
            product=product,
            subject_id=holder.id,
            valid_from=NOW.date(),
            valid_until=until,
            now=NOW,
            keep_until=until,
        )
        issued = await passes.issue(
            unit,
            holder,
            kind=MediumKind.PRINT,
            valid_from=NOW.date(),
            valid_until=until,
            expires_at=NOW + A_DAY,
            now=NOW,
        )
    return issued.pass_
