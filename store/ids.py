"""Where new identifiers come from in production."""

import secrets
from uuid import UUID

from uuid_utils.compat import uuid7


class RandomIds:
    """Time-ordered row ids (UUID version 7, RFC 9562), so that new rows share index pages; random media."""

    def row(self) -> UUID:
        """Name a new row."""
        return uuid7()

    def medium(self) -> int:
        """Draw eight random bytes as a signed integer."""
        return int.from_bytes(secrets.token_bytes(8), "big", signed=True)

    def below(self, bound: int) -> int:
        """Draw a number in `range(bound)`."""
        return secrets.randbelow(bound)
