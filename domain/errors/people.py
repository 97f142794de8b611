"""What can be wrong with people, households, organisations and what holds of them."""

from typing import TYPE_CHECKING

from domain.errors.family import Conflict, Invalid, NotFound

if TYPE_CHECKING:
    from domain.erasure import Obstacle


class BadFiscalNumber(Invalid):
    """A fiscal number has another form, or its last digits do not check."""

    code = "bad-fiscal-number"


class AgentNotFound(NotFound):
    """No agent with this login works for this authority."""

    code = "agent-not-found"


class HolderNotFound(NotFound):
    """No holder with this reference belongs to this authority."""

    code = "holder-not-found"


class HouseholdNotFound(NotFound):
    """No household with this reference belongs to this authority."""

    code = "household-not-found"


class OrganisationNotFound(NotFound):
    """No organisation with this reference belongs to this authority."""

    code = "organisation-not-found"


class MembershipNotFound(NotFound):
    """The holder is no member of this household or organisation at that time."""

    code = "membership-not-found"


class GuardianshipNotFound(NotFound):
    """The one does not act for the other at that time."""

    code = "guardianship-not-found"


class CircumstanceNotFound(NotFound):
    """This band or status does not hold of the subject at that time."""

    code = "circumstance-not-found"


class OverlappingMembership(Conflict):
    """The holder is a member of this household or organisation on some of these days already."""

    code = "overlapping-membership"


class OverlappingGuardianship(Conflict):
    """The one acts for the other on some of these days already."""

    code = "overlapping-guardianship"


class WardOfAge(Conflict):
    """The ward has come of age, so no parent acts for them any more."""

    code = "ward-of-age"


class GuardianUnderAge(Conflict):
    """A guardian must be of age on the day on which they begin."""

    code = "guardian-under-age"


class NotAgreed(Invalid):
    """Nobody has agreed to the photo."""

    code = "not-agreed"


class PhotoChanged(Conflict):
    """The photo that was looked at is not the one that waits: another one came, or somebody was faster."""

    code = "photo-changed"


class SubjectAmbiguous(Conflict):
    """The holder belongs to several households or organisations, and the right must say which gets it."""

    code = "subject-ambiguous"


class NobodyStays(Conflict):
    """A household cannot split by losing every member: it moves as a whole."""

    code = "nobody-stays"


class QuotaShared(Conflict):
    """A household that came from a split would have a quota twice: its members still share the old one's."""

    code = "quota-shared"


class ErasureRefused(Conflict):
    """Somebody cannot be erased yet: `obstacles` has all that stands in the way."""

    code = "erasure-refused"

    def __init__(self, detail: str, obstacles: "tuple[Obstacle, ...]") -> None:
        super().__init__(detail)
        self.obstacles = obstacles


class BadCircumstance(Invalid):
    """A circumstance has a value that its kind cannot have (an amount where a band's code is asked)."""

    code = "bad-circumstance"


class BadRegistration(Invalid):
    """An organisation's SIRET or RNA is missing, or does not check."""

    code = "bad-registration"


class EmptySplit(Invalid):
    """A household cannot split without anybody who leaves."""

    code = "empty-split"


class MoveTooEarly(Invalid):
    """A move lies before the first day from which the register knows where the subject lives."""

    code = "move-too-early"


class OwnGuardian(Invalid):
    """Nobody is their own guardian."""

    code = "own-guardian"
