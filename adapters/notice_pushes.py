"""What a notice says on a telephone: its title, the city, and where to read on. Nothing in it is of its reader."""

from base64 import urlsafe_b64encode

import msgspec
from msgspec import Struct

from adapters.notice_letters import NoticeLetters
from adapters.subscriber_keys import SubscriberKeys
from domain.deliveries import Delivery
from domain.notices import AT_ANY_HOUR
from domain.places import Authority
from domain.ports import Clock
from domain.push import Push, PushAddress, PushMessage, Urgency, ttl_seconds


class Said(Struct, frozen=True):
    """What the page's worker or the app shows. `tag` is the same for the same notice: it is shown once."""

    title: str
    body: str
    url: str
    tag: str
    lang: str


class NoticePushes:
    """Writes and sends the messages of an installation."""

    def __init__(self, push: Push, keys: SubscriberKeys, letters: NoticeLetters, public_url: str, clock: Clock) -> None:
        self._push = push
        self._keys = keys
        self._letters = letters
        self._home = public_url.rstrip("/")
        self._clock = clock

    async def send(self, authority: Authority, delivery: Delivery) -> None:
        """Send a notice to one of those who follow it.

        Raises:
            PushGone, PushRefused, PushAway: as `Push.send`.
            KeyMissing, KeyringAltered: its address cannot be read.
        """
        notice, subscriber = delivery.notice, delivery.subscriber
        language = "fr" if subscriber.language == "fr" else "en"
        title, _ = self._letters.preview(notice, language)
        city = authority.name.fr if language == "fr" else authority.name.en
        url = f"{self._home}/notices/{authority.code}?lang={language}"
        name = urlsafe_b64encode(notice.id.bytes).decode().rstrip("=")
        message = PushMessage(
            body=msgspec.json.encode(Said(title, city, url, name, language)),
            name=name,
            ttl_seconds=ttl_seconds(notice.expires_at, self._clock()),
            urgency=Urgency.HIGH if notice.topic in AT_ANY_HOUR else Urgency.NORMAL,
        )
        sealed = self._keys.unseal(authority.code, subscriber.id, subscriber.address)
        await self._push.send(authority.code, msgspec.json.decode(sealed, type=PushAddress), message)
