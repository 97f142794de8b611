"""Steps from one content to another: seasons, prices, quotas, closures, and two people's changes together."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.calendars import Calendar, Closure, Hours, check_calendar
from domain.catalogue.contents import ProductContent, SiteContent, ZoneContent
from domain.catalogue.differences import differences, lines
from domain.catalogue.edits import closed, counted_on, opened, price_from, quota
from domain.catalogue.effects import days_that_change, shown
from domain.catalogue.merging import merge
from domain.catalogue.seasons import Season, seasons_of, with_season
from domain.conditions import VehicleClass
from domain.errors.places import ClosedTwice
from domain.errors.products import GoneMeanwhile
from domain.limits import ONE, Limit, Measure, Window
from domain.offline_policy import OfflinePolicy
from domain.people import Subject
from domain.periods import FOREVER
from domain.products import Price, Terms
from domain.rates import Rate
from domain.text import Text

NAME = Text(fr="Déchèterie", en="Waste centre")
YEARLY = Limit(0, Measure.VISIT, 34 * ONE, Window.YEAR, free=24 * ONE, price_cents=2_000)
PRICE = Price(0, 320, date(2026, 1, 1), date(2027, 1, 1))
PRODUCT = ProductContent("waste", "waste-centre", Subject.HOUSEHOLD, NAME, (YEARLY,), 0, Terms(), (PRICE,))
SUMMER = Season(date(2026, 6, 1), date(2026, 9, 1), {0: ((540, 720), (840, 1080)), 1: ((540, 720),)})
SITE = with_season(SiteContent("pool", "pool", "00101", NAME), SUMMER)
LEAK = Closure(date(2026, 7, 6), date(2026, 7, 7), Text(fr="Fuite", en="Leak"))

DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 30))


def said(before: ProductContent | SiteContent, after: ProductContent | SiteContent) -> list[tuple[str, str, str]]:
    return [
        (one.key, one.before.fr if one.before else "", one.after.fr if one.after else "")
        for one in differences(before, after)
    ]


def test_a_price_changes_from_a_day_on_and_until_then_stays() -> None:
    changed = price_from(PRODUCT, 0, 350, date(2026, 9, 1))
    assert [(one.amount_cents, one.valid_from, one.valid_until) for one in changed.prices] == [
        (320, date(2026, 1, 1), date(2026, 9, 1)),
        (350, date(2026, 9, 1), date(2027, 1, 1)),
    ]
    assert said(PRODUCT, changed) == [
        ("price-0", "3,20 € du 1er janvier 2026 au 31 décembre 2026", "3,20 € du 1er janvier 2026 au 31 août 2026"),
        ("price-1", "", "3,50 € du 1er septembre 2026 au 31 décembre 2026"),
    ]


def test_a_price_from_its_first_day_on_is_another_price() -> None:
    assert [one.amount_cents for one in price_from(PRODUCT, 0, 350, date(2025, 1, 1)).prices] == [350]


@pytest.mark.parametrize(("position", "since"), [(7, date(2026, 9, 1)), (0, date(2027, 1, 1))])
def test_a_price_that_does_not_hold_that_day_is_not_changed(position: int, since: date) -> None:
    with pytest.raises(GoneMeanwhile):
        price_from(PRODUCT, position, 350, since)


def test_a_quota_changes_and_what_is_paid_beyond_it_stays_as_wide() -> None:
    (limit,) = quota(PRODUCT, 0, 26 * ONE).limits
    assert (limit.free, limit.amount) == (26 * ONE, 36 * ONE)
    assert said(PRODUCT, quota(PRODUCT, 0, 26 * ONE)) == [
        (
            "limit-0",
            "24 passages par année civile, puis 10 passages de plus à 20,00 €",
            "26 passages par année civile, puis 10 passages de plus à 20,00 €",
        )
    ]
    with pytest.raises(GoneMeanwhile):
        quota(PRODUCT, 1, ONE)


def test_a_closure_is_added_taken_back_and_counted_in_days() -> None:
    shut = closed(SITE, LEAK)
    assert said(SITE, shut) == [("closure-2026-07-06", "", "du 6 juillet 2026 au 7 juillet 2026 : Fuite")]
    days = days_that_change(Calendar(SITE.hours), Calendar(shut.hours, shut.closures), date(2026, 6, 1))
    assert (days.days, days.first, days.sessions) == (2, date(2026, 7, 6), 0)
    assert opened(shut, LEAK.first_day) == SITE
    with pytest.raises(GoneMeanwhile):
        opened(SITE, LEAK.first_day)


def test_a_season_is_said_by_its_week() -> None:
    (line,) = [one for one in lines(SITE) if one.key.startswith("season")]
    assert line.said.fr == "du 1er juin 2026 au 31 août 2026 : lun. 09:00–12:00, 14:00–18:00 ; mar. 09:00–12:00"
    assert line.said.en == "from 1 June 2026 to 31 August 2026: Mon 09:00–12:00, 14:00–18:00; Tue 09:00–12:00"


@given(since=DAYS, until=DAYS)
def test_a_new_season_changes_its_own_days_and_no_other(since: date, until: date) -> None:
    whole = SiteContent(
        "pool", "pool", "00101", NAME, tuple(Hours(date(2026, 1, 1), FOREVER, d, 600, 1080) for d in range(7))
    )
    first, last = sorted((since, until))
    last = date.fromordinal(last.toordinal() + 1)
    changed = with_season(whole, Season(first, last, dict.fromkeys(range(7), ((480, 720),))))
    before, after = Calendar(whole.hours), Calendar(changed.hours)
    for day in (date.fromordinal(ordinal) for ordinal in range(first.toordinal() - 3, last.toordinal() + 3)):
        wanted = ((480, 720),) if first <= day < last else before.on(day)
        assert after.on(day) == wanted
    assert Season(first, last, dict.fromkeys(range(7), ((480, 720),))) in seasons_of(changed)


def test_what_two_people_change_apart_comes_together() -> None:
    theirs = replace(quota(PRODUCT, 0, 30 * ONE), warn_below=ONE)
    mine = price_from(PRODUCT, 0, 350, date(2026, 9, 1))
    both, clashes = merge(PRODUCT, mine, theirs)
    assert (both.limits, both.prices, both.warn_below, clashes) == (theirs.limits, mine.prices, ONE, ())


def test_what_two_people_change_of_one_quota_is_told_and_the_later_word_stays() -> None:
    both, clashes = merge(PRODUCT, quota(PRODUCT, 0, 26 * ONE), quota(PRODUCT, 0, 30 * ONE))
    assert (both, clashes) == (quota(PRODUCT, 0, 26 * ONE), ("limits",))


def test_two_zones_of_one_site_are_changed_by_two_people() -> None:
    base = replace(SITE, zones=(ZoneContent("a", 10), ZoneContent("b", 20)))
    mine = replace(base, zones=(ZoneContent("a", 12), ZoneContent("b", 20)))
    theirs = replace(base, zones=(ZoneContent("a", 10), ZoneContent("b", 25)))
    assert merge(base, mine, theirs) == (replace(base, zones=(ZoneContent("a", 12), ZoneContent("b", 25))), ())


def test_a_limit_of_another_window_never_reads_the_counter_of_the_one_before() -> None:
    """A counter stands under the position of its limit (invariant of quotas: what was used stays used)."""
    weekly = Limit(0, Measure.VISIT, 2 * ONE, Window.WEEK)
    (placed,) = counted_on(replace(PRODUCT, limits=(weekly,)), [YEARLY]).limits
    assert placed.position == 1
    back = counted_on(replace(PRODUCT, limits=(replace(YEARLY, position=9),)), [placed, YEARLY])
    assert back.limits == (YEARLY,)


def test_a_new_product_is_all_new() -> None:
    assert {one.before for one in differences(None, PRODUCT)} == {None}


@pytest.mark.parametrize(("count", "seen"), [(0, 0), (1, None), (4, None), (5, 5)])
def test_a_count_that_could_tell_who_it_is_is_not_shown(count: int, seen: int | None) -> None:
    assert shown(count, 5) == seen


def test_nothing_changes_unseen() -> None:
    """What no line says (a rate by vehicle, how a gate decides alone) is shown as it is kept."""
    rates = replace(YEARLY, price_cents=0, rates=(Rate(500, (VehicleClass.CAR,)), Rate(900, (VehicleClass.VAN,))))
    others = replace(rates, rates=(Rate(500, (VehicleClass.VAN,)), Rate(900, (VehicleClass.CAR,))))
    before, after = replace(PRODUCT, limits=(rates,)), replace(PRODUCT, limits=(others,))
    assert [one.key for one in differences(before, after)] == ["detail-limits"]
    stricter = replace(SITE, offline=OfflinePolicy(strict_minutes=5000))
    assert [one.key for one in differences(replace(SITE, offline=OfflinePolicy()), stricter)] == ["detail-offline"]


def test_two_closures_of_one_first_day_are_refused() -> None:
    longer = replace(LEAK, last_day=date(2026, 7, 9))
    with pytest.raises(ClosedTwice):
        check_calendar(Calendar(SITE.hours, (LEAK, longer)), of="pool")
    assert closed(closed(SITE, LEAK), longer).closures == (longer,), "in a form, the later word stays"
