"""`multipass offers`: what a till would be told of a pass."""

from datetime import date

import rich_click as click

from adapters.clock import utc_now
from api.journalled_objects import about_pass
from cli.journalling import on_account_option, record_apart
from cli.passes import plain_number
from cli.screen import say, spoken, table
from cli.session import Session, authority_of, authority_option, with_session
from domain.access.facts import Prospect
from domain.access.reasons import REASONS
from domain.acts import Act
from domain.limits import ONE
from domain.offers import Offer, Offers
from domain.tariff_names import tariff_name
from domain.text import Text
from store.tills import Tills

_REFUSED = Text(fr="Le passe n'est pas valable ici : {why}", en="The pass is not valid here: {why}")
_COLUMNS = (Text(fr="", en=""), Text(fr="Produit", en="Product"), Text(fr="Détail", en="Detail"))
_USABLE, _BUYABLE = Text(fr="utilisable", en="usable"), Text(fr="à vendre", en="on sale")
_NOT = Text(fr="non", en="no")
_NOTHING = Text(fr="Rien à utiliser ni à acheter ici.", en="Nothing to use or to buy here.")
_LEFT = Text(fr="reste {left:g} sur {of:g}", en="{left:g} of {of:g} left")
_ENDS = Text(fr="avant le {until:%d/%m/%Y}", en="before {until}")
_PRICE = Text(fr="{euros:.2f} € ({tariff}), jusqu'au {until:%d/%m/%Y}", en="€{euros:.2f} ({tariff}), until {until}")


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
    _print(asked.offers, french=lang == "fr")


def _print(said: Offers, *, french: bool) -> None:
    def word(text: Text, **values: float | str | date) -> str:
        return (text.fr if french else text.en).format(**values)

    def usable(prospect: Prospect) -> str:
        left = [
            word(_LEFT, left=balance.left / ONE, of=balance.limit.amount / ONE) for balance in prospect.right.balances
        ]
        return ", ".join([*left, word(_ENDS, until=prospect.right.valid_until)])

    def offer(one: Offer) -> str:
        name = word(tariff_name(one.price.conditions))
        return word(_PRICE, euros=one.price.amount_cents / 100, tariff=name, until=one.price_until)

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
