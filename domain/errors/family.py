"""The four families of errors, and what any verb may meet: who asks, a period, a name, a busy or lost database."""

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


class AlreadyExists(Conflict):
    """Something with this code or number exists already."""

    code = "already-exists"


class VersionChanged(Conflict):
    """Somebody has changed it since it was read (HTTP 412)."""

    code = "version-changed"


class NotAuthenticated(DomainError):
    """No valid proof of identity came with the request (HTTP 401)."""

    code = "not-authenticated"


class ContradictoryPeriod(Invalid):
    """A period ends before it begins."""

    code = "contradictory-period"


class NameMissing(Invalid):
    """What people will read has no name, in French or in English."""

    code = "name-missing"


class TooManyAttempts(DomainError):
    """The limit of attempts was reached; try again after `retry_after_seconds` (HTTP 429)."""

    code = "too-many-attempts"

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"Try again in {retry_after_seconds} seconds.")
        self.retry_after_seconds = retry_after_seconds


class TooManyRequests(TooManyAttempts):
    """One address has asked for more than its share of what anybody may read (HTTP 429)."""

    code = "too-many-requests"


class TooManyListeners(TooManyAttempts):
    """One address holds as many streams of events open as it may (HTTP 429)."""

    code = "too-many-listeners"

    def __init__(self) -> None:
        super().__init__(60)


class Overloaded(DomainError):
    """The gate's ledger has too much waiting; nothing was recorded (HTTP 503 with Retry-After)."""

    code = "overloaded"
    retry_after_seconds = 1


class LedgerUnavailable(DomainError):
    """The database did not confirm the passage in time. Nothing may be granted; retry with the same key (HTTP 503)."""

    code = "ledger-unavailable"
    retry_after_seconds = 2


class PassageUnsettled(LedgerUnavailable):
    """This one passage cannot be settled, though the database answers: its neighbours were (HTTP 503)."""

    code = "passage-unsettled"
