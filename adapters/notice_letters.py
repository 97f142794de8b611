"""Letters to those who follow notices: the two that lead to their choices, and the notices themselves.

Each says the same as plain text and as HTML, loads nothing from anywhere, and holds the link that ends it. Letters of
notices can be ended by one tap in the mail program itself (RFC 8058).
"""

from functools import cache
from html import escape
from importlib import resources
from urllib.parse import urlsplit

import msgspec

from adapters import markdown
from adapters.subscriber_keys import Link, SubscriberKeys
from domain.deliveries import Delivery, message_id
from domain.mail import LONGEST_SUBJECT, Letter
from domain.notice_words import TOPICS
from domain.notices import Notice
from domain.places import Authority
from domain.subscribers import Purpose, Subscriber
from domain.text import Text

_FRAME = (
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title></head>'
    '<body style="margin:0;padding:24px 16px;font:16px/1.5 system-ui,sans-serif">'
    '<div style="max-width:36em;margin:0 auto"><p>{sender}</p>{body}</div></body></html>'
)


class NoticeLetters:
    """Writes the letters of an installation."""

    def __init__(self, keys: SubscriberKeys, public_url: str) -> None:
        self._keys = keys
        self._home = public_url.rstrip("/")

    def welcome(self, authority: Authority, subscriber: Subscriber, address: str) -> Letter:
        """Ask whoever reads this address whether they want notices; or lead who has them already to their choices."""
        known = subscriber.confirmed_at is not None
        code, purpose = ("choices", Purpose.CHOOSE) if known else ("confirm", Purpose.CONFIRM)
        say = _Words(subscriber.language)
        link = self.address(authority.code, purpose, Link(subscriber.id))
        city = _of(authority.name, subscriber.language)
        opening, closing = say(code, city=city), say(f"{code}-end")
        button = say(f"{code}-link")
        return Letter(
            recipient=address,
            subject=say(f"{code}-subject"),
            text=f"{opening}\n\n{button}{_colon(say.language)}\n{link}\n\n{closing}\n\n{city}\n",
            html=_framed(
                say.language,
                say(f"{code}-subject"),
                city,
                f"<p>{escape(opening)}</p><p>{_anchor(link, button, strong=True)}</p><p>{escape(closing)}</p>",
            ),
        )

    def notice(self, authority: Authority, delivery: Delivery) -> Letter:
        """Write a notice to one of those who follow it."""
        notice, subscriber = delivery.notice, delivery.subscriber
        say = _Words(subscriber.language)
        title, body = self.preview(notice, say.language)
        city, topic = _of(authority.name, say.language), _of(TOPICS[notice.topic], say.language)
        leave = self.address(
            authority.code, Purpose.LEAVE, Link(subscriber.id, topic=notice.topic, notice_id=notice.id)
        )
        links = (
            (say("online"), f"{self._home}/notices/{authority.code}?lang={say.language}"),
            (say("choose"), self.address(authority.code, Purpose.CHOOSE, Link(subscriber.id))),
            (say("leave"), leave),
        )
        foot = say("foot", topic=topic)
        anchors = " · ".join(_anchor(address, words) for words, address in links)
        small = f'<p style="font-size:14px">{escape(foot)}<br>{anchors}</p>'
        lines = "\n".join(f"{words}{_colon(say.language)} {address}" for words, address in links)
        return Letter(
            recipient=self._keys.unseal(authority.code, subscriber.id, subscriber.address),
            subject=title[:LONGEST_SUBJECT],
            text=f"{title}\n\n{markdown.to_text(body)}\n\n-- \n{city}\n{foot}\n{lines}\n",
            html=_framed(say.language, title, city, f"<h2>{escape(title)}</h2>{markdown.to_html(body)}<hr>{small}"),
            headers={
                "Message-ID": message_id(notice.id, subscriber.id, self._host),
                "List-Id": f"<{notice.topic}.{authority.code}.{self._host}>",
                "List-Unsubscribe": f"<{leave}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Content-Language": say.language,
            },
        )

    def preview(self, notice: Notice, language: str) -> tuple[str, str]:
        """Return the title that a letter bears, and its Markdown."""
        title = _of(notice.title, language)
        if notice.corrects is not None:
            title = _Words(language)("correction", title=title)
        return title, _of(notice.body, language)

    def address(self, authority: str, purpose: Purpose, link: Link) -> str:
        """Return the whole address of a link."""
        return f"{self._home}/notices/{authority}/{purpose}/{self._keys.link(authority, purpose, link)}"

    @property
    def _host(self) -> str:
        return urlsplit(self._home).hostname or "localhost"


class _Words:
    """Says the words of letters in one language."""

    def __init__(self, language: str) -> None:
        self.language = "fr" if language == "fr" else "en"

    def __call__(self, code: str, **given: str) -> str:
        """Say them, with what they need."""
        return _of(_words()[code], self.language).format(**given)


@cache
def _words() -> dict[str, Text]:
    text = resources.files("adapters").joinpath("notice_letters.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=dict[str, Text])


def _colon(language: str) -> str:
    """A colon, as a language sets it: French leaves a space before it, at which no line breaks."""
    return ":" if language == "en" else "\u00a0:"


def _of(text: Text, language: str) -> str:
    return text.fr if language == "fr" else text.en


def _framed(language: str, title: str, sender: str, body: str) -> str:
    return _FRAME.format(language=language, title=escape(title), sender=escape(sender), body=body)


def _anchor(address: str, words: str, *, strong: bool = False) -> str:
    said = f"<strong>{escape(words)}</strong>" if strong else escape(words)
    return f'<a href="{escape(address, quote=True)}">{said}</a>'
