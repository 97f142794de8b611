"""Lines of files of households and organisations: who belongs to what, or everything that is wrong with it."""

from datetime import date

import pytest
from msgspec.structs import replace

from adapters.card_files import read_card_file
from adapters.import_models import model_file
from domain.errors.imports import BadImportPlan
from domain.import_cells import Ground
from domain.import_headings import folded, guess
from domain.import_kinds import FIELDS_OF, Field, ImportKind
from domain.import_members import Firm, Group, Member, ReadMember, read_members
from domain.imports import LineFlaw, LineReason, Plan, check_plan
from domain.organisations import OrganisationKind
from domain.periods import FOREVER

TODAY = date(2026, 11, 24)
UNTIL = date(2027, 11, 24)
GROUND = Ground(
    communes={"59350": "59350", folded("Sainte-Ville"): "00101"},
    products=frozenset({"waste-24"}),
    digest=lambda uid: bytes.fromhex(uid) if len(uid) == 14 else None,
    today=TODAY,
)
HOUSEHOLDS = ("Foyer", "No", "Nom", "Prénom", "Né le", "Commune", "Responsables", "Depuis", "Sortie", "UID", "Produit")
FIRMS = ("Compte", "Raison sociale", "Type", "SIRET", "Commune", "Nom", "Prénom", "Né le", "Domicile", "UID")
SIRET, OTHER_SIRET = "732 829 320 00074", "55208131766522"
ZOE = ("A-1", "Lefèvre", "Zoé", "17/05/1984")
MALO = ("A-2", "Lefèvre", "Malo", "02/09/2016")
KARIM = ("A-3", "Benali", "Karim", "30/01/1981")


def households(*rows: tuple[str, ...]) -> list[ReadMember]:
    plan = Plan(guess(HOUSEHOLDS, ImportKind.HOUSEHOLDS), until=UNTIL)
    return read_members(ImportKind.HOUSEHOLDS, HOUSEHOLDS, rows, plan, GROUND)


def firms(*rows: tuple[str, ...], commune: str | None = "59350") -> list[ReadMember]:
    plan = Plan(guess(FIRMS, ImportKind.ORGANISATIONS), until=UNTIL, commune=commune)
    return read_members(ImportKind.ORGANISATIONS, FIRMS, rows, plan, GROUND)


def at_home(household: str, who: tuple[str, ...], commune: str = "59350", **more: str) -> tuple[str, ...]:
    rest = (more.get(name, "") for name in ("guardians", "since", "left", "card", "product"))
    return (household, *who, commune, *rest)


def reasons(line: ReadMember) -> list[tuple[LineReason, Field | None, int | None]]:
    assert isinstance(line, list), line
    return [(flaw.reason, flaw.field, flaw.other_line) for flaw in line]


def member(line: ReadMember) -> Member:
    assert isinstance(line, Member), line
    return line


def test_a_line_says_who_lives_in_a_household_and_since_when() -> None:
    row = at_home("F-1", ZOE, since="01/09/2019", left="31/12/2026", card="04A1B2C3D4E5F6", product="waste-24")
    one = member(households(row)[0])
    assert one.group == Group(line=2, reference="F-1", commune_code="59350")
    assert (one.since, one.until, one.product, one.ends) == (date(2019, 9, 1), date(2027, 1, 1), "waste-24", UNTIL)
    assert one.person is not None
    assert (one.person.reference, one.person.commune_code, one.person.product) == ("A-1", "59350", None)
    assert one.person.uid_digest == bytes.fromhex("04A1B2C3D4E5F6")


def test_who_says_no_days_is_a_member_from_today_on() -> None:
    one = member(households(at_home("F-1", ZOE))[0])
    assert (one.since, one.until) == (TODAY, FOREVER)


def test_a_child_stands_in_two_households_and_is_one_person() -> None:
    first, second = households(at_home("F-1", MALO), at_home("F-2", ("", *MALO[1:]), "Sainte Ville"))
    once, again = member(first).person, member(second).person
    assert once is not None
    assert again is not None
    assert [(one.line, one.reference) for one in (once, again)] == [(2, "A-2"), (2, "A-2")]
    assert member(second).group.commune_code == "00101"


