"""What the person hears though the gate opens."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.access import rules
from domain.access.facts import Balance, Evidence, Facts
from domain.access.prospects import best
from domain.access.reasons import Reason
from domain.limits import ONE, Window
from domain.places import Passback
from tests.facts import TODAY, balance, doorway, last_seen, question, right


def heard(*balances: Balance, warn_below: int = 0, valid_until: date = date(2027, 1, 1)) -> list[Reason]:
    held = right(*balances, warn_below=warn_below, valid_until=valid_until)
    asked = question(rights=(held,))
    return list(rules.warnings(asked, best(asked)))


def test_a_right_with_much_left_says_nothing() -> None:
    assert heard(balance(24, 3), warn_below=3 * ONE) == []


def test_the_last_visit_of_the_year_is_announced() -> None:
    assert heard(balance(24, 23)) == [Reason.LAST_VISIT]
    assert heard(balance(24, 22)) == []


def test_a_nearly_used_up_carnet_is_announced_from_its_threshold_on() -> None:
    """2.1 user display: low-balance alert."""
    assert heard(balance(10, 6, window=Window.WHOLE), warn_below=2 * ONE) == []
    assert heard(balance(10, 7, window=Window.WHOLE), warn_below=2 * ONE) == [Reason.LOW_BALANCE]
    assert heard(balance(10, 8, window=Window.WHOLE), warn_below=2 * ONE) == [Reason.LOW_BALANCE]
    assert heard(balance(10, 9, window=Window.WHOLE), warn_below=2 * ONE) == [Reason.LAST_VISIT]


@pytest.mark.parametrize(("days", "said"), [(15, []), (14, [Reason.EXPIRES_SOON]), (1, [Reason.EXPIRES_SOON])])
def test_the_end_of_a_right_is_announced_two_weeks_before(days: int, said: list[Reason]) -> None:
    assert heard(valid_until=TODAY + timedelta(days=days)) == said


def test_a_right_of_a_few_days_is_not_ending_soon() -> None:
    """2.1 derogation: a day pass."""
    day_pass = right(valid_from=TODAY, valid_until=TODAY + timedelta(days=1))
    asked = question(rights=(day_pass,))
    assert rules.warnings(asked, best(asked)) == ()


def test_without_a_right_there_is_nothing_to_announce() -> None:
    assert rules.warnings(question(), None) == ()


def test_a_once_a_day_right_does_not_warn_every_day() -> None:
    assert heard(balance(1, 0, window=Window.DAY)) == []


def test_a_low_day_limit_is_no_low_balance() -> None:
    assert heard(balance(2, window=Window.DAY), balance(24, position=1), warn_below=3 * ONE) == []


def test_a_warning_is_said_once() -> None:
    assert heard(balance(4, 3, window=Window.MONTH), balance(24, 23, position=1)) == [Reason.LAST_VISIT]


def test_the_most_pressing_warning_comes_first() -> None:
    low_then_last = balance(4, 2, window=Window.MONTH), balance(24, 23, position=1)
    assert heard(*low_then_last, warn_below=ONE) == [Reason.LAST_VISIT, Reason.LOW_BALANCE]


def test_a_rule_says_nothing_where_an_earlier_one_has_taken_its_facts_away() -> None:
    nobody = question(medium=None, rights=(), evidence=Evidence(flaw="unreadable"))
    silent: list[Callable[[Facts], Reason | None]] = [
        rules.medium_active,
        rules.pass_active,
        rules.no_passback,
        rules.within_quota,
        rules.child_accompanied(below_age=8),
    ]
    assert [rule(nobody) for rule in silent] == [None] * len(silent)


def test_the_clock_of_a_question_is_the_servers_and_may_lie_before_the_last_entry() -> None:
    """A server whose clock was set back keeps the window shut rather than opening it."""
    turned_back = question(
        at=datetime(2026, 11, 18, 10, 0, tzinfo=UTC),
        doorway=doorway(passback=Passback.TIMED, minutes=10),
        presence=last_seen(timedelta()),
        seen_today=True,
    )
    assert rules.no_passback(turned_back) is Reason.TOO_SOON
