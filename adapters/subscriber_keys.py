"""What stands between a subscriber's row and a person: the mark of an address, the address under lock, and links.

All keys are derived from the authority's master. A link is signed for one purpose, so that one from a letter's foot
opens nothing else; it holds the row's id and no address.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from msgspec import Struct

from adapters import wrapping
from adapters.keyring import KeyRing
from domain.errors.notices import SubscriberNotFound
from domain.notices import NoticeTopic
from domain.subscribers import Purpose

_MAC_BYTES = 16
_LONGEST_LINK = 200


class Link(Struct, frozen=True):
    """Whom a link is for, and what it is about: the topic of a letter and its notice, where it ends one."""

    subscriber_id: UUID
    topic: NoticeTopic | None = None
    notice_id: UUID | None = None


class SubscriberKeys:
    """The keys of the authorities' subscribers."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring

    def whose(self, authority: str, address: str) -> bytes:
        """Return the mark of an address, 32 bytes: the same for the same person, nothing without the key."""
        return hmac.digest(self._key(authority, "mark"), address.lower().encode(), "sha256")

    def whose_account(self, authority: str, account_id: UUID) -> bytes:
        """Return the mark of an account, 32 bytes: no address has it."""
        return hmac.digest(self._key(authority, "account"), account_id.bytes, "sha256")

    def whose_session(self, authority: str, session_id: UUID) -> bytes:
        """Return the mark of a device that is logged in, 32 bytes: of its session, which it ends with."""
        return hmac.digest(self._key(authority, "session"), session_id.bytes, "sha256")

    def whose_browser(self, authority: str, endpoint: str) -> bytes:
        """Return the mark of a browser without account, 32 bytes: of the address that it alone knows."""
        return hmac.digest(self._key(authority, "browser"), endpoint.encode(), "sha256")

    def seal(self, authority: str, subscriber_id: UUID, address: str) -> bytes:
        """Lock an address away, bound to its row."""
        return wrapping.wrap(self._key(authority, "address"), address.encode(), name=str(subscriber_id).encode())

    def unseal(self, authority: str, subscriber_id: UUID, sealed: bytes) -> str:
        """Read an address.

        Raises:
            KeyringAltered: it was altered, or belongs to another row.
        """
        name = str(subscriber_id).encode()
        return wrapping.unwrap(self._key(authority, "address"), sealed, name=name).decode()

    def link(self, authority: str, purpose: Purpose, link: Link) -> str:
        """Sign a link."""
        topic = link.topic.value if link.topic is not None else ""
        body = link.subscriber_id.bytes + (link.notice_id or UUID(int=0)).bytes + topic.encode()
        return _text(body + self._mac(authority, purpose, body))

    def read(self, authority: str, purpose: Purpose, text: str) -> Link:
        """Read a link of this purpose.

        Raises:
            SubscriberNotFound: it was not signed here, or for something else.
        """
        if len(text) > _LONGEST_LINK or not text.isascii():
            raise SubscriberNotFound("This link leads nowhere.")
        try:
            whole = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            raise SubscriberNotFound("This link leads nowhere.") from None
        body, mac = whole[:-_MAC_BYTES], whole[-_MAC_BYTES:]
        if len(body) < 32 or not hmac.compare_digest(mac, self._mac(authority, purpose, body)):
            raise SubscriberNotFound("This link leads nowhere.")
        notice_id, topic = UUID(bytes=body[16:32]), body[32:].decode()
        return Link(UUID(bytes=body[:16]), NoticeTopic(topic) if topic else None, notice_id if notice_id.int else None)

    def _mac(self, authority: str, purpose: Purpose, body: bytes) -> bytes:
        key = self._key(authority, f"link {purpose}")
        return hmac.digest(key, body, "sha256")[:_MAC_BYTES]

    def _key(self, authority: str, use: str) -> bytes:
        return self._keyring.sector_key(authority, f"subscribers {use}")


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
