"""What can be wrong with cards that a maker produces: their batches, the files that travel, and their binding."""

from msgspec import Struct

from domain.errors.family import Conflict, Invalid, NotFound


class BatchNotFound(NotFound):
    """No batch of cards of this authority has this code."""

    code = "batch-not-found"


class MadeCardNotFound(NotFound):
    """No card of this authority's batches has this number or this chip."""

    code = "made-card-not-found"


class BatchClosed(Conflict):
    """The batch was sent, settled or refused before, or not yet sent: each happens once, and in this order."""

    code = "batch-closed"


class CardUnderway(Conflict):
    """A card for this pass is on order, or waits to be handed over."""

    code = "card-underway"


class CardOfAnotherPass(Conflict):
    """The card was made for another pass, or the pass was not named for a blank one."""

    code = "card-of-another-pass"


class CardNotReturnable(Conflict):
    """The card was bound too long ago, was shown to a gate, took the place of another, or has been stopped since."""

    code = "card-not-returnable"


class BadBatch(Invalid):
    """A batch has 1 to 100,000 cards, and a code of small letters, digits and hyphens."""

    code = "bad-batch"


class Flaw(Struct, frozen=True):
    """One thing that is wrong with a file. `line` counts from 1; 0 is the file as a whole."""

    line: int
    what: str


class BatchFileRefused(Invalid):
    """A file from a card maker is not what it must be; nothing of it was taken. `flaws` has each reason."""

    code = "batch-file-refused"

    def __init__(self, *flaws: Flaw) -> None:
        first = flaws[0]
        where = f"line {first.line}: " if first.line else ""
        more = f" And {len(flaws) - 1} more." if len(flaws) > 1 else ""
        super().__init__(f"{where}{first.what}{more}")
        self.flaws = flaws
