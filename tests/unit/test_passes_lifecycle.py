"""Passes and media from step to step. Source: domain study 2.6."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import cast
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain import passes
from domain.errors import ContradictoryPeriod
from domain.errors.passes import LifecycleConflict, MediumNotFound
from domain.passes import (
    PASS_STEPS,
    BlockReason,
    Medium,
    MediumChange,
    MediumKind,
    MediumStatus,
    Pass,
    PassChange,
    PassStatus,
)
from domain.people import Holder
from domain.ports import Unit
from domain.replacements import Replacement, ReplacementFee, ReplacementReason, replace_medium

NOW = datetime(2026, 11, 18, 13, 5, tzinfo=UTC)
KEEP = date(2032, 1, 1)
HOLDER = Holder(UUID(int=3), UUID(int=1), "R1", "Zoé", "Lefèvre", date(1980, 5, 17), NOW, KEEP)
PASS = Pass(UUID(int=2), UUID(int=1), HOLDER.id, "1234567897", PassStatus.ACTIVE, NOW.date(), KEEP, NOW, KEEP)
MEDIUM = Medium(7, UUID(int=1), PASS.id, MediumKind.CARD, MediumStatus.ACTIVE, 0, 9, NOW, NOW, KEEP)

# Read from the study's line "stock, ordered, in production, produced, shipped or ready at desk, active, suspended,
# lost, stolen, damaged, revoked, expired, replaced", and from what it says around it: a blank card may be bound at the
# counter; whatever lies about may be lost, stolen, spoilt or cancelled; nothing that ended comes back.
LEADS_TO = """
stock          ordered ready_at_desk active             lost stolen damaged revoked
ordered        in_production                                                revoked
in_production  produced                                             damaged revoked
produced       shipped ready_at_desk                    lost stolen damaged revoked
shipped        active                                   lost stolen damaged revoked
ready_at_desk  active                                   lost stolen damaged revoked
active         suspended                        expired lost stolen damaged revoked
suspended      active                           expired lost stolen damaged revoked
lost           replaced                                                     revoked
stolen         replaced                                                     revoked
damaged        replaced                                                     revoked
revoked        replaced
expired        replaced
replaced
"""
TABLE = {line.split()[0]: set(line.split()[1:]) for line in LEADS_TO.strip().splitlines()}
ALLOWED = [(old, new) for old, news in TABLE.items() for new in sorted(news)]
FORBIDDEN = [(old, new) for old, new in product(MediumStatus, MediumStatus) if new not in TABLE[old]]


def test_the_table_names_every_state() -> None:
    assert set(TABLE) == set(MediumStatus)


@pytest.mark.parametrize(("old", "new"), ALLOWED)
def test_a_medium_may_take_the_steps_of_its_life(old: str, new: str) -> None:
    stepped = passes.step(replace(MEDIUM, status=MediumStatus(old)), MediumStatus(new))
    assert stepped == replace(MEDIUM, status=MediumStatus(new))


@pytest.mark.parametrize(("old", "new"), FORBIDDEN)
def test_a_medium_takes_no_other_step(old: MediumStatus, new: MediumStatus) -> None:
    with pytest.raises(LifecycleConflict):
        passes.step(replace(MEDIUM, status=old), new)


def _reachable(start: str) -> set[str]:
    found: set[str] = set()
    ahead: set[str] = {start}
    while ahead:
        found |= ahead
        ahead = {str(new) for old in ahead for new in MediumStatus if _leads(old, new)} - found
    return found


def _leads(old: str, new: MediumStatus) -> bool:
    try:
        passes.step(replace(MEDIUM, status=MediumStatus(old)), new)
    except LifecycleConflict:
        return False
    return True


@pytest.mark.parametrize("ended", ["lost", "stolen", "damaged", "revoked", "expired", "replaced"])
def test_no_way_however_long_leads_from_the_end_of_a_medium_back_to_use(ended: str) -> None:
    assert not _reachable(ended) & {"active", "suspended"}


@pytest.mark.parametrize("blank", ["stock", "ordered", "produced"])
def test_a_card_on_its_way_can_come_into_use(blank: str) -> None:
    assert "active" in _reachable(blank)


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [
        *(("active", new, new in {"suspended", "ended"}) for new in PassStatus),
        *(("suspended", new, new in {"active", "ended"}) for new in PassStatus),
        *(("ended", new, False) for new in PassStatus),
    ],
)
async def test_a_pass_is_suspended_resumed_and_ended_for_good(old: str, new: PassStatus, *, allowed: bool) -> None:
    desk = Desk()
    owner = replace(PASS, status=PassStatus(old))
    if allowed:
        assert (await passes.change_status(desk.unit, owner, new, now=NOW)).status is new
        assert desk.saved == [replace(owner, status=new)]
        assert [(one.was, one.changed_at) for one in desk.pass_changes] == [(owner.status, NOW)]
    else:
        with pytest.raises(LifecycleConflict):
            await passes.change_status(desk.unit, owner, new, now=NOW)
        assert desk.saved == []


def test_every_state_of_a_pass_has_its_steps() -> None:
    assert set(PASS_STEPS) == set(PassStatus)


# --- the verbs, on a register in memory ------------------------------------------------------------


class Book:
    """What was due, at a desk without a price list."""

    def __init__(self) -> None:
        self.written: list[Replacement] = []

    async def fees(self, _authority_id: UUID) -> list[ReplacementFee]:
        return []

    async def add(self, new: Replacement) -> None:
        self.written.append(new)


class NothingOrdered:
    """A book of plastic cards in which nobody has ordered one."""

    async def newest(self, _pass_id: UUID) -> None:
        return None


class Desk:
    """A unit of work whose register is a dictionary; ids count up."""

    def __init__(self, *media: Medium, taken: set[str] | None = None, serials: list[int] | None = None) -> None:
        self.cards = {medium.id: medium for medium in media}
        self.saved: list[Pass] = []
        self.taken = taken or set()
        self.serials = serials or list(range(100))
        self._next = 100
        self.replacements = Book()
        self.ordered_cards = NothingOrdered()
        self.changes: list[MediumChange] = []
        self.pass_changes: list[PassChange] = []

    @property
    def unit(self) -> Unit:
        return cast("Unit", self)

    @property
    def ids(self) -> "Desk":
        return self

    @property
    def passes(self) -> "Desk":
        return self

    def row(self) -> UUID:
        self._next += 1
        return UUID(int=self._next)

    def medium(self) -> int:
        self._next += 1
        return self._next

    def below(self, bound: int) -> int:
        return self.serials.pop(0) % bound

    async def add(self, new: Pass) -> None:
        self.saved.append(new)

    async def save(self, changed: Pass) -> None:
        self.saved.append(changed)

    async def add_medium(self, new: Medium) -> None:
        self.cards[new.id] = new

    async def save_medium(self, changed: Medium) -> None:
        self.cards[changed.id] = changed

    async def add_change(self, new: MediumChange) -> None:
        self.changes.append(new)

    async def add_pass_change(self, new: PassChange) -> None:
        self.pass_changes.append(new)

    async def media(self, pass_id: UUID) -> list[Medium]:
        return [medium for medium in self.cards.values() if medium.pass_id == pass_id]

    async def number_taken(self, number: str) -> bool:
        return number in self.taken

    async def newest_status_list(self, _authority_id: UUID) -> int:
        return 0

    async def status_index_taken(self, *_: object) -> bool:
        return False


async def test_blocking_one_medium_leaves_the_others_in_use() -> None:
    """Study 0.3: the phone goes on while the lost card is dead."""
    phone = replace(MEDIUM, id=8, kind=MediumKind.PHONE)
    desk = Desk(MEDIUM, phone)
    blocked = await passes.block(desk.unit, PASS, MEDIUM.id, reason=BlockReason.STOLEN, now=NOW)
    assert blocked.status is MediumStatus.STOLEN
    assert desk.cards == {7: blocked, 8: phone}


async def test_what_a_medium_was_is_written_down_with_the_moment_and_the_agent() -> None:
    """Whoever replaces a card stopped by somebody else moves it on their own account, each step in order."""
    desk, ines, later = Desk(MEDIUM), UUID(int=77), NOW + timedelta(hours=1)
    await passes.block(desk.unit, PASS, MEDIUM.id, reason=BlockReason.LOST, now=NOW)
    await replace_medium(desk.unit, PASS, MEDIUM.id, expires_at=NOW, now=later, by=ines)
    assert [(one.was, one.changed_at, one.changed_by) for one in desk.changes] == [
        (MediumStatus.ACTIVE, NOW, None),
        (MediumStatus.LOST, later, ines),
    ]


async def test_a_medium_of_somebody_else_is_not_found() -> None:
    desk = Desk(replace(MEDIUM, pass_id=UUID(int=99)))
    with pytest.raises(MediumNotFound):
        await passes.block(desk.unit, PASS, MEDIUM.id, reason=BlockReason.LOST, now=NOW)
    with pytest.raises(MediumNotFound):
        await replace_medium(desk.unit, PASS, MEDIUM.id, expires_at=NOW, now=NOW)


async def test_a_replacement_is_a_new_medium_of_the_same_pass() -> None:
    lost = replace(MEDIUM, status=MediumStatus.LOST)
    desk = Desk(lost)
    new = (await replace_medium(desk.unit, PASS, lost.id, expires_at=NOW, now=NOW)).medium
    assert new.id != lost.id
    assert (new.pass_id, new.kind, new.status) == (PASS.id, MediumKind.CARD, MediumStatus.ACTIVE)
    assert desk.cards[lost.id].status is MediumStatus.REPLACED
    assert [(one.replaced_id, one.medium_id) for one in desk.replacements.written] == [(lost.id, new.id)]


@pytest.mark.parametrize("status", [MediumStatus.ACTIVE, MediumStatus.SUSPENDED, MediumStatus.REPLACED])
async def test_only_a_medium_that_was_stopped_is_replaced(status: MediumStatus) -> None:
    desk = Desk(replace(MEDIUM, status=status, expires_at=NOW + timedelta(seconds=1)))
    with pytest.raises(LifecycleConflict):
        await replace_medium(desk.unit, PASS, MEDIUM.id, expires_at=NOW, now=NOW)
    assert list(desk.cards) == [MEDIUM.id]
    assert desk.replacements.written == []


@pytest.mark.parametrize("status", [MediumStatus.ACTIVE, MediumStatus.SUSPENDED])
async def test_a_medium_whose_date_has_passed_is_renewed_without_being_stopped_first(status: MediumStatus) -> None:
    desk = Desk(replace(MEDIUM, status=status, expires_at=NOW))
    renewed = await replace_medium(desk.unit, PASS, MEDIUM.id, expires_at=NOW + timedelta(days=2_000), now=NOW)
    assert renewed.replacement.reason is ReplacementReason.RENEWAL
    assert desk.cards[MEDIUM.id].status is MediumStatus.REPLACED


async def test_a_pass_that_has_ended_gets_no_new_medium() -> None:
    desk = Desk()
    with pytest.raises(LifecycleConflict):
        await passes.add_medium(
            desk.unit, replace(PASS, status=PassStatus.ENDED), kind=MediumKind.PRINT, expires_at=NOW, now=NOW
        )
    assert desk.cards == {}


async def _issued(desk: Desk, valid_from: date, valid_until: date) -> passes.Issued:
    return await passes.issue(
        desk.unit,
        HOLDER,
        kind=MediumKind.PRINT,
        valid_from=valid_from,
        valid_until=valid_until,
        expires_at=NOW,
        now=NOW,
    )


async def test_a_pass_is_issued_with_one_active_medium_and_a_number_nobody_has() -> None:
    desk = Desk(taken={passes.number_from(41)}, serials=[41, 42, 5])
    issued = await _issued(desk, date(2026, 1, 1), date(2027, 1, 1))
    assert issued.pass_.number == passes.number_from(42)
    assert desk.saved == [issued.pass_]
    assert desk.cards == {issued.medium.id: issued.medium}
    assert (issued.medium.status, issued.medium.status_index) == (MediumStatus.ACTIVE, 5)


@pytest.mark.parametrize("until", [date(2026, 1, 1), date(2025, 12, 31)])
async def test_a_pass_that_would_end_before_it_begins_is_not_issued(until: date) -> None:
    desk = Desk()
    with pytest.raises(ContradictoryPeriod):
        await _issued(desk, date(2026, 1, 1), until)
    assert desk.saved == []


# --- where a medium has its place -------------------------------------------------------------------


class Crowded(Desk):
    """Lists of which some are full; the draws are written down."""

    def __init__(self, *, newest: int, full: frozenset[int]) -> None:
        super().__init__()
        self.newest, self.full = newest, full
        self.asked: list[int] = []

    async def newest_status_list(self, _authority_id: UUID) -> int:
        return self.newest

    async def status_index_taken(self, *place: object) -> bool:
        number = cast("int", place[1])
        self.asked.append(number)
        return number in self.full


async def test_a_medium_draws_its_place_in_the_newest_list() -> None:
    desk = Crowded(newest=3, full=frozenset())
    medium = await passes.add_medium(desk.unit, PASS, kind=MediumKind.PHONE, expires_at=NOW, now=NOW)
    assert (medium.status_list, desk.asked) == (3, [3])


async def test_a_list_in_which_thirty_two_draws_fail_is_full_and_the_next_one_begins() -> None:
    desk = Crowded(newest=2, full=frozenset({2}))
    medium = await passes.add_medium(desk.unit, PASS, kind=MediumKind.PHONE, expires_at=NOW, now=NOW)
    assert (medium.status_list, desk.asked) == (4, [2] * 32 + [4])


def test_a_medium_was_what_its_first_change_since_says_and_is_what_it_is_without_one() -> None:
    paused = passes.change_of(MEDIUM, now=NOW, by=None)
    resumed = passes.change_of(MEDIUM, now=NOW + timedelta(hours=1), by=None, was=MediumStatus.SUSPENDED)
    other = passes.change_of(replace(MEDIUM, id=8), now=NOW + timedelta(hours=9), by=None, was=MediumStatus.LOST)
    moments = [NOW + timedelta(minutes=minutes) for minutes in (-1, 0, 59, 60)]
    assert [passes.status_at([paused, other, resumed], MEDIUM.id, at) for at in moments] == [
        MediumStatus.ACTIVE,
        MediumStatus.SUSPENDED,
        MediumStatus.SUSPENDED,
        None,
    ]
