"""What can be wrong with residents' accounts, and with how residents come in."""

from domain.errors.family import Conflict, DomainError, Forbidden, Invalid, NotAuthenticated, NotFound


class BadContact(Invalid):
    """An e-mail address or a telephone number is none, or none that this installation writes to."""

    code = "bad-contact"


class LoginCodeWrong(Invalid):
    """The code is wrong, over, was used before, or was tried too often; which, is not said."""

    code = "login-code-wrong"


class RefreshRefused(NotAuthenticated):
    """The refresh token is none, is over, or was used before; in the last case its session has ended."""

    code = "refresh-refused"


class LinkCodeWrong(NotFound):
    """No code of this authority reads so, or it is over, or was used before."""

    code = "link-code-wrong"


class AccountHasPerson(Conflict):
    """The account is somebody's own already; a second person needs an account of their own, or a mandate."""

    code = "account-has-person"


class ActsThroughOthers(Forbidden):
    """Who is under sixteen or has a tutor does not manage a pass alone: whoever acts for them does."""

    code = "acts-through-others"


class NoSuchPerson(NotFound):
    """The account acts for nobody of this reference."""

    code = "person-not-found"


class LastContact(Conflict):
    """Nobody could log in to the account any more."""

    code = "last-contact"


class TicketRefused(Invalid):
    """The ticket of a login at the provider is over, was used before, or is shown by somebody else."""

    code = "ticket-refused"


class BadRedirect(Invalid):
    """Nobody is sent back to this address."""

    code = "bad-redirect"


class IdentityTaken(Conflict):
    """Whoever logged in at the provider has another account already, or this one has an identity there."""

    code = "identity-taken"


class PasskeyUnusable(Invalid):
    """What a browser made is no passkey for this account, or was not asked for here and now."""

    code = "passkey-unusable"


class ContactTaken(Conflict):
    """The address belongs to an account already; only whoever has proved that it is theirs is told."""

    code = "contact-taken"


class AccountSessionNotFound(NotFound):
    """The account has no such session."""

    code = "account-session-not-found"


class MessageNotSent(DomainError):
    """The e-mail or text message could not be handed over (HTTP 503)."""

    code = "message-not-sent"
    retry_after_seconds = 30
