"""Notices of the demonstration city, and those who follow them: written, sent and carried as agents and workers do."""

import tomllib
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct

from adapters.keyring import KeyRing
from adapters.mail import mail_of
from adapters.notice_letters import NoticeLetters
from adapters.notice_pushes import NoticePushes
from adapters.subscriber_keys import SubscriberKeys
from adapters.web_push import public_key, push_of
from api.notice_carrier import NoticeCarrier
from api.settings import Settings
from cli.demo.places import LOGINS
from domain.agents import Role
from domain.notices import Notice, NoticeTopic, schedule, write
from domain.places import Authority
from domain.ports import Unit
from domain.push import SECRET_BYTES, check_address
from domain.subscribers import (
    CONFIRMED_WITHIN,
    Channel,
    Follow,
    Subscriber,
    choose_in_app,
    confirm,
    kept_until,
    subscribe,
)
from domain.text import Text
from store.database import Database

FOLLOWERS = 9
_SINCE = timedelta(days=40)
_STREET, _POOR = "air-avenue-gare", 3
"""Where the air outdoors is measured, and from which band on people want to hear of it."""


_RIVER = "ourle-pont-vieux"
"""A station whose flood levels people follow."""

_ANY_NUMBER = 7


class Planned(Struct, frozen=True, forbid_unknown_fields=True):
    """A notice of the file."""

    topic: NoticeTopic
    title: Text
    body: Text
    lasts_days: int
    place: str = ""
    days_ago: int | None = None


class _File(Struct, frozen=True):
    notices: tuple[Planned, ...]


def planned() -> tuple[Planned, ...]:
    """Read what the city has to say."""
    written = Path(__file__).with_name("notices.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(written), _File).notices


async def say_things(
    database: Database, keyring: KeyRing, settings: Settings, authority: Authority, *, now: datetime
) -> None:
    """Have people follow notices, and the city say what it has to say; letters lie in the folder of the settings."""
    keys = SubscriberKeys(keyring)
    async with database.begin() as unit:
        login = next(one.login for one in LOGINS if one.role is Role.MANAGER)
        agent = await unit.agents.by_login(login)
        for number in range(FOLLOWERS):
            row, at = unit.ids.row(), now - _SINCE + timedelta(hours=number)
            address = f"habitant-{number + 1}@courriel.example"
            new = Subscriber(
                id=row,
                authority_id=authority.id,
                whose=keys.whose(authority.code, address),
                address=keys.seal(authority.code, row, address),
                language="en" if number % 5 == 4 else "fr",
                created_at=at,
                keep_until=kept_until(at),
            )
            wished = await subscribe(unit, new, _follows(number), now=at)
            await confirm(unit, wished, now=at + CONFIRMED_WITHIN / 8)
        await _telephone(unit, keyring, keys, authority, at=now - _SINCE)
    for one in planned():
        at = now if one.days_ago is None else now - timedelta(days=max(one.days_ago, 0))
        async with database.begin() as unit:
            notice = await write(
                unit,
                Notice(
                    id=unit.ids.row(),
                    authority_id=authority.id,
                    topic=one.topic,
                    place=one.place,
                    title=one.title,
                    body=one.body,
                    expires_at=at + timedelta(days=one.lasts_days),
                    written_by=None if agent is None else agent.id,
                    changed_at=at,
                ),
            )
            if one.days_ago is not None:
                await schedule(unit, notice, send_at=now - timedelta(days=one.days_ago), now=at)
        await _carrier(database, keyring, keys, settings, at).carry()


def _carrier(
    database: Database, keyring: KeyRing, keys: SubscriberKeys, settings: Settings, at: datetime
) -> NoticeCarrier:
    """Stand in for the worker of that day."""
    mail = mail_of(smtp_url="", folder=settings.mail_folder, sender=settings.mail_from, clock=lambda: at)
    letters = NoticeLetters(keys, settings.public_url)
    push = push_of(keyring, hosts=(), folder=settings.push_folder, public_url=settings.public_url, clock=lambda: at)
    pushes = NoticePushes(push, keys, letters, settings.public_url, lambda: at) if push is not None else None
    return NoticeCarrier(database, letters, mail, lambda: at, pushes=pushes)


async def _telephone(unit: Unit, keyring: KeyRing, keys: SubscriberKeys, authority: Authority, *, at: datetime) -> None:
    """Have a telephone follow closures and one river, as the page of notices registers it: no push service is asked."""
    point = ec.derive_private_key(_ANY_NUMBER, ec.SECP256R1()).public_key()
    address = check_address(
        f"https://push.{authority.code}.example/telephone",
        _text(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)),
        _text(bytes(SECRET_BYTES)),
        made_for=public_key(keyring, authority.code)[1],
    )
    row = unit.ids.row()
    new = Subscriber(
        id=row,
        authority_id=authority.id,
        whose=keys.whose_browser(authority.code, address.endpoint),
        address=keys.seal(authority.code, row, msgspec.json.encode(address).decode()),
        language="fr",
        created_at=at,
        confirmed_at=at,
        channel=Channel.PUSH,
        keep_until=kept_until(at),
    )
    await choose_in_app(unit, new, [Follow(NoticeTopic.SITES), Follow(NoticeTopic.FLOODS, _RIVER)])


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _follows(number: int) -> list[Follow]:
    """Most follow closures, many what happens in town, some the river or the air of a street."""
    chosen = [Follow(NoticeTopic.SITES), Follow(NoticeTopic.INTERRUPTIONS)]
    if number % 2 == 0:
        chosen.append(Follow(NoticeTopic.EVENTS))
    if number % 3 == 0:
        chosen.append(Follow(NoticeTopic.FLOODS))
    if number % 3 == 1:
        chosen.append(Follow(NoticeTopic.AIR, _STREET, _POOR))
    return chosen
