"""What an act on a household brings, looked at before and after, and the way back, on both engines."""

from datetime import date

from domain.conditions import Conditions
from domain.households import arrive, depart, move_household, split_household
from domain.outlook import Fate, Foresight, Stays, foreseen, look
from domain.people import Holder, Household, Subject, join
from domain.products import Entitlement, Product, Terms, grant, publish_product
from domain.text import Text
from tests.city import KEEP, NOW
from tests.contract.register import DOUAI, FOUNDED, LILLE, NEW_YEAR, OCTOBER, ROUBAIX, Register


async def right_of_residents(register: Register, whose: Holder | Household, commune: str = LILLE) -> Entitlement:
    """Give a right that serves in one commune."""
    product = Product(
        register.unit.ids.row(),
        register.owner,
        f"in-{commune}-{whose.reference}",
        "pool",
        Subject.PERSON if isinstance(whose, Holder) else Subject.HOUSEHOLD,
        Text(fr="Habitants", en="Residents"),
        terms=Terms(conditions=Conditions(communes=(commune,))),
    )
    await publish_product(register.unit, product)
    return await grant(
        register.unit,
        product=product,
        subject_id=whose.id,
        valid_from=date(2026, 1, 1),
        valid_until=NEW_YEAR,
        now=NOW,
        keep_until=KEEP,
    )


def fates(told: Foresight) -> dict[str, Fate]:
    return {one.product.code: one.fate for one in told.rights}


async def test_a_move_stops_what_is_for_residents_and_opens_what_is_for_those_who_come(register: Register) -> None:
    zoe, child = await register.person("zoe"), await register.person("child")
    elsewhere = await register.person("elsewhere", commune=DOUAI)
    home, other = await register.home("home", zoe, child, elsewhere), await register.home("other", child)
    for whose, commune in ((zoe, LILLE), (child, LILLE), (home, ROUBAIX), (elsewhere, DOUAI)):
        await right_of_residents(register, whose, commune)
    before = await look(register.unit, home, (), OCTOBER)

    await move_household(register.unit, home, commune_code=ROUBAIX, on=OCTOBER)

    after = await look(register.unit, home, (), OCTOBER)
    told = foreseen(before, after)
    assert fates(told) == {f"in-{LILLE}-zoe": Fate.STOPS, f"in-{ROUBAIX}-home": Fate.OPENS}
    assert {one.holder.reference: (one.moves, one.stays) for one in told.people} == {
        "child": (False, Stays.OTHER_HOME),
        "elsewhere": (False, Stays.ELSEWHERE),
        "zoe": (True, None),
    }
    assert other.id in {one.id for one in await register.unit.people.households_of(child.id, OCTOBER)}

    await move_household(register.unit, home, commune_code=LILLE, on=OCTOBER)

    back = await look(register.unit, home, (), OCTOBER)
    assert back == before
    assert foreseen(after, back).print == foreseen(after, before).print != told.print


async def test_who_comes_and_goes_again_has_left_no_seam(register: Register) -> None:
    zoe, guest = await register.person("zoe"), await register.person("guest", commune=DOUAI)
    home = await register.home("home", zoe)
    await right_of_residents(register, home)
    before = await look(register.unit, home, (guest,), OCTOBER)
    await arrive(register.unit, home, guest, on=OCTOBER, moves=True)
    told = foreseen(before, await look(register.unit, home, (guest,), OCTOBER))
    (effect,) = told.rights
    assert (effect.fate, effect.gained, effect.lost) == (Fate.GOES_ON, (guest,), ())
    await depart(register.unit, home, guest, on=OCTOBER, commune_code=DOUAI)
    assert await look(register.unit, home, (guest,), OCTOBER) == before

    await depart(register.unit, home, zoe, on=OCTOBER, commune_code=None)
    assert foreseen(before, await look(register.unit, home, (zoe, guest), OCTOBER)).nobody_left
    await arrive(register.unit, home, zoe, on=OCTOBER, moves=False)
    (stay,) = await register.unit.people.memberships(zoe.id, home.id)
    assert stay.valid_from == FOUNDED


async def test_a_split_tells_who_shares_what_and_until_when(register: Register) -> None:
    zoe, ana = await register.person("zoe"), await register.person("ana")
    home = await register.home("home", zoe, ana)
    own, shared = await right_of_residents(register, ana), await right_of_residents(register, home)
    before = await look(register.unit, home, (ana,), OCTOBER)
    await split_household(
        register.unit,
        home,
        [ana],
        on=OCTOBER,
        reference="home-2",
        commune_code=DOUAI,
        now=NOW,
        keep_until=KEEP,
    )
    told = foreseen(before, await look(register.unit, home, (ana,), OCTOBER))
    assert {one.right.id: (one.fate, one.shared) for one in told.rights} == {
        own.id: (Fate.STOPS, ()),
        shared.id: (Fate.GOES_ON, (ana,)),
    }
    assert told.shared_until == NEW_YEAR
    await join(register.unit, ana, home.id, since=NEW_YEAR)
    (ana_then, zoe_then) = (await look(register.unit, home, (), NEW_YEAR)).people
    assert (ana_then.lives, ana_then.former, zoe_then.lives) == (True, False, True)
