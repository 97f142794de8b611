"""The errors a verb may raise, drawn as the tree they are.

    DomainError
    ├── NotFound    what was named does not exist for this caller       (HTTP 404)
    ├── Conflict    it exists, and its state forbids the request         (HTTP 409, 422 for a reused key)
    ├── Forbidden   the caller may not do this                           (HTTP 403)
    └── Invalid     the request contradicts itself or a rule of form     (HTTP 400)

A refusal at a gate is never an error: it is a recorded verdict (`domain.access`). Every leaf has a stable
kebab-case `code`, documented in `docs/problems.md`; HTTP is spoken by `api/problems.py` alone.
"""

from typing import ClassVar


class DomainError(Exception):
    """Root of the family. `code` is stable; `detail` is for the person who reads the problem report."""

    code: ClassVar[str] = "error"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class NotFound(DomainError):
    """What was named does not exist, or not for this caller: both look the same from outside."""

    code = "not-found"


class Conflict(DomainError):
    """The request is well formed, the present state forbids it."""

    code = "conflict"


class Forbidden(DomainError):
    """The caller is known and may not do this."""

    code = "forbidden"


class Invalid(DomainError):
    """The request contradicts itself or a rule of form."""

    code = "invalid"


class PassNotFound(NotFound):
    """No pass with this number belongs to this authority."""

    code = "pass-not-found"


class MediumNotFound(NotFound):
    """No medium with this id belongs to this pass."""

    code = "medium-not-found"


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


class StatusListNotFound(NotFound):
    """No medium of this authority has its place in a list of this number."""

    code = "status-list-not-found"


class SiteNotFound(NotFound):
    """No site with a gate has this code at this authority."""

    code = "site-not-found"


class GateNotFound(NotFound):
    """No gate has this code, or it is not one that this terminal serves."""

    code = "gate-not-found"


class PassageNotFound(NotFound):
    """No passage of this terminal has this key, or none of this authority this number."""

    code = "passage-not-found"


class TerminalNotFound(NotFound):
    """No terminal with this id belongs to this authority."""

    code = "terminal-not-found"


class AuthorityNotFound(NotFound):
    """No authority has this code."""

    code = "authority-not-found"


class ProductNotFound(NotFound):
    """No product has this code at this authority."""

    code = "product-not-found"


class SaleNotFound(NotFound):
    """This till, or this authority, has no sale of that id."""

    code = "sale-not-found"


class LifecycleConflict(Conflict):
    """The pass or medium is in a state from which this step does not lead (a stolen card never becomes active)."""

    code = "lifecycle-conflict"


class KeyReused(Conflict):
    """The idempotency key was used before with another body; nothing was done."""

    code = "idempotency-key-reused"


class AlreadyExists(Conflict):
    """Something with this code or number exists already."""

    code = "already-exists"


class OverlappingMembership(Conflict):
    """The holder is a member of this household or organisation on some of these days already."""

    code = "overlapping-membership"


class OverlappingGuardianship(Conflict):
    """The one acts for the other on some of these days already."""

    code = "overlapping-guardianship"


class WardOfAge(Conflict):
    """The ward has come of age, so no parent acts for them any more."""

    code = "ward-of-age"


class NobodyStays(Conflict):
    """A household cannot split by losing every member: it moves as a whole."""

    code = "nobody-stays"


class QuotaShared(Conflict):
    """A household that came from a split would have a quota twice: its members still share the old one's."""

    code = "quota-shared"


class ProductChanged(Conflict):
    """A product of this code exists and says something else: rights were granted on what it said."""

    code = "product-changed"


class PassRefused(Conflict):
    """The pass itself is not valid at this gate, so nothing is sold on it; the offers say why, in words."""

    code = "pass-refused"


class ProductNotOffered(Conflict):
    """The product is not on sale at this gate, or not to this buyer today."""

    code = "product-not-offered"


class PriceChanged(Conflict):
    """The price is no longer the one that was offered."""

    code = "price-changed"


class BuyerMissing(Conflict):
    """The right belongs to a household or an organisation, and the holder of the pass has none."""

    code = "buyer-missing"


class BuyerAmbiguous(Conflict):
    """The holder of the pass has several households or organisations: the till must say for which one."""

    code = "buyer-ambiguous"


class SaleAlreadyUsed(Conflict):
    """Something of the sale was used, so that none of it can be cancelled any more."""

    code = "sale-already-used"


class SaleAlreadyPaid(Conflict):
    """The sale was paid before, by another payment."""

    code = "sale-already-paid"


class SaleCancelled(Conflict):
    """The sale was cancelled: there is nothing left to pay."""

    code = "sale-cancelled"


class NotCancellable(Conflict):
    """The passage counted nothing that could be given back: a refusal, an exit, a second reading, a cancellation."""

    code = "not-cancellable"


class NoDepositsHere(Conflict):
    """The gate belongs to a service to which nothing is handed over."""

    code = "no-deposits-here"


class PairingRefused(Forbidden):
    """The pairing code is unknown, used or too old: one answer for the three, so that codes cannot be guessed."""

    code = "pairing-refused"


