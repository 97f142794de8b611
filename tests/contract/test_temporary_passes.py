"""What opens before a decision: given once a year with a request, over with it, in no figure, on both engines."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from msgspec import Struct
from msgspec.structs import replace

from adapters.keyring import KeyRing
from domain import requests
from domain.accounts import Account, ContactChannel, open_account
from domain.applications import Address, Person
from domain.approval import approve
from domain.duplicates import Likeness, duplicates
from domain.errors.requests import BadTerms
from domain.passes import PassStatus
from domain.people import KEPT
from domain.ports import Unit
from domain.reception import receive
from domain.request_terms import ServiceTerms, Terms, set_terms, usual_terms
from domain.requests import Channel, PassRequest
from domain.resident_requests import begin_own, hold_own, send_own
from domain.temporary_passes import MOST_OF_ACCOUNT, ONCE_IN, TEMPORARY_KEPT_AFTER, TemporaryPass
from domain.temporary_products import Temporary
from store.database import Database
from store.figures.snapshots import read_snapshots
from store.request_retention import forget_requests
from store.tables.figures import adoption_month
from tests.city import NOW, TODAY, City, small_city
from tests.requests_world import NINA, TOM, Desk, application

LATER = NOW + timedelta(days=2)


class Town(Struct):
    """A city that opens its pool for three entries in fourteen days, and its waste centre for one."""

    database: Database
    city: City
    terms: Terms

    async def sent(
        self,
        unit: Unit,
        *persons: Person,
        services: tuple[str, ...] = ("pool", "waste-centre"),
        at: timedelta | None = None,
    ) -> PassRequest:
        """Write down what somebody at a desk asks for."""
        return await receive(
            unit,
            self.city.authority,
            application(*persons, services=services),
            channel=Channel.DESK,
            received_on=None,
            by=Desk(unit, self.city).agent,
            now=NOW + (at or timedelta(0)),
        )

    async def given(self, unit: Unit, request: PassRequest) -> list[TemporaryPass]:
        return await unit.temporary_passes.of_request(request.id)


async def allow(unit: Unit, city: City, **temporary: Temporary) -> Terms:
    products = {"pool": "pool-year", "waste-centre": "waste-24"}
    services = tuple(
        ServiceTerms(code, product=product, temporary=temporary.get(code.replace("-", "_")))
        for code, product in products.items()
    )
    terms = replace(usual_terms(), services=services)
    return await set_terms(unit, terms, authority_id=city.authority.id, by=None, now=NOW)


@pytest.fixture
async def town(database_url: str, keyring: KeyRing) -> AsyncIterator[Town]:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    async with database.begin() as unit:
        terms = await allow(unit, city, pool=Temporary(14, 3), waste_centre=Temporary(7, 1))
    yield Town(database, city, terms)
    await database.close()


async def rights_of(unit: Unit, one: TemporaryPass) -> dict[str, tuple[date, date]]:
    found = await unit.products.entitlements([one.holder_id], TODAY)
    return {right.service_code: (right.valid_from, right.valid_until) for right in found}


async def test_a_family_that_asks_may_swim_tonight_and_bring_one_load(town: Town) -> None:
    """Each person has a pass for fourteen days; a household's right goes to the first of it."""
    async with town.database.begin() as unit:
        request = await town.sent(unit, NINA, TOM)
        nina, tom = await town.given(unit, request)
        assert (nina.place, tom.place) == (0, 1)
        pool, waste = TODAY + timedelta(days=14), TODAY + timedelta(days=7)
        assert await rights_of(unit, nina) == {"pool": (TODAY, pool), "waste-centre": (TODAY, waste)}
        assert await rights_of(unit, tom) == {"pool": (TODAY, pool)}
        pass_ = await unit.passes.by_number(town.city.authority.id, nina.number)
        assert (pass_.status, pass_.valid_from, pass_.valid_until) == (PassStatus.ACTIVE, TODAY, pool)
        (medium,) = await unit.passes.media(pass_.id)
        assert medium.expires_at.date() == pool - timedelta(days=1), "midnight in Paris is the day before in UTC"
        holder = await unit.people.holder_by_id(town.city.authority.id, nina.holder_id)
        assert holder.keep_until == pool + TEMPORARY_KEPT_AFTER


