"""What the verbs on requests ask of the outside world: requests with their history and texts, and their documents."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from domain.documents import Document
    from domain.people import Holder
    from domain.places import Authority
    from domain.request_terms import Terms, TermsVersion
    from domain.request_texts import StandardText
    from domain.requests import Entry, PassRequest
    from domain.temporary_passes import TemporaryPass


class Requests(Protocol):
    """Requests, what was done with them, and what they look like."""

    async def add(self, new: "PassRequest") -> None: ...
    async def save(self, changed: "PassRequest", *, was: "PassRequest") -> bool:
        """Write a request where it is still what it was; tell whether it was."""
        ...

    async def by_reference(self, authority_id: UUID, reference: str) -> "PassRequest": ...
    async def hold(self, authority_id: UUID, reference: str) -> "PassRequest":
        """Find a request, and keep others from changing it to the end of the unit."""
        ...

    async def reference_taken(self, authority_id: UUID, reference: str) -> bool: ...
    async def add_entry(self, new: "Entry") -> None: ...
    async def entries(self, request_id: UUID, *, after: int = 0) -> "list[Entry]":
        """List the history after a version, oldest first."""
        ...

    async def terms(self, authority_id: UUID) -> "Terms": ...
    async def save_terms(self, authority_id: UUID, terms: "Terms", *, by: UUID | None, now: datetime) -> None: ...
    async def past_terms(self, authority_id: UUID) -> "list[TermsVersion]": ...
    async def text(self, authority_id: UUID, code: str) -> "StandardText | None":
        """Return the newest version of a text that the authority has written, retired or not."""
        ...

    async def texts(self, authority_id: UUID) -> "list[StandardText]":
        """List the newest version of each text that the authority has written, retired ones too."""
        ...

    async def add_text(self, new: "StandardText") -> None: ...

    async def holders_born(self, authority_id: UUID, born_on: date) -> "list[Holder]": ...
    async def for_person(
        self, authority_id: UUID, name_key: str, born_on: date, *, but: UUID
    ) -> "list[PassRequest]": ...
    async def behind_door(self, authority_id: UUID, address_key: str, *, but: UUID) -> "list[PassRequest]": ...
    async def with_files_of(self, authority_id: UUID, request_id: UUID) -> "list[PassRequest]": ...
    async def holders_in(self, authority_id: UUID, request_id: UUID) -> "dict[int, Holder]":
        """Return who of the register the persons of a request are, by their place in it, once that is decided."""
        ...

    async def has_pass(self, holder_id: UUID, day: date) -> bool:
        """Tell whether a holder has a pass on a day that has not ended."""
        ...


class ResidentRequests(Protocol):
    """Whose account a request is. Every query names the account: what is somebody else's is not found."""

    async def tie(self, new: "PassRequest", account_id: UUID) -> None: ...
    async def one(self, account_id: UUID, reference: str) -> "PassRequest":
        """Find a request of an account."""
        ...

    async def hold(self, account_id: UUID, reference: str) -> "tuple[PassRequest, Authority]":
        """Find one with the authority that it asks, and keep others from changing it to the end of the unit."""
        ...

    async def unfinished(self, account_id: UUID) -> int:
        """Count the drafts of an account, and what it has sent and nobody has decided."""
        ...

    async def forget_drafts(self, account_id: UUID, day: date) -> None:
        """Let the drafts of an account end on a day."""
        ...

    async def owe(self, request_id: UUID, now: datetime) -> None:
        """Note that the account of a request, if it has one, is to be told how it stands."""
        ...


class TemporaryPasses(Protocol):
    """Passes that hold until a request is decided."""

    async def hold(self, authority_id: UUID) -> None:
        """Keep others from giving one to the end of the unit: who looks whether somebody had one is not overtaken."""
        ...

    async def add(self, new: "TemporaryPass") -> None: ...
    async def end(self, one: "TemporaryPass", at: datetime) -> None: ...
    async def of_request(self, request_id: UUID) -> "list[TemporaryPass]":
        """List those of a request by the place of their person, ended ones too."""
        ...

    async def of_pass(self, pass_id: UUID) -> "tuple[TemporaryPass, str] | None":
        """Tell what makes a pass a temporary one, and the reference of its request; None: nothing."""
        ...

    async def had(self, authority_id: UUID, name_key: str, born_on: date, since: datetime) -> bool:
        """Tell whether a person was given one since an instant, as the requests say their names."""
        ...

    async def running_of(self, account_id: UUID, day: date) -> list[str]:
        """List the references of an account's requests that have one which holds on a day, the newest first."""
        ...

    async def of_same_account(self, request_id: UUID, *, since: datetime) -> int:
        """Count those that requests of this one's account have brought since an instant; 0 for a desk's request."""
        ...


class Documents(Protocol):
    """Documents of requests. Their files lie elsewhere."""

    async def add(self, new: "Document") -> None: ...
    async def save(self, changed: "Document") -> None: ...
    async def release(self, changed: "Document") -> None:
        """Write what the antivirus says of a document, unless it was taken back meanwhile."""
        ...

    async def of_request(self, request_id: UUID) -> "list[Document]":
        """List the documents of a request as they came, forgotten ones too; not those that were taken back."""
        ...

    async def sent(self, request_id: UUID) -> int:
        """Count what a request was ever sent, with what was taken back."""
        ...

    async def document(self, authority_id: UUID, request_id: UUID, document_id: UUID) -> "Document": ...
    async def end_with(self, request_id: UUID, day: date) -> None:
        """Let the files of a request end on a day, unless they end before."""
        ...
