"""Which column holds what, guessed from its heading: the words that old card files use, in French and in English."""

import unicodedata

from domain.import_kinds import FIELDS_OF, Field, ImportKind

_TOWN = ("insee", "code insee", "code commune", "commune", "ville", "town", "city")
_HOME = (
    *("commune d habitation", "commune of residence", "commune de residence", "commune domicile"),
    *("commune de domicile", "domicile", "home"),
)
_WORDS: dict[Field, tuple[str, ...]] = {
    Field.REFERENCE: (
        *("numero de dossier ou de carte", "number of the file or card"),
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
    Field.COMMUNE: (*_TOWN, *_HOME),
    Field.CARD: (
        "uid",
        "uid carte",
        "uid puce",
        "puce",
        "numero puce",
        "puce de la carte uid",
        "chip of the card uid",
        "card uid",
        "mifare",
        "csn",
        "rfid",
    ),
    Field.PRODUCT: ("produit", "code produit", "tarif", "abonnement", "product", "product code"),
    Field.LAST_DAY: (
        *("fin", "date fin", "date de fin", "fin validite", "fin de validite", "expire le", "expiration"),
        *("valable jusqu au", "valide jusqu au", "dernier jour", "last day", "expires", "expiry"),
    ),
    Field.HOUSEHOLD: (
        *("foyer", "numero foyer", "numero du foyer", "num foyer", "n foyer", "no foyer", "code foyer", "menage"),
        *("famille", "numero famille", "num famille", "n famille", "no famille", "code famille", "dossier famille"),
        *("household", "number of the household", "household number", "family", "family number"),
    ),
    Field.ORGANISATION: (
        *("compte", "numero compte", "num compte", "n compte", "no compte", "code compte", "code entreprise"),
        *("numero organisme", "numero de l organisme", "code organisme", "numero entreprise", "n entreprise"),
        *("account", "account number", "number of the organisation", "organisation", "organisation number"),
    ),
    Field.NAME: (
        *("raison sociale", "denomination", "nom entreprise", "nom organisme", "nom de l organisme", "entreprise"),
        *("societe", "organisme", "structure", "nom association", "name of the organisation", "company", "firm"),
    ),
    Field.KIND: ("type", "type organisme", "type d organisme", "nature", "categorie", "kind", "kind of organisation"),
    Field.REGISTRATION: (
        *("siret", "numero siret", "n siret", "no siret", "siret ou rna", "siret rna", "rna", "numero rna", "n rna"),
        *("siret or rna", "registration"),
    ),
    Field.JOINS_ON: (
        *("membre depuis", "membre depuis le", "depuis", "depuis le", "entree", "date entree", "date d entree"),
        *("arrivee", "date arrivee", "date d arrivee", "member from", "since", "joined", "joined on"),
    ),
    Field.LEAVES_ON: (
        *("membre jusqu au", "sortie", "date sortie", "date de sortie", "depart", "date depart", "date de depart"),
        *("member until", "left", "left on", "leaves on"),
    ),
    Field.GUARDIANS: (
        *("responsable", "responsables", "responsable legal", "responsables legaux", "numeros des responsables"),
        *("tuteur", "parents", "guardian", "guardians", "numbers of the guardians"),
    ),
}
"""The most telling words of a field come first where two columns might be meant: an INSEE code before a town's name."""


_OF_FIRMS: dict[Field, tuple[str, ...]] = {
    Field.COMMUNE: (*_HOME, *_TOWN),
    Field.SEAT: ("commune siege", "commune du siege", "siege", "seat", "commune of the seat", *_TOWN),
}
"""In a file of organisations a town is where they have their seat, unless the file speaks of a seat elsewhere."""


def folded(text: str) -> str:
    """A text as it is compared: small letters without accents, and one space for all that is no letter or digit."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return " ".join("".join(each if each.isalnum() else " " for each in bare.casefold()).split())


def guess(headings: tuple[str, ...], kind: ImportKind = ImportKind.CARDS) -> dict[Field, str]:
    """Guess which column holds what. A field that no heading speaks of is left out."""
    words = {**_WORDS, **_OF_FIRMS} if kind is ImportKind.ORGANISATIONS else _WORDS
    known = {folded(heading): heading for heading in reversed(headings)}
    found = {
        field: next(known[word] for word in words[field] if word in known)
        for field in FIELDS_OF[kind]
        if any(word in known for word in words[field])
    }
    if Field.COMMUNE in found and found[Field.COMMUNE] == found.get(Field.SEAT):
        del found[Field.COMMUNE]
    return found
