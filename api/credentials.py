"""Everything that a terminal may send as `credential`, turned into evidence: the first characters say which.

    MP1: MP2:     signed codes                             nfc/qr.py, at once
    MP3:          an online handle, taken here and now     nfc/online_handle.py
    https://      the URL that a card writes at each tap   nfc/sdm.py
    UID:          a card without keys of ours              nfc/uid.py
    HCE:          a phone's answer to a reader             nfc/hce.py
    OBJ:          the object in a card's file              nfc/card_object.py
    CARD:         a card that has just proved its key      api/card_authentications.py
    EXT:          a card of others, as a gateway read it   nfc/gateway_statement.py

What is wrong with a credential becomes the reason of a recorded refusal; nothing here raises for it.
"""

import asyncio
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Final
from uuid import UUID

from adapters.cards import CardKeys
from adapters.external_media import shows, trusted
from adapters.keyring import KeyMissing
from api.known_cards import KnownCards
from api.verifier import Verifier
from domain.access.facts import Evidence
from domain.access.reasons import Reason
from domain.cards import Card, CardTechnology
from domain.errors import LedgerUnavailable
from domain.passes import medium_bytes, medium_from_bytes
from domain.services import SERVICES
from nfc import apdu, gateway_statement, hce, online_handle, sdm
from nfc import uid as uids
from nfc.errors import CodeError
from nfc.keys import KeySet
from nfc.qr import CodeReader, VerifiedCode
from store import card_proofs, external_media, online_handles
from store.card_proofs import CardProof
from store.database import Database
from store.online_handles import OnlineHandle
from store.terminal_tokens import TerminalSession

FLAWS: Final = {
    "unreadable": Reason.UNREADABLE,
    "too_long": Reason.UNREADABLE,
    "too_large": Reason.UNREADABLE,
    "unknown_type": Reason.UNKNOWN_TYPE,
    "unknown_key": Reason.UNKNOWN_KEY,
    "withdrawn_key": Reason.WITHDRAWN_KEY,
    "bad_signature": Reason.BAD_SIGNATURE,
    "expired": Reason.CODE_EXPIRED,
    "stale": Reason.CODE_STALE,
    "wrong_card": Reason.BAD_SIGNATURE,
    "refused": Reason.BAD_SIGNATURE,
}

CARD_PREFIX: Final = "CARD:"

HCE_PREFIX: Final = "HCE:"

CHALLENGE_SECONDS: Final = 60
"""How old a challenge may be: a terminal draws it for the tap that it sends at once, or again after a lost answer."""

_CHALLENGE_BYTES: Final = 32
_OK: Final = apdu.OK.to_bytes(2, "big")
_SERVICES: Final = {hce.service_bytes(service.code): service.code for service in SERVICES}

Read = Callable[[TerminalSession, str, datetime], Awaitable[Evidence]]
KeysThen = Callable[[datetime], KeySet]
"""Whom the gates trusted at an instant that is over."""

FindProof = Callable[[bytes, UUID], Awaitable[CardProof | None]]
FindHandle = Callable[[bytes, datetime], Awaitable[OnlineHandle | None]]
Identified = tuple[Card | None, bool]
"""What the register knows of a card, and whether it was asked at an earlier tap."""
Identify = Callable[[TerminalSession, bytes], Awaitable[Identified]]


def proof_hash(handle: bytes) -> bytes:
    """What the server keeps of the handle of a card's proof."""
    return sha256(handle).digest()


def _base64(text: str) -> bytes:
    """The bytes in base64url, with or without its padding."""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as garbage:
        raise CodeError("unreadable", "not base64url") from garbage


def flawed(error: CodeError) -> Evidence:
    """The evidence of a credential that was not accepted."""
    medium_id = medium_from_bytes(error.medium_id) if error.medium_id is not None else None
    return Evidence(medium_id=medium_id, flaw=FLAWS[error.kind], issuer=error.authority or None)


def evidence_of(code: VerifiedCode | CodeError) -> Evidence:
    """The evidence of a signed code that was looked at."""
    if isinstance(code, CodeError):
        return flawed(code)
    return Evidence(
        medium_id=medium_from_bytes(code.medium_id),
        assurance=code.assurance,
        issuer=code.authority,
        iat=code.presented_at,
    )


