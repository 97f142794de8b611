"""`multipass passage`: what an agent does in the place of a gate."""

import secrets

import msgspec
import rich_click as click
from click.exceptions import Exit

from adapters.clock import utc_now
from api.bodies import asked
from api.deposits import check_takes_deposits
from api.journalled_objects import about_medium, about_pass
from api.loads import DepositItem, kinds_of
from cli.account import agent_of, agent_option, open_lane
from cli.journalling import on_account_option, record, record_apart
from cli.passes import plain_number
from cli.screen import local_time, spoken, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from cli.verdict import show
from domain import acts
from domain.access.answer import Answer
from domain.access.facts import Evidence
from domain.access.reasons import REASONS, Outcome
from domain.agents import Agent, Permission
from domain.journal import Kind, Object
from domain.motives import MOTIVES, Motive
from domain.waste import BY_CODE, check_kind
from store import passages
from store.ledger.acts import Act, evidence_on_pass, let_in, take_back, take_in

_OPENS = frozenset({Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING})
_motive_option = click.option(
    "--motive",
    type=click.Choice([motive.value for motive in Motive]),
    required=True,
    help="Why: " + "; ".join(f"{motive} is {words.en.lower()}" for motive, words in MOTIVES.items()) + ".",
)
_lang_option = click.option("--lang", type=click.Choice(["fr", "en"]), default=spoken, help="Language of the words.")


@click.group("passage", epilog="Example: multipass passage list 1234567897")
def command() -> None:
    """Let somebody in or take a deposit on your own account, take a passage back."""


