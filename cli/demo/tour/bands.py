"""What the city says otherwise than the program: sentences of an editor, one in force and one that waits to be read."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from domain.band_editions import Bands, Sentence, propose_bands, put_in_force
from domain.places import Authority, local_day
from domain.ports import Unit
from tour.catalogue import CATALOGUE
from tour.scales import bands_of, check_bands

_QUIET_HOURS = Sentence(
    fr="Le règlement demande le calme après 22 h. Parlez aux serveurs ou appelez la mairie.",
    en="Quiet is asked for after 22:00. Speak to the staff or call the town hall.",
    easy="Appelez la mairie si le bruit dure.",
)
_TAKE_IT_HOME = Sentence(
    fr="Ne laissez rien par terre. La colonne est vidée chaque mardi matin.",
    en="Leave nothing on the ground. The container is emptied every Tuesday morning.",
    easy="Gardez votre verre. Le camion vient le mardi.",
)


async def say_otherwise(unit: Unit, authority: Authority, *, writer: UUID, reader: UUID, now: datetime) -> None:
    """Have one edition in force for a week, and another one wait for a second person."""
    week = now - timedelta(days=7)
    noise = _with_action("noise-street-day", _QUIET_HOURS, authority, week)
    edition = await propose_bands(
        unit,
        authority.id,
        "noise-street-day",
        noise,
        reason="Le règlement de la place a changé.",
        agent_id=writer,
        now=week,
    )
    await put_in_force(unit, edition, agent_id=reader, now=week + timedelta(hours=5))
    glass = _with_action("glass", _TAKE_IT_HOME, authority, now)
    await propose_bands(
        unit,
        authority.id,
        "glass",
        glass,
        reason="Demandé par le service des déchets.",
        agent_id=writer,
        now=now - timedelta(hours=3),
    )


def _with_action(code: str, action: Sentence, authority: Authority, at: datetime) -> Bands:
    """The program's bands, with another thing to do in the last of them."""
    base = CATALOGUE.scales[code]
    bands = bands_of(base)
    said = replace(bands, texts=(*bands.texts[:-1], replace(bands.texts[-1], action=action)))
    today = local_day(at, authority.zone)
    said = replace(said, source_date=min(said.source_date, today), checked=min(said.checked, today))
    check_bands(base, said, today)
    return said
