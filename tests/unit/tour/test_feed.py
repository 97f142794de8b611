"""Coming back to the stream of events: which id still means something."""

from datetime import timedelta

import pytest

from tests.tour_streams import NOON
from tour.feed import instant_of

MILLISECONDS = int(NOON.timestamp() * 1000)


def test_the_id_of_an_event_is_the_instant_behind_it() -> None:
    assert instant_of(str(MILLISECONDS), NOON + timedelta(minutes=1)) == NOON


@pytest.mark.parametrize(
    "last_id", [None, "", "x", "-5", "9" * 40, "9" * 15, "0", "١٢٣", str(MILLISECONDS - 3_600_001)]
)
def test_an_id_of_nobody_of_long_ago_or_of_the_future_is_none(last_id: str | None) -> None:
    assert instant_of(last_id, NOON) is None
