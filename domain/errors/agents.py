"""What can be wrong with those who work for an authority, and with how they come in."""

from domain.errors.family import Conflict, DomainError, Forbidden, Invalid, NotAuthenticated, NotFound


class SessionNotFound(NotFound):
    """No agent of this authority has such a session."""

    code = "session-not-found"


class LastAdministrator(Conflict):
    """Nobody would be left who can say who works here."""

    code = "last-administrator"


class GrantNotFound(NotFound):
    """The agent does not have this role for this place."""

    code = "grant-not-found"


class WeakPassword(Invalid):
    """A password needs twelve characters."""

    code = "weak-password"


class SecondFactorWrong(NotAuthenticated):
    """The code is wrong, over, or was used before."""

    code = "second-factor-wrong"


class SecondFactorNeeded(NotAuthenticated):
    """The password is right; this account also asks for the code of its telephone."""

    code = "second-factor-needed"


class SecondFactorMissing(Forbidden):
    """This installation asks for a second factor of whoever sees personal data, and this account has none yet."""

    code = "second-factor-missing"


class PasskeyRefused(NotAuthenticated):
    """What a passkey sent is not believed: `detail` says why, in the log alone."""

    code = "passkey-refused"


class PasskeyNotFound(NotFound):
    """The agent has no such passkey."""

    code = "passkey-not-found"


class LastWayIn(Conflict):
    """Nothing else would let its owner into the account."""

    code = "last-way-in"


class TooManyPasskeys(Conflict):
    """An account has ten passkeys at most."""

    code = "too-many-passkeys"


class TokenNotFound(NotFound):
    """The agent has no such token."""

    code = "token-not-found"


class TooManyTokens(Conflict):
    """An account has ten open tokens for programs at most."""

    code = "too-many-tokens"


class IdentityRefused(NotAuthenticated):
    """What an identity provider sent is not believed."""

    code = "identity-refused"


class ProviderAway(DomainError):
    """The identity provider does not answer, or not as one does (HTTP 503)."""

    code = "provider-away"
    retry_after_seconds = 60