class Credentials:
    """Reads what terminals send. Signed codes are read at once, everything else asks the database."""

    def __init__(self, *, reader: CodeReader, keys: CardKeys, database: Database, keys_then: KeysThen) -> None:
        self._reader = reader
        self._keys_then = keys_then
        self._verifier = Verifier(reader)
        self._keys = keys
        self._database = database
        self._known = KnownCards(database)
        self._others: dict[str, Read] = {
            "http": partial(self._sun, self._asked),
            "UID:": partial(self._uid, self._asked),
            "MP3:": partial(self._handle, self._taken),
            "CARD": partial(self._proof, self._spent),
            "HCE:": partial(self._phone, reader),
            "OBJ:": self._object,
            "EXT:": self._external,
        }
        self._asked_about: dict[str, Read] = self._others | {
            "MP3:": partial(self._handle, self._seen),
            "CARD": partial(self._proof, self._looked_at),
        }
        self._at_doors: dict[str, Read] = self._others | {
            "http": partial(self._sun, self._remembered),
            "UID:": partial(self._uid, self._remembered),
        }

    def close(self) -> None:
        """Let go of the thread in which codes are verified."""
        self._verifier.close()

    def remembered(self, credential: str, now: datetime) -> Evidence | None:
        """The evidence of a signed code that was verified before; None where there is something to do."""
        try:
            code = self._reader.remembered(credential.strip("\r\n"), int(now.timestamp()))
        except CodeError as error:
            return flawed(error)
        return evidence_of(code) if code is not None else None

    def verified(self, credential: str, now: datetime) -> asyncio.Future[VerifiedCode | CodeError] | None:
        """What will be known of a code that is not remembered; None where the database has to be asked as well.

        Raises:
            Overloaded: too many are waiting.
        """
        text = credential.strip("\r\n")
        return None if text[:4] in self._others else self._verifier.read(text, now)

    async def read(self, session: TerminalSession, credential: str, now: datetime) -> Evidence:
        """The evidence of a credential that this terminal has read.

        Raises:
            LedgerUnavailable: the database is away; nothing was recorded.
        """
        return await self._read(self._others, session, credential, now)

    async def read_fact(self, session: TerminalSession, credential: str, at: datetime) -> Evidence:
        """The evidence of what a terminal has read at an instant that is over: by the keys that were in force then.

        Raises:
            LedgerUnavailable: the database is away; nothing was recorded.
        """
        seen = await self.read(session, credential, at)
        if seen.flaw != Reason.WITHDRAWN_KEY:
            return seen
        # A reader of its own: what the gates' reader remembers holds for now, and must not come from there.
        then = CodeReader(self._keys_then(at), printed=0, phones=0)
        text = credential.strip("\r\n")
        try:
            if text.startswith(HCE_PREFIX):
                return await self._phone(then, session, text, at)
            return seen if text[:4] in self._others else evidence_of(then.read(text, int(at.timestamp())))
        except CodeError as error:
            return flawed(error)

    async def look(self, session: TerminalSession, credential: str, now: datetime) -> Evidence:
        """The same, for whoever asks and moves nothing: what is good once stays as it is.

        Raises:
            LedgerUnavailable: the database is away.
        """
        return await self._read(self._asked_about, session, credential, now)

    async def read_for_ledger(self, session: TerminalSession, credential: str, now: datetime) -> Evidence:
        """The same, for whoever asks again where the ledger says `StaleIdentity`: whose a card is may be remembered.

        Raises:
            LedgerUnavailable: the database is away; nothing was recorded.
        """
        return await self._read(self._at_doors, session, credential, now)

    def forget(self, medium_id: int) -> None:
        """Ask the register when this medium's chip comes again."""
        self._known.forget(medium_id)

    async def _read(
        self, others: dict[str, Read], session: TerminalSession, credential: str, now: datetime
    ) -> Evidence:
        text = credential.strip("\r\n")
        other = others.get(text[:4])
        if other is None:
            return self.remembered(text, now) or evidence_of(await self._verifier.read(text, now))
        try:
            async with asyncio.timeout(self._database.soon):
                return await other(session, text, now)
        except CodeError as error:
            return flawed(error)
        except TimeoutError as frozen:
            raise LedgerUnavailable("The database did not answer in time.") from frozen

    async def card(self, session: TerminalSession, uid: bytes) -> Card | None:
        """What the register knows of a card.

        Raises:
            CodeError: no card can be known by this UID.
        """
        return (await self._asked(session, uid))[0]

    async def _asked(self, session: TerminalSession, uid: bytes) -> Identified:
        try:
            digest = self._keys.digest(session.authority, uid)
        except KeyMissing:
            return None, False
        return await self._known.find(session.authority_id, digest), False

    async def _remembered(self, session: TerminalSession, uid: bytes) -> Identified:
        try:
            card = self._known.remembered(session.authority_id, self._keys.digest(session.authority, uid))
        except KeyMissing:
            return None, False
        return (card, True) if card is not None else await self._asked(session, uid)

    async def _sun(self, identify: Identify, session: TerminalSession, text: str, _now: datetime) -> Evidence:
        tap = sdm.read(text, self._keys.sun(session.authority))
        card, remembered = await identify(session, tap.uid)
        if remembered and card is not None and card.key_version != tap.key_version:
            card, remembered = await self._asked(session, tap.uid)
        if card is not None and card.key_version != tap.key_version:
            return Evidence(flaw=Reason.WITHDRAWN_KEY)
        return Evidence(
            medium_id=card.medium_id if card is not None else None,
            assurance=tap.assurance,
            issuer=session.authority,
            counter=tap.counter,
            remembered=remembered,
        )

    async def _uid(self, identify: Identify, session: TerminalSession, text: str, _now: datetime) -> Evidence:
        uid = uids.parse(text.removeprefix("UID:"))
        card, remembered = await identify(session, uid)
        if remembered and card is not None and card.technology is not CardTechnology.UID_ONLY:
            card, remembered = await self._asked(session, uid)
        if card is not None and card.technology is not CardTechnology.UID_ONLY:
            # A card that can prove a key is not known by what everybody can copy.
            return Evidence(flaw=Reason.PROOF_TOO_WEAK)
        return Evidence(medium_id=card.medium_id if card is not None else None, remembered=remembered)

    async def _proof(self, find: FindProof, session: TerminalSession, text: str, now: datetime) -> Evidence:
        proof = await find(proof_hash(_base64(text.removeprefix(CARD_PREFIX))), session.terminal_id)
        if proof is None or proof.pending is not None or proof.expires_at <= now:
            return Evidence(flaw=Reason.CARD_TOO_LATE)
        if proof.flaw is not None:
            return Evidence(flaw=proof.flaw)
        return Evidence(medium_id=proof.medium_id, assurance=3, issuer=session.authority)

    async def _spent(self, handle_hash: bytes, terminal_id: UUID) -> CardProof | None:
        async with self._database.write() as connection:
            return await card_proofs.take(connection, handle_hash, terminal_id)

    async def _looked_at(self, handle_hash: bytes, terminal_id: UUID) -> CardProof | None:
        async with self._database.read() as connection:
            return await card_proofs.look(connection, handle_hash, terminal_id)

    async def _phone(self, reader: CodeReader, session: TerminalSession, text: str, now: datetime) -> Evidence:
        said = _base64(text.removeprefix(HCE_PREFIX))
        challenge, answer = hce.read_challenge(said[:_CHALLENGE_BYTES]), said[_CHALLENGE_BYTES:]
        service = _SERVICES.get(challenge.service)
        if challenge.terminal != hce.terminal_bytes(session.terminal_id.bytes) or service is None:
            raise CodeError("bad_signature", "a challenge of another terminal, or for no service of ours")
        if abs(challenge.time - int(now.timestamp())) > CHALLENGE_SECONDS:
            raise CodeError("stale", "a challenge of another moment")
        tap = reader.tap(challenge, answer + _OK, int(now.timestamp()))
        return Evidence(
            medium_id=medium_from_bytes(tap.medium_id), assurance=tap.assurance, issuer=tap.authority, service=service
        )

    async def _object(self, _session: TerminalSession, text: str, now: datetime) -> Evidence:
        tap = self._reader.object_of_card(text, int(now.timestamp()))
        return Evidence(medium_id=medium_from_bytes(tap.medium_id), assurance=tap.assurance, issuer=tap.authority)

    async def _external(self, session: TerminalSession, text: str, now: datetime) -> Evidence:
        message = gateway_statement.parse(text)
        async with self._database.read() as connection:
            gateways = await external_media.gateways_named(connection, session.authority_id, message.kid or b"")
            said = gateway_statement.verify(message, trusted(gateways, session.authority), int(now.timestamp()))
            found = await external_media.find(connection, session.authority_id, said.sector, said.identifier)
        if found is not None and not shows(said, found):
            raise CodeError("wrong_card", medium_id=medium_bytes(found.medium_id), authority=session.authority)
        # What enrolled the card was said before it was a medium: it opens nothing.
        old = found is not None and said.iat <= int(found.read_at.timestamp())
        return Evidence(
            medium_id=found.medium_id if found is not None else None,
            assurance=said.assurance,
            flaw=Reason.REPLAYED if old else None,
            issuer=session.authority,
            iat=said.iat,
            sector=said.sector,
        )

    async def _handle(self, find: FindHandle, _session: TerminalSession, text: str, now: datetime) -> Evidence:
        handle = await find(online_handle.stored_hash(online_handle.parse(text)), now)
        if handle is None:
            return Evidence(flaw=Reason.CODE_STALE)
        return Evidence(medium_id=handle.medium_id, assurance=2, service=handle.service_code)

    async def _taken(self, handle_hash: bytes, now: datetime) -> OnlineHandle | None:
        async with self._database.write() as connection:
            return await online_handles.take(connection, handle_hash, now)

    async def _seen(self, handle_hash: bytes, now: datetime) -> OnlineHandle | None:
        async with self._database.read() as connection:
            return await online_handles.look(connection, handle_hash, now)
