"""What can be wrong with requests for passes and with the documents that prove what they say."""

from domain.errors.family import Conflict, Invalid, NotFound


class RequestNotFound(NotFound):
    """No request of this authority has this reference, or its days are over."""

    code = "request-not-found"


class DocumentNotFound(NotFound):
    """The request has no such document, or its file has been deleted."""

    code = "document-not-found"


class TextNotFound(NotFound):
    """No standard text has this code."""

    code = "text-not-found"


class RequestChanged(Conflict):
    """Somebody else has written to the request since it was read; the detail says what they did."""

    code = "request-changed"


class RequestStepRefused(Conflict):
    """The request is not in a state that leads there."""

    code = "request-step-refused"


class DocumentWaits(Conflict):
    """The document waits for the antivirus, and is shown to nobody before."""

    code = "document-waits"


class DocumentChecked(Conflict):
    """Somebody has looked at the document: its household takes it back no more."""

    code = "document-checked"


class TooManyUnfinished(Conflict):
    """The account has as many drafts and undecided requests as one may have."""

    code = "too-many-unfinished"


class TooManyDocuments(Conflict):
    """The request has as many documents as one may have."""

    code = "too-many-documents"


class RequestIncomplete(Invalid):
    """The request names nobody, no service, or no way to read its address."""

    code = "request-incomplete"


class ReasonMissing(Invalid):
    """A question or a refusal says nothing: the person could do nothing with it."""

    code = "reason-missing"


class BadTerms(Invalid):
    """What the authority asks for names an unknown service or product, or promises an impossible delay."""

    code = "bad-terms"


class DocumentRefused(Invalid):
    """The file is not taken: another type than is read, too large, broken, locked, or it would do something.

    `flaw` is a code of `domain.file_flaws.Flaw`, which has the words.
    """

    code = "document-refused"

    def __init__(self, detail: str = "", flaw: str = "broken") -> None:
        super().__init__(detail)
        self.flaw = flaw
