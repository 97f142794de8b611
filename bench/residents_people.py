"""Residents with their telephones, as the mobile API meets them: who looks at a pass, and who asks for one."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from msgspec import Struct
from PIL import Image

from adapters.clock import utc_now
from bench.calls import Answer, Caller
from bench.postman import PATIENCE_SECONDS, Postman
from nfc import keys, phone_binding

AUTHORITY = "val-clair"
ROOT = "/v1/resident"
_UNCHANGED = (200, 304)


class Street(Struct, frozen=True):
    """What everybody shares: the way to the server, the post, and a photo of an identity document."""

    caller: Caller
    post: Postman
    photo: bytes


def photo(dice: Random, *, width: int = 1_600, height: int = 1_200) -> bytes:
    """A photo as a telephone sends it once its app has made it smaller: 2 megapixels, some 300 kB."""
    small = Image.frombytes("RGB", (width // 8, height // 8), dice.randbytes(width // 8 * (height // 8) * 3))
    written = io.BytesIO()
    small.resize((width, height), Image.Resampling.BICUBIC).save(written, "JPEG", quality=80)
    return written.getvalue()


def signed_photo(photo: bytes, number: str) -> bytes:
    """The same with a comment of its own: no two households send one file (JPEG, T.81, B.2.4.5)."""
    words = number.encode()
    return photo[:2] + b"\xff\xfe" + (len(words) + 2).to_bytes(2, "big") + words + photo[2:]


class Somebody:
    """Whoever holds a telephone: an address, tokens, and the keys of their acts."""

    def __init__(self, street: Street, number: int, name: str) -> None:
        self.street = street
        self.number = number
        self.name = f"{name}-{number}"
        self._token = ""
        self._refresh = ""
        self._acts = 0

    async def call(
        self, name: str, method: str, path: str, body: object = None, *, due: float | None = None, tag: str = ""
    ) -> Answer:
        """Ask something as whoever is logged in; with the tag of what is known already."""
        # Everybody has a network address of their own, as behind the city's proxy.
        source = f"10.{self.number >> 16 & 255}.{self.number >> 8 & 255}.{self.number & 255}"
        headers = {"X-Forwarded-For": source, "Authorization": f"Bearer {self._token}"}
        if tag:
            headers["If-None-Match"] = tag
        expected = _UNCHANGED if method == "GET" else (200, 201, 202, 204)
        return await self.street.caller.ask(
            name, method, ROOT + path, body=body, headers=headers, due=due, expected=expected
        )

    def key(self) -> str:
        """A key for one act."""
        self._acts += 1
        return f"{self.name}-{self._acts}"

    async def log_in(self) -> None:
        """Ask for a code, read it in the letter, and type it."""
        address = f"{self.name}@courriel.example"
        waiting = self.street.post.expect(address)
        asked = {"authority": AUTHORITY, "email": address}
        sent = await self.call("ask for a code", "POST", "/codes", asked)
        code = await asyncio.wait_for(waiting, PATIENCE_SECONDS)
        typed = {"attempt": sent.said["attempt"], "code": code, "device": "Fairphone 5"}
        self._keep(await self.call("type the code", "POST", "/tokens", typed))

    async def renew(self, due: float | None = None) -> None:
        """Exchange the refresh token, which is good for this once."""
        self._keep(await self.call("renew", "POST", "/tokens/renewal", {"refreshToken": self._refresh}, due=due))

    def _keep(self, answer: Answer) -> None:
        self._token, self._refresh = answer.said["accessToken"], answer.said["refreshToken"]


class Resident(Somebody):
    """Somebody who has a pass, a phone that shows it, and a draft on its way."""

    def __init__(self, street: Street, number: int, link_code: str) -> None:
        super().__init__(street, number, "resident")
        self._link_code = link_code
        self._tags: dict[str, str] = {}
        self._pass = ""
        self._phone = ""
        self._draft: dict[str, Any] = {}
        self._second: dict[str, Any] = {}

    async def settle(self) -> None:
        """Log in, follow the pass of the letter, tie a phone to it, and begin to ask for one more."""
        await self.log_in()
        await self.call("follow a pass", "POST", "/persons", {"key": self.key(), "code": self._link_code})
        passes = await self.call("my passes", "GET", "/passes")
        self._pass = passes.said["passes"][0]["number"]
        await self.tie(None)
        self._draft = (await self.call("begin a request", "POST", "/requests", {"key": self.key()})).said

    def deeds(self) -> list[tuple[int, Callable[[float], Awaitable[None]]]]:
        """What somebody does with the app, and how often of a hundred times."""
        pass_, draft = f"/passes/{self._pass}", f"/requests/{self._draft['reference']}"
        return [
            (20, self._reading("my passes", "/passes")),
            (18, self._reading("a pass", pass_)),
            (8, self._reading("its passages", f"{pass_}/passages")),
            (9, self._reading("my requests", "/requests")),
            (8, self._reading("a request", draft)),
            (5, self._reading("my account", "/account")),
            (5, self._reading("my notices", "/notices")),
            (2, self.refresh_phone),
            (9, self.save),
            (6, self.show),
            (4, self.renew),
            (2, self.choose),
            (1, self.tie),
            (2, self.ask_again),
            (1, self.send_document),
        ]

    def _reading(self, name: str, path: str) -> Callable[[float], Awaitable[None]]:
        async def read(due: float) -> None:
            answer = await self.call(name, "GET", path, due=due, tag=self._tags.get(path, ""))
            self._tags[path] = answer.headers["etag"]

        return read

    async def refresh_phone(self, due: float) -> None:
        """Ask for what the phone shows for the next thirty days."""
        await self.call("renew a phone", "GET", f"/passes/{self._pass}/phones/{self._phone}/credential", due=due)

    async def save(self, due: float) -> None:
        """Save the draft after a question."""
        said = application(self.number, self._draft["version"])
        self._draft = (await self._act("save a draft", "PUT", "application", {"application": said}, due)).said

    async def show(self, due: float) -> None:
        """Have a code for a minute made."""
        await self.call("a code for a minute", "POST", f"/passes/{self._pass}/code", {"service": "pool"}, due=due)

    async def choose(self, due: float) -> None:
        """Follow other notices."""
        topics = ["events", "interruptions"][: 1 + self._acts % 2]
        self._acts += 1
        follows = [{"topic": topic} for topic in topics]
        await self.call("choose notices", "PUT", "/notices/choices", {"follows": follows}, due=due)

    async def tie(self, due: float | None) -> None:
        """Tie another phone to the pass; the one before shows it no more."""
        proof = phone_binding.prove(keys.generate().private, self._pass, int(utc_now().timestamp()))
        before = self._phone
        tied = await self.call(
            "tie a phone", "POST", f"/passes/{self._pass}/phones", {"key": self.key(), "proof": proof}, due=due
        )
        self._phone = tied.said["medium"]["id"]
        if before:
            stop = {"key": self.key(), "reason": "unlinked"}
            await self.call("unlink a phone", "POST", f"/passes/{self._pass}/media/{before}/block", stop)

    async def ask_again(self, due: float) -> None:
        """Begin a second request, or take it back."""
        if self._second:
            at = f"/requests/{self._second['reference']}/withdrawal"
            back = {"key": self.key(), "version": self._second["version"]}
            await self.call("take a request back", "POST", at, back, due=due)
            self._second = {}
        else:
            self._second = (await self.call("begin a request", "POST", "/requests", {"key": self.key()}, due=due)).said

    async def send_document(self, due: float) -> None:
        """Send a photo with the draft, at most once in a while."""
        self._draft = await upload(self, self._draft, due)

    async def _act(self, name: str, method: str, what: str, more: dict[str, Any], due: float) -> Answer:
        at = f"/requests/{self._draft['reference']}/{what}"
        return await self.call(
            name, method, at, {"key": self.key(), "version": self._draft["version"], **more}, due=due
        )


class Household(Somebody):
    """A household that asks for passes, from its first code to its receipt; one question a page."""

    def __init__(self, street: Street, number: int) -> None:
        super().__init__(street, number, "household")

    async def ask(self, pause: Callable[[], Awaitable[None]]) -> None:
        """Go all the way, with a pause before each step."""
        await self.log_in()
        await pause()
        await self.call("what is asked", "GET", "/request-terms")
        draft = (await self.call("begin a request", "POST", "/requests", {"key": self.key()})).said
        at = f"/requests/{draft['reference']}"
        for questions in (1, 2, 3):
            await pause()
            saved = {"key": self.key(), "version": draft["version"], "application": application(self.number, questions)}
            draft = (await self.call("save a draft", "PUT", f"{at}/application", saved)).said
        await pause()
        draft = await upload(self, draft, None)
        await pause()
        await self.call("a request", "GET", at)
        send = {"key": self.key(), "version": draft["version"]}
        sent = await self.call("send a request", "POST", f"{at}/submission", send)
        if sent.said["status"] != "submitted":
            raise AssertionError(sent.said)
        await self.call("the receipt", "GET", f"{at}/receipt")


async def upload(somebody: Somebody, draft: dict[str, Any], due: float | None) -> dict[str, Any]:
    """Send a photo of an identity document with a draft; return the draft as it is then."""
    key = somebody.key()
    file = signed_photo(somebody.street.photo, key)
    at = f"/requests/{draft['reference']}/documents?key={key}&proof=identity&version={draft['version']}"
    answer = await somebody.call("send a document", "POST", at, file, due=due)
    return {**draft, "version": answer.said["version"]}


def application(number: int, questions: int) -> dict[str, Any]:
    """What a household has said after so many questions; after three, all of it."""
    said: dict[str, Any] = {"asker": {"name": f"Zoé Lefèvre {number}", "email": f"household-{number}@courriel.example"}}
    if questions > 1:
        line = f"{number % 200 + 1} rue des Lilas {number // 200}"
        said["address"] = {"line": line, "postcode": "59000", "city": "Lille", "communeCode": "59350"}
    if questions > 2:
        born = f"{1950 + number % 60}-{number % 12 + 1:02}-{number % 28 + 1:02}"
        child = {"firstName": "Tom", "lastName": f"Lefèvre {number}", "bornOn": "2016-09-21"}
        said["persons"] = [{"firstName": "Zoé", "lastName": f"Lefèvre {number}", "bornOn": born}, child]
        said["services"] = ["pool", "library"]
        said["declared"] = ["residence"]
    return said
