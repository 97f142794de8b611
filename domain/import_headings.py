"""Which column holds what, guessed from its heading: the words that old card files use, in French and in English."""

import unicodedata

from domain.imports import Field

_WORDS: dict[Field, tuple[str, ...]] = {
    Field.REFERENCE: (
        *("reference", "ref", "numero", "num", "no", "n", "number", "id", "identifiant", "matricule"),
        *("numero carte", "n carte", "no carte", "num carte", "card number", "numero abonne", "numero usager"),
        *(
            "code usager",
            "code client",
            "numero client",
            "numero adherent",
            "code barre",
            "code barres",
            "barcode",
            "carte",
            "card",
        ),
    ),
    Field.LAST_NAME: ("nom", "nom usage", "nom d usage", "nom famille", "nom de famille", "last name", "surname"),
    Field.FIRST_NAME: ("prenom", "prenoms", "first name", "given name"),
    Field.BORN_ON: (
        *("date naissance", "date de naissance", "naissance", "ne le", "nee le", "ne e le", "ddn", "dob"),
        *("born", "born on", "birth date", "date of birth", "birthdate"),
    ),
    Field.COMMUNE: ("insee", "code insee", "code commune", "commune", "ville", "town", "city"),
    Field.CARD: ("uid", "uid carte", "uid puce", "puce", "numero puce", "card uid", "mifare", "csn", "rfid"),
    Field.PRODUCT: ("produit", "code produit", "tarif", "abonnement", "product", "product code"),
    Field.LAST_DAY: (
        *("fin", "date fin", "date de fin", "fin validite", "fin de validite", "expire le", "expiration"),
        *("valable jusqu au", "valide jusqu au", "last day", "expires", "expiry"),
    ),
}
"""The most telling words of a field come first where two columns might be meant: an INSEE code before a town's name."""


def folded(text: str) -> str:
    """A text as it is compared: small letters without accents, and one space for all that is no letter or digit."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return " ".join("".join(each if each.isalnum() else " " for each in bare.casefold()).split())


def guess(headings: tuple[str, ...]) -> dict[Field, str]:
    """Guess which column holds what. A field that no heading speaks of is left out."""
    known = {folded(heading): heading for heading in reversed(headings)}
    return {
        field: next(known[word] for word in words if word in known)
        for field, words in _WORDS.items()
        if any(word in known for word in words)
    }
