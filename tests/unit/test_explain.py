"""Why a gate would say so: every rule in order, the decisive one, and always the verdict of `decide` itself."""

from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from domain.access.explain import Finding, Spent, explain
from domain.access.facts import Direction, Evidence, Facts, Standing
from domain.access.reasons import Reason
from domain.access.rule_words import name_of
from domain.access.rules import ALWAYS
from domain.circumstances import CircumstanceKind
from domain.conditions import Conditions, Vehicle, VehicleClass
from domain.limits import ONE, Measure, Window
from domain.passes import MediumStatus, PassStatus
from domain.periods import FOREVER
from domain.places import Passback
from domain.products import Grace
from domain.services import SERVICES
from tests.facts import MINUTE, TODAY, balance, doorway, last_seen, medium, on_terms, question, right

SAUNA = replace(doorway(), zone=replace(doorway().zone, supplement_cents=450))
FULL = right(balance(24, 24))
CHILD = medium(born_on=date(2020, 1, 1))


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: str(service.code))
@pytest.mark.parametrize("direction", Direction)
def test_every_rule_stands_in_its_place_whether_it_is_asked_or_not(service: Any, direction: Direction) -> None:  # noqa: ANN401 - a Service
    asked = service.deposit_rules if direction is Direction.DEPOSIT else service.rules
    expected = [name_of(rule) for rule in (*ALWAYS, *asked)]
    for different in ({}, {"medium": None}, {"hours": ()}):
        facts = question(doorway=doorway(service.code), direction=direction, **different)
        assert [step.rule for step in explain(facts).steps] == expected


@pytest.mark.parametrize(
    ("different", "reason", "decisive"),
    [
        ({}, Reason.WELCOME, None),
        ({"rights": (right(balance(10, 9)),)}, Reason.LAST_VISIT, None),
        ({"rights": ()}, Reason.TICKET_NEEDED, "entitled_or_pays"),
        ({"rights": (FULL,)}, Reason.CARNET_EMPTY, "within_carnet"),
        ({"medium": CHILD}, Reason.CHILD_WITH_ADULT, "child_accompanied"),
        ({"hours": ()}, Reason.SITE_CLOSED, "site_open"),
        ({"hours": (), "rights": (), "medium": CHILD}, Reason.SITE_CLOSED, "site_open"),
        ({"medium": medium(MediumStatus.LOST)}, Reason.MEDIUM_LOST, "medium_active"),
        ({"medium": medium(pass_status=PassStatus.ENDED)}, Reason.PASS_ENDED, "pass_active"),
        ({"evidence": Evidence(77, flaw="code_expired")}, Reason.CODE_EXPIRED, "authentic"),
        ({"medium": None}, Reason.UNKNOWN_MEDIUM, "authentic"),
        ({"doorway": doorway(capacity=5), "crowd": 5}, Reason.SITE_FULL, "below_capacity"),
        (
            {
                "doorway": doorway("transport", passback=Passback.SOFT, minutes=60),
                "presence": last_seen(MINUTE),
                "seen_today": True,
                "rights": (FULL,),
            },
            Reason.SAME_TRIP,
            "no_passback",
        ),
        ({"direction": Direction.EXIT}, Reason.EXIT_WITHOUT_ENTRY, None),
        ({"direction": Direction.EXIT, "medium": None}, Reason.UNKNOWN_MEDIUM, "authentic"),
        (
            {
                "direction": Direction.EXIT,
                "presence": last_seen(MINUTE),
                "seen_today": True,
                "evidence": Evidence(77, flaw="code_expired"),
            },
            Reason.GOODBYE,
            None,
        ),
    ],
)
def test_the_rule_that_wins_is_named(different: dict[str, Any], reason: Reason, decisive: str | None) -> None:
    found = explain(question(**different))
    assert (found.verdict.reason, found.decisive) == (reason, decisive)
    if decisive is not None:
        assert decisive in found.why.fr
        assert decisive in found.why.en


def test_of_several_objections_the_order_of_reasons_is_given_as_why() -> None:
    why = explain(question(hours=(), rights=(), medium=CHILD)).why
    assert "site_closed comes before ticket_needed, child_with_adult" in why.en
    assert "3 règles objectent" in why.fr


