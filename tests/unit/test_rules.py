"""Each rule alone, at its edges. Sources are rows of the domain study, section 2."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.access import rules
from domain.access.facts import Balance, Evidence, Facts, Right
from domain.access.reasons import Reason
from domain.limits import ONE, Limit, Measure, Window
from domain.passes import MediumStatus, PassStatus
from domain.people import age_on
from domain.places import Passback
from tests.facts import NEIGHBOUR, OTHER_ZONE, TODAY, ZONE, balance, doorway, last_seen, medium, question, right

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    "rule",
    [
        *(rules.authentic, rules.medium_active, rules.pass_active, rules.site_open, rules.no_passback),
        *(rules.entitled, rules.entitled_or_pays, rules.within_quota, rules.within_carnet, rules.below_capacity),
        rules.child_accompanied(below_age=8),
    ],
)
def test_no_rule_objects_to_an_ordinary_passage(rule: rules.Rule) -> None:
    assert rule(question()) is None


# --- what was shown ------------------------------------------------------------------------------


@pytest.mark.parametrize("flaw", ["unreadable", "unknown_type", "unknown_key", "withdrawn_key", "bad_signature"])
def test_a_credential_that_proves_nothing_is_refused_with_what_is_wrong_with_it(flaw: str) -> None:
    assert rules.authentic(question(evidence=Evidence(flaw=flaw), medium=None)) == flaw


def test_a_medium_that_is_not_in_the_register_is_unknown() -> None:
    assert rules.authentic(question(medium=None)) is Reason.UNKNOWN_MEDIUM


def test_a_pass_of_the_neighbour_is_told_so() -> None:
    assert rules.authentic(question(medium=medium(authority_id=NEIGHBOUR))) is Reason.OTHER_AUTHORITY


def test_the_neighbours_key_proves_nothing_about_a_medium_of_ours() -> None:
    signed_elsewhere = Evidence(medium_id=77, assurance=1, issuer="voisine")
    assert rules.authentic(question(evidence=signed_elsewhere)) is Reason.OTHER_AUTHORITY


def test_a_code_past_its_date_is_told_so_although_its_medium_is_known() -> None:
    assert rules.authentic(question(evidence=Evidence(medium_id=77, flaw="code_expired"))) is Reason.CODE_EXPIRED


@pytest.mark.parametrize(
    ("status", "heard"),
    [
        (MediumStatus.ACTIVE, None),
        (MediumStatus.LOST, Reason.MEDIUM_LOST),
        (MediumStatus.STOLEN, Reason.MEDIUM_LOST),
        (MediumStatus.DAMAGED, Reason.MEDIUM_BLOCKED),
        (MediumStatus.REVOKED, Reason.MEDIUM_BLOCKED),
        (MediumStatus.SUSPENDED, Reason.MEDIUM_SUSPENDED),
        (MediumStatus.REPLACED, Reason.MEDIUM_REPLACED),
        (MediumStatus.EXPIRED, Reason.CODE_EXPIRED),
        (MediumStatus.STOCK, Reason.MEDIUM_NOT_ACTIVE),
        (MediumStatus.ORDERED, Reason.MEDIUM_NOT_ACTIVE),
        (MediumStatus.IN_PRODUCTION, Reason.MEDIUM_NOT_ACTIVE),
        (MediumStatus.PRODUCED, Reason.MEDIUM_NOT_ACTIVE),
        (MediumStatus.SHIPPED, Reason.MEDIUM_NOT_ACTIVE),
        (MediumStatus.READY_AT_DESK, Reason.MEDIUM_NOT_ACTIVE),
    ],
)
def test_only_an_active_medium_passes_and_the_others_say_why(status: MediumStatus, heard: Reason | None) -> None:
    """2.6, the states of a medium."""
    assert rules.medium_active(question(medium=medium(status))) is heard


def test_every_state_of_a_medium_has_its_answer() -> None:
    silent = {status for status in MediumStatus if rules.medium_active(question(medium=medium(status))) is None}
    assert silent == {MediumStatus.ACTIVE}


@pytest.mark.parametrize(
    ("status", "heard"),
    [
        (PassStatus.ACTIVE, None),
        (PassStatus.SUSPENDED, Reason.PASS_SUSPENDED),
        (PassStatus.ENDED, Reason.PASS_ENDED),
    ],
)
def test_a_pass_that_does_not_run_is_refused(status: PassStatus, heard: Reason | None) -> None:
    assert rules.pass_active(question(medium=medium(pass_status=status))) is heard


@pytest.mark.parametrize(
    ("valid_from", "valid_until", "heard"),
    [
        (TODAY, TODAY + DAY, None),
        (TODAY + DAY, TODAY + 2 * DAY, Reason.PASS_NOT_STARTED),
        (TODAY - DAY, TODAY, Reason.PASS_ENDED),
    ],
)
def test_a_pass_holds_from_its_first_day_to_the_day_before_its_end(
    valid_from: date, valid_until: date, heard: Reason | None
) -> None:
    assert rules.pass_active(question(medium=medium(valid_from=valid_from, valid_until=valid_until))) is heard


# --- where and when ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minute", "open_"),
    [(539, False), (540, True), (719, True), (720, False), (839, False), (840, True), (1079, True), (1080, False)],
)
def test_a_site_is_open_from_the_minute_it_opens_to_the_minute_before_it_closes(minute: int, *, open_: bool) -> None:
    """2.1 opening; nine to noon, two to six."""
    heard = rules.site_open(question(minute=minute, hours=((540, 720), (840, 1080))))
    assert heard is (None if open_ else Reason.SITE_CLOSED)


def test_a_day_without_hours_is_closed() -> None:
    assert rules.site_open(question(hours=())) is Reason.SITE_CLOSED


def test_an_uncounted_zone_is_never_full() -> None:
    assert rules.below_capacity(question(doorway=doorway(capacity=None), crowd=9_999)) is None


@pytest.mark.parametrize(("crowd", "heard"), [(1246, None), (1247, Reason.SITE_FULL), (1248, Reason.SITE_FULL)])
def test_entry_stops_at_the_maximum_attendance(crowd: int, heard: Reason | None) -> None:
    """2.2 counting: 1,247 people at one pool, then one in for one out."""
    assert rules.below_capacity(question(doorway=doorway(capacity=1247), crowd=crowd)) is heard


def test_somebody_who_counts_as_inside_takes_no_new_place_in_a_full_zone() -> None:
    inside = question(doorway=doorway(capacity=1), crowd=1, presence=last_seen(MINUTE), seen_today=True)
    assert rules.below_capacity(inside) is None


def test_yesterdays_open_entry_holds_no_place_today() -> None:
    back = question(doorway=doorway(capacity=1), crowd=1, presence=last_seen(DAY), seen_today=False)
    assert rules.below_capacity(back) is Reason.SITE_FULL


# --- coming twice --------------------------------------------------------------------------------


def seen(passback: Passback, ago: timedelta, *, zone: UUID | None = ZONE, today: bool = True) -> Facts:
    return question(
        doorway=doorway(passback=passback, minutes=10), presence=last_seen(ago, zone=zone), seen_today=today
    )


@pytest.mark.parametrize("passback", list(Passback))
def test_a_first_visit_never_meets_the_passback(passback: Passback) -> None:
    assert rules.no_passback(question(doorway=doorway(passback=passback, minutes=10))) is None


def test_without_passback_one_may_come_as_often_as_one_likes() -> None:
    assert rules.no_passback(seen(Passback.NONE, timedelta())) is None


def test_hard_passback_refuses_whoever_is_inside() -> None:
    """2.2 re-entry: no second entry without an exit."""
    assert rules.no_passback(seen(Passback.HARD, timedelta(hours=9))) is Reason.ALREADY_INSIDE


def test_hard_passback_lets_in_after_an_exit() -> None:
    assert rules.no_passback(seen(Passback.HARD, timedelta(), zone=None)) is None


def test_hard_passback_forgets_yesterdays_open_entry() -> None:
    assert rules.no_passback(seen(Passback.HARD, timedelta(hours=13), today=False)) is None


@pytest.mark.parametrize(("passback", "heard"), [(Passback.TIMED, Reason.TOO_SOON), (Passback.SOFT, Reason.SAME_TRIP)])
def test_the_window_of_a_timed_or_soft_passback_ends_on_the_minute(passback: Passback, heard: Reason) -> None:
    """2.2 "or a delay of N min"; 2.4 "second tap on same trip"."""
    ten = timedelta(minutes=10)
    assert rules.no_passback(seen(passback, timedelta())) is heard
    assert rules.no_passback(seen(passback, ten - timedelta(microseconds=1))) is heard
    assert rules.no_passback(seen(passback, ten)) is None


@pytest.mark.parametrize("passback", [Passback.TIMED, Passback.SOFT])
def test_midnight_does_not_reopen_a_window(passback: Passback) -> None:
    assert rules.no_passback(seen(passback, timedelta(minutes=5), today=False)) is not None


@pytest.mark.parametrize("passback", [Passback.HARD, Passback.TIMED, Passback.SOFT])
def test_going_on_to_another_zone_of_a_site_is_no_second_entry(passback: Passback) -> None:
    """2.2 zones: basin, then fitness, then sauna."""
    assert rules.no_passback(seen(passback, MINUTE, zone=OTHER_ZONE)) is None


@pytest.mark.parametrize("passback", [Passback.TIMED, Passback.SOFT])
def test_the_window_counts_from_the_last_entry_not_from_an_exit(passback: Passback) -> None:
    assert rules.no_passback(seen(passback, MINUTE, zone=None)) is None


# --- rights --------------------------------------------------------------------------------------

BEFORE = right(valid_from=TODAY + DAY, valid_until=TODAY + 9 * DAY)
AFTER = right(valid_from=TODAY - 9 * DAY, valid_until=TODAY)
FIRST_DAY = right(valid_from=TODAY, valid_until=TODAY + 9 * DAY)
LAST_DAY = right(valid_from=TODAY - 9 * DAY, valid_until=TODAY + DAY)


@pytest.mark.parametrize(
    ("rights", "heard"),
    [
        ((), Reason.NO_RIGHT),
        ((BEFORE,), Reason.RIGHT_NOT_STARTED),
        ((AFTER,), Reason.RIGHT_EXPIRED),
        ((AFTER, BEFORE), Reason.RIGHT_NOT_STARTED),
        ((FIRST_DAY,), None),
        ((LAST_DAY,), None),
        ((AFTER, BEFORE, LAST_DAY), None),
    ],
)
def test_one_right_that_covers_today_is_enough(rights: tuple[Right, ...], heard: Reason | None) -> None:
    assert rules.entitled(question(rights=rights)) is heard


def in_season(limit: Limit, *, valid_until: date = date(2027, 1, 1)) -> Right:
    """A right of the year, as it stands on 18 November 2026."""
    held = Balance(limit, *limit.period(TODAY, date(2026, 1, 1), valid_until), used=0, version=0)
    return right(held, valid_until=valid_until)


SUMMER = Limit(0, Measure.VISIT, 30 * ONE, Window.SEASON, starts=(5, 15), ends=(9, 16))
WINTER = Limit(0, Measure.VISIT, 30 * ONE, Window.SEASON, starts=(11, 18), ends=(3, 1))


@pytest.mark.parametrize(
    ("held", "heard"),
    [
        (in_season(WINTER), None),
        (in_season(SUMMER), Reason.RIGHT_EXPIRED),
        (in_season(SUMMER, valid_until=date(2027, 5, 15)), Reason.RIGHT_EXPIRED),
        (in_season(SUMMER, valid_until=date(2027, 5, 16)), Reason.RIGHT_NOT_STARTED),
    ],
)
def test_out_of_season_a_right_is_over_or_begins_with_the_next_one(held: Right, heard: Reason | None) -> None:
    """2.4 windows: season."""
    assert rules.entitled(question(rights=(held,))) is heard
    assert rules.within_quota(question(rights=(held,))) is None
    assert held.covers(TODAY) is (heard is None)
    assert held.balances[0].left == (0 if heard else 30 * ONE)


def test_out_of_season_one_pays_where_there_is_a_till() -> None:
    assert rules.entitled_or_pays(question(rights=(in_season(SUMMER),))) is Reason.TICKET_NEEDED


@pytest.mark.parametrize("rights", [(), (BEFORE,), (AFTER,)])
def test_where_there_is_a_till_one_without_a_right_buys_an_entry(rights: tuple[Right, ...]) -> None:
    """2.2 products: single entries."""
    assert rules.entitled_or_pays(question(rights=rights)) is Reason.TICKET_NEEDED


@pytest.mark.parametrize(("used", "heard"), [(0, None), (23, None), (24, Reason.QUOTA_SPENT), (25, Reason.QUOTA_SPENT)])
def test_waste_centre_refuses_the_25th_visit_of_the_year(used: int, heard: Reason | None) -> None:
    """2.1 visits per year: 24."""
    assert rules.within_quota(question(rights=(right(balance(24, used)),))) is heard


def test_an_empty_carnet_is_topped_up_not_refused() -> None:
    """2.2 ten-entry carnet."""
    assert rules.within_carnet(question(rights=(right(balance(10, 10, window=Window.WHOLE)),))) is Reason.CARNET_EMPTY
    assert rules.within_carnet(question(rights=(right(balance(10, 9, window=Window.WHOLE)),))) is None


@pytest.mark.parametrize(
    ("day_used", "month_used", "year_used", "fits"),
    [(0, 0, 0, True), (1, 3, 29, True), (1.001, 0, 0, False), (0, 4, 4, False), (0, 0, 30, False)],
)
def test_every_window_must_have_room(day_used: float, month_used: int, year_used: int, *, fits: bool) -> None:
    """2.1 several windows together: 2 m3 a day, 4 visits a month, 30 a year."""
    held = right(
        balance(2, day_used, unit=Measure.M3, window=Window.DAY),
        balance(4, month_used, window=Window.MONTH, position=1),
        balance(30, year_used, position=2),
    )
    brought = {Measure.VISIT: ONE, Measure.M3: ONE}
    assert rules.within_quota(question(rights=(held,), asked=brought)) is (None if fits else Reason.QUOTA_SPENT)


def test_the_last_half_point_may_be_spent() -> None:
    """2.1 points by vehicle: a saloon costs half a point."""
    held = right(balance(18, 17.5, unit=Measure.POINT))
    assert rules.within_quota(question(rights=(held,), asked={Measure.POINT: 500})) is None
    assert rules.within_quota(question(rights=(held,), asked={Measure.POINT: 501})) is Reason.QUOTA_SPENT


def test_a_limit_on_what_nobody_brings_does_not_count() -> None:
    """2.1 several windows: no oil today, a visit all the same."""
    held = right(balance(20, 20, unit=Measure.LITRE), balance(24, 3, position=1))
    assert rules.within_quota(question(rights=(held,), asked={Measure.VISIT: ONE})) is None


def test_a_quota_of_a_right_that_is_over_objects_to_nothing() -> None:
    """Another rule says that it is over."""
    over = right(balance(1, 1), valid_until=TODAY)
    assert rules.within_quota(question(rights=(over,))) is None


def test_a_right_that_counts_points_wants_them_counted_first() -> None:
    """2.1 points by vehicle: an entry nobody measured would be free for ever."""
    points = question(rights=(right(balance(18, unit=Measure.POINT)),))
    assert rules.within_quota(points) is Reason.QUANTITY_NEEDED
    assert rules.within_carnet(points) is Reason.QUANTITY_NEEDED


def test_one_right_with_room_is_enough_beside_an_empty_one() -> None:
    assert rules.within_quota(question(rights=(right(balance(1, 1)), right(balance(1, 0), number=31)))) is None


# --- who -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born_on", "heard"),
    [
        (date(2018, 11, 18), None),  # eight today
        (date(2018, 11, 19), Reason.CHILD_WITH_ADULT),
        (date(2026, 11, 18), Reason.CHILD_WITH_ADULT),
    ],
)
def test_a_child_enters_the_pool_alone_from_its_eighth_birthday(born_on: date, heard: Reason | None) -> None:
    """2.2 children: under 8 with an adult."""
    assert rules.child_accompanied(below_age=8)(question(medium=medium(born_on=born_on))) is heard


@pytest.mark.parametrize(
    ("born_on", "day", "age"),
    [
        (date(2008, 2, 29), date(2024, 2, 28), 15),
        (date(2008, 2, 29), date(2024, 2, 29), 16),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2000, 12, 31), date(2026, 12, 30), 25),
        (date(2000, 12, 31), date(2026, 12, 31), 26),
        (date(2026, 11, 18), date(2026, 11, 18), 0),
    ],
)
def test_a_year_of_age_is_completed_on_the_birthday(born_on: date, day: date, age: int) -> None:
    assert age_on(born_on, day) == age
