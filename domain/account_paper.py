"""The letter that brings somebody the code of their account: what it is for, until when, and that nobody needs it."""

from functools import cache
from importlib import resources

import msgspec

from domain.account_links import LinkCode, LinkKind
from domain.dates import written
from domain.people import Holder
from domain.places import Authority, local_day
from domain.request_letters import Letter
from domain.request_terms import Office
from domain.text import Text


@cache
def _words() -> dict[str, Text]:
    text = resources.files("domain").joinpath("account_paper.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=dict[str, Text])


def code_letter(
    authority: Authority, office: Office, holder: Holder, code: tuple[str, LinkCode], *, language: str, public_url: str
) -> Letter:
    """Write the letter of a code, which stands on it and nowhere else. It says where to type it, under `public_url`."""
    text, drawn = code

    def say(words: str, **given: str) -> str:
        return _in(_words()[words], language).format(**given)

    own = drawn.kind is LinkKind.OWN
    home = f"{public_url.rstrip('/')}/moi"
    lines = (_in(office.name, language), office.address, office.phone, office.email)
    return Letter(
        sender=_in(authority.name, language),
        sender_lines=tuple(line for line in lines if line),
        colour=authority.colour,
        addressee=(f"{holder.first_name} {holder.last_name}",),
        dated=say("dated", day=written(local_day(drawn.made_at, authority.zone), language)),
        title=say("own-title" if own else "mandate-title"),
        facts=(
            (say("code"), text),
            (say("until"), written(local_day(drawn.expires_at, authority.zone), language)),
        ),
        paragraphs=(
            *((say("own"), say("own-how", home=home)) if own else (say("mandate", home=home),)),
            say("secret"),
            say("without"),
        ),
        language=language,
    )


def _in(text: Text, language: str) -> str:
    return text.fr if language == "fr" else text.en
