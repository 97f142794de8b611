"""What a desk does to a household, read from its form: it moves, somebody joins or leaves, it splits."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from msgspec import Struct

from admin.forms import Form
from admin.homes import There
from admin.undoing import Undo
from api.days import FIRST_YEAR, named
from domain.circumstances import CircumstanceKind, check_value, move
from domain.errors.people import BadCircumstance, HolderNotFound, HouseholdNotFound
from domain.households import arrive, depart, move_household, split_household
from domain.outlook import Seen, View, foreseen
from domain.people import Beneficiary, Holder, Household
from domain.periods import FOREVER
from domain.places import Commune
from domain.ports import Unit

LAST_YEAR = 2100
ELSEWHERE = "other"
"""The choice of whoever goes to live where the authority has no commune: its code is typed."""

_LONGEST_REFERENCE = 40
_OF_A_LEAVER = "leaver-"
_FOUNDED = "{reference}-{number}"


class Step(Protocol):
    """One act on what `There` names."""

    @property
    def on(self) -> date:
        """The first day on which it holds."""
        ...

    @property
    def people(self) -> tuple[Holder, ...]:
        """Whom it names."""
        ...

    async def is_done(self, unit: Unit, there: There) -> bool:
        """Tell whether all of it stands in the register already: the same form was sent a moment ago."""
        ...

    async def do(self, unit: Unit, there: There, now: datetime) -> None:
        """Do it, by the domain's verbs and with their errors."""
        ...

    def back(self, there: There, before: View, after: View) -> Undo | None:
        """Return the form that leads back to what was before; None where none does."""
        ...


class Moving(Struct, frozen=True):
    """The household, or somebody alone, lives in another commune."""

    on: date
    commune_code: str
    people: tuple[Holder, ...] = ()

    async def is_done(self, unit: Unit, there: There) -> bool:
        known = await unit.people.circumstances_after(there.subject.id, CircumstanceKind.COMMUNE, self.on)
        return any(one.valid_from <= self.on and one.value == self.commune_code for one in known)

    async def do(self, unit: Unit, there: There, now: datetime) -> None:  # noqa: ARG002 - as every step
        if there.household is not None:
            await move_household(unit, there.household, commune_code=self.commune_code, on=self.on)
        else:
            await move(unit, there.holder, commune_code=self.commune_code, on=self.on)

    def back(self, there: There, before: View, after: View) -> Undo | None:
        left = before.commune if there.household is not None else before.people[0].commune
        was = {one.holder.id: one.commune for one in before.people}
        returns = [one for one in after.people if was[one.holder.id] != one.commune]
        if left is None or (
            there.household is not None and returns != [one for one in after.people if self._goes(one)]
        ):
            return None
        return _undo(there, "move", before, after, commune=ELSEWHERE, code=left, on=self.on.isoformat())

    def _goes(self, one: Seen) -> bool:
        """Whether a move back would take somebody along."""
        return one.lives and one.commune == self.commune_code and self.commune_code not in one.others


class Joining(Struct, frozen=True):
    """Somebody joins; with `moves` they live in the household's commune from then on."""

    on: date
    holder: Holder
    until: date
    moves: bool

    @property
    def people(self) -> tuple[Holder, ...]:
        return (self.holder,)

    async def is_done(self, unit: Unit, there: There) -> bool:
        known = await unit.people.memberships(self.holder.id, there.home().id)
        return any(one.valid_from <= self.on and one.valid_until == self.until and not one.former for one in known)

    async def do(self, unit: Unit, there: There, now: datetime) -> None:  # noqa: ARG002 - as every step
        await arrive(unit, there.home(), self.holder, on=self.on, until=self.until, moves=self.moves)

    def back(self, there: There, before: View, after: View) -> Undo | None:
        was = _of(before, self.holder)
        if was.former or was.commune is None:
            return None
        moved = was.commune != _of(after, self.holder).commune
        home = {"commune": ELSEWHERE, "code": was.commune} if moved else {"commune": "", "code": ""}
        return _undo(there, "leave", before, after, person=self.holder.reference, on=self.on.isoformat(), **home)


class Leaving(Struct, frozen=True):
    """Somebody leaves, and goes to live in a commune where one is given. `ended` is what held before."""

    on: date
    holder: Holder
    commune_code: str | None
    ended: tuple[Beneficiary, ...]

    @property
    def people(self) -> tuple[Holder, ...]:
        return (self.holder,)

    async def is_done(self, unit: Unit, there: There) -> bool:
        known = await unit.people.memberships(self.holder.id, there.home().id)
        return any(one.valid_until == self.on for one in known) and all(one.valid_until <= self.on for one in known)

    async def do(self, unit: Unit, there: There, now: datetime) -> None:  # noqa: ARG002 - as every step
        await depart(unit, there.home(), self.holder, on=self.on, commune_code=self.commune_code)

    def back(self, there: There, before: View, after: View) -> Undo | None:
        was = _of(before, self.holder)
        moved = was.commune != _of(after, self.holder).commune
        # One who shares rights cannot be made a former member again, nor one who came that very day be found here.
        if len(self.ended) != 1 or was.former or self.ended[0].valid_from >= self.on:
            return None
        if moved and was.commune != before.commune:
            return None
        until = self.ended[0].valid_until
        return _undo(
            there,
            "join",
            before,
            after,
            person=self.holder.reference,
            on=self.on.isoformat(),
            until="" if until == FOREVER else (until - timedelta(days=1)).isoformat(),
            moves="yes" if moved else "",
        )


