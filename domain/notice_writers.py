"""Which notices an agent may write: with a role for everywhere all, with one for a place those of that place."""

from uuid import UUID

from domain.agents import Agent, Permission, Place
from domain.errors import Forbidden
from domain.notices import Notice
from domain.ports import Unit


async def check_writer(unit: Unit, agent: Agent, notice: Notice) -> None:
    """Refuse an agent who may not write this notice.

    Raises:
        Forbidden: it is about no place of theirs.
        SiteNotFound: it names a place that there is not.
    """
    if agent.may(Permission.NOTICE_WRITE):
        return
    place = await unit.places.place(agent.authority_id, notice.site) if notice.site else None
    if place is None or not agent.may(Permission.NOTICE_WRITE, at=place):
        raise Forbidden("This notice is about no place of yours.")


async def notice_for(unit: Unit, agent: Agent, notice_id: UUID) -> Notice:
    """Find a notice that an agent may write.

    Raises:
        NoticeNotFound: there is none.
        Forbidden: it is about no place of theirs.
    """
    notice = await unit.notices.of(agent.authority_id, notice_id)
    await check_writer(unit, agent, notice)
    return notice


def places_of(agent: Agent, places: list[Place]) -> list[str] | None:
    """Return the codes of the sites that an agent may write about; None where that is all of them, and everywhere."""
    if agent.may(Permission.NOTICE_WRITE):
        return None
    return [one.site for one in places if agent.may(Permission.NOTICE_WRITE, at=one)]
