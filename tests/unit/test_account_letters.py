"""What residents are written: in their language, short enough, and nothing left to be filled in."""

import tomllib
from datetime import UTC, datetime
from importlib import resources
from uuid import UUID

import pytest

from domain.account_letters import Subject, letter, text_message
from domain.mail import check_letter
from domain.places import Authority
from domain.text import Text

CITY = Authority(
    id=UUID(int=1),
    code="val-clair",
    name=Text(fr="Communauté d'agglomération du Val-Clair", en="Val-Clair"),
    zone="Europe/Paris",
    colour="#0b6e4f",
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)
HOME = "https://pass.example.org/moi"
GIVEN = {
    "code": "287082",
    "added": "z•••@example.org",
    "device": "Fairphone 5",
    "number": "2336175969",
    "day": "31 décembre 2028",
    "reference": "D-7K2M4P",
    "place": "Siège, 1 place de la République",
    "price": "5,00 €",
    "name": "Zoé",
    "why": "La photo est floue. Posez le téléphone, ou demandez à quelqu’un de la prendre.",
    "page": "https://pass.val-clair.example/moi/persons/H-7K2M4P/photo",
    "receipt": "Votre demande nous est parvenue le 23 novembre 2026.",
}

SMS_LETTERS = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""GSM 03.38, 6.2.1: the alphabet in which a text message holds 160 letters. With any other letter it holds 70."""


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("subject", Subject)
def test_every_letter_can_be_sent_and_says_all_that_is_given(subject: Subject, language: str) -> None:
    written = letter(subject, CITY, "zoe@example.org", language, GIVEN, home=HOME)
    check_letter(written)
    sms = text_message(subject, CITY, "+33612345678", language, GIVEN)
    assert len(sms.text) <= 160, "one text message, not two"
    said = written.subject + written.text + sms.text
    assert "{" not in said
    assert (CITY.name.fr if language == "fr" else CITY.name.en) in written.text
    assert (HOME in written.text) is ("code" not in subject), "a link beside a code is what false letters have"
    if "code" in subject:
        assert all("287082" in one for one in (written.subject, written.text, sms.text))


def test_a_text_message_keeps_to_the_alphabet_of_160_letters() -> None:
    words = tomllib.loads(resources.files("domain").joinpath("account_letters.toml").read_text(encoding="utf-8"))
    texts = [
        text.format(**dict.fromkeys(("city", *GIVEN), "")) for one in words.values() for text in one["sms"].values()
    ]
    assert {text: set(text) - SMS_LETTERS for text in texts if set(text) - SMS_LETTERS} == {}


def test_words_are_written_for_every_subject_and_for_nothing_else() -> None:
    for package, file in (("domain", "account_letters.toml"),):
        words = tomllib.loads(resources.files(package).joinpath(file).read_text(encoding="utf-8"))
        assert words.keys() == set(Subject)
