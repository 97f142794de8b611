"""What can be wrong with those who work for an authority, and with how they come in."""

from domain.errors.family import Conflict, Invalid, NotFound


class SessionNotFound(NotFound):
    """No agent of this authority has such a session."""

    code = "session-not-found"


class AgentNotFound(NotFound):
    """No agent of this authority has this login."""

    code = "agent-not-found"


class LastAdministrator(Conflict):
    """Nobody would be left who can say who works here."""

    code = "last-administrator"


class GrantNotFound(NotFound):
    """The agent does not have this role for this place."""

    code = "grant-not-found"


class WeakPassword(Invalid):
    """A password needs twelve characters."""

    code = "weak-password"
