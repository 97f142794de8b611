"""Jobs of the background: how each is, over all workers that have it."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from domain.jobs import Condition, Round, after, standings

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
GOOD = Round("courier", "a:1", 5.0, NOW, 0.2, succeeded_at=NOW, noted_at=NOW)
BAD = replace(GOOD, failures=2, problem="ledger-unavailable")


def test_a_job_is_as_its_worst_worker_that_is_there() -> None:
    (one,) = standings([GOOD, replace(BAD, worker="b:1")], NOW)
    assert one.condition is Condition.FAILING
    gone = replace(BAD, worker="b:1", noted_at=NOW - timedelta(minutes=6))
    (one,) = standings([GOOD, gone], NOW)
    assert one.condition is Condition.WELL, "a worker that was stopped while it failed fails no more"


def test_a_job_that_no_worker_does_any_more_is_late() -> None:
    (one,) = standings([GOOD], NOW + timedelta(minutes=5, seconds=1))
    assert one.condition is Condition.LATE
    slow = replace(GOOD, every_seconds=3600.0)
    (one,) = standings([slow], NOW + timedelta(hours=2))
    assert one.condition is Condition.WELL


def test_the_gravest_job_comes_first() -> None:
    late = replace(GOOD, job="archivist", noted_at=NOW - timedelta(hours=1))
    found = standings([GOOD, late, replace(BAD, job="tallier")], NOW)
    assert [one.job for one in found] == ["tallier", "archivist", "courier"]


def test_failures_add_up_and_the_last_success_stays_known() -> None:
    failed = replace(GOOD, problem="TypeError", began_at=NOW + timedelta(seconds=5))
    first = after(GOOD, failed)
    second = after(first, failed)
    assert (second.failures, second.problem, second.succeeded_at) == (2, "TypeError", NOW)
    assert after(None, failed).succeeded_at is None
    assert after(second, GOOD).failures == 0


def test_the_next_round_begins_after_this_one_and_its_pause() -> None:
    assert GOOD.next_at == NOW + timedelta(seconds=5.2)
