"""What can be wrong with passes, their media and the passages made with them."""

from domain.errors.family import Conflict, Invalid, NotFound


class PassNotFound(NotFound):
    """No pass with this number belongs to this authority."""

    code = "pass-not-found"


class MediumNotFound(NotFound):
    """No medium with this id belongs to this pass."""

    code = "medium-not-found"


class StatusListNotFound(NotFound):
    """No medium of this authority has its place in a list of this number."""

    code = "status-list-not-found"


class PassageNotFound(NotFound):
    """No passage of this terminal has this key, or none of this authority this number."""

    code = "passage-not-found"


class LineNotFound(NotFound):
    """No line of an upload of this authority waits in quarantine under this number."""

    code = "line-not-found"


class AlreadySettled(Conflict):
    """The line was taken in or dropped before."""

    code = "already-settled"


class TooOld(Conflict):
    """The passage is said to be older than any terminal may decide alone: its clock was not set."""

    code = "passage-too-old"


class WrongReplacementReason(Invalid):
    """A medium is to be replaced for something else than what it was stopped for."""

    code = "wrong-replacement-reason"


class LifecycleConflict(Conflict):
    """The pass or medium is in a state from which this step does not lead (a stolen card never becomes active)."""

    code = "lifecycle-conflict"


class KeyReused(Conflict):
    """The idempotency key was used before with another body; nothing was done."""

    code = "idempotency-key-reused"


class NotCancellable(Conflict):
    """The passage counted nothing that could be given back: a refusal, an exit, a second reading, a cancellation."""

    code = "not-cancellable"


class SectorsJoined(Conflict):
    """A gateway names one card alike in two sectors: whoever sees both could join them."""

    code = "sectors-joined"


class NoDepositsHere(Conflict):
    """The gate belongs to a service to which nothing is handed over."""

    code = "no-deposits-here"