def test_one_person_in_one_household_twice_is_said_by_its_first_line() -> None:
    _, second = households(at_home("F-1", ZOE), at_home("F-1", ("A-1", "LEFEVRE", "ZOE", "1984-05-17")))
    assert reasons(second) == [(LineReason.TWICE_IN_FILE, Field.LAST_NAME, 2)]


def test_who_left_and_came_back_is_a_member_twice() -> None:
    first, second = households(
        at_home("F-1", ZOE, since="01/01/2020", left="31/12/2026"), at_home("F-1", ZOE, since="01/01/2027")
    )
    assert (member(first).until, member(second).since) == (date(2027, 1, 1), date(2027, 1, 1))


def test_a_number_or_a_card_of_two_people_is_refused() -> None:
    card = "04A1B2C3D4E5F6"
    _, number, chip = households(
        at_home("F-1", ZOE, card=card), at_home("F-1", ("A-1", *KARIM[1:])), at_home("F-1", MALO, card=card)
    )
    assert reasons(number) == [(LineReason.TWICE_IN_FILE, Field.REFERENCE, 2)]
    assert reasons(chip) == [(LineReason.TWICE_IN_FILE, Field.CARD, 2)]


def test_one_person_with_two_numbers_or_two_cards_contradicts_themself() -> None:
    _, number, chip = households(
        at_home("F-1", MALO),
        at_home("F-2", ("A-9", *MALO[1:])),
        at_home("F-3", MALO, card="04A1B2C3D4E5F6"),
    )
    assert reasons(number) == [(LineReason.CONTRADICTS, Field.REFERENCE, 2)]
    assert reasons(chip) == [(LineReason.CONTRADICTS, Field.CARD, 2)]


def test_a_household_lives_in_one_commune_which_later_lines_need_not_say() -> None:
    _, silent, other = households(at_home("F-1", ZOE), at_home("F-1", MALO, ""), at_home("F-1", KARIM, "Sainte-Ville"))
    assert member(silent).group.commune_code == "59350"
    assert reasons(other) == [(LineReason.CONTRADICTS, Field.COMMUNE, 2)]


def test_who_has_guardians_comes_after_them() -> None:
    lines = households(at_home("F-1", MALO, guardians="A-1, A-3"), at_home("F-1", ZOE), at_home("F-2", MALO))
    assert [member(one).line for one in lines] == [3, 2, 4], "what a second line says of somebody waits with the first"
    assert member(lines[1]).guardians == ("A-1", "A-3")


def test_a_guardian_is_of_age_and_somebody_else() -> None:
    _, child, own = households(at_home("F-1", MALO), at_home("F-1", ZOE, guardians="A-2"), at_home("F-1", KARIM))[:3]
    assert reasons(child) == [(LineReason.BAD_GUARDIAN, Field.GUARDIANS, 2)]
    assert isinstance(own, Member)
    (alone,) = households(at_home("F-1", ZOE, guardians="A-1"))
    assert reasons(alone) == [(LineReason.BAD_GUARDIAN, Field.GUARDIANS, None)]


@pytest.mark.parametrize(
    ("row", "reason", "field"),
    [
        (at_home("", ZOE), LineReason.HOUSEHOLD_MISSING, Field.HOUSEHOLD),
        (at_home("x" * 41, ZOE), LineReason.TOO_LONG, Field.HOUSEHOLD),
        (at_home("F-1", ZOE, ""), LineReason.COMMUNE_MISSING, Field.COMMUNE),
        (at_home("F-1", ZOE, "Ailleurs"), LineReason.UNKNOWN_COMMUNE, Field.COMMUNE),
        (at_home("F-1", ZOE, since="31/02/2020"), LineReason.IMPOSSIBLE_DATE, Field.JOINS_ON),
        (at_home("F-1", ZOE, since="16/05/1984"), LineReason.IMPOSSIBLE_DATE, Field.JOINS_ON),
        (at_home("F-1", ZOE, left="23/11/2026"), LineReason.MEMBERSHIP_OVER, Field.LEAVES_ON),
        (
            at_home("F-1", ZOE, since="01/02/2027", left="31/01/2027"),
            LineReason.IMPOSSIBLE_DATE,
            Field.LEAVES_ON,
        ),
        (at_home("F-1", ZOE, product="gym"), LineReason.UNKNOWN_PRODUCT, Field.PRODUCT),
        (at_home("F-1", ZOE, guardians="a,b,c,d,e"), LineReason.TOO_LONG, Field.GUARDIANS),
    ],
)
def test_a_cell_that_cannot_be_refuses_the_line(row: tuple[str, ...], reason: LineReason, field: Field) -> None:
    assert reasons(households(row)[0]) == [(reason, field, None)]