def test_until_the_pass_is_recognised_nothing_is_told_of_its_rights() -> None:
    found = explain(question(medium=medium(MediumStatus.LOST), rights=(FULL,)))
    asked = [step.rule for step in found.steps if step.finding is not Finding.NOT_ASKED]
    assert asked == ["authentic", "shown_anew", "proved_enough", "medium_active", "pass_active"]
    assert all(step.facts == () for step in found.steps[5:])
    assert "not asked" in found.why.en


def test_on_the_way_out_only_the_first_rule_has_a_say() -> None:
    found = explain(question(direction=Direction.EXIT, hours=(), rights=()))
    assert [step.rule for step in found.steps if step.finding is not Finding.NOT_ASKED] == ["authentic"]
    assert found.why.en.startswith("Nobody is kept in")


def shown(facts: Facts, rule: str) -> dict[str, list[str]]:
    (step,) = [step for step in explain(facts).steps if step.rule == rule]
    said: dict[str, list[str]] = {}
    for looked in step.facts:
        said.setdefault(looked.fact, []).append(looked.value.en)
    return said


def test_the_facts_are_told_in_words() -> None:
    held = right(balance(2, 1.5, unit=Measure.M3, window=Window.DAY), balance(24, 3, position=1))
    facts = question(
        doorway=doorway("waste-centre", capacity=40, passback=Passback.TIMED, minutes=10),
        rights=(held, right(valid_from=TODAY + timedelta(days=1), number=31)),
        presence=last_seen(MINUTE),
        seen_today=True,
        crowd=7,
        hours=((540, 720), (840, 1080)),
    )
    assert shown(facts, "site_open") == {
        "moment": ["12:00"],
        "hours": ["09:00–12:00, 14:00–18:00"],
        "session": ["none"],
    }
    assert shown(facts, "within_quota") == {
        "asked": ["1 visit"],
        "limits": [
            "p30, 1.5 of 2 m³ used, from 2026-11-18 to 2026-11-18",
            "p30, 3 of 24 visits used, from 2026-01-01 to 2026-12-31",
        ],
    }
    assert shown(facts, "entitled")["rights"] == [
        "p30, from 2026-01-01 to 2026-12-31",
        "p31, from 2026-11-19 to 2026-12-31: not started yet",
    ]
    assert shown(facts, "below_capacity")["crowd"] == ["7 of 40"]
    assert shown(facts, "no_passback")["passback"] == ["refused for 10 minutes"]
    assert shown(facts, "no_passback")["last_entry"] == ["came in on 2026-11-18 at 11:59"]


def said_by(facts: Facts, rule: str, fact: str) -> tuple[list[str], list[str]]:
    """What an agent reads of one fact, in French and in English."""
    (step,) = [step for step in explain(facts).steps if step.rule == rule]
    values = [looked.value for looked in step.facts if looked.fact == fact]
    return [value.fr for value in values], [value.en for value in values]


SCHOOL = {"sessions": ("school",), "reserved": ("school",)}
HERE = Standing(CircumstanceKind.COMMUNE, "59350", FOREVER)
ELSEWHERE = Standing(CircumstanceKind.COMMUNE, "75056", FOREVER)
RESIDENTS = Conditions(communes=("59350", "59009"))
BAND = Conditions(bands=("QF2",))
IN_TIME = Standing(CircumstanceKind.QUOTIENT, "QF2", TODAY + timedelta(days=1))
LATE = Standing(CircumstanceKind.QUOTIENT, "QF2", TODAY - timedelta(days=3))
A_MONTH = Grace(days=30)


