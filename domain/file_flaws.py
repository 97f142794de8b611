"""Why a file that somebody sends is not taken, and what they can do about it."""

from enum import StrEnum

from domain.errors.requests import DocumentRefused
from domain.text import Text


class Flaw(StrEnum):
    """What is wrong with a file."""

    NOT_TAKEN = "not_taken"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_PAGES = "too_many_pages"
    BROKEN = "broken"
    LOCKED = "locked"
    ACTIVE = "active"
    INFECTED = "infected"
    TOO_COSTLY = "too_costly"
    TOO_SMALL = "too_small"


FLAWS: dict[Flaw, Text] = {
    Flaw.NOT_TAKEN: Text(
        fr="Ce fichier n’est ni une photo (JPEG, PNG, WebP) ni un PDF.",
        en="This file is neither a picture (JPEG, PNG, WebP) nor a PDF.",
    ),
    Flaw.TOO_LARGE: Text(fr="Ce fichier dépasse 10 Mo.", en="This file is larger than 10 MB."),
    Flaw.TOO_MANY_PIXELS: Text(fr="Cette image dépasse 50 mégapixels.", en="This picture has more than 50 megapixels."),
    Flaw.TOO_MANY_PAGES: Text(fr="Ce PDF dépasse 30 pages.", en="This PDF has more than 30 pages, or none."),
    Flaw.BROKEN: Text(fr="Ce fichier est abîmé ou incomplet.", en="This file is broken or incomplete."),
    Flaw.LOCKED: Text(
        fr="Ce PDF est protégé par un mot de passe. Envoyez-en un sans mot de passe.",
        en="This PDF is locked. Send one without a password.",
    ),
    Flaw.ACTIVE: Text(
        fr="Ce PDF contient un programme, un formulaire ou un autre fichier. Envoyez plutôt une photo du document.",
        en="This PDF holds a program, a form or another file. Send a photo of the document instead.",
    ),
    Flaw.INFECTED: Text(fr="L’antivirus refuse ce fichier.", en="The antivirus refuses this file."),
    Flaw.TOO_COSTLY: Text(
        fr="Ce fichier est trop lourd à lire. Envoyez plutôt une photo du document.",
        en="This file takes too much to be read. Send a photo of the document instead.",
    ),
    Flaw.TOO_SMALL: Text(
        fr="Cette image est trop petite. Prenez-la de plus près, ou cadrez moins serré.",
        en="This picture is too small. Take it from nearer, or keep more of it.",
    ),
}


def refusal(flaw: Flaw) -> DocumentRefused:
    """Refuse a file for a reason."""
    return DocumentRefused(FLAWS[flaw].en, flaw)
