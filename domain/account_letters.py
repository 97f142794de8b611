"""What residents are written about their accounts, by e-mail or by text message, in French or in English."""

from enum import StrEnum
from functools import cache
from importlib import resources

import msgspec
from msgspec import Struct

from domain.mail import Letter
from domain.places import Authority
from domain.sms import TextMessage
from domain.text import Text


class Subject(StrEnum):
    """What is written about, as `account_letters.toml` names it."""

    LOGIN_CODE = "login-code"
    CONTACT_CODE = "contact-code"
    CONTACT_ADDED = "contact-added"
    COPIED = "copied"
    TAKEN = "taken"
    PHONE = "phone"
    IDENTITY = "identity"
    PASSKEY = "passkey"
    PASSKEY_COPIED = "passkey-copied"
    SLEEPING = "sleeping"
    REQUEST_RECEIVED = "request-received"
    REQUEST_ASKED = "request-asked"
    REQUEST_APPROVED = "request-approved"
    REQUEST_REJECTED = "request-rejected"
    REQUEST_ABANDONED = "request-abandoned"
    CARD_ORDERED = "card-ordered"
    CARD_READY = "card-ready"
    CARD_SENT = "card-sent"
    PHOTO_REFUSED = "photo-refused"
    CARD_ELSEWHERE = "card-elsewhere"


_CODES = frozenset({Subject.LOGIN_CODE, Subject.CONTACT_CODE})
"""Who reads one of these has our page open: a link beside a code is what false letters have."""


class _Words(Struct, frozen=True, forbid_unknown_fields=True):
    subject: Text
    text: Text
    sms: Text


@cache
def _words() -> dict[Subject, _Words]:
    text = resources.files("domain").joinpath("account_letters.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=dict[Subject, _Words])


def letter(
    subject: Subject, authority: Authority, recipient: str, language: str, given: dict[str, str], *, home: str
) -> Letter:
    """Write an e-mail; `given` are the words that differ: `code`, `added`, `device`, `number`, `day`,
    `reference`, `receipt`, `place`, `price`, `name`, `why` or `page`. `home` is the address of the account's pages, or
    empty.
    """
    words, said = _words()[subject], _given(authority, language, given)
    signed = said["city"] if subject in _CODES or not home else f"{said['city']}\n{home}"
    return Letter(
        recipient=recipient,
        subject=_in(words.subject, language).format(**said),
        text=_in(words.text, language).format(**said).strip() + f"\n\n{signed}\n",
    )


def text_message(
    subject: Subject, authority: Authority, number: str, language: str, given: dict[str, str]
) -> TextMessage:
    """Write a text message of the same."""
    return TextMessage(number, _in(_words()[subject].sms, language).format(**_given(authority, language, given)))


def _given(authority: Authority, language: str, given: dict[str, str]) -> dict[str, str]:
    return {"city": _in(authority.name, language), **given}


def _in(text: Text, language: str) -> str:
    return text.fr if language == "fr" else text.en