@pytest.mark.parametrize(
    ("household", "name", "reason", "field"),
    [
        ('=HYPERLINK("http://x")', "Lefèvre", LineReason.FORMULA, Field.HOUSEHOLD),
        ("F-1", "@SUM(A1)", LineReason.FORMULA, Field.LAST_NAME),
        ("F-1", "+33 6", LineReason.FORMULA, Field.LAST_NAME),
        ("F-1", "Lef\u202eerv", LineReason.UNREADABLE, Field.LAST_NAME),
        ("F\u200b1", "Lefèvre", LineReason.UNREADABLE, Field.HOUSEHOLD),
        ("F-1", "x" * 4_000, LineReason.TOO_LONG, Field.LAST_NAME),
    ],
)
def test_a_hostile_cell_goes_no_further_than_its_line(
    household: str, name: str, reason: LineReason, field: Field
) -> None:
    hostile, good = households(at_home(household, ("A-1", name, "Zoé", "17/05/1984")), at_home("F-9", KARIM))
    assert reasons(hostile) == [(reason, field, None)]
    assert isinstance(good, Member)


def test_a_firm_is_said_once_and_its_people_one_a_line() -> None:
    first, second = firms(
        ("PRO-1", "Menuiserie Roux", "Entreprise", SIRET, "Sainte Ville", "Lefèvre", "Zoé", "17/05/1984", "59350"),
        ("PRO-1", "", "", "", "", "Benali", "Karim", "30/01/1981"),
    )
    firm = Firm("Menuiserie Roux", OrganisationKind.PROFESSIONAL, "73282932000074")
    assert member(first).group == Group(2, "PRO-1", "00101", firm)
    assert member(second).group == member(first).group
    assert [one.person.commune_code for one in map(member, (first, second)) if one.person] == ["59350", "59350"]


def test_a_firm_may_come_without_people_and_without_a_number_of_its_own() -> None:
    (alone,) = firms(("", "Les Jardins", "", "w601000012", "59350"))
    one = member(alone)
    assert (one.group.reference, one.person) == ("W601000012", None)
    assert one.group.firm == Firm("Les Jardins", OrganisationKind.ASSOCIATION, "W601000012")


def test_a_firm_without_a_number_is_found_by_its_siret() -> None:
    first, second = firms(
        ("PRO-1", "Roux", "", SIRET, "59350"), ("", "", "", SIRET, "", "Benali", "Karim", "30/01/1981")
    )
    assert member(second).group == member(first).group


@pytest.mark.parametrize(
    ("row", "reason", "field"),
    [
        (("", "Roux", "", "", "59350"), LineReason.ORGANISATION_MISSING, Field.ORGANISATION),
        (("PRO-1", "", "", SIRET, "59350"), LineReason.NAME_MISSING, Field.NAME),
        (("PRO-1", "Roux", "", "", "59350"), LineReason.REGISTRATION_MISSING, Field.REGISTRATION),
        (("PRO-1", "Roux", "", "73282932000075", "59350"), LineReason.BAD_REGISTRATION, Field.REGISTRATION),
        (("PRO-1", "Roux", "", "7,32829E+13", "59350"), LineReason.BAD_REGISTRATION, Field.REGISTRATION),
        (("PRO-1", "Roux", "club", SIRET, "59350"), LineReason.UNKNOWN_KIND, Field.KIND),
        (("PRO-1", "Roux", "", SIRET, "Ailleurs"), LineReason.UNKNOWN_COMMUNE, Field.SEAT),
        (("PRO-1", "Roux", "", SIRET, "", "", "Zoé", "17/05/1984"), LineReason.NAME_MISSING, Field.LAST_NAME),
    ],
)
def test_a_cell_that_cannot_be_refuses_the_firm(row: tuple[str, ...], reason: LineReason, field: Field) -> None:
    assert reasons(firms(row)[0]) == [(reason, field, None)]


