"""A box of blank cards in the demonstration's town hall: one spoiled, twelve sent on to an annexe.

Their numbers can be bound at a desk. No chip answers to them: they were never made.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cli.demo.city import Login
from cli.demo.ids import dice
from domain import made_cards, personalisation
from domain.agents import Role
from domain.maker_reports import Report, ReportedCard
from domain.personalisation import Wanted
from domain.places import Authority
from domain.ports import Unit

CODE = "2026-accueil"
CARDS = 60
SPOILED = 17
HALL, ANNEXE = "siege", "annexe-nord"


async def lay_in(unit: Unit, authority: Authority, logins: tuple[Login, ...], *, now: datetime) -> None:
    """Order the box, have it made, and deliver it, all in the past weeks."""
    manager = await unit.agents.by_login(next(one.login for one in logins if one.role is Role.MANAGER))
    if manager is None:
        raise LookupError("The city has no manager yet.")
    chance, agent_id = dice("stock"), manager.id
    end = date(now.year + 5, 1, 1)
    until = datetime.combine(end, time(), ZoneInfo(authority.zone))
    batch = await personalisation.order(
        unit,
        authority.id,
        code=CODE,
        wanted=[Wanted(until, end)] * CARDS,
        key_version=1,
        agent_id=agent_id,
        now=now - timedelta(days=40),
    )
    paired = await personalisation.pair_chips(unit, batch, [chance.randbytes(32) for _ in range(CARDS)])
    sha = chance.randbytes(32)
    batch = await personalisation.send(
        unit, batch, paired, file_digest=sha, agent_id=agent_id, now=now - timedelta(days=38)
    )
    told = [
        ReportedCard(card.sequence, card.number, card.uid_digest, card.sequence != SPOILED, batch.key_version)
        for card in paired
        if card.uid_digest is not None
    ]
    batch = await personalisation.settle(
        unit, batch, Report(CODE, sha, told), agent_id=agent_id, now=now - timedelta(days=21)
    )
    await made_cards.deliver_to_desk(unit, batch, desk=HALL, first=1, last=CARDS, now=now - timedelta(days=20))
    await made_cards.deliver_to_desk(
        unit, batch, desk=ANNEXE, first=CARDS - 11, last=CARDS, now=now - timedelta(days=13)
    )
