"""Who stands at the counter: the holder, or somebody who acts for them and whose mandate the agent goes by."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from admin.forms import Form
from api.journalling import Note
from domain.guardians import acts_alone
from domain.passes import Pass
from domain.people import Holder
from domain.places import Authority, local_day
from domain.ports import Unit
from store.database import Database

FIELD = "for"


class Present(Struct, frozen=True):
    """Whose pass it is, and who may ask for something: the holder, unless only a guardian may, and guardians."""

    holder: Holder
    may_ask: Sequence[Holder]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Return what the form offers."""
        return [(one.reference, f"{one.first_name} {one.last_name}") for one in self.may_ask]


async def present(unit: Unit, authority: Authority, holder: Holder, now: datetime) -> Present:
    """Find who may ask for something in the name of a holder today.

    Whoever does not act alone and has nobody on record is served as they come: a desk turns no child away.
    """
    day = local_day(now, authority.zone)
    known = await unit.people.guardians_of(holder.id, day)
    guardians = [await unit.people.holder_by_id(authority.id, one.guardian_id) for one in known]
    alone = acts_alone(holder, day, known) or not guardians
    return Present(holder, [*([holder] if alone else []), *guardians])


async def at_pass(database: Database, authority: Authority, number: str, now: datetime) -> tuple[Pass, Present]:
    """Find a pass, and who may ask for something about it.

    Raises:
        PassNotFound: the authority has none of this number.
    """
    async with database.look() as unit:
        pass_ = await unit.passes.by_number(authority.id, number)
        holder = await unit.people.holder_by_id(authority.id, pass_.holder_id)
        return pass_, await present(unit, authority, holder, now)


def asked_by(form: Form, there: Present, note: Note) -> None:
    """Read who asks; the journal names whoever acts for another."""
    reference = form.kept(FIELD)
    asking: UUID | None = next((one.id for one in there.may_ask if one.reference == reference), None)
    if asking is None:
        form.refuse(FIELD, "field_not_chosen")
    elif asking != there.holder.id:
        note.acts_for(asking)
