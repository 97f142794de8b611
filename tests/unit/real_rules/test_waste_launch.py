"""Table 2.1 of the domain study: how a waste centre begins with its barrier."""

from datetime import date

import pytest

from domain.access.reasons import Reason
from domain.products import Grace
from tests.unit.real_rules.waste import (
    CENTRE,
    LAST,
    SPENT,
    VISIT,
    WELCOME,
    WHOLE,
    YEAR,
    in_march,
    waste,
)
from tests.visits import Held, Row, limit, place, play, row, tap


@pytest.mark.parametrize(
    "row",
    [
        row(
            "Decoset: the white period, site by site; then the right counts from nothing",
            place("waste-centre", white_until=date(2026, 4, 1)),
            (Held(waste("v1", limit(1, VISIT, YEAR))),),
            *(tap(when, Reason.WHITE_PERIOD) for when in in_march(1, 31)),
            tap("2026-04-01 10:00", LAST, "1 visit"),
            tap("2026-04-02 10:00", SPENT),
        ),
        row(
            "Decoset: in the white period somebody without any right is let in too",
            place("waste-centre", white_until=date(2026, 4, 1)),
            (),
            tap("2026-03-31 10:00", Reason.WHITE_PERIOD),
            tap("2026-04-01 10:00", Reason.NO_RIGHT),
        ),
        row(
            "Saint-Étienne: two entries against the plate number, before the pass comes",
            CENTRE,
            (Held(waste("plate", limit(2, VISIT, WHOLE))),),
            tap("2026-03-02 10:00", WELCOME, "1 visit"),
            tap("2026-03-09 10:00", LAST, "1 visit"),
            tap("2026-03-16 10:00", SPENT),
        ),
        row(
            "Launch of a new year: two entries of grace within thirty days, then the right is over",
            CENTRE,
            (Held(waste("graced", limit(18, VISIT, YEAR), grace=Grace(days=30, entries=2)), until=date(2026, 3, 1)),),
            tap("2026-02-28 10:00", Reason.EXPIRES_SOON, "1 visit"),
            tap("2026-03-02 10:00", Reason.GRACE, "1 visit"),
            tap("2026-03-03 10:00", Reason.GRACE, "1 visit"),
            tap("2026-03-04 10:00", SPENT),
            tap("2026-03-31 10:00", Reason.RIGHT_EXPIRED),
        ),
    ],
)
def test_the_gate_does_what_the_rule_of_a_real_waste_centre_says(row: Row) -> None:
    play(row)
