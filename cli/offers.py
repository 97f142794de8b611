"""`multipass offers`: what a till would be told of a pass."""

from datetime import date, timedelta

import rich_click as click

from adapters.clock import utc_now
from api.journalled_objects import about_pass
from cli.journalling import on_account_option, record_apart
from cli.passes import plain_number
from cli.screen import say, spoken, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.verdict import UNITS
from domain.access.facts import Balance, Prospect
from domain.access.reasons import REASONS
from domain.acts import Act
from domain.limits import ONE
from domain.offers import Offer, Offers
from domain.tariff_names import tariff_name
from domain.text import Text
from domain.waste import counted_in
from store.tills import Tills
from web.moments import Language
from web.numbers import number as written

_REFUSED = Text(fr="Le pass n’est pas valable ici : {why}", en="The pass is not valid here: {why}")
_COLUMNS = (Text(fr="", en=""), Text(fr="Produit", en="Product"), Text(fr="Détail", en="Detail"))
_USABLE, _BUYABLE = Text(fr="utilisable", en="usable"), Text(fr="à vendre", en="on sale")
_NOT = Text(fr="non", en="no")
_NOTHING = Text(fr="Rien à utiliser ni à acheter ici.", en="Nothing to use or to buy here.")
_LEFT = Text(fr="reste {left} sur {of} {unit}", en="{left} of {of} {unit} left")
_LASTS = Text(fr="jusqu’au {last:%d/%m/%Y}", en="until {last}")
_PRICE = Text(fr="{euros} € ({tariff})", en="€{euros} ({tariff})")
_CHANGES = Text(fr="à ce prix jusqu’au {last:%d/%m/%Y}", en="at this price until {last}")

_SOON = timedelta(days=366)
"""A price that ends later than this is not worth a word."""


@click.command("offers", epilog="Example: multipass offers 1234567897 piscine-est-1")
@click.argument("number")
@click.argument("gate")
@authority_option
@click.option("--lang", type=click.Choice(["fr", "en"]), default=spoken, help="Language of the words.")
@on_account_option
@with_session
async def command(session: Session, number: str, gate: str, *, authority_code: str | None, lang: str) -> None:
    """Show what a pass can use and buy at a gate.

    It is what a till would be told now. Nothing is recorded.
    """
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        pass_ = await unit.passes.by_number(authority.id, plain_number(number))
    asked = await Tills(session.database).ask_for(
        authority_id=authority.id, number=plain_number(number), gate=gate, at=utc_now()
    )
    await record_apart(session, authority.id, Act.OFFERS_SHOWN, about_pass(pass_))
    _print(asked.offers, "fr" if lang == "fr" else "en")


def _print(said: Offers, language: Language) -> None:
    def word(text: Text, **values: float | str | date) -> str:
        return (text.fr if language == "fr" else text.en).format(**values)

    def until(text: Text, end: date) -> str:
        return word(text, last=end - timedelta(days=1))

    def left(balance: Balance) -> str:
        point = "," if language == "fr" else "."
        rest, most = (f"{amount / ONE:g}".replace(".", point) for amount in (balance.left, balance.limit.amount))
        unit = counted_in(UNITS[balance.limit.unit], balance.limit.kind)
        return word(_LEFT, left=rest, of=most, unit=word(unit))

    def usable(prospect: Prospect) -> str:
        return ", ".join([*map(left, prospect.right.balances), until(_LASTS, prospect.right.valid_until)])

    def offer(one: Offer) -> str:
        euros = written(one.price.amount_cents / 100, 2, language)
        price = word(_PRICE, euros=euros, tariff=word(tariff_name(one.price.conditions)))
        changes = [until(_CHANGES, one.price_until)] if one.price_until < one.valid_from + _SOON else []
        return ", ".join([price, *changes, until(_LASTS, one.valid_until)])

    if said.refused is not None:
        say(word(_REFUSED, why=word(REASONS[said.refused].next_step)))
        return
    rows = [
        *((word(_USABLE), word(one.right.product.name), usable(one)) for one in said.usable),
        *((word(_BUYABLE), word(one.product.name), offer(one)) for one in said.on_sale),
        *((word(_NOT), word(one.right.product.name), word(REASONS[one.reason].short)) for one in said.unusable),
        *((word(_NOT), word(one.product.name), word(REASONS[one.reason].short)) for one in said.unavailable),
    ]
    table([word(column) for column in _COLUMNS], rows, empty=word(_NOTHING))
    for reason in said.messages:
        say(word(REASONS[reason].short))