async def test_nothing_is_given_where_nobody_has_said_so(town: Town) -> None:
    async with town.database.begin() as unit:
        assert await town.given(unit, await town.sent(unit, services=("library",))) == []
        await allow(unit, town.city)
        assert await town.given(unit, await town.sent(unit)) == []


async def test_the_product_follows_from_two_numbers_and_the_real_one(town: Town) -> None:
    """Written again unchanged it is the same; other numbers, or another real product, make another."""
    owner = town.city.authority.id
    async with town.database.begin() as unit:
        assert [one.temporary.product for one in town.terms.services if one.temporary] == [
            "temporary-pool-14-3",
            "temporary-waste-centre-7-1",
        ]
        product = await unit.products.by_code(owner, "temporary-waste-centre-7-1")
        (entries,) = product.limits
        assert (entries.amount, product.subject, product.prices) == (1_000, "household", ())
        before = await unit.products.codes(owner)
        await set_terms(unit, town.terms, authority_id=owner, by=None, now=NOW)
        assert await unit.products.codes(owner) == before
        again = replace(town.terms.services[0], product=None, temporary=Temporary(14, 3))
        await set_terms(unit, replace(town.terms, services=(again,)), authority_id=owner, by=None, now=NOW)
        assert await unit.products.codes(owner) == before, "the small city's pool asks nothing of anybody"
        other = await allow(unit, town.city, pool=Temporary(14, 4))
        assert other.of("pool").temporary == Temporary(14, 4, "temporary-pool-14-4")
        for days, most in ((0, 3), (61, 3), (14, 0), (14, 31)):
            with pytest.raises(BadTerms):
                await allow(unit, town.city, pool=Temporary(days, most))


@pytest.mark.parametrize("end", ["withdrawn", "rejected", "abandoned"])
async def test_it_ends_with_a_request_that_comes_to_nothing_and_there_is_none_more_this_year(
    town: Town, end: str
) -> None:
    """G2: nobody gets a second one by withdrawing and asking again, however their name is typed."""
    async with town.database.begin() as unit:
        desk = Desk(unit, town.city)
        request = await town.sent(unit, NINA)
        (given,) = await town.given(unit, request)
        hand = replace(desk.hand(request), now=LATER)
        day = LATER.date()
        if end == "withdrawn":
            await requests.withdraw(unit, request, hand, today=day)
        elif end == "rejected":
            await requests.reject(unit, request, hand, words="Hors du territoire.", today=day)
        else:
            asked = await requests.ask_for_more(unit, request, hand, words="Et le domicile ?", today=day)
            await requests.abandon(unit, asked, now=LATER, today=day)
        (over,) = await town.given(unit, request)
        assert over.ended_at == LATER
        assert (await unit.passes.by_id(given.authority_id, given.pass_id)).status is PassStatus.ENDED
        assert {until for _, until in (await rights_of(unit, given)).values()} == {day}

        typed = replace(NINA, first_name="SÈVRE Nina", last_name="Berthelot")
        second = await town.sent(unit, typed, TOM, at=timedelta(days=3))
        assert [one.place for one in await town.given(unit, second)] == [1]
        much_later = await town.sent(unit, NINA, at=ONCE_IN + timedelta(days=1))
        assert len(await town.given(unit, much_later)) == 1


async def test_two_desks_that_write_one_person_down_at_once_give_one(town: Town) -> None:
    async def at_a_desk() -> PassRequest:
        async with town.database.begin() as unit:
            return await town.sent(unit, NINA)

    both = await asyncio.gather(at_a_desk(), at_a_desk())
    async with town.database.look() as unit:
        assert sum([len(await town.given(unit, one)) for one in both]) == 1


async def test_an_account_has_no_code_for_one_invented_name_after_the_other(town: Town) -> None:
    async with town.database.begin() as unit:
        account = await open_account(
            unit,
            authority_id=town.city.authority.id,
            channel=ContactChannel.EMAIL,
            address="zoe@example.org",
            language="fr",
            now=NOW,
        )
        given = []
        for number in range(3):
            people = [replace(NINA, first_name=f"Nina{number}{letter}") for letter in "abcde"]
            given.append(len(await town.given(unit, await self_sent(unit, account, *people))))
        assert given == [5, 5, MOST_OF_ACCOUNT - 10]
        desk = await town.sent(unit, replace(NINA, first_name="Autre"))
        assert len(await town.given(unit, desk)) == 1, "a desk sees who stands there"


