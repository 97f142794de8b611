"""Lines of an old card file: who each one is, or everything that is wrong with it."""

from datetime import date

import pytest
from msgspec.structs import replace

from domain.errors.imports import BadImportPlan
from domain.import_cells import Ground, day
from domain.import_headings import folded
from domain.import_kinds import FIELDS_OF, Field, ImportKind
from domain.import_lines import Newcomer, read
from domain.import_words import FIELDS, KINDS, REASONS, STATES
from domain.imports import ImportState, LineFlaw, LineReason, Plan, check_plan
from domain.newcomers import Known, sift

TODAY = date(2026, 11, 24)
HEADINGS = ("No", "Nom", "Prénom", "Né le", "Commune", "UID", "Produit", "Fin")
PLAN = Plan(dict(zip(FIELDS_OF[ImportKind.CARDS], HEADINGS, strict=True)), until=date(2027, 11, 24))
GROUND = Ground(
    communes={"59350": "59350", folded("Villeneuve-d'Ascq"): "59009"},
    products=frozenset({"pool-year"}),
    digest=lambda uid: bytes.fromhex(uid) if len(uid) == 14 else None,
    today=TODAY,
)
GOOD = ("A-1", "LEFÈVRE", "Zoé", "17/05/1980", "59350", "04:A1:B2:C3:D4:E5:F6", "pool-year", "31/12/2026")


def flaws(*cells: str, plan: Plan = PLAN) -> list[tuple[LineReason, Field | None]]:
    (line,) = read(HEADINGS, [cells], plan, GROUND)
    assert not isinstance(line, Newcomer), line
    return [(flaw.reason, flaw.field) for flaw in line]


def but(field: Field, cell: str) -> tuple[str, ...]:
    return tuple(cell if heading == PLAN.columns[field] else good for heading, good in zip(HEADINGS, GOOD, strict=True))


def newcomer(*cells: str, plan: Plan = PLAN) -> Newcomer:
    (line,) = read(HEADINGS, [cells], plan, GROUND)
    assert isinstance(line, Newcomer), line
    return line


def test_a_good_line_is_a_newcomer() -> None:
    assert newcomer(*GOOD) == Newcomer(
        line=2,
        reference="A-1",
        first_name="Zoé",
        last_name="LEFÈVRE",
        born_on=date(1980, 5, 17),
        commune_code="59350",
        uid_digest=bytes.fromhex("04A1B2C3D4E5F6"),
        product="pool-year",
        until=date(2027, 1, 1),
    )


def test_what_a_line_leaves_out_comes_from_the_plan() -> None:
    at_home = replace(PLAN, commune="59350")
    line = newcomer("", "Blin", "Bob", "1980-05-17", plan=at_home)
    assert (line.reference, line.commune_code, line.uid_digest, line.product) == (None, "59350", None, None)
    assert line.until == PLAN.until


@pytest.mark.parametrize(
    ("field", "cell", "reason"),
    [
        (Field.LAST_NAME, " - ", LineReason.NAME_MISSING),
        (Field.FIRST_NAME, "", LineReason.NAME_MISSING),
        (Field.LAST_NAME, "x" * 81, LineReason.TOO_LONG),
        (Field.REFERENCE, "x" * 41, LineReason.TOO_LONG),
        (Field.BORN_ON, "", LineReason.BIRTH_MISSING),
        (Field.BORN_ON, "31/02/1990", LineReason.IMPOSSIBLE_DATE),
        (Field.BORN_ON, "17/05/80", LineReason.IMPOSSIBLE_DATE),
        (Field.BORN_ON, "25/11/2026", LineReason.IMPOSSIBLE_DATE),
        (Field.BORN_ON, "01/01/1899", LineReason.IMPOSSIBLE_DATE),
        (Field.COMMUNE, "", LineReason.COMMUNE_MISSING),
        (Field.COMMUNE, "75056", LineReason.UNKNOWN_COMMUNE),
        (Field.CARD, "04A1", LineReason.IMPOSSIBLE_CARD),
        (Field.PRODUCT, "gym", LineReason.UNKNOWN_PRODUCT),
        (Field.LAST_DAY, "23/11/2026", LineReason.PASS_OVER),
        (Field.LAST_DAY, "31/12/9999", LineReason.IMPOSSIBLE_DATE),
    ],
)
def test_a_cell_that_cannot_be_refuses_the_line(field: Field, cell: str, reason: LineReason) -> None:
    assert flaws(*but(field, cell)) == [(reason, field)]


