"""`multipass catalogue diff` and `apply`: a catalogue file as a modification."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import TextIO
from zoneinfo import ZoneInfo

import rich_click as click

from adapters.catalogue_drafts import draft_file
from adapters.catalogue_file import LONGEST
from adapters.clock import utc_now
from cli.account import agent_of, agent_option
from cli.screen import say, spoken, table
from cli.session import Session, authority_option, with_session
from cli.stop import Stop
from domain.access.reasons import REASONS
from domain.agents import Permission
from domain.catalogue import changes
from domain.catalogue.changes import Change, Stage
from domain.catalogue.effects import shown
from domain.errors import DomainError
from domain.text import Text
from store.effects import Preview, preview


class _NothingWritten(Exception):
    """The file was only compared."""


@click.command("diff", epilog="Example: multipass catalogue diff products.toml --agent marie")
@click.argument("file", type=click.File(encoding="utf-8"))
@agent_option
@authority_option
@with_session
async def diff(session: Session, file: TextIO, *, login: str, authority_code: str | None) -> None:
    """Say what a FILE would change, and who would be affected. Nothing is written."""
    agent = await agent_of(session, login, authority_code, Permission.CATALOGUE_MANAGE)
    now, text = utc_now(), file.read(LONGEST + 1)
    found: list[Change] = []
    try:
        with suppress(_NothingWritten):
            async with session.database.begin() as unit:
                drafted = await draft_file(unit, agent, text=text, reason="", now=now)
                found = await unit.modifications.changes(drafted.id)
                raise _NothingWritten
    except DomainError as problem:
        raise Stop(f"{problem.code}: {problem}") from problem
    _show(await preview(session.database, agent.authority_id, found, now=now), session.settings.figures_threshold)


@click.command("apply", epilog="Example: multipass catalogue apply products.toml --agent marie --at '2026-12-01 06:00'")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--reason", required=True, metavar="WORDS", help="Why: it stays beside what changes.")
@click.option("--at", "at", metavar="TIME", help="Local time of the authority, or RFC 3339. Now, unless given.")
@agent_option
@authority_option
@with_session
async def apply(
    session: Session, file: TextIO, *, reason: str, at: str | None, login: str, authority_code: str | None
) -> None:
    """Put in force what a FILE says, now or at a time: all of it, or nothing."""
    agent = await agent_of(session, login, authority_code, Permission.CATALOGUE_MANAGE)
    now, text = utc_now(), file.read(LONGEST + 1)
    try:
        async with session.database.begin() as unit:
            owner = await unit.places.authority_by_id(agent.authority_id)
            drafted = await draft_file(unit, agent, text=text, reason=reason, now=now)
            when = _instant(at, owner.zone) if at is not None else None
            done = await changes.activate(unit, drafted, agent_id=agent.id, now=now, at=when)
    except DomainError as problem:
        raise Stop(f"{problem.code}: {problem}") from problem
    if done.state is Stage.SCHEDULED and done.takes_effect_at is not None:
        local = done.takes_effect_at.astimezone(ZoneInfo(owner.zone))
        say(f"Modification {done.number} comes into force on {local:%Y-%m-%d} at {local:%H:%M}.")
    else:
        say(f"Modification {done.number} is in force.")


def _instant(text: str, zone: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as problem:
        raise Stop(f"{text} is no time: write it like 2026-12-01 06:00.") from problem
    return (instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _show(seen: Preview, threshold: int) -> None:
    rows = [
        (effect.change.after.code, _said(one.what), _said(one.before), _said(one.after))
        for effect in seen.effects
        for one in effect.differences
    ]
    table(("code", "what", "now", "then"), rows, empty="The file says what is in force: nothing would change.")
    for effect in seen.effects:
        code = effect.change.after.code
        if effect.days is not None:
            say(f"{code}: {effect.days.days} days and {effect.days.sessions} sessions change within a year.")
            continue
        if effect.eligible is not None:
            say(f"{code}: {_count(effect.eligible, threshold)} could have it.")
        say(f"{code}: {_count(effect.holders, threshold)} hold it today.")
        for quota in effect.quotas:
            if quota.counts_anew:
                say(f"{code}: a new quota, which begins at nothing.")
            else:
                before, after = _count(quota.spent_before, threshold), _count(quota.spent_after, threshold)
                say(f"{code}: the quota is used up for {after}, for {before} as it is now.")
    if seen.replayed is not None and seen.replayed.passages:
        say(f"Passages since yesterday, decided once more: {_count(seen.replayed.passages, threshold)}.")
        for reason, count in seen.replayed.refused.items():
            say(f"Would be refused: {_count(count, threshold)} ({_said(REASONS[reason].short)}).")
        if seen.replayed.let_in:
            say(f"Would be let in, and are not now: {_count(seen.replayed.let_in, threshold)}.")


def _count(count: int, threshold: int) -> str:
    return f"fewer than {threshold}" if shown(count, threshold) is None else str(count)


def _said(text: Text | None) -> str:
    if text is None:
        return "–"
    return text.fr if spoken() == "fr" else text.en
