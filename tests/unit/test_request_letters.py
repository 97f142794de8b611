"""Receipts and decisions: what the law has them say, and that it stands on the page."""

from datetime import UTC, date, datetime
from uuid import UUID

import pypdfium2  # type: ignore[import-untyped]
import pytest
from msgspec.structs import replace

from adapters.letter import letter_pdf
from domain.places import Authority
from domain.request_letters import decision, receipt
from domain.request_terms import Silence, missing, silent_day, usual_terms
from domain.requests import Channel, PassRequest, RequestStatus
from domain.text import Text
from tests.requests_world import NINA, TOM, application

NOW = datetime(2026, 11, 18, 13, 5, tzinfo=UTC)
TOWN = Authority(UUID(int=1), "ville", Text(fr="Ville de Val-Clair", en="Val-Clair"), "Europe/Paris", "#0b6e4f", NOW)
TERMS = usual_terms()
SENT = PassRequest(
    id=UUID(int=2),
    authority_id=TOWN.id,
    reference="D-7KX2MQP",
    status=RequestStatus.SUBMITTED,
    channel=Channel.PAPER,
    application=application(NINA, TOM, services=("pool", "library")),
    version=2,
    created_at=NOW,
    keep_until=date(2028, 11, 18),
    received_on=date(2026, 11, 16),
    due_on=date(2026, 11, 23),
)


def on_paper(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in document)


def test_a_receipt_says_what_the_law_asks_for() -> None:
    lacking = missing(TERMS, SENT.application, ())
    said = on_paper(letter_pdf(receipt(TOWN, TERMS, SENT, lacking, today=NOW.date()), made_at=NOW))
    for words in (
        "D-7KX2MQP",
        "Nina Berthelot-Sèvre 12 rue des Lilas 59000 Lille",
        "16 novembre 2026 (par courrier)",
        "Réponse prévue avant le 23 novembre 2026",
        "Guichet du pass Hôtel de ville",
        "Il nous manque : Pièce d’identité, Justificatif de domicile. Vous avez jusqu’au 17 janvier 2027",
        "Sans réponse de notre part le 16 janvier 2027, votre demande sera considérée comme refusée",
        "tribunal administratif",
    ):
        assert words in said


def test_where_silence_accepts_the_receipt_says_so_and_in_english_too() -> None:
    terms = replace(TERMS, silence=Silence.ACCEPTS)
    asked = replace(SENT, application=replace(SENT.application, language="en"))
    letter = receipt(TOWN, terms, asked, (), today=NOW.date())
    assert "counts as accepted" in " ".join(letter.paragraphs)
    assert ("Answer expected by", "23 November 2026") in letter.facts
    assert "still need" not in " ".join(letter.paragraphs)


def test_a_refusal_gives_its_reason_and_how_to_contest_it() -> None:
    refused = replace(SENT, status=RequestStatus.REJECTED)
    words = "Votre adresse se trouve hors de nos communes.\n\nVotre mairie a peut-être les siens. € œ"
    said = on_paper(letter_pdf(decision(TOWN, TERMS, refused, words, decided_on=NOW.date()), made_at=NOW))
    assert "Votre adresse se trouve hors de nos communes. Votre mairie a peut-être les siens. € œ" in said
    assert "tribunal administratif" in said
    accepted = decision(TOWN, TERMS, replace(SENT, status=RequestStatus.APPROVED), "", decided_on=NOW.date())
    assert "tribunal" not in " ".join(accepted.paragraphs)


def test_a_letter_is_the_same_bytes_each_time_and_goes_on_over_the_page() -> None:
    refused = replace(SENT, status=RequestStatus.REJECTED)
    letter = decision(TOWN, TERMS, refused, "Une raison. " * 600, decided_on=NOW.date())
    pdf = letter_pdf(letter, made_at=NOW)
    assert pdf == letter_pdf(letter, made_at=NOW)
    assert len(pypdfium2.PdfDocument(pdf)) > 1


@pytest.mark.parametrize(
    ("received", "silent"),
    [
        (date(2026, 11, 16), date(2027, 1, 16)),
        (date(2026, 12, 31), date(2027, 2, 28)),
        (date(2027, 12, 31), date(2028, 2, 29)),
        (date(2026, 6, 30), date(2026, 8, 30)),
    ],
)
def test_silence_decides_after_two_months_by_the_calendar(received: date, silent: date) -> None:
    assert silent_day(received) == silent


def test_a_proof_is_asked_once_and_a_sworn_statement_does_where_the_authority_says_so() -> None:
    asked = application(services=("library", "waste-centre"))
    assert [proof.code for proof in missing(TERMS, asked, ())] == ["identity", "residence"]
    sworn = replace(asked, declared=("residence", "identity"))
    assert [proof.code for proof in missing(TERMS, sworn, ())] == ["identity"]
