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


class CardOrderNotFound(NotFound):
    """No card is ordered for this pass."""

    code = "card-order-not-found"


class CardOrdered(Conflict):
    """A card is ordered for this pass already, or is being made."""

    code = "card-ordered"


class CardNotOrderable(Conflict):
    """The authority takes no such order from residents, or the pass and its card are not in a state for it."""

    code = "card-not-orderable"


class CardOrderTaken(Conflict):
    """The card that was ordered is being made: the order cannot be cancelled any more."""

    code = "card-order-taken"


class CardOrderedTooOften(Conflict):
    """As many cards were ordered for this pass as may be within a year."""

    code = "card-ordered-too-often"


class BadDelivery(Invalid):
    """No card is fetched at this desk, or none is sent by post, or the address is missing or too long."""

    code = "bad-card-delivery"


class WrongCardNumber(Invalid):
    """The number is not that of the card which was sent."""

    code = "wrong-card-number"


class BadCardTerms(Invalid):
    """Desks where cards are fetched have codes and names of their own, and people wait 1 to 90 working days."""

    code = "bad-card-terms"


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