def test_a_municipal_service_needs_no_registration() -> None:
    (one,) = firms(("MUN-1", "Espaces verts", "Service municipal", "", "59350"))
    firm = member(one).group.firm
    assert firm is not None
    assert (firm.kind, firm.registration) == (OrganisationKind.MUNICIPAL, None)


def test_lines_of_one_firm_agree_and_one_siret_is_one_firm() -> None:
    _, name, siret, double, alone = firms(
        ("PRO-1", "Roux", "", SIRET, "59350", "Lefèvre", "Zoé", "17/05/1984"),
        ("PRO-1", "Blanc", "", SIRET, "59350", "Benali", "Karim", "30/01/1981"),
        ("PRO-1", "roux", "", OTHER_SIRET, "59350", "Benali", "Karim", "30/01/1981"),
        ("PRO-2", "Roux", "", SIRET, "59350", "Benali", "Karim", "30/01/1981"),
        ("PRO-1", "ROUX", "", SIRET, "59350"),
    )
    assert reasons(name) == [(LineReason.CONTRADICTS, Field.NAME, 2)]
    assert (LineReason.CONTRADICTS, Field.REGISTRATION, 2) in reasons(siret)
    assert reasons(double) == [(LineReason.TWICE_IN_FILE, Field.REGISTRATION, 2)]
    assert reasons(alone) == [(LineReason.TWICE_IN_FILE, Field.ORGANISATION, 2)]


def test_where_people_live_is_not_where_their_firm_is() -> None:
    (line,) = firms(("PRO-1", "Roux", "", SIRET, "59350", "Lefèvre", "Zoé", "17/05/1984"), commune=None)
    assert reasons(line) == [(LineReason.COMMUNE_MISSING, Field.COMMUNE, None)]


PEOPLE = {Field.LAST_NAME: "Nom", Field.FIRST_NAME: "Prénom", Field.BORN_ON: "Né le"}


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        (ImportKind.HOUSEHOLDS, PEOPLE),
        (ImportKind.HOUSEHOLDS, {**PEOPLE, Field.HOUSEHOLD: "Foyer", Field.SEAT: "SIRET"}),
        (ImportKind.ORGANISATIONS, {Field.NAME: "Raison sociale"}),
        (ImportKind.ORGANISATIONS, {Field.NAME: "Raison sociale", Field.REGISTRATION: "SIRET", Field.LAST_NAME: "Nom"}),
        (ImportKind.CARDS, {**PEOPLE, Field.HOUSEHOLD: "Foyer"}),
    ],
    ids=["no household", "no such field", "no number", "half a person", "a household of cards"],
)
def test_a_plan_that_does_not_fit_its_kind_is_refused(kind: ImportKind, columns: dict[Field, str]) -> None:
    headings = ("Foyer", "Raison sociale", "SIRET", "Nom", "Prénom", "Né le")
    whole = {
        ImportKind.CARDS: PEOPLE,
        ImportKind.HOUSEHOLDS: {**PEOPLE, Field.HOUSEHOLD: "Foyer"},
        ImportKind.ORGANISATIONS: {Field.NAME: "Raison sociale", Field.REGISTRATION: "SIRET"},
    }
    plan = Plan(whole[kind], until=UNTIL, commune="59350")
    check_plan(plan, headings, TODAY, kind)
    with pytest.raises(BadImportPlan):
        check_plan(replace(plan, columns=columns), headings, TODAY, kind)
    with pytest.raises(BadImportPlan):
        check_plan(replace(plan, commune=None), headings, TODAY, kind)


@pytest.mark.parametrize("kind", list(ImportKind))
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_model_is_recognised_whole_and_every_line_of_it_is_good(kind: ImportKind, language: str) -> None:
    table = read_card_file(model_file(kind, "fr" if language == "fr" else "en", "Sainte-Ville"))
    columns = guess(table.headings, kind)
    assert tuple(columns) == FIELDS_OF[kind]
    plan = Plan(columns, until=UNTIL)
    check_plan(plan, table.headings, TODAY, kind)
    if kind is not ImportKind.CARDS:
        lines = read_members(kind, table.headings, table.rows, plan, GROUND)
        assert [line for line in lines if isinstance(line, list)] == []


def test_flaws_name_lines_as_a_spreadsheet_counts_them() -> None:
    assert households(at_home("", ZOE)) == [[LineFlaw(2, LineReason.HOUSEHOLD_MISSING, Field.HOUSEHOLD)]]