@command.command("list", epilog="Example: multipass passage list 1234567897")
@click.argument("number", metavar="PASS")
@click.option("--before", type=click.IntRange(1), metavar="NUMBER", help="Only those that came before this passage.")
@authority_option
@on_account_option
@with_session
async def list_(session: Session, number: str, *, before: int | None, authority_code: str | None) -> None:
    """List the passages of a PASS, newest first, 20 at a time: their numbers are what `cancel` wants."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        pass_ = await unit.passes.by_number(authority.id, plain_number(number))
    async with session.database.read() as connection:
        found = await passages.recent(connection, pass_.id, limit=20, before=before)
    await record_apart(session, authority.id, acts.Act.PASSAGES_LISTED, about_pass(pass_))
    rows = (
        (
            one.passage,
            local_time(one.recorded_at, authority.zone),
            one.gate,
            one.direction,
            f"{REASONS[one.reason].short.en}{', cancelled since' if one.cancelled else ''}",
        )
        for one in found
    )
    table(
        ("Passage", "When", "Gate", "What", "Answer"),
        rows,
        empty="No gate has seen this pass" + (" before that." if before else "."),
    )


@command.command("cancel", epilog="Example: multipass passage cancel 1042 --motive wrong_quantity --agent ines")
@click.argument("passage", type=click.IntRange(1), metavar="NUMBER")
@_motive_option
@agent_option
@authority_option
@_lang_option
@with_session
async def cancel(
    session: Session, passage: int, *, motive: str, login: str, authority_code: str | None, lang: str
) -> None:
    """Take back the entry or deposit of this NUMBER: what it counted is given back, whenever it was.

    Status 0 when it is taken back, 1 when it was done before.
    """
    agent = await agent_of(session, login, authority_code, Permission.VALIDATION_CANCEL)
    async with open_lane(session) as lane:
        answer = await take_back(session.database, lane, _act(agent, motive), passage)
    async with session.database.begin() as unit:
        holder_id = await unit.journal.holder_of(agent.authority_id, Kind.PASSAGE, passage)
        about = Object(Kind.PASSAGE, str(passage), holder_id)
        await record(session, unit, agent.authority_id, acts.Act.PASSAGE_CANCELLED, about, by=agent, why=motive)
    _tell(answer, lang)


@command.command("let-in", epilog="Example: multipass passage let-in 1234567897 pool-1 --motive medical --agent ines")
@click.argument("number", metavar="PASS")
@click.argument("gate")
@_motive_option
@agent_option
@authority_option
@_lang_option
@with_session
async def let_in_(
    session: Session, number: str, gate: str, *, motive: str, login: str, authority_code: str | None, lang: str
) -> None:
    """Let the holder of a PASS in by a GATE, on an agent's account.

    Where the rules object, what may not be overridden is refused all the same. Status 0 when the gate opens, 1 when it
    stays shut.
    """
    agent = await agent_of(session, login, authority_code, Permission.VALIDATION_OVERRIDE)
    act = _act(agent, motive)
    evidence = await evidence_on_pass(session.database, agent.authority_id, plain_number(number), act.at)
    async with session.database.look() as unit:
        door = await unit.places.gate(agent.authority_id, gate)
    async with open_lane(session) as lane:
        answer = await let_in(lane, act, gate_id=door.id, evidence=evidence, asked=asked(()))
    await _remember(session, acts.Act.LET_IN, agent, evidence, motive)
    _tell(answer, lang)


@command.command(
    "take-deposit",
    epilog="Example: multipass passage take-deposit 1234567897 waste-1 rubble=0.5 --motive good_faith --agent ines",
)
@click.argument("number", metavar="PASS")
@click.argument("gate")
@click.argument("items", metavar="KIND=AMOUNT...", nargs=-1, required=True)
@_motive_option
@agent_option
@authority_option
@_lang_option
@with_session
async def take_deposit(
    session: Session,
    number: str,
    gate: str,
    items: tuple[str, ...],
    *,
    motive: str,
    login: str,
    authority_code: str | None,
    lang: str,
) -> None:
    """Take what the holder of a PASS hands over at a GATE, on an agent's account: rubble=0.5 paint=4.

    Amounts are in the unit of their kind. Status 0 when it is taken, 1 when it is refused all the same.
    """
    agent = await agent_of(session, login, authority_code, Permission.VALIDATION_OVERRIDE)
    act = _act(agent, motive)
    kinds = kinds_of(tuple(_item(item) for item in items))
    evidence = await evidence_on_pass(session.database, agent.authority_id, plain_number(number), act.at)
    async with session.database.look() as unit:
        door = await unit.places.gate(agent.authority_id, gate)
    async with session.database.read() as connection:
        check_takes_deposits(await passages.service_at(connection, door.id))
    async with open_lane(session) as lane:
        answer = await take_in(lane, act, gate_id=door.id, evidence=evidence, kinds=kinds)
    await _remember(session, acts.Act.DEPOSIT_TAKEN, agent, evidence, motive)
    _tell(answer, lang)


async def _remember(session: Session, act: acts.Act, agent: Agent, evidence: Evidence, motive: str) -> None:
    async with session.database.begin() as unit:
        about = Object(Kind.REGISTER)  # a pass without a medium: the ledger's own record has its number
        if evidence.medium_id is not None:
            about = await about_medium(unit, agent.authority_id, evidence.medium_id)
        await record(session, unit, agent.authority_id, act, about, by=agent, why=motive)


def _item(typed: str) -> DepositItem:
    kind, _, amount = typed.partition("=")
    check_kind(kind, of="The deposit")
    try:
        return msgspec.convert({"kind": kind, "unit": BY_CODE[kind].unit, "amount": float(amount)}, DepositItem)
    except (ValueError, msgspec.ValidationError) as problem:
        raise Stop(
            f"{typed} is no KIND=AMOUNT, such as rubble=0.5: an amount is above 0, and 1000 at most."
        ) from problem


def _act(agent: Agent, motive: str) -> Act:
    # Each call is an act of its own: a fresh key, and nothing else that was said under it.
    key = secrets.token_hex(16)
    return Act(agent, Motive(motive), key, bytes.fromhex(key) * 2, utc_now())


def _tell(recorded: bytes, lang: str) -> None:
    answer = msgspec.json.decode(recorded, type=Answer)
    show(answer, french=lang == "fr")
    raise Exit(0 if answer.outcome in _OPENS else 1)
