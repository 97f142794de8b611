"""`multipass explain`: why a gate would let a pass in, or not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import rich_click as click
from click.exceptions import Exit

from adapters.clock import utc_now
from api.journalled_objects import about_pass
from cli.journalling import on_account_option, record_apart
from cli.passes import hexadecimal, named, plain_number
from cli.screen import console, say, spoken, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from cli.verdict import show
from domain.access.answer import compose
from domain.access.explain import Explanation, Finding, Step, explain
from domain.access.facts import Direction
from domain.access.facts_in_words import quantity
from domain.access.reasons import REASONS
from domain.acts import Act
from domain.temporary_passes import TemporaryPass
from domain.text import Text
from store.ledger.what_if import Considered, WhatIf, imagine

_MARKS = {Finding.FINE: "✔", Finding.OBJECTS: "✘", Finding.NOT_ASKED: "–"}
_FINDINGS = {
    Finding.FINE: Text(fr="rien à redire", en="nothing to object"),
    Finding.NOT_ASKED: Text(fr="pas interrogée", en="not asked"),
}
_COLUMNS = (
    Text(fr="", en=""),
    Text(fr="Règle", en="Rule"),
    Text(fr="Ce qu’elle demande, ce qu’elle répond", en="What it asks, what it answers"),
    Text(fr="Ce qu’elle regarde", en="What it looks at"),
)
_HEADING = Text(
    fr="{way} par {gate} ({site}), support {medium}, {when}",
    en="{way} by {gate} ({site}), medium {medium}, {when}",
)
_WAYS = {Direction.ENTRY: Text(fr="Entrée", en="Entry"), Direction.EXIT: Text(fr="Sortie", en="Exit")}
_TEMPORARY = Text(
    fr="Pass provisoire, donné avec la demande {request} et valable jusqu’au {until:%d/%m/%Y} ou jusqu’à la décision",
    en="Temporary pass, given with request {request} and valid until {until} or until the decision",
)
_DECIDED = Text(fr="la demande est close, le pass provisoire s’est arrêté", en="the request is closed, so it has ended")
_NOTHING_WRITTEN = Text(
    fr="Rien n’a été enregistré ni décompté. Les compteurs sont ceux de maintenant.",
    en="Nothing was recorded or counted. Counters are those of now.",
)
_USED = Text(fr="Droit qui servirait : {product}", en="Right that would be used: {product}")
_SPENT = Text(
    fr="Serait décompté : {quantity}, du compteur qui court jusqu’au {until:%d/%m/%Y}",
    en="Would be counted: {quantity}, in the counter that runs until {until}",
)


@click.command("explain", epilog="Example: multipass explain 1234567897 pool --at '2026-11-21 14:05'")
@click.argument("number")
@click.argument("site")
@click.option("--at", "at", metavar="TIME", help="Local time of the site, or RFC 3339. Now, unless given.")
@click.option("--exit", "leaving", is_flag=True, help="Somebody leaves, instead of coming in.")
@click.option("--gate", metavar="CODE", help="By which gate of the site; its first by code, unless given.")
@click.option(
    "--medium", metavar="HEX", help="Its identifier, or the beginning of it; the oldest in use, unless given."
)
@authority_option
@click.option("--lang", type=click.Choice(["fr", "en"]), default=spoken, help="Language of the words.")
@on_account_option
@with_session
async def command(
    session: Session,
    number: str,
    site: str,
    *,
    at: str | None,
    leaving: bool,
    gate: str | None,
    medium: str | None,
    authority_code: str | None,
    lang: str,
) -> None:
    """Say why a pass would open a site's gate, or not. Nothing is recorded.

    SITE is its code. Every rule says what it asks, what it found and what it looked at; then comes the verdict that the
    gate would give. Status 0 when the gate would open, 1 when it would stay shut.
    """
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        pass_ = await unit.passes.by_number(authority.id, plain_number(number))
        media = await unit.passes.media(pass_.id)
        temporary = await unit.temporary_passes.of_pass(pass_.id)
    considered = await imagine(
        session.database,
        WhatIf(
            authority_id=authority.id,
            number=pass_.number,
            site=site,
            at=utc_now() if at is None else instant(at, authority.zone),
            direction=Direction.EXIT if leaving else Direction.ENTRY,
            gate=gate,
            medium_id=None if medium is None else named(media, medium),
        ),
        session.keyring.flaw_then,
    )
    await record_apart(session, authority.id, Act.PASS_EXPLAINED, about_pass(pass_))
    explanation = explain(considered.facts)
    if temporary is not None:
        say(_temporary(*temporary, french=lang == "fr"))
    _print(considered, explanation, french=lang == "fr")
    raise Exit(0 if explanation.verdict.opens else 1)


def instant(text: str, time_zone: str) -> datetime:
    """Return the instant that somebody typed: a time on the wall of the place, or one with its offset.

    Raises:
        Stop: it is none, or the clocks of the place skip it.
    """
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        typed = None
    if typed is None or len(text) <= len("2026-11-21") or not 2000 <= typed.year < 2100:
        raise Stop(f"{text} is no time of this century: write it like '2026-11-21 14:05' or 2026-11-21T14:05:00+01:00.")
    if typed.tzinfo is not None:
        return typed.astimezone(UTC)
    there = typed.replace(tzinfo=ZoneInfo(time_zone)).astimezone(UTC)
    if there.astimezone(ZoneInfo(time_zone)).replace(tzinfo=None) != typed:
        raise Stop(f"{text} does not exist in {time_zone}: the clocks go forward there and skip it.")
    return there


def _print(considered: Considered, explanation: Explanation, *, french: bool) -> None:
    facts = considered.facts
    here = facts.at.astimezone(ZoneInfo(facts.doorway.time_zone))
    say(
        _in(_HEADING, french=french).format(
            way=_in(_WAYS[facts.direction], french=french),
            gate=facts.doorway.gate.code,
            site=facts.doorway.site.code,
            medium=hexadecimal(considered.medium),
            when=f"{here:%d/%m/%Y %H:%M}" if french else f"{here:%Y-%m-%d %H:%M}",
        )
    )
    rows = (_row(step, french=french) for step in explanation.steps)
    table([_in(column, french=french) for column in _COLUMNS], rows, empty="")
    console().print(_in(explanation.why, french=french))
    show(compose(facts, explanation.verdict), french=french)
    for line in _spending(explanation, french=french):
        say(line)
    say(_in(_NOTHING_WRITTEN, french=french))


def _temporary(given: TemporaryPass, request: str, *, french: bool) -> str:
    last = given.valid_until - timedelta(days=1)
    said = _in(_TEMPORARY, french=french).format(request=request, until=last)
    return said if given.ended_at is None else f"{said}\n{_in(_DECIDED, french=french)}"


def _row(step: Step, *, french: bool) -> tuple[str, ...]:
    found = (
        f"{_in(REASONS[step.reason].short, french=french)} ({step.reason})"
        if step.reason is not None
        else _in(_FINDINGS[step.finding], french=french)
    )
    looked = (
        f"{_in(one.label, french=french)}{' :' if french else ':'} {_in(one.value, french=french)}"
        for one in step.facts
    )
    return (_MARKS[step.finding], step.rule, f"{_in(step.asks, french=french)}\n→ {found}", "\n".join(looked))


def _spending(explanation: Explanation, *, french: bool) -> Iterator[str]:
    if explanation.right is not None:
        yield _in(_USED, french=french).format(product=explanation.right)
    for one in explanation.spent:
        yield _in(_SPENT, french=french).format(
            quantity=_in(quantity(one.amount, one.unit), french=french), until=one.until - timedelta(days=1)
        )


def _in(text: Text, *, french: bool) -> str:
    return text.fr if french else text.en
