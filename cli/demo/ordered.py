"""Cards that residents of the demonstration have ordered: one waits for a batch, one lies at the desk already."""

from datetime import datetime, timedelta

from cli.demo.city import Login
from cli.demo.ids import dice
from cli.demo.stock import ANNEXE, HALL
from domain import card_orders, made_cards, personalisation
from domain.accounts import Account
from domain.agents import Role
from domain.card_terms import CardDesk, CardTerms, set_card_terms
from domain.maker_reports import Report, ReportedCard
from domain.ordered_cards import CardWay, Wish, offered_for, order_card
from domain.passes import MediumKind, Pass
from domain.places import Authority, local_day
from domain.ports import Unit
from domain.replacements import ReplacementFee, ReplacementReason
from domain.text import Text

CODE = "2026-commandes"
EUROS = 5
"""What Sète asks for another card (domain study, 2.6)."""

_DAYS = 12
_PAID = (ReplacementReason.LOSS, ReplacementReason.THEFT, ReplacementReason.DAMAGE)


async def take_orders(unit: Unit, authority: Authority) -> None:
    """Let residents order cards: fetched at two desks, or sent by post."""
    desks = (
        CardDesk(HALL, Text(fr="Accueil du siège", en="Town hall"), "1 place de la République"),
        CardDesk(ANNEXE, Text(fr="Annexe Nord", en="Northern annexe"), "18 rue des Tanneurs"),
    )
    await set_card_terms(unit, CardTerms(desks, by_post=True, working_days=_DAYS), authority_id=authority.id)
    fees = [ReplacementFee(authority.id, MediumKind.CARD, reason, 100 * EUROS) for reason in sorted(_PAID)]
    await unit.replacements.set_fees(authority.id, fees)


async def order(unit: Unit, authority: Authority, account: Account, pass_: Pass, *, now: datetime) -> bool:
    """Order a card for a pass, unless one in use would be stopped; tell whether it is ordered."""
    today = local_day(now, authority.zone)
    offered = await offered_for(unit, pass_, now=now, today=today)
    choice = next((one for one in offered.choices if not one.stops), None)
    if choice is None:
        return False
    wish = Wish(choice.reason, CardWay.DESK, HALL, "", choice.fee_cents)
    await order_card(unit, account, pass_, wish, now=now, today=today)
    return True


async def make(unit: Unit, authority: Authority, logins: tuple[Login, ...], *, now: datetime) -> None:
    """Have the cards made that wait, and bring them to the desk: all in the past days."""
    manager = await unit.agents.by_login(next(one.login for one in logins if one.role is Role.MANAGER))
    if manager is None:
        raise LookupError("The city has no manager yet.")
    end = card_orders.end_of_cards(local_day(now, authority.zone))
    wanted = await card_orders.for_residents(unit, authority, end, most=10)
    batch = await personalisation.order(
        unit,
        authority.id,
        code=CODE,
        wanted=wanted,
        key_version=1,
        agent_id=manager.id,
        now=now - timedelta(days=8),
    )
    chance = dice("ordered cards")
    paired = await personalisation.pair_chips(unit, batch, [chance.randbytes(32) for _ in wanted])
    sha = chance.randbytes(32)
    batch = await personalisation.send(
        unit, batch, paired, file_digest=sha, agent_id=manager.id, now=now - timedelta(days=7)
    )
    told = [
        ReportedCard(card.sequence, card.number, card.uid_digest or b"", produced=True, key_version=batch.key_version)
        for card in paired
    ]
    batch = await personalisation.settle(
        unit, batch, Report(CODE, sha, told), agent_id=manager.id, now=now - timedelta(days=1)
    )
    await made_cards.deliver_to_desk(unit, batch, desk=HALL, first=1, last=len(wanted), now=now - timedelta(hours=3))
