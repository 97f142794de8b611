"""What an agent reads of an import: names of fields, and why a line was not taken in."""

from domain.imports import Field, ImportState, LineFlaw, LineReason
from domain.text import Text

FIELDS: dict[Field, Text] = {
    Field.REFERENCE: Text(fr="Numéro de dossier ou de carte", en="Number of the file or card"),
    Field.LAST_NAME: Text(fr="Nom", en="Last name"),
    Field.FIRST_NAME: Text(fr="Prénom", en="First name"),
    Field.BORN_ON: Text(fr="Date de naissance", en="Date of birth"),
    Field.COMMUNE: Text(fr="Commune", en="Commune"),
    Field.CARD: Text(fr="Puce de la carte (UID)", en="Chip of the card (UID)"),
    Field.PRODUCT: Text(fr="Produit", en="Product"),
    Field.LAST_DAY: Text(fr="Dernier jour", en="Last day"),
}

REASONS: dict[LineReason, Text] = {
    LineReason.NAME_MISSING: Text(fr="Le nom ou le prénom manque.", en="The last or first name is missing."),
    LineReason.BIRTH_MISSING: Text(fr="La date de naissance manque.", en="The date of birth is missing."),
    LineReason.IMPOSSIBLE_DATE: Text(
        fr="Cette date n’existe pas, ou ne peut pas être la bonne.", en="This date does not exist, or cannot be right."
    ),
    LineReason.COMMUNE_MISSING: Text(fr="La commune manque.", en="The commune is missing."),
    LineReason.UNKNOWN_COMMUNE: Text(
        fr="Cette commune n’est pas sur le territoire.", en="This commune is not on the territory."
    ),
    LineReason.IMPOSSIBLE_CARD: Text(
        fr="Ce n’est pas le numéro d’une puce : 8, 14 ou 20 chiffres ou lettres de A à F.",
        en="This is no number of a chip: 8, 14 or 20 digits or letters from A to F.",
    ),
    LineReason.UNKNOWN_PRODUCT: Text(
        fr="Le catalogue n’a pas ce produit, ou il ne s’accorde pas par fichier.",
        en="The catalogue has no such product, or it is not granted by file.",
    ),
    LineReason.PASS_OVER: Text(fr="Ce pass est déjà terminé.", en="This pass is over already."),
    LineReason.TOO_LONG: Text(fr="Le texte est trop long.", en="The text is too long."),
    LineReason.TWICE_IN_FILE: Text(
        fr="Le fichier le dit déjà plus haut : la première ligne compte.",
        en="The file says so above already: the first line counts.",
    ),
    LineReason.IN_REGISTER: Text(
        fr="Cette personne est déjà inscrite (mêmes noms, même naissance).",
        en="This person is registered already (same names, same birth).",
    ),
    LineReason.REFERENCE_KNOWN: Text(
        fr="Ce numéro est déjà celui d’un dossier.", en="This number is that of a file already."
    ),
    LineReason.CARD_KNOWN: Text(fr="Cette carte est déjà connue.", en="This card is known already."),
}

STATES: dict[ImportState, Text] = {
    ImportState.DRAFT: Text(fr="À vérifier", en="To be checked"),
    ImportState.CHECKING: Text(fr="Vérification en cours", en="Being checked"),
    ImportState.CHECKED: Text(fr="Vérifié", en="Checked"),
    ImportState.RUNNING: Text(fr="En cours", en="Running"),
    ImportState.FINISHED: Text(fr="Terminé", en="Finished"),
    ImportState.DROPPED: Text(fr="Abandonné", en="Given up"),
}


def sentence(flaw: LineFlaw) -> Text:
    """Say what is wrong with a line, and which line before it says the same."""
    words = REASONS[flaw.reason]
    if flaw.other_line is None:
        return words
    return Text(fr=f"{words.fr} (ligne {flaw.other_line})", en=f"{words.en} (line {flaw.other_line})")