class Splitting(Struct, frozen=True):
    """Some leave and found a household of their own. Nothing leads back: what they share would not be whole again."""

    on: date
    people: tuple[Holder, ...]
    reference: str
    commune_code: str

    async def is_done(self, unit: Unit, there: There) -> bool:
        try:
            founded = await unit.people.household(there.holder.authority_id, self.reference)
        except HouseholdNotFound:
            return False
        living = {(one.holder_id, one.valid_from) for _, one in await unit.people.members(founded.id, self.on)}
        return living == {(one.id, self.on) for one in self.people}

    async def do(self, unit: Unit, there: There, now: datetime) -> None:
        home = there.home()
        await split_household(
            unit,
            home,
            self.people,
            on=self.on,
            reference=self.reference,
            commune_code=self.commune_code,
            now=now,
            keep_until=home.keep_until,
        )

    def back(self, there: There, before: View, after: View) -> Undo | None:  # noqa: ARG002 - as every step
        return None


async def read_move(unit: Unit, there: There, form: Form) -> Moving | None:
    """Read where the household goes, and when."""
    del unit  # nobody is named
    on, code = day_in(form, "on"), commune_in(form, there.communes)
    return Moving(on, code, there.alone) if on is not None and code is not None and not form.is_wrong else None


async def read_join(unit: Unit, there: There, form: Form) -> Joining | None:
    """Read who joins, from when and to which last day."""
    on, last = day_in(form, "on"), day_in(form, "until", required=False)
    holder = await _person(unit, there, form)
    until = FOREVER if last is None else last + timedelta(days=1)
    if on is None or holder is None or form.is_wrong:
        return None
    return Joining(on, holder, until, form.ticked("moves"))


async def read_leave(unit: Unit, there: There, form: Form) -> Leaving | None:
    """Read who leaves, when, and where they go if they move."""
    on, code = day_in(form, "on"), commune_in(form, there.communes, required=False)
    holder = await _person(unit, there, form)
    if on is None or holder is None or form.is_wrong:
        return None
    known = await unit.people.memberships(holder.id, there.home().id)
    return Leaving(on, holder, code, tuple(one for one in known if one.valid_until > on))


async def read_split(unit: Unit, there: There, form: Form) -> Splitting | None:
    """Read who leaves together, where they go, and what their household is called."""
    on, code = day_in(form, "on"), commune_in(form, there.communes)
    reference = form.text("reference", longest=_LONGEST_REFERENCE)
    if reference and not reference.isprintable():
        form.refuse("reference", "field_not_a_line")
    ticked = {name.removeprefix(_OF_A_LEAVER) for name in form.typed if name.startswith(_OF_A_LEAVER)}
    members = await unit.people.members(there.home().id, on) if on is not None else []
    leavers = {holder.id: holder for holder, _ in members if holder.reference in ticked}
    if not leavers:
        form.refuse("leavers", "nobody_leaves")
    if on is None or code is None or form.is_wrong:
        return None
    return Splitting(on, tuple(leavers.values()), reference, code)


async def reference_for(unit: Unit, household: Household) -> str:
    """Return the first reference that a household which came out of this one may have: its own with a number."""
    number = 2
    while True:
        offered = _FOUNDED.format(reference=household.reference[: _LONGEST_REFERENCE - 6], number=number)
        try:
            await unit.people.household(household.authority_id, offered)
        except HouseholdNotFound:
            return offered
        number += 1


def commune_in(form: Form, communes: Sequence[Commune], *, required: bool = True) -> str | None:
    """Read a commune: one of the authority's, or the INSEE code of another."""
    chosen, code = form.kept("commune"), form.kept("code").strip().upper()
    if chosen in {one.code for one in communes}:
        if code and code != chosen:
            form.refuse("code", "two_communes")
        return chosen
    if chosen not in {"", ELSEWHERE}:
        form.refuse("commune", "field_not_chosen")
    elif not code:
        if required or chosen == ELSEWHERE:
            form.refuse("code" if chosen == ELSEWHERE or not communes else "commune", "commune_missing")
        return None
    try:
        check_value(CircumstanceKind.COMMUNE, code)
    except BadCircumstance:
        form.refuse("code", "bad_commune")
        return None
    return code


def day_in(form: Form, name: str, *, required: bool = True) -> date | None:
    """Read a day that a desk may mean."""
    day = form.day(name, required=required)
    if day is not None and not FIRST_YEAR <= day.year < LAST_YEAR:
        form.refuse(name, "field_no_day")
        return None
    return day


async def _person(unit: Unit, there: There, form: Form) -> Holder | None:
    reference = form.text("person", longest=_LONGEST_REFERENCE)
    if "person" in form.wrong:
        return None
    try:
        return await unit.people.holder(there.holder.authority_id, named(reference))
    except HolderNotFound:
        form.refuse("person", "no_such_person")
        return None


def _of(view: View, holder: Holder) -> Seen:
    return next(one for one in view.people if one.holder.id == holder.id)


def _undo(there: There, step: str, before: View, after: View, **fields: str) -> Undo:
    """The form of the opposite act. It carries what it will bring, as the page to check by would have said it."""
    return Undo(f"{there.path}/{step}", {**fields, "was": foreseen(after, before).print})
