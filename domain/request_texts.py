"""Standard texts: what reviewers say often, in the authority's own words, French and English, every version kept."""

from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from domain.errors.requests import ReasonMissing, TextNotFound
from domain.ports import Unit
from domain.text import Text


class TextPurpose(StrEnum):
    """When a text is offered."""

    ASK = "ask"
    REJECT = "reject"
    APPROVE = "approve"


class StandardText(Struct, frozen=True):
    """One version of a text; 0 is what comes with the program. A retired one is offered no more."""

    authority_id: UUID
    code: str
    version: int
    purpose: TextPurpose
    title: Text
    words: Text
    retired: bool
    changed_at: datetime
    changed_by: UUID | None


class _Usual(Struct, frozen=True, forbid_unknown_fields=True):
    purpose: TextPurpose
    title: Text
    words: Text


@cache
def _usual() -> dict[str, _Usual]:
    text = resources.files("domain").joinpath("request_texts.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=dict[str, _Usual])


async def standard_texts(unit: Unit, authority_id: UUID, *, since: datetime) -> list[StandardText]:
    """List the texts in force: the authority's newest versions, and the program's where it has written none."""
    own = {one.code: one for one in await unit.requests.texts(authority_id)}
    usual = {
        code: StandardText(authority_id, code, 0, one.purpose, one.title, one.words, False, since, None)  # noqa: FBT003 - a Struct's field
        for code, one in _usual().items()
    }
    return [one for one in {**usual, **own}.values() if not one.retired]


async def write_text(
    unit: Unit,
    *,
    authority_id: UUID,
    code: str,
    purpose: TextPurpose,
    title: Text,
    words: Text,
    by: UUID | None,
    now: datetime,
) -> StandardText:
    """Write a text, or the next version of one. What was said before stays in the requests where it was said.

    Raises:
        ReasonMissing: title or words are empty in one language.
    """
    if not all(text.strip() for text in (title.fr, title.en, words.fr, words.en)):
        raise ReasonMissing("A text needs its title and its words in French and in English.")
    before = await unit.requests.text(authority_id, code)
    version = before.version + 1 if before else 1
    new = StandardText(
        authority_id=authority_id,
        code=code,
        version=version,
        purpose=purpose,
        title=title,
        words=words,
        retired=False,
        changed_at=now,
        changed_by=by,
    )
    await unit.requests.add_text(new)
    return new


async def retire_text(unit: Unit, *, authority_id: UUID, code: str, by: UUID | None, now: datetime) -> StandardText:
    """Offer a text no more.

    Raises:
        TextNotFound: none in force has this code.
    """
    found = next((one for one in await standard_texts(unit, authority_id, since=now) if one.code == code), None)
    if found is None:
        raise TextNotFound(f"No text is called {code}.")
    gone = replace(found, version=found.version + 1, retired=True, changed_at=now, changed_by=by)
    await unit.requests.add_text(gone)
    return gone