class NotAuthenticated(DomainError):
    """No valid proof of identity came with the request (HTTP 401)."""

    code = "not-authenticated"


class ContradictoryPeriod(Invalid):
    """A period ends before it begins."""

    code = "contradictory-period"


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


class NameMissing(Invalid):
    """What people will read has no name, in French or in English."""

    code = "name-missing"


class UnknownService(Invalid):
    """No service of the program has this code."""

    code = "unknown-service"


class LimitOfNothing(Invalid):
    """A limit allows nothing, or less."""

    code = "limit-of-nothing"


class WindowNeverOpens(Invalid):
    """No day of any year falls in the window of a limit, or what says when it begins is missing."""

    code = "window-never-opens"


class UnusedParameter(Invalid):
    """A limit says something that its window does not ask: it was meant to be another window."""

    code = "unused-parameter"


class RepeatedLimit(Invalid):
    """Two limits of a product count the same in the same window, or stand under one position."""

    code = "repeated-limit"


class UselessLimit(Invalid):
    """A limit can never be reached, because another one is reached before."""

    code = "useless-limit"


class WarningOutOfReach(Invalid):
    """The warning of a product would come always, or never."""

    code = "warning-out-of-reach"


class PriceOutOfReach(Invalid):
    """A price is negative, or is asked beyond a free part that is no part of its limit."""

    code = "price-out-of-reach"


class OverlappingPrices(Invalid):
    """Two prices of a product hold for the same people on one day."""

    code = "overlapping-prices"


class ConditionNeverHolds(Invalid):
    """Nobody can ever meet a condition of a product."""

    code = "condition-never-holds"


class GraceOutOfReach(Invalid):
    """A grace of no day, of more days than a gate looks back, or of no entry."""

    code = "grace-out-of-reach"


class TooLateToAsk(Conflict):
    """This right must be asked for some working days before it begins."""

    code = "too-late-to-ask"


class YearlyAllowanceSpent(Conflict):
    """The subject has been granted as many of these this calendar year as one may have."""

    code = "yearly-allowance-spent"


class SiteNeverOpens(Invalid):
    """A site has no opening hours at all."""

    code = "site-never-opens"


class ImpossibleHours(Invalid):
    """Opening hours close before they open, or lie outside the day."""

    code = "impossible-hours"


class UnknownWeekday(Invalid):
    """A weekday is none of 0 (Monday) to 6 (Sunday)."""

    code = "unknown-weekday"


class OverlappingHours(Invalid):
    """A site would open twice at once: two of its hours overlap on one weekday of one season."""

    code = "overlapping-hours"


class ReversedClosure(Invalid):
    """A closure's last day lies before its first."""

    code = "reversed-closure"


class LastEntryTooEarly(Invalid):
    """The minutes before closing in which nobody is let in are negative, or leave nothing of some opening."""

    code = "last-entry-too-early"


class SessionOutsideHours(Invalid):
    """A session takes place while its site is shut."""

    code = "session-outside-hours"


class SessionNeverHeld(Invalid):
    """No day of a session's season falls on its weekday."""

    code = "session-never-held"


class SessionNamedTwice(Invalid):
    """One session has two names: its code stands for one thing."""

    code = "session-named-twice"


class OverlappingSessions(Invalid):
    """Two sessions overlap, and one is reserved or they are the same: who may come in cannot be known."""

    code = "overlapping-sessions"


class UnknownHolidayRegion(Invalid):
    """No region of France has bank holidays of its own under this code."""

    code = "unknown-holiday-region"


class UnknownKind(Invalid):
    """No kind of waste of the program has this code."""

    code = "unknown-kind"


class RepeatedKind(Invalid):
    """A site accepts one kind of waste twice."""

    code = "repeated-kind"


class VehicleLimitOfNothing(Invalid):
    """Limits for vehicles let none in, or limit nothing."""

    code = "vehicle-limit-of-nothing"


class CapacityOfNothing(Invalid):
    """A zone has room for nobody, or for less."""

    code = "capacity-of-nothing"


class NegativeSupplement(Invalid):
    """Entering a zone would cost less than nothing."""

    code = "negative-supplement"


class ImpossiblePassback(Invalid):
    """An anti-passback by time has no minutes, or one that does not look at the time has some."""

    code = "impossible-passback"


class TooManyAttempts(DomainError):
    """The limit of attempts was reached; try again after `retry_after_seconds` (HTTP 429)."""

    code = "too-many-attempts"

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"Try again in {retry_after_seconds} seconds.")
        self.retry_after_seconds = retry_after_seconds


class Overloaded(DomainError):
    """The gate's ledger has too much waiting; nothing was recorded (HTTP 503 with Retry-After)."""

    code = "overloaded"
    retry_after_seconds = 1


class LedgerUnavailable(DomainError):
    """The database did not confirm the passage in time. Nothing may be granted; retry with the same key (HTTP 503)."""

    code = "ledger-unavailable"
    retry_after_seconds = 2
