"""The notices that rules write by themselves: a flood level that people have confirmed, the air of a place."""

from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from uuid import UUID

import msgspec

from domain.air_alerts import AirNews, AirWord
from domain.devices import Device
from domain.floods import Level
from domain.notices import LONGEST_BODY, LONGEST_TITLE, Notice, NoticeTopic, publish_by_rule
from domain.ports import Unit
from domain.text import Text

FLOOD_HOLDS = timedelta(days=2)
"""A level is said for so long, unless another takes its place."""

NORMAL_HOLDS = timedelta(hours=12)
AIR_HOLDS = timedelta(hours=24)


async def tell_level(unit: Unit, device: Device, level: Level, *, change_id: UUID, now: datetime) -> Notice | None:
    """Have a level of a river said that people have confirmed; the change that it comes from says it once."""
    code = f"flood-{int(level)}"
    notice = Notice(
        id=unit.ids.row(),
        authority_id=device.authority_id,
        topic=NoticeTopic.FLOODS,
        place=device.code,
        title=_said(f"{code}-title", device.name),
        body=_said(code, device.name),
        expires_at=now + (FLOOD_HOLDS if level > Level.NORMAL else NORMAL_HOLDS),
        occasion=f"flood:{change_id}",
        changed_at=now,
    )
    return await publish_by_rule(unit, notice, now=now)


async def tell_air(unit: Unit, device: Device, news: AirNews, *, now: datetime) -> Notice | None:
    """Have it said how the air of a place is, to those who follow it from this band on."""
    code = "air-clear" if news.word is AirWord.CLEAR else "air"
    title = "air-clear-title" if news.word is AirWord.CLEAR else f"air-{news.band}-title"
    notice = Notice(
        id=unit.ids.row(),
        authority_id=device.authority_id,
        topic=NoticeTopic.AIR,
        place=device.code,
        band=news.band,
        title=_said(title, device.name),
        body=_said(code, device.name),
        expires_at=now + AIR_HOLDS,
        occasion=f"air:{device.id}:{now:%Y%m%dT%H%M}",
        changed_at=now,
    )
    return await publish_by_rule(unit, notice, now=now)


def _said(code: str, place: Text) -> Text:
    words = _words()[code]
    longest = LONGEST_TITLE if code.endswith("-title") else LONGEST_BODY
    return Text(fr=words.fr.format(place=place.fr)[:longest], en=words.en.format(place=place.en)[:longest])


@cache
def _words() -> dict[str, Text]:
    text = resources.files("domain").joinpath("rule_notices.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=dict[str, Text])
