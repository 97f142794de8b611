"""What an agent reads of an import: names of fields, and why a line was not taken in."""

from domain.import_kinds import Field, ImportKind
from domain.imports import ImportState, LineFlaw, LineReason
from domain.organisations import OrganisationKind
from domain.text import Text

KINDS: dict[ImportKind, Text] = {
    ImportKind.CARDS: Text(fr="Cartes et abonnés", en="Cards and members"),
    ImportKind.HOUSEHOLDS: Text(fr="Foyers", en="Households"),
    ImportKind.ORGANISATIONS: Text(fr="Organismes", en="Organisations"),
}

FIELDS: dict[Field, Text] = {
    Field.REFERENCE: Text(fr="Numéro de dossier ou de carte", en="Number of the file or card"),
    Field.LAST_NAME: Text(fr="Nom", en="Last name"),
    Field.FIRST_NAME: Text(fr="Prénom", en="First name"),
    Field.BORN_ON: Text(fr="Date de naissance", en="Date of birth"),
    Field.COMMUNE: Text(fr="Commune d’habitation", en="Commune of residence"),
    Field.CARD: Text(fr="Puce de la carte (UID)", en="Chip of the card (UID)"),
    Field.PRODUCT: Text(fr="Produit", en="Product"),
    Field.LAST_DAY: Text(fr="Dernier jour", en="Last day"),
    Field.HOUSEHOLD: Text(fr="Numéro du foyer", en="Number of the household"),
    Field.ORGANISATION: Text(fr="Numéro de l’organisme", en="Number of the organisation"),
    Field.NAME: Text(fr="Nom de l’organisme", en="Name of the organisation"),
    Field.KIND: Text(fr="Type d’organisme", en="Kind of organisation"),
    Field.REGISTRATION: Text(fr="SIRET ou RNA", en="SIRET or RNA"),
    Field.SEAT: Text(fr="Commune du siège", en="Commune of the seat"),
    Field.JOINS_ON: Text(fr="Membre depuis le", en="Member from"),
    Field.LEAVES_ON: Text(fr="Membre jusqu’au", en="Member until"),
    Field.GUARDIANS: Text(fr="Numéros des responsables", en="Numbers of the guardians"),
}

ORGANISATION_KINDS: dict[str, OrganisationKind] = {
    **dict.fromkeys(
        ("professionnel", "professionnelle", "pro", "entreprise", "societe", "artisan", "commercant", "professional"),
        OrganisationKind.PROFESSIONAL,
    ),
    **dict.fromkeys(("company", "firm"), OrganisationKind.PROFESSIONAL),
    **dict.fromkeys(("association", "asso"), OrganisationKind.ASSOCIATION),
    **dict.fromkeys(
        ("municipal", "service municipal", "mairie", "commune", "collectivite", "municipal service"),
        OrganisationKind.MUNICIPAL,
    ),
}
"""How files name what an organisation is, as `folded` writes it."""

REASONS: dict[LineReason, Text] = {
    LineReason.NAME_MISSING: Text(fr="Ce nom manque.", en="This name is missing."),
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
    LineReason.FORMULA: Text(
        fr="Un tableur y lirait une formule : le texte commence par =, + ou @.",
        en="A spreadsheet would read a formula: the text begins with =, + or @.",
    ),
    LineReason.UNREADABLE: Text(
        fr="Le texte contient des caractères invisibles.", en="There are characters in it that nobody can see."
    ),
    LineReason.HOUSEHOLD_MISSING: Text(fr="Le numéro du foyer manque.", en="The number of the household is missing."),
    LineReason.ORGANISATION_MISSING: Text(
        fr="Le numéro de l’organisme et son SIRET ou RNA manquent.",
        en="The number of the organisation and its SIRET or RNA are missing.",
    ),
    LineReason.REGISTRATION_MISSING: Text(
        fr="Il faut un SIRET ; pour une association, le RNA suffit.",
        en="A SIRET is needed; for an association its RNA will do.",
    ),
    LineReason.BAD_REGISTRATION: Text(
        fr="Ce n’est pas un SIRET ou un RNA : un chiffre est faux, ou le tableur l’a arrondi.",
        en="This is no SIRET or RNA: a digit is wrong, or the spreadsheet has rounded it.",
    ),
    LineReason.UNKNOWN_KIND: Text(
        fr="Écrivez professionnel, association ou municipal.", en="Write professional, association or municipal."
    ),
    LineReason.MEMBERSHIP_OVER: Text(
        fr="Cette personne n’en est déjà plus membre.", en="This person is no longer a member of it."
    ),
    LineReason.CONTRADICTS: Text(fr="Une autre ligne dit autre chose.", en="Another line says something else."),
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
    LineReason.GROUP_KNOWN: Text(
        fr="Ce foyer ou cet organisme est déjà inscrit.", en="This household or organisation is registered already."
    ),
    LineReason.REGISTRATION_KNOWN: Text(
        fr="Un organisme est déjà inscrit avec ce SIRET ou ce RNA, sous un autre numéro.",
        en="An organisation is registered with this SIRET or RNA already, under another number.",
    ),
    LineReason.MEMBER_ALREADY: Text(fr="Cette personne en est déjà membre.", en="This person is a member already."),
    LineReason.QUOTA_SHARED: Text(
        fr="Cette personne partage encore les droits de son ancien foyer : voyez-le au guichet.",
        en="This person still shares the rights of a former household: see to it at the desk.",
    ),
    LineReason.RIGHTS_AT_DESK: Text(
        fr="La personne, le foyer ou l’organisme est déjà inscrit : ce droit se donne au guichet.",
        en="The person, household or organisation is registered already: this right is given at the desk.",
    ),
    LineReason.GUARDIAN_UNKNOWN: Text(
        fr="Ce responsable n’est pas inscrit, ou sa propre ligne est refusée.",
        en="This guardian is not registered, or their own line is refused.",
    ),
    LineReason.BAD_GUARDIAN: Text(
        fr="Un responsable est majeur, et n’est pas la personne elle-même.",
        en="A guardian is of age, and is not the person themself.",
    ),
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
    """Say what is wrong with a line, and which other line is concerned."""
    words = REASONS[flaw.reason]
    if flaw.other_line is None:
        return words
    return Text(fr=f"{words.fr} (ligne {flaw.other_line})", en=f"{words.en} (line {flaw.other_line})")
