"""What can be wrong with those who work for an authority, and with how they come in."""

from domain.errors.family import NotFound


class SessionNotFound(NotFound):
    """No agent of this authority has such a session."""

    code = "session-not-found"
