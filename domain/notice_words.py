"""What topics and bands are called, in front of agents and residents."""

from typing import Final

from domain.notices import NoticeTopic
from domain.text import Text

TOPICS: Final[dict[NoticeTopic, Text]] = {
    NoticeTopic.EVENTS: Text(fr="Événements", en="Events"),
    NoticeTopic.INTERRUPTIONS: Text(fr="Perturbations", en="Disruptions"),
    NoticeTopic.SITES: Text(fr="Fermetures et horaires", en="Closures and hours"),
    NoticeTopic.FLOODS: Text(fr="Niveaux des rivières", en="Levels of rivers"),
    NoticeTopic.AIR: Text(fr="Qualité de l’air", en="Quality of the air"),
}

WHAT_FOR: Final[dict[NoticeTopic, Text]] = {
    NoticeTopic.EVENTS: Text(fr="Ce qui se passe en ville.", en="What happens in town."),
    NoticeTopic.INTERRUPTIONS: Text(
        fr="Une ligne de bus, l’eau, une rue : ce qui ne marche pas, et jusqu’à quand.",
        en="A bus line, the water, a street: what does not work, and until when.",
    ),
    NoticeTopic.SITES: Text(
        fr="Une piscine, une médiathèque ou une déchèterie qui ferme ou change d’horaires.",
        en="A pool, a library or a waste centre that shuts or changes its hours.",
    ),
    NoticeTopic.FLOODS: Text(
        fr="Une rivière qui monte, quand la ville l’a confirmé. Envoyé aussi la nuit.",
        en="A river that rises, once the city has confirmed it. Sent at night too.",
    ),
    NoticeTopic.AIR: Text(
        fr="L’air d’un lieu que vous choisissez, à partir du niveau que vous choisissez.",
        en="The air of a place that you choose, from the level that you choose.",
    ),
}

ALL_RIVERS: Final = Text(fr="Toutes les rivières", en="All rivers")

BANDS: Final[dict[int, Text]] = {
    2: Text(fr="Dégradé ou pire", en="Moderate or worse"),
    3: Text(fr="Mauvais ou pire", en="Poor or worse"),
    4: Text(fr="Très mauvais ou pire", en="Very poor or worse"),
}
"""How bad the air must be, by what may be chosen: the second to the fourth step above "good" of the ATMO scale."""
