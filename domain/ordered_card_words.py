"""How cards that residents order are spoken of, in both languages."""

from domain.card_terms import CardDesk
from domain.ordered_cards import OrderReason, Standing
from domain.text import Text

REASONS: dict[OrderReason, Text] = {
    OrderReason.FIRST: Text(fr="Une première carte", en="A first card"),
    OrderReason.LOST: Text(fr="Ma carte est perdue", en="My card is lost"),
    OrderReason.STOLEN: Text(fr="Ma carte est volée", en="My card was stolen"),
    OrderReason.DAMAGED: Text(fr="Ma carte est abîmée, ou ne marche plus", en="My card is broken, or works no more"),
    OrderReason.EXPIRED: Text(fr="La date de ma carte est passée", en="The date of my card has passed"),
}

STANDINGS: dict[Standing, Text] = {
    Standing.WAITING: Text(fr="commandée, pas encore en fabrication", en="ordered, not being made yet"),
    Standing.MAKING: Text(fr="en fabrication", en="being made"),
    Standing.READY: Text(fr="prête au guichet", en="ready at the desk"),
    Standing.SENT: Text(fr="envoyée par la poste", en="sent by post"),
    Standing.DONE: Text(fr="en service", en="in use"),
    Standing.ELSEWHERE: Text(fr="terminée, une autre carte est en service", en="over, another card is in use"),
    Standing.CANCELLED: Text(fr="annulée", en="cancelled"),
}


def at_desk(desk: CardDesk | None, code: str) -> Text:
    """Say where a card lies; a desk of which nothing else is known is called by its code."""
    if desk is None:
        return Text(fr=code, en=code)
    where = f", {desk.address}" if desk.address else ""
    return Text(fr=f"{desk.name.fr}{where}", en=f"{desk.name.en}{where}")


def price(cents: int) -> Text:
    """Say what a card costs."""
    if not cents:
        return Text(fr="gratuit", en="free")
    euros, rest = divmod(cents, 100)
    return Text(fr=f"{euros},{rest:02} €", en=f"€{euros}.{rest:02}")
