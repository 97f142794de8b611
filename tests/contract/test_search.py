"""Finding holders: by name in pages, by what names one of them alone, and in one's own register."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account_links import Link, LinkKind
from domain.accounts import Account, Contact, ContactChannel
from domain.approval import approve
from domain.figures.bands import BANDS, born_within
from domain.names import wanted_names
from domain.organisations import OrganisationKind, register_organisation
from domain.passes import MediumKind, PassStatus, issue
from domain.people import Holder, register_holder
from store import search
from store.requests_of_people import requests_of
from store.unit import SqlUnit
from tests.city import KEEP, NOW, TODAY
from tests.contract.register import LILLE, ROUBAIX, Register
from tests.requests_world import NINA, TOM, Desk


def connection_of(register: Register) -> AsyncConnection:
    assert isinstance(register.unit, SqlUnit)
    return register.unit.connection


async def named(register: Register, first_name: str, last_name: str, *, authority_id: UUID | None = None) -> Holder:
    return await register_holder(
        register.unit,
        authority_id=authority_id or register.owner,
        reference=f"{first_name}-{last_name}"[:40],
        first_name=first_name,
        last_name=last_name,
        born_on=date(1980, 5, 17),
        commune_code=LILLE,
        now=NOW,
        keep_until=KEEP,
    )


async def found(register: Register, typed: str, *, limit: int = 10) -> list[str]:
    wanted = wanted_names(typed)[0]
    people = await search.by_name(connection_of(register), register.owner, wanted, limit=limit)
    return [f"{one.first_name} {one.last_name}" for one in people]


async def test_people_are_found_by_the_beginnings_of_words_of_their_name_in_order(register: Register) -> None:
    for first_name, last_name in (("Zoé", "Lefèvre"), ("Anne", "Lefèvre"), ("Léa", "de La Tour"), ("Max", "%_")):
        await named(register, first_name, last_name)
    await named(register, "Zoé", "Lefèvre-Ailleurs", authority_id=register.city.neighbour.id)
    assert await found(register, "lefev") == ["Anne Lefèvre", "Zoé Lefèvre"]
    assert await found(register, "z LEFEVRE") == ["Zoé Lefèvre"]
    assert await found(register, "la tour l") == ["Léa de La Tour"]
    assert await found(register, "lefevre b") == []
    assert await found(register, "lefevre a_") == ["Anne Lefèvre"], "a mark is no wildcard"


async def test_a_long_list_goes_on_where_its_page_ended(register: Register) -> None:
    for letter in "abcd":
        await named(register, "Zoé", f"Roux{letter}")
    twins = [await named(register, first_name, "Roux") for first_name in ("Ann", "Ann-Bea")]
    wanted = wanted_names("roux")[0]
    seen: list[UUID] = []
    after = None
    while page := await search.by_name(connection_of(register), register.owner, wanted, limit=2, after=after):
        seen += [one.id for one in page]
        after = (page[-1].key, page[-1].id)
    assert len(seen) == len(set(seen)) == 6
    assert seen[:2] == [one.id for one in twins]


async def test_a_reference_a_pass_and_a_medium_each_name_one_person(register: Register) -> None:
    zoe = await named(register, "Zoé", "Lefèvre")
    issued = await issue(
        register.unit,
        zoe,
        kind=MediumKind.PRINT,
        valid_from=date(2026, 1, 1),
        valid_until=date(2031, 1, 1),
        expires_at=NOW + timedelta(days=9),
        now=NOW,
    )
    connection = connection_of(register)
    for authority_id, expected in ((register.owner, [zoe.id]), (register.city.neighbour.id, [])):
        for people in (
            await search.by_reference(connection, authority_id, zoe.reference),
            await search.by_pass(connection, authority_id, issued.pass_.number),
            await search.by_medium(connection, authority_id, issued.medium.id),
        ):
            assert [one.id for one in people] == expected
    passes = await search.passes_of(connection, register.owner, [zoe.id])
    assert [one.number for one in passes] == [issued.pass_.number]
    assert await search.by_chip(connection, register.owner, bytes(32)) == []
    assert await search.by_card_number(connection, register.owner, "808012345670") == []


async def test_organisations_are_found_by_a_part_of_their_name_or_by_their_number(register: Register) -> None:
    for name, siret in (("Menuiserie Roux", "73282932000074"), ("Roux et fils", "35600000000048")):
        await register_organisation(
            register.unit,
            authority_id=register.owner,
            reference=f"PRO-{siret[:3]}",
            name=name,
            kind=OrganisationKind.PROFESSIONAL,
            registration=siret,
            commune_code=LILLE,
            now=NOW,
            keep_until=KEEP,
        )
    connection = connection_of(register)

    async def found(words: str, after: tuple[str, UUID] | None = None) -> list[str]:
        listed = await search.organisations(connection, register.owner, words, limit=9, after=after)
        return [one.name for one in listed]

    assert await found("ROUX") == ["Menuiserie Roux", "Roux et fils"]
    assert await found("73282932000074") == await found("PRO-732") == ["Menuiserie Roux"]
    assert await found("r_ux") == []
    first = (await search.organisations(connection, register.owner, "", limit=1))[0]
    assert await found("", (first.name, first.id)) == ["Roux et fils"]
    assert await search.organisations(connection, register.city.neighbour.id, "", limit=9) == []


async def test_a_birthday_and_a_commune_narrow_a_name(register: Register) -> None:
    tom = await register.person("tom", born_on=date(2016, 9, 21), commune=ROUBAIX)
    nina = await register.person("nina")
    connection, wanted = connection_of(register), wanted_names("lefevre")[0]

    async def narrowed(commune: str = "", born_on: date | None = None) -> list[UUID]:
        narrow = search.Narrowed(NOW.date(), commune, (born_on, born_on) if born_on is not None else None)
        people = await search.by_name(connection, register.owner, wanted, limit=9, narrowed=narrow)
        return [one.id for one in people]

    assert await narrowed(born_on=date(2016, 9, 21)) == await narrowed(commune=ROUBAIX) == [tom.id]
    assert await narrowed(commune=LILLE) == [nina.id]
    assert await narrowed(commune=ROUBAIX, born_on=nina.born_on) == []


async def test_an_age_a_right_and_a_pass_narrow_a_name(register: Register) -> None:
    """A right of the household counts for each of its members."""
    tom = await register.person("tom", born_on=date(2016, 9, 21))
    nina = await register.person("nina")
    connection, wanted = connection_of(register), wanted_names("lefevre")[0]

    async def narrowed(day: date = TODAY, **more: Any) -> set[str]:  # noqa: ANN401 - any field
        narrow = search.Narrowed(day, **more)
        people = await search.by_name(connection, register.owner, wanted, limit=9, narrowed=narrow)
        return {one.reference for one in people}

    child, grown = (
        born_within(next(one for one in BANDS if one.code == code), NOW.date()) for code in ("0-14", "45-59")
    )
    assert await narrowed(born=child) == {tom.reference}
    assert await narrowed(born=grown) == {nina.reference}
    home = await register.home("home", tom)
    await register.give(home.id, "waste-24", NOW.date(), NOW.date() + timedelta(days=9))
    assert await narrowed(product="waste-24") == {tom.reference}
    assert await narrowed(NOW.date() + timedelta(days=9), product="waste-24") == set()
    over = NOW + timedelta(days=9)
    print_ = MediumKind.PRINT
    await issue(
        register.unit, nina, kind=print_, valid_from=NOW.date(), valid_until=over.date(), expires_at=over, now=NOW
    )
    assert await narrowed(status=PassStatus.ACTIVE) == {nina.reference}
    assert await narrowed(status=PassStatus.SUSPENDED) == set()
    assert await narrowed(without_pass=True) == {tom.reference}
    assert await narrowed(product="waste-24", status=PassStatus.ACTIVE) == set()


async def test_a_household_is_found_by_the_contact_of_its_request_before_and_after_it_is_decided(
    register: Register,
) -> None:
    """S5: a neighbour finds neither."""
    desk = Desk(register.unit, register.city)
    request = await desk.sent(NINA, TOM)
    connection, key = connection_of(register), "+33612345678"
    asking = await search.asking_by_contact(connection, register.owner, key, limit=9)
    assert [one.reference for one in asking] == [request.reference]
    assert await search.by_contact(connection, register.owner, key, day=NOW.date(), limit=9) == []
    library = frozenset({"library"})
    assert await search.asking_by_contact(connection, register.owner, key, limit=9, among=library) == []

    await approve(register.unit, request, desk.hand(request), terms=await desk.terms(), known={})

    found = await search.by_contact(connection, register.owner, key, day=NOW.date(), limit=9)
    assert [one.first_name for one in found] == ["Nina", "Tom"]
    assert await search.asking_by_contact(connection, register.owner, key, limit=9) == []
    assert await search.by_contact(connection, register.city.neighbour.id, key, day=NOW.date(), limit=9) == []
    nina = await register.unit.people.holder_by_id(register.owner, found[0].id)
    assert [one.reference for one in await requests_of(connection, nina)] == [request.reference]
    for service, seen in (("pool", True), ("library", False)):
        among = frozenset({service})
        assert bool(await requests_of(connection, nina, among=among)) is seen
        named_by = await search.by_contact(connection, register.owner, key, day=NOW.date(), limit=9, among=among)
        assert bool(named_by) is seen
    known = await register.unit.requests.holders_in(register.owner, request.id)
    assert [known[place].first_name for place in (0, 1)] == ["Nina", "Tom"]


async def test_somebody_is_found_by_the_contact_of_an_account_that_acts_for_them(register: Register) -> None:
    zoe, key, today = await named(register, "Zoé", "Lefèvre"), "zoe@example.fr", NOW.date()
    accounts, account_id = register.unit.accounts, register.unit.ids.row()
    await accounts.add(Account(account_id, register.owner, "fr", NOW, NOW, KEEP))
    contact = Contact(register.unit.ids.row(), register.owner, account_id, ContactChannel.EMAIL, key, NOW, KEEP)
    await accounts.add_contact(contact)
    link = Link(account_id, register.owner, zoe.id, LinkKind.OWN, NOW, today + timedelta(days=1), KEEP)
    await accounts.put_link(link)

    async def found(authority_id: UUID, day: date) -> list[UUID]:
        people = await search.by_contact(connection_of(register), authority_id, key, day=day, limit=9)
        return [one.id for one in people]

    assert await found(register.owner, today) == [zoe.id]
    assert (
        await search.by_contact(
            connection_of(register), register.owner, key, day=today, limit=9, among=frozenset({"pool"})
        )
        == []
    ), "an account is of no service"
    assert await found(register.owner, link.valid_until) == []
    assert await found(register.city.neighbour.id, today) == []
