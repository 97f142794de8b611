"""`multipass catalogue`."""

from contextlib import suppress
from typing import TextIO

import rich_click as click
from msgspec.structs import replace

from adapters.catalogue_entries import ProductEntry, SiteEntry
from adapters.catalogue_file import LONGEST, card_terms_of, fees_of, parse, product_of, site_of
from cli.modifications import apply, diff
from cli.screen import say, spoken, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain.card_terms import CardTerms, set_card_terms
from domain.errors import DomainError
from domain.errors.products import ProductChanged, ProductNotFound
from domain.limits import ONE, Limit
from domain.places import Authority, open_site, open_zone
from domain.ports import Unit
from domain.products import Product, publish_product
from domain.replacements import ReplacementFee
from domain.text import Text


@click.group("catalogue", epilog="Example: multipass catalogue load products.toml --dry-run")
def command() -> None:
    """Products, prices and sites: what an authority offers."""


@command.command("load", epilog="Example: multipass catalogue load products.toml --dry-run")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
@authority_option
@with_session
async def load(session: Session, file: TextIO, *, dry_run: bool, authority_code: str | None) -> None:
    """Offer what a FILE says: all of it, or nothing.

    What is there already is left alone. A product that says something else than before is refused: rights were granted
    on what it said, so it changes by `multipass catalogue apply`, or gets a code of its own. A price list for replaced
    media takes the place of the one before; what was due already stays as it was.
    """
    written = parse(file.read(LONGEST + 1))
    doors = (await session.database.catalogue()).doorways.values()
    told: list[tuple[str, str, str]] = []
    refused = 0
    with suppress(_NothingWritten):
        async with session.database.begin() as unit:
            authority = await authority_of(unit, authority_code)
            there = {door.site.code for door in doors if door.site.authority_id == authority.id}
            entries: list[ProductEntry | SiteEntry] = [*written.products, *written.sites]
            for entry in entries:
                try:
                    result = await _offer(unit, authority, entry, there)
                except DomainError as problem:
                    refused += 1
                    result = f"refused, {problem.code}: {problem}"
                told.append((entry.code, _in_words(entry.name), result))
            if written.replacement_fees is not None:
                fees = fees_of(written.replacement_fees, authority_id=authority.id)
                told.append(("replacement-fees", _in_words(_FEES), await _ask_for(unit, authority, fees)))
            if written.card_orders is not None:
                terms = card_terms_of(written.card_orders)
                told.append(("card-orders", _in_words(_ORDERS), await _take_orders(unit, authority, terms)))
            _stop_if(refused or dry_run)
    table(("code", "name", "result"), told, empty="The file offers nothing.")
    if refused:
        raise Stop(f"{refused} of {len(told)} entries are refused: nothing was written.")
    if dry_run:
        say("Nothing was written: this was a dry run.")


_ORDERS = Text(fr="Cartes commandées par les habitants", en="Cards ordered by residents")
_FEES = Text(fr="Remplacement d’un support", en="Replacing a medium")


class _NothingWritten(Exception):
    """The file was only tried, or something in it is refused."""


def _stop_if(reason: int) -> None:
    if reason:
        raise _NothingWritten


async def _offer(unit: Unit, authority: Authority, entry: ProductEntry | SiteEntry, there: set[str]) -> str:
    if isinstance(entry, ProductEntry):
        return await _product(unit, product_of(entry, id_=unit.ids.row(), authority_id=authority.id))
    if entry.code in there:
        return "there already"
    there.add(entry.code)
    site, zones, gates = site_of(entry, ids=unit.ids, authority_id=authority.id)
    await open_site(unit, site)
    for zone, part in zip(zones, entry.zones, strict=True):
        await open_zone(unit, zone, water=part.water)
    for gate in gates:
        await unit.places.add_gate(gate)
    return "new, with one gate" if len(gates) == 1 else f"new, with {len(gates)} gates"


async def _ask_for(unit: Unit, authority: Authority, fees: list[ReplacementFee]) -> str:
    known = await unit.replacements.fees(authority.id)
    if fees == known:
        return "there already"
    await unit.replacements.set_fees(authority.id, fees)
    return "changed" if known else "new"


async def _take_orders(unit: Unit, authority: Authority, terms: CardTerms) -> str:
    known = await unit.ordered_cards.terms(authority.id)
    await set_card_terms(unit, terms, authority_id=authority.id)
    if terms == known:
        return "there already"
    return "changed" if known.is_open else "new"


async def _product(unit: Unit, new: Product) -> str:
    try:
        known = await unit.products.by_code(new.authority_id, new.code)
    except ProductNotFound:
        await publish_product(unit, new)
        return "new"
    if replace(new, id=known.id) != known:
        raise ProductChanged(
            f"{new.code} says something else than the product of this code: apply it, or give it another one."
        )
    return "there already"


@command.command("show", epilog="Example: multipass catalogue show")
@authority_option
@with_session
async def show(session: Session, *, authority_code: str | None) -> None:
    """List what an authority offers: its products, what replaced media cost, whether residents order cards."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        fees = await unit.replacements.fees(authority.id)
        orders = await unit.ordered_cards.terms(authority.id)
    products = (await session.database.catalogue()).products.values()
    rows = [
        (
            product.code,
            product.service_code,
            product.subject.value,
            _in_words(product.name),
            ", ".join(_said(limit) for limit in product.limits) or "no limit",
            " / ".join(sorted({f"{price.amount_cents / 100:.2f} €" for price in product.prices})) or "granted",
        )
        for product in sorted(products, key=lambda one: (one.service_code, one.code))
        if product.authority_id == authority.id
    ]
    table(("code", "service", "for", "name", "limits", "price"), rows, empty="No product yet.")
    if fees:
        rows_ = ((fee.kind, fee.reason, f"{fee.amount_cents / 100:.2f} €") for fee in fees)
        table(("replacing", "for", "price"), rows_, empty="")
    if orders.is_open:
        where = [*(_in_words(desk.name) for desk in orders.desks), *(["by post"] if orders.by_post else [])]
        say(f"Residents order cards: {', '.join(where)}, in about {orders.working_days} working days.")


def _said(limit: Limit) -> str:
    kind = f" of {limit.kind}" if limit.kind is not None else ""
    cents = sorted({rate.price_cents for rate in limit.rates} or {limit.price_cents})
    price = " to ".join(f"{each / 100:.2f}" for each in dict.fromkeys((cents[0], cents[-1])))
    free = f" ({limit.free / ONE:g} free, then {price} €)" if limit.free is not None else ""
    return f"{limit.amount / ONE:g} {limit.unit}{kind} a {limit.window}{free}".replace("a whole", "in all")


def _in_words(name: Text) -> str:
    return name.fr if spoken() == "fr" else name.en


command.add_command(diff)
command.add_command(apply)
