"""Notices as Atom (RFC 4287): who follows a feed tells nobody that they do."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from adapters import markdown
from domain.notice_words import TOPICS
from domain.notices import Notice
from domain.places import Authority
from web.cards import said
from web.moments import Language


def atom(city: Authority, notices: Sequence[Notice], language: Language, *, home: str, query: str) -> bytes:
    """Write a feed, the newest first."""
    page = f"{home}/notices/{city.code}"
    itself = f"{page}/feed.atom{f'?{query}' if query else ''}"
    newest = max((one.changed_at for one in notices), default=city.created_at)
    entries = "".join(_entry(one, language, page) for one in notices)
    name = escape(said(city.name, language))
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}">'
        f"<title>{name}</title><id>{escape(itself)}</id>"
        f'<link rel="self" href={quoteattr(itself)}/><link href={quoteattr(page)}/>'
        f"<updated>{newest.isoformat()}</updated><author><name>{name}</name></author>"
        f"{entries}</feed>\n"
    ).encode()


def _entry(notice: Notice, language: Language, page: str) -> str:
    sent = (notice.sent_at or notice.changed_at).isoformat()
    topic = escape(said(TOPICS[notice.topic], language))
    title = escape(_printable(said(notice.title, language)))
    body = escape(_printable(markdown.to_html(said(notice.body, language))))
    return (
        f"<entry><title>{title}</title><id>urn:uuid:{notice.id}</id><link href={quoteattr(page)}/>"
        f"<published>{sent}</published><updated>{notice.changed_at.isoformat()}</updated>"
        f"<category term={quoteattr(notice.topic)} label={quoteattr(topic)}/>"
        f'<content type="html">{body}</content></entry>'
    )


def _printable(text: str) -> str:
    """Leave out what XML 1.0 cannot hold."""
    return "".join(letter for letter in text if letter in "\n\t" or (letter >= " " and letter not in "\ufffe\uffff"))
