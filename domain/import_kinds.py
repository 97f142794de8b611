"""What kinds of files are brought in, and what their columns may hold."""

from enum import StrEnum


class ImportKind(StrEnum):
    """What a line of the file is about."""

    CARDS = "cards"
    """A person, with the card they have."""
    HOUSEHOLDS = "households"
    """A person in a household: lines of one household name it alike."""
    ORGANISATIONS = "organisations"
    """An organisation, alone or with one of the people who hold its cards: lines of one organisation name it alike."""


class Field(StrEnum):
    """What a column of a file may hold."""

    REFERENCE = "reference"
    """Number of the old card or file; it becomes the holder's reference."""
    LAST_NAME = "last_name"
    FIRST_NAME = "first_name"
    BORN_ON = "born_on"
    COMMUNE = "commune"
    """INSEE code, or name of a commune of the territory: where the person lives, and their household."""
    CARD = "card"
    """UID of a card that goes on being used: 8, 14 or 20 hexadecimal digits."""
    PRODUCT = "product"
    """Code of a product of the catalogue, granted to this line alone."""
    LAST_DAY = "last_day"
    """Last day of the pass and its rights."""
    HOUSEHOLD = "household"
    """Number of the household; it becomes its reference."""
    ORGANISATION = "organisation"
    """Number of the organisation; it becomes its reference. Without it, the registration does."""
    NAME = "name"
    """What people call the organisation."""
    KIND = "kind"
    """Professional, association or municipal."""
    REGISTRATION = "registration"
    """SIRET, or for an association its RNA."""
    SEAT = "seat"
    """Commune of the organisation."""
    JOINS_ON = "joins_on"
    """First day as a member."""
    LEAVES_ON = "leaves_on"
    """Last day as a member."""
    GUARDIANS = "guardians"
    """Numbers of those who act for this person, parted by commas."""


PERSON = (Field.LAST_NAME, Field.FIRST_NAME, Field.BORN_ON)
"""Without these a file says of nobody who they are."""

_WHO = (Field.REFERENCE, *PERSON, Field.COMMUNE)
_WHAT = (Field.CARD, Field.PRODUCT, Field.LAST_DAY)
_WHEN = (Field.JOINS_ON, Field.LEAVES_ON)
_FIRM = (Field.ORGANISATION, Field.NAME, Field.KIND, Field.REGISTRATION, Field.SEAT)

FIELDS_OF: dict[ImportKind, tuple[Field, ...]] = {
    ImportKind.CARDS: (*_WHO, *_WHAT),
    ImportKind.HOUSEHOLDS: (Field.HOUSEHOLD, *_WHO, Field.GUARDIANS, *_WHEN, *_WHAT),
    ImportKind.ORGANISATIONS: (*_FIRM, *_WHO, *_WHEN, *_WHAT),
}
"""What the columns of each kind of file may hold, in the order in which people are asked."""

NEEDED: dict[ImportKind, tuple[Field, ...]] = {
    ImportKind.CARDS: PERSON,
    ImportKind.HOUSEHOLDS: (Field.HOUSEHOLD, *PERSON),
    ImportKind.ORGANISATIONS: (Field.NAME,),
}
"""What each kind of file must have. A file of organisations may do without people, or else has all of `PERSON`."""
