"""A resident with a telephone, in tests: what is written to them is read in the folders where it lies."""

import email
import re
from email.message import EmailMessage
from email.policy import default
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import msgspec

from api.settings import Settings
from domain.account_links import LinkKind, make_code
from domain.account_sessions import Client, LoginWay, open_session
from domain.accounts import ContactChannel, open_account
from domain.people import Holder
from domain.sms import TextMessage
from tests.city import TODAY
from tests.house_app import House

_KEYS = count()


def all_letters(house: House) -> list[EmailMessage]:
    """The e-mails that anybody has got, in no order."""
    settings: Settings = house.app.state.settings
    return [
        email.message_from_bytes(one.read_bytes(), _class=EmailMessage, policy=default)
        for one in Path(settings.mail_folder).glob("*.eml")
    ]


def letters(house: House, to: str) -> list[EmailMessage]:
    """The e-mails that an address has got, in no order."""
    return [one for one in all_letters(house) if one["To"] == to]


def texts(house: House, to: str) -> list[str]:
    """The text messages that a number has got, in no order."""
    settings: Settings = house.app.state.settings
    found = [
        msgspec.json.decode(one.read_bytes(), type=TextMessage) for one in Path(settings.sms_folder).glob("*.json")
    ]
    return [one.text for one in found if one.number == to]


def read_codes(house: House, to: str) -> list[str]:
    """The codes that an address or a number has got."""
    said = texts(house, to) if to.startswith("+") else [str(one["Subject"]) for one in letters(house, to)]
    return [code for text in said for code in re.findall(r"\b\d{6}\b", text)]


def forget_letters(house: House) -> None:
    """Empty the folders: what comes now is new."""
    settings: Settings = house.app.state.settings
    for folder in (settings.mail_folder, settings.sms_folder):
        for one in Path(folder).glob("*"):
            one.unlink()


async def post(house: House, path: str, body: object, headers: dict[str, str] | None = None) -> httpx.Response:
    """Post to a route for residents."""
    return await house.client.post(f"/v1/resident{path}", json=body, headers=headers or {})


async def read(house: House, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    """Read a route for residents."""
    return await house.client.get(f"/v1/resident{path}", headers=headers or {})


async def ask_code(house: House, to: str, **more: object) -> tuple[str, str]:
    """Ask for a code; return the attempt and the code that came."""
    before = read_codes(house, to)
    asked = await post(house, "/codes", {"authority": "ville", "phone" if to.startswith("+") else "email": to, **more})
    assert asked.status_code == 202, asked.text
    came = read_codes(house, to)
    for old in before:
        came.remove(old)
    (code,) = came
    return asked.json()["attempt"], code


async def tokens_of(house: House, to: str, device: str = "Fairphone") -> dict[str, Any]:
    """Log in by a code, and return the tokens."""
    attempt, code = await ask_code(house, to)
    answer = await post(house, "/tokens", {"attempt": attempt, "code": code, "device": device})
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    """The headers of a request with these tokens."""
    return {"Authorization": f"Bearer {tokens['accessToken']}"}


async def log_in(house: House, to: str, device: str = "Fairphone") -> dict[str, str]:
    """Log in by a code, and return the headers of what is asked then."""
    return bearer(await tokens_of(house, to, device))


async def let_in(house: House, email_address: str, device: str = "Fairphone") -> dict[str, str]:
    """Open an account and a session as a login would, for tests in which nobody asks how somebody came in."""
    async with house.database.begin() as unit:
        account = await open_account(
            unit,
            authority_id=house.city.authority.id,
            channel=ContactChannel.EMAIL,
            address=email_address,
            language="fr",
            now=house.clock(),
        )
        session = await open_session(
            unit, account, client=Client.APP, name=device, way=LoginWay.EMAIL, now=house.clock()
        )
    return {"Authorization": f"Bearer {house.app.state.resident_tokens.sign(session.id)}"}


async def follow(house: House, headers: dict[str, str], holder: Holder, kind: LinkKind = LinkKind.OWN) -> None:
    """Tie somebody to the account that is logged in, by a code from a desk."""
    async with house.database.begin() as unit:
        code, _ = await make_code(unit, holder, kind=kind, by=None, now=house.clock(), today=TODAY)
    answer = await post(house, "/persons", {"key": f"follow-{next(_KEYS)}", "code": code}, headers)
    assert answer.status_code == 201, answer.text
