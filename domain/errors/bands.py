"""What can be wrong with the bands of the tour, where people write them."""

from domain.errors.family import Invalid, NotFound


class EditionNotFound(NotFound):
    """These bands have no edition of this number."""

    code = "edition-not-found"


class BadBands(Invalid):
    """Bands do not hold together: edges that do not rise, a sentence that is missing; `detail` names every fault."""

    code = "bad-bands"
