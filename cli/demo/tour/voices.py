"""What people have said at the points of the demonstration, through the verbs by which they say it."""

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct

from cli.demo.tour.plan import FOLDER, ZONE
from domain.expression import TOKEN_BYTES, Feeling, Remark, RemarkKind, Said, answer, approve, express
from domain.points import Point
from domain.ports import Unit
from tour.measures import digest

_ANSWERED_AFTER = timedelta(hours=20)
_WITHIN_DAYS = 6
"""Feelings are spread over so many days."""


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """Words that somebody left. Without an answer they wait to be read."""

    kind: RemarkKind
    days_ago: int
    text: str
    answer: str = ""
    language: str = "fr"


class Voices(Struct, frozen=True, forbid_unknown_fields=True):
    """What was said at one point, by its slug: how many feel what, and words."""

    point: str
    feelings: dict[Feeling, int] = {}
    words: tuple[Words, ...] = ()


class _File(Struct, frozen=True):
    voices: tuple[Voices, ...]


def voices() -> tuple[Voices, ...]:
    """Read what was said."""
    written = (FOLDER / "voices.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(written), _File).voices


async def let_people_speak(unit: Unit, points: Mapping[str, Point], *, agent_id: UUID, now: datetime) -> None:
    """Let people have said it, and the agent have read and answered it."""
    for said in voices():
        point = points[said.point]
        for feeling, times in said.feelings.items():
            for number in range(times):
                at = now - timedelta(days=number % _WITHIN_DAYS)
                await _say(unit, point, Said(RemarkKind.REACTION, feeling), f"{feeling} {number}", at)
        for words in said.words:
            await _leave(unit, point, words, agent_id=agent_id, now=now)


async def _leave(unit: Unit, point: Point, words: Words, *, agent_id: UUID, now: datetime) -> None:
    at = now - timedelta(days=words.days_ago)
    remark = await _say(unit, point, Said(words.kind, text=words.text, language=words.language), words.text, at)
    if remark is not None and words.answer:
        read_at = min(at + _ANSWERED_AFTER, now)
        remark = await approve(unit, remark, point, agent_id=agent_id, now=read_at)
        await answer(unit, remark, words.answer, agent_id=agent_id, now=read_at)


async def _say(unit: Unit, point: Point, said: Said, by: str, at: datetime) -> Remark | None:
    token = digest(point.slug, by)[:TOKEN_BYTES]
    return await express(unit, point, said, token, day=at.astimezone(ZONE).date(), now=at)
