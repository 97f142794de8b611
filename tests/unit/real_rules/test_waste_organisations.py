"""Table 2.1 of the domain study: professionals, associations and municipal services at a waste centre."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from domain.access.facts import Standing
from domain.access.reasons import Reason
from domain.circumstances import CircumstanceKind
from domain.conditions import Conditions
from domain.people import Subject
from tests.unit.real_rules.waste import (
    ASSOCIATION,
    CENTRE,
    LOW,
    M3,
    MUNICIPAL,
    OVERAGE,
    PROFESSIONAL,
    SPENT,
    WEEK,
    WELCOME,
    WHOLE,
    waste,
)
from tests.visits import Held, Row, by_kind, circumstance, limit, litres, play, row, tap

WITH_SLIP = replace(
    ASSOCIATION,
    terms=replace(ASSOCIATION.terms, conditions=replace(ASSOCIATION.terms.conditions, statuses=("deposit_slip",))),
)


def slip(day: date) -> tuple[date, Standing]:
    """A slip for one day, as the desk records it of the association."""
    return circumstance(CircumstanceKind.STATUS, "deposit_slip", since=day, ends=day + timedelta(days=1))


@pytest.mark.parametrize(
    "row",
    [
        row(
            "Est Ensemble, Mulhouse: professionals are barred, having no right",
            CENTRE,
            (),
            tap("2026-03-02 10:00", Reason.NO_RIGHT),
        ),
        row(
            "Béthune-Bruay: professionals, 12 m3 a week and kind at 15 or 25 euros, metal free",
            CENTRE,
            (Held(PROFESSIONAL),),
            tap("2026-03-02 08:00", Reason.QUANTITY_NEEDED),
            tap("2026-03-02 08:01", OVERAGE, "2.5 m3 of rubble", billed=3_750, kinds=by_kind(rubble=2.5)),
            tap(
                "2026-03-02 09:00",
                OVERAGE,
                "1 m3 of plaster + 1 m3 of bulky",
                billed=4_000,
                kinds=by_kind(plaster=1, bulky=1),
            ),
            tap("2026-03-03 08:00", WELCOME, "8 m3 of metal", kinds=by_kind(metal=8)),
            tap("2026-03-04 08:00", OVERAGE, "9.5 m3 of rubble", billed=14_250, kinds=by_kind(rubble=9.5)),
            tap("2026-03-05 08:00", SPENT, kinds=by_kind(rubble=0.1)),
            tap("2026-03-09 08:00", OVERAGE, "0.1 m3 of rubble", billed=150, kinds=by_kind(rubble=0.1)),
        ),
        row(
            "Vexin: a badge for cardboard only",
            CENTRE,
            (
                Held(
                    waste(
                        "cardboard",
                        limit(12, M3, WEEK),
                        subject=Subject.ORGANISATION,
                        conditions=Conditions(kinds=("cardboard",)),
                    )
                ),
            ),
            tap("2026-03-02 08:00", WELCOME, "3 m3", kinds=by_kind(cardboard=3)),
            tap("2026-03-02 09:00", Reason.WASTE_NOT_ACCEPTED, kinds=by_kind(cardboard=1, wood=1)),
        ),
        row(
            "SMITOM Nord 77: associations, 4 m3 a day and 18 a year, paint, oil, no weekends",
            CENTRE,
            (Held(ASSOCIATION),),
            tap("2026-03-06 10:00", WELCOME, "4 m3", kinds=by_kind(bulky=4)),
            tap("2026-03-06 11:00", SPENT, kinds=by_kind(bulky=0.5)),
            tap("2026-03-07 10:00", Reason.DAY_NOT_INCLUDED, kinds=by_kind(bulky=1)),
            tap("2026-03-08 10:00", Reason.DAY_NOT_INCLUDED, kinds=by_kind(bulky=1)),
            tap("2026-03-09 10:00", SPENT, kinds=litres(paint=201)),
            tap("2026-03-09 10:05", WELCOME, "200 litre of paint", kinds=litres(paint=200)),
            tap("2026-03-09 10:10", SPENT, kinds=litres(oil=21)),
            *(tap(f"2026-03-{day} 10:00", WELCOME, "4 m3", kinds=by_kind(bulky=4)) for day in (10, 11, 12)),
            tap("2026-03-13 10:00", SPENT, kinds=by_kind(bulky=3)),
            tap("2026-03-13 10:05", LOW, "2 m3", kinds=by_kind(bulky=2)),
        ),
        row(
            "SMITOM Nord 77: associations come with a deposit slip; those of the year share the 18 m3",
            CENTRE,
            (Held(WITH_SLIP, standings=tuple(slip(date(2026, 3, day)) for day in (9, 10, 11, 12, 13))),),
            tap("2026-03-06 10:00", Reason.TARIFF_ENDED, kinds=by_kind(bulky=4)),
            *(tap(f"2026-03-{day:02} 10:00", WELCOME, "4 m3", kinds=by_kind(bulky=4)) for day in (9, 10, 11, 12)),
            tap("2026-03-13 10:00", SPENT, kinds=by_kind(bulky=3)),
            tap("2026-03-13 10:05", LOW, "2 m3", kinds=by_kind(bulky=2)),
            tap("2026-03-16 10:00", Reason.TARIFF_ENDED, kinds=by_kind(bulky=0.1)),
        ),
        row(
            "Béthune-Bruay: municipal services free, 12 m3 a week and kind",
            CENTRE,
            (Held(MUNICIPAL),),
            tap("2026-03-02 08:00", WELCOME, "11 m3 of green", kinds=by_kind(green=11)),
            tap("2026-03-03 08:00", SPENT, kinds=by_kind(green=2)),
            tap("2026-03-03 08:05", WELCOME, "6 m3 of wood", kinds=by_kind(wood=6)),
        ),
        row(
            "Vexin: a badge for paid flows, ten m3 bought beforehand",
            CENTRE,
            (Held(waste("prepaid", limit(10, M3, WHOLE), subject=Subject.ORGANISATION)),),
            tap("2026-03-02 08:00", WELCOME, "6 m3", kinds=by_kind(rubble=6)),
            tap("2026-03-02 09:00", SPENT, kinds=by_kind(rubble=4.5)),
            tap("2026-03-02 09:05", LOW, "4 m3", kinds=by_kind(wood=4)),
        ),
    ],
)
def test_the_gate_does_what_the_rule_of_a_real_waste_centre_says(row: Row) -> None:
    play(row)
