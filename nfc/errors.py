"""The one error of the readers in this package.

    CodeError (kind)     a code, credential, card or picture was not accepted as genuine

Every reader here takes bytes or text from strangers, and answers a value or raises this. Nothing else escapes.
"""

from typing import Literal

CodeKind = Literal[
    "unreadable",  # garbage: wrong alphabet, truncated, wrong arity, bad CBOR, a picture that does not open
    "too_long",  # more text or bytes than any genuine code has
    "too_large",  # a picture of more pixels than we look at
    "unknown_type",  # well formed perhaps, but not a code of ours, or not of a type accepted here
    "unknown_key",  # no key of that name signs codes of this type
    "bad_signature",  # the key is known and did not sign this
    "withdrawn_key",  # the key signed it, and has been withdrawn since
    "expired",  # genuine, and over
    "stale",  # genuine, and not of this moment: a phone's code from before, or from a clock that runs ahead
    "wrong_card",  # genuine, and written for another card than the one it was read from
    "refused",  # the card or phone itself said no: its status is the detail
]


class CodeError(Exception):
    """Why a code was not accepted.

    `kind` is stable: it is recorded and translated. `detail` is for the engineer's log, never for a person.
    `medium_id` (8 bytes) and `authority` are there only when the signature was good, so that the refusal can be
    recorded against the medium: on "expired", "stale" and "wrong_card" alone.
    """

    def __init__(
        self, kind: CodeKind, detail: str = "", *, medium_id: bytes | None = None, authority: str = ""
    ) -> None:
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind: CodeKind = kind
        self.detail = detail
        self.medium_id = medium_id
        self.authority = authority
