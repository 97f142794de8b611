"""What a gate says: words in both languages, colours, bytes, and nothing that it should not tell."""

from uuid import UUID

import msgspec
import pytest

from domain.access.answer import compose, encode
from domain.access.decide import decide
from domain.access.reasons import COLOURS, REASONS, Outcome, Reason
from domain.services import BY_CODE, SERVICES, Service
from tests.facts import NOON, TODAY, balance, doorway, question, right

OPENS = {Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING}


def test_every_reason_has_words_in_both_languages_that_fit_a_terminal() -> None:
    for reason in Reason:
        meaning = REASONS[reason]
        for text in (meaning.short, meaning.next_step):
            assert text.fr.strip()
            assert text.en.strip()
        assert len(meaning.short.fr) <= 20, reason
        assert len(meaning.short.en) <= 20, reason


def test_an_answer_that_opens_is_green_or_orange_and_no_other_is_green() -> None:
    for outcome in Outcome:
        assert (COLOURS[outcome] in {"green", "orange"}) >= (outcome in OPENS)
        assert (COLOURS[outcome] == "green") is (outcome is Outcome.GRANTED)


def test_the_bytes_of_an_answer_follow_from_the_question_alone() -> None:
    facts = question(rights=(right(balance(24, 3)),))
    assert encode(compose(facts, decide(facts))) == encode(compose(facts, decide(facts)))
    assert msgspec.json.decode(encode(compose(facts, decide(facts)))) == {
        "outcome": "granted",
        "reason": "welcome",
        "colour": "green",
        "text": {"fr": "Bonne visite", "en": "Welcome"},
        "nextStep": {"fr": "Entrez, tout est en ordre.", "en": "Come in, everything is in order."},
        "direction": "entry",
        "decidedAt": NOON.isoformat().replace("+00:00", "Z"),
        "remaining": [{"product": "p30", "unit": "visit", "left": 20, "of": 24, "until": "2027-01-01"}],
        "passValidUntil": "2031-01-01",
    }


def test_a_right_overspent_offline_shows_nothing_left_never_less() -> None:
    facts = question(rights=(right(balance(10, 12)),), doorway=doorway("waste-centre"))
    assert compose(facts, decide(facts)).remaining[0].left == 0
    assert decide(facts).reason is Reason.QUOTA_SPENT


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.code)
def test_every_service_asks_whether_it_is_open(service: Service) -> None:
    assert decide(question(doorway=doorway(service.code), hours=())).reason is Reason.SITE_CLOSED


def test_no_two_services_share_a_code() -> None:
    assert len(BY_CODE) == len(SERVICES)


def test_a_passage_stays_identified_for_the_days_of_its_service() -> None:
    """3.2 retention: 48 hours for transport, three months elsewhere."""
    days = {service.code: (service.keep_until(TODAY) - TODAY).days for service in SERVICES}
    assert days["transport"] == 2
    assert all(days[code] <= 92 for code in days)


def test_a_pass_id_never_reaches_the_terminal() -> None:
    facts = question(rights=(right(balance(24, 3)),))
    said = encode(compose(facts, decide(facts)))
    assert str(UUID(int=20)).encode() not in said
    assert b"1980" not in said
