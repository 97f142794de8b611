"""What can be wrong with messages to browsers and telephones (Web Push)."""

from domain.errors.family import DomainError, Invalid


class BadPushAddress(Invalid):
    """What a browser or an app gave to be written to is no such address, or one of a service that is not written to."""

    code = "bad-push-address"


class PushGone(Invalid):
    """The push service says that this address is over: whoever had it has taken it back."""

    code = "push-gone"


class PushRefused(Invalid):
    """The push service will not take this message, today or later."""

    code = "push-refused"


class PushAway(DomainError):
    """The push service does not answer, or asks to come back: the same message may be sent again (HTTP 503)."""

    code = "push-away"
