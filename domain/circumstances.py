"""What holds of a subject for a time: where they live, their family-quotient band, a status.

Conditions of products ask for the circumstances of the day of the passage. So a move is a new circumstance and nothing
else: rights with a residence condition go on or stop by themselves, and counters, which hang on the right, are kept.
"""

import re
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors.people import BadCircumstance, CircumstanceNotFound, MoveTooEarly
from domain.periods import FOREVER, check_period
from domain.ports import Unit

_A_DAY = timedelta(days=1)


class CircumstanceKind(StrEnum):
    """What a circumstance says. Of each kind one holds at most on a day; of statuses and suspensions, several may."""

    COMMUNE = "commune"
    """INSEE code of the commune, or of the country abroad, where the subject lives or has its seat."""
    QUOTIENT = "quotient"
    """Code of a family-quotient band, such as A. Never the amount: it is nobody's business here."""
    STATUS = "status"
    """A word such as student, job_seeker, disability or staff."""
    SUSPENDED = "suspended"
    """Code of a service from which the subject is kept for a time. Other services know nothing of it."""

    @property
    def several(self) -> bool:
        """Whether several may hold on one day: then each contradicts only itself."""
        return self in {CircumstanceKind.STATUS, CircumstanceKind.SUSPENDED}


class SuspensionReason(StrEnum):
    """Why somebody is kept from a service. A closed list, and nothing in it speaks of anybody's health."""

    RULES_BROKEN = "rules_broken"
    DAMAGE = "damage"
    UNPAID = "unpaid"
    PASS_LENT = "pass_lent"
    IN_DOUBT = "in_doubt"
    """Something is to be looked at first."""
    HOLDER_ASKED = "holder_asked"
    OPENED_BY_MISTAKE = "opened_by_mistake"
    """The service was opened again for somebody else than was meant: what was there is put back."""


SUSPENDS_FOR = tuple(reason for reason in SuspensionReason if reason is not SuspensionReason.OPENED_BY_MISTAKE)
"""What a form offers; the last one is said by the button that undoes."""


class Circumstance(Struct, frozen=True):
    """`value` holds of `subject_id` from `valid_from` to the day before `valid_until`."""

    authority_id: UUID
    subject_id: UUID
    kind: CircumstanceKind
    value: str
    valid_from: date
    valid_until: date
    keep_until: date


class Described(Protocol):
    """A subject as circumstances see it: a person, a household or an organisation."""

    @property
    def id(self) -> UUID:
        """Its id."""
        ...

    @property
    def authority_id(self) -> UUID:
        """Whose register it stands in."""
        ...

    @property
    def keep_until(self) -> date:
        """The day on which it is forgotten, and its circumstances with it."""
        ...


_FORMS = {
    CircumstanceKind.COMMUNE: (
        re.compile(r"([0-9]{2}|2[AB])[0-9]{3}"),
        "INSEE code of a commune: it has five characters, such as 59350 or 2A004",
    ),
    CircumstanceKind.QUOTIENT: (
        re.compile(r"[A-Z][A-Z0-9]{0,9}"),
        "code of a band: it begins with a capital letter, such as A or QF2, and is never an amount",
    ),
    CircumstanceKind.STATUS: (
        re.compile(r"[a-z][a-z_]{1,39}"),
        "status: it is written in small letters, such as student or job_seeker",
    ),
    CircumstanceKind.SUSPENDED: (
        re.compile(r"[a-z][a-z-]{1,39}"),
        "code of a service: it is written in small letters, such as library",
    ),
}


def check_value(kind: CircumstanceKind, value: str) -> None:
    """Refuse what cannot be a value of this kind.

    Raises:
        BadCircumstance: it has another form.
    """
    form, said = _FORMS[kind]
    if not form.fullmatch(value):
        raise BadCircumstance(f"{value!r} is no {said}.")


