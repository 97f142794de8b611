"""What can be wrong with sums that a passage left to be paid later."""

from domain.errors.family import Conflict, NotFound


class BillNotFound(NotFound):
    """No passage of this authority has this number and left a sum to be paid later."""

    code = "bill-not-found"


class BillCancelled(Conflict):
    """The passage was taken back: it owes nothing."""

    code = "bill-cancelled"


class BillAlreadySettled(Conflict):
    """The sum was settled before, in another way or under another reference."""

    code = "bill-already-settled"