@pytest.mark.parametrize(
    ("different", "rule", "fact", "french", "english"),
    [
        ({}, "conditions_met", "session", "aucune", "none"),
        ({"sessions": ("lesson", "club")}, "conditions_met", "session", "lesson, club", "lesson, club"),
        (SCHOOL, "site_open", "session", "school (réservée)", "school (reserved)"),
        ({}, "conditions_met", "residence", "le droit n’en demande pas", "the right does not ask"),
        ({"rights": ()}, "conditions_met", "residence", "le droit n’en demande pas", "the right does not ask"),
        ({"rights": (on_terms(right(), HERE, conditions=RESIDENTS),)}, "conditions_met", "residence", "oui", "yes"),
        ({"rights": (on_terms(right(), ELSEWHERE, conditions=RESIDENTS),)}, "conditions_met", "residence", "non", "no"),
        ({}, "conditions_met", "tariff", "le droit n’en demande pas", "the right does not ask"),
        ({"rights": (on_terms(right(), IN_TIME, conditions=BAND),)}, "conditions_met", "tariff", "oui", "yes"),
        ({"rights": (on_terms(right(), LATE, conditions=BAND),)}, "conditions_met", "tariff", "non", "no"),
        (
            {"rights": (on_terms(right(), LATE, conditions=BAND, grace=A_MONTH),)},
            "conditions_met",
            "tariff",
            "échu, toléré pour le moment",
            "ended, tolerated for now",
        ),
        ({}, "conditions_met", "vehicle", "non mesuré", "not measured"),
        ({"vehicle": Vehicle()}, "conditions_met", "vehicle", "non mesuré", "not measured"),
        (
            {"vehicle": Vehicle(VehicleClass.VAN, 215, 3_300)},
            "conditions_met",
            "vehicle",
            "utilitaire | 215 cm | 3300 kg",
            "van | 215 cm | 3300 kg",
        ),
        ({}, "conditions_met", "kinds", "rien de déclaré", "nothing said"),
        (
            {"kinds": {"rubble": {Measure.M3: 500}, "tyre": {Measure.PIECE: ONE}}},
            "conditions_met",
            "kinds",
            "Gravats : 0,5 m³ | Pneus : 1 pièce",
            "Rubble: 0.5 m³ | Tyres: 1 piece",
        ),
        ({}, "paid", "price", "0,00 €", "€0.00"),
        ({"doorway": SAUNA}, "paid", "price", "4,50 €", "€4.50"),
    ],
)
def test_an_agent_reads_what_a_rule_looked_at(
    different: dict[str, Any], rule: str, fact: str, french: str, english: str
) -> None:
    said = said_by(question(**different), rule, fact)
    assert (" | ".join(said[0]), " | ".join(said[1])) == (french, english)


@pytest.mark.parametrize(
    ("different", "reason", "decisive"),
    [
        ({"rights": (on_terms(right(), ELSEWHERE, conditions=RESIDENTS),)}, Reason.NOT_RESIDENT, "conditions_met"),
        ({"rights": (on_terms(right(), LATE, conditions=BAND),)}, Reason.TARIFF_ENDED, "conditions_met"),
        (
            {"rights": (on_terms(right(), conditions=Conditions(sites=("lido",))),)},
            Reason.SITE_NOT_INCLUDED,
            "conditions_met",
        ),
        ({"doorway": SAUNA}, Reason.PAYMENT_DUE, "paid"),
        (SCHOOL, Reason.SESSION_RESERVED, "site_open"),
        ({"doorway": doorway("waste-centre"), "direction": Direction.DEPOSIT}, Reason.NOT_INSIDE, "inside"),
    ],
)
def test_the_newer_rules_are_named_when_they_win(different: dict[str, Any], reason: Reason, decisive: str) -> None:
    found = explain(question(**different))
    assert (found.verdict.reason, found.decisive) == (reason, decisive)


def test_french_numbers_have_a_comma_and_french_days_come_first() -> None:
    facts = question(rights=(right(balance(2, 1.5, unit=Measure.M3)),), asked={Measure.M3: 500})
    (step,) = [step for step in explain(facts).steps if step.rule == "within_carnet"]
    assert [looked.value.fr for looked in step.facts] == [
        "0,5 m³",
        "p30, 1,5 sur 2 m³, du 01/01/2026 au 31/12/2026",
    ]


def test_what_would_be_spent_is_told() -> None:
    found = explain(question(rights=(right(balance(10, 3)),)))
    assert found.right == "p30"
    assert found.spent == (Spent(Measure.VISIT, 1.0, date(2027, 1, 1)),)
    refused = explain(question(rights=(right(balance(10, 3)),), hours=()))
    assert (refused.right, refused.spent) == (None, ())