def test_all_that_is_wrong_with_a_line_is_said_at_once() -> None:
    assert {reason for reason, _ in flaws("", "", "Zoé", "hier", "ailleurs")} == {
        LineReason.NAME_MISSING,
        LineReason.IMPOSSIBLE_DATE,
        LineReason.UNKNOWN_COMMUNE,
    }


def test_a_commune_may_be_named_and_one_outside_is_taken_where_the_plan_says_so() -> None:
    assert newcomer(*but(Field.COMMUNE, "VILLENEUVE D ASCQ")).commune_code == "59009"
    outside = replace(PLAN, outside=True)
    assert newcomer(*but(Field.COMMUNE, "1004"), plan=outside).commune_code == "01004"
    assert flaws(*but(Field.COMMUNE, "Paris"), plan=outside) == [(LineReason.UNKNOWN_COMMUNE, Field.COMMUNE)]


@pytest.mark.parametrize(
    "said", ["17/05/1980", "17-5-1980", "17.05.1980", "1980-05-17", "19800517", "1980-05-17T00:00:00"]
)
def test_days_are_read_as_people_write_them(said: str) -> None:
    assert day(said) == date(1980, 5, 17)


def test_a_second_line_of_one_person_number_or_card_names_the_first() -> None:
    same_person = ("A-2", "Lefevre", "ZOE", "1980-05-17", "59350")
    same_number = ("A-1", "Blin", "Bob", "1981-05-17", "59350")
    same_card = ("A-3", "Roux", "Ana", "1982-05-17", "59350", "04A1B2C3D4E5F6")
    _, *others = read(HEADINGS, [GOOD, same_person, same_number, same_card], PLAN, GROUND)
    assert others == [
        [LineFlaw(3, LineReason.TWICE_IN_FILE, Field.LAST_NAME, 2)],
        [LineFlaw(4, LineReason.TWICE_IN_FILE, Field.REFERENCE, 2)],
        [LineFlaw(5, LineReason.TWICE_IN_FILE, Field.CARD, 2)],
    ]


def test_whom_the_register_knows_stays_out() -> None:
    zoe = newcomer(*GOOD)
    bob = replace(zoe, line=3, first_name="Bob", reference=None, uid_digest=None)
    known = Known(frozenset({zoe.name_key}), frozenset({"old-3"}), frozenset({zoe.uid_digest or b""}))
    new, refused = sift([zoe, bob], known, "old")
    assert new == []
    assert [(flaw.line, flaw.reason) for flaw in refused] == [
        (2, LineReason.IN_REGISTER),
        (2, LineReason.CARD_KNOWN),
        (3, LineReason.REFERENCE_KNOWN),
    ]


@pytest.mark.parametrize(
    "plan",
    [
        replace(PLAN, columns={Field.LAST_NAME: "Nom"}),
        replace(PLAN, columns={**PLAN.columns, Field.CARD: "Puce"}),
        replace(PLAN, columns={**PLAN.columns, Field.CARD: "Nom"}),
        Plan({Field.LAST_NAME: "Nom", Field.FIRST_NAME: "Prénom", Field.BORN_ON: "Né le"}, until=PLAN.until),
        replace(PLAN, until=TODAY),
    ],
    ids=["a field misses", "no such column", "a column twice", "no commune", "over today"],
)
def test_a_plan_that_does_not_fit_the_file_is_refused(plan: Plan) -> None:
    check_plan(PLAN, HEADINGS, TODAY)
    with pytest.raises(BadImportPlan):
        check_plan(plan, HEADINGS, TODAY)


def test_every_field_reason_and_state_has_words() -> None:
    assert (set(FIELDS), set(REASONS), set(STATES)) == (set(Field), set(LineReason), set(ImportState))
    assert set(KINDS) == set(ImportKind)
