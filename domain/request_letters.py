"""The letters that a request brings: the receipt that the law asks for, and the decision with its reason.

A receipt names the day of reception, the desk and how to reach it, the day on which silence decides and what, and what
is missing until when (CRPA, art. L. 112-3, R. 112-5 and L. 114-5). A refusal gives its reason, and both say how to
contest (CRPA, art. L. 211-2; CJA, art. R. 421-5).
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from importlib import resources

import msgspec
from msgspec import Struct

from domain.dates import written
from domain.places import Authority
from domain.request_terms import Proof, Silence, Terms, silent_day
from domain.requests import Channel, PassRequest, RequestStatus
from domain.services import BY_CODE
from domain.text import Text


class Letter(Struct, frozen=True):
    """A letter: who sends it, to whom, what it says, and the facts in it as pairs of words."""

    sender: str
    sender_lines: tuple[str, ...]
    colour: str
    addressee: tuple[str, ...]
    dated: str
    title: str
    facts: tuple[tuple[str, str], ...]
    paragraphs: tuple[str, ...]
    language: str


@cache
def _words() -> dict[str, Text]:
    text = resources.files("domain").joinpath("request_letters.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=dict[str, Text])


def _say(code: str, language: str, **given: str) -> str:
    words = _words()[code]
    return (words.fr if language == "fr" else words.en).format(**given)


def receipt(
    authority: Authority, terms: Terms, request: PassRequest, missing: Sequence[Proof], *, today: date
) -> Letter:
    """Write the acknowledgement of a request that was sent."""
    facts, paragraphs = _receipt(terms, request, missing, today)
    return _letter(authority, terms, request, title="receipt-title", facts=facts, paragraphs=paragraphs, today=today)


def receipt_text(terms: Terms, request: PassRequest, missing: Sequence[Proof], *, today: date) -> str:
    """Write the same for an e-mail. It names nobody: a letter-box may be the family's."""
    language, office = request.application.language, terms.office
    facts, paragraphs = _receipt(terms, request, missing, today)
    colon = " : " if language == "fr" else ": "
    lines = [f"{name}{colon}{fact}" for name, fact in facts if name != _say("persons", language)]
    whose = (office.name.fr if language == "fr" else office.name.en, office.address, office.phone, office.email)
    return "\n\n".join(("\n".join(lines), *paragraphs, "\n".join(line for line in whose if line)))


def _receipt(
    terms: Terms, request: PassRequest, missing: Sequence[Proof], today: date
) -> tuple[list[tuple[str, str]], list[str]]:
    """Return what a receipt must say: facts, and the texts of the law."""
    language = request.application.language
    received_on = request.received_on or today
    facts = _facts(request, received_on, language)
    if request.due_on is not None:
        facts.append((_say("due", language), written(request.due_on, language)))
    paragraphs = [_say("received", language)]
    if missing:
        names = [proof.name.fr if language == "fr" else proof.name.en for proof in missing]
        until = written(today + timedelta(days=terms.answer_days), language)
        paragraphs.append(_say("missing", language, proofs=", ".join(names), until=until))
    silence = "silence-rejects" if terms.silence is Silence.REJECTS else "silence-accepts"
    paragraphs.append(_say(silence, language, day=written(silent_day(received_on), language)))
    paragraphs += [_appeal(terms, language), _say("privacy", language)]
    return facts, paragraphs


def decision(authority: Authority, terms: Terms, request: PassRequest, words: str, *, decided_on: date) -> Letter:
    """Write what was decided, in the words of whoever decided."""
    language = request.application.language
    accepted = request.status is RequestStatus.APPROVED
    paragraphs = [
        _say("accepted" if accepted else "refused", language),
        *(part.strip() for part in words.split("\n") if part.strip()),
    ]
    if not accepted:
        paragraphs.append(_appeal(terms, language))
    paragraphs.append(_say("documents-deleted", language))
    facts = _facts(request, request.received_on or decided_on, language)
    title = "accepted-title" if accepted else "refused-title"
    return _letter(authority, terms, request, title=title, facts=facts, paragraphs=paragraphs, today=decided_on)


def _facts(request: PassRequest, received_on: date, language: str) -> list[tuple[str, str]]:
    said = request.application
    services = [BY_CODE[code].name for code in said.services]
    channel = {Channel.DESK: "desk", Channel.PAPER: "paper", Channel.PORTAL: "portal"}[request.channel]
    return [
        (_say("reference", language), request.reference),
        (_say("received-on", language), f"{written(received_on, language)} ({_say(channel, language)})"),
        (_say("persons", language), ", ".join(f"{one.first_name} {one.last_name}" for one in said.persons)),
        (_say("services", language), ", ".join(name.fr if language == "fr" else name.en for name in services)),
    ]


def _appeal(terms: Terms, language: str) -> str:
    return terms.appeal.fr if language == "fr" else terms.appeal.en


def _letter(
    authority: Authority,
    terms: Terms,
    request: PassRequest,
    *,
    title: str,
    facts: list[tuple[str, str]],
    paragraphs: list[str],
    today: date,
) -> Letter:
    said, office, language = request.application, terms.office, request.application.language
    in_french = language == "fr"
    lines = (office.name.fr if in_french else office.name.en, office.address, office.phone, office.email)
    return Letter(
        sender=authority.name.fr if in_french else authority.name.en,
        sender_lines=tuple(line for line in lines if line),
        colour=authority.colour,
        addressee=(said.asker.name, said.address.line, f"{said.address.postcode} {said.address.city}"),
        dated=_say("dated", language, day=written(today, language)),
        title=_say(title, language),
        facts=tuple(facts),
        paragraphs=tuple(paragraphs),
        language=language,
    )