async def record_circumstance(
    unit: Unit, subject: Described, *, kind: CircumstanceKind, value: str, since: date, until: date = FOREVER
) -> Circumstance:
    """Write what holds of a subject between two days.

    It has the last word: what began before and contradicts it ends on `since`, what would begin in its time is
    dropped, and what begins later stays. Statuses and suspensions contradict only themselves. What ended on the day
    before and says the same goes on: it stays one period. A residence is recorded by `move`, which leaves no day
    without one.

    Raises:
        BadCircumstance: the value does not have the form of its kind.
        ContradictoryPeriod: it would end before it begins.
    """
    check_value(kind, value)
    check_period(since, until, of=f"The {kind} {value}")
    new = Circumstance(subject.authority_id, subject.id, kind, value, since, until, subject.keep_until)
    goes_on: Circumstance | None = None
    for known in await unit.people.circumstances_after(subject.id, kind, since - _A_DAY):
        if known.valid_until == since:
            goes_on = known if known.value == value else goes_on
            continue
        contradicts = not kind.several or known.value == value
        if contradicts and known.valid_from < until:
            await _cut(unit, known, since)
    if goes_on is not None:
        await unit.people.save_circumstance(replace(goes_on, valid_until=until))
    else:
        await unit.people.add_circumstance(new)
    return new


async def end_circumstance(unit: Unit, subject: Described, *, kind: CircumstanceKind, value: str, on: date) -> None:
    """End a band or a status: from `on` on it holds no more.

    Raises:
        CircumstanceNotFound: it would not hold then anyway.
    """
    known = await unit.people.circumstances_after(subject.id, kind, on)
    ending = [one for one in known if one.value == value]
    if not ending:
        raise CircumstanceNotFound(f"The {kind} {value} does not hold on {on} or later.")
    for one in ending:
        await _cut(unit, one, on)


async def suspend(
    unit: Unit, subject: Described, *, service_code: str, since: date, until: date = FOREVER
) -> Circumstance:
    """Keep a subject from one service for a time. Its passes, and every other service, go on as before.

    A second suspension from the same service has the last word, as any circumstance has.

    Raises:
        UnknownService: no service has this code.
        ContradictoryPeriod: it would end before it begins.
    """
    # A service is written in terms of rules, and those in terms of circumstances: it is not known yet.
    from domain.services import check_service  # noqa: PLC0415

    check_service(service_code, of="A suspension")
    return await record_circumstance(
        unit, subject, kind=CircumstanceKind.SUSPENDED, value=service_code, since=since, until=until
    )


async def resume(unit: Unit, subject: Described, *, service_code: str, on: date) -> None:
    """End a suspension: from `on` on the service is open again.

    Raises:
        CircumstanceNotFound: the subject is not suspended from it then or later.
    """
    await end_circumstance(unit, subject, kind=CircumstanceKind.SUSPENDED, value=service_code, on=on)


async def move(unit: Unit, subject: Described, *, commune_code: str, on: date) -> Circumstance:
    """Record that a subject lives in a commune, inside or outside the territory, from a day on.

    A second move recorded for one day replaces the first. One that was recorded for a later day stays, and ends this
    one. Rights and what is left of them are not touched.

    Raises:
        BadCircumstance: `commune_code` is no INSEE code.
        MoveTooEarly: nobody knows where the subject lived then.
    """
    await residence(unit, subject, on)
    known = await unit.people.circumstances_after(subject.id, CircumstanceKind.COMMUNE, on)
    later = [one.valid_from for one in known if one.valid_from > on]
    return await record_circumstance(
        unit,
        subject,
        kind=CircumstanceKind.COMMUNE,
        value=commune_code,
        since=on,
        until=min(later, default=FOREVER),
    )


async def commune_of(unit: Unit, subject_id: UUID, day: date) -> str | None:
    """Return the commune where a subject lives on a day; None before the register knows of any."""
    holding = await unit.people.circumstances([subject_id], day)
    return next((one.value for one in holding if one.kind is CircumstanceKind.COMMUNE), None)


async def residence(unit: Unit, subject: Described, day: date) -> str:
    """Return the commune where a subject lives on a day.

    Raises:
        MoveTooEarly: the register knows it from a later day on only.
    """
    known = await unit.people.circumstances_after(subject.id, CircumstanceKind.COMMUNE, day)
    first = min((one.valid_from for one in known), default=FOREVER)
    if first > day:
        raise MoveTooEarly(f"Where they lived on {day} is not known: a move may be recorded from {first} on.")
    return next(one.value for one in known if one.valid_from <= day)


async def _cut(unit: Unit, known: Circumstance, day: date) -> None:
    """Let a circumstance end on a day, or never be where it would only begin then."""
    if known.valid_from < day:
        await unit.people.save_circumstance(replace(known, valid_until=day))
    else:
        await unit.people.remove_circumstance(known)
