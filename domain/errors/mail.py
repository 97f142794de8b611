"""What can be wrong with e-mail. Imported from here, by those few who send: `domain.errors` is long enough."""

from domain.errors.family import DomainError, Invalid


class BadLetter(Invalid):
    """An address, a subject or a header holds what none may: nothing was sent."""

    code = "bad-letter"


class LetterRefused(Invalid):
    """The mail server will not take this letter, today or later: sending it again changes nothing."""

    code = "letter-refused"


class RecipientRefused(LetterRefused):
    """The mail server says that nobody has this address."""

    code = "recipient-refused"


class ReportUnreadable(Invalid):
    """What lies in the folder of reports is no report of a mail server (RFC 3464), or none that is read."""

    code = "report-unreadable"


class MailAway(DomainError):
    """The mail server does not answer, or asks to come back: the same letter may be sent again (HTTP 503)."""

    code = "mail-away"