async def self_sent(unit: Unit, account: Account, *people: Person) -> PassRequest:
    draft = await begin_own(unit, account, application(*people, services=("pool",)), now=NOW)
    return await send_own(unit, await hold_own(unit, account, draft.reference, seen=draft.version, now=NOW))


async def test_whoever_is_accepted_goes_on_as_the_same_person_with_a_pass_of_their_own(town: Town) -> None:
    async with town.database.begin() as unit:
        desk = Desk(unit, town.city)
        request = await town.sent(unit, NINA, TOM)
        nina, _ = await town.given(unit, request)
        assert [one for one in await duplicates(unit, request) if one.likeness is Likeness.PERSON_KNOWN] == []
        hand = replace(desk.hand(request), now=LATER)
        made = await approve(unit, request, hand, terms=town.terms, known={})
        assert [one.id for one in made.holders] == [one.holder_id for one in await town.given(unit, request)]
        assert made.holders[0].keep_until == LATER.date() + KEPT
        assert await unit.people.holder(made.holders[0].authority_id, nina.person) == made.holders[0]
        assert {one.ended_at for one in await town.given(unit, request)} == {LATER}
        assert len(made.issued) == 2
        assert nina.number not in {one.pass_.number for one in made.issued}
        assert (await unit.passes.by_id(nina.authority_id, nina.pass_id)).status is PassStatus.ENDED
        running = await unit.products.entitlements([made.holders[0].id], LATER.date())
        assert [one.product_id for one in running] == [town.city.products["pool-year"].id]


async def test_a_corrected_name_or_commune_is_another_person_than_the_one_of_the_code(town: Town) -> None:
    corrections = (
        {"persons": (replace(NINA, last_name="Bertelot"),)},
        {"persons": (replace(NINA, born_on=date(1988, 3, 3)),)},
        {"address": Address("3 rue de la Gare", "62000", "Arras", "62041")},
    )
    for number, said in enumerate(corrections):
        async with town.database.begin() as unit:
            desk = Desk(unit, town.city)
            request = await town.sent(unit, NINA, at=(ONCE_IN + timedelta(days=1)) * number)
            (given,) = await town.given(unit, request)
            right = replace(request.application, **said)  # type: ignore[arg-type]
            corrected = await requests.correct(unit, request, desk.hand(request), application=right)
            made = await approve(unit, corrected, desk.hand(corrected), terms=town.terms, known={})
            assert made.holders[0].id != given.holder_id
            assert made.holders[0].reference == f"{request.reference}-1"


async def test_somebody_whom_the_reviewer_knows_is_kept_as_long_as_their_pass(town: Town) -> None:
    """Who was refused once stands in the register for a while: named as known, they are kept like anybody."""
    async with town.database.begin() as unit:
        desk = Desk(unit, town.city)
        refused = await town.sent(unit, NINA)
        (given,) = await town.given(unit, refused)
        await requests.reject(unit, refused, desk.hand(refused), words="Hors du territoire.", today=TODAY)
        second = await town.sent(unit, NINA, at=timedelta(days=1))
        assert [one.reference for one in await duplicates(unit, second) if one.place == 0][:1] == [given.person]
        made = await approve(unit, second, desk.hand(second), terms=town.terms, known={0: given.person})
        assert made.holders[0].id == given.holder_id
        assert made.issued[0].pass_.valid_until <= made.holders[0].keep_until


async def test_it_counts_in_no_figure_of_who_has_a_pass_and_goes_with_its_request(town: Town) -> None:
    owner = town.city.authority.id
    async with town.database.begin() as unit:
        request = await town.sent(unit, NINA)
    async with town.database.read() as connection:
        told = await read_snapshots(connection, owner, TODAY)
    assert [one.rows for one in told if one.table is adoption_month and one.of["as_of"] == TODAY] == [[]]
    async with town.database.begin() as unit:
        desk = Desk(unit, town.city)
        gone = await requests.withdraw(unit, request, desk.hand(request), today=TODAY)
    async with town.database.write() as connection:
        await forget_requests(connection, owner, gone.keep_until)
    async with town.database.look() as unit:
        assert await town.given(unit, request) == []
