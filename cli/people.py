"""`multipass people`: erasing somebody who asks for it."""

from collections.abc import Iterable

import rich_click as click
from click.exceptions import Exit

from adapters.clock import utc_now
from api.journalled_objects import about_holder
from api.resident_notices import forget_choices
from cli.journalling import on_account_option, record, record_apart
from cli.members import full_name, local_today
from cli.rehearsal import dry_run_option, tried
from cli.requests import vault_of
from cli.screen import say, spoken, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain.acts import Act
from domain.erasure import GROUNDS, Erased, Ground, Obstacle, erase, in_the_way
from domain.errors.people import ErasureRefused
from domain.people import Holder
from domain.places import Authority
from domain.ports import Unit


@click.group("people", epilog="Example: multipass people erase R-1042 --motive objected --dry-run")
def command() -> None:
    """Erase somebody who asks for it (GDPR, art. 17)."""


@command.command("erase", epilog="Example: multipass people erase R-1042 --motive objected --agent dpo")
@click.argument("reference", metavar="HOLDER")
@click.option(
    "--motive",
    type=click.Choice([ground.value for ground in Ground]),
    required=True,
    help="Why, after GDPR art. 17-1: "
    + "; ".join(f"{one} is {said.en.lower()}" for one, said in GROUNDS.items())
    + ".",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--lang", type=click.Choice(["fr", "en"]), default=spoken, help="Language of what stands in the way.")
@dry_run_option
@authority_option
@on_account_option
@with_session
async def erase_(
    session: Session,
    reference: str,
    *,
    motive: str,
    yes: bool,
    lang: str,
    dry_run: bool,
    authority_code: str | None,
) -> None:
    """Erase a HOLDER now, with everything that hangs on them. Nothing brings them back.

    Passages and sales stay, about nobody; a household goes with its last member. --dry-run shows by table what would
    go, and what stands in the way: status 1 where something does.
    """
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        holder = await unit.people.holder(authority.id, reference)
        obstacles = await in_the_way(unit, holder, today=local_today(authority))
    if dry_run:
        await record_apart(session, authority.id, Act.ERASURE_FORESEEN, about_holder(holder.id), why=motive)
        await _foresee(session, authority, holder)
        _say(obstacles, lang)
        raise Exit(1 if obstacles else 0)
    if obstacles:
        _say(obstacles, lang)
        raise Stop(f"{reference} was not erased.")
    if not yes:
        click.confirm(f"{full_name(holder)} is erased for good, with passes, rights and photo. Erase them?", abort=True)
    try:
        async with session.database.begin() as unit:
            await _forget_choices(session, unit, holder)
            erased = await erase(unit, holder, today=local_today(authority), now=utc_now())
            await record(session, unit, authority.id, Act.PERSON_ERASED, about_holder(holder.id), why=motive)
    except ErasureRefused as refused:  # somebody was quicker, while we asked
        _say(refused.obstacles, lang)
        raise Stop(f"{reference} was not erased.") from refused
    vault_of(session).remove(erased.photos)
    _show(erased, "Became")
    say(f"{reference} is erased. Their cards open nothing from now on; without network, from the next list on.")
    say("A backup of before holds them still.")


async def _foresee(session: Session, authority: Authority, holder: Holder) -> None:
    async with tried(session, dry_run=True) as unit:
        foreseen = await unit.erasures.remove(holder, today=local_today(authority), now=utc_now())
        _show(foreseen, "Would be")


async def _forget_choices(session: Session, unit: Unit, holder: Holder) -> None:
    """Erase what somebody's own account follows in the app: only the keyring knows which choices are theirs."""
    link = await unit.accounts.own_link(holder.id)
    account = await unit.accounts.by_id(holder.authority_id, link.account_id) if link is not None else None
    if account is not None:
        await forget_choices(unit, session.keyring, account)


def _show(erased: Erased, heading: str) -> None:
    became = {"validation": "about nobody", "sale": "about nobody", "pass_request": "ends earlier"}
    rows = ((name, f"{count:,}", became.get(name, "deleted")) for name, count in sorted(erased.rows.items()))
    table(("Table", "Rows", heading), rows, empty="Nothing.")


def _say(obstacles: Iterable[Obstacle], lang: str) -> None:
    for one in obstacles:
        say(one.sentence.fr if lang == "fr" else one.sentence.en)
