"""What an agent does in the place of a gate, from a form of a site's board: the same acts as `api/passages.py`."""

from datetime import datetime
from secrets import token_hex
from uuid import UUID

import msgspec
from msgspec import Struct

from admin.forms import Form
from api import bodies
from api.deposits import check_takes_deposits
from api.journalled_objects import about_medium
from api.journalling import Note
from domain.access.answer import Answer
from domain.access.facts import Evidence
from domain.agents import Agent
from domain.errors.passes import MediumNotFound, NotCancellable, PassageNotFound, PassNotFound
from domain.errors.places import GateNotFound
from domain.limits import ONE, Measure
from domain.motives import Motive
from domain.passes import is_number
from domain.waste import BY_CODE
from store import passages
from store.database import Database
from store.ledger import Lane
from store.ledger.acts import Act, evidence_on_pass, let_in, take_back, take_in
from web.moments import Language

_LONGEST_KEY = 64
_MOST = 1_000 * ONE
"""Nobody brings a thousand cubic metres, or pieces, at once."""


class Told(Struct, frozen=True):
    """What the ledger has answered."""

    answer: Answer

    def said(self, language: Language) -> str:
        """Say it in a sentence or two."""
        texts = (self.answer.text, self.answer.next_step)
        first, then = (text.fr if language == "fr" else text.en for text in texts)
        return f"{first}. {then}"


class Actor(Struct, frozen=True):
    """Who acts in the place of a gate, on which ledger, when; and where the journal hears of it, or of nothing."""

    agent: Agent
    database: Database
    lane: Lane
    now: datetime
    note: Note


async def entered(actor: Actor, site: str, form: Form) -> Told | None:
    """Let somebody in; None where the form does not fit, and says why."""
    gate_id, evidence = await _gate(actor, site, form), await _evidence(actor, form)
    act = _act(actor, form, (site, "entry"))
    if act is None or gate_id is None or evidence is None:
        actor.note.nothing()
        return None
    await _say(actor, evidence, act)
    return _told(await let_in(actor.lane, act, gate_id=gate_id, evidence=evidence, asked=bodies.asked(())))


async def deposited(actor: Actor, site: str, form: Form) -> Told | None:
    """Take what somebody brings, kind by kind; None where the form does not fit.

    Raises:
        NoDepositsHere: nothing is handed over at this site.
    """
    gate_id, evidence = await _gate(actor, site, form), await _evidence(actor, form)
    kinds = _kinds(form)
    act = _act(actor, form, (site, "deposit"))
    if act is None or gate_id is None or evidence is None:
        actor.note.nothing()
        return None
    async with actor.database.read() as connection:
        check_takes_deposits(await passages.service_at(connection, gate_id))
    await _say(actor, evidence, act)
    return _told(await take_in(actor.lane, act, gate_id=gate_id, evidence=evidence, kinds=kinds))


async def cancelled(actor: Actor, passage: str, form: Form) -> Told | None:
    """Take a passage back; None where the form does not fit, or nothing was counted."""
    act = _act(actor, form, (passage, "cancellation"))
    if act is None:
        actor.note.nothing()
        return None
    actor.note.because(act.motive)
    try:
        return _told(await take_back(actor.database, actor.lane, act, number_of_passage(passage)))
    except NotCancellable:
        form.refuse("motive", "nothing_counted")
        actor.note.nothing()
        return None


def number_of_passage(text: str) -> int:
    """Read the number of a passage from an address.

    Raises:
        PassageNotFound: no passage is called so.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise PassageNotFound("There is no such passage.")
    return int(text)


async def _say(actor: Actor, evidence: Evidence, act: Act) -> None:
    """Tell the journal whose medium it was, and why."""
    actor.note.because(act.motive)
    if evidence.medium_id is not None:
        async with actor.database.look() as unit:
            actor.note.about(await about_medium(unit, actor.agent.authority_id, evidence.medium_id))


def _act(actor: Actor, form: Form, where: tuple[object, ...]) -> Act | None:
    """Who acts, why and when. The key was drawn with the page: a form that is sent twice is one act."""
    motive = form.one_of("motive", Motive)
    drawn = form.kept("key")
    # Nobody types a key: a form without one is an act of its own.
    key = drawn if drawn.isascii() and drawn.isalnum() else token_hex(16)
    if motive is None or form.is_wrong:
        return None
    said = {name: value for name, value in form.typed.items() if name != "csrf"}
    return Act(actor.agent, motive, f"console.{key}"[:_LONGEST_KEY], bodies.fingerprint((where, said)), actor.now)


async def _gate(actor: Actor, site: str, form: Form) -> UUID | None:
    try:
        async with actor.database.read() as connection:
            return await passages.gate_of(connection, actor.agent.authority_id, site, form.kept("gate"))
    except GateNotFound:
        form.refuse("gate", "field_not_chosen")
        return None


async def _evidence(actor: Actor, form: Form) -> Evidence | None:
    number = "".join(form.text("number", longest=20).split())
    if "number" in form.wrong:
        return None
    if not is_number(number):
        form.refuse("number", "no_such_pass")
        return None
    try:
        return await evidence_on_pass(actor.database, actor.agent.authority_id, number, actor.now)
    except (PassNotFound, MediumNotFound) as missing:
        form.refuse("number", "no_medium" if isinstance(missing, MediumNotFound) else "no_such_pass")
        return None


def _kinds(form: Form) -> dict[str, dict[Measure, int]]:
    """Read amounts as people type them: 1,5 or 1.5."""
    kinds = {}
    for name in [name for name in form.typed if name.startswith("kind_") and form.kept(name).strip()]:
        kind = BY_CODE.get(name.removeprefix("kind_"))
        amount = _thousandths(form.kept(name))
        if kind is None or amount is None:
            form.refuse(name, "no_amount")
        else:
            kinds[kind.code] = {kind.unit: amount}
    if not kinds and not form.is_wrong:
        form.refuse("kinds", "nothing_brought")
    return kinds


def _thousandths(text: str) -> int | None:
    whole, _, rest = text.strip().replace(",", ".").partition(".")
    digits = whole + rest
    if not (digits.isascii() and digits.isdigit() and len(whole) <= 4 and len(rest) <= 3):
        return None
    amount = int(whole or "0") * ONE + int(rest.ljust(3, "0") or "0")
    return amount if 0 < amount <= _MOST else None


def _told(answer: bytes) -> Told:
    return Told(msgspec.json.decode(answer, type=Answer))
